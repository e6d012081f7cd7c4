"""Break-glass assistance: asks, answers, and looks into a workspace through the guard's look job.

The portal shows names and text and nothing else, the first 200,000 bytes of a file; every look is in the audit before
anything is read.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from enclave.assistance import permissions, service, store
from enclave.assistance.model import MOST_HOURS, Assistance
from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, NotAuthenticated
from enclave.people.permissions import Permission
from enclave.sandboxes.room_jobs import RoomJob, RoomTask
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import newest
from services.room_client import ask_guard

router = GuardedRouter(prefix="/assistance", tags=["assistance"])
SECONDS = 30.0


class AskBody(BaseModel):
    """Whose workspace, why, and for how long."""

    project: str = Field(max_length=60)
    member: str = Field(max_length=60)
    reason: str = Field(max_length=500)
    hours: int = Field(4, ge=1, le=MOST_HOURS)
    urgent: bool = False


class WhyBody(BaseModel):
    """Why consent is not waited for."""

    why: str = Field(max_length=500)


class AssistanceView(BaseModel):
    """One ask."""

    id: str
    state: str
    project: str
    member: str
    asked_by: str
    asked_at: datetime
    reason: str
    hours: int
    urgent: bool
    overruled_by: str | None
    overruled_why: str
    ends_at: datetime | None
    open: bool
    allowed_actions: list[str]

    @classmethod
    def of(cls, session: Session, row: Assistance, actor: Actor, clock: Clock) -> AssistanceView:
        names = [name for name in cls.model_fields if name not in ("open", "allowed_actions")]
        return cls(
            **{name: getattr(row, name) for name in names}, open=store.is_open(row, clock.now()),
            allowed_actions=allowed(service.checks(session, actor, row, clock)),
        )  # fmt: skip


class Entry(BaseModel):
    """One name of a folder."""

    name: str
    folder: bool
    bytes: int
    changed: datetime


class Look(BaseModel):
    """What is at a path: the entries of a folder, or the beginning of a file as text."""

    path: str
    entries: list[Entry] | None = None
    text: str | None = None


@router.get("", permission=Permission.SIGNED_IN, order=newest("id"))
def list_asks(ctx: Ctx, actor: CurrentActor) -> list[AssistanceView]:
    """What concerns the caller, newest first."""
    with ctx.database.read() as session:
        return [AssistanceView.of(session, row, actor, ctx.clock) for row in store.visible(session, actor, limit=None)]


@router.post("", permission=Permission.ASSISTANCE_ASK, status_code=201)
def ask(ctx: Ctx, actor: CurrentActor, body: AskBody) -> AssistanceView:
    """Ask for a look into a member's workspace."""
    with ctx.database.write() as session:
        row = service.ask(
            session, actor, body.project, body.member, body.reason, body.hours, ctx.clock, urgent=body.urgent
        )
        return AssistanceView.of(session, row, actor, ctx.clock)


@router.get("/{ask_id}", permission=Permission.SIGNED_IN)
def show(ctx: Ctx, actor: CurrentActor, ask_id: str) -> AssistanceView:
    """One ask."""
    with ctx.database.read() as session:
        row = store.get(session, ask_id)
        permissions.check_can_see(actor, row)
        return AssistanceView.of(session, row, actor, ctx.clock)


@router.post("/{ask_id}/consent", permission=Permission.SIGNED_IN, fresh=True)
def consent(ctx: Ctx, actor: CurrentActor, ask_id: str) -> AssistanceView:
    """The member agrees."""
    with ctx.database.write() as session:
        row = service.consent(session, actor, ask_id, ctx.clock)
        return AssistanceView.of(session, row, actor, ctx.clock)


@router.post("/{ask_id}/refuse", permission=Permission.SIGNED_IN)
def refuse(ctx: Ctx, actor: CurrentActor, ask_id: str) -> AssistanceView:
    """The member does not agree."""
    with ctx.database.write() as session:
        row = service.refuse(session, actor, ask_id, ctx.clock)
        return AssistanceView.of(session, row, actor, ctx.clock)


@router.post("/{ask_id}/withdraw", permission=Permission.ASSISTANCE_ASK)
def withdraw(ctx: Ctx, actor: CurrentActor, ask_id: str) -> AssistanceView:
    """Take the ask back."""
    with ctx.database.write() as session:
        row = service.withdraw(session, actor, ask_id, ctx.clock)
        return AssistanceView.of(session, row, actor, ctx.clock)


@router.post("/{ask_id}/overrule", permission=Permission.ASSISTANCE_OVERRULE, fresh=True)
def overrule(ctx: Ctx, actor: CurrentActor, ask_id: str, body: WhyBody) -> AssistanceView:
    """Open an urgent ask without consent, as the second person."""
    with ctx.database.write() as session:
        row = service.overrule(session, actor, ask_id, body.why, ctx.clock)
        return AssistanceView.of(session, row, actor, ctx.clock)


@router.post("/{ask_id}/end", permission=Permission.SIGNED_IN)
def end(ctx: Ctx, actor: CurrentActor, ask_id: str) -> AssistanceView:
    """Close it before its time."""
    with ctx.database.write() as session:
        row = service.end(session, actor, ask_id, ctx.clock)
        return AssistanceView.of(session, row, actor, ctx.clock)


@router.post("/{ask_id}/look", permission=Permission.ASSISTANCE_ASK)
def look(ctx: Ctx, actor: CurrentActor, ask_id: str, path: str = "") -> Look:
    """Read a folder or the beginning of a file. A POST, because it leaves a trace in the audit."""
    path = path.strip("/")
    with ctx.database.write() as session:
        row = service.note_look(session, actor, ask_id, path, ctx.clock)
        job = RoomJob(RoomTask.LOOK, row.project, row.member, path=path)
    try:
        job.check()
    except NotAuthenticated as problem:
        raise BadInput("This is no path in a workspace.", "Begin at the top folder.") from problem
    return Look(path=path, **ask_guard(ctx, job, SECONDS))
