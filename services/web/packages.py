"""Pages about packages: a project's (what its image holds, ask, status, the pin) and the desk of those who decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import Unavailable
from enclave.images import store
from enclave.people.permissions import Permission, holds
from enclave.projects.permissions import can_see_project
from enclave.projects.store import get_project, is_member
from services.api import images as images_api
from services.api import packages as api
from services.api import project_images as pins_api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect
from services.web.waiting import Waiting

router = GuardedRouter(include_in_schema=False)


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """Packages to decide on, for those who may."""
    if not holds(actor, Permission.IMAGES_MANAGE):
        return []
    rows = [row for row in store.waiting(session) if not is_member(session, row.project, actor.name)]
    return [Waiting(f"{row.requested_by} asks for a package", "/packages", row.requested_at) for row in rows]


@router.get("/projects/{project_id}/packages", permission=Permission.SIGNED_IN)
def project_page(request: Request, ctx: Ctx, actor: CurrentActor, project_id: str) -> Response:
    """What the project's image holds, its requests, the form, and for managers the pin."""
    rows = api.list_packages(ctx, actor, project_id)
    try:
        image = pins_api.show_project_image(ctx, actor, project_id)
    except Unavailable:
        image = None
    with ctx.database.read() as session:
        member, manages = is_member(session, project_id, actor.name), _manages(session, actor, project_id)
        seen = can_see_project(session, actor, get_project(session, project_id))
    return page(
        request, "packages/project.html", title="Packages", actor=actor, project=project_id, image=image, rows=rows,
        is_member=member, manages=manages, sees_project=seen, choices=images_api.list_images(ctx, actor),
    )  # fmt: skip


@router.post("/projects/{project_id}/packages", permission=Permission.SIGNED_IN)
def ask(
    ctx: Ctx,
    actor: CurrentActor,
    project_id: str,
    package: Annotated[str, Form()],
    purpose: Annotated[str, Form()],
    version: Annotated[str, Form()] = "",
    licence: Annotated[str, Form()] = "",
) -> Response:
    """Ask for a package."""
    body = api.PackageBody(
        project=project_id, package=package[:100], purpose=purpose[:1000], version=version[:40], licence=licence[:200]
    )
    made = api.ask(ctx, actor, body)
    return redirect(f"/projects/{project_id}/packages", f"{made.package} is asked for; this page says how it goes on.")


@router.post("/projects/{project_id}/packages/{request_id}/withdraw", permission=Permission.SIGNED_IN)
def withdraw(ctx: Ctx, actor: CurrentActor, project_id: str, request_id: str) -> Response:
    """Take one's own request back."""
    api.withdraw(ctx, actor, request_id)
    return redirect(f"/projects/{project_id}/packages", "The request is withdrawn.")


@router.post("/projects/{project_id}/image", permission=Permission.IMAGES_MANAGE, fresh=True)
def move_pin(
    ctx: Ctx, actor: CurrentActor, project_id: str, image: Annotated[str, Form()], reason: Annotated[str, Form()] = ""
) -> Response:
    """Give the project another image."""
    made = pins_api.move_pin(ctx, actor, project_id, pins_api.PinBody(image=image[:200], reason=reason[:500]))
    return redirect(f"/projects/{project_id}/packages", f"The labs start on {made.tag} from now on.")


@router.get("/packages", permission=Permission.IMAGES_MANAGE)
def desk_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """What waits, the approved list, and the images."""
    rows = api.list_packages(ctx, actor)
    with ctx.database.read() as session:
        may = {row.id for row in store.waiting(session) if _manages(session, actor, row.project)}
    return page(
        request, "packages/desk.html", title="Packages", actor=actor, rows=rows, decidable=may,
        images=images_api.list_images(ctx, actor),
    )  # fmt: skip


@router.post("/packages/{request_id}/decide", permission=Permission.IMAGES_MANAGE, fresh=True)
def decide(
    ctx: Ctx, actor: CurrentActor, request_id: str, to: Annotated[str, Form()], reason: Annotated[str, Form()] = ""
) -> Response:
    """Approve or refuse."""
    body = api.DecisionBody(reason=reason[:1000])
    made = (api.approve if to == "approve" else api.refuse)(ctx, actor, request_id, body)
    return redirect("/packages", f"{made.package} is {made.state.lower()}.")


def _manages(session: Session, actor: Actor, project: str) -> bool:
    return holds(actor, Permission.IMAGES_MANAGE) and not is_member(session, project, actor.name)
