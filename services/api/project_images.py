"""The image of a project: what it is, what it holds, and moving the pin."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from enclave.images import permissions, service, store
from enclave.people.permissions import Permission
from enclave.projects.store import get_project
from services.api.context import Context
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.images import HeldPackage
from services.pins import pin_to, registry_of

router = GuardedRouter(prefix="/projects", tags=["images"])


class PinBody(BaseModel):
    """An image by name, tag or id, and why."""

    image: str = Field(max_length=200)
    reason: str = Field(max_length=500)


class ProjectImageView(BaseModel):
    """A project's image; without a pin (`pinned_at` null) the one that its first start will pin.

    `newer` is the tag of a newer image of the same name, empty when there is none.
    """

    project: str
    image: str
    name: str
    tag: str
    pinned_at: datetime | None
    pinned_by: str
    reason: str
    newer: str
    packages: list[HeldPackage]


def project_image(ctx: Context, session: Session, project: str) -> ProjectImageView:
    """What the project runs on, or will."""
    get_project(session, project)
    row, registry = store.pin_of(session, project), registry_of(ctx)
    found = registry.get(row.image) if row else registry.release(ctx.settings.sandbox_image)
    newest = next((each for each in registry.images() if found and each.name == found.name), None)
    return ProjectImageView(
        project=project,
        image=row.image if row else found.id if found else "",
        name=row.name if row else found.name if found else "",
        tag=row.tag if row else found.tag if found else "",
        pinned_at=row.pinned_at if row else None,
        pinned_by=row.pinned_by if row else "",
        reason=row.reason if row else "",
        newer=newest.tag if newest and found and newest.id != found.id else "",
        packages=[HeldPackage.of(each) for each in found.packages] if found else [],
    )


@router.get("/{project_id}/image", permission=Permission.SIGNED_IN)
def show_project_image(ctx: Ctx, actor: CurrentActor, project_id: str) -> ProjectImageView:
    """The project's image with what it holds."""
    with ctx.database.read() as session:
        permissions.check_can_see_image(session, actor, project_id)
        return project_image(ctx, session, project_id)


@router.post("/{project_id}/image", permission=Permission.IMAGES_MANAGE, fresh=True)
def move_pin(ctx: Ctx, actor: CurrentActor, project_id: str, body: PinBody) -> ProjectImageView:
    """Give the project another registered image, from its labs' next start on."""
    with ctx.database.write() as session:
        found = registry_of(ctx).find(body.image)
        service.move_pin(session, actor, project_id, pin_to(found), body.reason, ctx.clock)
        return project_image(ctx, session, project_id)
