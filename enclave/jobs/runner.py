"""What a job's sandbox is told to run, and what its end means.

The sandbox holds `c2c_research.running`, which executes the notebook by papermill and ends with one of the codes below.
Nothing that it prints is read: a code is all that the control zone learns of a notebook.
"""

from __future__ import annotations

import base64

from enclave.core.digests import canonical_json
from enclave.jobs.model import NotebookJob

_ENDS = {
    1: "A cell failed; the executed copy holds the error at its cell.",
    2: "The notebook is not in the workspace, or cannot be read.",
    3: "The notebook's kernel died; most often it needed more memory than a job has.",
    4: "There was no room left in the workspace.",
}
_OUTSIDE = "It was ended from outside: the machine was restarted, or a workspace held more than its quota."
VANISHED = "Its sandbox is gone: the machine or its operator removed it."


def command_of(job: NotebookJob) -> tuple[str, ...]:
    """The command of a job's sandbox."""
    parameters = base64.urlsafe_b64encode(canonical_json(job.parameters)).decode()
    return ("python", "-m", "c2c_research.running", job.notebook, job.output, parameters)


def meaning(exit_code: int, out_of_memory: bool) -> str:
    """The sentence for the end of a sandbox; empty when all went well."""
    if exit_code == 0:
        return ""
    return _ENDS[3] if out_of_memory else _ENDS.get(exit_code, _OUTSIDE)
