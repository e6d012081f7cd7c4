"""Zero and 100 %: a statement about every member of a group (0 %, 100 %, a 0/1 mean of 0 or 1, no spread at all)."""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.rate import proportion_columns, scale_of, shares
from c2c_research.disclosure.rules.shared import finding, many, rounding_base
from c2c_research.disclosure.tables import Role, Table

RARE = 0.2


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    if rule.parameters.get("mode", "fail") == "show" or document.context.unit in ("schools", "employers"):
        return
    if set(lexicon.words(document.context.population)) & lexicon.INSTITUTIONS - {"employers"}:
        return
    for table in document.tables:
        cells = [*_exact_rates(table), *_no_spread(table)]
        if cells:
            yield finding(rule, f"Statements about a whole group: {many(len(cells), 'cell')}.", table.where, cells)
        rows, share = _concentrated(table, rule)
        if rows:
            saw = f"Groups of which everybody falls into one column: {many(len(rows), 'row')}."
            status = rule.status if share <= RARE or len(rows) == 1 else Status.REVIEW
            yield finding(rule, saw, table.where, rows, status)


def _exact_rates(table: Table) -> Iterator[Cell]:
    """Rates of exactly 0 or 100 %. Of a large group, a printed 0.0 % may hide members and says nothing."""
    known = {share.cell: share for share in shares(table)}
    for column in proportion_columns(table):
        scale, digits = scale_of(table, column)
        for row, value in enumerate(table.column(column)):
            if value.number not in (0, scale) or row in table.total_rows or _only_definition(table, row, column):
                continue
            share = known.get((row, column))
            if share is None or share.low == share.high:
                if share is None and table.roles[column] is Role.MEAN and digits == 0:
                    continue
                yield row, column


def _only_definition(table: Table, row: int, column: int) -> bool:
    """A total column's 100 %, and shares of nobody."""
    if lexicon.is_total(table.header[column]):
        return True
    counts = [table.values[row][place] for place in table.columns_of(Role.COUNT)]
    return bool(counts) and all(value.number == 0 for value in counts)


def _no_spread(table: Table) -> Iterator[Cell]:
    """A standard deviation of 0, or equal minimum and maximum: all members have the printed value."""
    for column in table.columns_of(Role.STATISTIC):
        if set(lexicon.words(table.header[column])) & lexicon.SPREAD and table.columns_of(Role.MEAN, Role.COUNT):
            for row, value in enumerate(table.column(column)):
                if value.mark is Mark.NUMBER and value.number == 0:
                    yield row, column


def _concentrated(table: Table, rule: Rule) -> tuple[list[Cell], float]:
    """Rows of a cross-table of counts whose whole total sits in one cell, unless that is how the table is built."""
    if rounding_base(table) >= 5:
        return [], 0.0
    columns = [c for c in table.columns_of(Role.COUNT) if _is_category(table, c)]
    if len(columns) < 2 or not any(table.is_total_column(c) for c in table.columns_of(Role.COUNT)):
        return [], 0.0
    cells: list[Cell] = []
    populated = 0
    for row, values in enumerate(table.values):
        parts = [values[column] for column in columns]
        if row in table.total_rows or any(part.mark is not Mark.NUMBER for part in parts):
            continue
        filled = [column for column in columns if values[column].number]
        populated += bool(filled)
        if len(filled) == 1:
            cells.append((row, filled[0]))
    share = len(cells) / populated if populated else 0.0
    return ([], share) if share >= rule.number("structural_share", 0.5) else (cells, share)


def _is_category(table: Table, column: int) -> bool:
    """A column that stands for a category of a variable, not a count of its own name."""
    tokens = set(lexicon.words(table.header[column]))
    return not table.is_total_column(column) and not tokens & (
        lexicon.COUNT_STRONG | lexicon.COUNT_NOUNS - lexicon.OUTCOMES
    )
