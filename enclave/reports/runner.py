"""What a sandbox is told to run for a report, and how its outputs come back.

The sandbox holds the catalogue's notebooks and `c2c_research.reporting`, which executes one of them by papermill and
writes the outputs as one archive to its standard output: the worker needs no way into researchers' workspaces, and
the sandbox none out.
"""

from __future__ import annotations

import base64
import io
import re
import tarfile
from dataclasses import dataclass
from datetime import timedelta

from enclave.core.digests import canonical_json
from enclave.core.errors import Unprocessable
from enclave.reports.catalogue import template
from enclave.reports.model import ReportRun

BEGIN, END = b"--c2c-outputs--", b"--c2c-end--"
MOST_BYTES = 8 * 2**20
MOST_FILES = 50
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True)
class JobSpecification:
    """What the worker starts in a sandbox, as plain values."""

    run: str
    project: str
    user: str
    extract: str
    command: tuple[str, ...]
    time_limit: timedelta


def job_of(run: ReportRun) -> JobSpecification:
    """The sandbox job of a run."""
    parameters = base64.urlsafe_b64encode(canonical_json(run.parameters)).decode()
    command = ("python", "-m", "c2c_research.reporting", run.template, run.notebook_digest, parameters)
    limit = timedelta(minutes=template(run.template).minutes)
    return JobSpecification(run.id, run.project, run.author, str(run.extract_version), command, limit)


def outputs_of(printed: bytes) -> dict[str, bytes]:
    """The files that a run printed. Unprocessable when there is no whole archive, or one past the limits."""
    _, begun, rest = printed.partition(BEGIN)
    body, ended, _ = rest.partition(END)
    if not begun or not ended:
        raise Unprocessable("The report printed no outputs.", "See the executed notebook in a sandbox.")
    try:
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(body)), mode="r:gz") as archive:
            return _files(archive)
    except (ValueError, tarfile.TarError, OSError, EOFError):
        raise Unprocessable("The report's outputs cannot be read.", "Run it again.") from None


def _files(archive: tarfile.TarFile) -> dict[str, bytes]:
    """Regular files with plain names, within the limits; nothing is ever unpacked to disk."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for member in archive:
        source = archive.extractfile(member) if member.isreg() else None
        if source is None or not _NAME.fullmatch(member.name) or len(found) >= MOST_FILES or member.size > left:
            raise Unprocessable("The report's outputs are more or other than a report may make.", "Make fewer files.")
        found[member.name] = source.read(left + 1)
        left -= len(found[member.name])
    if not found:
        raise Unprocessable("The report made no outputs.", "Save a table with its sidecar.")
    return found
