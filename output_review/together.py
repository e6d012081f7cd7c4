"""A request as a whole: its files are compared with each other and with everything that the project has released.

Each file's own check leaves what the file says in numbers (its statements). From these the checker says what several
files give away together; no foreign file's bytes are opened again. The findings join the file's own in a new report,
with `linked`: the digest of all that was compared. When another file joins the request, or another release of the
project comes out meanwhile, that digest is no longer the present one: the comparison is repeated, and until then the
request is neither approved nor released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.db import Database
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Conflict, EnclaveError, Unavailable
from enclave.core.ids import new_id
from output_review import store, summaries
from output_review.airlock import Airlock
from output_review.checks import (
    Checker,
    CheckerAway,
    CheckerCrashed,
    evidence_digest,
    read_findings,
    run_file_checks,
)
from output_review.model import CheckReport, KnownTotal, OutputFile, ReleaseRequest
from output_review.old_releases import left_out, unread
from output_review.sessions import SessionFile, session_findings
from output_review.states import EDITABLE, UNDER_REVIEW, FileKind, FindingStatus, ReleaseState

KNOWN = "known totals"
OPEN = frozenset({*EDITABLE, *UNDER_REVIEW, ReleaseState.APPROVED})
Findings = dict[str, list[dict[str, Any]]]
Extra = Callable[[str], Findings]
"""Findings of another kind of comparison, by file name; asked once a request with its id."""


@dataclass(frozen=True)
class Item:
    """One file as it is compared, as plain values."""

    file_id: str
    name: str
    leaves: bool
    report_id: str
    statements: list[dict[str, Any]]
    file: SessionFile


@dataclass(frozen=True)
class Gathered:
    """All that a request is compared with, and the digest that names it."""

    items: tuple[Item, ...]
    released: list[dict[str, Any]]
    unread: list[str]
    digest: str

    def question(self, pack: str, instead: Mapping[str, Item] | None = None) -> dict[str, Any]:
        """What the checker is asked; `instead` puts other items in the place of files, by their ids."""
        items = [(instead or {}).get(item.file_id, item) for item in self.items]
        files = [{"path": item.name, "statements": item.statements} for item in items if item.leaves]
        return {"policy": pack, "files": files, "released": self.released}


def run_checks(
    airlock: Airlock, database: Database, checker: Checker, actor: Actor, request_id: str, extra: Extra | None = None
) -> FindingStatus:
    """Check every file, then the request as a whole; the worst status."""
    run_file_checks(airlock, database, checker, actor, request_id)
    compare(airlock, database, checker, actor, request_id, extra)
    with database.read() as session:
        return summaries.one(session, request_id).status


def compare(
    airlock: Airlock, database: Database, checker: Checker, actor: Actor, request_id: str, extra: Extra | None = None
) -> None:
    """Compare a request whose files are all checked, unless it was compared with just this already."""
    with database.read() as session:
        gathered = gather(session, store.get(session, request_id))
    if gathered is None:
        return
    try:
        answer = checker.compare(gathered.question(airlock.policy.pack))
        findings = read_findings(answer, [item.name for item in gathered.items])
        for name, told in session_findings(airlock, checker, [item.file for item in gathered.items]).items():
            findings.setdefault(name, []).extend(told)
        if gathered.unread:
            for item in gathered.items:
                if item.leaves:
                    findings.setdefault(item.name, []).append(left_out(gathered.unread))
    except CheckerAway:
        return  # the worker tries again
    except CheckerCrashed:
        findings = {item.name: [_broken()] for item in gathered.items if item.leaves}
    try:
        for name, more in (extra(request_id) if extra else {}).items():
            findings.setdefault(name, []).extend(more)
    except Unavailable:
        return  # the data zone is away; the worker tries again
    except EnclaveError:
        for item in gathered.items:
            findings.setdefault(item.name, []).append(_broken())
    with database.write() as session:
        evidence = {
            item.file_id: _keep(airlock, session, item, findings.get(item.name, []), gathered.digest)
            for item in gathered.items
        }
        record(
            session, actor, "release.compared", "release_request", request_id, airlock.clock,
            linked=gathered.digest, released=len(gathered.released), findings=sum(map(len, findings.values())),
            evidence=evidence,
        )  # fmt: skip


def gather(session: Session, request: ReleaseRequest) -> Gathered | None:
    """What a request is to be compared with; None where a file is unchecked, or where nothing changed since."""
    digest = digest_of(session, request)
    if all(file.report is not None and file.report.linked == digest for file in request.present_files):
        return None
    return gathered_now(session, request)


def gathered_now(session: Session, request: ReleaseRequest) -> Gathered | None:
    """What a request is compared with, however often it was; None where a file is unchecked."""
    files = request.present_files
    digest = digest_of(session, request)
    reports = [file.report for file in files]
    if any(report is None or not report.complete for report in reports):
        return None
    mended = {repair.taken_binding for repair in request.repairs}
    items = tuple(_item(f, report, mended) for f, report in zip(files, reports, strict=True) if report is not None)
    return Gathered(items, released_sets(session, request.project_id), unread(session, request.project_id), digest)


def digest_of(session: Session, request: ReleaseRequest) -> str:
    """Names a request's files, the project's releases and the known totals: all that a comparison depends on."""
    files = [(file.name, file.binding, file.kind) for file in request.present_files]
    return _digest(files, *_surroundings(session, request.project_id))


def check_current(session: Session, request: ReleaseRequest) -> None:
    """Raise Conflict where something came out since the request was compared."""
    digest = digest_of(session, request)
    if any(file.report is None or file.report.linked != digest for file in request.present_files):
        raise Conflict(
            "Something was released or changed since this request was compared with the project's releases.",
            "Wait a minute: the comparison is repeated by itself. Then look at the findings again.",
        )


def stale_ids(session: Session) -> list[str]:
    """Open requests that were compared with something else than what stands now."""
    columns = (ReleaseRequest.id, ReleaseRequest.project_id, OutputFile.id, OutputFile.name, OutputFile.binding,
               OutputFile.kind)  # fmt: skip
    query = (
        select(*columns)
        .join(OutputFile, OutputFile.request_id == ReleaseRequest.id)
        .where(ReleaseRequest.state.in_(OPEN), OutputFile.withdrawn.is_(False))
    )
    files: dict[tuple[str, str], list[tuple[str, str, str, str]]] = defaultdict(list)
    for request_id, project_id, *rest in session.execute(query):
        files[request_id, project_id].append(tuple(rest))  # type: ignore[arg-type]
    linked = _linked(session, [file_id for rows in files.values() for file_id, *_ in rows])
    projects = {project: _surroundings(session, project) for project in {project for _, project in files}}
    stale = []
    for (request_id, project), rows in files.items():
        digest = _digest([row[1:] for row in rows], *projects[project])
        said = [linked.get((file_id, binding)) for file_id, _, binding, _ in rows]
        if None not in said and any(each != digest for each in said):
            stale.append(request_id)
    return sorted(stale)


def released_sets(session: Session, project_id: str) -> list[dict[str, Any]]:
    """What the project's releases say in numbers, and the totals that are known of its persons."""
    query = (
        select(ReleaseRequest.id, OutputFile.name, store.newest(CheckReport.statements))
        .join(OutputFile, OutputFile.request_id == ReleaseRequest.id)
        .where(*_out(project_id))
        .order_by(ReleaseRequest.id, OutputFile.name)
    )
    sets = [
        {"path": name, "release": request_id, "statements": statements}
        for request_id, name, statements in session.execute(query)
        if statements
    ]
    known = [
        {"path": row.source, "release": KNOWN, "statements": row.statements}
        for row in session.scalars(_known(project_id))
    ]
    return [*sets, *known]


def _keep(airlock: Airlock, session: Session, item: Item, together: list[dict[str, Any]], digest: str) -> str:
    """A new report: what was said of the file alone, then what is said of it beside others; its evidence's digest."""
    before = session.get_one(CheckReport, item.report_id)
    file = session.get_one(OutputFile, item.file_id)
    own = before.findings[: before.own]
    findings = [*own, *together]
    if not before.linked and before.status != "pass" and before.status not in {each.get("status") for each in own}:
        # a verdict that no finding explains has to outlive its report
        own = [*own, {**_broken(), "rule": "unreadable", "status": before.status, "message": "See the file itself."}]
        findings = [*own, *together]
    status = FindingStatus.worst([FindingStatus.PASS, *(FindingStatus.parse(each.get("status")) for each in findings)])
    evidence = evidence_digest(
        before.sha256, file.sidecars, status.value, (before.policy_name, before.policy_version), findings
    )
    session.add(
        CheckReport(
            id=new_id("chk"), file_id=before.file_id, binding=before.binding, sha256=before.sha256,
            status=status.value, complete=True, detected_kind=before.detected_kind,
            policy_name=before.policy_name, policy_version=before.policy_version, findings=findings,
            evidence=evidence, checked_at=airlock.clock.now(), statements=before.statements, linked=digest,
            questions=before.questions, own=len(own),
        )
    )  # fmt: skip
    return evidence


def _item(file: OutputFile, report: CheckReport, mended: Collection[str]) -> Item:
    own = report.findings[: report.own]
    said = {(str(each.get("rule")), (cell[0], cell[1])) for each in own for cell in each.get("cells", ())}
    return Item(
        file.id, file.name, file.kind != FileKind.SUPPORTING, report.id, list(report.statements or []),
        SessionFile(file.name, file.sha256, said, file.binding in mended),
    )  # fmt: skip


def _surroundings(session: Session, project_id: str) -> tuple[list[str], list[str], list[str]]:
    """What stands around a project's requests: bindings of released files, known totals, released files to be read."""
    return _released_bindings(session, project_id), _known_ids(session, project_id), unread(session, project_id)


def _digest(files: Iterable[Any], released: Collection[str], known: Collection[str], left: Collection[str] = ()) -> str:
    named = {"files": sorted(map(list, files)), "released": sorted(released), "known": sorted(known)}
    return sha256_hex(canonical_json({**named, **({"unread": sorted(left)} if left else {})}))


def _linked(session: Session, files: Collection[str]) -> dict[tuple[str, str], str]:
    """(file, binding) → what its newest complete report was compared with."""
    query = (
        select(CheckReport.file_id, CheckReport.binding, CheckReport.linked)
        .where(CheckReport.file_id.in_(files), CheckReport.complete.is_(True))
        .order_by(CheckReport.id)
    )
    return {(file_id, binding): linked for file_id, binding, linked in session.execute(query)}


def _released_bindings(session: Session, project_id: str) -> list[str]:
    query = (
        select(OutputFile.binding)
        .join(ReleaseRequest, OutputFile.request_id == ReleaseRequest.id)
        .where(*_out(project_id))
    )
    return list(session.scalars(query))


def _out(project_id: str) -> tuple[Any, ...]:
    return (
        ReleaseRequest.project_id == project_id,
        ReleaseRequest.state == ReleaseState.RELEASED,
        OutputFile.kind != FileKind.SUPPORTING,
        OutputFile.withdrawn.is_(False),
    )


def _known(project_id: str) -> Any:
    return (
        select(KnownTotal)
        .where(or_(KnownTotal.project_id.is_(None), KnownTotal.project_id == project_id))
        .order_by(KnownTotal.id)
    )


def _known_ids(session: Session, project_id: str) -> list[str]:
    return [row.id for row in session.scalars(_known(project_id))]


def _broken() -> dict[str, Any]:
    text = "The comparison with the other files and with earlier releases broke off; a reviewer has to make it."
    return {"rule": "differencing", "status": "review", "message": text, "where": "", "cells": []}
