"""Survival: `c2c.survival("Surv(quarters, graduated) ~ sex", data)` makes curves, with `model="cox"` a Cox model.

A curve (Kaplan and Meier) is read off on an even grid. It steps only once 11 persons have had the event since its last
step, and ends where fewer than 15 would remain, so that numbers at risk, rounded to 10, stay above the threshold. A
person has one row. Estimates are those of lifelines; the curve's own event times never leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from c2c_research.design import Design, design_of
from c2c_research.errors import BadUse
from c2c_research.model_evidence import FEW, facts_of
from c2c_research.model_result import Estimates, ModelResult, frame_of, model_result, roughly
from c2c_research.result import Result
from c2c_research.units import units_of_frame

if TYPE_CHECKING:
    import pandas as pd

    from c2c_research.design import Numbers

_LEFT = re.compile(r"^\s*Surv\(\s*(\w+)\s*,\s*(\w+)\s*\)\s*~\s*(.+)$")
_STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 25, 30, 50)
_MOST_STEPS = 20
LEAST_AT_RISK = 15
SURVIVAL = "survival"


def survival(
    formula: str,
    data: pd.DataFrame,
    *,
    model: str = "curve",
    step: float | None = None,
    cluster: str | None = None,
    unit: Any = None,
) -> Result:
    """Curves by one column (`~ sex`, or `~ 1` for all), or a Cox model of several (`model="cox"`).

    `Surv(time, event)` names the time that passed and a 0/1 column: 1 where the event was seen. `step` is the grid's
    width in units of time. `cluster` makes a Cox model's errors robust. Raises BadUse where it cannot be estimated.
    """
    said = _LEFT.match(formula)
    if said is None:
        raise BadUse("The formula has another form.", "Write `Surv(time, event) ~ sex`, or `~ 1` for one curve.")
    time, event, right = said.groups()
    _check_columns(data, time, event, unit)
    if model == "cox":
        return _cox(formula, data, (time, event, right), cluster, unit)
    if model != "curve":
        raise BadUse("`model` is curve or cox.", "Leave it out for curves.")
    return _curves(data, time, event, right.strip(), step)


@dataclass(frozen=True, repr=False)
class CurveResult(Result):
    """Curves on a grid, one column a group. They are safe when they are made: `suppress` and `round` change nothing.

    `dropped` names groups that are too small for any step.
    """

    dropped: tuple[str, ...] = ()
    speaks_always: ClassVar[bool] = True

    def suppress(self) -> CurveResult:
        """The same: steps of few persons were never made."""
        return self

    def round(self, base: int = 10) -> CurveResult:
        """The same: numbers at risk are rounded to 10 and shares to three digits."""
        return self

    def advice(self) -> list[str]:
        """Names the groups that are not shown."""
        return [f"{name} has too few persons for a curve: merge it with a like group." for name in self.dropped]


def _check_columns(data: pd.DataFrame, time: str, event: str, unit: Any) -> None:
    for name in (time, event):
        if name not in data.columns:
            raise BadUse(f"There is no column {name!r}.", "Name a column of the frame.")
    if not data[event].dropna().isin([0, 1]).all():
        raise BadUse(
            "The event's column is not 0 or 1.", "1 is where the event was seen, 0 where observation ended before."
        )
    if (data[time].dropna() < 0).any():
        raise BadUse("Some times are negative.", "Times count from each person's own beginning.")
    persons = units_of_frame(data, unit)
    if persons is not None and persons.duplicated().any():
        raise BadUse("Some persons have several rows.", "Make one row a person first, with their time and event.")


# ------------------------------------------------------------- curves


def _curves(data: pd.DataFrame, time: str, event: str, by: str, step: float | None) -> CurveResult:
    groups = _groups(data.dropna(subset=[time, event]), by)
    grid = _grid(data[time].dropna(), step)
    header, columns, dropped = [time], [[_number(each) for each in grid]], []
    for name, rows in groups:
        points = list(_points(rows[time].to_numpy(dtype=float), rows[event].to_numpy(dtype=int), grid))
        if len(points) < 2:
            dropped.append(name)
            continue
        label = f" {name}" if name else ""
        header += [f"{word}{label}" for word in (SURVIVAL, "low", "high", "at risk")]
        columns += [[*part, *[""] * (len(grid) - len(points))] for part in zip(*points, strict=True)]
    if len(header) == 1:
        raise BadUse(
            "No group has enough persons for a curve.", f"A step needs {FEW} events; merge groups, or draw one curve."
        )
    rows = tuple(row for row in zip(*columns, strict=True) if any(row[1:]))
    context = {"rows": [time], "kind": "survival", "statistic": "Kaplan-Meier"}
    return CurveResult(frame_of(header, rows), tuple(header), rows, context, dropped=tuple(dropped))


def _groups(data: pd.DataFrame, by: str) -> Iterator[tuple[str, Any]]:
    name = re.sub(r"^C\((\w+)\)$", r"\1", by)
    if name == "1":
        yield "", data
        return
    if name not in data.columns:
        raise BadUse(f"There is no column {name!r}.", "Curves are by one column; several go into a Cox model.")
    for label, rows in data.groupby(name, observed=True):
        yield str(label), rows


def _grid(times: pd.Series, step: float | None) -> list[float]:
    """Even times from 0 to the last that is worth it, at most 20 steps where nobody asks for more."""
    end = float(times.max()) if len(times) else 0.0
    if end <= 0:
        raise BadUse("No time is above 0.", "Times count from each person's own beginning.")
    wide = step if step is not None else _nice(end / _MOST_STEPS)
    if wide <= 0 or end / wide > 40:
        raise BadUse("The grid is too fine for an output.", "Choose a `step` that gives at most 40 steps.")
    return [wide * place for place in range(int(end / wide) + 1)]


def _nice(least: float) -> float:
    """The smallest usual width that is at least so wide."""
    scale = 1.0
    while least > scale * _STEPS[-1]:
        scale *= 10
    while least <= scale / 2:
        scale /= 10
    return next(width * scale for width in _STEPS if width * scale >= least)


def _points(times: Numbers, events: Numbers, grid: list[float]) -> Iterator[tuple[str, str, str, str]]:
    """(survival, low, high, at risk) at each time of the grid, until too few remain; between steps the last ones."""
    if not len(times):
        return
    curve, low, high = _estimates(times, events, grid)
    last, seen = ("1.000", "1.000", "1.000", str(roughly(len(times)))), 0
    for place, at in enumerate(grid):
        at_risk, happened = int((times > at).sum()), int(events[times <= at].sum())
        if at_risk < LEAST_AT_RISK:
            return
        if not 0 < happened - seen < FEW:
            last = (*_digits(curve[place], low[place], high[place]), str(roughly(at_risk)))
            seen = happened
        yield last


def _digits(curve: float, low: float, high: float) -> tuple[str, str, str]:
    return f"{curve:.3f}", f"{low:.3f}", f"{high:.3f}"


def _estimates(times: Numbers, events: Numbers, grid: list[float]) -> tuple[Numbers, Numbers, Numbers]:
    import numpy as np
    from lifelines import KaplanMeierFitter

    fit = KaplanMeierFitter().fit(times, events)
    bounds = fit.confidence_interval_survival_function_
    places = np.searchsorted(bounds.index.to_numpy(), grid, side="right") - 1
    low, high = (bounds.iloc[:, side].fillna(1.0).to_numpy()[places] for side in (0, 1))
    return fit.survival_function_.iloc[:, 0].to_numpy()[places], low, high


def _number(value: float) -> str:
    return f"{value:g}"


# ------------------------------------------------------------- Cox


def _cox(
    formula: str, data: pd.DataFrame, parts: tuple[str, str, str], cluster: str | None, unit: Any
) -> ModelResult:  # fmt: skip
    time, event, right = parts
    design = design_of(f"{time} ~ {right}", data, unit, (event, *((cluster,) if cluster else ()))).without_intercept()
    if not design.names:
        raise BadUse("A Cox model needs terms.", "Leave `model` out for a curve of all.")
    happened = data[event].to_numpy()[design.rows].astype(int)
    fit = _lifelines(design, happened, data[cluster].to_numpy()[design.rows] if cluster else None)
    table = fit.summary
    names = {"coef": "coef", "se(coef)": "error", "z": "statistic", "p": "p_value", "coef lower 95%": "low",
             "coef upper 95%": "high"}  # fmt: skip
    estimates = Estimates(
        "cox", formula, design.names, **{new: table[old].to_numpy() for old, new in names.items()},
        fits={"Concordance": fit.concordance_index_}, errors=f"clustered by {cluster}" if cluster else "iid",
        outcome=time,
    )  # fmt: skip
    facts = facts_of(design, int(happened.sum()) - len(design.names), eventful=happened)
    return model_result(estimates, facts, design.of_rows)


def _lifelines(design: Design, events: Numbers, groups: Any) -> Any:
    import warnings

    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    frame = pd.DataFrame(design.columns, columns=[f"x{place}" for place in range(len(design.names))])
    frame = frame.assign(time=design.outcome, event=events)
    more = {} if groups is None else {"cluster_col": "group"}
    if groups is not None:
        frame["group"] = groups
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return CoxPHFitter().fit(frame, "time", "event", **more)
        except (ConvergenceError, ValueError) as problem:
            advice = "Merge small categories, leave out terms that say the same, or scale large numbers."
            raise BadUse("The Cox model cannot be estimated.", advice) from problem
