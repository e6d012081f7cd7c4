"""Submitting from a sandbox: over a real unix socket, with the form that the portal reads."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import c2c_research as c2c
from c2c_research import cli
from c2c_research.errors import BadUse, EnclaveRefused, NotInSandbox
from services.checker.multipart import parse_form

RELEASED = {
    "path": "t0.csv",
    "release": "rel_0",
    "statements": [
        {
            "measure": "persons",
            "dimensions": ["sex"],
            "cells": [[["f"], 0, 1, 40900, None, None], [["m"], 1, 1, 55700, None, None]],
        }
    ],
}


class Portal(BaseHTTPRequestHandler):
    """Answers as the portal does and keeps what it was asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        self._answer(201, {"id": "rel_1", "state": "SUBMITTED", "title": "T", "status": "pass", "phase": "INDEPENDENT"})

    def do_GET(self) -> None:
        if self.path.endswith("/outputs"):
            self._answer(200, {"releases": [{"id": "rel_1", "state": "SUBMITTED", "title": "T"}], "next_before": None})
        elif self.path.endswith("/released-statements"):
            self._answer(200, {"sets": [RELEASED]})
        else:
            self._answer(
                404, {"error": {"code": "not_found", "message": "No such request.", "advice": "See the list."}}
            )

    def _answer(self, status: int, data: Any) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def portal(extract: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    with TemporaryDirectory(prefix="rel") as folder:
        path = f"{folder}/relay.sock"
        server = UnixStreamServer(path, Portal)
        server.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("C2C_RELAY", path)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret-token")
        c2c.outputs.clear()
        yield server.asked  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
        thread.join()


def _saved(folder: Path) -> Path:
    students = c2c.load("k12_completion")
    path: Path = c2c.crosstab(students.district, students.sex, margins=True).suppress().save(folder / "t1.csv")
    return path


def test_a_table_goes_out_with_its_sidecar_and_evidence(portal: list[Any], tmp_path: Path) -> None:
    c2c.outputs.add(_saved(tmp_path))
    assert c2c.outputs.check().status.word == "pass"
    sent = c2c.outputs.submit(title="Districts by sex", purpose="Chapter 2")
    path, headers, body = portal[0]
    assert path == "/services/portal/api/projects/pathways/outputs"
    assert headers["Authorization"] == "token secret-token"
    form = parse_form(headers["Content-Type"], body)
    assert (form["title"].content, form["submit"].content) == (b"Districts by sex", b"true")
    assert form["files"].filename == "t1.csv" and form["files"].content == (tmp_path / "t1.csv").read_bytes()
    assert b"t1.csv.context.yaml" in body and b"t1.csv.evidence.json" in body
    assert (sent.id, sent.state) == ("rel_1", "SUBMITTED")
    assert c2c.outputs.waiting() == []


def test_status_lists_requests_and_errors_are_the_portals_own(portal: list[Any]) -> None:
    assert [item.id for item in c2c.outputs.status()] == ["rel_1"]
    with pytest.raises(EnclaveRefused, match=r"No such request\. See the list\.") as refused:
        c2c.outputs.status("rel_2")
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_what_cannot_be_submitted_says_what_to_do(portal: list[Any], tmp_path: Path) -> None:
    with pytest.raises(BadUse, match=r"outputs\.add"):
        c2c.outputs.submit(title="Nothing")
    with pytest.raises(BadUse, match="Save the output first"):
        c2c.outputs.add(tmp_path / "missing.csv")
    c2c.outputs.add(_saved(tmp_path))
    with pytest.raises(BadUse, match="title"):
        c2c.outputs.submit(title=" ")


def test_a_relay_that_does_not_answer_is_told(extract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C2C_RELAY", "/nowhere/relay.sock")
    with pytest.raises(NotInSandbox, match="try again"):
        c2c.outputs.status()


def test_the_command_does_the_same(portal: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _saved(tmp_path)
    assert cli.main(["tables", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == ["k12_completion", "ui_wage"]
    assert cli.main(["check", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "pass"
    assert cli.main(["submit", str(path), "--title", "T", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "rel_1"
    assert cli.main(["status"]) == 0
    assert "rel_1" in capsys.readouterr().err
    assert cli.main(["submit", str(tmp_path / "none.csv"), "--title", "T"]) == 2


def test_the_check_compares_with_what_the_project_has_released(portal: list[Any], tmp_path: Path) -> None:
    table = tmp_path / "t1.csv"
    table.write_text("sex,n\nF,40900\nM,55697\n")
    c2c.outputs.add(table)
    (report,) = c2c.outputs.check().files
    assert [(finding.rule, finding.where) for finding in report.findings] == [("differencing", "with rel_0: t0.csv")]
    assert cli.main(["check", str(table)]) == 1


def test_a_session_of_acro_is_read_by_the_library_and_goes_whole(portal: list[Any], tmp_path: Path) -> None:
    table = "district,A,B\nAlder,41250.55,38120.10\nBirch,39800.20,51260.75\n"
    outcome = {"A": {"Alder": "ok", "Birch": "ok"}, "B": {"Alder": "NKCheck; ", "Birch": "ok"}}
    result = {
        "uid": "output_0", "status": "pass", "type": "table", "properties": {"method": "crosstab"},
        "files": [{"name": "means.csv", "sdc": {"summary": {}, "cells": {}}}], "outcome": outcome,
        "command": "crosstab(df.district, df.race)", "summary": "pass", "timestamp": "2026-11-23T18:32:25",
        "comments": [], "exception": "", "fair": {},
    }  # fmt: skip
    folder = tmp_path / "acro"
    (folder / "checksums").mkdir(parents=True)
    (folder / "means.csv").write_text(table)
    (folder / "results.json").write_text(json.dumps({"version": "1.0.2", "results": {"output_0": result}}))
    (folder / "checksums" / "means.csv.txt").write_text(hashlib.sha256(table.encode()).hexdigest())
    c2c.outputs.clear()
    c2c.outputs.add(folder)
    report = c2c.outputs.check()
    found = {file.path: [(each.rule, each.cells) for each in file.findings] for file in report.files}
    assert ("dominance", ((0, 2),)) in found["means.csv"] and "checksums/means.csv.txt" in found
    c2c.outputs.submit("Means")
    assert b'filename="checksums/means.csv.txt"' in portal[-1][2]
