"""Answers that add up: the law of the adjustment, on noise that is known."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from c2c_research.dp import PrivateAnswer, consistent
from c2c_research.errors import BadUse

COUNTIES, GENDERS = [f"{n:02d}" for n in range(1, 7)], ["F", "M", "X"]


def answer(groups: dict[str, list[str]], values: list[int], sigma: float, **changes: Any) -> PrivateAnswer:
    """An answer as the portal gives it."""
    keys = list(product(*groups.values()))
    width = math.ceil(1.96 * sigma - 0.5)
    rows = [
        {**dict(zip(groups, key, strict=True)), "measure": "count_persons", "value": value, "half_width": width,
         "status": "ok"}
        for key, value in zip(keys, values, strict=True)
    ]  # fmt: skip
    said = {"dataset": "k12_completion", "where": [], "measures": [{"kind": "count_persons"}]} | changes
    statistics = [{"kind": "persons", "sensitivity_squared": changes.get("bound", 1), "sigma": sigma}]
    payload = {"entry": "x", "specification": said, "statistics": statistics, "time": "2026-01-01T00:00:00"}
    columns = (*groups, "measure", "value", "half_width", "status")
    return PrivateAnswer(columns, tuple(rows), {}, {}, {"payload": payload}, edition="2025r1")


def noisy(rng: np.random.Generator, exact: np.ndarray[Any, Any], sigma: float) -> list[int]:
    return [max(0, int(value)) for value in np.rint(exact.reshape(-1) + rng.normal(0, sigma, exact.size))]


def test_everything_adds_up_and_errors_shrink_while_intervals_cover() -> None:
    rng = np.random.default_rng(5)
    before, after, covered, numbers = 0.0, 0.0, 0, 0
    for _ in range(150):
        exact = rng.poisson(200, (6, 3))
        both = {"county": COUNTIES, "gender": GENDERS}
        asked = (
            answer(both, noisy(rng, exact, 15), 15),
            answer({"county": COUNTIES}, noisy(rng, exact.sum(axis=1), 8), 8),
            answer({"gender": GENDERS}, noisy(rng, exact.sum(axis=0), 8), 8),
            answer({}, noisy(rng, exact.sum(), 4), 4),
        )
        cells, counties, genders, total = (done.frame for done in consistent(*asked))
        assert (cells["value"] >= 0).all()
        assert list(cells.groupby("county")["value"].sum()) == list(counties["value"])
        assert list(cells.groupby("gender")["value"].sum()) == list(genders["value"])
        assert cells["value"].sum() == total["value"][0]
        before += float(np.square(asked[0].frame["value"] - exact.reshape(-1)).sum())
        after += float(np.square(cells["value"] - exact.reshape(-1)).sum())
        covered += int((abs(cells["value"] - exact.reshape(-1)) <= cells["half_width"]).sum())
        numbers += len(cells)
    assert after < 0.75 * before
    assert cells["half_width"].max() < 29, "intervals are narrower than those that were answered"
    assert covered / numbers > 0.94


def test_empty_groups_stay_empty_and_nothing_is_negative() -> None:
    cells = answer({"county": COUNTIES}, [0, 0, 3, 0, 0, 40], 20)
    total = answer({}, [10], 1)
    done, whole = consistent(cells, total)
    assert (done.frame["value"] >= 0).all()
    assert done.frame["value"].sum() == whole.value == 10


def test_many_cells_are_made_consistent_too() -> None:
    rng = np.random.default_rng(6)
    schools = [str(number) for number in range(2_000)]
    exact = rng.poisson(60, (2_000, 2))
    cells = answer({"school": schools, "gender": ["F", "M"]}, noisy(rng, exact, 10), 10)
    rows = answer({"school": schools}, noisy(rng, exact.sum(axis=1), 5), 5)
    done, margin = consistent(cells, rows)
    assert list(done.frame.groupby("school", sort=False)["value"].sum()) == list(margin.frame["value"])


@pytest.mark.parametrize(
    ("others", "problem"),
    [
        ((), "Several"),
        ((answer({"gender": GENDERS}, [1, 2, 3], 9),), "No answer has all"),
        ((answer({}, [9], 9, dataset="ps_award"),), "same thing"),
        ((answer({}, [9], 9, where=[{"column": "gpa", "op": ">", "value": 3}]),), "same thing"),
        ((answer({}, [9], 9, measures=[{"kind": "mean", "column": "gpa"}]),), "one count"),
        ((answer({"county": COUNTIES[:2]}, [9, 9], 9),), "same keys"),
    ],
)
def test_what_need_not_add_up_is_refused(others: tuple[PrivateAnswer, ...], problem: str) -> None:
    with pytest.raises(BadUse, match=problem):
        consistent(answer({"county": COUNTIES}, [1, 2, 3, 4, 5, 6], 9), *others)


def test_persons_who_can_be_in_several_groups_do_not_add_up() -> None:
    with pytest.raises(BadUse, match='of="rows"'):
        consistent(answer({"county": COUNTIES}, [1, 2, 3, 4, 5, 6], 9, bound=3), answer({}, [20], 9))
