"""Long work: a notebook of yours runs as a job, and goes on when browser and lab are closed.

A **job** executes a notebook by papermill in a sandbox of its own: the same extract, the same workspace and `/shared`,
no network. The executed copy comes into `jobs/` of the workspace and grows while it runs. Promise: a job goes on when
you log out and when the lab is stopped. Limit: a project runs one, two or four at a time by its size, each for
`job_hours` at most; a job ends when the project is suspended. Caution: the notebook is read when the job starts, so
do not change it while the job is QUEUED.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from c2c_research import _http
from c2c_research.errors import BadUse
from c2c_research.wire import Wire

if TYPE_CHECKING:
    import pandas as pd

SHARED = Path("/shared")
OPEN = ("QUEUED", "RUNNING")
_COLUMNS = ("id", "state", "notebook", "output", "reason")


@dataclass(frozen=True)
class Job(Wire):
    """One run of a notebook; `state` is QUEUED, RUNNING, FINISHED, FAILED, CANCELLED or STOPPED, `reason` says why."""

    id: str
    state: str
    notebook: str
    output: str
    reason: str = ""
    user: str = ""

    def refresh(self) -> Job:
        """The job as it stands now."""
        return Job.from_json(_http.get(f"/jobs/{quote(self.id, safe='')}"))

    def wait(self, seconds: float = 3600.0, pause: float = 2.0) -> Job:
        """Wait until it has ended, `seconds` at most; the job as it then stands."""
        end, now = time.monotonic() + seconds, self.refresh()
        while now.state in OPEN and time.monotonic() < end:
            time.sleep(pause)
            now = self.refresh()
        return now


def run(notebook: str | Path, parameters: Mapping[str, Any] | None = None) -> Job:
    """Start a notebook as a job; `parameters` replace those of the cell that is tagged `parameters`.

    Parameters are numbers, yes or no, or short texts; what is longer belongs into a file.
    """
    given = {name: _plain(value) for name, value in (parameters or {}).items()}
    return Job.from_json(_http.post("/jobs", {"notebook": _path(Path(notebook)), "parameters": given}))


def status() -> pd.DataFrame:
    """Your jobs in this project, the newest first (25 at most; the portal's page lists all)."""
    import pandas as pd

    rows = [job.to_json() for job in mine()]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).set_index("id")


def mine() -> list[Job]:
    """Your jobs in this project, the newest first."""
    return [Job.from_json(item) for item in _http.get("/jobs", {"mine": "true"})["jobs"]]


def cancel(job_id: str) -> Job:
    """Stop a job; what its executed copy holds by then stays."""
    return Job.from_json(_http.post(f"/jobs/{quote(job_id, safe='')}/cancel", {}))


def _plain(value: Any) -> Any:
    """A number of numpy or pandas as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _path(notebook: Path) -> str:
    """The notebook's path as a job's sandbox finds it."""
    source, workspace = notebook.resolve(), Path(os.environ.get("HOME", ".")).resolve()
    if source.suffix != ".ipynb" or not source.is_file():
        raise BadUse(f"There is no notebook {notebook}.", "Give the path of an .ipynb file in the workspace.")
    if source.is_relative_to(workspace):
        return str(source.relative_to(workspace))
    if source.is_relative_to(SHARED):
        return str(source)
    raise BadUse("The notebook lies outside workspace and /shared.", "Copy it into the workspace first.")
