"""Jobs: a notebook runs in a process of its own; what became of it stands in the workspace."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import nbformat
import pytest

from c2c_research import jobs
from c2c_research.cli import main
from c2c_research.contents import refused
from c2c_research.errors import BadUse


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def notebook(name: str, *cells: str) -> str:
    note = nbformat.v4.new_notebook()
    note.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    note.cells = [nbformat.v4.new_code_cell("year = 2021", metadata={"tags": ["parameters"]})]
    note.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(note, name)
    return name


def ended(job: jobs.Job) -> jobs.Job:
    deadline = time.monotonic() + 90
    while job.refresh().state == "RUNNING":
        assert time.monotonic() < deadline, "the job did not end"
        time.sleep(0.2)
    return job.refresh()


def test_a_job_runs_with_parameters_and_leaves_the_executed_notebook(workspace: Path) -> None:
    job = jobs.run(notebook("n.ipynb", "print(year + 1)"), {"year": 2029})
    assert (job.state, ended(job).state) == ("RUNNING", "SUCCEEDED")
    assert "2030" in Path(job.output).read_text()
    assert list(jobs.status().state) == ["SUCCEEDED"]


def test_a_job_that_fails_says_so_and_keeps_the_error_at_its_cell(workspace: Path) -> None:
    job = ended(jobs.run(notebook("n.ipynb", "1 / 0")))
    assert job.state == "FAILED"
    assert "ZeroDivisionError" in Path(job.output).read_text()


def test_two_jobs_run_at_a_time_and_a_cancelled_one_makes_room(workspace: Path) -> None:
    path = notebook("n.ipynb", "import time; time.sleep(300)")
    first, second = jobs.run(path), jobs.run(path)
    with pytest.raises(BadUse, match="2 jobs run already"):
        jobs.run(path)
    assert jobs.cancel(first.id).state == "CANCELLED"
    third = jobs.run(path)
    assert main(["cancel", second.id]) == 0
    assert jobs.cancel(third.id).state == "CANCELLED"


def test_a_job_whose_lab_was_stopped_counts_as_cancelled(workspace: Path) -> None:
    job = jobs.run(notebook("n.ipynb", "import time; time.sleep(300)"))
    card = workspace / "jobs" / f"{job.id}.json"
    os.killpg(json.loads(card.read_text())["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while job.refresh().state == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert job.refresh().state == "CANCELLED"


@pytest.mark.parametrize("path", ["absent.ipynb", "script.py"])
def test_only_a_notebook_that_is_there_is_run(workspace: Path, path: str) -> None:
    (workspace / "script.py").write_text("")
    with pytest.raises(BadUse, match="no notebook"):
        jobs.run(path)


@pytest.mark.parametrize(
    ("model", "stopped"),
    [
        ({"type": "notebook", "format": "json", "content": {"cells": []}}, False),
        ({"type": "file", "format": "text", "content": "a note"}, False),
        ({"type": "directory"}, False),
        ({"type": "file", "format": "base64", "content": "AAAA"}, True),
        ({"type": "file", "format": "text", "content": "part", "chunk": 1}, True),
        ({"type": "file", "format": "text", "content": "a" * (20 * 2**20 + 1)}, True),
    ],
)
def test_the_lab_saves_what_it_wrote_and_takes_no_upload(model: dict[str, object], stopped: bool) -> None:
    assert refused(model) is stopped
