"""Queries about asks for assistance."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.assistance.model import Assistance
from enclave.assistance.permissions import can_see
from enclave.assistance.states import UNFINISHED, AssistanceState
from enclave.core.actors import Actor
from enclave.core.errors import NotFound


def get(session: Session, ask: str) -> Assistance:
    """One ask."""
    row = session.get(Assistance, ask)
    if row is None:
        raise NotFound("There is no such ask.", "See the page “Assistance”.")
    return row


def visible(session: Session, actor: Actor, limit: int | None = 200) -> list[Assistance]:
    """What the person may see, newest first."""
    rows = session.scalars(select(Assistance).order_by(Assistance.id.desc()).limit(limit))
    return [row for row in rows if can_see(actor, row)]


def unfinished(session: Session, project: str, member: str) -> list[Assistance]:
    """Asks about a workspace that wait or are open."""
    query = select(Assistance).where(Assistance.project == project, Assistance.member == member)
    return list(session.scalars(query.where(Assistance.state.in_([state.value for state in UNFINISHED]))))


def open_now(session: Session, project: str, member: str, now: datetime) -> list[Assistance]:
    """Asks under which somebody may read in the workspace at this moment."""
    return [row for row in unfinished(session, project, member) if is_open(row, now)]


def is_open(row: Assistance, now: datetime) -> bool:
    """Whether it may be looked at this moment; time alone closes it."""
    return row.state == AssistanceState.OPEN and row.ends_at is not None and now < row.ends_at


def overdue(session: Session, now: datetime) -> list[str]:
    """Ids of those that time has closed and nobody has noted."""
    query = select(Assistance.id).where(Assistance.state == AssistanceState.OPEN.value, Assistance.ends_at <= now)
    return list(session.scalars(query))
