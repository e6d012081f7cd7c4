"""# Charts: the numbers at bars, and the data behind a dashboard"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from matplotlib.figure import Figure

from c2c_research.disclosure import check_content
from tests.spec.rulebook import as_dict

AXIS: dict[str, Any] = {"title": {"text": "Students"}}
DASHBOARDS: dict[str, dict[str, Any]] = {
    "Highcharts": {
        "xAxis": {"categories": ["a", "b", "c"]},
        "yAxis": AXIS,
        "series": [{"name": "n", "data": [90, 7, 40]}],
    },
    "Highcharts points": {"yAxis": AXIS, "series": [{"name": "All", "data": [["a", 90], ["b", 7], ["c", 40]]}]},
    "Chart.js": {"labels": ["a", "b", "c"], "datasets": [{"label": "Students", "data": [90, 7, 40]}]},
    "ECharts": {
        "xAxis": {"data": ["a", "b", "c"]},
        "series": [{"name": "Students", "type": "bar", "data": [90, 7, 40]}],
    },
    "Plotly": {"data": [{"type": "bar", "name": "Students", "x": ["a", "b", "c"], "y": [90, 7, 40]}], "layout": {}},
}


@pytest.mark.parametrize("data", DASHBOARDS.values(), ids=DASHBOARDS.keys())
def test_small_counts_behind_a_dashboard_fail(data: dict[str, Any]) -> None:
    assert as_dict(check_content("chart.json", json.dumps({"chart": data, "id": "x"}).encode())) == {
        "min_cell": [(1, 1)]
    }
    large = json.loads(json.dumps(data).replace("7", "70"))
    assert as_dict(check_content("chart.json", json.dumps({"chart": large, "id": "x"}).encode())) == {}


def bars(counts: dict[str, int], *, labels: bool = True) -> bytes:
    figure = Figure(figsize=(6, 3))
    axes = figure.subplots()
    drawn = axes.bar(list(counts), list(counts.values()))
    axes.set_ylabel("Number of students")
    if labels:
        axes.bar_label(drawn)
    stream = io.BytesIO()
    figure.savefig(stream, format="svg")
    return stream.getvalue()


@pytest.mark.parametrize(
    "names", [("Alder", "Birch", "Cedar"), ("2017", "2018", "2019"), ("White", "Asian", "Not Reported")]
)
def test_small_counts_at_the_bars_of_a_figure_fail(names: tuple[str, ...]) -> None:
    assert "min_cell" in as_dict(check_content("f.svg", bars(dict(zip(names, (120, 7, 45), strict=True)))))
    assert as_dict(check_content("f.svg", bars(dict(zip(names, (120, 70, 45), strict=True))))) == {}


def test_ticks_of_an_axis_are_no_counts() -> None:
    assert as_dict(check_content("f.svg", bars({"Alder": 12, "Birch": 7, "Cedar": 5}, labels=False))) == {}
