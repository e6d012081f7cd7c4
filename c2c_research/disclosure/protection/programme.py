"""One linear programme over a part of a system, solved again and again with other objectives (HiGHS).

The model is built once; each call changes the objective alone, so the solver starts from the last basis. Magnitudes
without a bound get one far beyond anything that the lines could give, and an optimum there means "not bounded".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from c2c_research.disclosure.protection.presolve import Contradiction, Part

_FAR = 100.0
_EXACT = 1e-6
_FEASIBLE = 2
_PRIMAL = 4
_DUAL = 1


@dataclass(frozen=True)
class Point:
    """A solution: values of all cells. `optimal` where the solver proved it best; `bound` is its proven bound."""

    values: np.ndarray[Any, np.dtype[np.float64]]
    optimal: bool
    bound: float

    def is_whole(self) -> bool:
        return bool((np.abs(self.values - np.round(self.values)) <= _EXACT).all())


def quiet_solver() -> Any:
    """A HiGHS model without output: the friendlier class prints a banner, and standard output belongs to the report."""
    solver = import_module("highspy")._Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver


class Programme:
    """The linear programme of one part."""

    def __init__(self, part: Part) -> None:
        self._highs: Any = import_module("highspy")
        self._solver = quiet_solver()
        self._solver.setOptionValue("presolve", "off")
        self.far = _far(part)
        self._size = len(part.keys)
        self._costs: list[int] = []
        self._whole = part.whole
        self._keys = tuple(part.keys)
        high = [min(value, self.far) for value in part.high]
        low = [max(value, -self.far) for value in part.low]
        self._solver.addVars(self._size, low, high)
        starts: list[int] = []
        places: list[int] = []
        coefficients: list[float] = []
        for row in part.rows:
            starts.append(len(places))
            places.extend(row.places)
            coefficients.extend(row.coefficients)
        lows, highs = [row.low for row in part.rows], [row.high for row in part.rows]
        # after a change of the objective the last basis is still feasible: the primal simplex goes on from there
        self._solver.setOptionValue("simplex_strategy", _PRIMAL)
        self._solver.addRows(len(part.rows), lows, highs, len(places), starts, places, coefficients)

    def optimum(self, costs: Mapping[int, float], maximise: bool, seconds: float) -> Point | None:
        """The best point of an objective; None where time ran out before it was found. Raises Contradiction."""
        self._objective(costs, maximise)
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + max(seconds, 0.0))
        return self._solved() or self._from_nothing()

    def _from_nothing(self) -> Point | None:
        """Once more without the last basis, by the other method: some objectives stall from where the last ended."""
        self._solver.clearSolver()
        self._solver.setOptionValue("simplex_strategy", _DUAL)
        point = self._solved()
        self._solver.setOptionValue("simplex_strategy", _PRIMAL)
        return point

    def whole_optimum(self, costs: Mapping[int, float], maximise: bool, seconds: float) -> Point | None:
        """The best point of whole numbers. Where time runs out, `bound` is what was proven until then."""
        kind = self._highs.HighsVarType
        types = [kind.kInteger if whole else kind.kContinuous for whole in self._whole]
        self._integrality(types)
        self._objective(costs, maximise)
        self._solver.setOptionValue("presolve", "choose")
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + max(seconds, 0.01))
        point = self._solved(mixed=True)
        self._solver.setOptionValue("presolve", "off")
        self._integrality([kind.kContinuous] * self._size)
        return point

    def _integrality(self, types: list[Any]) -> None:
        places = np.arange(self._size, dtype=np.int32)
        self._solver.changeColsIntegrality(self._size, places, np.array([int(t) for t in types], dtype=np.uint8))

    def _objective(self, costs: Mapping[int, float], maximise: bool) -> None:
        changed = dict.fromkeys(self._costs, 0.0) | dict(costs)
        self._solver.changeColsCost(len(changed), list(changed), list(changed.values()))
        self._costs = list(costs)
        sense = self._highs.ObjSense
        self._solver.changeObjectiveSense(sense.kMaximize if maximise else sense.kMinimize)

    def _solved(self, mixed: bool = False) -> Point | None:
        self._solver.run()
        status, info = self._solver.getModelStatus(), self._solver.getInfo()
        optimal = status == self._highs.HighsModelStatus.kOptimal
        if status in (self._highs.HighsModelStatus.kInfeasible, self._highs.HighsModelStatus.kUnboundedOrInfeasible):
            raise Contradiction(self._keys)
        if not optimal and (not mixed or info.primal_solution_status != _FEASIBLE):
            return None
        values = np.array(self._solver.getSolution().col_value)
        return Point(values, optimal, info.mip_dual_bound if mixed else info.objective_function_value)


def _far(part: Part) -> float:
    """A bound beyond every value that the lines can force."""
    sizes = [abs(end) for row in part.rows for end in (row.low, row.high) if math.isfinite(end)]
    sizes += [abs(end) for end in (*part.low, *part.high) if math.isfinite(end)]
    return _FAR * (math.fsum(sizes) + 100.0) if len(sizes) < 20_000 else _FAR * max(sizes) * 100.0
