"""Pages about a project's workspaces: snapshots of one's own, the size, the certificate."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from enclave.core.errors import NotFound
from enclave.people.permissions import Permission, holds
from enclave.workspaces import service
from services.api import workspaces as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/projects", include_in_schema=False)


@router.get("/{project_id}/workspace", permission=Permission.SIGNED_IN)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, project_id: str) -> Response:
    """Size and usage, one's snapshots, and after the end the certificate."""
    room = api.show_room(ctx, actor, project_id)
    try:
        certificate = api.show_certificate(ctx, actor, project_id)
    except NotFound:
        certificate = None
    return page(
        request, "projects/workspace.html", title="Workspace", actor=actor, room=room, certificate=certificate,
        snapshots=api.list_snapshots(ctx, actor, project_id), sizes=service.SIZES, kept=ctx.settings.snapshots_kept,
        manages=holds(actor, Permission.PROJECTS_MANAGE),
    )  # fmt: skip


@router.post("/{project_id}/workspace/size", permission=Permission.PROJECTS_MANAGE)
def choose_size(ctx: Ctx, actor: CurrentActor, project_id: str, size: Annotated[str, Form()]) -> Response:
    """Choose the size of the project's labs."""
    api.choose_size(ctx, actor, project_id, api.SizeBody(size=size))
    return redirect(f"/projects/{project_id}/workspace", f"The labs are {size} from their next start on.")


@router.post("/{project_id}/snapshots", permission=Permission.SIGNED_IN)
def take_snapshot(ctx: Ctx, actor: CurrentActor, project_id: str, note: Annotated[str, Form()] = "") -> Response:
    """Ask for a snapshot."""
    api.take_snapshot(ctx, actor, project_id, api.NoteBody(note=note))
    return redirect(f"/projects/{project_id}/workspace", "The snapshot is being made; reload the page to see it.")


@router.post("/{project_id}/snapshots/{snapshot_id}/restore", permission=Permission.SIGNED_IN)
def restore(ctx: Ctx, actor: CurrentActor, project_id: str, snapshot_id: str) -> Response:
    """Ask for its files."""
    api.restore_snapshot(ctx, actor, project_id, snapshot_id)
    return redirect(f"/projects/{project_id}/workspace", f"Its files come into the folder restored/{snapshot_id}.")
