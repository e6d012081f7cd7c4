"""A table as read from a file, and the roles that its columns play.

The question here is *what is a count*: declared by the sidecar; or a header of the lexicon; or integers that add to a
total or stand beside a "<11"; else silence. Years, grades, ZIP codes, ids, p-values and ranks are not counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value, hidden_range, parse
from c2c_research.disclosure.context import Context
from c2c_research.disclosure.findings import Cell

PROVING_COUNTS = 8
_THREE_DIGITS = re.compile(r"^[1-9]\d{0,2}(?:\.\d{3})+$")


def _hides_by_range(rows: list[list[Value]], column: int) -> bool:
    """Does "1-10" stand among whole numbers, where it hides a count? As a row's label it is a class of values."""
    values = [row[column] for row in rows]
    ranges = {value.text for value in values if hidden_range(value) is not value}
    numbers = [value for value in values if value.number is not None]
    return len(ranges) == 1 and len(numbers) > 1 and all(value.is_integer for value in numbers)


def _letters_for_numbers(rows: list[list[Value]]) -> list[Cell]:
    """Cells of one and the same one or two letters among whole numbers ("D"): they stand for hidden ones."""
    found: list[tuple[Cell, str]] = []
    for column in range(1, len(rows[0]) if rows else 0):
        values = [row[column] for row in rows]
        texts = [(row, value.text) for row, value in enumerate(values) if value.mark is Mark.TEXT]
        numbers = [value for value in values if value.mark is Mark.NUMBER]
        if texts and len(numbers) > 2 * len(texts) and all(value.is_integer for value in numbers):
            found.extend(((row, column), text) for row, text in texts)
    marks = {text for _, text in found}
    one = len(marks) == 1 and all(len(text) <= 2 and text.isalpha() for text in marks)
    return [cell for cell, _ in found] if one else []


class Role(Enum):
    """What a column holds."""

    KEY = "key"
    COUNT = "count"
    RATE = "rate"
    MEAN = "mean"
    EXTREME = "extreme"
    STATISTIC = "statistic"
    MAGNITUDE = "magnitude"
    IDENTIFIER = "identifier"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Table:
    """A rectangular table of texts. `where` names it inside its file ("" when it is the only one).

    `caption` stands at the table; `title` are the lines above it, which may speak of more than this table.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    where: str = ""
    caption: str = ""
    decimal_comma: bool = False
    context: Context = field(default_factory=Context)
    columns: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
    turned: bool = False
    given: Mapping[int, Role] = field(default_factory=dict)
    markers: frozenset[str] = frozenset()
    title: str = ""

    def place(self, cell: Cell) -> Cell | None:
        """Where a cell stands in the file; None where it stands in the header."""
        row, column = cell
        column = self.columns[column] if self.columns else column
        row = self.lines[row] if self.lines else row
        if column < 0 or (self.turned and column == 0):
            return None
        return (column - 1, row + 1) if self.turned else (row, column)

    @cached_property
    def reshaped(self) -> bool:
        """Is a cell's place in the file another than its place here?"""
        return self.turned or bool(self.columns or self.lines)

    @cached_property
    def values(self) -> tuple[tuple[Value, ...], ...]:
        markers = self.context.suppressed | self.markers
        parsed = [[parse(text, markers, decimal_comma=self.decimal_comma) for text in row] for row in self.rows]
        for column in range(self.width):
            if self._groups_by_points(column, parsed):
                for row, texts in zip(parsed, self.rows, strict=True):
                    row[column] = parse(texts[column], markers, decimal_comma=True)
        for line, column in _letters_for_numbers(parsed):
            parsed[line][column] = Value(Mark.SUPPRESSED, parsed[line][column].text)
        small = [column for column in range(self.width) if _hides_by_range(parsed, column)]
        for row in parsed:
            for column in small:
                row[column] = hidden_range(row[column])
        return tuple(map(tuple, parsed))

    def _groups_by_points(self, column: int, parsed: list[list[Value]]) -> bool:
        """Are the points of a column of counts thousands ("5.210")? Then all have three digits behind them."""
        names = set(lexicon.words(self.header[column]))
        counted = self.header[column].strip() in self.context.counts or bool(
            names & (lexicon.COUNT_STRONG | lexicon.PERSON_COUNTS) and not names & (lexicon.RATE | lexicon.MEAN)
        )
        numbers = [row[column] for row in parsed if row[column].mark is Mark.NUMBER]
        pointed = [value for value in numbers if "." in value.text]
        return counted and bool(pointed) and all(_THREE_DIGITS.match(v.text) or v.is_integer for v in numbers)

    @property
    def width(self) -> int:
        return len(self.header)

    def column(self, index: int) -> tuple[Value, ...]:
        return tuple(row[index] for row in self.values)

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        from c2c_research.disclosure.roles import infer_roles

        return infer_roles(self)

    def columns_of(self, *roles: Role) -> list[int]:
        return [index for index, role in enumerate(self.roles) if role in roles]

    def counts(self) -> Iterator[tuple[Cell, Value]]:
        """All cells of count columns, and of rows that are counts ("N", "Observations") in other columns."""
        counted = self.columns_of(Role.COUNT)
        for column in counted:
            for row, values in enumerate(self.values):
                yield (row, column), values[column]
        for row in sorted(self.count_rows):
            for column, value in enumerate(self.values[row]):
                if column not in counted and self.roles[column] is not Role.KEY and value.is_integer:
                    yield (row, column), value

    @cached_property
    def count_rows(self) -> frozenset[int]:
        """Rows of a table of statistics or models that hold its numbers of observations."""
        if not self.rows or not self.columns_of(Role.UNKNOWN, Role.STATISTIC, Role.MEAN, Role.MAGNITUDE, Role.RATE):
            return frozenset()
        keys = self.columns_of(Role.KEY)[:2] or [0]
        return frozenset(
            index for index, row in enumerate(self.rows) if any(lexicon.names_a_count_row(row[key]) for key in keys)
        )

    @cached_property
    def total_rows(self) -> frozenset[int]:
        """Rows that hold a total in one of their keys."""
        keys = self.columns_of(Role.KEY)
        return frozenset(
            index for index, row in enumerate(self.rows) if any(self.is_total_row(row[key]) for key in keys)
        )

    @cached_property
    def rounding_base(self) -> int:
        """The base to which *all* counts are rounded; 0 where that is neither declared and kept, nor proven.

        Without a declaration, eight non-zero multiples of 5 and no other number are proof enough (chance 1 in 390,000).
        """
        numbers = [value.number for _, value in self.counts() if value.mark is Mark.NUMBER and value.number]
        declared = self.context.rounding_base
        if declared >= 5 and numbers:
            return declared if all(number % declared == 0 for number in numbers) else 0
        if not declared and len(numbers) >= PROVING_COUNTS:
            return next((base for base in (10, 5) if all(number % base == 0 for number in numbers)), 0)
        return 0

    def is_total_row(self, label: str) -> bool:
        declared = self.context.total_rows
        return lexicon.is_total_line(label) or (bool(declared) and label.strip().lower() == declared.lower())

    def is_total_column(self, column: int) -> bool:
        declared = self.context.total_columns.lower()
        label = self.header[column].strip().strip("|").strip()
        return lexicon.is_total(label) or (bool(declared) and label.lower() == declared)
