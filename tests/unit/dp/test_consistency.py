"""Answers that add up: the law of the adjustment, on noise that is known."""

from __future__ import annotations

import json
import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    said = {"dataset": "k12_completion", "where": [], "measures": [{"kind": "count_persons"}]}
    said |= {name: value for name, value in changes.items() if name not in ("bound", "named")}
    statistics = [{"kind": "persons", "sensitivity_squared": changes.get("bound", 1), "sigma": sigma}]
    named = changes.get("named", {})
    said["by"] = [{"column": name, "keys": list(named[name]) if name in named else None} for name in groups]
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


DISTRICTS = {f"{county}{number:05d}": county for county in COUNTIES for number in range(4)}
WITHIN = {("district_code", "county_code"): DISTRICTS}


def areas(
    rng: np.random.Generator, mean: float = 80
) -> tuple[tuple[PrivateAnswer, ...], tuple[np.ndarray[Any, Any], ...]]:
    """Districts, counties and the state, as answered and as they are."""
    exact = rng.poisson(mean, (len(COUNTIES), 4))
    whole = (exact, exact.sum(axis=1), exact.sum())
    asked = (
        answer({"district_code": list(DISTRICTS)}, noisy(rng, exact, 20), 20),
        answer({"county_code": COUNTIES}, noisy(rng, exact.sum(axis=1), 10), 10),
        answer({}, noisy(rng, exact.sum(), 10), 10),
    )
    return asked, whole


def sums_by(frame: Any, length: int) -> dict[str, int]:
    return dict(frame.groupby(frame["district_code"].str[:length])["value"].sum())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), mean=st.sampled_from([0, 1, 15, 400]))
def test_districts_sum_to_counties_and_counties_to_the_state(seed: int, mean: float) -> None:
    asked, _ = areas(np.random.default_rng(seed), mean)
    districts, counties, state = consistent(*asked, within=WITHIN)
    assert all(type(row["value"]) is int and row["value"] >= 0 for row in (*districts.rows, *counties.rows))
    assert sums_by(districts.frame, 2) == dict(counties.frame.set_index("county_code")["value"])
    assert counties.frame["value"].sum() == state.value
    assert all(
        after["half_width"] <= before["half_width"] + 1
        for before, after in zip(
            (*asked[0].rows, *asked[1].rows, *asked[2].rows),
            (*districts.rows, *counties.rows, *state.rows),
            strict=True,
        )
    )


def test_intervals_of_areas_hold_as_often_as_they_say_and_errors_shrink() -> None:
    rng = np.random.default_rng(11)
    held: list[list[bool]] = [[], [], []]
    before = after = 0.0
    for _ in range(300):
        asked, exact = areas(rng, 300)
        done = consistent(*asked, within=WITHIN)
        for number, (given_, made, truth) in enumerate(zip(asked, done, exact, strict=True)):
            errors = made.frame["value"].to_numpy() - np.asarray(truth).reshape(-1)
            held[number] += list(abs(errors) <= made.frame["half_width"])
            before += float(np.square(given_.frame["value"].to_numpy() - np.asarray(truth).reshape(-1)).sum())
            after += float(np.square(errors).sum())
    assert after < 0.9 * before
    for each in held:
        error = math.sqrt(0.95 * 0.05 / len(each))
        assert 0.95 - 5 * error <= sum(each) / len(each)


def test_small_areas_are_covered_as_well() -> None:
    rng, held = np.random.default_rng(12), []
    for _ in range(150):
        asked, exact = areas(rng, 4)
        made = consistent(*asked, within=WITHIN)[0].frame
        held += list(abs(made["value"].to_numpy() - exact[0].reshape(-1)) <= made["half_width"])
    assert sum(held) / len(held) >= 0.95 - 5 * math.sqrt(0.95 * 0.05 / len(held))


def test_districts_that_were_not_asked_leave_a_rest_of_at_least_zero() -> None:
    asked = [name for name in DISTRICTS if not name.endswith("3")]
    rng = np.random.default_rng(3)
    districts = answer({"district_code": asked}, [100] * len(asked), 5, named={"district_code": asked})
    counties = answer({"county_code": COUNTIES}, noisy(rng, np.full(6, 1000), 5), 5)
    low = answer({"county_code": COUNTIES}, [200] * 6, 5)
    made, above = consistent(districts, counties, within=WITHIN)
    assert abs(made.frame["value"] - 100).max() <= 1, "the rest takes what is left"
    assert (above.frame["value"] > 900).all()
    made, above = consistent(districts, low, within=WITHIN)
    assert sums_by(made.frame, 2) == dict(above.frame.set_index("county_code")["value"]), "a rest is never negative"


def test_learned_groups_are_parts_of_a_total_and_not_all_of_it() -> None:
    learned = answer({"district_code": list(DISTRICTS)[:3]}, [100, 100, 100], 5)
    learned.receipt["payload"]["learned_keys"] = {"threshold": 50}
    made, total = consistent(learned, answer({}, [900], 5))
    assert list(made.frame["value"]) == [100, 100, 100]
    assert abs((total.value or 0) - 900) <= 1


def test_named_keys_are_all_only_when_somebody_says_so() -> None:
    named = {"county": COUNTIES[:2]}
    cells = answer({"county": COUNTIES[:2]}, [100, 100], 5, named=named)
    total = answer({}, [900], 5)
    assert consistent(cells, total)[1].value == 900
    forced = consistent(cells, total, whole=["county"])
    assert forced[0].frame["value"].sum() == forced[1].value < 900


def test_the_shelf_says_in_which_county_a_district_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = (answer({"district_code": list(DISTRICTS)}, [10] * 24, 5), answer({"county_code": COUNTIES}, [50] * 6, 2))
    monkeypatch.setenv("C2C_REFERENCE", str(tmp_path / "away"))
    with pytest.raises(BadUse, match="no directory"):
        consistent(*asked)
    entry = {"title": "Districts", "file": "d.csv", "rows": 24, "source": "", "licence": "", "note": "", "numbers": []}
    (tmp_path / "catalogue.json").write_text(json.dumps({"tables": {"district_directory": entry}}))
    lines = [f"{district},{county}" for district, county in DISTRICTS.items()]
    (tmp_path / "d.csv").write_text("\n".join(["district_code,county_code", *lines]))
    monkeypatch.setenv("C2C_REFERENCE", str(tmp_path))
    districts, counties = consistent(*asked)
    assert sums_by(districts.frame, 2) == dict(counties.frame.set_index("county_code")["value"])
    stranger = answer({"district_code": ["9900000"]}, [10], 5)
    with pytest.raises(BadUse, match="lie in no county_code"):
        consistent(stranger, asked[1])


def test_schools_lie_in_the_district_of_their_codes_first_digits() -> None:
    schools = answer({"school_code": ["19000000000001", "19000000000002"]}, [60, 60], 5)
    districts = answer({"district_code": ["1900000"]}, [100], 1)
    made, above = consistent(schools, districts)
    assert made.frame["value"].sum() <= above.frame["value"].sum()
