"""XLSX: visible sheets as tables; hidden sheets, rows and columns, comments, caches, embedded files as hidden."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from typing import Any

from c2c_research.disclosure.document import Document, Hidden, RefusedKind, Unreadable
from c2c_research.disclosure.readers import package
from c2c_research.disclosure.readers.delimited import formulas
from c2c_research.disclosure.readers.grid import tables_from, titled
from c2c_research.disclosure.readers.unseen import holds_data
from c2c_research.disclosure.tables import Table

MAX_UNPACKED = 200_000_000
MAX_MERGED = 10_000
MAX_LIST = 200
SMALLEST_HEIGHT, SMALLEST_WIDTH, SMALLEST_FONT = 3.0, 0.4, 3.0
_CONSTANT = re.compile(r"\d|\"|\{")
# what zip, deflate and XML parsers raise over damaged or encrypted parts
_DAMAGE = (ValueError, KeyError, OSError, EOFError, RuntimeError, SyntaxError, zlib.error, zipfile.BadZipFile)
_PARTS = (
    ("xl/externalLinks/", "A copy of another workbook's cells is stored in the file."),
    ("xl/pivotCache/", "The records behind a pivot table are stored in the file."),
    ("xl/embeddings/", "Another file is embedded in the workbook."),
    ("xl/vbaProject", "The workbook holds a program."),
    ("xl/media/", "The workbook holds pictures, which are reviewed as PNG files of their own."),
    ("customXml/", "The workbook holds custom data."),
    ("xl/model/", "The workbook holds a data model."),
)


def read(kind: str, content: bytes) -> Document:
    parts = _parts(content)
    hidden = [Hidden(message) for prefix, message in _PARTS if any(name.startswith(prefix) for name in parts)]
    hidden.extend(package.unexpected(content))
    book = _open(content)
    tables: list[Table] = []
    prose: list[str] = []
    for sheet in book.worksheets:
        hidden.extend(_hidden_in(sheet))
        grid = _grid(sheet)
        found, rest = tables_from(grid, f"sheet {sheet.title}")
        tables.extend(titled(found, [sheet.title]))
        prose.append(rest)
    hidden.extend(_hidden_names(book))
    hidden.extend(package.charts_of_other_data(content, _visible_values(book)))
    hidden.extend(formulas(tables, "\n".join(prose)))
    return Document(kind, tuple(tables), "\n".join(prose), tuple(hidden), unread=tuple(package.uncomputed(content)))


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


def _open(content: bytes) -> Any:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    except _DAMAGE as problem:
        raise Unreadable("The workbook cannot be opened; save it again as XLSX or CSV.") from problem


def _visible_values(book: Any) -> dict[str, set[str]]:
    """The values of each visible sheet, as texts."""
    return {
        sheet.title: {_text(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
    }


def _hidden_in(sheet: Any) -> list[Hidden]:
    place = f"sheet {sheet.title}"
    found = []
    if sheet.sheet_state != "visible":
        found.append(Hidden("A sheet is hidden.", place))
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None or cell.comment]
    rows = {cell.row for cell in cells if _row_is_hidden(sheet, cell.row)}
    columns = {cell.column for cell in cells if _column_is_hidden(sheet, cell.column)}
    if rows or columns:
        found.append(Hidden(f"{len(rows)} rows and {len(columns)} columns are hidden.", place))
    if any(cell.comment and holds_data(str(cell.comment.text)) for cell in cells):
        found.append(Hidden("Cells carry comments.", place))
    if any(_invisible(cell) for cell in cells):
        found.append(Hidden("Cells hold text that is not shown.", place))
    if any(len(str(rule.formula1 or "")) > MAX_LIST for rule in sheet.data_validations.dataValidation):
        found.append(Hidden("A list of allowed values holds data.", place))
    return found


def _row_is_hidden(sheet: Any, row: int) -> bool:
    dimension = sheet.row_dimensions.get(row)
    if dimension is None or (not dimension.hidden and dimension.height is None):
        return bool(sheet.sheet_format.zeroHeight)
    return bool(dimension.hidden or (dimension.height is not None and dimension.height < SMALLEST_HEIGHT))


def _column_is_hidden(sheet: Any, column: int) -> bool:
    """Columns are described in groups, named by their first letter."""
    return any(
        group.hidden or (group.width is not None and group.width < SMALLEST_WIDTH)
        for group in sheet.column_dimensions.values()
        if (group.min or 0) <= column <= (group.max or 0)
    )


def _invisible(cell: Any) -> bool:
    """A format that shows nothing, letters of no size, or white letters on an unfilled ground."""
    if cell.value is None or not cell.has_style:
        return False
    sections = [re.sub(r'"\s*"|\[[^\]]*\]', "", part).strip() for part in str(cell.number_format).split(";")]
    if len(sections) >= 3 and not any(sections):
        return True
    font, fill = cell.font, cell.fill
    filled = fill is not None and fill.fill_type is not None and not _is_white(fill.fgColor)
    return bool(font.sz is not None and font.sz < SMALLEST_FONT) or (_is_white(font.color) and not filled)


def _is_white(colour: Any) -> bool:
    if colour is None:
        return False
    if colour.type == "theme":
        return bool(colour.theme == 0 and (colour.tint or 0) > -0.1)
    return colour.type == "rgb" and str(colour.rgb)[-6:].upper() == "FFFFFF"


def _hidden_names(book: Any) -> list[Hidden]:
    """Names that are hidden, or that hold values of their own and no place in a sheet."""
    names = [name for owner in (book, *book.worksheets) for name in owner.defined_names.values()]
    found = []
    if any(name.hidden and not str(name.name).startswith(("_xlnm.", "_xlfn.")) for name in names):
        found.append(Hidden("The workbook holds hidden names."))
    if any(_CONSTANT.search(str(name.attr_text or "")) and "!" not in str(name.attr_text) for name in names):
        found.append(Hidden("A name of the workbook holds values."))
    return found


def _grid(sheet: Any) -> list[list[str]]:
    """The texts of a sheet. A merged cell stands in each of its lines, and in its columns unless it is a heading."""
    grid = [[_text(cell.value) for cell in row] for row in sheet.iter_rows()]
    top, left = sheet.min_row, sheet.min_column
    for area in list(sheet.merged_cells.ranges)[:MAX_MERGED]:
        first, column = area.min_row - top, area.min_col - left
        if not (0 <= first < len(grid) and 0 <= column < len(grid[first])):
            continue
        text, wide = grid[first][column], area.max_col - area.min_col + 1
        alone = sum(bool(each) for each in grid[first]) == 1 and (wide > 1 or area.max_row == area.min_row)
        for row in grid[first : area.max_row - top + 1] if text and not alone else ():
            row[column : column + wide] = [text] * min(wide, len(row) - column)
    return grid


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
