"""The worker's part of workspaces: snapshots, sealing of projects that sleep, destruction of those that are closed.

Every step may be done again after a kill: an archive appears whole or not, sealing what is sealed changes nothing, and
destroying lists what is still there. A certificate is written when the project's key is gone, and only then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import Conflict, NotFound
from enclave.core.signing import seal
from enclave.extracts.states import GONE_NEXT, ExtractState
from enclave.extracts.store import extracts_of
from enclave.projects.model import Project
from enclave.projects.policies import is_live
from enclave.projects.states import ProjectState
from enclave.sandboxes.project_keys import KeyStore
from enclave.sandboxes.room_jobs import RoomJob, RoomTask
from enclave.workspaces import service, store
from enclave.workspaces.model import ProjectRoom, Snapshot
from enclave.workspaces.states import SNAPSHOT, SnapshotState
from services.api.context import Context
from services.imports import destroy as destroy_imports
from services.imports import has_any as has_imports
from services.room_client import ask_guard
from services.worker.app import Job

WORKER = Actor.service("worker")
KIND = "project.destruction"
EVERY = timedelta(seconds=5)
BACKUPS = "backups of workspaces, shared folder and snapshots"


def pending_snapshots(ctx: Context) -> list[str]:
    """Snapshots to make or to restore."""
    with ctx.database.read() as session:
        return store.waiting(session)


def work_on_snapshot(ctx: Context, snapshot: str) -> None:
    """Make or restore one; what cannot be is said in its row."""
    with ctx.database.read() as session:
        row = session.get_one(Snapshot, snapshot)
        wanted, project, user = row.state == SnapshotState.WANTED, row.project, row.user
    task = RoomTask.SNAPSHOT if wanted else RoomTask.RESTORE
    try:
        answer, reason = ask_guard(ctx, RoomJob(task, project, user, snapshot)), ""
    except (Conflict, NotFound) as problem:
        answer, reason = {}, f"{problem.message} {problem.advice}"
    with ctx.database.write() as session:
        row = session.get_one(Snapshot, snapshot)
        state = SnapshotState.FAILED if wanted and reason else SnapshotState.KEPT
        SNAPSHOT.move(session, row, state, WORKER, ctx.clock, project=project, outcome=reason or "done")
        row.reason = reason[:300] or ("" if wanted else f"Restored into the folder {answer['folder']}.")
        row.bytes = answer.get("bytes", row.bytes)
    if wanted:
        _drop_oldest(ctx, project, user)


def _drop_oldest(ctx: Context, project: str, user: str) -> None:
    """Keep as many as the setting says."""
    with ctx.database.read() as session:
        rows = [row for row in store.snapshots_of(session, project, user) if row.state == SnapshotState.KEPT]
        surplus = [row.id for row in rows[ctx.settings.snapshots_kept :]]
    for snapshot in surplus:
        ask_guard(ctx, RoomJob(RoomTask.DROP, project, user, snapshot))
        with ctx.database.write() as session:
            row = session.get_one(Snapshot, snapshot)
            SNAPSHOT.move(session, row, SnapshotState.GONE, WORKER, ctx.clock, project=project)


def pending_rest(ctx: Context) -> list[str]:
    """Projects that may not be worked on and are not sealed, or closed and not certified."""
    with ctx.database.read() as session:
        rooms = {room.project: room for room in session.scalars(select(ProjectRoom))}
        now, keys = ctx.clock.now(), _keys(ctx)
        return [
            project.id
            for project in session.scalars(select(Project))
            if not is_live(project, now)
            and (_unfinished(project, rooms.get(project.id), keys) or _left_imports(ctx, session, project, rooms))
        ]


def _unfinished(project: Project, room: ProjectRoom | None, keys: KeyStore) -> bool:
    if project.state == ProjectState.CLOSED:
        return (room is None and keys.has(project.id)) or (room is not None and room.certificate is None)
    return keys.has(project.id) and (room is None or room.sealed_at is None)


def _left_imports(ctx: Context, session: Session, project: Project, rooms: Mapping[str, ProjectRoom]) -> bool:
    """Whether a closed project still has what it brought in, though perhaps no lab of it was ever opened."""
    room = rooms.get(project.id)
    certified = room is not None and room.certificate is not None
    return project.state == ProjectState.CLOSED and not certified and has_imports(ctx, session, project.id)


def put_to_rest(ctx: Context, project: str) -> None:
    """Seal a project, or destroy a closed one; waits (by being called again) for its labs to stop."""
    with ctx.database.read() as session:
        closed = session.get_one(Project, project).state == ProjectState.CLOSED
    if closed:
        _destroy(ctx, project)
        return
    ask_guard(ctx, RoomJob(RoomTask.SEAL, project))
    with ctx.database.write() as session:
        service.seal_room(session, WORKER, project, ctx.clock)


def _destroy(ctx: Context, project: str) -> None:
    with ctx.database.read() as session:
        extracts = extracts_of(session, project)
        if any(ExtractState(row.state) in GONE_NEXT for row in extracts):
            raise Conflict("Its extracts are not destroyed yet.", "It is tried again when they are.")
        places = [
            {"place": f"extract version {row.version}", "outcome": "destroyed, with a certificate of its own"}
            for row in extracts
            if row.state == ExtractState.DESTROYED
        ]
    places += ask_guard(ctx, RoomJob(RoomTask.DESTROY, project))["places"]
    places += destroy_imports(ctx, WORKER, project)
    had_key = _keys(ctx).destroy(project)
    places.append({"place": "key of the project", "outcome": "destroyed" if had_key else "was destroyed before"})
    places.append({"place": BACKUPS, "outcome": "unreadable: they are encrypted under the key that was destroyed"})
    certificate = seal(KIND, {"project": project, "places": places}, ctx.key, ctx.clock)
    with ctx.database.write() as session:
        service.certify(session, WORKER, project, certificate, ctx.clock)


def _keys(ctx: Context) -> KeyStore:
    return KeyStore(ctx.settings.paths.project_keys, ctx.settings.paths.rooms_public_key)


JOBS = (
    Job("snapshots", pending_snapshots, work_on_snapshot),
    Job("workspaces at rest", pending_rest, put_to_rest, every=EVERY),
)
