"""XLSX: visible sheets as tables; hidden sheets, rows and columns, comments, caches, embedded files as hidden."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from typing import Any

from c2c_research.disclosure.document import Document, Hidden, RefusedKind, Unreadable
from c2c_research.disclosure.readers.delimited import formulas
from c2c_research.disclosure.readers.grid import tables_from, titled
from c2c_research.disclosure.tables import Table

MAX_UNPACKED = 200_000_000
# what zip, deflate and XML parsers raise over damaged or encrypted parts
_DAMAGE = (ValueError, KeyError, OSError, EOFError, RuntimeError, SyntaxError, zlib.error, zipfile.BadZipFile)
_PARTS = (
    ("xl/externalLinks/", "A copy of another workbook's cells is stored in the file."),
    ("xl/pivotCache/", "The records behind a pivot table are stored in the file."),
    ("xl/embeddings/", "Another file is embedded in the workbook."),
    ("xl/vbaProject", "The workbook holds a program."),
    ("xl/media/", "The workbook holds pictures, which are reviewed as PNG files of their own."),
    ("xl/charts/", "The workbook holds charts with a copy of their data; save them as PNG."),
    ("customXml/", "The workbook holds custom data."),
    ("xl/model/", "The workbook holds a data model."),
)


def read(kind: str, content: bytes) -> Document:
    parts = _parts(content)
    hidden = [Hidden(message) for prefix, message in _PARTS if any(name.startswith(prefix) for name in parts)]
    if content[_end_of_zip(content) :].strip(b"\x00"):
        hidden.append(Hidden("Bytes follow the end of the workbook."))
    book = _open(content)
    tables: list[Table] = []
    prose: list[str] = []
    for sheet in book.worksheets:
        grid = [[_text(cell.value) for cell in row] for row in sheet.iter_rows()]
        hidden.extend(_hidden_in(sheet))
        found, rest = tables_from(grid, f"sheet {sheet.title}")
        tables.extend(titled(found, [sheet.title]))
        prose.append(rest)
    hidden.extend(_hidden_names(book))
    hidden.extend(formulas(tables))
    return Document(kind, tuple(tables), "\n".join(prose), tuple(hidden))


def _parts(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
    except _DAMAGE as problem:
        raise Unreadable("The workbook is damaged; save it again.") from problem
    if "xl/workbook.xml" not in {info.filename for info in infos}:
        raise RefusedKind("The name says xlsx, the content is another archive.")
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise RefusedKind("The workbook is too large to be reviewed.")
    return [info.filename for info in infos]


def _end_of_zip(content: bytes) -> int:
    """Where the archive's closing record ends. A comment behind it is bytes that nobody sees."""
    start = content.rfind(b"PK\x05\x06")
    return len(content) if start < 0 else start + 22


def _open(content: bytes) -> Any:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    except _DAMAGE as problem:
        raise Unreadable("The workbook cannot be opened; save it again as XLSX or CSV.") from problem


def _hidden_in(sheet: Any) -> list[Hidden]:
    place = f"sheet {sheet.title}"
    found = []
    if sheet.sheet_state != "visible":
        found.append(Hidden("A sheet is hidden.", place))
    rows = sum(1 for dimension in sheet.row_dimensions.values() if dimension.hidden or dimension.height == 0)
    columns = sum(1 for dimension in sheet.column_dimensions.values() if dimension.hidden or dimension.width == 0)
    if rows or columns:
        found.append(Hidden(f"{rows} rows and {columns} columns are hidden.", place))
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None or cell.comment]
    if any(cell.comment for cell in cells):
        found.append(Hidden("Cells carry comments.", place))
    if any(_invisible(cell) for cell in cells):
        found.append(Hidden("Cells hold text that is not shown.", place))
    return found


def _invisible(cell: Any) -> bool:
    return cell.value is not None and str(cell.number_format).strip() == ";;;"


def _hidden_names(book: Any) -> list[Hidden]:
    names = [name for name in getattr(book, "defined_names", {}).values() if getattr(name, "hidden", False)]
    return [Hidden("The workbook holds hidden names.")] if names else []


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
