"""Check one file in a forked child with limits on memory, time and open files.

The file is hostile by assumption. Whatever happens in the child (a crash, no memory, no end) becomes a finding of
status REVIEW in the parent; it can never become a PASS and never stops the server.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import resource
import select
import signal
import time
from dataclasses import dataclass

from c2c_research.disclosure.answers import Answers
from c2c_research.disclosure.engine import check_content, crash_finding
from c2c_research.disclosure.findings import FileReport
from c2c_research.disclosure.readers import kind_of

MEMORY_BYTES = 1_500_000_000
SECONDS = 60
MAX_REPORT = 20_000_000


@dataclass(frozen=True)
class Submission:
    """One file with what came along with it."""

    name: str
    content: bytes
    policy: str
    context: str = ""
    evidence: str = ""
    answers: str = ""


def check_apart(submission: Submission, seconds: float = SECONDS, memory: int = MEMORY_BYTES) -> FileReport:
    """Check in a child. Always returns a report."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _in_child(sending, submission, seconds, memory)
    os.close(sending)
    try:
        answer = _receive(receiving, time.monotonic() + seconds)
    finally:
        os.close(receiving)
        _end(child)
    if answer is None:
        return _unfinished(submission, "The check took too long and was stopped.")
    try:
        return FileReport.from_json(json.loads(answer))
    except (ValueError, KeyError, TypeError):
        return _unfinished(submission, "The check stopped before its end.")


def _in_child(sending: int, submission: Submission, seconds: float, memory: int) -> None:
    """Never returns: no `finally` of the parent may run in the child."""
    code = 1
    try:
        gc.disable()
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        report = check_content(
            submission.name, submission.content, submission.policy, submission.context, submission.evidence,
            answers=Answers.from_json(json.loads(submission.answers)) if submission.answers else None,
        )  # fmt: skip
        _send(sending, json.dumps(report.to_json()).encode())
        code = 0
    finally:
        os._exit(code)


def _send(sending: int, body: bytes) -> None:
    view = memoryview(body)
    while view:
        view = view[os.write(sending, view) :]


def _receive(receiving: int, deadline: float) -> bytes | None:
    """All bytes until the child closes; None when the deadline or the size limit comes first."""
    parts: list[bytes] = []
    size = 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or size > MAX_REPORT:
            return None
        ready, _, _ = select.select([receiving], [], [], left)
        if not ready:
            return None
        part = os.read(receiving, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)


def _end(child: int) -> None:
    # the answer is in or will never come: a child that still runs has nothing left to say
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _unfinished(submission: Submission, what: str) -> FileReport:
    digest = hashlib.sha256(submission.content).hexdigest()
    return FileReport(submission.name, digest, kind_of(submission.name), (crash_finding(what),))
