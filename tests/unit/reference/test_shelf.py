"""The reference shelf: what it holds, that nothing on it changes unseen, and how a site adds its own."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from c2c_research.errors import BadUse, NotInSandbox
from c2c_research.shelf import reference
from enclave.contributions.schema import load_schema
from enclave.core.digests import sha256_file
from enclave.core.errors import BadInput, Conflict
from services.cli import shelf

TODAY = date(2026, 9, 1)
CATALOGUE = tomllib.loads((shelf.SOURCE / "catalogue.toml").read_text())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shelf.build(tmp_path)
    monkeypatch.setenv("C2C_REFERENCE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", [name for name, entry in CATALOGUE.items() if "file" in entry])
def test_a_kept_table_has_the_bytes_and_the_source_that_its_catalogue_names(name: str) -> None:
    entry = CATALOGUE[name]
    assert sha256_file(shelf.SOURCE / entry["file"]) == entry["sha256"]
    assert entry["source"] and entry["licence"] and entry["note"]


def test_every_file_of_the_shelf_is_in_the_catalogue() -> None:
    named = {entry["file"] for entry in CATALOGUE.values() if "file" in entry}
    assert {path.name for path in shelf.SOURCE.glob("*.csv")} == named


def test_the_list_names_each_table_with_its_source(folder: Path) -> None:
    listed = reference()
    assert list(listed.index) == list(CATALOGUE)
    assert "Bureau of Labor Statistics" in listed.loc["cpi_u_annual", "source"]
    assert "SYNTHETIC" in listed.loc["district_directory", "title"]


def test_california_has_58_counties_with_unique_codes_in_the_order_of_their_names(folder: Path) -> None:
    counties = reference("california_counties")
    assert len(counties) == 58
    assert counties.fips.is_unique and counties.county_code.is_unique
    assert list(counties.county_name) == sorted(counties.county_name)
    assert dict(zip(counties.county_name, counties.fips, strict=True))["Los Angeles"] == "06037"
    assert all(int(row.fips) == 6000 + 2 * int(row.county_code) - 1 for row in counties.itertuples())


def test_prices_cover_every_year_from_2000_to_2024_and_fell_in_2009_alone(folder: Path) -> None:
    prices = reference("cpi_u_annual").set_index("year").cpi_u
    assert list(prices.index) == list(range(2000, 2025))
    assert list(prices.index[prices.diff() < 0]) == [2009]
    assert (prices[2000], prices[2015], prices[2024]) == (172.2, 237.017, 313.689)


@pytest.mark.parametrize(
    ("table", "column", "codes_of"),
    [
        ("california_counties", "county_code", ("cde", "k12_completion", "county_code")),
        ("race_ethnicity", "race_ethnicity", ("cde", "k12_completion", "race_ethnicity")),
        ("grade_levels", "grade_level", ("cde", "k12_enrollment", "grade_level")),
        ("academic_terms", "term", ("ccc", "ps_enrollment", "term")),
    ],
)
def test_a_crosswalk_has_exactly_the_codes_of_the_editions(
    folder: Path, table: str, column: str, codes_of: tuple[str, str, str]
) -> None:
    provider, name, attribute = codes_of
    schema = next(each for each in load_schema(provider).tables if each.name == name)
    codes = next(each for each in schema.columns if each.name == attribute).codes
    assert set(reference(table)[column]) == set(codes)


def test_the_crosswalks_hold_every_code_that_wages_and_awards_use(folder: Path) -> None:
    wages = {c.name: c for t in load_schema("edd").tables for c in t.columns}["naics"].codes
    awards = {c.name: c for t in load_schema("csu").tables for c in t.columns}["cip_code"].codes
    assert set(wages) <= set(reference("naics_sectors").naics)
    assert {code[:2] for code in awards} <= set(reference("cip_families").cip)


def test_the_synthetic_directory_says_so_and_fits_the_counties(folder: Path) -> None:
    districts = reference("district_directory")
    assert len(districts) > 900 and districts.district_code.is_unique
    assert districts.district_name.str.endswith("(synthetic)").all()
    assert set(districts.county_code) == set(reference("california_counties").county_code)
    assert (districts.district_code.str[:2] == districts.county_code).all()


def test_a_site_loads_its_own_directory_and_a_rebuild_leaves_it(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("district_code,district_name,county_code,city,schools\n0161119,Alameda Unified,01,Alameda,17\n")
    shelf.load(folder, "district_directory", file, "Public districts", "CDE, 1 September 2026", "Public", TODAY)
    shelf.build(folder)
    assert list(reference("district_directory").district_name) == ["Alameda Unified"]
    assert reference("district_directory").schools.sum() == 17
    assert reference().loc["district_directory", "source"] == "CDE, 1 September 2026"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("district_code,district_name\n0161119,Alameda Unified\n", "lacks"),
        ("district_code,district_name,county_code,city,schools\n0161119,A,61,B,1\n", "county code"),
        ("district_code,district_name,county_code,city,schools\n0161119,A,01,B,1\n0161119,C,01,D,1\n", "one row"),
    ],
)
def test_a_directory_that_does_not_fit_is_refused_and_the_old_one_stays(
    folder: Path, tmp_path: Path, lines: str, complaint: str
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(lines)
    with pytest.raises(Conflict, match=complaint):
        shelf.load(folder, "district_directory", file, "", "CDE", "Public", TODAY)
    assert len(reference("district_directory")) > 900


def test_an_uneven_table_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("a,b\n1\n")
    with pytest.raises(BadInput):
        shelf.load(folder, "cohorts", file, "", "us", "Public", TODAY)


def test_a_changed_table_is_noticed(folder: Path) -> None:
    assert shelf.problems(folder) == []
    (folder / "cpi_u_annual.csv").write_text("year,cpi_u\n2000,1\n")
    assert "cpi_u_annual" in shelf.problems(folder)[0]
    shelf.build(folder)
    assert shelf.problems(folder) == []


def test_asking_for_what_is_not_there_says_what_there_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadUse, match="california_counties"):
        reference("counties")
    monkeypatch.setenv("C2C_REFERENCE", str(folder / "none"))
    with pytest.raises(NotInSandbox):
        reference()
