"""Order statistics: an exact minimum or maximum is a person's value; a quantile needs persons on its short side.

A quantile q of n persons passes where n·min(q, 1−q) is at least the threshold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Role, Table

_NAMED = {"median": 0.5, "q1": 0.25, "q2": 0.5, "q3": 0.75}
_PERCENTILE = re.compile(r"^(?:p|pct|percentile)_?(\d{1,2})$|^(\d{1,2})(?:%|th|st|nd|rd)$")


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    if document.context.unit in ("schools",):
        return
    least = int(rule.number("persons", 11))
    for table in document.tables:
        extremes = [*_extreme_columns(table), *_extreme_rows(table)]
        if extremes:
            yield finding(rule, f"Minima and maxima: {many(len(extremes), 'cell')}.", table.where, extremes)
        thin = list(_thin_quantiles(table, least))
        if thin:
            saw = f"Percentiles with fewer than {least} persons on one side: {many(len(thin), 'cell')}."
            yield finding(rule, saw, table.where, thin)


def _extreme_columns(table: Table) -> Iterator[Cell]:
    for column in table.columns_of(Role.EXTREME):
        shown = [(row, value) for row, value in enumerate(table.column(column)) if value.mark is Mark.NUMBER]
        # the same bound in every row is a scale's end or a top-code, not a person's value
        if len(shown) > 2 and len({value.number for _, value in shown}) == 1:
            continue
        yield from ((row, column) for row, _ in shown)


def _extreme_rows(table: Table) -> Iterator[Cell]:
    """The rows `min` and `max` of a description of variables."""
    keys = table.columns_of(Role.KEY)
    for row, texts in enumerate(table.rows):
        if any(texts[key].strip().lower() in lexicon.EXTREME for key in keys):
            for column, value in enumerate(table.values[row]):
                if column not in keys and value.mark is Mark.NUMBER:
                    yield row, column


def _thin_quantiles(table: Table, least: int) -> Iterator[Cell]:
    counts = table.columns_of(Role.COUNT)
    for column in table.columns_of(Role.STATISTIC):
        share = quantile_of(table.header[column])
        if share is None:
            continue
        for row, value in enumerate(table.column(column)):
            bases = [table.values[row][place].number for place in counts]
            shown = [base for base in bases if base is not None]
            if value.mark is Mark.NUMBER and shown and 0 < max(shown) * min(share, 1 - share) < least:
                yield row, column


def quantile_of(header: str) -> float | None:
    """Which quantile a header names, as a share."""
    for word in re.findall(r"[a-z]+_?\d*|\d+(?:%|th|st|nd|rd)", header.lower()):
        if word in _NAMED:
            return _NAMED[word]
        match = _PERCENTILE.match(word)
        if match:
            return int(match[1] or match[2]) / 100
    return None
