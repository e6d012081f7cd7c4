"""`c2c doctor` on a data folder that the set-up never saw, and on one whose doors stand open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from enclave.core.settings import Settings
from services.cli.diagnosis.engine import runtime
from services.cli.diagnosis.finding import Finding, Level
from services.cli.diagnosis.installation import Installation
from services.cli.diagnosis.run import CHECKS
from services.cli.diagnosis.state import stores, workspaces

NAMES = ["engine", "images", "runtime", "services", "networks", "sandboxes", "clocks", "stores", "keys"]
NAMES += ["workspaces", "migrations"]


def doctor(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real command, on a data folder."""
    environment = {**os.environ, "C2C_DATA_DIR": str(folder)}
    argv = [sys.executable, "-m", "services.cli.main", "doctor", *arguments]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_nothing_set_up_fails_with_a_mend_beside_every_finding(tmp_path: Path) -> None:
    done = doctor(tmp_path / "none", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["status"] == "fail"
    assert [each["check"] for each in answer["checks"]] == [*NAMES, "policy packs"] == list(CHECKS)
    assert all(each["mend"] for each in answer["checks"] if each["status"] != "ok")


def test_prose_goes_to_standard_error_alone(tmp_path: Path) -> None:
    done = doctor(tmp_path / "none", "--quiet")
    assert done.stdout == ""
    assert "make demo" in done.stderr


def test_a_store_open_to_other_users_fails(tmp_path: Path) -> None:
    for name in ("app", "hub", "vault", "airlock", "events", "extracts"):
        (tmp_path / name).mkdir(mode=0o700)
    for name in ("editions", "pseudonyms", "bounded", "contributors"):
        (tmp_path / "research" / name).mkdir(parents=True, mode=0o750)
    installation = Installation(Settings(data_dir=tmp_path))
    assert stores(installation).level is Level.OK
    (tmp_path / "vault").chmod(0o755)
    opened = stores(installation)
    assert opened.level is Level.FAIL
    assert "vault" in opened.message


# what the set-up wrote into compose.env, level, a word of the finding
RUNTIMES = [
    ("", Level.OK, "own runtime"),
    ("C2C_SANDBOX_RUNTIME=runc\n", Level.OK, "runc"),
    ("C2C_SANDBOX_RUNTIME=kata-none\n", Level.FAIL, "kata-none"),
]


@pytest.mark.engine
@pytest.mark.parametrize(("written", "level", "word"), RUNTIMES)
def test_a_runtime_that_the_engine_does_not_have_fails(written: str, level: Level, word: str, tmp_path: Path) -> None:
    (tmp_path / "compose.env").write_text(written)
    found = runtime(Installation(Settings(data_dir=tmp_path)))
    assert (found.level, word in found.message) == (level, True)
    assert ("(" in found.mend and "runc" in found.mend) == (level is Level.FAIL)


# what the guard wrote at its start, level
STORES = [('{"kind": "volume", "why_not": ""}', Level.OK), ('{"kind": "folder", "why_not": "No loops."}', Level.WARN)]


@pytest.mark.skipif(os.geteuid() != 0, reason="the guard's folder is root's")
@pytest.mark.parametrize(("written", "level"), STORES)
def test_plain_workspaces_are_told(written: str, level: Level, tmp_path: Path) -> None:
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "store.json").write_text(written)
    found = workspaces(Installation(Settings(data_dir=tmp_path)))
    assert found.level is level
    assert ("No loops." in found.message) == (level is Level.WARN)


def test_the_worst_finding_decides() -> None:
    assert max(Finding("a", level, "").level for level in Level) is Level.FAIL
