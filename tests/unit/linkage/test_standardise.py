"""Identity is brought to one spelling; what cannot be true counts as not known."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from enclave.core.errors import BadInput
from enclave.linkage import nicknames, standardise
from enclave.linkage.standardise import IdentityFile
from tests.unit.linkage.people import identity_file, standardised


def test_names_lose_case_accents_and_suffixes(tmp_path: Path) -> None:
    (record,) = standardised(tmp_path, {"first_name": " josé-Luis ", "last_name": "O'Peña-Núñez Jr."})
    assert record["first_name"] == "JOSELUIS"
    assert record["last_name"] == "OPENANUNEZ"
    assert record["last_words"] == ["OPENA", "NUNEZ"]


def test_a_short_form_and_its_name_share_the_formal_name(tmp_path: Path) -> None:
    first, second = standardised(
        tmp_path, {"first_name": "Chabela", "last_name": "Ruiz"}, {"first_name": "Isabel", "last_name": "Ruiz"}
    )
    assert first["first_formal"] == second["first_formal"] == "ISABELLA"


def test_swapped_first_and_last_names_give_the_same_name_pair(tmp_path: Path) -> None:
    first, second = standardised(
        tmp_path, {"first_name": "Bob", "last_name": "Marsh"}, {"first_name": "Marsh", "last_name": "Robert"}
    )
    assert first["name_pair"] == second["name_pair"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("123-45-6780", "123456780"),
        ("000456789", None),
        ("666123456", None),
        ("912345678", None),
        ("123004567", None),
        ("123450000", None),
        ("123456789", None),
        ("12345678", None),
        ("", None),
    ],
)
def test_a_social_security_number_that_was_never_issued_is_not_known(
    tmp_path: Path, given: str, kept: str | None
) -> None:
    (record,) = standardised(tmp_path, {"ssn": given})
    assert record["ssn"] == kept


@pytest.mark.parametrize(
    ("column", "given", "kept"),
    [
        ("ssid", "1234567890", "1234567890"),
        ("ssid", "123456789", None),
        ("zip", "95814-1234", "95814"),
        ("zip", "00000", None),
        ("phone", "+1 (916) 555-0100", "9165550100"),
        ("phone", "555-0100", None),
        ("email", " A.B@Example.ORG ", "a.b@example.org"),
        ("email", "none", None),
        ("sex", "Female", "F"),
        ("sex", "X", None),
    ],
)
def test_other_identity_is_cleaned(tmp_path: Path, column: str, given: str, kept: str | None) -> None:
    (record,) = standardised(tmp_path, {column: given})
    assert record[column] == kept


@pytest.mark.parametrize("given", ["1850-01-01", "2999-01-01", "2001-02-30", "yesterday"])
def test_an_impossible_birth_date_is_not_known(tmp_path: Path, given: str) -> None:
    (record,) = standardised(tmp_path, {"date_of_birth": given})
    assert record["dob"] is None


def test_of_several_years_of_one_record_the_latest_counts(tmp_path: Path) -> None:
    old = identity_file(tmp_path, "uc", [{"record_id": "1", "last_name": "Before"}], 2024)
    new = identity_file(tmp_path, "uc", [{"record_id": "1", "last_name": "After"}], 2025)
    with duckdb.connect() as connection:
        assert standardise.load(connection, [new, old]) == 1
        assert connection.execute("SELECT last_name FROM records").fetchall() == [("AFTER",)]


def test_a_csv_with_few_columns_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "nsc.csv"
    path.write_text("record_id,last_name\n007,Vance\n")
    with duckdb.connect() as connection:
        standardise.load(connection, [IdentityFile("nsc", path)])
        assert connection.execute("SELECT record_id, last_name, ssn FROM records").fetchall() == [
            ("007", "VANCE", None)
        ]


def test_a_file_without_record_ids_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nsc.csv"
    path.write_text("name\nVance\n")
    with duckdb.connect() as connection, pytest.raises(BadInput, match="record_id"):
        standardise.load(connection, [IdentityFile("nsc", path)])


def test_every_short_form_stands_for_one_name() -> None:
    shorts = [short for short, _ in nicknames.pairs()]
    assert len(shorts) == len(set(shorts))
    assert not set(shorts) & set(nicknames.FORMAL_NAMES)
