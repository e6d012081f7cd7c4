"""The time of a reply tells nothing: one group with everybody, one with nobody and one with a single person alike.

Over the running portal and data service. In `make test` the table is small and the questions few; in `make soak` it has
a million rows, of which an answer without the floor would show at once whether anybody is in a group.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from enclave.dp.bounded import ensure_bounded
from enclave.dp.pace import AIR, Pace, slowdown
from enclave.dp.policy import policy_for
from enclave.dp.price import price
from enclave.dp.specification import parse_request
from services.data import dp as jobs
from tests.scale import examples
from tests.unit.dp.attacks.house import House, attacked_house
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT, count_body

ROWS = examples(400, 1_000_000)
ASKED = examples(10, 40)
"""Questions of each kind of group."""
GROUPS = {"everybody": "0000001", "nobody": "9999999", "one": "0000777"}
SHIFTS = 2_000
POLICY = policy_for("k12_completion")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with attacked_house() as made:
        table = made.paths.editions / EDITION / "cde" / "k12_completion.parquet"
        with duckdb.connect() as database:
            database.execute(
                f"""COPY (SELECT i // 2 AS person_key, 2023 + i % 2 AS academic_year, '19' AS county_code,
                CASE i WHEN 100 THEN '0000777' ELSE '0000001' END AS district_code, (i % 400) / 100.0 AS gpa
                FROM range({ROWS}) t(i)) TO '{table}' (FORMAT parquet)"""
            )
        yield made


def question(group: str, number: int) -> dict[str, Any]:
    """Never the same twice: a limit of GPA that no value touches makes each another question."""
    where = [
        {"column": "district_code", "op": "=", "value": GROUPS[group]},
        {"column": "gpa", "op": ">=", "value": -1 - number / 1000},
    ]
    return count_body(where=where, by=[], loss={"rho": 1e-6})


@pytest.mark.timeout(1200)
def test_a_group_of_everybody_of_nobody_and_of_one_answer_at_the_same_time(house: House) -> None:
    house.send(count_body(loss={"rho": 1e-6}))  # the table is bounded now
    order = [(group, number) for group in GROUPS for number in range(ASKED)]
    random.Random(5).shuffle(order)
    steps: dict[str, list[int]] = {group: [] for group in GROUPS}
    for group, number in order:
        began = time.perf_counter()
        assert house.send(question(group, number)).status_code == 200
        steps[group].append(int((time.perf_counter() - began) / jobs.REPLY_STEP))
    for group in ("nobody", "one"):
        assert by_chance(steps["everybody"], steps[group]) > 0.001, steps


def by_chance(first: list[int], second: list[int]) -> float:
    """How often two shuffled halves differ as much as these in their mean step: a permutation test."""
    draw, both, found = random.Random(7), [*first, *second], abs(statistics.fmean(first) - statistics.fmean(second))
    more = 0
    for _ in range(SHIFTS):
        draw.shuffle(both)
        halves = both[: len(first)], both[len(first) :]
        more += abs(statistics.fmean(halves[0]) - statistics.fmean(halves[1])) >= found - 1e-12
    return (more + 1) / (SHIFTS + 1)


def test_the_permutation_test_sees_one_step_of_difference() -> None:
    assert by_chance([1] * ASKED, [2] * ASKED) < 0.001
    assert by_chance([1, 2] * ASKED, [2, 1] * ASKED) > 0.5


def plan_of(**changes: Any) -> Any:
    request = parse_request(count_body(**changes))
    return price(request.specification, POLICY, request.loss.stated())


@pytest.mark.parametrize(
    ("changes", "walks", "apart"),
    [
        ({}, 1, 0),  # a year: rows are persons
        ({"where": []}, 1, 1),  # two years: persons are told apart
        ({"where": [], "by": [{"column": "academic_year"}]}, 1, 0),
        ({"measures": [{"kind": "histogram", "column": "gpa"}]}, 1, 0),
        ({"measures": [{"kind": "count_rows"}, {"kind": "histogram", "column": "gpa"}]}, 2, 0),
        ({"where": [{"column": "county_code", "op": "=", "value": "nobody's"}]}, 1, 1),  # whoever passes the filter
    ],
)
def test_the_floor_follows_from_the_question_and_the_build(changes: Any, walks: int, apart: int) -> None:
    assert Pace(0.2, 3.0).floor(plan_of(**changes), POLICY) == pytest.approx(AIR * (walks * 0.2 + apart * 3.0))
    assert Pace(0.2, 3.0).floor(plan_of(**changes), POLICY, 4) == pytest.approx(AIR * 4 * (walks * 0.2 + apart * 3.0))


def test_a_busy_machine_is_slower_and_an_idle_one_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enclave.dp.pace.os.cpu_count", lambda: 4)
    for load, slower in ((0.0, 1.0), (4.0, 1.0), (20.0, 5.0)):
        monkeypatch.setattr("enclave.dp.pace.os.getloadavg", lambda load=load: (load, 0.0, 0.0))
        assert slowdown() == slower


def test_the_build_measures_how_long_a_walk_takes(house: House) -> None:
    places: tuple[Path, Path, str] = (house.paths.editions, house.paths.bounded, EDITION)
    pace = ensure_bounded(*places, POLICY).pace
    assert 0 < pace.rows < 60
    assert 0 < pace.persons < 60


@pytest.mark.parametrize(("passed", "floor", "leaves"), [(0.03, 0.0, 0.1), (0.03, 0.25, 0.3), (0.43, 0.25, 0.5)])
def test_a_reply_leaves_at_a_step_and_not_before_its_floor(
    monkeypatch: pytest.MonkeyPatch, passed: float, floor: float, leaves: float
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(jobs.time, "monotonic", lambda: 100 + passed)
    monkeypatch.setattr(jobs.time, "sleep", slept.append)
    jobs._wait_for_step(100.0, floor)
    assert slept == [pytest.approx(leaves - passed)]


def test_the_purse_was_charged_for_each(house: House) -> None:
    """One millionth of rho a question: the walk above was a walk through the real ledger."""
    assert house.books().charged[PROJECT, "explore"] == 1000 * (3 * ASKED + 1)
