"""Answers, with noise taken away, are the truth of the bounded table; their shape and status are as promised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from enclave.dp.bounded import ensure_bounded
from enclave.dp.engine import GaussianNoise, Noise, answer
from enclave.dp.policy import policy_for
from enclave.dp.price import Priced, price
from enclave.dp.shape import Table, shape
from enclave.dp.specification import parse_request
from tests.unit.dp.editions import EDITION, completions, publish, unruled
from tests.unit.dp.world import count_body

POLICY = unruled(policy_for("k12_completion"))


class NoNoise:
    """The truth; for tests only, it lives here."""

    def add(self, values: list[int], priced: Priced) -> list[int]:
        return list(values)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("edition")
    editions = publish(root, completions(4001))
    return ensure_bounded(editions, root / "bounded", EDITION, POLICY).file


def ask(table: Path, noise: Noise, **changes: Any) -> Table:
    request = parse_request(count_body(**changes))
    plan = price(request.specification, POLICY, request.loss.stated())
    return shape(answer(plan, POLICY, table, noise), plan, POLICY)


def values(found: Table) -> list[Any]:
    return [row["value"] for row in found.rows]


def test_counts_by_county_are_those_of_the_table(table: Path) -> None:
    found = ask(table, NoNoise())
    assert found.columns == ("county_code", "measure", "value", "half_width", "status")
    assert values(found) == [0, 2001]
    assert [row["status"] for row in found.rows] == ["imprecise", "ok"]


def test_a_group_that_nobody_is_in_is_an_answer_like_any_other(table: Path) -> None:
    found = ask(table, GaussianNoise(), by=[{"column": "district_code", "keys": ["0000000", "7777777"]}])
    assert [row["district_code"] for row in found.rows] == ["0000000", "7777777"]
    assert found.rows[1]["value"] <= 150


def test_all_public_keys_are_answered_when_none_are_named(table: Path) -> None:
    assert len(ask(table, NoNoise(), by=[{"column": "gender"}]).rows) == 3


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [("=", 2.3, 200), (">=", 3.9, 201), (">", 3.9, 1), ("<", 2.3, 200), ("<=", 2.3, 400), ("between", [2.0, 2.1], 200),
     ("in", [2.1, 2.3], 400), ("=", 2.301, 0)],
)  # fmt: skip
def test_every_operator_means_what_it_says(table: Path, op: str, value: Any, expected: int) -> None:
    condition = {"column": "gpa", "op": op, "value": value}
    found = ask(table, NoNoise(), where=[*count_body()["where"], condition], by=[])
    assert values(found) == [expected]


def test_sum_mean_and_median_are_those_of_the_table(table: Path) -> None:
    kinds: list[dict[str, Any]] = [{"kind": kind, "column": "gpa"} for kind in ("sum", "mean")]
    kinds.append({"kind": "quantile", "column": "gpa", "q": 0.5})
    total, mean, median = values(ask(table, NoNoise(), by=[], measures=kinds, loss={"epsilon": 5}))
    assert total == pytest.approx(2000 * 3.0 + 5.0)
    assert mean == pytest.approx(3.0, abs=0.01)
    assert median == pytest.approx(3.0, abs=0.13)


def test_a_histogram_has_a_row_a_bin_and_adds_to_the_count(table: Path) -> None:
    found = ask(table, NoNoise(), by=[], measures=[{"kind": "histogram", "column": "gpa"}])
    assert (found.rows[0]["bin_from"], found.rows[-1]["bin_to"]) == (0, 5)
    assert sum(values(found)) == 2001


def test_intervals_of_means_and_medians_hold_at_least_as_often_as_stated(table: Path) -> None:
    kinds = [{"kind": "mean", "column": "gpa"}, {"kind": "quantile", "column": "gpa", "q": 0.5}]
    held = [0, 0]
    for _ in range(40):
        rows = ask(table, GaussianNoise(), by=[], measures=kinds, loss={"error": 50}).rows
        for place, row in enumerate(rows):
            held[place] += abs(row["value"] - 3.0) <= row["half_width"]
    assert min(held) >= 34


def test_a_mean_of_too_few_has_no_value(table: Path) -> None:
    found = ask(table, GaussianNoise(), measures=[{"kind": "mean", "column": "gpa"}])
    assert found.rows[0]["status"] == "too_few"
    assert found.rows[0]["value"] is None
