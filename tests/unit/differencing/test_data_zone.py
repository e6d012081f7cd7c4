"""From a table saved in a sandbox to a finding of the data zone: real library, real handlers, sealed in between."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import c2c_research as c2c
from c2c_research import Result
from c2c_research.contributor_sets import BadSets, TableSets, seal, unseal
from enclave.core.clock import FixedClock
from enclave.core.settings import Paths
from enclave.core.signing import Keyring, SigningKey
from services.data.app import perform
from services.data.context import DataContext

PERSONS = """SELECT 4611686018427387904 + i * 7 AS person_id, 2019 AS academic_year,
CASE WHEN i % 3 = 0 THEN 'Alder' ELSE 'Birch' END AS district, CASE WHEN i % 2 = 0 THEN 'F' ELSE 'M' END AS sex,
i % 100 AS place, 100 + i % 900 AS wage FROM range(3000) t(i)"""


@pytest.fixture
def zone(tmp_path: Path, keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock) -> DataContext:
    return DataContext(Paths(tmp_path), keys["data"], keyring, clock)


@pytest.fixture
def students(zone: DataContext, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An extract as the data zone builds it, mounted in a sandbox."""
    folder = zone.paths.extracts / "pathways" / "1"
    folder.mkdir(parents=True)
    duckdb.connect().execute(f"COPY ({PERSONS}) TO '{folder}/k12.parquet' (FORMAT parquet)")
    payload = {"project": "pathways", "version": 1, "contributors_key": zone.key.exchange_text}
    (folder / "manifest.json").write_text(json.dumps({"payload": payload}))
    for name, value in {"C2C_PROJECT": "pathways", "C2C_USER": "alice", "C2C_DATA": str(folder)}.items():
        monkeypatch.setenv(name, value)
    return c2c.load("k12")


class Desk:
    """What the worker does with saved tables."""

    def __init__(self, zone: DataContext, folder: Path) -> None:
        self.zone, self.folder, self.names = zone, folder, dict[str, str]()

    def send(self, name: str, result: Result, **changed: Any) -> dict[str, Any]:
        path = result.save(self.folder / f"{name}.csv")
        binding = hashlib.sha256(name.encode()).hexdigest()
        self.names[binding] = name
        sealed = (self.folder / f"{name}.contributors.bin").read_bytes()
        counts = [[*cell, number] for cell, number in result.units.items()]
        job = {
            "job": "contributors.put", "project": "pathways", "binding": binding, "counts": counts,
            "table": hashlib.sha256(path.read_bytes()).hexdigest(), "sealed": base64.b64encode(sealed).decode(),
        }  # fmt: skip
        answer = perform(self.zone, job | changed)
        assert answer["ok"], answer
        return dict(answer["result"])

    def compare(self, new: str, *released: str) -> list[tuple[str, list[Any]]]:
        bindings = {name: binding for binding, name in self.names.items()}
        job = {"job": "contributors.compare", "project": "pathways", "new": [bindings[new]],
               "released": [bindings[name] for name in released]}  # fmt: skip
        answer = perform(self.zone, job)
        assert answer["ok"], answer
        return [(self.names[each["other"]], [tuple(c) for c in each["cells"]]) for each in answer["result"]["overlaps"]]


@pytest.fixture
def desk(zone: DataContext, tmp_path: Path) -> Desk:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Desk(zone, folder)


def table(frame: Any, **options: Any) -> Result:
    return c2c.crosstab(frame.district, frame.sex, unit=frame.person_id, **options)


def test_a_table_of_three_persons_fewer_is_found_and_the_same_table_again_is_not(students: Any, desk: Desk) -> None:
    fewer = students[~students.person_id.isin(students.person_id[students.district == "Alder"].head(3))]
    assert desk.send("all", table(students))["kept"]
    assert desk.send("again", table(students))["kept"]
    assert desk.send("fewer", table(fewer))["kept"]
    assert desk.compare("again", "all") == []
    ((other, cells),) = desk.compare("fewer", "all")
    assert other == "all" and {(0, 1), (0, 2)} <= set(cells)


def _pivot(frame: Any) -> Result:
    return c2c.pivot_table(frame, "credits", "district", "sex", aggfunc="mean", unit="person_id")


def _agg(frame: Any) -> Result:
    return c2c.groupby(frame, "district", unit="person_id").agg(mean=("credits", "mean"), sd=("credits", "std"))


def _lists(frame: Any) -> Result:
    return c2c.groupby(frame, "district", unit="person_id").agg({"credits": ["sum", "count"]})


@pytest.mark.parametrize(
    ("make", "columns"), [(_pivot, {1, 2}), (_agg, {1}), (_lists, {1, 2})], ids=["pivot_table", "agg", "lists"]
)
def test_means_and_sums_of_pivot_tables_and_groups_have_sets_and_other_statistics_have_none(
    students: Any, desk: Desk, make: Any, columns: set[int]
) -> None:
    students = students.assign(credits=range(len(students)))
    fewer = students[~students.person_id.isin(students.person_id[students.district == "Alder"].head(3))]
    assert desk.send("all", make(students))["kept"]
    assert desk.send("fewer", make(fewer))["kept"]
    ((other, cells),) = desk.compare("fewer", "all")
    assert other == "all" and {column for row, column in cells} <= columns and cells


def test_hidden_cells_count_in_the_margins_that_show_them(students: Any, desk: Desk) -> None:
    """Two tables hide the same; the margins that both show differ by two persons of a hidden cell."""
    fewer = students[~students.person_id.isin(students.person_id[students.sex == "F"].tail(2))]
    desk.send("base", table(students, margins=True)._masked({(0, 1), (1, 1)}, "*"))
    desk.send("fewer", table(fewer, margins=True)._masked({(0, 1), (1, 1)}, "*"))
    ((other, cells),) = desk.compare("fewer", "base")
    assert other == "base" and (2, 1) in cells and (0, 1) not in cells


def test_rounded_tables_are_not_compared(students: Any, desk: Desk) -> None:
    desk.send("all", table(students).round())
    desk.send("fewer", table(students.iloc[3:]).round(), counts=[])
    assert desk.compare("fewer", "all") == []


def test_other_measures_are_not_compared(students: Any, desk: Desk) -> None:
    desk.send("persons", table(students))
    fewer = students.iloc[3:]
    wages = c2c.crosstab(fewer.district, fewer.sex, values=fewer.wage, aggfunc="sum", unit=fewer.person_id)
    desk.send("wages", wages)
    assert desk.compare("wages", "persons") == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"table": "0" * 64}, "another table"),
        ({"counts": [[0, 1, 12]]}, "as many persons"),
        ({"sealed": base64.b64encode(b"C2CSETS1" + bytes(90)).decode()}, "sealed for another enclave"),
    ],
)
def test_sets_that_do_not_fit_are_refused(students: Any, desk: Desk, changed: dict[str, Any], problem: str) -> None:
    answer = desk.send("all", table(students), **changed)
    assert not answer["kept"] and problem in answer["problem"]


def test_sets_of_another_extract_are_refused(students: Any, desk: Desk, zone: DataContext) -> None:
    folder = zone.paths.extracts / "pathways" / "1"
    result = table(students)
    result.save(desk.folder / "all.csv")
    more = PERSONS.replace("range(3000)", "range(3001)")
    duckdb.connect().execute(f"COPY ({more}) TO '{folder}/other.parquet' (FORMAT parquet)")
    sealed = base64.b64encode((desk.folder / "all.contributors.bin").read_bytes()).decode()
    assert "no longer there" in desk.send("all", result, sealed=sealed)["problem"]


def test_nobody_but_the_data_zone_can_read_them(students: Any, desk: Desk, keys: dict[str, SigningKey]) -> None:
    table(students).save(desk.folder / "all.csv")
    sealed = (desk.folder / "all.contributors.bin").read_bytes()
    assert TableSets.decode(unseal(keys["data"].exchange_key(), sealed)).project == "pathways"
    with pytest.raises(BadSets):
        unseal(keys["portal"].exchange_key(), sealed)
    with pytest.raises(BadSets):
        unseal(keys["data"].exchange_key(), sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_content_that_is_no_contributor_file_is_refused(desk: Desk, zone: DataContext) -> None:
    for body in (b"", b"x", seal(base64.b64decode(zone.key.exchange_text), b"no sets")):
        job = {"job": "contributors.put", "project": "pathways", "binding": "0" * 64, "table": "", "counts": [],
               "sealed": base64.b64encode(body).decode()}  # fmt: skip
        assert perform(zone, job)["result"]["kept"] is False


def test_sets_are_forgotten_and_go_with_the_project(students: Any, desk: Desk, zone: DataContext) -> None:
    desk.send("all", table(students))
    desk.send("fewer", table(students.iloc[3:]))
    (gone, *_), stays = list(desk.names), zone.paths.contributors / "pathways"
    assert perform(zone, {"job": "contributors.forget", "project": "pathways", "bindings": [gone]})["result"] == {
        "forgotten": 1
    }
    assert desk.compare("fewer", "all") == [] and stays.is_dir()
    perform(zone, {"job": "extract.destroy", "project": "pathways", "versions": [], "with_pseudonyms": True})
    assert not stays.exists()


def test_an_extract_without_a_key_has_no_sets(students: Any, desk: Desk, zone: DataContext) -> None:
    manifest = zone.paths.extracts / "pathways" / "1" / "manifest.json"
    manifest.write_text(json.dumps({"payload": {"project": "pathways", "version": 1}}))
    table(students).save(desk.folder / "t.csv")
    assert not (desk.folder / "t.contributors.bin").exists()
