"""What people send who do not mean well. Each row is refused before anything is charged or read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from enclave.core.errors import EnclaveError
from enclave.dp.policy import policy_for
from enclave.dp.price import price
from enclave.dp.specification import parse_request
from tests.unit.dp.world import count_body

INJECTION = "x\\') UNION ALL SELECT gpa FROM k12_completion -- "
CANARY = "canary-7431"


def where(**condition: Any) -> dict[str, Any]:
    return count_body(where=[condition])


def measure(**item: Any) -> dict[str, Any]:
    return count_body(measures=[item])


def sql(text: str) -> dict[str, Any]:
    return {"sql": text, "loss": {"epsilon": 1}}


ATTACKS: list[tuple[str, Any]] = [
    ("not an object", []),
    ("null", None),
    ("text", "SELECT 1"),
    ("SQL text", {"sql": "SELECT * FROM k12_completion", "loss": {"epsilon": 1}}),
    ("SQL beside a question", {**count_body(), "sql": "SELECT COUNT(*) FROM k12_completion"}),
    ("SQL of a secret table", sql("SELECT COUNT(*) FROM passwords")),
    ("SQL of a file", sql("SELECT COUNT(*) FROM '/etc/passwd'")),
    ("SQL that calls a reader", sql("SELECT COUNT(*) FROM read_csv('/etc/passwd')")),
    ("SQL with a backslash", sql(f"SELECT COUNT(*) FROM k12_completion WHERE county_code = '{INJECTION}'")),
    ("SQL with a second statement", sql("SELECT COUNT(*) FROM k12_completion; DROP TABLE k12_completion")),
    ("SQL with a union", sql("SELECT COUNT(*) FROM k12_completion UNION ALL SELECT gpa FROM k12_completion")),
    ("SQL with a subquery", sql("SELECT COUNT(*) FROM (SELECT * FROM k12_completion)")),
    ("SQL with IN of a subquery", sql("SELECT COUNT(*) FROM k12_completion WHERE gpa IN (SELECT gpa FROM ui_wage)")),
    ("SQL with a comment for an end", sql("SELECT COUNT(*) FROM k12_completion WHERE gpa = 'x' --' AND 1=1")),
    ("SQL that compares columns", sql("SELECT COUNT(*) FROM k12_completion WHERE gpa = person_key")),
    ("SQL that counts secrets", sql("SELECT COUNT(DISTINCT last_name) FROM k12_completion")),
    ("SQL that asks about a secret", sql("SELECT COUNT(*) FROM k12_completion WHERE last_name = 'x'")),
    ("SQL that groups by a secret", sql("SELECT person_key, COUNT(*) FROM k12_completion GROUP BY person_key")),
    ("SQL as deep as a well", sql("SELECT COUNT(*) FROM k12_completion WHERE " + "(" * 30_000)),
    ("SQL of a thousand ORs", sql("SELECT COUNT(*) FROM k12_completion WHERE " + " OR ".join(["gpa = 1"] * 1000))),
    ("SQL of many minuses", sql("SELECT COUNT(*) FROM k12_completion WHERE gpa = " + "- " * 9000 + "1")),
    ("SQL with a cast", sql("SELECT COUNT(*) FROM k12_completion WHERE gpa = CAST('x' AS INT)")),
    ("SQL with a huge number", sql("SELECT COUNT(*) FROM k12_completion WHERE academic_year = 1e999")),
    ("SQL that attaches", sql("ATTACH '/tmp/x.db'")),
    ("SQL that sets", sql("SET enable_external_access = true")),
    ("SQL that is a number", {"sql": 5, "loss": {"epsilon": 1}}),
    ("SQL that is empty", sql("  ")),
    ("no measures", count_body(measures=[])),
    ("unknown field", count_body(debug=True)),
    ("unknown purse", count_body(purse="everything")),
    ("unknown dataset", count_body(dataset="passwords")),
    ("dataset with a quote", count_body(dataset="k12'; DROP TABLE x; --")),
    ("dataset as a path", count_body(dataset="../../etc/passwd")),
    ("dataset in capitals", count_body(dataset="K12_COMPLETION")),
    ("column with a quote", where(column='gpa" OR 1=1', op="=", value=1)),
    ("column with a comment", where(column="gpa--", op="=", value=1)),
    ("column with a newline", where(column="gpa\n", op="=", value=1)),
    ("unlisted column", where(column="person_key", op="=", value=1)),
    ("unlisted identity column", where(column="last_name", op="=", value="x")),
    ("unknown operator", where(column="county_code", op="LIKE", value="0%")),
    ("operator with SQL", where(column="county_code", op="= 1 OR", value="0")),
    ("number for text", where(column="county_code", op="=", value=1)),
    ("text for number", where(column="academic_year", op="=", value="2023")),
    ("text number for number", where(column="academic_year", op="=", value="2023 OR 1=1")),
    ("boolean for number", where(column="academic_year", op="=", value=True)),
    ("null value", where(column="academic_year", op="=", value=None)),
    ("NaN value", where(column="gpa", op=">", value=float("nan"))),
    ("infinite value", where(column="gpa", op=">", value=float("inf"))),
    ("huge number", where(column="academic_year", op="=", value=10**400)),
    ("fraction for a year", where(column="academic_year", op="=", value=2023.5)),
    ("size of codes", where(column="county_code", op="<", value="19")),
    ("one end of between", where(column="academic_year", op="between", value=[2020])),
    ("three ends of between", where(column="academic_year", op="between", value=[1, 2, 3])),
    ("list for equals", where(column="academic_year", op="=", value=[2023])),
    ("scalar for in", where(column="academic_year", op="in", value=2023)),
    ("empty in", where(column="academic_year", op="in", value=[])),
    ("oversized in", where(column="academic_year", op="in", value=list(range(5000)))),
    ("nested in", where(column="academic_year", op="in", value=[[2023]])),
    ("object value", where(column="academic_year", op="=", value={"$gt": 0})),
    ("very long text", where(column="county_code", op="=", value="x" * 5000)),
    ("too many conditions", count_body(where=count_body()["where"] * 21)),
    ("group by a number", count_body(by=[{"column": "gpa"}])),
    ("group by an unlisted column", count_body(by=[{"column": "record_id"}])),
    ("group twice", count_body(by=[{"column": "county_code"}] * 2)),
    ("too many groups", count_body(by=[{"column": "county_code"}] * 5)),
    ("unknown key", count_body(by=[{"column": "county_code", "keys": [CANARY]}])),
    ("key with SQL", count_body(by=[{"column": "county_code", "keys": [INJECTION]}])),
    ("key of another type", count_body(by=[{"column": "county_code", "keys": [19]}])),
    ("no key", count_body(by=[{"column": "county_code", "keys": []}])),
    ("bins of learned groups", measure(kind="histogram", column="gpa") | {"by": [{"column": "school_code"}]}),
    ("too many cells", count_body(by=[{"column": "school_code", "keys": [str(n) for n in range(9999)]},
                                      {"column": "gender"}])),
    ("unknown measure", measure(kind="max", column="gpa")),
    ("measure with SQL", measure(kind="sum(gpa)")),
    ("sum without column", measure(kind="sum")),
    ("sum of text", measure(kind="sum", column="county_code")),
    ("sum of a year", measure(kind="sum", column="academic_year")),
    ("count of a column", measure(kind="count_persons", column="gpa")),
    ("quantile without q", measure(kind="quantile", column="gpa")),
    ("quantile at the maximum", measure(kind="quantile", column="gpa", q=1.0)),
    ("quantile at NaN", measure(kind="quantile", column="gpa", q=float("nan"))),
    ("q of a mean", measure(kind="mean", column="gpa", q=0.5)),
    ("measure twice", count_body(measures=[{"kind": "count_persons"}] * 2)),
    ("too many measures", count_body(measures=[{"kind": "count_persons"}] * 11)),
    ("own sensitivity", count_body(sensitivity=0)),
    ("own bounds", measure(kind="sum", column="gpa", bounds=[0, 0])),
    ("no loss", {name: value for name, value in count_body().items() if name != "loss"}),
    ("loss of null", count_body(loss=None)),
    ("two losses", count_body(loss={"epsilon": 1, "rho": 1})),
    ("own delta", count_body(loss={"epsilon": 1, "delta": 2})),
    ("zero epsilon", count_body(loss={"epsilon": 0})),
    ("negative epsilon", count_body(loss={"epsilon": -1})),
    ("NaN epsilon", count_body(loss={"epsilon": float("nan")})),
    ("infinite epsilon", count_body(loss={"epsilon": float("inf")})),
    ("huge epsilon", count_body(loss={"epsilon": 1e308})),
    ("text epsilon", count_body(loss={"epsilon": "1"})),
    ("boolean epsilon", count_body(loss={"epsilon": True})),
    ("list epsilon", count_body(loss={"epsilon": [1]})),
    ("zero error", count_body(loss={"error": 0})),
    ("negative rho", count_body(loss={"rho": -1e-9})),
]  # fmt: skip


@pytest.mark.parametrize("body", [body for _, body in ATTACKS], ids=[name for name, _ in ATTACKS])
def test_a_hostile_question_is_refused_without_repeating_it(body: Any) -> None:
    with pytest.raises(EnclaveError) as refusal:
        request = parse_request(body)
        price(request.specification, policy_for(request.dataset), request.loss.stated())
    said = json.dumps(refusal.value.as_json())
    assert CANARY not in said
    assert "UNION" not in said
    assert refusal.value.advice
    assert refusal.value.status in (400, 422, 429)


def test_an_injection_in_a_value_stays_a_value() -> None:
    request = parse_request(where(column="county_code", op="=", value=INJECTION))
    plan = price(request.specification, policy_for(request.dataset), request.loss.stated())
    assert plan.specification.where[0].value == INJECTION
