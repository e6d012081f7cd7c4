"""Building and verifying extracts from a small edition."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from enclave.core.clock import FixedClock
from enclave.core.errors import Conflict, NotAuthenticated, Unprocessable
from enclave.core.signing import Keyring, SigningKey, open_envelope
from enclave.extracts import build, destroy, manifest, verifier
from enclave.extracts.specification import Specification, parse
from enclave.extracts.stores import Stores
from tests.small_edition import EDITION, write_edition

CLOCK = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))


def specification(project: str = "promise", version: int = 1, **changes: Any) -> Specification:
    document: dict[str, Any] = {
        "project": project,
        "version": version,
        "edition": EDITION,
        "request": "req_x",
        "request_version": 1,
        "request_digest": "0" * 64,
        "years": [2018, 2021],
        "parts": [
            {
                "provider": "cde",
                "table": "k12_enrollment",
                "columns": [
                    {"name": "county_code", "quasi": True},
                    {"name": "gender", "quasi": True},
                    {"name": "entry_date", "treatment": "quarter"},
                    {"name": "days_absent"},
                ],
            },
            {
                "provider": "edd",
                "table": "ui_wage",
                "columns": [
                    {"name": "employer_key", "treatment": "employer"},
                    {"name": "earnings", "treatment": "wage"},
                ],
            },
            {"provider": "ccc", "table": "ps_enrollment", "columns": [{"name": "term"}]},
            {
                "provider": "csu",
                "table": "ps_enrollment",
                "columns": [{"name": "term"}, {"name": "units_attempted"}],
            },
        ],
    }
    return parse(document | changes)


class House:
    def __init__(self, root: Path) -> None:
        self.root = root
        vault = SigningKey.create(root / "vault.key", "vault")
        self.stores: Stores = write_edition(root, vault)
        self.key = SigningKey.create(root / "data.key", "data")
        self.keyring = Keyring({"data": self.key.public_text, "vault": vault.public_text})

    def build(self, wanted: Specification) -> dict[str, Any]:
        return build.build(wanted, self.stores, self.key, self.keyring, CLOCK)

    def rows(self, query: str, project: str = "promise", version: int = 1) -> list[tuple[Any, ...]]:
        folder = self.stores.extract(project, version)
        with duckdb.connect() as connection:
            return connection.execute(query.replace("@", f"{folder}/")).fetchall()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_an_extract_has_the_approved_columns_and_nothing_else(house: House) -> None:
    result = house.build(specification())
    assert result["state"] == "READY", result
    assert set(result["tables"]["k12_enrollment"]["columns"]) == {
        "provider", "person_id", "academic_year", "county_code", "gender", "entry_quarter", "days_absent",
    }  # fmt: skip
    assert set(result["tables"]["ui_wage"]["columns"]) == {
        "provider", "person_id", "year", "quarter", "employer_id", "earnings",
    }  # fmt: skip


def test_years_outside_the_approval_are_left_out(house: House) -> None:
    house.build(specification())
    assert house.rows("SELECT DISTINCT academic_year FROM '@k12_enrollment.parquet' ORDER BY 1") == [(2018,), (2019,)]


def test_tables_of_several_providers_become_one_file_with_the_provider_in_each_row(house: House) -> None:
    house.build(specification())
    found = house.rows("SELECT provider, count(*), count(units_attempted) FROM '@ps_enrollment.parquet' GROUP BY 1")
    assert sorted(found) == [("ccc", 20, 0), ("csu", 14, 14)]


def test_wages_are_rounded_and_top_coded(house: House) -> None:
    house.build(specification())
    top, loose = house.rows(
        "SELECT max(earnings), count(*) FILTER (WHERE earnings % 100 <> 0) FROM '@ui_wage.parquet'"
    )[0]
    assert (top, loose) == (150_000, 0)


def test_persons_and_employers_keep_their_code_from_version_to_version(house: House) -> None:
    house.build(specification(years=[2018, 2018]))
    house.build(specification(version=2))
    before = house.rows("SELECT DISTINCT person_id FROM '@k12_enrollment.parquet'")
    after = house.rows("SELECT DISTINCT person_id FROM '@k12_enrollment.parquet'", version=2)
    assert set(before) == set(after)


def test_a_cohort_keeps_only_persons_for_whom_every_condition_holds(house: House) -> None:
    terms = [
        {"provider": "cde", "table": "k12_enrollment", "column": "county_code", "op": "=", "value": "01"},
        {"provider": "ccc", "table": "ps_enrollment", "column": "academic_year", "op": ">=", "value": 2021},
    ]
    result = house.build(specification(cohort=terms))
    assert result["persons"] == 7
    assert house.rows("SELECT DISTINCT county_code FROM '@k12_enrollment.parquet'") == [("01",)]


def test_a_condition_is_bound_as_a_value_and_never_becomes_sql(house: House) -> None:
    terms = [
        {
            "provider": "cde", "table": "k12_enrollment", "column": "county_code", "op": "=",
            "value": "' OR true --",
        }
    ]  # fmt: skip
    assert house.build(specification(cohort=terms))["problems"] == [build.NOBODY]


def test_rows_do_not_keep_the_order_of_the_edition(house: House) -> None:
    house.build(specification())
    ids = [row[0] for row in house.rows("SELECT person_id FROM '@k12_enrollment.parquet'")]
    assert ids == sorted(ids)


def test_null_is_a_value_of_its_own_in_k(house: House) -> None:
    measured = house.build(specification())["risk"]["k12_enrollment"]
    shown = "SELECT county_code, gender, count(DISTINCT person_id) FROM '@k12_enrollment.parquet' GROUP BY 1, 2"
    assert measured["k"] == min(row[2] for row in house.rows(shown))
    assert None in {row[1] for row in house.rows(shown)}


def test_the_approvers_minimum_blocks_a_version_and_leaves_nothing_behind(house: House) -> None:
    result = house.build(specification(policy={"minimum_k": 1_000}))
    assert result["state"] == "BLOCKED"
    assert "minimum of 1000" in result["problems"][0]
    assert not house.stores.extract("promise", 1).exists()
    assert list(house.stores.project_extracts("promise").iterdir()) == []


@pytest.mark.parametrize(
    "columns",
    [
        [{"name": "person_key"}],
        [{"name": "ssn"}],
        [{"name": "entry_date"}],
        [{"name": "earnings"}],
        [{"name": "employer_key"}],
    ],
)
def test_a_gentler_treatment_than_the_class_demands_is_refused(house: House, columns: list[dict[str, str]]) -> None:
    part = {"provider": "cde", "table": "k12_enrollment", "columns": columns}
    with pytest.raises(Unprocessable):
        house.build(specification(parts=[part]))


@pytest.mark.parametrize("name", ['x"; DROP TABLE t', "Upper", "a b", "a'b", ""])
def test_a_name_outside_the_pattern_is_no_specification(name: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        specification(parts=[{"provider": "cde", "table": "k12_enrollment", "columns": [{"name": name}]}])
    assert not name or name not in caught.value.message + caught.value.advice


def test_a_missing_column_is_named(house: House) -> None:
    part = {"provider": "cde", "table": "k12_enrollment", "columns": [{"name": "shoe_size"}]}
    with pytest.raises(Unprocessable, match="shoe_size"):
        house.build(specification(parts=[part]))


def test_an_edition_that_is_not_as_the_vault_signed_it_is_not_read(house: House) -> None:
    table = house.stores.edition_table(EDITION, "edd", "ui_wage")
    table.write_bytes(table.read_bytes() + b"x")
    with pytest.raises(Unprocessable, match="not as the vault signed it"):
        house.build(specification())
    signed = house.stores.editions / EDITION / "manifest.json"
    envelope = json.loads(signed.read_bytes())
    envelope["payload"]["tables"] = []
    signed.write_text(json.dumps(envelope))
    with pytest.raises(NotAuthenticated):
        house.build(specification())


def test_the_codebook_says_what_each_column_means_and_what_was_done_to_it(house: House) -> None:
    house.build(specification())
    book = json.loads((house.stores.extract("promise", 1) / "codebook.json").read_bytes())
    k12 = book["tables"]["k12_enrollment"]
    assert k12["description"] == "Rows of k12_enrollment"
    assert k12["columns"]["entry_quarter"] == {
        "description": "What entry_date means", "treatment": "reduced to the calendar quarter",
    }  # fmt: skip
    assert set(k12["columns"]) == {
        "person_id", "provider", "academic_year", "county_code", "gender", "entry_quarter", "days_absent",
    }  # fmt: skip
    wages = book["tables"]["ui_wage"]["columns"]["earnings"]["treatment"]
    assert wages == "rounded to $100 and top-coded at $150,000"


def test_the_same_order_twice_gives_the_same_answer_and_another_is_a_conflict(house: House) -> None:
    first = house.build(specification())
    assert house.build(specification()) == first
    with pytest.raises(Conflict):
        house.build(specification(years=[2018, 2018]))


def test_the_manifest_is_signed_and_any_changed_file_is_seen(house: House) -> None:
    house.build(specification())
    folder = house.stores.extract("promise", 1)
    payload = manifest.read(folder, house.keyring, CLOCK)
    assert manifest.changed_files(folder, payload) == []
    (folder / "codebook.json").write_text("{}")
    assert manifest.changed_files(folder, payload) == ["codebook.json"]
    envelope = json.loads((folder / "manifest.json").read_bytes())
    envelope["payload"]["persons"] += 1
    (folder / "manifest.json").write_text(json.dumps(envelope))
    with pytest.raises(NotAuthenticated):
        manifest.read(folder, house.keyring, CLOCK)


def _rewritten(house: House, table: str, select: str) -> list[str]:
    """The verifier's problems after a file of a finished version was replaced by a query over it."""
    folder = house.stores.extract("promise", 1)
    path = folder / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * FROM '{path}'")
        connection.execute(f"COPY ({select} FROM t) TO '{path}' (FORMAT parquet)")
    return verifier.verify(folder, specification(), house.stores.project_pseudonyms("promise")).problems


@pytest.mark.parametrize(
    ("table", "select", "expected"),
    [
        ("k12_enrollment", "SELECT *, 'x' AS extra", "unapproved columns: extra"),
        ("k12_enrollment", "SELECT * EXCLUDE (gender)", "missing columns: gender"),
        ("k12_enrollment", "SELECT * REPLACE ('123-45-6789' AS gender)", "Social Security"),
        ("k12_enrollment", "SELECT * REPLACE ('123456789' AS gender)", "Social Security"),
        ("k12_enrollment", "SELECT * REPLACE ('1234567890' AS gender)", "student number"),
        ("k12_enrollment", "SELECT * REPLACE ('a.b@school.example' AS gender)", "e-mail"),
        ("k12_enrollment", "SELECT * REPLACE ('(916) 555-0101' AS gender)", "telephone"),
        ("k12_enrollment", "SELECT * REPLACE ('born 2001-02-03' AS gender)", "exact date"),
        ("k12_enrollment", "SELECT * REPLACE (123456789 AS days_absent)", "as large as an identifier"),
        ("k12_enrollment", "SELECT * REPLACE (DATE '2018-01-02' AS gender)", "exact dates"),
        ("k12_enrollment", "SELECT * REPLACE (2016 AS academic_year)", "outside the approved years"),
        ("k12_enrollment", "SELECT * REPLACE (person_id + 1 AS person_id)", "not of this project"),
        ("k12_enrollment", "SELECT * REPLACE (NULL::BIGINT AS person_id)", "without a pseudonym"),
        ("k12_enrollment", "SELECT * REPLACE (7000000000001 + days_absent AS person_id)", "equal a person key"),
        ("ui_wage", "SELECT * REPLACE (earnings + 1 AS earnings)", "not rounded"),
    ],
)
def test_the_verifier_refuses(house: House, table: str, select: str, expected: str) -> None:
    house.build(specification())
    problems = _rewritten(house, table, select)
    assert any(expected in problem for problem in problems), problems


def test_a_foreign_file_in_the_folder_is_refused(house: House) -> None:
    house.build(specification())
    folder = house.stores.extract("promise", 1)
    (folder / "extra.parquet").write_bytes(b"")
    assert verifier.verify(folder, specification(), house.stores.project_pseudonyms("promise")).problems


def test_destruction_certifies_each_place_and_can_be_repeated(house: House) -> None:
    house.build(specification())
    (house.stores.project_extracts("promise") / ".building-old").mkdir()
    envelope = destroy.destroy("promise", [1], True, house.stores, house.key, CLOCK)
    payload = open_envelope(envelope, house.keyring, destroy.KIND, CLOCK, {"data"})
    assert [(entry["place"], entry["outcome"]) for entry in payload["places"]] == [
        ("extract promise/1", "destroyed"),
        ("unfinished build", "destroyed"),
        ("pseudonym table person", "destroyed"),
        ("pseudonym table employer", "destroyed"),
    ]
    assert not house.stores.project_extracts("promise").exists()
    again = destroy.destroy("promise", [1], True, house.stores, house.key, CLOCK)
    assert {entry["outcome"] for entry in again["payload"]["places"]} == {"was not there"}


def test_a_reopened_project_gets_new_codes_after_its_destruction(house: House) -> None:
    house.build(specification())
    before = set(house.rows("SELECT person_id FROM '@k12_enrollment.parquet'"))
    destroy.destroy("promise", [1], True, house.stores, house.key, CLOCK)
    house.build(specification(version=2))
    assert not before & set(house.rows("SELECT person_id FROM '@k12_enrollment.parquet'", version=2))


_VICTIM = """
    import json, os, signal, sys
    from pathlib import Path
    from enclave.core.clock import SystemClock
    from enclave.core.signing import Keyring, SigningKey
    from enclave.extracts import build, {module} as target
    from enclave.extracts.specification import parse
    from enclave.extracts.stores import Stores
    def die(*_args, **_kwargs):
        os.kill(os.getpid(), signal.SIGKILL)
    target.{function} = die
    root = Path(sys.argv[1])
    key = SigningKey.load(root / "data.key")
    stores = Stores(root / "research/editions", root / "research/pseudonyms", root / "extracts")
    vault = SigningKey.load(root / "vault.key")
    keyring = Keyring({{"data": key.public_text, "vault": vault.public_text}})
    build.build(parse(json.loads(sys.argv[2])), stores, key, keyring, SystemClock())
"""


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("pseudonyms", "_write"),
        ("risk", "measure"),
        ("verifier", "verify"),
        ("manifest", "sign"),
        ("build", "replace_dir_atomic"),
    ],
)
def test_a_kill_leaves_no_version_and_the_next_build_finishes(house: House, module: str, function: str) -> None:
    wanted = specification()
    code = textwrap.dedent(_VICTIM.format(module=module, function=function))
    command = [sys.executable, "-c", code, str(house.root), wanted.model_dump_json()]
    died = subprocess.run(command, check=False, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    assert died.returncode == -signal.SIGKILL
    assert not house.stores.extract("promise", 1).exists()
    assert house.build(wanted)["state"] == "READY"
    assert [entry.name for entry in house.stores.project_extracts("promise").iterdir()] == ["1"]
