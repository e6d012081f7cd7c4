"""How cheap could any safe pattern be? A proven lower bound, by cutting planes, and the patterns met on the way.

Every safe pattern lets each protected cell move: around it runs a change of hidden cells that leaves all totals. A
master programme chooses cells at least cost; for each protected cell a second programme looks for that change within
the chosen cells; where there is none, its dual names a set of cells of which at least one has to be hidden, and the
master gets that as a cut. The bound holds at any time it stops. Source: Fischetti and Salazar-González, Management
Science 47 (2001).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import numpy as np

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.persons import Persons
from c2c_research.disclosure.protection.programme import quiet_solver
from c2c_research.disclosure.protection.structure import Structure

Values = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.int_]]
_CELLS_WITH_COMPANIONS = 3_000
_TINY = 1e-6


@dataclass
class Master:
    """The cells that may be hidden, their costs, and the cuts so far. `fixed` cells are hidden at no cost.

    `alone` are cells of one person, who knows them: the others have to move without each of these in turn. `levels`
    are (down, up) of magnitudes, `values` what they can fall by. Patterns from `upper` on are not looked for: a master
    over fewer cells proves no more than `upper`.
    """

    structure: Structure
    cost: Mapping[Cell, float]
    fixed: Collection[Cell]
    protected: list[Cell]
    network: bool
    falls: Mapping[Cell, float]
    alone: Collection[Cell] = ()
    levels: Mapping[Cell, tuple[float, float]] = field(default_factory=dict)
    values: Mapping[Cell, float] = field(default_factory=dict)
    persons: Persons | None = None
    upper: float = np.inf

    def __post_init__(self) -> None:
        self._highs: Any = import_module("highspy")
        self.cells = [*self.cost]
        self.index = {cell: number for number, cell in enumerate(self.cells)}
        self.solver = quiet_solver()
        size = len(self.cells)
        self.fall = np.array([min(1.0, self.falls.get(cell, 1.0)) for cell in self.cells])
        self._amounts = np.array([self.values.get(cell, 0.0) for cell in self.cells])
        low = [1.0 if cell in self.fixed else 0.0 for cell in self.cells]
        self.solver.addVars(size, low, [1.0] * size)
        costs = [0.0 if cell in self.fixed else self.cost[cell] for cell in self.cells]
        self.solver.changeColsCost(size, list(range(size)), costs)
        # where all costs are whole, so is the cost of every pattern
        self.step = 1.0 if all(float(cost).is_integer() for cost in costs) else 0.0
        self.bound = 0.0
        self._reduced = np.zeros(size)
        self._linear = 0.0
        self._cuts: list[tuple[Places, Values]] = []
        self.chosen: Values = np.array(low)
        self._seen: set[tuple[int, frozenset[int]]] = set()
        self._lines: list[list[tuple[int, float]]] = [
            [(self.index[cell], sign) for cell, sign in line.terms if cell in self.index]
            for line in structure_lines(self.structure)
        ]
        self._flows = self._movement()
        self._companions()

    def _companions(self) -> None:
        """A hidden cell that is alone in a line needs another, and one more beside somebody's own.

        On large tables, for protected ones only.
        """
        needed, known = {self.index[cell] for cell in self.protected}, {self.index[cell] for cell in self.alone}
        for line in self._lines:
            places = [place for place, _ in line]
            for place in places:
                others = [each for each in places if each != place]
                if place in needed:
                    for attacker in [None, *known.intersection(others)]:
                        if attacker is not None and self._is_own(self.cells[place], self.cells[attacker]):
                            continue
                        rest = [each for each in others if each != attacker]
                        if rest:
                            self.solver.addRow(1.0, np.inf, len(rest), rest, [1.0] * len(rest))
                elif len(self.cells) <= _CELLS_WITH_COMPANIONS:
                    row = [*others, place]
                    self.solver.addRow(0.0, np.inf, len(row), row, [1.0] * len(others) + [-1.0])

    def _movement(self) -> Any:
        """The programme of a change that leaves all totals, within the chosen cells."""
        solver = quiet_solver()
        solver.setOptionValue("presolve", "off")
        size = len(self.cells)
        solver.addVars(size, [0.0] * size, [0.0] * size)
        for line in self._lines:
            if line:
                places, signs = zip(*line, strict=True)
                solver.addRow(0.0, 0.0, len(line), list(places), list(signs))
        solver.changeObjectiveSense(self._highs.ObjSense.kMaximize)
        return solver

    def relax(self, seconds: float) -> bool:
        """Solve the linear relaxation; False where time ran out."""
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + seconds)
        self.solver.run()
        if self.solver.getModelStatus() != self._highs.HighsModelStatus.kOptimal:
            return False
        self._linear = self.solver.getInfo().objective_function_value
        self._raise(self._linear)
        solution = self.solver.getSolution()
        self.chosen, self._reduced = np.array(solution.col_value), np.array(solution.col_dual)
        return True

    def _raise(self, proven: float) -> None:
        whole = np.ceil(proven - _TINY) if self.step else proven
        self.bound = max(self.bound, min(float(whole), self.upper))

    def focused(self, upper: float) -> Master:
        """The same over those cells that a pattern cheaper than `upper` can use, by their reduced costs.

        A whole pattern with such a cell costs at least the relaxation and the reduced cost of that cell.
        """
        limit = min(upper, self.upper) - self.step + _TINY
        open_cells = [
            cell
            for cell, reduced in zip(self.cells, self._reduced, strict=True)
            if cell in self.fixed or self._linear + reduced <= limit
        ]
        fewer = replace(self, cost={cell: self.cost[cell] for cell in open_cells}, upper=min(upper, self.upper))
        fewer.bound = min(self.bound, fewer.upper)
        at = np.array([fewer.index.get(cell, -1) for cell in self.cells])
        for places, weights in self._cuts:
            kept = at[places] >= 0
            fewer._demand(at[places][kept], weights[kept])
        return fewer

    def integrate(self, seconds: float) -> bool:
        """Solve the master in whole cells; False where no pattern was found. The bound is proven either way."""
        size, places = len(self.cells), np.arange(len(self.cells), dtype=np.int32)
        self.solver.changeColsIntegrality(size, places, np.ones(size, dtype=np.uint8))
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + max(seconds, 0.05))
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        self.solver.run()
        info = self.solver.getInfo()
        if self.solver.getModelStatus() == self._highs.HighsModelStatus.kInfeasible and np.isfinite(self.upper):
            # every safe pattern costs as much as the best known one, or more
            self.bound = self.upper
        elif np.isfinite(info.mip_dual_bound):
            self._raise(info.mip_dual_bound)
        found = info.primal_solution_status == 2
        if found:
            self.chosen = np.round(np.array(self.solver.getSolution().col_value))
        self.solver.changeColsIntegrality(size, places, np.zeros(size, dtype=np.uint8))
        return bool(found)

    def cut(self, deadline: float) -> int:
        """Add a cut for every protected cell that cannot move far enough within the chosen cells; how many.

        A cell that moves without somebody's own needs no programme of its own against them.
        """
        self._passed: dict[Cell, set[Cell]] = {cell: set() for cell in self.protected}
        added = self._cut(None, self.protected, deadline)
        for attacker in self.alone:
            added += self._cut(attacker, [cell for cell in self.protected if attacker in self._passed[cell]], deadline)
        return added

    def _cut(self, attacker: Cell | None, cells: list[Cell], deadline: float) -> int:
        ahead = self._dual_weights(cells, deadline, True, attacker)
        back = self._dual_weights(cells, deadline, False, attacker)
        added = 0
        for cell in cells:
            before = added
            if cell in self.levels:
                # a magnitude has to reach its level on each side
                for side in (ahead, back):
                    added += self._add(self.index[cell], side[cell], attacker) if cell in side else 0
            elif cell in ahead and cell in back:
                added += self._add(self.index[cell], ahead[cell] + back[cell], attacker)
            if attacker is None and added > before:
                self._passed[cell] = set()
        return added

    def _dual_weights(self, cells: list[Cell], deadline: float, up: bool, attacker: Cell | None) -> dict[Cell, Values]:
        """For each protected cell, how much each hidden cell can add to its move at most, in one direction."""
        found = dict[Cell, Values]()
        low, high = self._limits(self.fall, up, attacker) if cells else (self.fall, self.fall)
        for cell in cells:
            if time.monotonic() > deadline:
                break
            fall = self._falls_for(cell, up)
            if fall is None or self._is_own(cell, attacker):
                continue
            if cell in self.levels:
                low, high = self._limits(fall, up, attacker)
            place = self.index[cell]
            own = 2.0 if up else float(fall[place])
            self._flows.changeColCost(place, 1.0)
            self._flows.changeColBounds(place, 0.0, own)
            self._flows.run()
            if self._flows.getModelStatus() == self._highs.HighsModelStatus.kOptimal:
                solution = self._flows.getSolution()
                found[cell] = self._weights(np.array(solution.col_dual), up, fall)
                if attacker is None:
                    moved = solution.col_value
                    self._passed[cell] |= {each for each in self.alone if abs(moved[self.index[each]]) > _TINY}
            self._flows.changeColCost(place, 0.0)
            self._flows.changeColBounds(place, float(low[place]), float(high[place]))
        return found

    def _limits(self, fall: Values, up: bool, attacker: Cell | None) -> tuple[Values, Values]:
        """How far each cell can move as far as it is chosen, given to the programme as well."""
        share = np.clip(self.chosen, 0.0, 1.0)
        low, high = (-share * fall, share) if up else (-share, share * fall)
        if attacker is not None:
            low[self.index[attacker]] = high[self.index[attacker]] = 0.0
        size = len(self.cells)
        self._flows.changeColsBounds(size, np.arange(size, dtype=np.int32), low, high)
        return low, high

    def _is_own(self, cell: Cell, attacker: Cell | None) -> bool:
        return cell == attacker or (self.persons is not None and self.persons.is_own(cell, attacker))

    def _falls_for(self, cell: Cell, up: bool) -> Values | None:
        """How far cells can fall, as shares of what this cell needs; None where it needs nothing on this side."""
        if cell not in self.levels:
            return self.fall
        down, above = self.levels[cell]
        need = above if up else min(down, self.values[cell])
        return np.minimum(self._amounts / need, 1.0) if need > _TINY else None

    def _weights(self, dual: Values, up: bool, fall: Values) -> Values:
        """What a whole hidden cell is worth. Off networks a rise has no size that bounds it: it is worth everything."""
        towards = dual if up else -dual
        rising, falling = np.maximum(towards, 0.0), np.maximum(-towards, 0.0)
        rise = rising if self.network else (rising > _TINY).astype(float)
        found: Values = rise + falling * fall
        return found

    def _add(self, place: int, weights: Values, attacker: Cell | None) -> int:
        weights = weights.copy()
        if attacker is not None:
            weights[self.index[attacker]] = 0.0
        needed = 1.0 - float(weights[place])
        weights[place] = 0.0
        if needed <= _TINY:
            return 0
        weights = np.minimum(weights / needed, 1.0)
        places = np.flatnonzero(weights > _TINY)
        if (attacker is not None or self.levels) and weights.sum() < 1.0:
            # nothing that could be hidden would protect the cell
            return 0
        key = (place, frozenset(places.tolist()))
        if not len(places) or weights @ self.chosen >= 1.0 - _TINY or (key in self._seen and not self.network):
            return 0
        self._seen.add(key)
        self._demand(places, weights[places])
        return 1

    def _demand(self, places: Places, weights: Values) -> None:
        """At least one of these cells, as far as each is worth."""
        self._cuts.append((places, weights))
        self.solver.addRow(1.0, np.inf, len(places), places.astype(np.int32), weights)

    def pattern(self) -> set[Cell]:
        """The chosen cells."""
        return {cell for cell, share in zip(self.cells, self.chosen, strict=True) if share > 0.5}


def structure_lines(structure: Structure) -> list[Any]:
    return list(structure.lines)
