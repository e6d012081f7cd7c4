"""ACRO sessions in a request: their marks become findings at their cells, with and without folders."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.portal import Portal
from tests.unit.airlock.desk import API

TABLE = "district,A,B\nAlder,41250.55,38120.10\nBirch,39800.20,51260.75\n"
OUTCOME = {"A": {"Alder": "ok", "Birch": "ok"}, "B": {"Alder": "MinimumThresholdCheck; ", "Birch": "ok"}}


def record() -> str:
    result = {
        "uid": "output_0", "status": "pass", "type": "table", "properties": {"method": "crosstab"},
        "files": [{"name": "means.csv", "sdc": {"summary": {}, "cells": {}}}], "outcome": OUTCOME,
        "command": "crosstab(df.district, df.race, values=df.earn, aggfunc='mean')", "summary": "pass",
        "timestamp": "2026-11-23T18:32:25", "comments": [], "exception": "", "fair": {},
    }  # fmt: skip
    return json.dumps({"version": "1.0.2", "results": {"output_0": result}})


def sent(desk: Portal, files: dict[str, str]) -> dict[str, Any]:
    """A draft of these files, as its author sees it, by file."""
    answer = desk.operator("rosa").post(
        f"{API}/projects/promise/outputs",
        data={"title": "Means", "supporting": [name for name in files if not name.endswith("means.csv")]},
        files=[("files", (name, text.encode())) for name, text in files.items()],
    )
    assert answer.status_code == 201, answer.text
    return {file["name"]: file for file in answer.json()["files"]}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# folder of the session, folder of its checksums
LAYOUTS = [("", ""), ("", "checksums/"), ("acro/", "acro/checksums/")]


@pytest.mark.parametrize(("folder", "checksums"), LAYOUTS)
def test_cells_that_a_session_marked_fail_in_the_airlock(desk: Portal, folder: str, checksums: str) -> None:
    files = {f"{folder}means.csv": TABLE, f"{folder}results.json": record(),
             f"{checksums}means.csv.txt": digest(TABLE)}  # fmt: skip
    found = sent(desk, files)[f"{folder}means.csv"]
    assert found["status"] == "fail"
    marked = [each for each in found["findings"] if "session recorded" in each["message"]]
    assert [(each["rule"], each["cells"]) for each in marked] == [("min_cell", [[0, 2]])]
    assert not any("checksum" in each["message"] for each in found["findings"])


def test_a_file_that_its_session_did_not_record_fails(desk: Portal) -> None:
    files = {"means.csv": TABLE, "results.json": record(), "means.csv.txt": digest(TABLE + " ")}
    assert any("checksum differs" in each["message"] for each in sent(desk, files)["means.csv"]["findings"])


def test_a_session_of_another_folder_says_nothing(desk: Portal) -> None:
    files = {"means.csv": TABLE, "acro/results.json": record()}
    assert not any("session" in each["message"] for each in sent(desk, files)["means.csv"]["findings"])


def test_words_beside_a_file_are_no_checksum(desk: Portal) -> None:
    files = {"means.csv": TABLE, "results.json": record(), "means.csv.txt": "Mean earnings by district.\n"}
    assert not any("checksum" in each["message"] for each in sent(desk, files)["means.csv"]["findings"])
