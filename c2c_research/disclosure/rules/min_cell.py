"""Minimum cell count: no shown count of 1 to (threshold - 1) distinct units; none behind any shown statistic either."""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.prose import small_counts_in
from c2c_research.disclosure.roles import likely_counts
from c2c_research.disclosure.rules.shared import finding, many, rounding_base
from c2c_research.disclosure.tables import Table


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    threshold = policy.threshold(document.context.unit)
    if threshold < 2:
        return
    noun = {"employers": "employer"}.get(document.context.unit, "person")
    for table in document.tables:
        shown = small_counts(table, threshold)
        if shown:
            saw = f"Counts of 1 to {threshold - 1} {noun}s: {many(len(shown), 'cell')}."
            yield finding(rule, saw, table.where, shown)
        behind = [cell for cell in small_evidence(table, threshold) if cell not in shown]
        if behind:
            saw = f"Values that rest on 1 to {threshold - 1} {noun}s: {many(len(behind), 'cell')}."
            yield finding(rule, saw, table.where, behind)
        likely = [
            (row, column)
            for column in likely_counts(table)
            for row, value in enumerate(table.column(column))
            if value.number is not None and 0 < value.number < threshold
        ]
        if likely:
            saw = f"Small whole numbers that may be counts of {noun}s: {many(len(likely), 'cell')}."
            yield finding(rule, saw, table.where, likely, Status.REVIEW)
    sentences = small_counts_in(document.text, threshold) if document.context.unit != "employers" else 0
    if sentences:
        yield finding(rule, f"Small counts of persons in {many(sentences, 'sentence')}.", status=Status.REVIEW)


def small_counts(table: Table, threshold: int) -> list[Cell]:
    """Counts that are shown and too small. Counts rounded to 5 or more leave at least five feasible values."""
    if rounding_base(table) >= 5:
        return []
    return [cell for cell, value in table.counts() if value.number is not None and 0 < value.number < threshold]


def small_evidence(table: Table, threshold: int) -> list[Cell]:
    """Shown cells whose evidence names too few distinct units (60 wage rows of 2 persons; a mean of one value)."""
    if rounding_base(table) >= 5:
        return []
    found = []
    for (row, column), units in table.context.evidence.counts.items():
        inside = row < len(table.rows) and column < table.width
        if inside and 0 < units < threshold and table.values[row][column].mark is Mark.NUMBER:
            found.append((row, column))
    return found
