"""Questions in SQL: what is read, as which question, and what is refused with what to write instead."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enclave.core.errors import EnclaveError, Unprocessable
from enclave.dp.specification import parse_request
from enclave.dp.sql import read_question

FROM = "FROM k12_completion"
PERSONS = {"kind": "count_persons"}
ROWS = {"kind": "count_rows"}

READ: list[tuple[str, dict[str, Any]]] = [
    (f"SELECT COUNT(DISTINCT person) {FROM}", {"measures": [PERSONS]}),
    (f"select count(*) as n {FROM};", {"measures": [ROWS]}),
    (f"{FROM} SELECT count(*)", {"measures": [ROWS]}),
    (f"SELECT county_code, COUNT(DISTINCT person_id) {FROM} GROUP BY county_code",
     {"measures": [PERSONS], "by": [{"column": "county_code", "keys": None}]}),
    (f"SELECT k.County_Code, COUNT(*) {FROM} AS k GROUP BY 1",
     {"measures": [ROWS], "by": [{"column": "county_code", "keys": None}]}),
    (f"SELECT county_code, COUNT(*) {FROM} WHERE county_code IN ('01', '19') AND gpa > 3 GROUP BY county_code",
     {"measures": [ROWS], "by": [{"column": "county_code", "keys": ["01", "19"]}],
      "where": [{"column": "gpa", "op": ">", "value": 3}]}),
    (f"SELECT county_code, COUNT(*) {FROM} WHERE county_code = '01' GROUP BY county_code",
     {"measures": [ROWS], "by": [{"column": "county_code", "keys": ["01"]}]}),
    (f"SELECT AVG(gpa), SUM(gpa), MEDIAN(gpa), QUANTILE_CONT(gpa, 0.9), HISTOGRAM(gpa) {FROM}",
     {"measures": [{"kind": "mean", "column": "gpa"}, {"kind": "sum", "column": "gpa"},
                   {"kind": "quantile", "column": "gpa", "q": 0.5}, {"kind": "quantile", "column": "gpa", "q": 0.9},
                   {"kind": "histogram", "column": "gpa"}]}),
    (f"SELECT PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY gpa) {FROM}",
     {"measures": [{"kind": "quantile", "column": "gpa", "q": 0.25}]}),
    (f"SELECT COUNT(*) {FROM} WHERE (academic_year BETWEEN 2020 AND 2023 AND (3.5 <= gpa)) AND gender = 'it''s'",
     {"measures": [ROWS], "where": [{"column": "academic_year", "op": "between", "value": [2020, 2023]},
                                    {"column": "gpa", "op": ">=", "value": 3.5},
                                    {"column": "gender", "op": "=", "value": "it's"}]}),
    (f"SELECT COUNT(*) {FROM} WHERE gpa > -1.5 AND gender = 'x\\'",
     {"measures": [ROWS], "where": [{"column": "gpa", "op": ">", "value": -1.5},
                                    {"column": "gender", "op": "=", "value": "x\\"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text[:60] for text, _ in READ])
def test_a_select_is_read_into_the_same_question_as_a_body_states(text: str, expected: dict[str, Any]) -> None:
    assert read_question(text) == {"dataset": "k12_completion", "where": [], "by": [], **expected}
    stated = parse_request({"dataset": "k12_completion", **expected, "loss": {"error": 30}})
    assert parse_request({"sql": text, "loss": {"error": 30}}) == stated


JOINED = "FROM ui_wage JOIN k12_enrollment USING (person)"


@pytest.mark.parametrize(
    ("text", "by", "where"),
    [
        (f"SELECT foster, AVG(earnings) {JOINED} GROUP BY foster", ["k12_enrollment.foster"], []),
        (f"SELECT k12_enrollment.county_code, COUNT(*) {JOINED} GROUP BY 1", ["k12_enrollment.county_code"], []),
        (f"SELECT county_code, AVG(earnings) {JOINED} WHERE foster = 'Y' GROUP BY county_code", ["county_code"],
         ["k12_enrollment.foster"]),
        ("SELECT w.county_code, COUNT(DISTINCT w.person) FROM ui_wage w JOIN k12_completion k USING (person_id) "
         "WHERE k.gpa >= 3 AND w.year = 2023 GROUP BY w.county_code", ["county_code"], ["k12_completion.gpa", "year"]),
    ],
)  # fmt: skip
def test_attributes_of_joined_tables_are_named_with_their_table(text: str, by: list[str], where: list[str]) -> None:
    question = read_question(text)
    assert question["dataset"] == "ui_wage"
    assert [group["column"] for group in question["by"]] == by
    assert [condition["column"] for condition in question["where"]] == where


REFUSED: list[tuple[str, str]] = [
    ("SELECT", "Add COUNT"),
    ("SELECT COUNT(*)", "FROM and the table"),
    (f"SELECT county_code {FROM}", "Add COUNT"),
    (f"SELECT * {FROM}", "Measures are"),
    (f"SELECT COUNT(gpa) {FROM}", "COUNT\\(DISTINCT person\\) or"),
    (f"SELECT COUNT(DISTINCT gpa) {FROM}", "COUNT\\(DISTINCT person\\) or"),
    (f"SELECT MAX(gpa) {FROM}", "Measures are"),
    (f"SELECT SUM(DISTINCT gpa) {FROM}", "column's name alone"),
    (f"SELECT SUM(gpa * 2) {FROM}", "column's name alone"),
    (f"SELECT SUM(gpa) / COUNT(*) {FROM}", "Measures are"),
    (f"SELECT COUNT(*) FILTER (WHERE gpa > 3) {FROM}", "Measures are"),
    (f"SELECT COUNT(*) OVER () {FROM}", "Measures are"),
    (f"SELECT QUANTILE(gpa, 1) {FROM}", "QUANTILE"),
    (f"SELECT county_code, COUNT(*) {FROM}", "GROUP BY"),
    (f"SELECT COUNT(*) {FROM} GROUP BY ROLLUP(county_code)", "public keys"),
    (f"SELECT county_code, COUNT(*) {FROM} GROUP BY ALL", "question of their own"),
    (f"SELECT COUNT(*) {FROM} GROUP BY 1", "public keys"),
    (f"SELECT COUNT(*) {FROM} WHERE gpa > 3 OR gpa < 1", "as IN"),
    (f"SELECT COUNT(*) {FROM} WHERE NOT gpa > 3", "as IN"),
    (f"SELECT COUNT(*) {FROM} WHERE gpa <> 3", "as IN"),
    (f"SELECT COUNT(*) {FROM} WHERE county_code LIKE '0%'", "as IN"),
    (f"SELECT COUNT(*) {FROM} WHERE gpa > 1 + 1", "write it down"),
    (f"SELECT COUNT(*) {FROM} WHERE gpa = NULL", "write it down"),
    (f"SELECT COUNT(*) {FROM} ORDER BY 1", "sort_values"),
    (f"SELECT COUNT(*) {FROM} LIMIT 5", "head"),
    (f"SELECT COUNT(*) {FROM} HAVING COUNT(*) > 5", "keep rows"),
    (f"SELECT DISTINCT COUNT(*) {FROM}", "GROUP BY"),
    (f"WITH a AS (SELECT 1) SELECT COUNT(*) {FROM}", "Write one statement"),
    (f"SELECT COUNT(*) {FROM} JOIN ui_wage USING (person_key)", "Leave JOIN out"),
    (f"SELECT COUNT(*) {FROM} LEFT JOIN ui_wage USING (person) WHERE naics = '11'", r"USING \(person\)"),
    (f"SELECT COUNT(*) {FROM} JOIN ui_wage USING (county_code) WHERE naics = '11'", r"USING \(person\)"),
    (f"SELECT COUNT(*) {FROM} JOIN ui_wage ON true WHERE naics = '11'", r"USING \(person\)"),
    (f"SELECT COUNT(*) {FROM} CROSS JOIN ui_wage", r"USING \(person\)"),
    (f"SELECT COUNT(*) {FROM} JOIN (SELECT * FROM ui_wage) w USING (person)", r"USING \(person\)"),
    (f"SELECT AVG(earnings) {FROM} JOIN ui_wage USING (person) WHERE naics = '11'", "after FROM"),
    (f"SELECT MEDIAN(w.earnings) {FROM} JOIN ui_wage w USING (person) WHERE naics = '11'", "after FROM"),
    (f"SELECT HISTOGRAM(w.earnings) {FROM} JOIN ui_wage w USING (person) WHERE naics = '11'", "after FROM"),
    (
        "SELECT COUNT(*) FROM ui_wage JOIN k12_enrollment USING (person) JOIN k12_completion USING (person) "
        "WHERE gender = 'F' AND promise_offered = 'Y' AND english_learner = 'EL'",
        "with its table",
    ),
    (f"SELECT COUNT(*) {FROM}, ui_wage", r"USING \(person\)"),
    (f"SELECT COUNT(*) {FROM} TABLESAMPLE 10%", "FROM and the table"),
    ("SELECT COUNT(*) FROM main.k12_completion", "FROM and the table"),
    (f"SELECT COUNT(*) INTO x {FROM}", "Write one statement"),
    (f"SELECT COUNT(*) {FROM} QUALIFY 1 = 1", "Write one statement"),
    (f"DELETE {FROM}", "Write one statement"),
]


@pytest.mark.parametrize(("text", "advice"), REFUSED, ids=[text[:60] for text, _ in REFUSED])
def test_what_is_outside_the_subset_is_refused_with_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        read_question(text)
    assert re.search(advice, refusal.value.advice)


WORDS = (
    "SELECT COUNT ( * ) DISTINCT person , SUM gpa FROM k12_completion WHERE = 'a' 3 AND OR IN GROUP BY county_code ; "
    "-- /* */ \\ ' \" NULL . :: [ ] { } $1 ? UNION JOIN WITH AS CASE WHEN END -1 1e9 x"
)
TEXTS = st.text(max_size=200) | st.lists(st.sampled_from(WORDS.split(" ")), max_size=25).map(" ".join)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_text_is_read_or_refused_and_nothing_else_happens(text: str) -> None:
    try:
        parse_request({"sql": text, "loss": {"error": 30}})
    except EnclaveError as refusal:
        assert refusal.advice
