"""CSV and TSV in any common dialect: comma, semicolon, tab or bar; decimal commas; titles and notes around a table."""

from __future__ import annotations

import csv
import io

from c2c_research.disclosure.cells import Mark, parse
from c2c_research.disclosure.document import Document, Hidden, Unreadable
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.grid import has_decimal_comma, tables_from
from c2c_research.disclosure.readers.session import is_summary_grid
from c2c_research.disclosure.tables import Table

_DELIMITERS = (",", ";", "\t", "|")


def read(kind: str, content: bytes) -> Document:
    text = decode(content)
    delimiter = "\t" if kind == "tsv" and "\t" in text else _delimiter(text)
    grid = _parse(text, delimiter)
    if is_summary_grid(grid):
        return Document("session", (), "\n".join(" ".join(line[:5]) for line in grid))
    tables, prose = tables_from(grid, decimal_comma=delimiter != "," and has_decimal_comma(grid))
    return Document(kind, tuple(tables), prose, tuple(formulas(tables, prose)))


def _parse(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True, strict=False)
    try:
        return list(reader)
    except csv.Error as problem:
        raise Unreadable("The lines could not be split into columns; save the table again as CSV.") from problem


def _delimiter(text: str) -> str:
    """The delimiter that gives the most columns most steadily over the first lines."""
    sample = [line for line in text.split("\n", 200)[:200] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        if not widths:
            continue
        common = max(set(widths), key=widths.count)
        score = 0.0 if common < 2 else widths.count(common) / len(widths) + 0.01 * min(common, 20)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def formulas(tables: list[Table], beside: str = "") -> list[Hidden]:
    """Texts that a spreadsheet would run, in tables and beside them; signed numbers and markers are none."""
    lone = sum(line.lstrip().startswith("=") and is_formula(line) for line in beside.split("\n"))
    found = [Hidden(f"{lone} texts would run as formulas in a spreadsheet.")] if lone else []
    for table in tables:
        cells = tuple(
            (index, column)
            for index, row in enumerate(table.rows)
            for column, text in enumerate(row)
            if is_formula(text)
        )
        header = any(is_formula(text) for text in table.header)
        if cells or header:
            found.append(
                Hidden(f"{len(cells) + header} texts would run as formulas in a spreadsheet.", table.where, cells)
            )
    return found


def is_formula(text: str) -> bool:
    stripped = text.strip()
    if len(stripped) < 2 or stripped[0] not in "=+-@" or parse(stripped).mark is not Mark.TEXT:
        return False
    return stripped[0] == "=" or "(" in stripped or "!" in stripped or "|" in stripped
