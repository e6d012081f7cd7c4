"""The final audit of a pattern: is every small hidden cell proven wide, for readers and for people alone in a cell?

Two attackers: a reader, and each contributor who is alone in a hidden cell and so knows its value. A cell is proven
wide by a *move* in whole steps that uses no cell the attacker knows; where there is none, by an integer programme over
the whole part (a linear one for magnitudes). What the programme shows to be narrow is exposed; what it does not finish
in time is a doubt, and is said.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.bounds import bounds
from c2c_research.disclosure.protection.moves import FORBIDDEN, Grid, Move, Room
from c2c_research.disclosure.protection.needs import Needs
from c2c_research.disclosure.protection.persons import Persons
from c2c_research.disclosure.protection.structure import Structure

_EVERY_PART = 10**9


@dataclass(frozen=True, order=True)
class Doubt:
    """A small hidden cell that is not proven wide. `against` is the cell of the person who could narrow it, if any."""

    cell: Cell
    against: Cell | None = None
    exposed: bool = False


@dataclass(frozen=True)
class Audit:
    """One pattern under audit. `moves` are the search's own; they count where they still fit.

    `safe` gathers what is proven: it stays so when more is hidden.
    """

    structure: Structure
    needs: Needs
    hidden: frozenset[Cell]
    grid: Grid
    room: Room
    moves: Mapping[Cell, Move]
    deadline: float
    safe: set[tuple[Cell, Cell | None]]
    persons: Persons

    def doubts(self) -> list[Doubt]:
        """What is not proven, for every attacker; empty where the whole pattern is."""
        small = [cell for cell in sorted(self.hidden) if self._needs_room(cell)]
        alone = [cell for cell in sorted(self.hidden) if self._is_of_one(cell)]
        found: list[Doubt] = []
        for attacker in (None, *alone):
            open_cells = [
                cell for cell in small if not self.persons.is_own(cell, attacker) and (cell, attacker) not in self.safe
            ]
            doubts = list(self._by_programme([c for c in open_cells if not self._moves(c, attacker)], attacker))
            doubtful = {doubt.cell for doubt in doubts}
            self.safe.update((cell, attacker) for cell in open_cells if cell not in doubtful)
            found.extend(doubts)
        return found

    def _needs_room(self, cell: Cell) -> bool:
        if cell in self.structure.measured:
            return cell in self.needs.levels
        return 0 < self.room.value[cell] < self.needs.threshold

    def _is_of_one(self, cell: Cell) -> bool:
        return cell in self.needs.alone if cell in self.structure.measured else self.room.value[cell] == 1

    def _moves(self, cell: Cell, attacker: Cell | None) -> bool:
        """Is there a move of the cell within the hidden cells, without the attacker's own?"""
        move = self.moves.get(cell)
        if move is not None and self.hidden.issuperset(move) and attacker not in move:
            return True
        if time.monotonic() > self.deadline:
            return False
        cost = np.full(self.grid.value.shape, FORBIDDEN)
        for each in self.hidden:
            if each != attacker:
                cost[self.grid.at[each]] = 0.0
        return self.grid.cheapest(cell, cost, self.room) is not None

    def _by_programme(self, cells: Collection[Cell], attacker: Cell | None) -> Iterator[Doubt]:
        left = self.deadline - time.monotonic()
        if not cells:
            return
        if left <= 0:
            yield from (Doubt(cell, attacker) for cell in cells)
            return
        system = self.structure.attacked(self.hidden, self.needs.zeros_shown)
        if attacker is not None:
            system = system.knowing({attacker: self.room.value[attacker]})
        enough = None if self.needs.levels else self.needs.within
        found = bounds(system, enough=enough, seconds=left, exact_cells=_EVERY_PART, only=frozenset(cells))
        for cell in cells:
            interval = found.get(cell)
            if interval is None:
                # no line holds the cell, or only itself is unknown in lines that contradict
                continue
            if self.needs.exposed(cell, interval, self.room.value[cell]):
                yield Doubt(cell, attacker, interval.proven)
            elif not interval.proven and (not interval.whole or interval.width > self.needs.within):
                yield Doubt(cell, attacker)
