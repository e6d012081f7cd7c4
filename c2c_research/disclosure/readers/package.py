"""The archive that an XLSX file is: parts that no program for tables writes, bytes between parts, values under others.

A workbook's reader opens only the parts that it knows; everything else in the archive is seen by nobody.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Set

from c2c_research.disclosure.document import Hidden
from c2c_research.disclosure.readers.unseen import holds_data

_KNOWN = re.compile(
    r"^(?:\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core|custom)\.xml|xl/(?:workbook|styles|sharedStrings"
    r"|calcChain|metadata)\.xml|xl/(?:theme|worksheets|chartsheets|tables|printerSettings|drawings|richData|persons"
    r"|threadedComments|comments|externalLinks|pivotCache|pivotTables|embeddings|media|charts|model|queryTables|slicers"
    r"|slicerCaches|featurePropertyBag)/[\w./-]+|xl/_rels/workbook\.xml\.rels|xl/(?:comments\d*|vbaProject|connections)\.\w+"
    r"|customXml/.*|[\w/]+/)$"
)
_TEXT = re.compile(r">([^<>]+)<")
_CELL = re.compile(r'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*?(?:/>|>(.*?)</c>)', re.DOTALL)
_MERGED = re.compile(r'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_REFERENCE = re.compile(r"<(?:\w+:)?f>([^<]+)</")
_KEPT = re.compile(r"<(?:\w+:)?v>([^<]+)</")
_DESCRIPTOR = 24
_LEAST_PROPERTIES = 300


def unexpected(content: bytes) -> Iterator[Hidden]:
    """What the archive holds besides a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        if any(not _KNOWN.match(info.filename) for info in infos) or len({i.filename for i in infos}) < len(infos):
            yield Hidden("The workbook's archive holds a part that belongs to no workbook.")
        if archive.comment or content[_end(content) :].strip(b"\x00"):
            yield Hidden("Bytes follow the end of the workbook.")
        if _gaps(content, infos, archive.start_dir):
            yield Hidden("Bytes stand between the parts of the workbook.")
        for name in ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"):
            if name in archive.namelist() and _properties_hold_data(name, archive):
                yield Hidden("The workbook's properties hold data.")
        for name in archive.namelist():
            if name.startswith("xl/drawings/drawing") and b"<a:t>" in archive.read(name):
                yield Hidden("A drawing on a sheet holds text.", name.rpartition("/")[2])
            if name.startswith("xl/worksheets/sheet") and _covered(archive.read(name).decode("utf-8", "replace")):
                yield Hidden("Values are stored under a merged cell.", name.rpartition("/")[2])


def uncomputed(content: bytes) -> Iterator[str]:
    """Sheets whose formulas carry no value: what they show is known only to the program that opens them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                continue
            text = archive.read(name).decode("utf-8", "replace") if name.endswith(".xml") else ""
            if any("<f" in (cell[2] or "") and not re.search(r"<v>[^<]", cell[2]) for cell in _CELL.findall(text)):
                yield "Formulas of the workbook carry no value. Save it with values instead of formulas."
                return


def charts_of_other_data(content: bytes, visible: Mapping[str, Set[str]]) -> Iterator[Hidden]:
    """Charts keep a copy of the cells that they draw. It is quiet where all of it stands in a visible sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/charts/") or not name.endswith(".xml"):
                continue
            text = archive.read(name).decode("utf-8", "replace")
            sheets = {
                html.unescape(place.rpartition("!")[0]).strip("'").replace("''", "'")
                for place in _REFERENCE.findall(text)
            }
            shown = set().union(*(visible.get(sheet, set()) for sheet in sheets))
            kept = {_plain_number(html.unescape(value)) for value in _KEPT.findall(text)}
            if not sheets <= set(visible) or kept - set(map(_plain_number, shown)):
                yield Hidden("A chart of the workbook keeps data that no visible sheet shows.", name.rpartition("/")[2])


def _plain_number(text: str) -> str:
    try:
        return f"{float(text):.10g}"
    except ValueError:
        return text.strip()


def _end(content: bytes) -> int:
    """Where the archive's closing record ends."""
    start = content.rfind(b"PK\x05\x06")
    return len(content) if start < 0 else start + 22


def _gaps(content: bytes, infos: list[zipfile.ZipInfo], directory: int) -> bool:
    """Are there bytes of no part before, between or behind the parts?"""
    place = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        start = info.header_offset
        if not place <= start <= place + (_DESCRIPTOR if place else 0):
            return True
        names = int.from_bytes(content[start + 26 : start + 28], "little")
        extra = int.from_bytes(content[start + 28 : start + 30], "little")
        if extra > 1_024 or len(info.comment) > 0:
            return True
        place = start + 30 + names + extra + info.compress_size
    return not place <= directory <= place + _DESCRIPTOR


def _properties_hold_data(name: str, archive: zipfile.ZipFile) -> bool:
    body = re.sub(r"<cp:revision>\d+<", "<", archive.read(name).decode("utf-8", "replace"))
    texts = " ".join(_TEXT.findall(body))
    if name == "docProps/app.xml":
        # names of sheets and of the program, and counts of them
        return len(texts) > 20 * _LEAST_PROPERTIES
    return len(texts) > 2 * _LEAST_PROPERTIES or holds_data(texts)


def _covered(sheet: str) -> bool:
    areas = [(_column(a), int(b), _column(c), int(d)) for a, b, c, d in _MERGED.findall(sheet)[:2_000]]
    if not areas:
        return False
    for letters, number, inside in _CELL.findall(sheet):
        if "<v>" in inside or "<t" in inside:
            column, row = _column(letters), int(number)
            for left, top, right, bottom in areas:
                if left <= column <= right and top <= row <= bottom and (column, row) != (left, top):
                    return True
    return False


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number
