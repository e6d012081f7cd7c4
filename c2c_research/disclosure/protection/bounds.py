"""What a reader can work out about every unknown cell: the least and the greatest value that fit all equations.

First narrowing (sound, quick), then, for each connected part on its own, a linear programme per open end. Points found
on the way answer for many cells at once: an end that any feasible point reaches is proven. Where the best point of a
programme is not whole and the part is small, an integer programme gives the exact end. On larger parts of three or
more ways the linear end stands: it can only be wider than what whole numbers allow, never tighter.
Sources: Fischetti and Salazar-González, Management Science 47 (2001); Gleixner and others, J. Global Optimization 67
(2017), for filtering ends by points found on the way.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection
from typing import Any

import numpy as np

from c2c_research.disclosure.protection.presolve import TINY, Contradiction, Part, narrow, parts, unknowns
from c2c_research.disclosure.protection.programme import Point, Programme
from c2c_research.disclosure.protection.system import Interval, Key, System
from c2c_research.disclosure.protection.ties import Tie, tied

EXACT_CELLS = 150
SECONDS = 60.0
_SWEEPS = 12
Values = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


def bounds(
    system: System,
    *,
    enough: float | None = None,
    seconds: float = SECONDS,
    exact_cells: int = EXACT_CELLS,
    only: Collection[Key] | None = None,
) -> dict[Key, Interval]:
    """The interval of every unknown cell that stands in a line.

    With `enough`, a cell for which more than `enough` values are shown to be possible is given those, and not searched
    further: quicker where only narrow cells matter. With `only`, no programme is solved for other cells.
    After `seconds`, intervals that were not finished are marked.
    Where equations contradict, the limits of the unknown cells themselves are given up first (a large count hidden as
    "<11"); cells whose equations still contradict get no interval: false totals prove nothing.
    """
    deadline = time.monotonic() + seconds
    found: dict[Key, Interval] = {}
    for part in sorted(parts(unknowns(system)), key=lambda each: len(each.keys)):
        for attempt in (part, part.unlimited()):
            try:
                found.update(_part_bounds(attempt, enough, deadline, exact_cells, only))
            except Contradiction:
                continue
            break
    return found


def _part_bounds(
    part: Part, enough: float | None, deadline: float, exact_cells: int, only: Collection[Key] | None
) -> dict[Key, Interval]:
    part = part.copy()
    narrow(part)
    reduced, ties = tied(part)
    narrow(reduced)
    found = {
        key: _interval(reduced.low[place], reduced.high[place], reduced.whole[place])
        for place, key in enumerate(reduced.keys)
    }
    asked = None
    if only is not None:
        asked = {reduced.keys[tie.place] for key, tie in zip(part.keys, ties, strict=True) if key in only}
    for piece in parts(reduced):
        if asked is None or not asked.isdisjoint(piece.keys):
            found.update(_Search(piece, enough, deadline, len(piece.keys) <= exact_cells, asked).intervals())
    return {key: _tied_interval(found[reduced.keys[tie.place]], tie) for key, tie in zip(part.keys, ties, strict=True)}


def _tied_interval(interval: Interval, tie: Tie) -> Interval:
    low, high = tie.ends(interval.low, math.inf if interval.high is None else interval.high)
    return _interval(low, high, interval.whole, interval.proven)


def _interval(low: float, high: float, whole: bool, proven: bool = True) -> Interval:
    first = float(math.ceil(low - TINY)) if whole and math.isfinite(low) else low
    if math.isinf(high):
        return Interval(first, None, whole, proven)
    return Interval(first, float(math.floor(high + TINY)) if whole else high, whole, proven)


class _Search:
    """The ends of one connected part. `low` and `high` are proven; `least` and `most` were seen in a point."""

    def __init__(
        self, part: Part, enough: float | None, deadline: float, exact: bool, asked: Collection[Key] | None
    ) -> None:
        self.asked = np.array([asked is None or key in asked for key in part.keys])
        self.part, self.enough, self.deadline = part, enough, deadline
        self.programme = Programme(part)
        self.whole = np.array(part.whole)
        self.low = np.array(part.low)
        self.high = np.minimum(np.array(part.high), self.programme.far)
        self.least = np.full(len(part.keys), np.inf)
        self.most = np.full(len(part.keys), -np.inf)
        self.exact = exact and bool(self.whole.all())
        self.late = False

    def intervals(self) -> dict[Key, Interval]:
        self._sweep()
        for place in range(len(self.part.keys)):
            for maximise in (False, True):
                if self.open(maximise)[place]:
                    self._solve(place, maximise)
        late = self.late & (self.open(False) | self.open(True))
        bounded = self.most < 0.99 * self.programme.far
        low, high = self.low, np.where(bounded, self.high, np.inf)
        if self.enough is not None:
            wide = self.seen() > self.enough
            low, high = np.where(wide, self.least, low), np.where(wide & bounded, self.most, high)
        return {
            key: _interval(float(low[place]), float(high[place]), self.part.whole[place], not late[place])
            for place, key in enumerate(self.part.keys)
        }

    def open(self, maximise: bool) -> Flags:
        """Cells whose least or greatest value is not proven yet."""
        slack = TINY * 10
        open_ends: Flags = self.most < self.high - slack if maximise else self.least > self.low + slack
        open_ends &= self.asked
        return open_ends if self.enough is None else open_ends & (self.seen() <= self.enough)

    def seen(self) -> Values:
        """How many values of each cell were seen to be possible.

        A count that came out at 1 and at 1.0000001 was seen at one value, not at a little more.
        """
        apart = self.most - self.least
        steps = np.where(self.whole, np.floor(apart + TINY * 10) + 1, apart)
        return np.where(self.most < self.least - TINY, -1.0, steps)

    def _sweep(self) -> None:
        """Push all open ends at once, as long as that settles many of them."""
        for maximise in (False, True):
            for _ in range(_SWEEPS):
                places = np.flatnonzero(self.open(maximise))
                if len(places) < 3 or self._left() <= 0:
                    break
                point = self.programme.optimum(dict.fromkeys(places.tolist(), 1.0), maximise, self._left())
                if point is None:
                    break
                self._see(point)
                if self.open(maximise)[places].sum() > 0.9 * len(places):
                    break

    def _solve(self, place: int, maximise: bool) -> None:
        if self._left() <= 0:
            self.late = True
            return
        point = self.programme.optimum({place: 1.0}, maximise, self._left())
        if point is None:
            self.late = True
            return
        self._see(point)
        self._prove(place, maximise, point.bound)
        if self.exact and self.open(maximise)[place]:
            better = self.programme.whole_optimum({place: 1.0}, maximise, self._left())
            if better is not None:
                self._see(better)
                self._prove(place, maximise, better.bound)

    def _see(self, point: Point) -> None:
        """Take a point as evidence of what its cells can be. Where ends shall be exact, only whole points count."""
        if not self.exact or point.is_whole():
            self.least = np.minimum(self.least, point.values)
            self.most = np.maximum(self.most, point.values)

    def _prove(self, place: int, maximise: bool, bound: float) -> None:
        counted, slack = self.part.whole[place], TINY * 10
        if maximise:
            self.high[place] = min(self.high[place], math.floor(bound + slack) if counted else bound)
        else:
            self.low[place] = max(self.low[place], math.ceil(bound - slack) if counted else bound)

    def _left(self) -> float:
        return self.deadline - time.monotonic()
