"""Jobs from the lab: what is asked of the portal, over a real unix socket; and what a job's sandbox does."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import numpy
import pytest

from c2c_research import jobs, running
from c2c_research.cli import main
from c2c_research.contents import refused
from c2c_research.errors import BadUse

BASE = "/services/portal/api/projects/pathways/jobs"
JOB = {"id": "job_1", "state": "QUEUED", "notebook": "n.ipynb", "output": "jobs/job_1-n.ipynb", "reason": ""}


class Portal(BaseHTTPRequestHandler):
    """Answers as the portal does, each look at the job finding it one state on, and keeps what it was asked."""

    states = ("QUEUED", "RUNNING", "FINISHED")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        self.server.asked.append(("POST", self.path, json.loads(body)))  # type: ignore[attr-defined]
        cancelled = JOB | {"state": "CANCELLED"}
        self._answer(cancelled if self.path.endswith("/cancel") else JOB)

    def do_GET(self) -> None:
        self.server.asked.append(("GET", self.path, None))  # type: ignore[attr-defined]
        looks = sum(method == "GET" for method, _, _ in self.server.asked)  # type: ignore[attr-defined]
        now = JOB | {"state": self.states[min(looks, 3) - 1], "created_at": "2026-11-24T12:00:00Z"}
        self._answer(now if self.path.endswith("job_1") else {"jobs": [now], "running": 1, "older": None})

    def _answer(self, data: Any) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asked(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    monkeypatch.setenv("C2C_PROJECT", "pathways")
    with TemporaryDirectory(prefix="rel") as folder:
        server = UnixStreamServer(f"{folder}/relay.sock", Portal)
        server.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("C2C_RELAY", f"{folder}/relay.sock")
        yield server.asked  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
        thread.join()


def notebook(name: str, *cells: str) -> str:
    note = nbformat.v4.new_notebook()
    note.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    note.cells = [nbformat.v4.new_code_cell("year = 2021", metadata={"tags": ["parameters"]})]
    note.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(note, name)
    return name


def test_a_notebook_is_named_as_the_jobs_sandbox_finds_it(asked: list[Any], workspace: Path) -> None:
    notebook("models/n.ipynb")
    os.chdir("models")
    job = jobs.run("n.ipynb", {"year": numpy.int64(2029)})
    assert asked == [("POST", BASE, {"notebook": "models/n.ipynb", "parameters": {"year": 2029}})]
    assert (job.id, job.state) == ("job_1", "QUEUED")


def test_a_job_is_waited_for_listed_and_cancelled(asked: list[Any]) -> None:
    job = jobs.Job.from_json(JOB)
    assert job.wait(pause=0.01).state == "FINISHED"
    assert list(jobs.status().state) == ["FINISHED"]
    assert jobs.cancel("job_1").state == "CANCELLED"
    assert asked[-2:] == [("GET", f"{BASE}?mine=true", None), ("POST", f"{BASE}/job_1/cancel", {})]


def test_the_commands_do_the_same(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", notebook("n.ipynb"), "-p", "year=2022", "-p", "county=Elm", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "job_1"
    assert asked[0][2] == {"notebook": "n.ipynb", "parameters": {"year": 2022, "county": "Elm"}}
    assert main(["jobs", "--json"]) == 0
    assert [job["id"] for job in json.loads(capsys.readouterr().out)] == ["job_1"]
    assert main(["cancel", "job_1"]) == 0
    assert main(["run", "n.ipynb", "-p", "year"]) == 2


@pytest.mark.parametrize(("path", "message"), [("absent.ipynb", "no notebook"), ("script.py", "no notebook")])
def test_only_a_notebook_that_is_there_is_run(workspace: Path, path: str, message: str) -> None:
    (workspace / "script.py").write_text("")
    with pytest.raises(BadUse, match=message):
        jobs.run(path)


def test_a_notebook_elsewhere_is_not_run(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with pytest.raises(BadUse, match="outside workspace"):
        jobs.run(notebook(str(elsewhere / "n.ipynb")))


# number, cells, exit code, what the executed copy holds
ENDS = [
    (1, "print(year + 1)", running.DONE, "2030"),
    (2, "1 / 0", running.CELL_FAILED, "ZeroDivisionError"),
    (3, "import os; os.kill(os.getpid(), 9)", running.KERNEL_DIED, "os.kill"),
]


def in_a_process(path: str) -> int:
    given = base64.urlsafe_b64encode(b'{"year": 2029}').decode()
    command = [sys.executable, "-m", "c2c_research.running", path, "jobs/out.ipynb", given]
    environment = {**os.environ, "PYTHONPATH": str(Path(running.__file__).parents[1])}
    return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=90).returncode


@pytest.mark.parametrize(("number", "cell", "code", "held"), ENDS)
def test_a_jobs_end_is_its_exit_code_and_its_copy(
    number: int, cell: str, code: int, held: str, workspace: Path
) -> None:
    assert in_a_process(notebook("models/n.ipynb", cell)) == code
    assert held in (workspace / "jobs" / "out.ipynb").read_text()


def test_a_notebook_that_names_no_kernel_runs_in_pythons(workspace: Path) -> None:
    note = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(6 * 7)")])
    nbformat.write(note, "n.ipynb")
    assert in_a_process("n.ipynb") == running.DONE
    assert "42" in (workspace / "jobs" / "out.ipynb").read_text()


def test_what_is_no_notebook_says_so_by_its_code(workspace: Path) -> None:
    (workspace / "n.ipynb").write_text("no notebook")
    assert (in_a_process("n.ipynb"), in_a_process("absent.ipynb")) == (running.NO_NOTEBOOK, running.NO_NOTEBOOK)


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
