"""PDF: pages as text and tables, clouds of marks, and what a viewer does not show.

Not shown: attachments, scripts, forms, comments, hidden layers, earlier versions, objects that no page uses, private
data, and text that is invisible, outside the page or covered. What cannot be read (a font without characters, a
scanned page) is said in `unread`, so that a reviewer looks.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from c2c_research.disclosure.document import Cloud, Document, Hidden, RefusedKind, Unreadable
from c2c_research.disclosure.readers import image
from c2c_research.disclosure.readers.layout import MAX_ITEMS, Item, cloud_of, read_items, stairs_of
from c2c_research.disclosure.readers.page import look_at
from c2c_research.disclosure.readers.text import tables_in
from c2c_research.disclosure.tables import Table

MAX_PAGES = 300
MAX_STREAMS = 20_000_000
MAX_OBJECTS = 100_000
MAX_INFO = 400
MAX_METADATA = 8_000
_LOUD = ("/JS", "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/RichMedia", "/Rendition", "/GoToE")
_LIGATURES = frozenset(["fi", "fl", "ff", "ffi", "ffl"])
_QUIET_ANNOTATIONS = ("/Link",)


def read(kind: str, content: bytes) -> Document:
    """Read a PDF. Raises Unreadable for what is damaged, encrypted or too large."""
    try:
        import pypdf
    except ImportError as problem:
        raise Unreadable("PDF files cannot be read here; the enclave's own check reads them.") from problem

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Unreadable("The PDF is encrypted; save it without a password.")
        pages = list(_pages(reader))
        hidden = [*_around(content), *_in_catalogue(reader), *_metadata(reader), *_unused(reader)]
        parts = [_page(page, number, len(pages)) for number, page in enumerate(pages, start=1)]
    except (Unreadable, RefusedKind):
        raise
    except (Exception, RecursionError) as problem:
        raise Unreadable("The PDF is damaged; save it again, or its tables as CSV.") from problem
    return Document(
        kind,
        tuple(table for part in parts for table in part.tables),
        "\n".join(part.text for part in parts),
        tuple(Hidden(message) for message in dict.fromkeys(hidden)) + tuple(h for part in parts for h in part.hidden),
        clouds=tuple(cloud for part in parts for cloud in part.clouds),
        unread=tuple(dict.fromkeys(sentence for part in parts for sentence in part.unread)),
    )


def _pages(reader: Any) -> Iterator[Any]:
    if len(reader.pages) > MAX_PAGES:
        raise Unreadable(f"A PDF of more than {MAX_PAGES} pages cannot be reviewed.")
    size = 0
    for page in reader.pages:
        contents = page.get_contents()
        size += len(contents.get_data()) if contents is not None else 0
        if size > MAX_STREAMS:
            raise Unreadable("The PDF is too large to be reviewed; save its tables as CSV.")
        yield page


def _page(page: Any, number: int, pages: int) -> Document:
    where = f"page {number}" if pages > 1 else ""
    seen = look_at(page)
    tables, prose, unread = _texts(page, where)
    hidden = [Hidden(message, where) for message in [*seen.hidden, *_annotations(page), *_pictures(page)]]
    if seen.scanned:
        unread.append("A page of the PDF is a picture, which was not read.")
    clouds: list[Cloud] = [cloud_of(points, where) for points in seen.marks if len(points) > 1]
    clouds.extend(replace(found, where=where) for line in seen.lines if (found := stairs_of(line)) is not None)
    return Document("page", tuple(tables), prose, tuple(hidden), clouds=tuple(clouds), unread=tuple(unread))


def _texts(page: Any, where: str) -> tuple[list[Table], str, list[str]]:
    items: list[Item] = []

    def visit(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        if text.strip() and len(items) < MAX_ITEMS:
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            items.extend(_pieces(text.strip("\n"), float(x), float(y), abs(float(size or 10) * float(tm[3] or 1))))

    plain = page.extract_text(visitor_text=visit)
    items = _with_ligatures(items)
    unread = _fonts_without_characters(page)
    if len(items) >= MAX_ITEMS:
        raise Unreadable("A page holds too many texts to be reviewed; save its tables as CSV.")
    if _is_figure(items):
        return *read_items(items, where), unread
    try:
        laid_out = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=True)
    except Exception:
        laid_out = plain
    missing = len("".join(plain.split())) > 1.1 * len("".join(laid_out.split()))
    return *tables_in(plain if missing and not laid_out.strip() else laid_out, where), unread


def _pieces(text: str, x: float, y: float, size: float) -> Iterator[Item]:
    """A text as items: several blanks inside it set columns apart, each a letter's width of a fixed font."""
    for match in re.finditer(r"\S+(?:\s\S+)*", text):
        yield Item(x + 0.6 * size * match.start(), y, " ".join(match[0].split()), size)


def _with_ligatures(items: list[Item]) -> list[Item]:
    """Words whose ligatures ("ffi") are drawn from another font come in parts; they are put together again."""
    whole: list[Item] = []
    open_word = False
    for item in items:
        ligature = item.text in _LIGATURES
        if whole and (ligature or open_word) and abs(whole[-1].y - item.y) < 0.1 and item.text[:1].islower():
            whole[-1] = replace(whole[-1], text=whole[-1].text + item.text)
        else:
            whole.append(item)
        open_word = ligature
    return whole


def _is_figure(items: list[Item]) -> bool:
    """Most texts of a figure are short (ticks, labels, annotations); a report has sentences."""
    return bool(items) and sum(len(item.text) <= 40 for item in items) >= 0.8 * len(items) and len(items) <= 2_000


def _fonts_without_characters(page: Any) -> list[str]:
    fonts = (page.get("/Resources") or {}).get("/Font") or {}
    for reference in fonts.values():
        font = reference.get_object()
        if font.get("/Subtype") == "/Type0" and "/ToUnicode" not in font:
            return ["A font of the PDF does not say which characters it draws; its text was not read."]
    return []


def _around(content: bytes) -> Iterator[str]:
    """Bytes before, after and between what a viewer reads."""
    end = content.rfind(b"%%EOF")
    if end >= 0 and content[end + 5 :].strip(b"\r\n \x00"):
        yield "Bytes follow the end of the PDF."
    if content.count(b"%%EOF") > 1 and b"/Linearized" not in content[:1_024]:
        yield "The PDF keeps earlier versions of its content."
    head = content[:1_024].lower()
    if b"<script" in head or b"<html" in head:
        yield "The PDF begins like a web page."


def _in_catalogue(reader: Any) -> Iterator[str]:
    root = reader.trailer["/Root"].get_object()
    names, form, layers = (_inside(root, key) for key in ("/Names", "/AcroForm", "/OCProperties"))
    if "/EmbeddedFiles" in names or "/AF" in root or "/Collection" in root:
        yield "Files are attached to the PDF."
    if "/JavaScript" in names or "/AA" in root or _runs(root.get("/OpenAction")):
        yield "The PDF runs a script."
    if form.get("/Fields") or "/XFA" in form:
        yield "The PDF holds a form, whose fields can carry data."
    default = _inside(layers, "/D")
    if default.get("/OFF") or default.get("/BaseState") == "/OFF":
        yield "Layers of the PDF are hidden."
    if "/PieceInfo" in root or any("/PieceInfo" in page for page in reader.pages):
        yield "The PDF carries private data of a program."


def _inside(parent: Any, key: str) -> Any:
    found = parent.get(key)
    return {} if found is None else found.get_object()


def _runs(action: Any) -> bool:
    found = action.get_object() if action is not None else None
    return isinstance(found, dict) and found.get("/S") not in (None, "/GoTo")


def _metadata(reader: Any) -> Iterator[str]:
    info = reader.trailer.get("/Info")
    for key, value in (info.get_object() if info is not None else {}).items():
        if len(str(value)) > MAX_INFO or (len(str(key)) > 40):
            yield "The PDF carries more metadata than a program writes of itself."
    stream = reader.trailer["/Root"].get_object().get("/Metadata")
    if stream is not None and len(stream.get_object().get_data().strip()) > MAX_METADATA:
        yield "The PDF carries more metadata than a program writes of itself."


def _annotations(page: Any) -> Iterator[str]:
    if "/AA" in page:
        yield "The PDF runs a script."
    for reference in page.get("/Annots") or ():
        note = reference.get_object()
        action = note.get("/A")
        kind = action.get_object().get("/S") if action is not None else None
        if kind in _LOUD or "/AA" in note:
            yield "The PDF runs a script."
        if note.get("/Subtype") == "/FileAttachment":
            yield "Files are attached to the PDF."
        elif note.get("/Subtype") not in _QUIET_ANNOTATIONS:
            yield "The PDF carries comments or fields."


def _pictures(page: Any) -> Iterator[str]:
    """JPEG pictures keep their own metadata; other pictures are stored as bare pixels."""
    objects = (page.get("/Resources") or {}).get("/XObject") or {}
    for reference in objects.values():
        found = reference.get_object()
        filters = found.get("/Filter")
        if found.get("/Subtype") == "/Image" and filters in ("/DCTDecode", ["/DCTDecode"]):
            for item in image.read("jpeg", found._data).hidden:
                yield item.message


def _unused(reader: Any) -> Iterator[str]:
    """Streams that nothing on the way from the trailer refers to: a viewer never shows them."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

    reached: set[int] = set()
    waiting: list[Any] = [value for key, value in reader.trailer.items() if key != "/Prev"]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if value.idnum in reached:
                continue
            reached.add(value.idnum)
            if len(reached) > MAX_OBJECTS:
                raise Unreadable("The PDF has too many parts to be reviewed.")
            value = value.get_object()
        if isinstance(value, DictionaryObject):
            waiting.extend(value.values())
        elif isinstance(value, ArrayObject):
            waiting.extend(value)
    listed = {number for numbers in reader.xref.values() for number in numbers} | set(reader.xref_objStm)
    for number in sorted(listed - reached):
        found = reader.get_object(number)
        if isinstance(found, StreamObject) and found.get("/Type") not in ("/XRef", "/ObjStm") and found.get_data():
            yield "The PDF holds content that no page shows."
            return
