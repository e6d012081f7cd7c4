"""Queries about workspaces."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from enclave.core.errors import NotFound
from enclave.workspaces.model import ProjectRoom, Snapshot
from enclave.workspaces.states import WAITING, SnapshotState

STANDARD = "standard"


def size_name(session: Session, project: str) -> str:
    """The size of the project's labs."""
    room = session.get(ProjectRoom, project)
    return room.size if room else STANDARD


def room_of(session: Session, project: str) -> ProjectRoom:
    """The project's row, made when there is none."""
    room = session.get(ProjectRoom, project)
    if room is None:
        room = ProjectRoom(project=project, size=STANDARD, sealed_at=None, certificate=None)
        session.add(room)
        session.flush()
    return room


def get_snapshot(session: Session, project: str, user: str, snapshot: str) -> Snapshot:
    """One of a person's own snapshots; NotFound for everybody else's."""
    row = session.get(Snapshot, snapshot)
    if row is None or (row.project, row.user) != (project, user):
        raise NotFound("You have no such snapshot.", "See the list of your snapshots.")
    return row


def snapshots_of(session: Session, project: str, user: str) -> list[Snapshot]:
    """A person's snapshots in a project, newest first, those that are gone left out."""
    query = select(Snapshot).where(
        Snapshot.project == project, Snapshot.user == user, Snapshot.state != SnapshotState.GONE.value
    )
    return list(session.scalars(query.order_by(Snapshot.id.desc())))


def kept_in(session: Session, project: str) -> list[Snapshot]:
    """All snapshots of a project that exist."""
    query = select(Snapshot).where(Snapshot.project == project, Snapshot.state == SnapshotState.KEPT.value)
    return list(session.scalars(query))


def waiting(session: Session) -> list[str]:
    """Ids of snapshots to make or to restore, oldest first."""
    query = select(Snapshot.id).where(Snapshot.state.in_([state.value for state in WAITING]))
    return list(session.scalars(query.order_by(Snapshot.id)))


def stopped_for_space(session: Session, project: str, user: str, since: datetime) -> bool:
    """Whether the guard stopped this person's lab after `since` because a workspace went past its watched quota."""
    query = select(AuditEvent.details).where(AuditEvent.action == "sandbox.over_quota", AuditEvent.at > since)
    return any((one.get("project"), one.get("user")) == (project, user) for one in session.scalars(query))
