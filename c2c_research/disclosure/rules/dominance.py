"""Dominance: one or two contributors make up nearly all of a magnitude. (n,k) and p % rules, from evidence.

A cell passes first by proof from public facts: with a top-code T, n contributors and a mean, at most 2T of n·mean can
belong to two of them. Else its evidence decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.context import Contribution
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Table


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    for table in document.tables:
        cells = [
            item.cell
            for item in table.context.evidence.contributions
            if _is_shown(table, item) and dominated(item, rule) and not _proven(table, item, rule)
        ]
        if cells:
            saw = f"Values that one or two contributors dominate: {many(len(cells), 'cell')}."
            yield finding(rule, saw, table.where, cells)


def dominated(item: Contribution, rule: Rule) -> bool:
    """(n,k): the top n hold more than k of the total. p %: the rest is less than p % of the largest."""
    if item.total <= 0 or item.largest <= 0:
        return False
    top = item.largest + (item.second if rule.number("n", 2) >= 2 else 0)
    rest = item.total - item.largest - item.second
    return top > rule.number("k", 0.9) * item.total or rest < rule.number("p", 10) / 100 * item.largest


def _proven(table: Table, item: Contribution, rule: Rule) -> bool:
    top = table.context.top_code
    return (
        top > 0
        and 2 * top <= rule.number("k", 0.9) * item.total
        and (item.total - 2 * top >= rule.number("p", 10) / 100 * top)
    )


def _is_shown(table: Table, item: Contribution) -> bool:
    row, column = item.cell
    return row < len(table.rows) and column < table.width and table.values[row][column].mark is Mark.NUMBER
