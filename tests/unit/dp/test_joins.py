"""Measures of one table by attributes of persons in another: the same bounds, and a receipt that says so."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enclave.core.db import Session
from enclave.core.errors import Conflict, EnclaveError, Unprocessable
from enclave.core.signing import open_envelope
from enclave.dp.bounded import BoundedTable, ensure_attributes, ensure_bounded
from enclave.dp.engine import answer, counted
from enclave.dp.joins import policy_of
from enclave.dp.noise import GaussianNoise
from enclave.dp.policy import load_policies, policy_for
from enclave.dp.price import Plan, Priced, price
from enclave.dp.shape import shape
from enclave.dp.specification import Request, parse_request, question_digest
from enclave.editions.model import Edition, EditionTable
from services.private_answers import answer_question
from services.uses import Kind, uses_of
from tests.unit.dp.editions import EDITION, Row, completions, publish
from tests.unit.dp.world import PROJECT, World, count_body

GENDER = "k12_completion.gender"
WAGES = {
    "dataset": "ui_wage",
    "where": [{"column": "year", "op": "=", "value": 2023}],
    "by": [{"column": GENDER, "keys": ["F", "M"]}],
    "measures": [{"kind": "count_persons"}, {"kind": "mean", "column": "earnings"}],
    "loss": {"epsilon": 4},
}


class NoNoise:
    def add(self, values: list[int], priced: Priced) -> list[int]:
        return values


def wages(people: int = 60, quarters: int = 4) -> list[Row]:
    return [
        {"person_key": person, "year": 2023, "quarter": quarter, "naics": "61", "county_code": "19",
         "earnings": 10_000 + 100 * person}
        for person in range(people)
        for quarter in range(1, quarters + 1)
    ]  # fmt: skip


def request_of(**changes: Any) -> Request:
    return parse_request({**WAGES, **changes})


def plan_of(**changes: Any) -> Plan:
    request = request_of(**changes)
    return price(request.specification, policy_of(request.specification), request.loss.stated())


def built(root: Path, wage_rows: list[Row], completion_rows: list[Row]) -> BoundedTable:
    publish(root, wage_rows, "ui_wage", "edd")
    publish(root, completion_rows)
    places = root / "research" / "editions", root / "bounded", EDITION
    attributes = {"k12_completion": ensure_attributes(*places, policy_for("k12_completion"))}
    return replace(ensure_bounded(*places, policy_for("ui_wage")), attributes=attributes)


def exact(plan: Plan, table: BoundedTable) -> Any:
    return counted(plan, policy_of(plan.specification), table.file, table.joined)[1]


def test_wages_by_the_gender_of_completers(tmp_path: Path) -> None:
    table, plan = built(tmp_path, wages(), completions(60)), plan_of()
    policy = policy_of(plan.specification)
    rows = shape(answer(plan, policy, table.file, NoNoise(), table.joined), plan, policy).rows
    assert [(row[GENDER], row["value"]) for row in rows[:2]] == [("F", 31), ("M", 29)]
    men = sum(10_000 + 100 * person for person in range(2, 60, 2)) / 29
    assert rows[3]["value"] == pytest.approx(men, abs=0.01)


def test_conditions_on_attributes_of_two_tables_hold_together(tmp_path: Path) -> None:
    table = built(tmp_path, wages(), completions(60))
    where = [{"column": "k12_completion.gpa", "op": ">=", "value": 3.0}, {"column": GENDER, "op": "=", "value": "F"}]
    plan = plan_of(by=[], where=where, measures=[{"kind": "count_persons"}])
    expected = sum(2.0 + (n % 20) / 10 >= 3.0 for n in range(1, 60, 2)) + 1
    assert exact(plan, table)[("persons", None)] == [expected]


def test_a_person_has_one_row_of_attributes_and_it_is_of_the_last_year(tmp_path: Path) -> None:
    base = completions(2)[0]
    years = [{**base, "person_key": 7, "academic_year": year, "county_code": f"{year - 2010}"} for year in (2022, 2024)]
    same_year = [{**base, "person_key": 8, "academic_year": 2024, "county_code": code} for code in ("01", "19")]
    table = built(tmp_path, wages(), [*years, *same_year]).attributes["k12_completion"]
    with duckdb.connect() as database:
        rows = database.execute("SELECT person, county_code FROM read_parquet(?)", [str(table.file)]).fetchall()
    assert rows[0] == (7, "14")
    assert len(rows) == 2


def test_a_join_costs_no_more_and_groups_of_attributes_alone_cost_less() -> None:
    joined, plain = plan_of(), plan_of(by=[{"column": "naics", "keys": ["61", "62"]}])
    assert joined.rows_per_person == plain.rows_per_person == 8
    sensitivities = [plan.of("persons").statistic.squared_sensitivity for plan in (joined, plain)]
    assert sensitivities == [1, 8]
    mixed = plan_of(by=[{"column": GENDER, "keys": ["F"]}, {"column": "naics", "keys": ["61"]}])
    assert mixed.of("persons").statistic.squared_sensitivity == 8
    for kind in ("filled", "centred"):
        assert joined.of(kind, "earnings").statistic == plain.of(kind, "earnings").statistic


def test_the_identity_of_a_question_holds_the_rule_of_the_joined_table() -> None:
    request = request_of()
    policy = policy_of(request.specification)
    assert policy.joins["k12_completion"].choose == "last"
    assert policy.digest != policy_for("ui_wage").digest
    fields = {name: getattr(policy, name) for name in type(policy).model_fields}
    salted = policy.joins["k12_completion"].model_copy(update={"choose": "any"})
    other = type(policy)(**{**fields, "joins": {"k12_completion": salted}})
    assert question_digest(EDITION, request.specification, plan_of().loss, policy.digest) != question_digest(
        EDITION, request.specification, plan_of().loss, other.digest
    )


person_rows = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": st.integers(0, 4),
            "year": st.sampled_from([2022, 2023]),
            "quarter": st.integers(1, 4),
            "naics": st.sampled_from(["61", "62"]),
            "earnings": st.integers(-10, 90_000),
        }
    ),
    min_size=1,
    max_size=40,
)
attribute_rows = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": st.integers(0, 4),
            "academic_year": st.sampled_from([2022, 2023]),
            "gender": st.sampled_from(["F", "M", None]),
            "gpa": st.floats(0, 5),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wage_rows=person_rows,
    completion_rows=attribute_rows,
    by=st.sampled_from([[GENDER], [GENDER, "naics"], ["naics"], []]),
    condition=st.booleans(),
)
def test_removing_one_person_from_every_table_changes_no_statistic_by_more_than_its_sensitivity(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    wage_rows: list[Row],
    completion_rows: list[Row],
    by: list[str],
    condition: bool,
) -> None:
    monkeypatch.setattr(secrets, "randbits", lambda _bits: 12345)
    where = [{"column": GENDER, "op": "in", "value": ["F", "M"]}] * condition
    measures = [{"kind": "count_persons"}, {"kind": "count_rows"}]
    measures += [{"kind": kind, "column": "earnings"} for kind in ("sum", "variance")]
    keys = {GENDER: ["F", "M"], "naics": ["61", "62"]}
    plan = plan_of(by=[{"column": name, "keys": keys[name]} for name in by], where=where, measures=measures)
    vectors = []
    for gone in (None, 0):
        root, nobody = tmp_path_factory.mktemp("edition"), {"person_key": None}
        sides = [[row for row in rows if row["person_key"] != gone] + [{**rows[0], **nobody}]
                 for rows in (wage_rows, completion_rows)]  # fmt: skip
        vectors.append(exact(plan, built(root, *sides)))
    for item in plan.statistics:
        key = (item.statistic.kind, item.statistic.column)
        distance = sum((a - b) ** 2 for a, b in zip(vectors[0][key], vectors[1][key], strict=True))
        assert distance <= item.statistic.squared_sensitivity


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("a table that is not open", {"by": [{"column": "passwords.hash"}]}, "Tables to join"),
    ("its own table", {"by": [{"column": "ui_wage.naics"}]}, "column alone"),
    ("a column that is no attribute", {"by": [{"column": "k12_enrollment.days_absent"}]}, "Attributes there"),
    ("a column that is not open", {"by": [{"column": "k12_enrollment.last_name"}]}, "Columns open"),
    ("a measure of another table", {"measures": [{"kind": "mean", "column": "k12_completion.gpa"}]}, "lower case"),
    ("more than three tables", {"by": [{"column": f"{name}.{column}"} for name, column in (
        ("k12_completion", "gender"), ("ps_award", "award_level"), ("fin_aid", "cal_grant"))],
        "where": [{"column": "credential.status", "op": "=", "value": "clear"}]}, "fewer tables"),
    ("three parts", {"by": [{"column": "edd.ui_wage.naics"}]}, "lower case"),
    ("a key that is not public", {"by": [{"column": GENDER, "keys": ["Canary"]}]}, "codebook"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "advice"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_joined_is_refused_with_what_to_do(change: dict[str, Any], advice: str) -> None:
    with pytest.raises(EnclaveError) as refusal:
        plan_of(**change)
    assert advice in refusal.value.advice
    assert "Canary" not in str(refusal.value)


def test_every_table_but_none_says_which_row_stands_for_a_person() -> None:
    for policy in load_policies().values():
        if policy.person is not None:
            assert set(policy.person.columns) <= set(policy.columns)
            assert all(policy.columns[name].groupable or policy.columns[name].numeric for name in policy.person.columns)


JOINED = count_body(by=[{"column": "k12_enrollment.english_learner", "keys": ["EL", "EO"]}], loss={"error": 20})


def add_enrollment(session: Session) -> None:
    edition = session.get(Edition, EDITION)
    assert edition is not None
    columns = [
        {"name": name, "type": "text", "description": name, "kind": "attribute", "max_route": "extract"}
        for name in ("person_key", *load_policies()["k12_enrollment"].columns)
    ]
    edition.tables.append(
        EditionTable(
            id=f"{EDITION}/cde/k12_enrollment", provider="cde", name="k12_enrollment", description="", rows=1,
            persons=1, digest="0" * 64, columns=columns,
        )
    )  # fmt: skip


def test_the_whole_path_answers_a_join_and_the_receipt_names_it(world: World, tmp_path: Path) -> None:
    rows = [
        {"person_key": n, "academic_year": 2022, "english_learner": "EL" if n % 4 == 1 else "EO"} for n in range(400)
    ]
    publish(tmp_path, rows, "k12_enrollment")
    with pytest.raises(Unprocessable, match="no such dataset"):
        answer_question(world.database, world.client, world.alice, PROJECT, parse_request(JOINED))
    with world.database.write() as session:
        add_enrollment(session)
    found = answer_question(world.database, world.client, world.alice, PROJECT, parse_request(JOINED))
    assert [row["k12_enrollment.english_learner"] for row in found["rows"]] == ["EL", "EO"]
    assert abs(found["rows"][0]["value"] - 100) < 80
    receipt = open_envelope(found["receipt"], world.client.keyring, "dp.receipt", world.client.clock, {"data"})
    (join,) = receipt["joins"]
    assert (join["table"], join["row"], join["columns"]) == ("k12_enrollment", "last", ["english_learner"])
    assert len(join["digest"]) == 64
    with world.database.read() as session:
        (use,) = [each for each in uses_of(session, "cde") if each.kind is Kind.QUERY]
    assert use.elements == ("cde.k12_completion", "cde.k12_enrollment"), "a provider sees a join of its tables too"


def test_a_joined_provider_that_withdraws_closes_the_question(world: World, tmp_path: Path) -> None:
    publish(tmp_path, wages(), "ui_wage", "edd")
    with world.database.write() as session:
        add_enrollment(session)
        edition = session.get(Edition, EDITION)
        assert edition is not None
        table = next(each for each in edition.tables if each.name == "k12_enrollment")
        table.provider, table.id = "edd", f"{EDITION}/edd/k12_enrollment"
    with pytest.raises(Conflict, match="edd"):
        answer_question(world.database, world.client, world.alice, PROJECT, parse_request(JOINED))


def test_noise_over_a_join_is_that_of_the_price(tmp_path: Path) -> None:
    table, plan = built(tmp_path, wages(), completions(60)), plan_of(measures=[{"kind": "count_persons"}])
    policy, draws = policy_of(plan.specification), 200
    found = [
        answer(plan, policy, table.file, GaussianNoise(), table.joined).noisy[("persons", None)][0]
        for _ in range(draws)
    ]
    sigma = plan.of("persons").sigma
    assert abs(sum(found) / draws - 31) < 5 * sigma / draws**0.5 + 0.5
