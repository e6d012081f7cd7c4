"""Secondary disclosure: a hidden count that totals and neighbours give back, exactly or nearly.

A hidden count fails where at most two integers are feasible, and asks for review at up to four. Counts of which we can
prove that they are large enough anyway are left alone. The message says how narrow the narrowest is: that is what
anybody could compute from the shown table.
"""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.protection.complements import SMALL, thin_lines
from c2c_research.disclosure.protection.needs import gives_away
from c2c_research.disclosure.protection.rates import rate_lines
from c2c_research.disclosure.protection.stated import stated_lines
from c2c_research.disclosure.protection.structure import structure_of
from c2c_research.disclosure.protection.system import Interval, System
from c2c_research.disclosure.rules.shared import finding, many, rounding_base
from c2c_research.disclosure.tables import Role, Table

SECONDS = 20.0


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    threshold = policy.threshold(document.context.unit)
    if threshold < 2:
        return
    for table in document.tables:
        left = _left_over(table, threshold)
        if left:
            saw = f"A total counts 1 to {threshold - 1} persons more than the rows add to: {many(len(left), 'cell')}."
            yield finding(rule, saw, table.where, left, None if document.context.total_rows else Status.REVIEW)
        if not any(value.mark in (Mark.SUPPRESSED, Mark.EMPTY) for _, value in table.counts()):
            continue
        yield from _table(table, rule, threshold, document.text)
        if rule.word("one_more", "no") == "yes":
            yield from _thin(table, rule, threshold)


def known(table: Table, text: str = "") -> System:
    """What a reader of one table knows of its counts: sums, shares and means that tie counts together, stated totals.

    `text` is the prose around the table.
    """
    structure = structure_of(table, rounding_base(table) / 2)
    stated = stated_lines(structure, f"{table.caption}\n{text}")
    return structure.attacked().with_lines([*rate_lines(table, structure), *stated])


def _table(table: Table, rule: Rule, threshold: int, text: str) -> Iterator[Finding]:
    # imported here, so that the engine starts without the solver
    from c2c_research.disclosure.protection.bounds import bounds

    fail, review = rule.number("fail_within", 2), rule.number("review_within", 4)
    found: dict[Cell, Interval] = {
        cell: interval
        for cell, interval in bounds(known(table, text), enough=review, seconds=SECONDS).items()
        if isinstance(cell, tuple) and table.values[cell[0]][cell[1]].mark is not Mark.NUMBER
    }
    exact = [cell for cell, interval in found.items() if gives_away(interval, threshold, fail)]
    near = [cell for cell, interval in found.items() if cell not in exact and gives_away(interval, threshold, review)]
    if exact:
        saw = f"Hidden counts that can be worked out: {many(len(exact), 'cell')}{_between(exact, found)}."
        yield finding(rule, saw, table.where, exact)
    if near:
        saw = f"Hidden counts that can be narrowed to a few values: {many(len(near), 'cell')}{_between(near, found)}."
        yield finding(rule, saw, table.where, near, min(Status.REVIEW, rule.status))
    late = [cell for cell, interval in found.items() if not interval.proven]
    if late:
        saw = f"Hidden counts that could not be proven safe in the time there is: {many(len(late), 'cell')}."
        yield finding(rule, saw, table.where, late, min(Status.REVIEW, rule.status))


def _left_over(table: Table, threshold: int) -> list[Cell]:
    """Totals of a list that exceed the sum of its rows by a few: the persons of a category that was left out."""
    keys = table.columns_of(Role.KEY)
    rows = [row for row in range(len(table.rows)) if row not in table.total_rows]
    if len(table.total_rows) != 1 or len(keys) != 1 or len(rows) < 2 or rounding_base(table) >= 5:
        return []
    total = next(iter(table.total_rows))
    found = []
    for column in table.columns_of(Role.COUNT):
        parts, whole = [table.values[row][column] for row in rows], table.values[total][column].number
        if whole is None or any(part.mark is not Mark.NUMBER for part in parts):
            return []
        rest = whole - sum(part.number or 0 for part in parts)
        if rest < 0:
            return []
        if 0 < rest < threshold:
            found.append((total, column))
    return found


def _thin(table: Table, rule: Rule, threshold: int) -> Iterator[Finding]:
    """Lines whose masked cells stand for too few persons together: one more has to be masked."""
    structure = structure_of(table, rounding_base(table) / 2)
    cells = sorted({cell for masked in thin_lines(structure, structure.hidden, threshold) for cell in masked})
    if cells:
        saw = f"Masked counts of a line are all {SMALL} or less, or add to fewer than {threshold}: "
        yield finding(rule, f"{saw}{many(len(cells), 'cell')}.", table.where, cells)


def _between(cells: list[Cell], found: dict[Cell, Interval]) -> str:
    """The narrowest of them, in words."""
    narrowest = min((found[cell] for cell in cells), key=lambda interval: interval.width)
    return f", the narrowest between {narrowest.low:.0f} and {narrowest.high:.0f}"
