"""Sessions of ACRO: their marks are evidence, their 'pass' is none, their own files fail nobody."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from c2c_research.disclosure import check_content, check_paths
from c2c_research.disclosure.findings import CheckReport, FileReport

SAMPLES = next(
    (found for parent in Path(__file__).parents if (found := parent / "shared" / "testdata" / "acro").is_dir()), None
)
TABLE = "district,A,B\nAlder,41250.55,38120.10\nBirch,39800.20,51260.75\n"
OK = {"A": {"Alder": "ok", "Birch": "ok"}, "B": {"Alder": "ok", "Birch": "ok"}}


def session(folder: Path, outcome: dict[str, Any], body: str = TABLE, **changes: Any) -> Path:
    """A finalised session of one table of means."""
    result = {
        "uid": "output_0", "status": "pass", "type": "table", "properties": {"method": "crosstab"},
        "files": [{"name": "output_0_0.csv", "sdc": {"summary": {}, "cells": {}}}], "outcome": outcome,
        "command": "crosstab(df.district, df.race, values=df.earn, aggfunc='mean')", "summary": "pass",
        "timestamp": "2026-11-23T18:32:25", "comments": [], "exception": "", "fair": {},
    } | changes  # fmt: skip
    record = json.dumps({"version": "1.0.2", "results": {"output_0": result}})
    (folder / "checksums").mkdir(parents=True)
    for name, text in {"output_0_0.csv": body, "results.json": record}.items():
        (folder / name).write_text(text)
        (folder / "checksums" / f"{name}.txt").write_text(hashlib.sha256(text.encode()).hexdigest())
    return folder


def of(report: CheckReport, name: str) -> FileReport:
    return next(file for file in report.files if file.path == name)


def said(report: CheckReport, name: str) -> dict[str, list[tuple[int, int]]]:
    return {finding.rule: list(finding.cells) for finding in of(report, name).findings if finding.rule != "unreadable"}


def test_shown_cells_that_a_session_marked_fail_at_their_places(tmp_path: Path) -> None:
    outcome = OK | {"B": {"Alder": "MinimumThresholdCheck; ", "Birch": "NKCheck; PPercentCheck; "}}
    report = check_paths([session(tmp_path / "s", outcome)])
    assert said(report, "output_0_0.csv") == {"min_cell": [(0, 2)], "dominance": [(1, 2)]}


def test_marked_cells_that_are_not_shown_are_no_findings(tmp_path: Path) -> None:
    outcome = OK | {"B": {"Alder": "MinimumThresholdCheck; ", "Birch": "ok"}}
    report = check_paths([session(tmp_path / "s", outcome, TABLE.replace("38120.10", ""))])
    assert said(report, "output_0_0.csv") == {}


def test_a_sessions_pass_is_not_believed(tmp_path: Path) -> None:
    body = "district,students\nAlder,120\nBirch,7\n"
    report = check_paths([session(tmp_path / "s", {"students": {"Alder": "ok", "Birch": "ok"}}, body)])
    assert said(report, "output_0_0.csv") == {"min_cell": [(1, 1)]}


def test_a_file_that_was_changed_after_the_session_fails(tmp_path: Path) -> None:
    folder = session(tmp_path / "s", OK)
    (folder / "output_0_0.csv").write_text(TABLE.replace("39800", "39900"))
    assert any("checksum" in finding.message for finding in of(check_paths([folder]), "output_0_0.csv").findings)


def test_few_degrees_of_freedom_that_a_session_recorded_fail(tmp_path: Path) -> None:
    report = check_paths([session(tmp_path / "s", {}, properties={"method": "olsr", "dof": 8})])
    assert said(report, "output_0_0.csv") == {"model": []}


def test_what_people_wrote_into_a_record_is_read(tmp_path: Path) -> None:
    report = check_paths([session(tmp_path / "s", OK, comments=["Maria Lopez, born 2004-02-11, SSN 219-09-9999"])])
    assert said(report, "results.json")


@pytest.mark.parametrize("outcome", [{"A": {"Alder": "41250"}}, {"A": {"Alder": 7, "Birch": 3}}])
def test_a_record_that_carries_results_is_read_as_any_json(outcome: dict[str, Any]) -> None:
    result = {"files": [], "properties": {}, "outcome": outcome}
    record = json.dumps({"version": "1", "results": {"a": result}}).encode()
    assert check_content("results.json", record).kind == "json"


@pytest.mark.skipif(SAMPLES is None, reason="the sample sessions of acro are not on this machine")
@pytest.mark.parametrize("name", ["session_none", "session_suppress"])
def test_own_files_of_a_real_session_fail_nobody(name: str) -> None:
    assert SAMPLES is not None
    report = check_paths([SAMPLES / name])
    own = [file for file in report.files if file.path.startswith(("checksums/", "config", "results", "session_"))]
    assert len(own) == 25 and all(file.status.word == "pass" and not file.questions for file in own)


@pytest.mark.skipif(SAMPLES is None, reason="the sample sessions of acro are not on this machine")
def test_marks_of_a_real_session_reach_its_files_and_its_checksums_hold() -> None:
    assert SAMPLES is not None
    report = check_paths([SAMPLES / "session_none"])
    assert said(report, "output_1_0.csv")["dominance"] == [(0, 3), (3, 3), (3, 4), (3, 5)]
    assert len(said(report, "output_1_0.csv")["min_cell"]) == 7
    assert not any("checksum" in finding.message for file in report.files for finding in file.findings)
    hidden = check_paths([SAMPLES / "session_suppress"])
    assert "dominance" not in said(hidden, "output_1_0.csv")
