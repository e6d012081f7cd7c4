"""Survival curves: a step of few events, or a tail where few remain at risk, shows single persons.

Reads tables of survival estimates (statsmodels, lifelines, R's survival): columns of persons at risk and of events.
"""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Table

_EVENTS = frozenset(["events", "event", "observed", "deaths", "died", "failures", "n_event", "d"])


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    least = int(rule.number("persons", 11))
    for table in document.tables:
        at_risk = [column for column, name in enumerate(table.header) if "risk" in lexicon.words(name)]
        if not at_risk:
            continue
        steps = [*at_risk, *(c for c, name in enumerate(table.header) if _EVENTS & set(lexicon.words(name)))]
        cells = [cell for column in steps for cell in _small(table, column, least)]
        if cells:
            saw = f"Steps with 1 to {least - 1} events, or as few at risk: {many(len(cells), 'cell')}."
            yield finding(rule, saw, table.where, cells)


def _small(table: Table, column: int, least: int) -> Iterator[Cell]:
    for row, value in enumerate(table.column(column)):
        if value.is_integer and 0 < (value.number or 0) < least:
            yield row, column
