"""A table as read from a file, and the roles that its columns play.

The question here is *what is a count*: declared by the sidecar; or a header of the lexicon; or integers that add to a
total or stand beside a "<11"; else silence. Years, grades, ZIP codes, ids, p-values and ranks are not counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value, parse
from c2c_research.disclosure.context import Context
from c2c_research.disclosure.findings import Cell

PROVING_COUNTS = 8


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
    """A rectangular table of texts. `where` names it inside its file ("" when it is the only one)."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    where: str = ""
    caption: str = ""
    decimal_comma: bool = False
    context: Context = field(default_factory=Context)

    @cached_property
    def values(self) -> tuple[tuple[Value, ...], ...]:
        markers = self.context.suppressed
        return tuple(tuple(parse(text, markers, decimal_comma=self.decimal_comma) for text in row) for row in self.rows)

    @property
    def width(self) -> int:
        return len(self.header)

    def column(self, index: int) -> tuple[Value, ...]:
        return tuple(row[index] for row in self.values)

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        return infer_roles(self)

    def columns_of(self, *roles: Role) -> list[int]:
        return [index for index, role in enumerate(self.roles) if role in roles]

    def counts(self) -> Iterator[tuple[Cell, Value]]:
        """All cells of count columns."""
        for column in self.columns_of(Role.COUNT):
            for row, values in enumerate(self.values):
                yield (row, column), values[column]

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
        return lexicon.is_total(label) or (bool(declared) and label.strip().lower() == declared.lower())

    def is_total_column(self, column: int) -> bool:
        declared = self.context.total_columns.lower()
        label = self.header[column].strip().strip("|").strip()
        return lexicon.is_total(label) or (bool(declared) and label.lower() == declared)


def infer_roles(table: Table) -> tuple[Role, ...]:
    """One role a column. Declared roles win, except that no declaration turns a count into something else."""
    roles = [_role_of(table, column) for column in range(table.width)]
    if all(role is not Role.KEY for role in roles) and roles and roles[0] is Role.UNKNOWN:
        first = table.column(0)
        distinct = {value.text for value in first}
        if len(distinct) == len(first) > 1 and table.header[0].strip() == "" and _is_running(first):
            roles[0] = Role.KEY
    _declare(table, roles)
    unknown = [column for column, role in enumerate(roles) if role is Role.UNKNOWN]
    if unknown and _cells_are_counts(table, roles, unknown):
        for column in unknown:
            if _whole(table.column(column)):
                roles[column] = Role.COUNT
    elif len(unknown) > 1 and _shares_add_up(table, unknown):
        for column in unknown:
            roles[column] = Role.RATE
    return tuple(roles)


def _shares_add_up(table: Table, unknown: list[int]) -> bool:
    """Do the numbers of every row, or of every column, add to 1 or to 100? Then they are shares."""
    rows = [[row[column] for column in unknown] for row in table.values]
    columns = [list(line) for line in zip(*rows, strict=True)]
    return len(rows) > 1 and any(all(_is_whole_share(line) for line in lines) for lines in (rows, columns))


def _is_whole_share(line: list[Value]) -> bool:
    numbers = [value.number for value in line if value.number is not None]
    fractional = any(value.decimals for value in line)
    if not fractional or len(numbers) < len(line) or min(numbers, default=-1.0) < 0:
        return False
    whole = 100.0 if max(numbers) > 1 else 1.0
    slack = len(line) * 0.5 * 10.0 ** -max(value.decimals for value in line) + 1e-9
    return abs(sum(numbers) - whole) <= slack


def _declare(table: Table, roles: list[Role]) -> None:
    """Apply the sidecar. A key's name means its first column only: a category may be called like the row variable."""
    names = [name.strip() for name in table.header]
    for name in table.context.rows:
        column = names.index(name) if name in names else None
        if column is not None and roles[column] is not Role.COUNT:
            roles[column] = Role.KEY
    for column, name in enumerate(names):
        if name in table.context.counts:
            roles[column] = Role.COUNT
        elif _declared_rate(table, column, roles[column]):
            roles[column] = Role.RATE


def _declared_rate(table: Table, column: int, role: Role) -> bool:
    named = table.header[column].strip() in table.context.rates
    if role is Role.COUNT:
        # nobody declares a count away; numbers of which none is above 1 may be shares after all
        return named and all((value.number or 0) <= 1 for value in table.column(column))
    return role is not Role.KEY and (named or (role is Role.UNKNOWN and table.context.kind == "rates"))


def _role_of(table: Table, column: int) -> Role:
    values = table.column(column)
    tokens = set(lexicon.words(table.header[column]))
    numbers = [value for value in values if value.mark is Mark.NUMBER]
    filled = [value for value in values if value.mark is not Mark.EMPTY]
    markers = [value for value in filled if value.mark in (Mark.SUPPRESSED, Mark.BANDED)]
    if filled and len(numbers) + len(markers) < 0.6 * len(filled):
        return Role.IDENTIFIER if _is_identifier_name(table.header[column]) else Role.KEY
    if (not numbers and not markers) or (column == 0 and _are_codes(values)):
        return Role.KEY
    named = _role_by_name(table.header[column], tokens)
    if named is Role.COUNT and not _whole(values):
        # a mean or a weighted figure may carry a count's noun ("students per teacher")
        named = None
    if "cohort" in tokens and named is Role.KEY and _sizes(numbers):
        named = Role.COUNT
    if named is not None:
        return named
    if any(value.percent for value in numbers):
        return Role.RATE
    if any(value.upper is not None for value in markers) and _whole(values):
        return Role.COUNT
    if numbers and all(value.is_integer and 1900 <= (value.number or 0) <= 2100 for value in numbers):
        return Role.KEY
    return Role.UNKNOWN


def _are_codes(values: tuple[Value, ...]) -> bool:
    """Codes such as "07", "18", "37": distinct, of one width, some with a leading zero. Nobody writes counts so."""
    texts = [value.text for value in values if value.mark is Mark.NUMBER]
    return (
        len(texts) > 1
        and len(set(texts)) == len(texts)
        and all(text.isdigit() for text in texts)
        and len({len(text) for text in texts}) == 1
        and any(text[0] == "0" and len(text) > 1 for text in texts)
    )


def _sizes(numbers: list[Value]) -> bool:
    """Sizes of groups rather than years or running numbers."""
    found = [value.number or 0 for value in numbers]
    return max(found, default=0) > 20 and not all(1900 <= number <= 2100 for number in found)


def _role_by_name(header: str, tokens: set[str]) -> Role | None:
    if tokens & lexicon.RATE:
        return Role.RATE
    if tokens & lexicon.EXTREME:
        return Role.EXTREME
    if tokens & lexicon.MEAN:
        return Role.MEAN
    if _is_identifier_name(header):
        return Role.IDENTIFIER
    if tokens & lexicon.INSTITUTIONS and not tokens & lexicon.COUNT_NOUNS - {"number", "total"}:
        return Role.STATISTIC
    if tokens & lexicon.COUNT_STRONG and not tokens & lexicon.STATISTIC - {"f", "t", "p", "z"}:
        return Role.COUNT
    if tokens & (lexicon.STATISTIC - {"f", "t", "p", "z"}) or (tokens and tokens <= {"t", "z", "p"}):
        return Role.STATISTIC
    if tokens & lexicon.MONEY:
        return Role.MAGNITUDE
    ordered = lexicon.words(header)
    if ordered and ordered[-1] in lexicon.KEY_NUMBERS:
        return Role.KEY
    if tokens & lexicon.COUNT_NOUNS and not lexicon.is_total(header):
        return Role.COUNT
    if tokens & lexicon.KEY_NUMBERS:
        return Role.KEY
    return None


def _is_identifier_name(header: str) -> bool:
    tokens = lexicon.words(header)
    joined = "".join(tokens)
    if joined in lexicon.IDENTIFIER or joined in ("ssn", "ssid"):
        return True
    return len(tokens) >= 2 and tokens[-1] in lexicon.IDENTIFIER and tokens[0] in lexicon.PERSON_NOUNS


def _is_running(values: tuple[Value, ...]) -> bool:
    """An index column: 0, 1, 2 … or 1, 2, 3 …"""
    numbers = [value.number for value in values]
    return any(numbers == [float(start + step) for step in range(len(numbers))] for start in (0, 1))


def _whole(values: tuple[Value, ...]) -> bool:
    """Only non-negative integers beside markers and holes."""
    numbers = [value for value in values if value.mark is Mark.NUMBER]
    banded = any(value.mark is Mark.BANDED for value in values)
    return not banded and all(value.is_integer and (value.number or 0) >= 0 for value in numbers)


def _cells_are_counts(table: Table, roles: list[Role], unknown: list[int]) -> bool:
    if table.context.cells_are_counts:
        return True
    if table.context.kind in ("regression", "survival", "rates", "magnitude"):
        return False
    if not all(_whole(table.column(column)) for column in unknown):
        return False
    if table.context.kind == "frequency" and not table.context.counts:
        return True
    if _caption_counts(table.caption):
        return True
    return _adds_up(table, roles, unknown)


def _caption_counts(caption: str) -> bool:
    tokens = lexicon.words(caption)
    head = set(tokens[:6])
    if head & (lexicon.RATE | lexicon.MEAN | lexicon.MONEY | lexicon.STATISTIC):
        return False
    return bool(head & {"number", "count", "counts", "frequency", "headcount", "n"})


def _adds_up(table: Table, roles: list[Role], unknown: list[int]) -> bool:
    """Do whole numbers add to a total, in a line that is fully shown, or stay below one where some are hidden?"""
    complete = broken = partial = 0
    for parts, total in [*_column_sums(table, roles, unknown), *_row_sums(table, unknown)]:
        if total.number is None or len(parts) < 2:
            continue
        shown = [part.number for part in parts if part.number is not None]
        hidden = any(part.mark is Mark.SUPPRESSED for part in parts)
        difference = total.number - sum(shown)
        tolerance = 0.5 * max(table.context.rounding_base, 0) * (len(shown) + 1)
        if not hidden and abs(difference) <= tolerance:
            complete += 1 if total.number > 0 else 0
        elif hidden and difference >= -tolerance:
            partial += 1
        else:
            broken += 1
    return (complete > broken) or (complete == 0 and broken == 0 and partial > 1)


def _column_sums(table: Table, roles: list[Role], unknown: list[int]) -> Iterator[tuple[list[Value], Value]]:
    keys = [column for column, role in enumerate(roles) if role is Role.KEY]
    totals = [index for index, row in enumerate(table.rows) if any(table.is_total_row(row[column]) for column in keys)]
    if len(totals) != 1:
        return
    for column in unknown:
        parts = [row[column] for index, row in enumerate(table.values) if index not in totals]
        yield parts, table.values[totals[0]][column]


def _row_sums(table: Table, unknown: list[int]) -> Iterator[tuple[list[Value], Value]]:
    totals = [column for column in unknown if table.is_total_column(column)]
    if len(totals) != 1:
        return
    for row in table.values:
        yield [row[column] for column in unknown if column not in totals], row[totals[0]]
