"""Nothing identifying leaves, and two projects' codes never join: for any approved selection, cohort and years."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enclave.core.clock import FixedClock
from enclave.core.errors import Unprocessable
from enclave.core.signing import Keyring, SigningKey
from enclave.extracts import build
from enclave.extracts.deidentify import column_for
from enclave.extracts.specification import parse
from enclave.extracts.stores import Stores
from tests.small_edition import EDITION, write_edition

CLOCK = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
PERSONS, FIRST_KEY = 30, 7_000_000_000_001
TABLES = {
    ("cde", "k12_enrollment"): [
        "county_code", "school_code", "grade_level", "birth_year", "gender", "entry_date", "days_absent",
    ],
    ("edd", "ui_wage"): ["employer_key", "naics", "county_code", "earnings"],
    ("ccc", "ps_enrollment"): ["term", "institution_code", "units_attempted"],
    ("csu", "ps_enrollment"): ["term", "institution_code", "units_attempted"],
}  # fmt: skip
#: Parts of the vault's keys and of a provider's own ids; whoever finds one outside has found a leak.
CANARIES = [str(FIRST_KEY + person) for person in range(PERSONS)] + ["employer-canary", "canary"]


class World:
    """One edition for all examples; each example is a project of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        vault = SigningKey.create(root / "vault.key", "vault")
        self.stores: Stores = write_edition(root, vault, PERSONS, FIRST_KEY)
        self.key = SigningKey.create(root / "data.key", "data")
        self.keyring = Keyring({"data": self.key.public_text, "vault": vault.public_text})
        self.count = 0

    def project(self) -> str:
        self.count += 1
        return f"p{self.count}"

    def build(self, project: str, parts: list[dict[str, Any]], years: tuple[int, int]) -> dict[str, Any]:
        document = {
            "project": project, "version": 1, "edition": EDITION, "request": "req_x", "request_version": 1,
            "request_digest": "0" * 64, "years": years, "parts": parts,
        }  # fmt: skip
        return build.build(parse(document), self.stores, self.key, self.keyring, CLOCK)

    def values(self, project: str, column: str) -> set[Any]:
        found: set[Any] = set()
        with duckdb.connect() as connection:
            for path in self.stores.extract(project, 1).glob("*.parquet"):
                names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]
                if column in names:
                    found |= {row[0] for row in connection.execute(f"SELECT {column} FROM '{path}'").fetchall()}
        return found


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        yield World(Path(folder))


def _part(provider: str, table: str, names: list[str]) -> dict[str, Any]:
    columns = [column_for(name) for name in names]
    return {
        "provider": provider,
        "table": table,
        "columns": [column.model_dump(mode="json") for column in columns if column is not None],
    }


@st.composite
def selections(draw: st.DrawFn) -> list[dict[str, Any]]:
    chosen = draw(st.lists(st.sampled_from(sorted(TABLES)), min_size=1, unique=True))
    return [
        _part(provider, table, draw(st.lists(st.sampled_from(TABLES[provider, table]), min_size=1, unique=True)))
        for provider, table in chosen
    ]


QUICK = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@QUICK
@given(parts=selections(), span=st.integers(0, 3))
def test_no_canary_in_any_byte_of_an_extract(world: World, parts: list[dict[str, Any]], span: int) -> None:
    project = world.project()
    result = world.build(project, parts, (2018, 2018 + span))
    assert result["state"] in ("READY", "BLOCKED")
    text = repr(result)
    for path in world.stores.project_extracts(project).rglob("*") if result["state"] == "READY" else ():
        if path.suffix == ".parquet":
            with duckdb.connect() as connection:
                text += repr(connection.execute(f"SELECT * FROM '{path}'").fetchall())
                text += repr(connection.execute(f"SELECT * FROM parquet_kv_metadata('{path}')").fetchall())
                text += repr(connection.execute(f"SELECT * FROM parquet_metadata('{path}')").fetchall())
        elif path.is_file():
            text += path.read_text()
    assert not [canary for canary in CANARIES if canary in text]


@QUICK
@given(parts=selections())
def test_two_projects_of_the_same_selection_share_no_code(world: World, parts: list[dict[str, Any]]) -> None:
    first, second = world.project(), world.project()
    states = {world.build(project, parts, (2017, 2021))["state"] for project in (first, second)}
    assert states == {"READY"}
    for column in ("person_id", "employer_id"):
        ours, theirs = world.values(first, column), world.values(second, column)
        assert not ours & theirs
        assert all(0 < code < 2**63 for code in ours | theirs if code is not None)


@QUICK
@given(parts=selections())
def test_two_projects_do_not_join_by_the_order_of_their_rows(world: World, parts: list[dict[str, Any]]) -> None:
    """Each file is sorted by its own random codes, so the n-th rows of two projects are of unrelated persons."""
    project = world.project()
    world.build(project, parts, (2017, 2021))
    with duckdb.connect() as connection:
        for path in world.stores.extract(project, 1).glob("*.parquet"):
            ids = [row[0] for row in connection.execute(f"SELECT person_id FROM '{path}'").fetchall()]
            assert ids == sorted(ids)


@QUICK
@given(
    name=st.text(min_size=1, max_size=40),
    place=st.sampled_from(["project", "edition", "provider", "table", "column", "cohort"]),
)
def test_no_name_reaches_the_builder_that_is_not_a_plain_name(world: World, name: str, place: str) -> None:
    part = _part("cde", "k12_enrollment", ["gender"])
    document: dict[str, Any] = {
        "project": "p0", "version": 1, "edition": EDITION, "request": "req_x", "request_version": 1,
        "request_digest": "0" * 64, "years": [2018, 2019], "parts": [part],
    }  # fmt: skip
    if place in ("project", "edition"):
        document[place] = name
    elif place == "cohort":
        condition = {"provider": "cde", "table": "k12_enrollment", "column": name, "op": "=", "value": 1}
        document["cohort"] = [condition]
    elif place == "column":
        part["columns"][0]["name"] = name
    else:
        part[place] = name
    try:
        specification = parse(document)
    except Unprocessable as error:
        assert len(name) < 6 or name not in error.message + error.advice
        return
    assert name.isascii()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
    assert specification.project
