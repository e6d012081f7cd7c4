"""Queries over release requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from enclave.core.errors import NotFound
from output_review.model import BundleDownload, CheckReport, OutputFile, ReleaseRecord, ReleaseRequest, Veto
from output_review.states import EDITABLE, UNDER_REVIEW, VOTABLE, FileKind, ReleaseState
from output_review.vetoes.states import VetoState

PAGE = 50


@dataclass(frozen=True)
class Released:
    """A release, as lists name it."""

    id: str
    title: str
    decided_at: datetime | None
    files: list[str]


def newest(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """A column of the newest report about a file's present bytes: `OutputFile.report`, for queries of columns.

    A subquery that its index answers file by file. Joined by the id of the newest report, PostgreSQL reads all reports
    that there ever were.
    """
    return (
        select(column)
        .where(CheckReport.file_id == OutputFile.id, CheckReport.binding == OutputFile.binding)
        .order_by(CheckReport.id.desc())
        .limit(1)
        .correlate(OutputFile)
        .scalar_subquery()
    )


def get(session: Session, request_id: str) -> ReleaseRequest:
    """The request, fresh from the database; NotFound when there is none."""
    request = session.get(ReleaseRequest, request_id, populate_existing=True)
    if request is None:
        raise NotFound("There is no such release request.", "Check the address, or see your list of requests.")
    return request


def locked(session: Session, request_id: str) -> ReleaseRequest:
    """The same for a use case that changes it: on PostgreSQL the row stays locked until the commit, so that of two
    checkers who vote at once the second counts the first; on SQLite the writer's lock does that already."""
    session.execute(select(ReleaseRequest.id).where(ReleaseRequest.id == request_id).with_for_update())
    return get(session, request_id)


def public(session: Session, before: str | None = None, limit: int = PAGE) -> list[ReleaseRequest]:
    """What was released and marked public, newest first."""
    query = (
        select(ReleaseRequest)
        .where(ReleaseRequest.public.is_(True), ReleaseRequest.state == ReleaseState.RELEASED)
        .order_by(ReleaseRequest.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query.where(ReleaseRequest.id < before) if before else query))


def approved_ids(session: Session) -> list[str]:
    """What the release job has to do; not what a provider may still refuse."""
    held = exists().where(Veto.request_id == ReleaseRequest.id, Veto.state == VetoState.OPEN)
    return list(
        session.scalars(
            select(ReleaseRequest.id)
            .where(ReleaseRequest.state == ReleaseState.APPROVED, ~held)
            .order_by(ReleaseRequest.decided_at)
        )
    )


def unchecked_ids(session: Session) -> list[str]:
    """Requests of which a file has no complete report about its present bytes."""
    told = exists().where(
        CheckReport.file_id == OutputFile.id,
        CheckReport.binding == OutputFile.binding,
        CheckReport.complete.is_(True),
    )
    query = (
        select(ReleaseRequest.id)
        .join(OutputFile, OutputFile.request_id == ReleaseRequest.id)
        .where(ReleaseRequest.state.in_([*EDITABLE, *UNDER_REVIEW]), OutputFile.withdrawn.is_(False), ~told)
        .distinct()
        .order_by(ReleaseRequest.id)
    )
    return list(session.scalars(query))


def released_twin(session: Session, project_id: str, sha256: str) -> str | None:
    """The id of a release of this project that already let these very bytes out."""
    return session.scalar(
        select(ReleaseRequest.id)
        .join(OutputFile, OutputFile.request_id == ReleaseRequest.id)
        .where(
            ReleaseRequest.project_id == project_id,
            ReleaseRequest.state == ReleaseState.RELEASED,
            OutputFile.sha256 == sha256,
            OutputFile.kind != FileKind.SUPPORTING,
            OutputFile.withdrawn.is_(False),
        )
        .limit(1)
    )


def released_before(session: Session, project_id: str, limit: int = PAGE) -> list[Released]:
    """A project's releases, newest first, with the names of the files that left; two queries."""
    query = (
        select(ReleaseRequest.id, ReleaseRequest.title, ReleaseRequest.decided_at)
        .where(ReleaseRequest.project_id == project_id, ReleaseRequest.state == ReleaseState.RELEASED)
        .order_by(ReleaseRequest.id.desc())
        .limit(limit)
    )
    rows = session.execute(query).all()
    names: dict[str, list[str]] = {row.id: [] for row in rows}
    files = (
        select(OutputFile.request_id, OutputFile.name)
        .where(OutputFile.request_id.in_(names), OutputFile.withdrawn.is_(False), OutputFile.kind.in_(VOTABLE))
        .order_by(OutputFile.name)
    )
    for request, name in session.execute(files):
        names[request].append(name)
    return [Released(row.id, row.title, row.decided_at, names[row.id]) for row in rows]


def record_of(session: Session, request_id: str) -> ReleaseRecord | None:
    return session.get(ReleaseRecord, request_id)


def counts(session: Session) -> dict[str, int]:
    """Requests by state."""
    rows = session.execute(select(ReleaseRequest.state, func.count()).group_by(ReleaseRequest.state))
    return dict(rows.tuples().all())


def downloaders(session: Session, request_id: str) -> list[str]:
    return sorted(set(session.scalars(select(BundleDownload.user).where(BundleDownload.request_id == request_id))))
