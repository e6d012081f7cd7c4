"""Suppression of counts: hide the small ones, and as many others as it takes that nobody can work them out.

First the primary cells (too few units), then, while some hidden count can be narrowed to a few values, the cheapest
further cell in one of its lines. The result is verified with the same bounds that the check uses. It is safe, not
optimal: the number of further cells is not proven to be the least. Source: Cox, JASA 75 (1980).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from c2c_research.disclosure.bounds import Interval, bounds
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.equations import System
from c2c_research.disclosure.findings import Cell

MARKER = "*"
_HIDDEN = Value(Mark.SUPPRESSED, MARKER)
_TOTAL_COST = 1e9
SMALL_TABLE = 400
TRIED = 6


def protect(system: System, primary: Collection[Cell], threshold: int, within: float = 4) -> set[Cell]:
    """All cells to hide: `primary` and what protects them. `within` is the number of values that gives a cell away."""
    search = _Search(system, frozenset(primary), threshold, within)
    hidden = search.grow()
    return search.prune(hidden) if len(system.values) <= SMALL_TABLE else hidden


def gives_away(interval: Interval, threshold: int, within: float) -> bool:
    """Few feasible integers, not all zero, and some below the threshold."""
    if interval.high is None or interval.high == 0 or interval.low >= threshold:
        return False
    return interval.width <= within


def masked(system: System, hidden: Collection[Cell]) -> System:
    """The system as a reader sees it."""
    return System(
        {cell: _HIDDEN if cell in hidden else value for cell, value in system.values.items()}, system.equations
    )


@dataclass(frozen=True)
class _Search:
    """One table's search for a safe pattern."""

    system: System
    primary: frozenset[Cell]
    threshold: int
    within: float

    def grow(self) -> set[Cell]:
        """Hide one more cell at a time until nothing is exposed, or nothing is left to hide."""
        hidden = set(self.primary)
        exposed = self.exposed(hidden)
        while exposed:
            chosen = self._choose(exposed[0], hidden)
            if chosen is None:
                break
            hidden.add(chosen)
            exposed = self.exposed(hidden)
        return hidden

    def prune(self, hidden: set[Cell]) -> set[Cell]:
        """Show again, dearest first, every further cell without which the pattern stays as safe."""
        left = len(self.exposed(hidden))
        for cell in sorted(hidden - self.primary, key=self._cost, reverse=True):
            if len(self.exposed(hidden - {cell})) <= left:
                hidden = hidden - {cell}
        return hidden

    def exposed(self, hidden: set[Cell]) -> list[Cell]:
        """Hidden cells that can be narrowed to a few values, the narrowest first."""
        found = bounds(masked(self.system, hidden))
        given = [cell for cell in found if cell in hidden and gives_away(found[cell], self.threshold, self.within)]
        return sorted(given, key=lambda cell: (found[cell].width, cell))

    def _choose(self, cell: Cell, hidden: set[Cell]) -> Cell | None:
        candidates = self._candidates(cell, hidden)
        if len(self.system.values) > SMALL_TABLE or len(candidates) < 2:
            return candidates[0] if candidates else None
        return min(candidates, key=lambda each: (len(self.exposed(hidden | {each})), self._cost(each), each))

    def _candidates(self, cell: Cell, hidden: set[Cell]) -> list[Cell]:
        """The cheapest cell of each line of `cell`; where its lines are used up, of the lines next to them."""
        reached, seen = {cell}, set[Cell]()
        while reached - seen:
            lines = [line for line in self.system.equations if any(each in reached for each in line.cells)]
            lines.sort(key=lambda line: sum(each in hidden for each in line.cells))
            open_cells = [[each for each in line.cells if self._can_hide(each, hidden)] for line in lines]
            found = [min(cells, key=lambda each: (self._cost(each), each)) for cells in open_cells if cells]
            if found:
                return list(dict.fromkeys(found))[:TRIED]
            seen |= reached
            reached = {each for line in lines for each in line.cells if each in hidden}
        return []

    def _can_hide(self, cell: Cell, hidden: set[Cell]) -> bool:
        number = self.system.values[cell].number
        return cell not in hidden and number is not None and number > 0

    def _cost(self, cell: Cell) -> float:
        is_total = any(line.total == cell for line in self.system.equations)
        return (self.system.values[cell].number or 0.0) + (_TOTAL_COST if is_total else 0.0)
