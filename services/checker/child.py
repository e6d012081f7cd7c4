"""Check, compare or repair in a forked child with limits on memory, time and open files.

The file is hostile by assumption. Whatever happens in the child (a crash, no memory, no end) becomes a finding of
status REVIEW in the parent; it can never become a PASS and never stops the server.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from c2c_research.disclosure.answers import Answers
from c2c_research.disclosure.engine import Examined, crash_finding, examine
from c2c_research.disclosure.findings import FileReport, Finding
from c2c_research.disclosure.policy import load_pack
from c2c_research.disclosure.readers import kind_of
from c2c_research.disclosure.repairs import Repair, repairs
from c2c_research.disclosure.request import check_request
from c2c_research.disclosure.sessions import against_file
from c2c_research.disclosure.statements import StatementSet
from c2c_research.disclosure.twins import stripped

MEMORY_BYTES = 1_500_000_000
SECONDS = 60
SHOWN_CELLS = 500
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


@dataclass(frozen=True)
class Comparison:
    """The files of a request as statement sets, what is released, and a pack's name."""

    files: list[dict[str, Any]]
    released: list[dict[str, Any]]
    policy: str


def check_apart(submission: Submission, seconds: float = SECONDS, memory: int = MEMORY_BYTES) -> Examined:
    """Check in a child. Always returns a report, and what the file says in numbers."""
    answer, problem = _apart(lambda: _examined(submission), seconds, memory)
    if answer is not None:
        try:
            data = json.loads(answer)
            return Examined(FileReport.from_json(data["report"]), StatementSet.from_json(data["statements"]))
        except (ValueError, KeyError, TypeError):
            problem = "The check stopped before its end."
    return Examined(_unfinished(submission, problem), StatementSet(submission.name))


def compare_apart(
    comparison: Comparison, seconds: float = SECONDS, memory: int = MEMORY_BYTES
) -> dict[str, list[dict[str, Any]]]:
    """Compare in a child. Always returns findings by file; what did not end is a REVIEW of every file."""
    answer, problem = _apart(lambda: _compared(comparison), seconds, memory)
    if answer is not None:
        try:
            found = json.loads(answer)
            return {str(path): [Finding.from_json(item).to_json() for item in items] for path, items in found.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            problem = "The comparison with other files stopped before its end."
    broken = replace(crash_finding(problem), rule="differencing").to_json()
    return {str(file.get("path", "")): [broken] for file in comparison.files}


def repair_apart(
    submission: Submission, anyway: bool, seconds: float = SECONDS, memory: int = MEMORY_BYTES
) -> tuple[list[dict[str, Any]], str]:
    """(repairs that pass the check, why there is none where the search broke off)."""
    answer, problem = _apart(lambda: _repaired(submission, anyway), seconds, memory)
    if answer is None:
        return [], problem
    try:
        found = json.loads(answer)
        return [dict(item) for item in found], ""
    except (ValueError, TypeError):
        return [], "The search for repairs stopped before its end."


def twin_apart(submission: Submission, seconds: float = SECONDS, memory: int = MEMORY_BYTES) -> tuple[str | None, str]:
    """(the stripped twin in base 64 or None, why the making broke off)."""
    answer, problem = _apart(lambda: _twin(submission), seconds, memory)
    if answer is None:
        return None, problem
    try:
        found = json.loads(answer)
        return (str(found), "") if found is not None else (None, "")
    except ValueError:
        return None, "The making of the twin stopped before its end."


def session_apart(
    submission: Submission, session: bytes, checksum: bytes, seconds: float = SECONDS, memory: int = MEMORY_BYTES
) -> list[dict[str, Any]]:
    """What a session's record says against a file, in a child; what did not end is a REVIEW."""
    answer, problem = _apart(lambda: _said_by_session(submission, session, checksum), seconds, memory)
    if answer is not None:
        try:
            return [Finding.from_json(item).to_json() for item in json.loads(answer)]
        except (ValueError, KeyError, TypeError, AttributeError):
            problem = "What the session says of this file could not be read."
    return [crash_finding(problem).to_json()]


def _repaired(submission: Submission, anyway: bool) -> list[dict[str, Any]]:
    found = repairs(
        submission.name, submission.content, submission.policy, submission.context, submission.evidence,
        answers=_answers(submission), anyway=anyway,
    )  # fmt: skip
    return [_repair_json(each) for each in found]


def _twin(submission: Submission) -> str | None:
    made = stripped(submission.name, submission.content)
    return None if made is None else base64.b64encode(made).decode()


def _repair_json(repair: Repair) -> dict[str, Any]:
    return {
        "kind": repair.kind,
        "name": repair.name,
        "content": base64.b64encode(repair.content).decode(),
        "context": repair.sidecar,
        "evidence": repair.evidence,
        "changed": repair.changed,
        "cells": [cell.to_json() for cell in repair.cells[:SHOWN_CELLS]],
        "cells_total": len(repair.cells),
        "statements": repair.statements().to_json()["statements"],
    }


def _said_by_session(submission: Submission, session: bytes, checksum: bytes) -> list[dict[str, Any]]:
    pack = load_pack(submission.policy)
    return [each.to_json() for each in against_file(session, checksum, submission.name, submission.content, pack)]


def _answers(submission: Submission) -> Answers | None:
    return Answers.from_json(json.loads(submission.answers)) if submission.answers else None


def _examined(submission: Submission) -> dict[str, Any]:
    examined = examine(
        submission.name, submission.content, submission.policy, submission.context, submission.evidence,
        answers=_answers(submission),
    )  # fmt: skip
    return {"report": examined.report.to_json(), "statements": examined.statements.to_json()}


def _compared(comparison: Comparison) -> dict[str, Any]:
    files, released = (
        [StatementSet.from_json(item) for item in sets] for sets in (comparison.files, comparison.released)
    )
    found = check_request(files, released, load_pack(comparison.policy))
    return {path: [item.to_json() for item in findings] for path, findings in found.findings.items()}


def _apart(work: Callable[[], Any], seconds: float, memory: int) -> tuple[bytes | None, str]:
    """(the answer as JSON, what to say where there is none)."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _in_child(sending, work, seconds, memory)
    os.close(sending)
    try:
        answer = _receive(receiving, time.monotonic() + seconds)
    finally:
        os.close(receiving)
        _end(child)
    return answer, "The check took too long and was stopped."


def _in_child(sending: int, work: Callable[[], Any], seconds: float, memory: int) -> None:
    """Never returns: no `finally` of the parent may run in the child."""
    code = 1
    try:
        gc.disable()
        space = _held() + memory  # what the server holds was loaded before the file came
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _send(sending, json.dumps(work()).encode())
        code = 0
    finally:
        os._exit(code)


def _held() -> int:
    """The address space of this process, in bytes."""
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()


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
