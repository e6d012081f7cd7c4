"""What several rules share: proven rounding, which cells a count rule skips, wording of numbers."""

from __future__ import annotations

from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Rule
from c2c_research.disclosure.tables import Table

PROVING_COUNTS = 8


def finding(
    rule: Rule, saw: str, where: str = "", cells: list[Cell] | None = None, status: Status | None = None
) -> Finding:
    """A finding in the house's form: what was seen, then the pack's sentence."""
    places = tuple(sorted(set(cells or ())))
    return Finding(rule.kind, rule.status if status is None else status, f"{saw} {rule.sentence}", where, places)


def many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def rounding_base(table: Table) -> int:
    """The base to which *all* counts of a table are rounded; 0 where that is neither declared and kept, nor proven.

    Without a declaration, eight non-zero multiples of 5 and no other number are proof enough (chance 1 in 390,000).
    """
    numbers = [value.number for _, value in table.counts() if value.mark is Mark.NUMBER and value.number]
    declared = table.context.rounding_base
    if declared >= 5 and numbers:
        return declared if all(number % declared == 0 for number in numbers if number) else 0
    if not declared and len(numbers) >= PROVING_COUNTS:
        return next((base for base in (10, 5) if all(number % base == 0 for number in numbers if number)), 0)
    return 0
