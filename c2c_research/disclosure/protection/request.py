"""Suppression of one table as a user asks for it: a file with its sidecar in, the masked file and its proof out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.policy import Policy
from c2c_research.disclosure.protection.complements import next_complement
from c2c_research.disclosure.protection.magnitudes import alone_in, levels_of, magnitude_structure, misses
from c2c_research.disclosure.protection.needs import Needs
from c2c_research.disclosure.protection.structure import Structure, structure_of
from c2c_research.disclosure.protection.suppression import COSTS, MARKER, Suppression, suppress
from c2c_research.disclosure.tables import Role, Table

_ALREADY_SHOWN = 100.0


class BadRequest(ValueError):
    """The table cannot be suppressed as asked; the message says what to do."""


@dataclass(frozen=True)
class Wishes:
    """What the author may choose. `cost` is count, cells, value, or a column of the table."""

    cost: str = "count"
    shown: tuple[Cell, ...] = ()
    hidden: tuple[Cell, ...] = ()
    threshold: int | None = None
    zeros_hidden: bool = False
    seconds: float = 20.0


def suppress_table(table: Table, policy: Policy, wishes: Wishes, released: Table | None = None) -> Suppression:
    """Primary and secondary suppression of a table's counts, or of its magnitudes by their evidence.

    `released` is the same table as released before: what was hidden there stays hidden, what was shown is hidden last.
    Raises BadRequest.
    """
    structure = _structure(table)
    _check_cells(table, structure, (*wishes.shown, *wishes.hidden))
    needs = _needs(table, policy, wishes, structure)
    primary = primaries(table, structure, needs) | set(wishes.hidden)
    costs = _costs(table, structure, wishes.cost)
    if released is not None:
        before, after = _patterns(structure, released)
        primary |= {cell for cell in before if (structure.values[cell].number or 0) > 0}
        costs = {cell: price * (_ALREADY_SHOWN if cell in after else 1.0) for cell, price in costs.items()}
    clash = sorted(primary & set(wishes.shown))
    if clash:
        raise BadRequest(
            f"The cell {clash[0]} has to be hidden, so it cannot be kept shown. Leave it out of --protect."
        )
    done = suppress(structure, primary, needs, costs, wishes.shown, wishes.seconds)
    while (more := _one_more(policy, structure, needs, done, wishes)) is not None:
        primary.add(more)
        done = suppress(structure, primary, needs, costs, wishes.shown, wishes.seconds)
    return replace(
        done, levels=needs.levels, not_adding=tuple(misses(structure)), beside=_resting_on(table, done.hidden)
    )


def _one_more(policy: Policy, structure: Structure, needs: Needs, done: Suppression, wishes: Wishes) -> Cell | None:
    """The cell that a pack with `one_more` wants masked besides; each one is new, so that this ends."""
    rule = policy.rule("secondary")
    if rule is None or rule.word("one_more", "no") != "yes":
        return None
    return next_complement(structure, done.hidden, needs.threshold, wishes.shown)


def primaries(table: Table, structure: Structure, needs: Needs) -> set[Cell]:
    """Cells that are too small to be shown, and magnitudes that too few make up."""
    by_evidence = {
        cell
        for cell, units in table.context.evidence.counts.items()
        if 0 < units < needs.threshold and cell in structure.values
    }
    small = {
        cell
        for cell, value in structure.values.items()
        if cell not in structure.measured and value.number is not None and 0 < value.number < needs.threshold
    }
    return small | by_evidence | set(needs.levels)


def _resting_on(table: Table, hidden: Iterable[Cell]) -> tuple[Cell, ...]:
    """The shares and means in the rows of hidden cells: together with what is shown they could tell the count."""
    rows, taken = sorted({row for row, _ in hidden}), set(hidden)
    columns = table.columns_of(Role.RATE, Role.MEAN)
    return tuple((row, column) for row in rows for column in columns if (row, column) not in taken)


def masked_rows(table: Table, hidden: Iterable[Cell], marker: str = MARKER) -> list[list[str]]:
    """The table's rows with hidden cells replaced by the marker."""
    rows = [list(row) for row in table.rows]
    for row, column in hidden:
        rows[row][column] = marker
    return rows


def as_json(done: Suppression) -> dict[str, Any]:
    """The answer of `c2c suppress --json`. `levels`: how far below and above its value a magnitude stays open."""
    bounds = [
        {"cell": list(cell), "low": each.low, "high": each.high, "proven": each.proven}
        for cell, each in sorted(done.intervals.items())
    ]
    return {
        "primary": [list(cell) for cell in done.primary],
        "secondary": [list(cell) for cell in done.secondary],
        "bounds": bounds,
        "exposed": [list(cell) for cell in done.exposed],
        "proven": done.proven,
        "not_proven": [
            {"cell": list(doubt.cell), "against": list(doubt.against) if doubt.against else None}
            for doubt in done.doubts
        ],
        "levels": [
            {"cell": list(cell), "down": round(down, 6), "up": round(up, 6)}
            for cell, (down, up) in sorted(done.levels.items())
        ],
        "beside": [list(cell) for cell in done.beside],
        "not_adding": [list(cell) for cell in done.not_adding],
        "cost": done.cost,
        "gap": round(done.gap, 6),
        "seconds": round(done.seconds, 3),
    }


def _structure(table: Table) -> Structure:
    structure = magnitude_structure(table) if table.context.kind == "magnitude" else structure_of(table)
    if not structure.values:
        raise BadRequest("The table has no counts. Name them in the sidecar: `counts: n`, or `counts: cells`.")
    if any(value.mark is Mark.SUPPRESSED for value in structure.values.values()):
        raise BadRequest("The table has hidden cells already. Give the table with all its counts.")
    if structure.measured:
        _check_magnitudes(table, structure)
    return structure


def _check_magnitudes(table: Table, structure: Structure) -> None:
    evidence = table.context.evidence
    if any((structure.values[cell].number or 0.0) < 0 for cell in structure.measured):
        raise BadRequest("The table holds values below zero, for which no protection is proven. Merge categories.")
    if not evidence.contributions and not evidence.counts:
        raise BadRequest(
            "Nothing says who stands behind these values. Make the table with `c2c.crosstab` or `c2c.pivot_table` and "
            "save it: its evidence file goes beside it. Or write `evidence:` into the sidecar."
        )


def _needs(table: Table, policy: Policy, wishes: Wishes, structure: Structure) -> Needs:
    threshold = policy.threshold(table.context.unit) if wishes.threshold is None else wishes.threshold
    secondary = policy.rule("secondary")
    within = secondary.number("review_within", 4) if secondary else 4
    if not structure.measured:
        return Needs(threshold, within, zeros_shown=not wishes.zeros_hidden)
    levels = levels_of(table, structure, policy, threshold)
    return Needs(threshold, within, levels, not wishes.zeros_hidden, alone_in(table))


def _check_cells(table: Table, structure: Structure, cells: Iterable[Cell]) -> None:
    for cell in cells:
        if cell not in structure.values:
            raise BadRequest(f"There is no count at {cell[0]},{cell[1]}. Rows and columns count from 0, keys included.")


def _costs(table: Table, structure: Structure, name: str) -> dict[Cell, float]:
    if name == "cells":
        return dict.fromkeys(structure.values, 1.0)
    if name in COSTS:
        return {cell: value.number or 0.0 for cell, value in structure.values.items()}
    names = [each.strip() for each in table.header]
    if name not in names:
        raise BadRequest(f"`--cost` is one of {', '.join(COSTS)}, or a column of the table; {name!r} is neither.")
    column = names.index(name)
    return {cell: max(0.0, table.values[cell[0]][column].number or 0.0) for cell in structure.values}


def _patterns(structure: Structure, released: Table) -> tuple[set[Cell], set[Cell]]:
    """Cells of this table that were hidden, and those that were shown, in the released one: matched by their labels."""
    before = structure_of(released)
    at: Mapping[tuple[str, ...], Cell] = before.places
    hidden, shown = set[Cell](), set[Cell]()
    for coordinate, cell in structure.places.items():
        if coordinate in at:
            was_hidden = before.values[at[coordinate]].mark is Mark.SUPPRESSED
            (hidden if was_hidden else shown).add(cell)
    return hidden, shown
