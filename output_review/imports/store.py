"""Queries over imports."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from output_review.imports.model import ImportFile, ImportRequest
from output_review.imports.states import OVER, ImportState

PAGE = 50


def get(session: Session, identity: str) -> ImportRequest:
    """The import, fresh from the database; NotFound when there is none."""
    row = session.get(ImportRequest, identity, populate_existing=True)
    if row is None:
        raise NotFound("There is no such import.", "See the list of those that concern you.")
    return row


def locked(session: Session, identity: str) -> ImportRequest:
    """The same for a use case that changes it: on PostgreSQL the row stays locked until the commit; on SQLite the
    writer's lock does that already."""
    session.execute(select(ImportRequest.id).where(ImportRequest.id == identity).with_for_update())
    return get(session, identity)


def listing(
    session: Session, *, projects: Collection[str] | None = None, others_too: bool = False, before: str | None = None,
    limit: int = PAGE,
) -> list[ImportRequest]:  # fmt: skip
    """The newest first: of these projects (None: of all); with `others_too` what others submitted as well."""
    query = select(ImportRequest).order_by(ImportRequest.id.desc()).limit(limit)
    if projects is not None:
        mine = ImportRequest.project.in_(projects)
        query = query.where(mine | ImportRequest.submitted_at.is_not(None) if others_too else mine)
    return list(session.scalars(query.where(ImportRequest.id < before) if before else query))


def in_state(session: Session, *states: ImportState, project: str | None = None) -> list[ImportRequest]:
    """Those in these states, what was submitted first standing first."""
    query = select(ImportRequest).where(ImportRequest.state.in_(states))
    if project is not None:
        query = query.where(ImportRequest.project == project)
    return list(session.scalars(query.order_by(ImportRequest.submitted_at, ImportRequest.id)))


def unfinished(session: Session, project: str) -> list[ImportRequest]:
    """All of a project that are not over."""
    return in_state(session, *(state for state in ImportState if state not in OVER), project=project)


def is_held(session: Session, project: str, sha256: str) -> bool:
    """Whether a file of the project's imports has these bytes."""
    query = select(ImportFile.id).join(ImportRequest, ImportRequest.id == ImportFile.request)
    return (
        session.scalar(query.where(ImportRequest.project == project, ImportFile.sha256 == sha256).limit(1)) is not None
    )
