"""What a reader can work out about hidden counts: the least and greatest value of each, by linear programming.

The attacker knows the policy, all shown cells, the equations, that counts are whole and not negative, and that hidden
counts are at least 1 where zeros are shown. Bounds come first from propagation (sound, quick), then from a linear
programme for each hidden cell (HiGHS), rounded inwards to integers. On two-way tables with margins the constraint
matrix is totally unimodular, so these bounds are exact; on higher ways they can only be wider than the truth, never
tighter. Source: Fischetti and Salazar-González, Management Science 47 (2001).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.equations import Equation, System
from c2c_research.disclosure.findings import Cell

_TINY = 1e-6
MAX_PROGRAMMES = 4_000


@dataclass(frozen=True)
class Interval:
    """The integers that a hidden count may be. `high` is None where nothing bounds it."""

    low: int
    high: int | None

    @property
    def width(self) -> float:
        """How many integers are feasible."""
        return math.inf if self.high is None else self.high - self.low + 1


def bounds(system: System, tolerance: float = 0.0) -> dict[Cell, Interval]:
    """The feasible interval of each hidden cell that stands in an equation. `tolerance` is half a rounding base."""
    ranges = {cell: _start(value, system.shows_zeros, tolerance) for cell, value in system.values.items()}
    hidden = [cell for cell in system.hidden if any(cell in equation.cells for equation in system.equations)]
    narrowed = _propagate(ranges, system.equations)
    if narrowed is None:
        # the markers' own bounds contradict the totals (a large cell hidden as "<11"): the totals are believed
        ranges = {
            cell: (0.0 if value.mark is not Mark.NUMBER else ranges[cell][0], _without_marker(value, ranges[cell][1]))
            for cell, value in system.values.items()
        }
        narrowed = _propagate(ranges, system.equations)
        if narrowed is None:
            return {}
    open_cells = [cell for cell in hidden if narrowed[cell][1] - narrowed[cell][0] > _TINY]
    found = {cell: _interval(*narrowed[cell]) for cell in hidden}
    if open_cells and len(open_cells) <= MAX_PROGRAMMES:
        found.update(_programme(open_cells, narrowed, system.equations))
    return found


def _start(value: Value, shows_zeros: bool, tolerance: float) -> tuple[float, float]:
    if value.number is not None:
        return max(0.0, value.number - tolerance), value.number + tolerance
    low = 1.0 if shows_zeros and value.mark is Mark.SUPPRESSED else 0.0
    return low, math.inf if value.upper is None else float(value.upper)


def _without_marker(value: Value, high: float) -> float:
    return high if value.mark is Mark.NUMBER else math.inf


def _propagate(
    ranges: Mapping[Cell, tuple[float, float]], equations: tuple[Equation, ...]
) -> dict[Cell, tuple[float, float]] | None:
    """Narrow every cell by each of its equations until nothing moves; None where no count fits."""
    known = dict(ranges)
    for _ in range(60):
        moved = False
        for equation in equations:
            for cell in equation.cells:
                low, high = known[cell]
                new_low, new_high = _implied(cell, equation, known)
                new_low, new_high = max(low, new_low), min(high, new_high)
                if new_low > new_high + _TINY:
                    return None
                if new_low > low + _TINY or new_high < high - _TINY:
                    known[cell] = (new_low, max(new_low, new_high))
                    moved = True
        if not moved:
            break
    return known


def _implied(cell: Cell, equation: Equation, known: Mapping[Cell, tuple[float, float]]) -> tuple[float, float]:
    if cell == equation.total:
        return sum(known[part][0] for part in equation.parts), sum(known[part][1] for part in equation.parts)
    others = [part for part in equation.parts if part != cell]
    low, high = known[equation.total]
    return low - sum(known[part][1] for part in others), high - sum(known[part][0] for part in others)


def _programme(
    cells: list[Cell], ranges: Mapping[Cell, tuple[float, float]], equations: tuple[Equation, ...]
) -> dict[Cell, Interval]:
    """Minimise and maximise each open cell over the equations, reusing one model."""
    highspy: Any = import_module("highspy")
    # the plain solver: the friendlier class prints a banner, and standard output belongs to the report
    solver = highspy._Highs()
    solver.setOptionValue("output_flag", False)
    relevant = [line for line in equations if any(ranges[c][1] - ranges[c][0] > _TINY for c in line.cells)]
    names = sorted({cell for line in relevant for cell in line.cells})
    index = {cell: number for number, cell in enumerate(names)}
    for cell in names:
        low, high = ranges[cell]
        solver.addVar(low, min(high, highspy.kHighsInf))
    for line in relevant:
        columns = [index[part] for part in line.parts] + [index[line.total]]
        solver.addRow(0.0, 0.0, len(columns), columns, [1.0] * len(line.parts) + [-1.0])
    found = {}
    for cell in cells:
        solver.changeColCost(index[cell], 1.0)
        low = _optimum(solver, highspy, highspy.ObjSense.kMinimize, ranges[cell][0])
        high = _optimum(solver, highspy, highspy.ObjSense.kMaximize, ranges[cell][1])
        solver.changeColCost(index[cell], 0.0)
        found[cell] = _interval(low, high)
    return found


def _optimum(solver: Any, highspy: Any, sense: Any, fallback: float) -> float:
    """The optimum; where the solver stops without one, the propagated bound, which is sound too."""
    solver.changeObjectiveSense(sense)
    solver.run()
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value) if optimal else fallback


def _interval(low: float, high: float) -> Interval:
    return Interval(math.ceil(low - _TINY), None if math.isinf(high) else math.floor(high + _TINY))
