"""Data of charts in JSON: series of numbers beside categories, as dashboards store them.

Highcharts and ECharts (`series` with `data`, categories of an axis), Chart.js (`labels`, `datasets`), Plotly (traces
with `x` and `y`). The title becomes the caption; the name of the axis stands before a series' own name.
"""

from __future__ import annotations

from typing import Any

from c2c_research.disclosure.tables import Table

_SERIES = ("series", "datasets", "traces", "data")
_VALUES = ("data", "values", "y")
_LABELS = ("categories", "labels", "x")
_MOST = 5_000


def chart_table(data: dict[str, Any], where: str) -> Table | None:
    """The table behind a chart; None where the object is no chart."""
    series = next((data[name] for name in _SERIES if _are_series(data.get(name))), None)
    if series is None:
        return None
    columns = [_points(each) for each in series]
    labels = _labels(data) or next((keys for keys, _ in columns if keys), None)
    height = max(len(values) for _, values in columns)
    if not height or height > _MOST:
        return None
    labels = labels if labels and len(labels) >= height else [str(number) for number in range(1, height + 1)]
    axis = _axis(data)
    names = [_name(each, axis, number) for number, each in enumerate(series, start=1)]
    rows = tuple(
        (labels[row], *(values[row] if row < len(values) else "" for _, values in columns)) for row in range(height)
    )
    return Table(("", *names), rows, where, _text(data.get("title")))


def _are_series(found: Any) -> bool:
    return (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(each, dict) and _values(each) is not None for each in found)
    )


def _values(series: dict[str, Any]) -> list[Any] | None:
    found = next((series[name] for name in _VALUES if isinstance(series.get(name), list)), None)
    return found if found and all(_point(each) is not None for each in found) else None


def _point(given: Any) -> tuple[str, str] | None:
    """(label, value) of a number, a pair, or a point with a name."""
    if given is None or isinstance(given, int | float | str):
        return "", "" if given is None else str(given)
    if isinstance(given, list) and len(given) == 2 and all(isinstance(part, int | float | str) for part in given):
        return str(given[0]), str(given[1])
    if isinstance(given, dict):
        value = next((given[name] for name in ("y", "value") if isinstance(given.get(name), int | float | str)), None)
        return (_text(given.get("name", given.get("x", ""))), str(value)) if value is not None else None
    return None


def _points(series: dict[str, Any]) -> tuple[list[str], list[str]]:
    points = [point for each in _values(series) or [] if (point := _point(each)) is not None]
    own = series.get("x", series.get("labels"))
    keys = [str(each) for each in own] if isinstance(own, list) else [key for key, _ in points]
    return (keys if any(keys) else []), [value for _, value in points]


def _labels(data: dict[str, Any]) -> list[str] | None:
    axis = data.get("xAxis", data.get("xaxis"))
    axis = axis[0] if isinstance(axis, list) and axis else axis
    for owner in (data, axis):
        if isinstance(owner, dict):
            for name in (*_LABELS, "data") if owner is axis else _LABELS:
                found = owner.get(name)
                if isinstance(found, list) and found and all(isinstance(each, str | int | float) for each in found):
                    return [str(each) for each in found]
    return None


def _axis(data: dict[str, Any]) -> str:
    for owner in (data, data.get("layout")):
        if isinstance(owner, dict):
            axis = owner.get("yAxis", owner.get("yaxis"))
            axis = axis[0] if isinstance(axis, list) and axis else axis
            if isinstance(axis, dict):
                return _text(axis.get("title", axis.get("name")))
    return ""


def _name(series: dict[str, Any], axis: str, number: int) -> str:
    own = _text(series.get("name", series.get("label")))
    return " | ".join(dict.fromkeys(filter(None, (axis, own)))) or f"series {number}"


def _text(given: Any) -> str:
    if isinstance(given, dict):
        given = given.get("text", "")
    return str(given) if isinstance(given, str | int | float) else ""
