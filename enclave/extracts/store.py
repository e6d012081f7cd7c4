"""Queries about extracts."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from enclave.extracts.model import Extract
from enclave.extracts.states import GONE_NEXT, LIVE, ExtractState


def get_extract(session: Session, extract_id: str) -> Extract:
    """The extract of that id, or NotFound."""
    found = session.get(Extract, extract_id)
    if found is None:
        raise NotFound("There is no such extract.", "See the project's page.")
    return found


def extracts_of(session: Session, project: str) -> list[Extract]:
    """All versions of a project, the newest first."""
    query = select(Extract).where(Extract.project == project).order_by(Extract.version.desc())
    return list(session.scalars(query))


def version_of(session: Session, project: str, version: int | None) -> Extract:
    """One version of a project's extract, the newest when none is named; or NotFound."""
    for extract in extracts_of(session, project):
        if version is None or extract.version == version:
            return extract
    raise NotFound("The project has no such extract.", "Build one: c2c extract build PROJECT.")


def ready_extract(session: Session, project: str) -> Extract | None:
    """The version that a lab mounts."""
    query = select(Extract).where(Extract.project == project, Extract.state == ExtractState.READY.value)
    return session.scalars(query).one_or_none()


def live_extracts(session: Session, provider: str | None = None) -> list[Extract]:
    """Extracts in use or on the way, of one provider's data when named."""
    states = [state.value for state in LIVE]
    rows = session.scalars(select(Extract).where(Extract.state.in_(states)).order_by(Extract.id))
    return [row for row in rows if provider is None or provider in row.providers]


def waiting(session: Session) -> list[str]:
    """Ids of the extracts that the worker has something to do for, the oldest first."""
    building = Extract.state.in_([ExtractState.QUEUED.value, ExtractState.BUILDING.value])
    going = Extract.destroy_wanted.is_(True) & Extract.state.in_([state.value for state in GONE_NEXT])
    return list(session.scalars(select(Extract.id).where(or_(building, going)).order_by(Extract.id)))
