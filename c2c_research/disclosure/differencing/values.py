"""Differencing by values: two tables of one measure whose common counts differ by 1 to 10 persons, all one way.

Nobody sees persons here, so nestedness is inferred: on every level one table counts at least what the other counts, and
so many counts agree so closely that chance cannot explain it. Two kinds of chance are told apart. *Unrelated* tables
agree by accident: an equal count v is worth log2(v) bits. Tables of *like* groups (other years, a neighbour) lie near
each other anyway: there a count is worth what it is closer than usual (5 %), and each further step to the same side a
bit. Words that say that one population is part of the other are worth as much as an equal declared population.

Proven against like groups is a failure; nearly proven, or only against unrelated tables, is for a reviewer to see.
Steps of a threshold and more are no finding, but do not excuse the small ones beside them: the rest of a state is many
persons in one group and three in another. Tables of other years or measures, or rounded to 5, are not compared.

A new edition of a registered measure (`revision_of`) is a revision: persons who were linked anew move many cells at
once. It may differ when it is rounded to 5, or when each cell stays or moves by as many persons as a cell must have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from c2c_research.disclosure.differencing.populations import Said, said
from c2c_research.disclosure.linked import SAME_POPULATION, Dimensions, Member, shared_levels
from c2c_research.disclosure.statements import Coordinates

MORE_THAN_A_LINK = 4.0
OTHER_PERSONS = 8.0
FAR_APART = 4.0
NEARLY = 4.0
USUAL_SPREAD = 0.05


@dataclass(frozen=True)
class Difference:
    """Groups in which two tables differ by a few persons. `revision` where both say that they are one measure."""

    groups: tuple[Coordinates, ...]
    revision: bool = False
    proven: bool = True


def difference(one: Member, other: Member, threshold: int, need: float) -> Difference | None:
    """The groups that give a few persons away, or None. `need` are the bits that a pair of tables needs."""
    if is_revision(one, other):
        return _moved(one, other, threshold)
    levels = {level: pairs for level in _levels(one, other) if (pairs := _pairs(one, other, level))}
    sides = {side for pairs in levels.values() for side in _sides(pairs)}
    if len(sides) != 1:
        return None  # nothing differs, or persons on both sides: no one is part of the other
    words = said(one, other)
    nested = words in (Said.FEWER, Said.MORE)
    if same_table(one, other) and not nested:
        return None
    side = next(iter(sides))
    need += MORE_THAN_A_LINK - _bonus(words, side)
    found = []
    for level, pairs in levels.items():
        larger, smaller = (one, other) if side < 0 else (other, one)
        summed = not nested and level not in larger.levels and len(pairs) == 1
        if summed and level in smaller.levels:
            continue  # categories overlap, or this is no sum of persons
        if each := _nested(pairs, threshold, need):
            # two sums: one of them may leave persons of unknown category out
            found.append(replace(each, proven=False) if summed else each)
    return max(found, key=lambda each: (each.proven, len(each.groups)), default=None)


def is_revision(one: Member, other: Member) -> bool:
    """Do both declare to be editions of one registered measure?"""
    return bool(one.statement.revision_of) and one.statement.revision_of == other.statement.revision_of


Pair = tuple[Coordinates, float, float]


def same_table(one: Member, other: Member) -> bool:
    """Are both statements of one table?"""
    return one.source is other.source and one.statement.where == other.statement.where


def _bonus(words: Said, side: int) -> float:
    """Bits for what the tables say. `side` is 1 where the second counts more persons."""
    if words is Said.OPEN:
        return 0.0
    agrees = words is Said.SAME or words is (Said.FEWER if side > 0 else Said.MORE)
    return SAME_POPULATION if agrees else -OTHER_PERSONS


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


def _sides(pairs: list[Pair]) -> set[int]:
    return {1 if theirs > mine else -1 for _, mine, theirs in pairs if theirs != mine}


def _nested(pairs: list[Pair], threshold: int, need: float) -> Difference | None:
    """The groups that differ by a few, where the counts agree well enough that one side counts the other's persons."""
    few = tuple(at for at, mine, theirs in pairs if 0 < abs(theirs - mine) < threshold)
    if not few:
        return None
    apart = any(abs(theirs - mine) >= threshold for _, mine, theirs in pairs)
    need += FAR_APART if apart else 0.0
    steps = sum(mine != theirs for _, mine, theirs in pairs)
    like = sum(_closer(mine, theirs) for _, mine, theirs in pairs) + steps - 1
    if like >= need:
        return Difference(few)
    if like >= need - NEARLY or (not apart and sum(_equal(mine, theirs) for _, mine, theirs in pairs) >= need):
        return Difference(few, proven=False)
    return None


def _equal(mine: float, theirs: float) -> float:
    """Bits of two counts among unrelated ones."""
    return max(0.0, math.log2(max(mine, theirs, 1.0) / (2 * abs(theirs - mine) + 1)))


def _closer(mine: float, theirs: float) -> float:
    """Bits of two counts among those of like groups."""
    spread = max(3.0, USUAL_SPREAD * max(mine, theirs))
    return max(0.0, math.log2((2 * spread + 1) / (2 * abs(theirs - mine) + 1)))


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
