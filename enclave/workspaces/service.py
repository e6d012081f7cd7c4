"""Use cases about workspaces: choose a size, take and restore snapshots, seal, and certify the destruction."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict, NotAllowed
from enclave.core.ids import new_id
from enclave.projects import permissions
from enclave.projects.policies import is_live
from enclave.projects.store import get_project, is_member
from enclave.workspaces import store
from enclave.workspaces.model import ProjectRoom, Snapshot
from enclave.workspaces.states import SNAPSHOT, WAITING, SnapshotState

SIZES = ("small", "standard", "large")


def choose_size(session: Session, actor: Actor, project: str, size: str, clock: Clock) -> ProjectRoom:
    """The managing entity's choice; a lab that runs takes it at its next start. A quota never shrinks."""
    permissions.check_can_manage_project(actor)
    get_project(session, project)
    if size not in SIZES:
        raise BadInput("There is no such size.", f"Choose one of {', '.join(SIZES)}.")
    room = store.room_of(session, project)
    before, room.size = room.size, size
    record(session, actor, "project.size_chosen", "project", project, clock, **{"from": before, "to": size})
    return room


def want_snapshot(session: Session, actor: Actor, project: str, note: str, clock: Clock) -> Snapshot:
    """Ask for a snapshot of one's own workspace; one at a time."""
    _check_member(session, actor, project, clock)
    if any(row.state in WAITING for row in store.snapshots_of(session, project, actor.name)):
        raise Conflict("A snapshot of yours is being worked on.", "Wait until it is done, then ask again.")
    row = Snapshot(
        id=new_id("snap"),
        state=SnapshotState.WANTED.value,
        project=project,
        user=actor.name,
        note=note.strip()[:200],
        made_at=clock.now(),
    )
    session.add(row)
    record(session, actor, "snapshot.wanted", "snapshot", row.id, clock, project=project)
    session.flush()
    return row


def want_restore(session: Session, actor: Actor, project: str, snapshot: str, clock: Clock) -> Snapshot:
    """Ask for a snapshot's files, in the folder `restored/<id>` of one's workspace; nothing is written over."""
    row = store.get_snapshot(session, project, actor.name, snapshot)
    checks(session, actor, row, clock)["restore"]()
    SNAPSHOT.move(session, row, SnapshotState.RESTORING, actor, clock, project=project)
    row.reason = ""
    return row


def checks(session: Session, actor: Actor, row: Snapshot, clock: Clock) -> dict[str, Check]:
    """What is asked before each action about a snapshot."""

    def restore() -> None:
        _check_member(session, actor, row.project, clock)
        SNAPSHOT.check(row.state, SnapshotState.RESTORING)

    return {"restore": restore}


def seal_room(session: Session, actor: Actor, project: str, clock: Clock) -> None:
    """Note that nothing of the project's workspaces is open any more."""
    store.room_of(session, project).sealed_at = clock.now()
    record(session, actor, "workspace.sealed", "project", project, clock)


def unseal_room(session: Session, actor: Actor, project: str, clock: Clock) -> None:
    """Note that a lab opens the workspaces again."""
    room = store.room_of(session, project)
    if room.sealed_at is not None:
        room.sealed_at = None
        record(session, actor, "workspace.unsealed", "project", project, clock)


def certify(session: Session, actor: Actor, project: str, certificate: dict[str, Any], clock: Clock) -> None:
    """Keep the certificate of a closed project; its snapshots are gone."""
    for row in store.kept_in(session, project):
        SNAPSHOT.move(session, row, SnapshotState.GONE, actor, clock, project=project)
    room = store.room_of(session, project)
    room.sealed_at, room.certificate = room.sealed_at or clock.now(), certificate
    places = len(certificate["payload"]["places"])
    record(session, actor, "workspace.destroyed", "project", project, clock, places=places)


def _check_member(session: Session, actor: Actor, project: str, clock: Clock) -> None:
    row = get_project(session, project)
    if actor.kind != "user" or not is_member(session, project, actor.name):
        raise NotAllowed("A workspace belongs to a member of the project.", "Ask its lead to add you.")
    if not is_live(row, clock.now()):
        raise Conflict("The project is not open, and its workspaces are sealed.", "Ask the office.")
