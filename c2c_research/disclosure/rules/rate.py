"""Rates and percentages: the count above and the count below a rate obey the count rule where they can be derived.

A rate of a group of n printed to d digits leaves the integers k with round(k/n, d) = rate. Where all of them are 1 to
10, the numerator is given away. A small complement (n - k) asks for a band.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding, many, rounding_base
from c2c_research.disclosure.tables import Role, Table

RESOLVED = 4


@dataclass(frozen=True)
class Share:
    """One rate cell as a share of its base. `low` and `high` bound the count above it."""

    cell: Cell
    share: float
    base: int
    low: int
    high: int

    @property
    def resolved(self) -> bool:
        return self.high - self.low + 1 <= RESOLVED


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    threshold = policy.threshold(document.context.unit)
    if threshold < 2:
        return
    complement = Status.of(str(rule.parameters.get("complement", "review")))
    for table in document.tables:
        numerators: list[Cell] = []
        complements: list[Cell] = []
        for share in shares(table):
            if not share.resolved or share.low == 0 or share.high == share.base:
                continue
            if share.high < threshold:
                numerators.append(share.cell)
            elif share.base - share.low < threshold:
                complements.append(share.cell)
        if numerators:
            saw = f"Percentages that give back a count of 1 to {threshold - 1}: {many(len(numerators), 'cell')}."
            yield finding(rule, saw, table.where, numerators)
        if complements:
            saw = f"Percentages with 1 to {threshold - 1} on the other side: {many(len(complements), 'cell')}."
            yield finding(rule, saw, table.where, complements, min(complement, rule.status))


def shares(table: Table) -> Iterator[Share]:
    """Rates whose base is known: from evidence, else from the count column of their row."""
    if rounding_base(table) >= 5:
        return
    for column in proportion_columns(table):
        scale, digits = scale_of(table, column)
        epsilon = 0.5 * 10.0**-digits / scale
        for row, values in enumerate(table.values):
            value = values[column]
            base = _base(table, row, column)
            if value.number is None or not base or (row in table.total_rows and _is_distribution(table, column)):
                continue
            share = value.number / scale
            low = max(0, math.ceil(base * (share - epsilon) - 1e-9))
            high = min(base, math.floor(base * (share + epsilon) + 1e-9))
            if low <= high:
                yield Share((row, column), share, base, low, high)


def proportion_columns(table: Table) -> list[int]:
    """Rate columns whose numbers all lie in [0, 1] or [0, 100]; growth, ratios and indices are no proportions."""
    found = []
    for column in table.columns_of(Role.RATE, Role.MEAN):
        tokens = set(lexicon.words(table.header[column]))
        numbers = [value.number for value in table.column(column) if value.number is not None]
        if not numbers or min(numbers) < 0 or tokens & {"change", "growth", "ratio", "diff", "difference", "effect"}:
            continue
        if table.roles[column] is Role.MEAN:
            if max(numbers) <= 1 and tokens & lexicon.MEAN and len(numbers) > 1:
                found.append(column)
        elif max(numbers) <= 100:
            found.append(column)
    return found


def scale_of(table: Table, column: int) -> tuple[float, int]:
    """(100, digits) for percentages, (1, digits) for fractions. Digits are the most that the column shows."""
    values = [value for value in table.column(column) if value.number is not None]
    fractions = all((value.number or 0) <= 1 and not value.percent for value in values)
    tokens = set(lexicon.words(table.header[column]))
    spelled = bool(tokens & {"%", "pct", "percent", "percentage"})
    whole = all(value.decimals == 0 for value in values)
    digits = max(value.decimals for value in values)
    return (1.0 if fractions and not (spelled and whole) else 100.0), digits


def _base(table: Table, row: int, column: int) -> int:
    evidence = table.context.evidence.bases.get((row, column))
    if evidence is not None:
        return evidence
    if _is_distribution(table, column):
        return 0
    values = [table.values[row][place] for place in table.columns_of(Role.COUNT)]
    shown = [int(value.number or 0) for value in values if _is_shown(value)]
    return max(shown, default=0) if len(shown) == len(values) else 0


def _is_shown(value: Value) -> bool:
    return value.mark is Mark.NUMBER and value.number is not None and value.number > 0


def _is_distribution(table: Table, column: int) -> bool:
    """Shares of a column that add to 100 %: their base is the column's total, not the row's count."""
    scale, digits = scale_of(table, column)
    numbers = [value.number for row, value in enumerate(table.column(column)) if row not in table.total_rows]
    shown = [number for number in numbers if number is not None]
    slack = len(shown) * 0.5 * 10.0**-digits + 1e-9
    return len(shown) > 1 and abs(sum(shown) - scale) <= slack
