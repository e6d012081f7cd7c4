"""Variances and groups learned from data: right, priced by our own function, and nothing that was not priced."""

from __future__ import annotations

import json
import math
import statistics
import warnings
from pathlib import Path
from typing import Any

import pytest

from enclave.core.errors import Unavailable, Unprocessable
from enclave.dp.bounded import ensure_bounded
from enclave.dp.engine import answer, counted
from enclave.dp.loss import DELTA, FEMTO, Loss
from enclave.dp.noise import GaussianNoise
from enclave.dp.policy import policy_for
from enclave.dp.price import KEYS_DELTA, Plan, Priced, price, price_at
from enclave.dp.shape import Table, shape
from enclave.dp.smartnoise import Reader
from enclave.dp.specification import parse_request, specification_json
from tests.unit.dp.editions import EDITION, Row, completions, publish
from tests.unit.dp.world import count_body

POLICY = policy_for("k12_completion")
MOMENTS = [{"kind": kind, "column": "gpa"} for kind in ("mean", "variance", "stddev")]
LEARNED = [{"column": "district_code", "keys": None}]


class NoNoise:
    def add(self, values: list[int], priced: Priced) -> list[int]:
        return values


def plan_of(**changes: Any) -> Plan:
    request = parse_request(count_body(**changes))
    return price(request.specification, POLICY, request.loss.stated())


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bounded(tmp_path_factory.mktemp("edition"), completions(4001))


def bounded(root: Path, rows: list[Row]) -> Path:
    publish(root, rows)
    return ensure_bounded(root / "research" / "editions", root / "bounded", EDITION, POLICY).file


def asked(table: Path, noise: Any = None, **changes: Any) -> Table:
    plan = plan_of(**changes)
    return shape(answer(plan, POLICY, table, noise or GaussianNoise()), plan, POLICY)


def test_without_noise_variance_and_deviation_are_those_of_the_bounded_values(table: Path) -> None:
    rows = asked(table, NoNoise(), measures=MOMENTS, by=[], loss={"epsilon": 4}).rows
    values = [2.0 + (n % 20) / 10 for n in range(1, 4001) if n % 2] + [5.0]
    mean, variance, deviation = (row["value"] for row in rows)
    assert mean == pytest.approx(statistics.fmean(values), abs=1e-3)
    assert variance == pytest.approx(statistics.pvariance(values), abs=1e-3)
    assert deviation == pytest.approx(math.sqrt(variance), abs=1e-3)


def test_groups_of_nobody_are_answered_as_well(table: Path) -> None:
    by = [{"column": "county_code", "keys": ["19", "58"]}]
    rows = asked(table, NoNoise(), by=by, measures=MOMENTS, loss={"epsilon": 4}).rows
    assert [row["status"] for row in rows if row["county_code"] == "58"] == ["too_few"] * 3


def test_the_interval_of_a_variance_holds_and_its_mean_is_unbiased(table: Path) -> None:
    changes = {"measures": [{"kind": "variance", "column": "gpa"}], "by": [], "loss": {"epsilon": 2}}
    exact = asked(table, NoNoise(), **changes).rows[0]["value"]
    plan, draws = plan_of(**changes), 200
    cells, vectors = counted(plan, POLICY, table)
    from enclave.dp import smartnoise

    rows = [
        shape(smartnoise.release(plan, cells, vectors, GaussianNoise()), plan, POLICY).rows[0] for _ in range(draws)
    ]
    found = [row["value"] for row in rows]
    error = statistics.stdev(found) / math.sqrt(draws)
    assert abs(statistics.fmean(found) - exact) < 5 * error
    missed = sum(abs(row["value"] - exact) > row["half_width"] for row in rows)
    assert missed <= 0.05 * draws + 5 * math.sqrt(draws * 0.05 * 0.95)
    assert all(row["half_width"] < 0.5 for row in rows)


def test_its_noise_has_the_scale_that_was_charged() -> None:
    plan, draws = plan_of(measures=[{"kind": "variance", "column": "gpa"}], by=[], loss={"epsilon": 2}), 200
    reader = Reader(plan, GaussianNoise())
    place = reader.statistics()
    rows = [reader.release([[0] * len(place)])[0] for _ in range(draws)]
    for number, key in enumerate(place):
        sigma = next(item.sigma for item in plan.statistics if (item.statistic.kind, item.statistic.column) == key)
        drawn = [row[number] for row in rows]
        assert abs(statistics.stdev(drawn) / sigma - 1) < 5 / math.sqrt(2 * draws)
        assert abs(statistics.fmean(drawn)) < 5 * sigma / math.sqrt(draws)


@pytest.mark.parametrize(
    ("changes", "statistics_wanted"),
    [
        ({"measures": MOMENTS}, {"filled", "centred", "squares"}),
        ({"measures": [{"kind": "count_rows"}], "by": LEARNED}, {"persons", "rows"}),
        ({"measures": [{"kind": "sum", "column": "gpa"}], "by": LEARNED}, {"persons", "sum"}),
        ({"measures": [*MOMENTS, {"kind": "sum", "column": "gpa"}, {"kind": "count_persons"}], "by": LEARNED},
         {"persons", "filled", "centred", "squares", "sum"}),
    ],
)  # fmt: skip
def test_every_sum_that_smartnoise_takes_is_in_the_price_and_no_other(
    changes: dict[str, Any], statistics_wanted: set[str]
) -> None:
    plan = plan_of(**changes, loss={"epsilon": 1})
    assert {item.statistic.kind for item in plan.statistics} == statistics_wanted
    found = Reader(plan, NoNoise()).statistics()
    assert sorted(str(key) for key in found if key) == sorted(
        str((item.statistic.kind, item.statistic.column)) for item in plan.statistics
    )


def test_a_sum_that_was_not_priced_is_refused() -> None:
    plan = plan_of(measures=MOMENTS, loss={"epsilon": 1})
    cheaper = Plan(plan.specification, plan.statistics[:2], plan.rows_per_person, plan.loss)
    with pytest.raises(Unavailable, match="more than was priced"):
        Reader(cheaper, NoNoise()).statistics()


def test_a_row_out_of_turn_is_refused() -> None:
    reader = Reader(plan_of(measures=MOMENTS, loss={"epsilon": 1}), NoNoise())
    width = len(reader.statistics())
    reader.draw([[1] * width, [2] * width])
    mechanism = next(each for each in reader._get_mechanisms(reader._rewrite(reader.sql)[0]) if each)
    assert mechanism.release([1]) == [1]
    for value in (3, 2):  # another row, then none that was drawn
        with pytest.raises(Unavailable, match="out of turn"):
            mechanism.release([value])


@pytest.mark.parametrize("by", [[], LEARNED])
def test_our_charge_holds_every_mechanism_of_its_odometer_and_is_never_below_dp_accounting(by: list[Any]) -> None:
    """Its odometer counts mechanisms, the hidden key count included; what they lose together is computed exactly."""
    import dp_accounting

    plan = plan_of(measures=[*MOMENTS, {"kind": "count_rows"}], by=by, loss={"epsilon": 4})
    reader = Reader(plan, NoNoise())
    width = len(reader.statistics())
    names = [symbol.name for symbol in reader._rewrite(reader.sql)[0]._select_symbols]
    reader.draw([[10_000] * width])
    reader.execute(reader.sql, pre_aggregated=[names, [10_000] * width])
    charged = sorted(item.loss.epsilon() for item in plan.statistics)
    assert charged == sorted(epsilon for epsilon, _ in reader.odometer.steps)
    accountant = dp_accounting.pld.PLDAccountant()
    for item in plan.statistics:
        multiplier = item.sigma / math.sqrt(item.statistic.squared_sensitivity)
        accountant.compose(dp_accounting.GaussianDpEvent(multiplier))
    assert accountant.get_epsilon(DELTA) <= plan.loss.epsilon()


def test_learned_groups_cost_delta_and_a_count_of_persons() -> None:
    named = plan_of(by=[{"column": "district_code", "keys": ["0000000"]}])
    learned = plan_of(by=LEARNED)
    assert learned.loss == named.loss + Loss(0, KEYS_DELTA)
    assert plan_of(by=LEARNED, measures=[{"kind": "mean", "column": "gpa"}]).of("persons").loss.nano_rho > 0
    again = price_at(learned.specification, POLICY, tuple(item.loss.nano_rho for item in learned.statistics))
    assert (again.loss, again.threshold) == (learned.loss, learned.threshold)


def test_the_threshold_shows_a_group_of_one_person_with_less_than_delta() -> None:
    for rows, where in ((1, count_body()["where"]), (2, [])):
        plan = plan_of(by=LEARNED, where=where, loss={"error": 30})
        assert plan.threshold is not None
        tail = statistics.NormalDist(0, plan.of("persons").sigma).cdf(-(plan.threshold - 2)) * rows
        assert plan.rows_per_person == rows
        assert 0 < tail <= KEYS_DELTA / FEMTO < DELTA


def test_only_groups_above_the_threshold_are_shown_and_in_the_order_of_their_keys(tmp_path: Path) -> None:
    base = completions(2)[0]
    sizes = {"0000002": 400, "0000001": 300, "0000003": 1, "0000004": 8}
    people = [district for district, size in sizes.items() for _ in range(size)]
    rows = [
        {**base, "person_key": n, "academic_year": 2023, "district_code": code} for n, code in enumerate(people, 100)
    ]
    file = bounded(tmp_path, [*rows, {**rows[0], "person_key": 99, "district_code": None}])
    found = asked(file, by=LEARNED, measures=[{"kind": "count_persons"}, {"kind": "mean", "column": "gpa"}])
    assert [row["district_code"] for row in found.rows] == ["0000001", "0000002"] * 2
    assert abs(found.rows[0]["value"] - 300) < 120


def test_one_person_changes_which_groups_are_shown_only_past_the_threshold(tmp_path: Path) -> None:
    """With and without a person who alone makes a group: the group is never shown, in a hundred answers."""
    rows = [{**row, "academic_year": 2023} for row in completions(301)]
    alone = {**rows[0], "person_key": 999, "district_code": "ALONE"}
    plan = plan_of(by=LEARNED, loss={"error": 10})
    shown = []
    for name, each in (("without", rows), ("with", [*rows, alone])):
        file = bounded(tmp_path / name, each)
        cells, exact = counted(plan, POLICY, file)
        from enclave.dp import smartnoise

        for _ in range(100 if name == "with" else 1):
            shown.append({cell[0] for cell in smartnoise.release(plan, cells, exact, GaussianNoise()).cells})
    assert ("ALONE",) in cells
    assert all("ALONE" not in each for each in shown)
    assert all({"0000000", "0000001"} <= each for each in shown)


def test_a_key_that_is_no_code_is_never_learned(tmp_path: Path) -> None:
    base = {**completions(2)[0], "academic_year": 2023}
    rows = [{**base, "person_key": n, "district_code": "Jane Doe, 12 Elm St"} for n in range(500)]
    assert asked(bounded(tmp_path, rows), by=LEARNED).rows == ()


@pytest.mark.parametrize("kind", ["histogram", "quantile"])
def test_bins_of_learned_groups_are_refused_with_what_to_do(kind: str) -> None:
    item = {"kind": kind, "column": "gpa"} | ({"q": 0.5} if kind == "quantile" else {})
    with pytest.raises(Unprocessable, match="learned from data") as refusal:
        plan_of(by=LEARNED, measures=[item])
    assert "Name the keys" in refusal.value.advice


def test_sql_says_variance_and_deviation() -> None:
    text = "SELECT gender, VARIANCE(gpa), VAR_POP(gpa) FROM k12_completion GROUP BY gender"
    with pytest.raises(Unprocessable, match="asked twice"):
        price(parse_request({"sql": text, "loss": {"epsilon": 1}}).specification, POLICY, ("epsilon", 1))
    text = "SELECT gender, VAR_SAMP(gpa), STDDEV(gpa) FROM k12_completion GROUP BY gender"
    found = specification_json(parse_request({"sql": text, "loss": {"epsilon": 1}}).specification)
    assert [item["kind"] for item in json.loads(json.dumps(found))["measures"]] == ["variance", "stddev"]


@pytest.mark.filterwarnings("ignore")
def test_smartnoise_with_its_own_noise_agrees_over_the_same_bounded_table(table: Path) -> None:
    """The oracle: its own engine, reader and Gaussian over the same rows; counts, sums, means and variances agree."""
    import duckdb
    import snsql

    with duckdb.connect() as database:
        query = "SELECT person, gpa - 250 AS gpa FROM read_parquet(?) WHERE academic_year = 2023"
        frame = database.execute(query, [str(table)]).df()
    metadata = {"": {"dp": {"bounded": {
        "row_privacy": False, "max_ids": 1, "sample_max_ids": False, "censor_dims": False,
        "person": {"type": "int", "private_id": True}, "gpa": {"type": "int", "lower": -250, "upper": 250},
    }}}}  # fmt: skip
    sql = "SELECT COUNT(DISTINCT person), SUM(gpa), AVG(gpa), VAR(gpa) FROM dp.bounded"
    theirs = []
    for _ in range(20):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = snsql.from_df(frame, privacy=snsql.Privacy(epsilon=2.0, delta=1e-6), metadata=metadata)
            theirs.append(reader.execute(sql)[1])
    measures = [{"kind": "count_persons"}, *({"kind": kind, "column": "gpa"} for kind in ("sum", "mean", "variance"))]
    ours = [
        [row["value"] for row in asked(table, measures=measures, by=[], loss={"epsilon": 4}).rows] for _ in range(20)
    ]
    persons = len(frame)
    for place, change in enumerate((lambda v: v, lambda v: v * 100 - 250 * persons, lambda v: v * 100 - 250,
                                    lambda v: v * 10_000)):  # fmt: skip
        left, right = [row[place] for row in theirs], [change(row[place]) for row in ours]
        error = math.sqrt((statistics.variance(left) + statistics.variance(right)) / 20)
        assert abs(statistics.fmean(left) - statistics.fmean(right)) < 5 * error + 1
