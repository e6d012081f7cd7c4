"""The server's own checks: each file goes alone to the checker, which has no network, no keys and no database.

The server trusts only this run; what the researcher's library said in the sandbox is advice to the researcher. A
checker that is away or crashes is no verdict: the report is incomplete, its finding is REVIEW, and the worker tries
again; a file that crashes it `check_attempts` times FAILs as unreadable, because what cannot be read is not released.
Incomplete reports let an author submit; they never let a request be approved.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import httpx

from c2c_research.disclosure.policy import name_of
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.db import Database
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Conflict, NotFound
from enclave.core.ids import new_id
from enclave.core.local_http import over_socket
from output_review import store
from output_review.airlock import Airlock
from output_review.model import CheckReport, OutputFile
from output_review.states import FindingStatus

_TEXT = 600
_MAX_FINDINGS = 500
_MAX_CELLS = 5000
_MAX_QUESTIONS = 50


class CheckerAway(Exception):
    """Nobody answers on the socket, or not in time."""


class CheckerCrashed(Exception):
    """The checker answered, but not with a verdict on this file."""


class Checker(Protocol):
    """Anything that judges one file under a policy pack and answers in the form of `c2c check --json`."""

    def examine(self, name: str, data: bytes, sidecars: Mapping[str, bytes], pack: str) -> dict[str, Any]: ...

    def compare(self, question: Mapping[str, Any]) -> dict[str, Any]: ...

    def session(self, name: str, data: bytes, session: Mapping[str, bytes], pack: str) -> dict[str, Any]: ...

    def repair(
        self, name: str, data: bytes, sidecars: Mapping[str, bytes], pack: str, *, anyway: bool
    ) -> dict[str, Any]: ...


@dataclass(frozen=True)
class SocketChecker:
    """The checker container, over its unix socket."""

    socket: Path
    timeout: float = 120.0

    def examine(self, name: str, data: bytes, sidecars: Mapping[str, bytes], pack: str) -> dict[str, Any]:
        return self._ask("/check", files=_form(name, data, sidecars), data={"policy": pack})

    def compare(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """What the files of a request say together, and with what is released; statements in, findings out."""
        return self._ask("/check-request", json=dict(question))

    def session(self, name: str, data: bytes, session: Mapping[str, bytes], pack: str) -> dict[str, Any]:
        """What an ACRO session (`record`, `checksum`) says against a file."""
        return self._ask("/check-session", files=_form(name, data, session), data={"policy": pack})

    def repair(
        self, name: str, data: bytes, sidecars: Mapping[str, bytes], pack: str, *, anyway: bool
    ) -> dict[str, Any]:
        """The repairs of a file that pass the check; `anyway` also where the file passes alone."""
        asked = {"policy": pack, "anyway": "yes" if anyway else ""}
        return self._ask("/repair", files=_form(name, data, sidecars), data=asked)

    def twin(self, name: str, data: bytes) -> bytes | None:
        """The file made anew from what is visible of it; None where there is none."""
        answer = self._ask("/twin", files=_form(name, data, {}))
        if answer.get("problem"):
            raise CheckerCrashed
        made = answer.get("twin")
        try:
            return None if made is None else base64.b64decode(str(made), validate=True)
        except binascii.Error as problem:
            raise CheckerCrashed from problem

    def _ask(self, path: str, **body_of: Any) -> dict[str, Any]:
        if not self.socket.is_socket():
            raise CheckerAway
        try:
            with over_socket(self.socket, timeout=self.timeout) as client:
                answer = client.post(f"http://checker{path}", **body_of)
        except httpx.TransportError as problem:
            raise CheckerAway from problem
        if answer.status_code in (502, 503, 504):
            raise CheckerAway
        try:
            body = answer.json()
        except ValueError as problem:
            raise CheckerCrashed from problem
        if answer.status_code != 200 or not isinstance(body, dict):
            raise CheckerCrashed
        return body


_PARTS = ("context", "evidence", "answers", "record", "checksum")


def _form(name: str, data: bytes, beside: Mapping[str, bytes]) -> dict[str, tuple[str, bytes, str]]:
    """A file with what is read beside it; other sidecars (receipts, sealed sets) are not the checker's."""
    base = name.rsplit("/", 1)[-1]
    files = {"file": (base, data, "application/octet-stream")}
    return files | {
        part: (f"{base}.{part}", beside[part], "application/octet-stream") for part in _PARTS if part in beside
    }


@dataclass
class FixedChecker:
    """Gives prepared answers by file name, a pass for others; for tests of what stands around the checker."""

    answers: dict[str, dict[str, Any] | Exception]
    together: dict[str, list[dict[str, Any]]] | Exception = field(default_factory=dict)
    repaired: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def session(self, name: str, data: bytes, session: Mapping[str, bytes], pack: str) -> dict[str, Any]:
        return {"findings": []}

    def repair(
        self, name: str, data: bytes, sidecars: Mapping[str, bytes], pack: str, *, anyway: bool
    ) -> dict[str, Any]:
        return {"repairs": self.repaired.get(name, []), "problem": ""}

    def compare(self, question: Mapping[str, Any]) -> dict[str, Any]:
        if isinstance(self.together, Exception):
            raise self.together
        return {"findings": self.together}

    def examine(self, name: str, data: bytes, sidecars: Mapping[str, bytes], pack: str) -> dict[str, Any]:
        answer = self.answers.get(name, {"status": "pass", "findings": []})
        if isinstance(answer, Exception):
            raise answer
        return {"policy": {"name": pack, "version": "1"}, "files": [{"kind": "table", **answer}]}


@dataclass(frozen=True)
class Task:
    """A file to check, as plain values, so that nothing of the database is held while the checker works."""

    file_id: str
    name: str
    sha256: str
    sidecars: dict[str, str]
    binding: str
    tried: int

    @classmethod
    def of(cls, file: OutputFile) -> Task:
        tried = sum(not report.complete for report in file.reports if report.binding == file.binding)
        return cls(file.id, file.name, file.sha256, dict(file.sidecars), file.binding, tried)


@dataclass(frozen=True)
class Verdict:
    """An answer of the checker's, reduced to what is kept."""

    status: FindingStatus
    complete: bool
    kind: str
    policy_name: str
    policy_version: str
    findings: list[dict[str, Any]]
    away: bool = False
    questions: list[dict[str, str]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)


def run_file_checks(airlock: Airlock, database: Database, checker: Checker, actor: Actor, request_id: str) -> None:
    """Check every file that has no complete report about its present bytes.

    No transaction is open while the checker works; a report belongs to the binding that was read, so a file that
    is replaced meanwhile simply stays unchecked. While the author has the request, files are checked again under a
    pack that its owner has changed.
    """
    pack = airlock.policy.pack
    with database.read() as session:
        request = store.get(session, request_id)
        tasks = [
            Task.of(file)
            for file in request.present_files
            if file.report is None or not file.report.complete or (request.editable and _outdated(file.report, pack))
        ]
    for task in tasks:
        verdict = _examine(airlock, checker, task)
        # Waiting for a checker that is away is told once, not at every try.
        if verdict.away and task.tried:
            continue
        _keep(airlock, database, actor, request_id, task, verdict)


def _outdated(report: CheckReport, pack: str) -> bool:
    """Was the pack changed by its owner's decision since this report?"""
    revision = pack.partition("+")[2].partition(":")[0]
    return report.policy_version.partition("+")[2] != revision


def evidence_digest(
    sha256: str, sidecars: dict[str, str], status: str, policy: tuple[str, str], findings: list[dict[str, Any]]
) -> str:
    """What ties a verdict to the bytes it is about; recomputed by the offline verification."""
    return sha256_hex(
        canonical_json(
            {"sha256": sha256, "sidecars": sidecars, "status": status, "policy": policy, "findings": findings}
        )
    )


def _examine(airlock: Airlock, checker: Checker, task: Task) -> Verdict:
    pack = airlock.policy.pack
    try:
        data = airlock.blobs.read(task.sha256)
        beside = {kind: airlock.blobs.read(digest) for kind, digest in task.sidecars.items()}
        return read_answer(checker.examine(task.name, data, beside, pack), pack, task.sha256)
    except CheckerAway:
        text = "The checker did not answer; the check will be repeated."
        return replace(unread(pack, text, FindingStatus.REVIEW), away=True)
    except (Conflict, NotFound):
        return unread(pack, "The stored bytes are damaged; add the file again.", FindingStatus.FAIL)
    except CheckerCrashed:
        if task.tried + 1 >= airlock.policy.check_attempts:
            text = "The file cannot be read completely. Submit it in a simpler form, such as CSV or plain text."
            return unread(pack, text, FindingStatus.FAIL, complete=True)
        return unread(pack, "The check broke off; it will be repeated.", FindingStatus.REVIEW)


def unread(pack: str, message: str, status: FindingStatus, complete: bool = False) -> Verdict:
    """The verdict on what could not be read: one finding that says why."""
    finding: dict[str, Any] = {
        "rule": "unreadable",
        "status": status.value,
        "message": message,
        "where": "",
        "cells": [],
    }
    return Verdict(status, complete, "", name_of(pack), "", [finding])


def read_answer(body: dict[str, Any], pack: str, sha256: str) -> Verdict:
    """Reduce an answer to known fields of bounded size. A verdict without a status, on other bytes, or under another
    pack than was asked for is a crash."""
    files = body.get("files")
    entry = files[0] if isinstance(files, list) and len(files) == 1 else body
    policy = body.get("policy")
    policy = policy if isinstance(policy, dict) else {"name": policy or pack}
    if not isinstance(entry, dict) or "status" not in entry or entry.get("sha256", sha256) != sha256:
        raise CheckerCrashed
    raw = entry.get("findings", [])
    if not isinstance(raw, list) or str(policy.get("name", "")) != name_of(pack):
        raise CheckerCrashed
    findings = [_finding(item) for item in raw[:_MAX_FINDINGS] if isinstance(item, dict)]
    # What the file is said to be can only be worse than its worst finding, never better.
    statuses = [FindingStatus.parse(entry["status"]), *(FindingStatus(f["status"]) for f in findings)]
    if len(findings) < len(raw):
        statuses.append(FindingStatus.REVIEW)
    return Verdict(
        FindingStatus.worst(statuses), True, str(entry.get("kind", ""))[:40],
        name_of(pack), str(policy.get("version", ""))[:40], findings, statements=_statements(entry),
        questions=_questions(entry.get("questions")),
    )  # fmt: skip


def _statements(entry: dict[str, Any]) -> list[dict[str, Any]]:
    found = entry.get("statements", [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise CheckerCrashed
    return found


def read_findings(body: Mapping[str, Any], names: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """The findings of a comparison, by file; an answer about other files, or without findings, is a crash."""
    found = body.get("findings")
    if not isinstance(found, dict) or not set(found) <= set(names):
        raise CheckerCrashed
    if not all(isinstance(items, list) and all(isinstance(item, dict) for item in items) for items in found.values()):
        raise CheckerCrashed
    return {name: [_finding(item) for item in items[:_MAX_FINDINGS]] for name, items in found.items()}


def read_list(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The findings of an answer about one file; an answer without any list is a crash."""
    found = body.get("findings")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise CheckerCrashed
    return [_finding(item) for item in found[:_MAX_FINDINGS]]


def _questions(raw: Any) -> list[dict[str, str]]:
    """What the checker asks, once a column."""
    items = [item for item in raw[:_MAX_QUESTIONS] if isinstance(item, dict)] if isinstance(raw, list) else []
    return [{key: str(item.get(key, ""))[:_TEXT] for key in ("about", "text", "where")} for item in items]


def _finding(item: dict[str, Any]) -> dict[str, Any]:
    cells = item.get("cells")
    pairs = cells[:_MAX_CELLS] if isinstance(cells, list) else []
    return {
        "rule": str(item.get("rule", "unreadable"))[:60],
        "status": FindingStatus.parse(item.get("status")).value,
        "message": str(item.get("message", ""))[:_TEXT],
        "where": json.dumps(item["where"])[:200] if isinstance(item.get("where"), dict | list)
        else str(item.get("where") or "")[:200],
        "cells": [
            [pair[0], pair[1]]
            for pair in pairs
            if isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, int) for n in pair)
        ],
    }  # fmt: skip


def _keep(airlock: Airlock, database: Database, actor: Actor, request_id: str, task: Task, verdict: Verdict) -> None:
    evidence = evidence_digest(
        task.sha256, task.sidecars, verdict.status.value,
        (verdict.policy_name, verdict.policy_version), verdict.findings,
    )  # fmt: skip
    with database.write() as session:
        session.add(
            CheckReport(
                id=new_id("chk"), file_id=task.file_id, binding=task.binding, sha256=task.sha256,
                status=verdict.status.value, complete=verdict.complete, detected_kind=verdict.kind,
                policy_name=verdict.policy_name, policy_version=verdict.policy_version,
                findings=verdict.findings, evidence=evidence, checked_at=airlock.clock.now(),
                statements=verdict.statements, questions=verdict.questions, own=len(verdict.findings),
            )
        )  # fmt: skip
        record(
            session, actor, "release.checked", "release_request", request_id, airlock.clock,
            file=task.file_id, sha256=task.sha256, status=verdict.status.value, complete=verdict.complete,
            findings=len(verdict.findings), evidence=evidence,
        )  # fmt: skip
