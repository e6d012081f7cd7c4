"""Readers who attack a table, written on their own: they try whole numbers one by one and use no solver of ours.

A reader knows the shown cells, that parts add to totals, that hidden counts are at least `least`, and the cells in
`known`. `values_of` says which values a hidden cell can have, as far as a few suffice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

MOST_STEPS = 4_000


class Undecided(Exception):
    """The search was too long to say."""


@dataclass
class Reader:
    """`truth`: cell → count. `sums`: (parts, total). `fits`: further conditions on values of several cells at once."""

    truth: Mapping[int, int]
    sums: list[tuple[list[int], int]]
    hidden: frozenset[int]
    least: int = 1
    known: frozenset[int] = frozenset()
    fits: list[tuple[tuple[int, ...], Callable[..., bool]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.top = max([*self.truth.values(), 1]) * 2 + 20
        self.open = [cell for cell in self.hidden if cell not in self.known]
        self.users: dict[int, list[int]] = {cell: [] for cell in self.truth}
        for number, (parts, total) in enumerate(self.sums):
            for cell in (*parts, total):
                self.users[cell].append(number)

    def values_of(self, cell: int, enough: int) -> set[int]:
        """Values that the cell can have: all of them, or more than `enough`."""
        low = {each: self.least if each in self.open else self.truth[each] for each in self.truth}
        high = {each: self.top if each in self.open else self.truth[each] for each in self.truth}
        if not self._narrow(low, high, range(len(self.sums))):
            raise AssertionError("The truth does not fit its own lines.")
        found: set[int] = set()
        for value in sorted(range(low[cell], high[cell] + 1), key=lambda each: abs(each - self.truth[cell])):
            self.steps = 0
            if self._solve(
                {**low, cell: max(low[cell], value)}, {**high, cell: min(high[cell], value)}, self.users[cell]
            ):
                found.add(value)
            if len(found) > enough:
                break
        return found

    def _solve(self, low: dict[int, int], high: dict[int, int], touched: Iterable[int]) -> bool:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Undecided
        if not self._narrow(low, high, touched):
            return False
        free = [each for each in self.open if low[each] < high[each]]
        if not free:
            return all(fits(*(low[each] for each in cells)) for cells, fits in self.fits)
        cell = min(free, key=lambda each: (high[each] - low[each], each))
        near = sorted(range(low[cell], high[cell] + 1), key=lambda each: abs(each - self.truth[cell]))
        return any(self._solve({**low, cell: value}, {**high, cell: value}, self.users[cell]) for value in near)

    def _narrow(self, low: dict[int, int], high: dict[int, int], touched: Iterable[int]) -> bool:
        """Narrow the ends of all cells by their sums; False where nothing is left of one."""
        waiting = set(touched)
        while waiting:
            parts, total = self.sums[waiting.pop()]
            least, most = sum(low[each] for each in parts), sum(high[each] for each in parts)
            ends = {total: (least, most)}
            for part in parts:
                ends[part] = (low[total] - (most - high[part]), high[total] - (least - low[part]))
            for cell, (first, last) in ends.items():
                if first > low[cell] or last < high[cell]:
                    low[cell], high[cell] = max(low[cell], first), min(high[cell], last)
                    if low[cell] > high[cell]:
                        return False
                    waiting.update(self.users[cell])
        return True


def exposed(reader: Reader, cells: Iterable[int], within: int = 4) -> Iterator[int]:
    """The cells that this reader narrows to `within` values or fewer; what stays undecided is not named."""
    for cell in cells:
        try:
            if cell in reader.open and len(reader.values_of(cell, within)) <= within:
                yield cell
        except Undecided:
            continue
