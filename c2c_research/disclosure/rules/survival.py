"""Survival curves: a step of few events, or a tail where few remain at risk, shows single persons.

Reads tables of survival estimates (statsmodels, lifelines, R's survival). A curve passes when it is drawn on a grid of
terms, quarters or years and cut where fewer than the threshold are at risk. A curve that steps at every event is not on
a grid: its times are irregular, or there are many of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Role, Table

_EVENTS = frozenset(["events", "event", "observed", "deaths", "died", "failures", "n_event", "d", "removed"])
_CURVE = re.compile(r"\b(?:surv\w*|km[_ ]?estimate|kaplan\w*|s\(t\)|s_t|hazard)(?!\w)", re.IGNORECASE)
_TIME = frozenset(["time", "timeline", "day", "days", "week", "weeks", "month", "months", "duration", "t"])
_FINE = frozenset(["day", "days", "week", "weeks"])
_LEAST_STEPS = 8


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    least, steps = int(rule.number("persons", 11)), int(rule.number("steps", 40))
    stairs = [cloud for cloud in document.clouds if cloud.stairs]
    if stairs:
        yield finding(rule, "A curve that steps at single events.", stairs[0].where)
    for table in document.tables:
        at_risk = [column for column, name in enumerate(table.header) if "risk" in lexicon.words(name)]
        curve = [column for column, name in enumerate(table.header) if _is_curve(table, column, name)]
        if not at_risk and not curve:
            continue
        events = [c for c, name in enumerate(table.header) if _EVENTS & set(lexicon.words(name))] if at_risk else []
        cells = [cell for column in [*at_risk, *events] for cell in _small(table, column, least)]
        if cells:
            saw = f"Steps with 1 to {least - 1} events, or as few at risk: {many(len(cells), 'cell')}."
            yield finding(rule, saw, table.where, cells)
        elif curve and not _on_grid(table, steps):
            shown = [(row, column) for column in curve for row in range(len(table.rows))]
            yield finding(rule, "A curve that steps at single events.", table.where, shown)


def has_curve(table: Table) -> bool:
    """Does the table hold a survival estimate, or numbers at risk?"""
    return any("risk" in lexicon.words(name) or _is_curve(table, c, name) for c, name in enumerate(table.header))


def _small(table: Table, column: int, least: int) -> Iterator[Cell]:
    for row, value in enumerate(table.column(column)):
        if value.is_integer and 0 < (value.number or 0) < least:
            yield row, column


def _is_curve(table: Table, column: int, name: str) -> bool:
    """A survival estimate: named so, numbers that fall from 1 (or 100) and never rise."""
    if not _CURVE.search(name) and table.context.kind != "survival" and not _begins_with_all(table, column):
        return False
    numbers = [value.number for value in table.column(column) if value.mark is Mark.NUMBER and value.number is not None]
    falls = all(later <= earlier + 1e-9 for earlier, later in pairwise(numbers))
    fractional = any(value.decimals for value in table.column(column))
    return len(numbers) >= _LEAST_STEPS and falls and fractional and min(numbers) >= 0 and max(numbers) <= 100


def _begins_with_all(table: Table, column: int) -> bool:
    """Shares that begin at 1 (or 100) beside a time and no count, whatever they are called."""
    timed = [c for c, name in enumerate(table.header) if _TIME & set(lexicon.words(name))]
    first = table.values[0][column].number if table.rows else None
    return bool(timed) and column not in timed and first in (1, 100) and not table.columns_of(Role.COUNT)


def _on_grid(table: Table, steps: int) -> bool:
    """Few, evenly spaced times; names of terms are a grid."""
    column = next((c for c, name in enumerate(table.header) if _TIME & set(lexicon.words(name))), 0)
    times = [value.number for value in table.column(column) if value.number is not None]
    if len(times) < len(table.rows):
        return True
    gaps = {round(later - earlier, 6) for earlier, later in pairwise(times) if later != earlier}
    fine = bool(_FINE & set(lexicon.words(table.header[column]))) and min(gaps, default=0) < 28
    return len(gaps) <= 1 and len(set(times)) <= steps and not fine
