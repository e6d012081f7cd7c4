"""What the law and the map of California demand of the files."""

from __future__ import annotations

import pytest

from enclave.contributions.schema import PROVIDERS, load_schema
from synthetic import places
from tests.unit.synthetic.conftest import California, csv


def _holds(provider: str, column: str) -> bool:
    return column in load_schema(provider).roster.column_names


@pytest.mark.parametrize(("number", "provider", "column", "held"), [
    (1, "cde", "ssn", False),            # Education Code 49076.7: schools do not collect social security numbers
    (2, "eld", "ssn", False),
    (3, "nsc", "ssn", False),
    (4, "edd", "ssn", True),             # Unemployment Insurance Code 1088: wages are reported by SSN and name
    (5, "edd", "date_of_birth", False),
    (6, "edd", "street", False),
    (7, "cde", "ssid", True),
    (8, "ccc", "ssid", True),
    (9, "cde", "date_of_birth", True),
])  # fmt: skip
def test_identity_law(number: int, provider: str, column: str, held: bool) -> None:
    assert _holds(provider, column) is held


def test_no_attribute_table_carries_identity() -> None:
    for provider in PROVIDERS:
        for table in load_schema(provider).attribute_tables:
            assert not [column.name for column in table.columns if column.identity]


def test_58_counties_and_about_a_thousand_districts_of_which_half_are_small() -> None:
    here = places.geography()
    assert len(places.COUNTIES) == 58
    assert set(here.district_county) == set(range(58))
    assert 980 <= len(here.district_code) <= 1_020
    assert 0.45 <= here.district_small.mean() <= 0.55
    assert len(set(here.district_code)) == len(here.district_code)


def test_nobody_was_tested_in_2020(california: California) -> None:
    years = {year for (year,) in california.ask(f"SELECT DISTINCT academic_year FROM {csv('cde', 'k12_assessment')}")}
    assert {"2019", "2021"} <= years
    assert "2020" not in years


def test_employers_follow_zipf(california: California) -> None:
    sizes = [n for (n,) in california.ask(
        f"SELECT count(DISTINCT record_id) n FROM {csv('edd', 'ui_wage')} "
        "GROUP BY employer_key ORDER BY n DESC")]  # fmt: skip
    assert sizes[0] > 8 * sizes[len(sizes) // 10]
    assert sizes[len(sizes) // 10] > 2 * sizes[len(sizes) // 2]


def test_some_workers_have_several_jobs_in_a_quarter(california: California) -> None:
    ((share,),) = california.ask(
        "SELECT avg((jobs > 1)::INT) FROM (SELECT count(DISTINCT employer_key) jobs "
        f"FROM {csv('edd', 'ui_wage')} GROUP BY record_id, year, quarter)"
    )
    assert 0.08 < share < 0.16
