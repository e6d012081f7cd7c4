"""Routes: the cheapest further cells that let one hidden cell move as far as it has to, against one attacker.

A route is a change of cells that leaves every total: around the cell it runs through hidden cells at no cost, through
others at their price. A linear programme finds it, for any hierarchy and capacity; in two-way tables it is in whole
steps. In tables of more ways it need not be, so the final audit still decides. Cells that the attacker knows do not
move. `None`: not even all usable cells make a route.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.moves import Room
from c2c_research.disclosure.protection.programme import quiet_solver
from c2c_research.disclosure.protection.structure import Structure

_SHORT = 1e-4
_TINY = 1e-7
Route = frozenset[Cell]
Values = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Routes:
    """The cells that may be hidden with their prices, and how far each may fall (`room`)."""

    structure: Structure
    price: Mapping[Cell, float]
    room: Room

    def __post_init__(self) -> None:
        self._highs: Any = import_module("highspy")
        self.cells = [*self.price]
        self.index = {cell: number for number, cell in enumerate(self.cells)}
        self._prices = np.array([self.price[cell] for cell in self.cells])
        self._falls = np.array([max(0.0, self.room.spare(cell)) for cell in self.cells])
        self._places = np.arange(4 * len(self.cells), dtype=np.int32)
        self._solver = self._programme()

    def _programme(self) -> Any:
        """Columns: how far each cell rises and falls as the protected one goes up; the same as it goes down.

        Rows: every line stays as it is, both ways; the last is how far the protected cell moves in all.
        """
        solver, size = quiet_solver(), len(self.cells)
        solver.setOptionValue("presolve", "off")
        solver.addVars(4 * size, [0.0] * (4 * size), [0.0] * (4 * size))
        for way in (0, 2 * size):
            for line in self.structure.lines:
                terms = [(self.index[cell], sign) for cell, sign in line.terms if cell in self.index]
                if terms:
                    places, signs = zip(*terms, strict=True)
                    both = [*(way + place for place in places), *(way + size + place for place in places)]
                    solver.addRow(0.0, 0.0, len(both), both, [*signs, *(-sign for sign in signs)])
        solver.addRow(0.0, np.inf, 0, [], [])
        return solver

    def cheapest(
        self, cell: Cell, against: Cell | None, hidden: Collection[Cell], shown: Cell | None = None
    ) -> Route | None:
        """All cells of the cheapest route, hidden ones and others; `shown` is not to be used."""
        size, place = len(self.cells), self.index[cell]
        up, down, both = self._steps(cell)
        most = max(up, down)
        if most <= _TINY:
            return frozenset()
        rise, fall = np.full(size, most), np.minimum(self._falls, most)
        for each in (against, shown):
            if each in self.index:
                rise[self.index[each]] = fall[self.index[each]] = 0.0
        high = np.concatenate([rise, fall, rise, fall])
        low = np.zeros(4 * size)
        high[[place, place + size, place + 2 * size, place + 3 * size]] = (up, 0.0, 0.0, down)
        if not both:
            low[place], low[place + 3 * size] = up, down
        free = np.zeros(size, dtype=bool)
        free[[self.index[each] for each in hidden if each in self.index]] = True
        cost = np.where(free, _SHORT, self._prices) / (both or up + down)
        row, own = self._solver.getNumRow() - 1, (place, place + 3 * size)
        self._solver.changeColsBounds(4 * size, self._places, low, high)
        self._solver.changeColsCost(4 * size, self._places, np.tile(cost, 4))
        self._solver.changeRowBounds(row, both, np.inf)
        for column in own:
            self._solver.changeCoeff(row, column, 1.0)
        self._solver.run()
        optimal = self._solver.getModelStatus() == self._highs.HighsModelStatus.kOptimal
        moved = np.array(self._solver.getSolution().col_value).reshape(4, size).sum(axis=0) if optimal else None
        for column in own:
            self._solver.changeCoeff(row, column, 0.0)
        if moved is None:
            return None
        return frozenset(self.cells[each] for each in np.flatnonzero(moved > _TINY * most))

    def _steps(self, cell: Cell) -> tuple[float, float, float]:
        """How far up and down a cell has to move at most, and both together; magnitudes: just so far on each side."""
        if cell in self.room.measured:
            return self.room.up.get(cell, 0.0), min(self.room.down.get(cell, 0.0), self.room.value[cell]), 0.0
        need = self.room.need
        return need, min(need, max(0.0, self.room.spare(cell))), need


Pair = tuple[Cell, Cell | None]


@dataclass
class Improvement:
    """A pattern that is made safe by routes, then cheaper: a cell is shown again where others replace it for less.

    `pairs` are the cells to be protected, each with whom from. A pair for which there is no route is left out.
    """

    routes: Routes
    primary: frozenset[Cell]
    pairs: list[Pair]

    def __post_init__(self) -> None:
        self.route: dict[Pair, Route] = {}

    def improved(self, hidden: Collection[Cell], left: Any) -> set[Cell]:
        """The cheapest pattern met until `left()` says that there is no more time."""
        return self._cheapened(self._completed(set(hidden), left), left)

    def _cheapened(self, best: set[Cell], left: Any) -> set[Cell]:
        moved = True
        while moved and left() > 0:
            moved = False
            for cell in sorted(best - self.primary, key=self._price, reverse=True):
                if left() <= 0:
                    break
                trial = self._without(cell, best, left) if cell in best else None
                if trial is not None:
                    best, moved = trial, True
        return best

    def completed(self, hidden: Collection[Cell], end: float) -> set[Cell] | None:
        """The pattern made safe; None where the time until `end`, or these cells, do not do."""
        best = self._completed(set(hidden), lambda: end - time.monotonic())
        return best if all(pair in self.route for pair in self.pairs) else None

    def _completed(self, hidden: set[Cell], left: Any) -> set[Cell]:
        for pair in self.pairs:
            if left() <= 0:
                return hidden
            route = self._route(pair, hidden, None)
            if route is not None:
                self.route[pair] = route
                hidden = hidden | route
        used = self._used()
        return {cell for cell in hidden if cell in used or cell in self.primary}

    def _route(self, pair: Pair, hidden: Collection[Cell], shown: Cell | None) -> Route | None:
        """The route against any reader serves against everybody whom it does not pass."""
        cell, against = pair
        general = self.route.get((cell, None))
        if general is not None and against not in general and shown not in general and general <= set(hidden):
            return general
        return self.routes.cheapest(cell, against, hidden, shown)

    def _without(self, cell: Cell, hidden: set[Cell], left: Any) -> set[Cell] | None:
        """The pattern with this cell shown and the routes through it led elsewhere; None where that is no cheaper."""
        before = dict(self.route)
        trial = hidden - {cell}
        for pair in [pair for pair in self.pairs if cell in self.route.get(pair, ())]:
            route = self._route(pair, trial, cell) if left() > 0 else None
            if route is None:
                self.route = before
                return None
            self.route[pair] = route
            trial = trial | route
        used = self._used()
        trial = {each for each in trial if each in used or each in self.primary}
        if self._cost(trial) < self._cost(hidden) - 1e-9:
            return trial
        self.route = before
        return None

    def _used(self) -> set[Cell]:
        return {cell for route in self.route.values() for cell in route}

    def _price(self, cell: Cell) -> float:
        return self.routes.price.get(cell, 0.0)

    def _cost(self, hidden: Collection[Cell]) -> float:
        return sum(self._price(cell) for cell in hidden if cell not in self.primary)
