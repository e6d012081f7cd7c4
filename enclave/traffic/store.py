"""Queries about sessions' traffic."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from enclave.traffic.model import LabTraffic


def get_traffic(session: Session, run: str) -> LabTraffic:
    """One session, or NotFound."""
    row = session.get(LabTraffic, run)
    if row is None:
        raise NotFound("There is no such session.", "See the list of sessions.")
    return row


def latest(session: Session, user: str, project: str) -> LabTraffic | None:
    """The newest session of a person in a project."""
    query = select(LabTraffic).where(LabTraffic.user == user, LabTraffic.project == project)
    return session.scalars(query.order_by(LabTraffic.first_at.desc()).limit(1)).first()


def recent(session: Session, limit: int | None = 50) -> list[LabTraffic]:
    """The sessions of which was heard last, newest first."""
    return list(session.scalars(select(LabTraffic).order_by(LabTraffic.last_at.desc()).limit(limit)))


def to_stop(session: Session) -> list[LabTraffic]:
    """Sessions that were over their limit and have not been seen to end."""
    query = select(LabTraffic).where(LabTraffic.stopped_at.is_not(None), LabTraffic.ended_at.is_(None))
    return list(session.scalars(query))


def open_before(session: Session, user: str, project: str, run: str) -> list[LabTraffic]:
    """Earlier sessions of the same lab whose end nobody told."""
    query = select(LabTraffic).where(
        LabTraffic.user == user,
        LabTraffic.project == project,
        LabTraffic.id != run,
        LabTraffic.ended_at.is_(None),
    )
    return list(session.scalars(query))
