"""Executes one registered report in a sandbox and prints its outputs as one archive.

`python -m c2c_research.reporting NAME DIGEST PARAMETERS`: the catalogue's notebook, whose SHA-256 must be DIGEST, runs
by papermill with PARAMETERS (base64 of JSON), in the folder `outputs` of the workspace. What it saves there and the
executed notebook are printed between two marks, when all of it ran; a notebook that failed prints nothing.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import tarfile
from pathlib import Path
from typing import Any, BinaryIO

from c2c_research.errors import BadUse

CATALOGUE = Path("/opt/c2c/reports")
BEGIN, END = b"--c2c-outputs--\n", b"--c2c-end--\n"
_LINE = 57 * 1024


def run(name: str, digest: str, parameters: dict[str, Any], workspace: Path, catalogue: Path) -> Path:
    """Execute a report's notebook; the folder with what it made and the executed notebook."""
    import papermill

    notebook = catalogue / name / "notebook.ipynb"
    if not notebook.is_file() or hashlib.sha256(notebook.read_bytes()).hexdigest() != digest:
        raise BadUse("This image holds another version of the report.", "Build the images again, then run it.")
    outputs = workspace / "outputs"
    outputs.mkdir(parents=True, exist_ok=True)
    executed = outputs / f"{name}.ipynb"
    papermill.execute_notebook(
        str(notebook), str(executed), parameters=parameters, cwd=str(outputs), progress_bar=False, log_output=False
    )
    return outputs


def archive(folder: Path) -> bytes:
    """The plain files of a folder as a gzipped tar, in the order of their names."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as target:
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                target.add(path, arcname=path.name, recursive=False)
    return buffer.getvalue()


def emit(content: bytes, stream: BinaryIO) -> None:
    """Print an archive between the marks, in base64 lines."""
    stream.write(BEGIN)
    for start in range(0, len(content), _LINE):
        stream.write(base64.b64encode(content[start : start + _LINE]) + b"\n")
    stream.write(END)
    stream.flush()


def main(arguments: list[str], catalogue: Path = CATALOGUE) -> int:
    """Run and print; 0 when the report ran, 1 when it failed, 2 for wrong use."""
    if len(arguments) != 3:
        return 2
    name, digest, encoded = arguments
    if not name.replace("-", "").isalnum():
        return 2
    parameters = json.loads(base64.urlsafe_b64decode(encoded))
    try:
        outputs = run(name, digest, parameters, Path(os.environ.get("HOME", ".")), catalogue)
    except Exception as problem:  # its text may hold data: the kind alone is said
        print(f"The report failed: {type(problem).__name__}.", file=sys.stderr)
        return 1
    emit(archive(outputs), sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
