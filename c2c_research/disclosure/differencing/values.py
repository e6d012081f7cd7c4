"""Differencing by values: two tables of one measure whose common counts differ by 1 to 10 persons, all one way.

Nobody sees persons here, so nestedness is inferred: where every common count of one table is at least the other's, none
by more than the reach, and so many agree so closely that chance cannot explain it (see `linked`), the larger table
counts the smaller one's persons and a few more. Tables of other years or measures, or rounded to 5, are not compared.

A new edition of a registered measure (`revision_of`) is a revision: persons who were linked anew move many cells at
once. It may differ when it is rounded to 5, or when each cell stays or moves by as many persons as a cell must have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from c2c_research.disclosure.linked import Dimensions, Member, shared_levels
from c2c_research.disclosure.statements import Coordinates

MORE_THAN_A_LINK = 4.0


@dataclass(frozen=True)
class Difference:
    """Groups in which two tables differ by a few persons. `revision` where both say that they are one measure."""

    groups: tuple[Coordinates, ...]
    revision: bool = False


def difference(one: Member, other: Member, threshold: int, need: float) -> Difference | None:
    """The groups that give a few persons away, or None. `need` are the bits that a pair of tables needs."""
    if is_revision(one, other):
        return _moved(one, other, threshold)
    best: tuple[int, Difference] | None = None
    for level in _levels(one, other):
        found = _nested(_pairs(one, other, level), threshold, need + MORE_THAN_A_LINK)
        if found and (best is None or len(found) < best[0]):
            best = (len(found), Difference(found))
    return best[1] if best else None


def is_revision(one: Member, other: Member) -> bool:
    """Do both declare to be editions of one registered measure?"""
    return bool(one.statement.revision_of) and one.statement.revision_of == other.statement.revision_of


Pair = tuple[Coordinates, float, float]


def _levels(one: Member, other: Member) -> list[Dimensions]:
    both_summed = set(one.summed_levels) & set(other.summed_levels)
    return [*shared_levels(one, other), *sorted(both_summed, key=sorted)]


def _pairs(one: Member, other: Member, level: Dimensions) -> list[Pair]:
    """Counts of the same groups, shown or summed, in both tables."""
    found = []
    for at in one.levels.get(level) or one.sums(level):
        mine, theirs = one.value(at), other.value(at)
        if mine is not None and theirs is not None:
            found.append((at, mine, theirs))
    return found


def _nested(pairs: list[Pair], threshold: int, need: float) -> tuple[Coordinates, ...]:
    """The groups that differ, where one side counts the other's persons and a few more."""
    steps = [theirs - mine for _, mine, theirs in pairs]
    if not any(steps) or any(abs(step) >= threshold for step in steps):
        return ()
    if min(steps) < 0 < max(steps):
        return ()
    bits = sum(max(0.0, math.log2(max(mine, theirs, 1.0) / (2 * abs(theirs - mine) + 1))) for _, mine, theirs in pairs)
    return tuple(at for at, mine, theirs in pairs if mine != theirs) if bits >= need else ()


def _moved(one: Member, other: Member, threshold: int) -> Difference | None:
    """Cells of a revision that moved by fewer persons than a cell must have."""
    moved = tuple(
        at
        for at, entry in one.cells.items()
        if entry.number is not None
        and (before := other.cells.get(at)) is not None
        and before.number is not None
        and 0 < abs(entry.number - before.number) < threshold
    )
    return Difference(moved, revision=True) if moved else None
