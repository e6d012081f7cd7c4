"""`c2c check` and `c2c policy` on the host: exit codes, JSON on standard output alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from c2c_research.disclosure.policy import load_pack
from services.cli.main import app, run


def test_check_exits_one_when_a_file_fails_and_prints_json_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t1.csv").write_text("district,n\nA,7\nB,70\n")
    assert run(app, ["check", str(tmp_path), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["policy"] == {"name": "enclave-default", "version": load_pack().version}
    assert [(item["path"], item["status"]) for item in data["files"]] == [("t1.csv", "fail")]
    assert sorted(item.name for item in tmp_path.iterdir()) == ["t1.csv"]


def test_check_exits_zero_for_review_and_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t1.csv").write_text("district,a,b\nA,73479.0,32002.39\nB,23765.7,41826.9\n")
    assert run(app, ["check", str(tmp_path / "t1.csv")]) == 0
    said = capsys.readouterr()
    assert said.out == "" and "needs a reviewer's look" in said.err


@pytest.mark.parametrize(
    "arguments", [["check", "/nowhere/t1.csv"], ["check", "--policy", "none", "/"], ["policy", "show", "none"]]
)
def test_what_cannot_run_exits_two(arguments: list[str]) -> None:
    assert run(app, arguments) == 2


def test_policy_shows_rules_and_whether_code_enforces_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, ["policy", "list", "--json"]) == 0
    assert {"enclave-default", "adrf"} <= {pack["name"] for pack in json.loads(capsys.readouterr().out)}
    assert run(app, ["policy", "show", "enclave-default", "--json"]) == 0
    enforced = {rule["kind"]: rule["implemented"] for rule in json.loads(capsys.readouterr().out)["rules"]}
    assert enforced["min_cell"] and enforced["differencing"]
