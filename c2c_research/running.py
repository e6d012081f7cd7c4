"""Executes one notebook of the workspace in a job's sandbox.

`python -m c2c_research.running NOTEBOOK OUTPUT PARAMETERS`: the notebook runs by papermill with PARAMETERS (base64 of
JSON) in its own folder; the executed copy is written to OUTPUT while it runs, so a job that is stopped leaves what it
has done. The exit code says how it ended, and is all that leaves the sandbox: 0 done, 1 a cell failed, 2 no such
notebook, 3 its kernel died, 4 no room in the workspace.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

DONE, CELL_FAILED, NO_NOTEBOOK, KERNEL_DIED, NO_ROOM = range(5)
_FULL = (errno.ENOSPC, errno.EDQUOT)


def execute(notebook: Path, output: Path, parameters: dict[str, Any]) -> int:
    """Run and write the executed copy; the exit code."""
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if not notebook.is_file():
        return NO_NOTEBOOK
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        papermill.execute_notebook(
            str(notebook), str(output), parameters=parameters, cwd=str(notebook.parent), progress_bar=False,
            **_kernel(notebook),
        )  # fmt: skip
    except PapermillExecutionError:
        return CELL_FAILED
    except DeadKernelError:
        return KERNEL_DIED
    except OSError as problem:
        return NO_ROOM if problem.errno in _FULL else NO_NOTEBOOK
    except Exception:  # not a notebook: papermill and nbformat raise what they like
        return NO_NOTEBOOK
    return DONE


def _kernel(notebook: Path) -> dict[str, str]:
    """Python for a notebook that code wrote and that names no kernel; nothing where it names one."""
    named = json.loads(notebook.read_text(encoding="utf-8")).get("metadata", {}).get("kernelspec", {}).get("name")
    return {} if named else {"kernel_name": "python3", "language": "python"}


def main(arguments: list[str]) -> int:
    """Run what the arguments name, below the workspace."""
    notebook, output, encoded = arguments
    workspace = Path(os.environ.get("HOME", "."))
    return execute(workspace / notebook, workspace / output, json.loads(base64.urlsafe_b64decode(encoded)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
