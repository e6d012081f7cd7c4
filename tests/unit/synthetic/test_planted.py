"""What is planted can be found again, from the providers' files and the true persons alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.synthetic.conftest import California, csv


@pytest.fixture(scope="module")
def plan(california: California) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(california.made.plan.read_text())
    return content


def _of(provider: str, table: str) -> str:
    """A provider's table with the true person of each row."""
    truth = f"(FROM '{{truth}}' WHERE provider = '{provider}')"
    return f"(SELECT * FROM {csv(provider, table)} JOIN {truth} USING (record_id))"


def test_the_college_promise_effect_is_found_by_differences_in_differences(
    california: California, plan: dict[str, Any]
) -> None:
    rows = california.ask(f"""
        WITH classes AS (
            SELECT DISTINCT true_person, academic_year::INT AS year, district_code, promise_offered
            FROM {_of("cde", "k12_completion")}
            WHERE completion_type <> 'none' AND TRY_CAST(academic_year AS INT) < 2025),
        districts AS (SELECT district_code, bool_or(promise_offered = 'Y') AS offers FROM classes GROUP BY ALL),
        firsts AS (SELECT true_person, min(TRY_CAST(academic_year AS INT)) AS first
                   FROM {_of("ccc", "ps_enrollment")} GROUP BY ALL)
        SELECT offers, year >= 2021, avg(coalesce((first = year + 1)::INT, 0)) * 100
        FROM classes JOIN districts USING (district_code) LEFT JOIN firsts USING (true_person) GROUP BY ALL""")
    rates = {(offers, after): rate for offers, after, rate in rows}
    found = (rates[True, True] - rates[True, False]) - (rates[False, True] - rates[False, False])
    assert plan["effects"]["college_promise"]["points"] == 3.0
    assert found == pytest.approx(3.0, abs=1.0)
    assert plan["effects"]["college_promise"]["realised_points"] == pytest.approx(3.0, abs=0.8)


def test_the_age_cut_off_shows_in_third_grade_scores(california: California, plan: dict[str, Any]) -> None:
    (jump,), = california.ask(f"""
        WITH months AS (SELECT DISTINCT record_id, birth_month AS month FROM {csv('cde', 'k12_enrollment')})
        SELECT avg(TRY_CAST(scale_score AS INT)) FILTER (month IN ('9', '10', '11')) -
               avg(TRY_CAST(scale_score AS INT)) FILTER (month IN ('6', '7', '8'))
        FROM {csv('cde', 'k12_assessment')} JOIN months USING (record_id)
        WHERE grade_level IN ('03', '04', '05')""")  # fmt: skip
    assert plan["effects"]["kindergarten_cutoff"]["scale_points"] == 12.0
    assert jump == pytest.approx(0.85 * 12.0, abs=4.5)


def test_equity_gaps_come_out_as_the_plan_says(california: California, plan: dict[str, Any]) -> None:
    gaps = plan["effects"]["equity_gaps"]
    (score,), = california.ask(f"""
        WITH means AS (SELECT DISTINCT record_id, economically_disadvantaged AS poor FROM {csv('cde', 'k12_enrollment')}
                       WHERE economically_disadvantaged IN ('Y', 'N'))
        SELECT avg(TRY_CAST(scale_score AS INT)) FILTER (poor = 'Y') -
               avg(TRY_CAST(scale_score AS INT)) FILTER (poor = 'N')
        FROM {csv('cde', 'k12_assessment')} JOIN means USING (record_id)""")  # fmt: skip
    assert score == pytest.approx(gaps["scale_score"]["realised_difference"], abs=2)
    assert gaps["log_earnings"]["realised_difference"] == pytest.approx(-0.11, abs=0.03)
    assert gaps["enrolment_in_ccc_points"]["realised_difference"] < -5


def test_one_person_has_a_value_that_nobody_else_has(california: California, plan: dict[str, Any]) -> None:
    trap = plan["traps"]["one_person_dummy"]
    assert california.ask(
        f"SELECT count(DISTINCT true_person) FROM {_of('cde', trap['table'])} "
        f"WHERE {trap['column']} = '{trap['value']}'"
    ) == [(1,)]


def test_two_foster_children_are_in_the_tiny_district(california: California, plan: dict[str, Any]) -> None:
    trap = plan["traps"]["foster_in_tiny_district"]
    assert california.ask(
        "SELECT count(DISTINCT true_person), count(DISTINCT true_person) FILTER (foster = 'Y') "
        f"FROM {_of('cde', 'k12_enrollment')} "
        f"WHERE district_code = '{trap['district_code']}' AND academic_year = '2025'"
    ) == [(trap["students"], trap["foster"])]


def test_a_county_total_less_a_district_shows_the_tiny_one(california: California, plan: dict[str, Any]) -> None:
    trap = plan["traps"]["linked_tables"]
    found = california.ask(
        f"SELECT district_code, count(DISTINCT true_person) n FROM {_of('cde', 'k12_enrollment')} "
        f"WHERE county_code = '{trap['county_code']}' AND academic_year = '2025' GROUP BY ALL ORDER BY n DESC"
    )
    assert {code for code, _ in found} == set(trap["district_codes"])
    assert found[0][1] >= 11 > found[1][1]


def test_one_employer_is_alone_in_its_industry_and_county(california: California, plan: dict[str, Any]) -> None:
    trap = plan["traps"]["single_employer"]
    ((employers, workers),) = california.ask(
        f"SELECT count(DISTINCT employer_key), count(DISTINCT record_id) FROM {csv('edd', 'ui_wage')} "
        f"WHERE naics = '{trap['naics']}' AND county_code = '{trap['county_code']}' AND employer_key <> '#'"
    )
    assert employers == 1
    assert workers >= 11


def test_a_whole_group_shares_one_attribute(california: California, plan: dict[str, Any]) -> None:
    trap = plan["traps"]["hundred_percent_group"]
    assert california.ask(
        f"SELECT DISTINCT a_g_met FROM {csv('cde', 'k12_completion')} WHERE completion_type = 'diploma' "
        f"AND academic_year = '{trap['academic_year']}' AND district_code = '{trap['district_code']}' "
        "AND a_g_met IN ('Y', 'N')"
    ) == [("Y",)]
