"""What sets a row aside, as a table that a provider can read; and what rejects a delivery."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from enclave.contributions.states import ContributionState
from tests.unit.contributions.conftest import Deliver, Vault, credential, person


@pytest.mark.parametrize(("number", "column", "value", "rule"), [
    (1, "academic_year", "", "required"),
    (2, "academic_year", "   ", "required"),
    (3, "academic_year", "20X4", "type"),
    (4, "academic_year", "2024.0", "type"),
    (5, "academic_year", "1999", "range"),
    (6, "academic_year", "99999999999999999999", "type"),
    (7, "issue_date", "03/01/2024", "type"),
    (8, "issue_date", "2023-02-30", "type"),
    (9, "issue_date", "1889-12-31", "range"),
    (10, "credential_type", "wizard", "code"),
    (11, "credential_type", "Single_Subject", "code"),
    (12, "district_code", "19-60001", "pattern"),
    (13, "district_code", "19600011", "pattern"),
    (14, "record_id", "T99", "pattern"),
    (15, "record_id", "T0000000999", "unknown_record"),
])  # fmt: skip
def test_a_bad_cell_sets_its_row_aside(
    vault: Vault, deliver: Deliver, number: int, column: str, value: str, rule: str
) -> None:
    result = vault.take_in(deliver({57: {column: value}}))
    table = result.contribution.report["tables"][1]
    assert result.contribution.state is ContributionState.ACCEPTED
    assert (table["rows"], table["accepted"], table["set_aside"]) == (200, 199, 1)
    assert table["listed"] == [{"line": 59, "column": column, "rule": rule}]
    assert pq.read_metadata(result.contribution.attributes("credential")).num_rows == 199


@pytest.mark.parametrize(("number", "column", "value"), [
    (1, "academic_year", " 2024 "), (2, "academic_year", "+2024"), (3, "district_code", ""),
    (4, "issue_date", "2024-02-29"),
])  # fmt: skip
def test_a_good_cell_is_left_alone(vault: Vault, deliver: Deliver, number: int, column: str, value: str) -> None:
    assert vault.take_in(deliver({57: {column: value}})).contribution.report["tables"][1]["set_aside"] == 0


def test_a_repeated_key_keeps_the_first_row(vault: Vault, deliver: Deliver) -> None:
    result = vault.take_in(deliver(more=[credential(3, status="clear")]))
    table = result.contribution.report["tables"][1]
    assert table["listed"] == [{"line": 202, "column": "record_id", "rule": "duplicate"}]
    kept = pq.read_table(result.contribution.attributes("credential")).to_pylist()
    assert [row["status"] for row in kept if row["record_id"] == "T0000000003"] == ["preliminary"]


def test_rows_about_a_person_whose_record_was_set_aside_are_set_aside_too(vault: Vault, deliver: Deliver) -> None:
    persons = [person(n, **({"date_of_birth": "unknown"} if n == 7 else {})) for n in range(200)]
    tables = vault.take_in(deliver(persons=persons)).contribution.report["tables"]
    assert tables[0]["by_rule"] == {"date_of_birth:type": 1}
    assert tables[1]["by_rule"] == {"record_id:unknown_record": 1}


def test_rows_with_too_few_or_too_many_cells_are_set_aside_by_line(vault: Vault, deliver: Deliver) -> None:
    folder = deliver()
    lines = (folder / "credential.csv").read_text().splitlines()
    lines[10] += ",surplus"
    lines[90] = lines[90].rpartition(",")[0]
    lines[140] = lines[140].replace("2024-03-01", "2024-03-99")
    lines += ["", ""]
    (folder / "credential.csv").write_text("\n".join(lines * 1) + "\n")
    table = vault.take_in(folder).contribution.report["tables"][1]
    assert sorted((fault["line"], fault["rule"]) for fault in table["listed"]) == [
        (11, "shape"),
        (91, "shape"),
        (141, "type"),
    ]
    assert table["rows"] == 200


@pytest.mark.parametrize(("bad", "state"), [(2, ContributionState.ACCEPTED), (3, ContributionState.REJECTED)])
def test_at_most_one_percent_of_a_file_is_set_aside(
    vault: Vault, deliver: Deliver, bad: int, state: ContributionState
) -> None:
    contribution = vault.take_in(deliver({n: {"status": "gone"} for n in range(bad)})).contribution
    assert contribution.state is state
    assert contribution.identity.exists() is (state is ContributionState.ACCEPTED)
    assert bool(contribution.report["problems"]) is (state is ContributionState.REJECTED)


def test_the_report_of_a_rejected_delivery_says_what_to_mend(vault: Vault, deliver: Deliver) -> None:
    contribution = vault.take_in(deliver({n: {"status": "gone"} for n in range(9)})).contribution
    assert contribution.report["problems"] == ["credential.csv: 9 of 200 rows are bad; at most 1% may be set aside."]
    assert contribution.report["tables"][1]["by_rule"] == {"status:code": 9}


@pytest.mark.parametrize(("number", "encoding"), [(1, "utf-8"), (2, "utf-8-sig"), (3, "cp1252"), (4, "utf-16")])
def test_encodings_are_recognised(vault: Vault, deliver: Deliver, number: int, encoding: str) -> None:
    persons = [person(n, last_name="Muñoz-Åkesson") for n in range(200)]
    contribution = vault.take_in(deliver(persons=persons, encoding=encoding)).contribution
    assert contribution.state is ContributionState.ACCEPTED
    assert set(pq.read_table(contribution.identity)["last_name"].to_pylist()) == {"Muñoz-Åkesson"}


def _edit(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / f"{table}.csv"
    path.write_text(path.read_bytes().decode().replace(old, new, 1), newline="")


@pytest.mark.parametrize(("number", "old", "new", "problem"), [
    (1, "status,", "", "missing columns: status"),
    (2, "status", "Kestrel", "does not have, at position 5"),
    (3, "status", "subject_area", "stand twice: subject_area"),
    (4, "record_id,academic_year,credential_type,subject_area,status,issue_date,expiry_date,district_code\r\n", "",
     "is the header missing"),
    (5, "record_id", "\n", "first line is empty"),
])  # fmt: skip
def test_wrong_columns_reject_the_delivery_without_showing_values(
    vault: Vault, deliver: Deliver, number: int, old: str, new: str, problem: str
) -> None:
    folder = deliver()
    _edit(folder, "credential", old, new)
    contribution = vault.take_in(folder).contribution
    text = json.dumps(contribution.report)
    assert contribution.state is ContributionState.REJECTED
    assert problem in text
    assert "Kestrel" not in text
    assert "T0000000000" not in text


def test_a_missing_file_and_a_strange_one_reject_the_delivery(vault: Vault, deliver: Deliver) -> None:
    folder = deliver()
    (folder / "credential.csv").rename(folder / "licences.csv")
    problems = vault.take_in(folder).contribution.report["problems"]
    assert any("licences.csv" in problem for problem in problems)
    assert "credential.csv is missing." in problems


def test_semicolons_are_no_commas(vault: Vault, deliver: Deliver) -> None:
    folder = deliver()
    (folder / "credential.csv").write_text((folder / "credential.csv").read_text().replace(",", ";"))
    assert "not separated by commas" in str(vault.take_in(folder).contribution.report["problems"])


def test_an_unclosed_quotation_mark_rejects_the_delivery_and_is_pointed_at(vault: Vault, deliver: Deliver) -> None:
    folder = deliver()
    _edit(folder, "credential", "T0000000005,2024", '"T0000000005,2024')
    contribution = vault.take_in(folder).contribution
    assert contribution.state is ContributionState.REJECTED
