"""Packages that researchers ask for: ask, approve, refuse, withdraw; the approved list."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.images import permissions, service, store
from enclave.images.model import PackageRequest
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by, newest

router = GuardedRouter(prefix="/packages", tags=["packages"])


class PackageBody(BaseModel):
    """Which package, for which project, and why; an empty version is the newest that fits."""

    project: str = Field(max_length=60)
    package: str = Field(max_length=100)
    version: str = Field("", max_length=40)
    purpose: str = Field(max_length=1000)
    licence: str = Field("", max_length=200)


class DecisionBody(BaseModel):
    """A note to an approval, or why it is refused."""

    reason: str = Field("", max_length=1000)


class PackageView(BaseModel):
    """One request."""

    id: str
    state: str
    project: str
    package: str
    version: str
    purpose: str
    licence: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    image: str
    allowed_actions: list[str]

    @classmethod
    def of(cls, session: Session, row: PackageRequest, actor: Actor) -> PackageView:
        names = [name for name in cls.model_fields if name != "allowed_actions"]
        return cls(
            **{name: getattr(row, name) for name in names}, allowed_actions=allowed(service.checks(session, actor, row))
        )


@router.get("", permission=Permission.SIGNED_IN, order=newest("id"))
def list_packages(ctx: Ctx, actor: CurrentActor, project: str | None = None) -> list[PackageView]:
    """The requests that the caller may see, newest first."""
    with ctx.database.read() as session:
        if project is not None:
            permissions.check_can_see_image(session, actor, project)
        return [PackageView.of(session, row, actor) for row in store.visible(session, actor, project, limit=None)]


@router.post("", permission=Permission.SIGNED_IN, status_code=201)
def ask(ctx: Ctx, actor: CurrentActor, body: PackageBody) -> PackageView:
    """Ask for a package."""
    with ctx.database.write() as session:
        row = service.ask(
            session, actor, body.project, body.package, body.purpose, ctx.clock,
            version=body.version, licence=body.licence,
        )  # fmt: skip
        return PackageView.of(session, row, actor)


@router.get("/approved", permission=Permission.IMAGES_MANAGE, order=by("id"))
def list_approved(ctx: Ctx, actor: CurrentActor) -> list[PackageView]:
    """The approved list, the oldest first: what the next image is built with."""
    with ctx.database.read() as session:
        return [PackageView.of(session, row, actor) for row in store.approved(session)]


@router.get("/{request_id}", permission=Permission.SIGNED_IN)
def show_package(ctx: Ctx, actor: CurrentActor, request_id: str) -> PackageView:
    """One request."""
    with ctx.database.read() as session:
        row = store.get(session, request_id)
        permissions.check_can_see(session, actor, row)
        return PackageView.of(session, row, actor)


@router.post("/{request_id}/approve", permission=Permission.IMAGES_MANAGE, fresh=True)
def approve(ctx: Ctx, actor: CurrentActor, request_id: str, body: DecisionBody) -> PackageView:
    """Put it on the approved list."""
    with ctx.database.write() as session:
        row = service.approve(session, actor, request_id, ctx.clock, body.reason)
        return PackageView.of(session, row, actor)


@router.post("/{request_id}/refuse", permission=Permission.IMAGES_MANAGE)
def refuse(ctx: Ctx, actor: CurrentActor, request_id: str, body: DecisionBody) -> PackageView:
    """Say no, with a reason; also to one that was approved and cannot be built."""
    with ctx.database.write() as session:
        row = service.refuse(session, actor, request_id, body.reason, ctx.clock)
        return PackageView.of(session, row, actor)


@router.post("/{request_id}/withdraw", permission=Permission.SIGNED_IN)
def withdraw(ctx: Ctx, actor: CurrentActor, request_id: str) -> PackageView:
    """Take one's own request back."""
    with ctx.database.write() as session:
        row = service.withdraw(session, actor, request_id, ctx.clock)
        return PackageView.of(session, row, actor)
