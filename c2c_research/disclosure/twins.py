"""Stripped twins: a file made anew from what is visible of it, without what it hides.

A workbook keeps the values of its visible cells; a picture its pixels; a page, a figure and a notebook what a reader
sees. A twin is read again before it is given out: one that still hides something is none. PDFs have no twin; their
author prints them anew.
"""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from c2c_research.disclosure import readers
from c2c_research.disclosure.document import RefusedKind, Unreadable
from c2c_research.disclosure.readers.delimited import is_formula
from c2c_research.disclosure.readers.encoding import decode

_SVG = "{http://www.w3.org/2000/svg}"
_SHOWN = ("text/plain", "text/markdown", "text/latex", "image/png", "image/jpeg")


def stripped(name: str, content: bytes) -> bytes | None:
    """The twin of a file; None where its kind has none, or where the file cannot be read."""
    make = _MAKERS.get(readers.kind_of(name))
    if make is None:
        return None
    try:
        readers.read(name, content)
        twin = make(name, content)
        return twin if not readers.read(name, twin).hidden else None
    except (RefusedKind, Unreadable, OSError, ValueError, KeyError, TypeError, SyntaxError, RecursionError):
        return None


def _workbook(name: str, content: bytes) -> bytes:
    import openpyxl

    given = openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in given.worksheets:
        if sheet.sheet_state != "visible":
            continue
        target = book.create_sheet(sheet.title)
        for row in sheet.iter_rows():
            if not sheet.row_dimensions[row[0].row].hidden:
                target.append([_plain_value(cell) for cell in row if not _is_hidden(sheet, cell)])
    return _saved(book)


def _saved(book: Any) -> bytes:
    """The workbook as bytes, made in memory: the checker's child may write no file, and openpyxl's own way does."""
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    # openpyxl has no types: where it is not installed for the type check its classes are Any, which mypy lets nobody
    # inherit from (misc); where it is, there is nothing to ignore (unused-ignore).
    class InMemory(ExcelWriter):  # type: ignore[misc,unused-ignore]
        def write_worksheet(self, ws: Any) -> None:
            ws._drawing = None
            writer = WorksheetWriter(ws, io.BytesIO())
            writer.write()
            ws._rels = writer._rels
            self._archive.writestr(ws.path[1:], writer.read())
            self.manifest.append(ws)

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        InMemory(book, archive).write_data()
    return buffer.getvalue()


def _is_hidden(sheet: Any, cell: Any) -> bool:
    """Columns are hidden in groups, named by their first letter."""
    groups = sheet.column_dimensions.values()
    return any(group.hidden and (group.min or 0) <= cell.column <= (group.max or 0) for group in groups)


def _plain_value(cell: Any) -> Any:
    value = None if str(cell.number_format).strip() == ";;;" else cell.value
    return "'" + value if isinstance(value, str) and is_formula(value) else value


def _picture(name: str, content: bytes) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(content)) as given:
        kind = "PNG" if given.format == "PNG" else "JPEG"
        clean = Image.new(given.mode, given.size)
        if given.mode == "P":
            clean.putpalette(given.getpalette() or [])
        clean.paste(given)
        clean.save(buffer, kind)
    return buffer.getvalue()


def _table_file(name: str, content: bytes) -> bytes:
    """Texts that a spreadsheet would run get an apostrophe before them, so that it shows them instead."""
    text = decode(content)
    lines = text.split("\n", 20)
    delimiter = max(",;\t|", key=lambda mark: min(line.count(mark) for line in lines[:20] if line) if any(lines) else 0)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    for row in csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True):
        writer.writerow(["'" + cell.strip() if is_formula(cell) else cell for cell in row])
    return buffer.getvalue().encode()


def _page(name: str, content: bytes) -> bytes:
    """The page's tables and paragraphs, written anew."""
    document = readers.read(name, content)
    parts = [f"<p>{html.escape(line)}</p>" for line in document.text.split("\n") if line.strip()]
    for table in document.tables:
        if table.reshaped:
            raise ValueError
        head = "".join(f"<th>{html.escape(text)}</th>" for text in table.header)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(t)}</td>" for t in row) + "</tr>" for row in table.rows)
        parts.append(f"<table><tr>{head}</tr>{body}</table>")
    return ("<!DOCTYPE html>\n<meta charset='utf-8'>\n" + "\n".join(parts) + "\n").encode()


def _figure(name: str, content: bytes) -> bytes:
    """The drawn elements only: without scripts, links, descriptions, comments and what is not shown."""
    ElementTree.register_namespace("", _SVG.strip("{}"))
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    _, start, rest = decode(content).partition("<svg")
    root = ElementTree.fromstring(start + rest)  # noqa: S314 — no prologue is left that could declare an entity
    _keep_drawn(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8"))


_DRAWN = frozenset(
    ["svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "defs", "use",
     "clipPath", "style", "marker", "symbol", "linearGradient", "radialGradient", "stop", "pattern", "title"]
)  # fmt: skip


def _keep_drawn(element: ElementTree.Element) -> None:
    for key in list(element.attrib):
        plain = key.rpartition("}")[2].lower()
        if plain.startswith(("on", "data-")) or (plain == "href" and not element.attrib[key].startswith("#")):
            del element.attrib[key]
    for child in list(element):
        style = "".join(child.get("style", "").lower().split())
        unseen = child.get("display") == "none" or "display:none" in style or "visibility:hidden" in style
        if str(child.tag).rpartition("}")[2] not in _DRAWN or unseen:
            element.remove(child)
        else:
            _keep_drawn(child)


def _notebook(name: str, content: bytes) -> bytes:
    book = json.loads(decode(content))
    book["metadata"] = {key: value for key, value in book.get("metadata", {}).items() if key in _KERNEL}
    for cell in book["cells"]:
        cell.pop("attachments", None)
        cell["metadata"] = {}
        if "outputs" in cell:
            cell["outputs"] = [kept for output in cell["outputs"] if (kept := _output(output)) is not None]
    return json.dumps(book, indent=1, ensure_ascii=False).encode()


_KERNEL = ("kernelspec", "language_info")


def _output(output: dict[str, Any]) -> dict[str, Any] | None:
    if "data" not in output:
        return output
    shown = {mime: value for mime, value in output["data"].items() if mime in _SHOWN}
    for mime in ("image/png", "image/jpeg"):
        if mime in shown:
            picture = base64.b64decode("".join(shown[mime]) if isinstance(shown[mime], list) else shown[mime])
            shown[mime] = base64.b64encode(_picture(mime, picture)).decode()
    return {**output, "data": shown, "metadata": {}} if shown else None


_MAKERS: dict[str, Callable[[str, bytes], bytes]] = {
    "xlsx": _workbook, "png": _picture, "jpeg": _picture, "csv": _table_file, "tsv": _table_file, "html": _page,
    "svg": _figure, "notebook": _notebook,
}  # fmt: skip
