"""Tables as grids: a row number, a header that sorts, and flagged cells marked by words as well as by colour."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from output_review.render.markup import Html, joined, tag
from output_review.render.order import Order, Sorting

MAX_ROWS = 400
MAX_COLUMNS = 60
MAX_TEXT = 300
_MAX_MEMBER = 20 * 2**20
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Flags = Mapping[tuple[int, int], Sequence[tuple[str, str]]]
"""(data row, column) → (status, message) of each finding there."""


@dataclass(frozen=True)
class TableView:
    """One rectangle of text; the first row is the header. Flagged rows are shown even past the limit.

    `number` is which table of its file it is; with `sorting` the header's words are links that sort.
    """

    caption: str
    rows: Sequence[Sequence[str]]
    flags: Flags = field(default_factory=dict)
    number: int = 0
    sorting: Sorting | None = None

    def html(self) -> Html:
        if not self.rows:
            return tag("p", "The table is empty.", class_="review-note")
        header, body = self.rows[0], self.rows[1:]
        width = min(max(len(row) for row in self.rows), MAX_COLUMNS)
        flagged = {row for row, _ in self.flags}
        order = self.sorting.of(self.number) if self.sorting else None
        ranked = order.rows(body) if order else list(range(len(body)))
        shown = [row for place, row in enumerate(ranked) if place < MAX_ROWS or row in flagged][: 2 * MAX_ROWS]
        head = tag("tr", tag("th", "Row", scope="col"), *(self._head(header, c, order) for c in range(width)))
        lines = [self._line(i, body[i], width) for i in shown]
        grid = tag(
            "table",
            tag("caption", self.caption),
            tag("thead", head),
            tag("tbody", *lines),
            class_="usa-table usa-table--compact review-grid",
            data_whole="yes" if len(shown) == len(body) else None,
        )
        return joined(
            self._left_out(len(body) - len(shown)),
            tag(
                "div", grid, class_="usa-table-container--scrollable", tabindex="0", role="region",
                aria_label=self.caption,
            ),
        )  # fmt: skip

    def _head(self, header: Sequence[str], column: int, order: Order | None) -> Html:
        name = header[column][:MAX_TEXT] if column < len(header) else ""
        if self.sorting is None:
            return tag("th", name, scope="col")
        sorted_by = order is not None and order.column == column
        way = ("descending" if order.descending else "ascending") if order and sorted_by else None
        link = tag(
            "a", name or f"Column {column + 1}", href=self.sorting.link(self.number, column), class_="review-sort"
        )
        return tag("th", link, scope="col", aria_sort=way)

    def _line(self, index: int, row: Sequence[str], width: int) -> Html:
        cells = [self._cell(index, c, row[c] if c < len(row) else "") for c in range(width)]
        return tag("tr", tag("th", index + 1, scope="row"), *cells)

    def _cell(self, row: int, column: int, value: str) -> Html:
        notes = self.flags.get((row, column), ())
        shown = value[:MAX_TEXT] + ("…" if len(value) > MAX_TEXT else "")
        if not notes:
            return tag("td", shown)
        worst = "fail" if any(status == "fail" for status, _ in notes) else "review"
        message = " ".join(dict.fromkeys(message for _, message in notes))
        mark = tag("span", worst.upper(), class_="review-mark")
        # The words are in the cell, not in the colour and not in the hover text alone.
        hint = tag("span", f" {message}", class_="review-hint")
        return tag("td", shown, " ", mark, hint, class_=f"review-cell review-cell--{worst}", tabindex="0")

    @staticmethod
    def _left_out(rows: int) -> Html | None:
        if rows <= 0:
            return None
        return tag(
            "p",
            f"{rows} more rows without findings are not shown here; the checks read them all.",
            class_="review-note",
        )


def read_delimited(data: bytes, delimiter: str) -> list[list[str]]:
    """Rows of text; bytes that are not UTF-8 show as replacement characters."""
    stream = io.StringIO(data.decode("utf-8-sig", errors="replace"), newline="")
    return [row for row in csv.reader(stream, delimiter=delimiter) if row]


def read_workbook(data: bytes) -> list[tuple[str, list[list[str]]]]:
    """(sheet, rows) of an XLSX file's stored values; ValueError when it is not a plain one.

    A document type declaration is refused (entities could grow without bound), and so is a member of more than 20 MB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            strings = _strings(archive) if "xl/sharedStrings.xml" in names else []
            sheets = sorted(n for n in names if n.startswith("xl/worksheets/sheet") and n.endswith(".xml"))
            return [(n.rsplit("/", 1)[-1][:-4], _sheet_rows(_xml(archive, n), strings)) for n in sheets[:20]]
    except (zipfile.BadZipFile, ElementTree.ParseError, NotImplementedError, RuntimeError, IndexError) as problem:
        raise ValueError("not a plain workbook") from problem


def _xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with archive.open(name) as stream:
        raw = stream.read(_MAX_MEMBER + 1)
    if len(raw) > _MAX_MEMBER or b"<!DOCTYPE" in raw[:4096] or b"<!ENTITY" in raw:
        raise ValueError("not a plain workbook")
    return ElementTree.fromstring(raw)  # noqa: S314 - no DTD reaches the parser, and the size is bounded


def _strings(archive: zipfile.ZipFile) -> list[str]:
    root = _xml(archive, "xl/sharedStrings.xml")
    return ["".join(t.text or "" for t in item.iter(f"{_SHEET}t")) for item in root.iter(f"{_SHEET}si")]


def _sheet_rows(root: ElementTree.Element, strings: list[str]) -> list[list[str]]:
    rows = []
    for row in root.iter(f"{_SHEET}row"):
        cells: dict[int, str] = {}
        for position, cell in enumerate(row.iter(f"{_SHEET}c")):
            cells[_column(cell.get("r", ""), position)] = _value(cell, strings)
        width = min(max(cells, default=-1) + 1, 4 * MAX_COLUMNS)
        rows.append([cells.get(c, "") for c in range(width)])
    return rows


def _column(reference: str, position: int) -> int:
    number = 0
    for letter in (c for c in reference if c.isalpha()):
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1 if number else position


def _value(cell: ElementTree.Element, strings: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{_SHEET}t"))
    raw = cell.findtext(f"{_SHEET}v") or ""
    formula = cell.find(f"{_SHEET}f")
    shown = strings[int(raw)] if kind == "s" and raw.isdigit() else raw
    return shown if formula is None else f"{shown} (formula: ={formula.text or ''})"
