"""From noisy vectors to the rows that a reader gets: values, half-widths, status. Post-processing only.

Status: `ok`; `imprecise` when the half-width is more than half of the value; `too_few` when noise leaves no value; a
provider's rule where it withholds the number (`rules`). Counts are whole numbers of at least 0, half-widths those of
95 % intervals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from enclave.dp import rules
from enclave.dp.policy import Column, TablePolicy
from enclave.dp.price import Z95, Plan, Priced, StatisticKind
from enclave.dp.rules import Estimate
from enclave.dp.specification import Measure, label
from enclave.dp.vectors import Answer

Z_HALF = 2.241402727604947
"""97.5 % two-sided: two intervals at once hold with 95 % (Bonferroni)."""
Z_THIRD = 2.3939797998185104
"""98.33 % two-sided, for three at once."""
TOO_FEW: tuple[None, None, str] = (None, None, "too_few")


@dataclass(frozen=True)
class Table:
    """Columns and rows of an answer, one row a cell and measure (and bin)."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]


def shape(answer: Answer, plan: Plan, policy: TablePolicy) -> Table:
    """The table of an answer."""
    names = [group.column for group in plan.specification.by]
    binned = any(measure.kind == "histogram" for measure in plan.specification.measures)
    bins = ["bin_from", "bin_to"] if binned else []
    rows, fixed = [], rules.fixed(plan.specification)
    for measure in plan.specification.measures:
        for index, cell in enumerate(answer.cells):
            key: dict[str, Any] = {**dict(zip(names, cell, strict=True)), "measure": label(measure)}
            keys = {**fixed, **{name: str(value) for name, value in zip(names, cell, strict=True)}}
            for extra, estimate in _estimates(answer, plan, policy, measure, index):
                size = _size(answer, policy, measure, index, estimate)
                value, half_width, status = rules.apply(policy.shown, measure.kind, estimate, size, keys)
                extent = dict.fromkeys(bins) | extra
                rows.append({**key, **extent, "value": value, "half_width": half_width, "status": status})
    return Table((*names, "measure", *bins, "value", "half_width", "status"), tuple(rows))


def _estimates(
    answer: Answer, plan: Plan, policy: TablePolicy, measure: Measure, index: int
) -> list[tuple[dict[str, Any], Estimate]]:
    if measure.kind in ("count_persons", "count_rows"):
        kind: StatisticKind = "persons" if measure.kind == "count_persons" else "rows"
        priced = plan.of(kind)
        return [({}, _count(answer.noisy[(kind, None)][index], priced))]
    name = measure.column or ""
    column = policy.column(name)
    if measure.kind == "sum":
        return [({}, _sum(answer.noisy[("sum", name)][index], plan.of("sum", name), column))]
    if measure.kind == "mean":
        count, total = answer.noisy[("filled", name)][index], answer.noisy[("centred", name)][index]
        return [({}, _mean(count, total, plan.of("filled", name), plan.of("centred", name), column))]
    if measure.kind in ("variance", "stddev"):
        return [({}, _spread(answer, plan, measure, column, index))]
    counts = answer.noisy[("bins", name)][index * column.bins : (index + 1) * column.bins]
    priced = plan.of("bins", name)
    if measure.kind == "quantile":
        return [({}, _quantile(counts, float(measure.q or 0.5), priced, column))]
    return [(_extent(column, number), _count(value, priced)) for number, value in enumerate(counts)]


def _size(answer: Answer, policy: TablePolicy, measure: Measure, index: int, estimate: Estimate) -> int | None:
    """The noisy count behind an estimate; None for a sum, which is asked without one."""
    if measure.kind in rules.COUNTS:
        return None if estimate[0] is None else int(estimate[0])
    name = measure.column or ""
    if measure.kind == "quantile":
        bins = policy.column(name).bins
        return sum(answer.noisy[("bins", name)][index * bins : (index + 1) * bins])
    return None if measure.kind == "sum" else answer.noisy[("filled", name)][index]


def _count(noisy: int, priced: Priced) -> Estimate:
    value = max(0, noisy)
    return value, priced.half_width, _status(value, priced.half_width)


def _sum(noisy: int, priced: Priced, column: Column) -> Estimate:
    value = noisy if column.low < 0 else max(0, noisy)
    half_width = priced.half_width
    return _unscaled(value, column), _unscaled(half_width, column), _status(abs(value), half_width)


def _mean(count: int, total: int, counted: Priced, summed: Priced, column: Column) -> Estimate:
    """Noisy centred sum over noisy count; the interval holds for both noises at once."""
    count_width, sum_width = Z_HALF * counted.sigma, Z_HALF * summed.sigma
    if count - count_width < 1:
        return TOO_FEW
    offset = total / count
    half_width = (sum_width + abs(offset) * count_width) / (count - count_width)
    value = min(max(column.middle + offset, column.low), column.high)
    return (
        round(value / column.scale, 4),
        _up(half_width / column.scale, 4),
        _status(abs(value), half_width),
    )


def _spread(answer: Answer, plan: Plan, measure: Measure, column: Column, index: int) -> Estimate:
    """The mean square less the square of the mean (of n), or its root; the interval holds for three noises at once."""
    name = measure.column or ""
    keys: tuple[StatisticKind, ...] = ("filled", "centred", "squares")
    count, total, squares = (answer.noisy[(key, name)][index] for key in keys)
    count_width, sum_width, squares_width = (Z_THIRD * plan.of(key, name).sigma for key in keys)
    least = count - count_width
    if least < 1:
        return TOO_FEW
    mean, square = total / count, squares / count
    mean_width = (sum_width + abs(mean) * count_width) / least
    half_width = (squares_width + abs(square) * count_width) / least + mean_width * (2 * abs(mean) + mean_width)
    most = ((column.high - column.low) / 2) ** 2
    value = min(max(square - mean**2, 0.0), most)
    unit = column.scale**2
    if measure.kind == "stddev":
        root = math.sqrt(value)
        half_width = max(math.sqrt(value + half_width) - root, root - math.sqrt(max(0.0, value - half_width)))
        value, unit = root, column.scale
    return round(value / unit, 4), _up(half_width / unit, 4), _status(value, half_width)


def _quantile(counts: list[int], q: float, priced: Priced, column: Column) -> Estimate:
    """Interpolated in the noisy cumulative histogram (the way of the Census Bureau's PSEO); the interval moves
    the target by the noise of the cumulative count and adds half a bin."""
    total, bins = sum(counts), len(counts)
    if total <= Z95 * priced.sigma * math.sqrt(bins):
        return TOO_FEW
    cumulative, highest = [0.0], 0
    running = 0
    for count in counts:
        running += count
        highest = max(highest, running)
        cumulative.append(float(min(highest, total)))
    target = q * total
    place = next(number for number, value in enumerate(cumulative) if value >= target)
    spread = Z95 * priced.sigma * math.sqrt((1 - q) ** 2 * place + q**2 * (bins - place))
    low, value, high = (_at(cumulative, goal, column) for goal in (target - spread, target, target + spread))
    half_width = max(value - low, high - value) + column.step / 2
    return (
        round(value / column.scale, 4),
        _up(half_width / column.scale, 4),
        _status(abs(value), half_width),
    )


def _at(cumulative: list[float], target: float, column: Column) -> float:
    """The value at which the cumulative count reaches the target, in scaled integers."""
    for number in range(1, len(cumulative)):
        if cumulative[number] >= target:
            rise = cumulative[number] - cumulative[number - 1]
            share = min(1.0, max(0.0, (target - cumulative[number - 1]) / rise)) if rise > 0 else 0.0
            return min(column.low + (number - 1 + share) * column.step, float(column.high))
    return float(column.high)


def _extent(column: Column, number: int) -> dict[str, Any]:
    low = column.low + number * column.step
    return {
        "bin_from": _unscaled(low, column),
        "bin_to": _unscaled(min(low + column.step, column.high), column),
    }


def _status(size: float, half_width: float) -> str:
    return "ok" if half_width * 2 <= size else "imprecise"


def _unscaled(value: int, column: Column) -> float | int:
    return value if column.scale == 1 else round(value / column.scale, 4)


def _up(value: float, digits: int) -> float:
    steps: int = 10**digits
    return math.ceil(value * steps) / steps
