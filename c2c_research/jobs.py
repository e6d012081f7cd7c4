"""Long work: a notebook of yours runs beside the lab and goes on when the browser is closed.

A **job** executes a notebook by papermill in a process of its own, with the lab's extract and no network; the executed
copy comes into `jobs/` of the workspace. Promise: the browser may be closed, and a lab in which a job runs is not
stopped as idle. Limit: a job lives in the lab's container and ends with it (stopped on “Sessions”, suspended, or
restarted); two run at a time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import pandas as pd

AT_ONCE = 2
MARK = ".running"
BEAT = 60.0
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}  # those of this kernel, so that what ended is collected
_MARK = "c2c_research.jobs"


@dataclass(frozen=True)
class Job:
    """One run of a notebook; `state` is RUNNING, SUCCEEDED, FAILED or CANCELLED (also when the lab was stopped)."""

    id: str
    notebook: str
    output: str
    state: str

    def refresh(self) -> Job:
        """The job as it stands now."""
        return _job(_folder() / f"{self.id}.json")


def run(notebook: str | Path, parameters: Mapping[str, Any] | None = None) -> Job:
    """Start a notebook; `parameters` replace those of the cell that is tagged `parameters`."""
    source = Path(notebook)
    if source.suffix != ".ipynb" or not source.is_file():
        raise BadUse(f"There is no notebook {source}.", "Give the path of an .ipynb file in the workspace.")
    if len(running := [job.id for job in _jobs() if job.state == "RUNNING"]) >= AT_ONCE:
        raise BadUse(f"{AT_ONCE} jobs run already: {', '.join(running)}.", "Wait for one, or cancel it.")
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 1000:03d}-{source.stem}"
    card = folder / f"{name}.json"
    output = folder / f"{name}.ipynb"
    argv = [sys.executable, "-m", _MARK, str(card), str(source.resolve()), json.dumps(dict(parameters or {}))]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(argv, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    _CHILDREN[process.pid] = process
    _write(card, {"notebook": str(source), "output": str(output), "state": "RUNNING", "pid": process.pid})
    return _job(card)


def status() -> pd.DataFrame:
    """Every job of this workspace, the newest first."""
    import pandas as pd

    rows = [(job.id, job.state, job.notebook, job.output) for job in reversed(_jobs())]
    return pd.DataFrame(rows, columns=["id", "state", "notebook", "output"]).set_index("id")


def cancel(job_id: str) -> Job:
    """Stop a job and its kernel."""
    card = _folder() / f"{job_id}.json"
    if card not in _cards():
        raise BadUse(f"There is no job {job_id}.", "`c2c.jobs.status()` lists them.")
    if _job(card).state == "RUNNING":
        os.killpg(int(json.loads(card.read_text())["pid"]), signal.SIGTERM)
        _note(card, state="CANCELLED")
        card.with_suffix(MARK).unlink(missing_ok=True)
    return _job(card)


def _folder() -> Path:
    return Path(os.environ.get("HOME", ".")) / "jobs"


def _cards() -> list[Path]:
    return sorted(_folder().glob("*.json"))


def _jobs() -> list[Job]:
    return [_job(card) for card in _cards()]


def _job(card: Path) -> Job:
    told = json.loads(card.read_text())
    state = told["state"]
    if state == "RUNNING" and not _lives(int(told["pid"]), card):
        state = json.loads(card.read_text())["state"]  # it may have ended between the two looks
        state = "CANCELLED" if state == "RUNNING" else state
    return Job(card.stem, told["notebook"], told["output"], state)


def _lives(pid: int, card: Path) -> bool:
    """Whether the process is this job's: numbers are used again, after a restart of the lab at the latest."""
    if pid in _CHILDREN:
        return _CHILDREN[pid].poll() is None
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return _MARK.encode() in words and os.fsencode(card) in words


def _note(card: Path, **told: Any) -> None:
    _write(card, {**json.loads(card.read_text()), **told})


def _write(card: Path, told: dict[str, Any]) -> None:
    fresh = card.with_suffix(".new")
    fresh.write_text(json.dumps(told))
    fresh.replace(card)


def _execute(card: Path, source: Path, parameters: dict[str, Any]) -> int:
    """What the job's own process does; its card is written by who started it, a moment after."""
    import papermill

    while not card.exists():
        time.sleep(0.05)
    threading.Thread(target=_beat, args=(card.with_suffix(MARK),), daemon=True).start()
    try:
        output = json.loads(card.read_text())["output"]
        papermill.execute_notebook(
            str(source), output, parameters=parameters, cwd=str(source.parent), progress_bar=False
        )
    except Exception:  # the executed notebook holds the error at its cell
        _note(card, state="FAILED")
        return 1
    finally:
        card.with_suffix(MARK).unlink(missing_ok=True)
    _note(card, state="SUCCEEDED")
    return 0


def _beat(mark: Path) -> None:
    """Say every minute that the job runs, in a file beside its card: a lab with a fresh mark is not idle."""
    while True:
        mark.touch()
        time.sleep(BEAT)


if __name__ == "__main__":
    sys.exit(_execute(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])))
