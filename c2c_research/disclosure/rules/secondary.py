"""Secondary disclosure: a hidden count that totals and neighbours give back, exactly or nearly.

A hidden count fails where at most two integers are feasible, and asks for review at up to four. Counts of which we can
prove that they are large enough anyway are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure.bounds import bounds
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.equations import system_of
from c2c_research.disclosure.findings import Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding, many, rounding_base
from c2c_research.disclosure.suppression import gives_away
from c2c_research.disclosure.tables import Table


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    threshold = policy.threshold(document.context.unit)
    if threshold < 2:
        return
    for table in document.tables:
        if not any(value.mark in (Mark.SUPPRESSED, Mark.EMPTY) for _, value in table.counts()):
            continue
        yield from _table(table, rule, threshold)


def _table(table: Table, rule: Rule, threshold: int) -> Iterator[Finding]:
    tolerance = rounding_base(table) / 2
    found = bounds(system_of(table, tolerance), tolerance)
    exact = [cell for cell, interval in found.items() if gives_away(interval, threshold, rule.number("fail_within", 2))]
    near = [
        cell
        for cell, interval in found.items()
        if cell not in exact and gives_away(interval, threshold, rule.number("review_within", 4))
    ]
    if exact:
        yield finding(rule, f"Hidden counts that can be worked out: {many(len(exact), 'cell')}.", table.where, exact)
    if near:
        saw = f"Hidden counts that can be narrowed to a few values: {many(len(near), 'cell')}."
        yield finding(rule, saw, table.where, near, min(Status.REVIEW, rule.status))
