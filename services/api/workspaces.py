"""A project's workspaces: size, usage, snapshots, certificate of destruction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import NotFound
from enclave.people.permissions import Permission
from enclave.projects import permissions
from enclave.projects.store import get_project, is_member
from enclave.sandboxes.room_jobs import RoomJob, RoomTask
from enclave.sandboxes.sizes import SizeName, size_of
from enclave.sandboxes.volumes import SHARED
from enclave.workspaces import service, store
from enclave.workspaces.model import ProjectRoom, Snapshot
from services.api.context import Context
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import newest
from services.room_client import ask_guard

router = GuardedRouter(prefix="/projects", tags=["workspaces"])
SECONDS = 5.0


class SnapshotView(BaseModel):
    """One snapshot of the caller's."""

    id: str
    state: str
    note: str
    reason: str
    made_at: datetime
    bytes: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, session: Session, row: Snapshot, actor: Actor, clock: Clock) -> SnapshotView:
        return cls(
            id=row.id, state=row.state, note=row.note, reason=row.reason, made_at=row.made_at, bytes=row.bytes,
            allowed_actions=allowed(service.checks(session, actor, row, clock)),
        )  # fmt: skip


class UsageView(BaseModel):
    """How full an open workspace is."""

    name: str
    bytes_used: int
    bytes_most: int
    files_used: int
    files_most: int


class RoomView(BaseModel):
    """What a project's labs may use, and where its workspaces stand."""

    project: str
    size: str
    memory_mb: int
    cpus: float
    workspace_mb: int
    sealed_at: datetime | None
    destroyed: bool
    usage: list[UsageView] = Field(default_factory=list)


class SizeBody(BaseModel):
    """small, standard or large."""

    size: str


class NoteBody(BaseModel):
    """What the snapshot is for."""

    note: str = Field("", max_length=200)


def room_view(ctx: Context, session: Session, project: str, user: str | None = None) -> RoomView:
    """The project's room; with `user` also how full their open workspaces are."""
    room = session.get(ProjectRoom, project)
    name = SizeName(store.size_name(session, project))
    most = size_of(name, ctx.settings)
    return RoomView(
        project=project,
        size=name,
        memory_mb=most.memory // (1 << 20),
        cpus=most.cpus,
        workspace_mb=most.disk // (1 << 20),
        sealed_at=room.sealed_at if room else None,
        destroyed=bool(room and room.certificate),
        usage=_usages(ctx, project, user) if user else [],
    )


def _usages(ctx: Context, project: str, user: str) -> list[UsageView]:
    """Of one's own workspace and the shared folder, as far as they are open."""
    found = []
    for name in (user, SHARED):
        try:
            answer = ask_guard(ctx, RoomJob(RoomTask.USAGE, project, name), SECONDS)
        except NotFound:
            continue
        found.append(UsageView(name="shared" if name == SHARED else name, **answer))
    return found


@router.get("/{project_id}/room", permission=Permission.SIGNED_IN)
def show_room(ctx: Ctx, actor: CurrentActor, project_id: str) -> RoomView:
    """Size, sealing, and for a member how full their open workspaces are."""
    with ctx.database.read() as session:
        permissions.check_can_see_project(session, actor, get_project(session, project_id))
        member = actor.kind == "user" and is_member(session, project_id, actor.name)
        return room_view(ctx, session, project_id, actor.name if member else None)


@router.post("/{project_id}/size", permission=Permission.PROJECTS_MANAGE)
def choose_size(ctx: Ctx, actor: CurrentActor, project_id: str, body: SizeBody) -> RoomView:
    """Choose the size of the project's labs."""
    with ctx.database.write() as session:
        service.choose_size(session, actor, project_id, body.size, ctx.clock)
        return room_view(ctx, session, project_id)


@router.get("/{project_id}/certificate", permission=Permission.SIGNED_IN)
def show_certificate(ctx: Ctx, actor: CurrentActor, project_id: str) -> dict[str, Any]:
    """The signed certificate that lists each place that was destroyed."""
    with ctx.database.read() as session:
        permissions.check_can_see_project(session, actor, get_project(session, project_id))
        room = session.get(ProjectRoom, project_id)
        if room is None or room.certificate is None:
            raise NotFound("There is no certificate of destruction.", "It is written after the project is closed.")
        return room.certificate


@router.get("/{project_id}/snapshots", permission=Permission.SIGNED_IN, order=newest("id"))
def list_snapshots(ctx: Ctx, actor: CurrentActor, project_id: str) -> list[SnapshotView]:
    """The caller's own snapshots, newest first."""
    with ctx.database.read() as session:
        permissions.check_can_see_project(session, actor, get_project(session, project_id))
        return [
            SnapshotView.of(session, row, actor, ctx.clock)
            for row in store.snapshots_of(session, project_id, actor.name)
        ]


@router.post("/{project_id}/snapshots", permission=Permission.SIGNED_IN, status_code=202)
def take_snapshot(ctx: Ctx, actor: CurrentActor, project_id: str, body: NoteBody) -> SnapshotView:
    """Ask for a snapshot of one's own workspace."""
    with ctx.database.write() as session:
        row = service.want_snapshot(session, actor, project_id, body.note, ctx.clock)
        return SnapshotView.of(session, row, actor, ctx.clock)


@router.post("/{project_id}/snapshots/{snapshot_id}/restore", permission=Permission.SIGNED_IN, status_code=202)
def restore_snapshot(ctx: Ctx, actor: CurrentActor, project_id: str, snapshot_id: str) -> SnapshotView:
    """Ask for a snapshot's files in the folder `restored/<id>`."""
    with ctx.database.write() as session:
        row = service.want_restore(session, actor, project_id, snapshot_id, ctx.clock)
        return SnapshotView.of(session, row, actor, ctx.clock)
