"""From the sandbox's files through portal, checker and data service to findings under the file: real sockets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import uvicorn

import c2c_research as c2c
from enclave.core.clock import FixedClock
from enclave.core.signing import SigningKey
from services import contributors
from services.checker.server import listen
from services.data.app import create_app
from services.data.context import DataContext
from tests.approved import approved_project, make_cast
from tests.portal import BASE, Portal
from tests.unit.differencing.test_data_zone import PERSONS, table

API = f"{BASE}/api/projects/promise/outputs"


@pytest.fixture
def house(
    portal: Portal, clock: FixedClock, keys: dict[str, SigningKey], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Portal]:
    """A project of rosa's with an extract; checker and data service listen."""
    context = portal.context
    with context.database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
    paths = context.settings.paths
    folder = paths.extracts / "promise" / "1"
    folder.mkdir(parents=True)
    duckdb.connect().execute(f"COPY ({PERSONS}) TO '{folder}/k12.parquet' (FORMAT parquet)")
    payload = {"project": "promise", "version": 1, "contributors_key": keys["data"].exchange_text}
    (folder / "manifest.json").write_text(json.dumps({"payload": payload}))
    for name, value in {"C2C_PROJECT": "promise", "C2C_USER": "rosa", "C2C_DATA": str(folder)}.items():
        monkeypatch.setenv(name, value)
    socket = paths.socket("data")
    socket.parent.mkdir(parents=True, exist_ok=True)
    app = create_app(DataContext(paths, keys["data"], context.keyring, clock))
    server = uvicorn.Server(uvicorn.Config(app, uds=str(socket), log_config=None, access_log=False))
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.02)
    with listen(paths.socket("checker")) as checker:
        thread = threading.Thread(target=checker.serve_forever)
        thread.start()
        yield portal
        checker.shutdown()
        thread.join()
    server.should_exit = True
    serving.join(timeout=5)


def submit(portal: Portal, path: Path) -> dict[str, Any]:
    sidecars = [(path.with_name(f"{path.stem}{suffix}"), suffix) for suffix in
                (".context.yaml", ".evidence.json", ".contributors.bin")]  # fmt: skip
    files = [("files", (path.name, path.read_bytes()))]
    files += [("sidecars", (beside.name, beside.read_bytes())) for beside, _ in sidecars]
    answer = portal.operator("rosa").post(API, data={"title": path.stem, "submit": "false"}, files=files)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_two_tables_of_a_request_that_differ_by_three_persons(house: Portal, tmp_path: Path) -> None:
    """The values alone do not show it: one table is by district and sex, the other by sex and a band of places."""
    students = c2c.load("k12")
    first = table(students).save(tmp_path / "all.csv")
    draft = submit(house, first)
    assert draft["files"][0]["findings"] == []
    fewer = students[~students.person_id.isin(students.person_id[students.sex == "F"].head(3))]
    second = c2c.crosstab(fewer.place < 40, fewer.sex, unit=fewer.person_id).save(tmp_path / "few.csv")
    files = [("files", (second.name, second.read_bytes()))]
    for suffix in (".context.yaml", ".evidence.json", ".contributors.bin"):
        beside = second.with_name(f"few{suffix}")
        files.append(("sidecars", (beside.name, beside.read_bytes())))
    answer = house.operator("rosa").post(f"{API}/{draft['id']}/files", files=files).json()
    findings = {file["name"]: [(f["rule"], f["status"]) for f in file["findings"]] for file in answer["files"]}
    assert ("differencing", "fail") in findings["few.csv"] and ("differencing", "fail") in findings["all.csv"]


def test_sets_of_a_withdrawn_request_are_forgotten(house: Portal, tmp_path: Path) -> None:
    draft = submit(house, table(c2c.load("k12")).save(tmp_path / "all.csv"))
    kept = house.context.settings.paths.contributors / "promise" / "tables"
    assert len(list(kept.iterdir())) == 1 and contributors.forgettable(house.context) == []
    assert house.operator("rosa").post(f"{API}/{draft['id']}/withdraw").status_code == 200
    assert contributors.forgettable(house.context) == [draft["id"]]
    contributors.forget(house.context, draft["id"])
    assert list(kept.iterdir()) == [] and contributors.forgettable(house.context) == []


def test_a_known_total_counts_as_shown(house: Portal, tmp_path: Path) -> None:
    students = c2c.load("k12")
    hidden = table(students)._masked({(0, 1)}, "*").save(tmp_path / "hidden.csv")
    assert submit(house, hidden)["files"][0]["findings"] == []
    operator = house.operator()
    statement = {
        "measure": "persons", "dimensions": ["district"],
        "cells": [[["alder"], 0, 1, 505, None, None], [["birch"], 1, 1, 2000, None, None]],
    }  # fmt: skip
    body = {"source": "Published counts", "statements": [statement], "project": "promise"}
    added = operator.post(f"{BASE}/api/known-totals", json=body)
    assert added.status_code == 201 and added.json()["counts"] == 2
    sets = house.operator("rosa").get(f"{API}/released-statements").json()["sets"]
    assert [each["path"] for each in sets] == ["Published counts"]
    assert operator.delete(f"{BASE}/api/known-totals/{added.json()['id']}").status_code == 200
    assert operator.post(f"{BASE}/api/known-totals", json={**body, "statements": [{}]}).status_code == 400
