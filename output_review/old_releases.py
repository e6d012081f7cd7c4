"""Releases from before files said what they hold in numbers: read once more, so that nothing stays incomparable unsaid.

A released file without statements is *unread*. The worker gives it to the checker once and keeps what it says. Until
then, and where it cannot be read, each comparison of the project says which released files it left out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, func, select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.db import Database
from enclave.core.errors import Conflict, NotFound, Unavailable
from output_review.airlock import Airlock
from output_review.checks import Checker, CheckerAway, CheckerCrashed, read_answer
from output_review.model import CheckReport, OutputFile, ReleaseRequest
from output_review.states import FileKind, ReleaseState

NAMED = 4
UNREADABLE = "The file could not be read for comparison."


def unread(session: Session, project_id: str) -> list[str]:
    """Released files of a project that say nothing in numbers, as `rel_…: t1.csv`, in their order."""
    query = (
        select(ReleaseRequest.id, OutputFile.name)
        .join(OutputFile, OutputFile.request_id == ReleaseRequest.id)
        .where(ReleaseRequest.project_id == project_id, *_silent())
        .order_by(ReleaseRequest.id, OutputFile.name)
    )
    return [f"{request_id}: {name}" for request_id, name in session.execute(query)]


def to_read(session: Session) -> list[str]:
    """Ids of the unread files of all projects that nobody tried to read yet."""
    tried = exists().where(_of_file(), CheckReport.unread != "")
    query = select(OutputFile.id).join(ReleaseRequest, OutputFile.request_id == ReleaseRequest.id)
    return list(session.scalars(query.where(*_silent(), ~tried).order_by(OutputFile.id)))


def read(airlock: Airlock, database: Database, checker: Checker, actor: Actor, file_id: str) -> None:
    """Let the checker read one old file; its statements, or why there are none, join its last report."""
    with database.read() as session:
        file = session.get_one(OutputFile, file_id)
        name, sha256, sidecars, binding = file.name, file.sha256, dict(file.sidecars), file.binding
    found, problem = None, ""
    try:
        data = airlock.blobs.read(sha256)
        beside = {kind: airlock.blobs.read(digest) for kind, digest in sidecars.items()}
        pack = airlock.policy.pack
        found = read_answer(checker.examine(name, data, beside, pack), pack, sha256).statements
    except CheckerAway as away:
        raise Unavailable("The checker does not answer.", "The file is read when it does.") from away
    except (CheckerCrashed, Conflict, NotFound):
        problem = UNREADABLE
    with database.write() as session:
        report = session.scalars(
            select(CheckReport)
            .where(CheckReport.file_id == file_id, CheckReport.binding == binding)
            .order_by(CheckReport.id.desc())
            .limit(1)
        ).one()
        report.statements, report.unread = found, problem
        request_id = session.get_one(OutputFile, file_id).request_id
        record(
            session, actor, "release.statements_read", "release_request", request_id, airlock.clock,
            file=file_id, statements=len(found or ()), read=not problem,
        )  # fmt: skip


def left_out(files: list[str]) -> dict[str, Any]:
    """The finding that says which released files a comparison left out."""
    named = ", ".join(files[:NAMED]) + (f" and {len(files) - NAMED} more" if len(files) > NAMED else "")
    text = f"Not compared with what was released earlier and is not read yet: {named}. A reviewer compares with these."
    return {"rule": "differencing", "status": "review", "message": text[:600], "where": "", "cells": []}


def _of_file() -> ColumnElement[bool]:
    return (CheckReport.file_id == OutputFile.id) & (CheckReport.binding == OutputFile.binding)


def _silent() -> tuple[ColumnElement[bool], ...]:
    """A column of JSON may hold SQL's NULL or JSON's."""
    said = func.coalesce(cast(CheckReport.statements, String), "null") != "null"
    return (
        ReleaseRequest.state == ReleaseState.RELEASED,
        OutputFile.kind != FileKind.SUPPORTING,
        OutputFile.withdrawn.is_(False),
        ~exists().where(_of_file(), said),
    )
