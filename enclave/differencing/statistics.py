"""From the cells of a table to its statistics: cells, and every line that a reader can add up.

Along any of its dimensions a table can be summed. The sum is known when the margin is shown, or when all cells are;
where some are hidden and no margin is shown, the shown ones still add to something. Each of these sums is a statistic
of its own, whose persons are the union of its cells' persons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from c2c_research.contributor_sets import Cell, CellSet, Place

BUCKETS = 16
MAX_DIMENSIONS = 4


@dataclass(frozen=True)
class Statistic:
    """One additive figure: whose persons, of which measure and years, and the cells that show it.

    `parts` are the numbers of the table's sets whose union the persons are.
    """

    measure: str
    years: tuple[int, ...]
    cells: tuple[Cell, ...]
    members: BitMap
    parts: tuple[int, ...] = ()


def statistics_of(cells: Sequence[CellSet]) -> list[Statistic]:
    """All statistics of a table. Equal sets of a measure are one statistic; empty ones are none."""
    found: dict[tuple[str, tuple[int, ...], bytes], Statistic] = {}
    for each in _all(cells):
        key = (each.measure, each.years, bytes(each.members.serialize()))
        if each.members and key not in found:
            found[key] = each
    return list(found.values())


def signature(members: BitMap) -> npt.NDArray[np.int64]:
    """How many members fall into each of 16 buckets: a subset has no more in any of them."""
    places = np.frombuffer(members.to_array(), dtype=np.uint32) if len(members) else np.empty(0, dtype=np.uint32)
    # neighbours in the index are often neighbours in life: a mixing step spreads them
    mixed = (places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(60)
    return np.bincount(mixed.astype(np.int64), minlength=BUCKETS)


Numbered = tuple[int, CellSet]


def _all(cells: Sequence[CellSet]) -> Iterator[Statistic]:
    by_measure: dict[str, list[Numbered]] = defaultdict(list)
    for number, each in enumerate(cells):
        if each.members is not None and each.shown:
            yield Statistic(each.measure, each.years, (each.cell,), each.members, (number,))
        by_measure[each.measure].append((number, each))
    for group in by_measure.values():
        yield from _lines(group)


def _lines(cells: Sequence[Numbered]) -> Iterator[Statistic]:
    inner = [item for item in cells if item[1].members is not None]
    margins = {each.at: each for _, each in cells if each.members is None}
    size = len(inner[0][1].at) if inner else 0
    if not 0 < size <= MAX_DIMENSIONS or any(len(each.at) != size for _, each in inner):
        return
    for kept in (kept for width in range(size) for kept in combinations(range(size), width)):
        groups: dict[Place, list[Numbered]] = defaultdict(list)
        for item in inner:
            groups[tuple(label if place in kept else None for place, label in enumerate(item[1].at))].append(item)
        for at, line in groups.items():
            yield from _line(line, margins.get(at))


def _line(line: Sequence[Numbered], margin: CellSet | None) -> Iterator[Statistic]:
    if margin is not None and margin.shown:
        yield _sum(line, (margin.cell,))
        return
    shown = [item for item in line if item[1].shown]
    if len(shown) > 1:
        yield _sum(shown, tuple(each.cell for _, each in shown))


def _sum(line: Sequence[Numbered], places: tuple[Cell, ...]) -> Statistic:
    cells = [each for _, each in line]
    years = sorted({year for each in cells for year in each.years})
    sets = [each.members for each in cells if each.members is not None]
    members = BitMap.union(*sets) if len(sets) > 1 else sets[0]
    return Statistic(cells[0].measure, tuple(years), places, members, tuple(number for number, _ in line))


def years_overlap(one: Iterable[int], other: Iterable[int]) -> bool:
    """Could both count the same time? A figure without years counts any."""
    a, b = set(one), set(other)
    return not a or not b or bool(a & b)
