"""The inbox: notices, how mail is wished, and absences; everybody's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, Field

from enclave.core.clock import Clock
from enclave.notices import service, store
from enclave.notices.model import Absence, Notice
from enclave.notices.states import MailWish
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.inputs import Moment
from services.api.paging import Page

router = GuardedRouter(prefix="/inbox", tags=["inbox"])


class NoticeView(BaseModel):
    """One notice."""

    id: str
    text: str
    path: str
    weight: str
    told_for: str | None
    at: datetime
    read: bool

    @classmethod
    def of(cls, row: Notice) -> NoticeView:
        return cls(
            id=row.id, text=row.text, path=row.path, weight=row.weight, told_for=row.told_for, at=row.at,
            read=row.read_at is not None,
        )  # fmt: skip


class InboxView(BaseModel):
    """A page of the inbox."""

    notices: list[NoticeView]
    unread: int
    next: str | None


class AbsenceView(BaseModel):
    """An absence that has not ended."""

    since: datetime
    until: datetime
    stand_in: str | None
    begun: bool

    @classmethod
    def of(cls, row: Absence, clock: Clock) -> AbsenceView:
        return cls(since=row.since, until=row.until, stand_in=row.stand_in, begun=row.since <= clock.now())


class WishesView(BaseModel):
    """When mail is sent, whether one is away, and for whom one stands in."""

    mail: MailWish
    absence: AbsenceView | None
    stands_in_for: list[str]


class WishBody(BaseModel):
    """When the inbox is also sent as mail."""

    mail: MailWish


class AbsenceBody(BaseModel):
    """From when until when, and who stands in."""

    since: Moment
    until: Moment
    stand_in: str | None = Field(None, max_length=30)


@router.get("", permission=Permission.SIGNED_IN)
def inbox(ctx: Ctx, actor: CurrentActor, page: Page, unread: bool = False) -> InboxView:
    """The caller's notices, newest first."""
    with ctx.database.read() as session:
        found = store.inbox(session, actor.name, page.before(), unread_only=unread, limit=page.limit + 1)
        rows, following = page.take(found.notices, lambda row: row.id)
        return InboxView(notices=[NoticeView.of(row) for row in rows], unread=found.unread, next=following)


@router.post("/read", permission=Permission.SIGNED_IN)
def read_all(ctx: Ctx, actor: CurrentActor, page: Page, until: str | None = None) -> InboxView:
    """Mark the caller's notices as read, up to the newest that they saw; the answer is the inbox."""
    with ctx.database.write() as session:
        service.read_all(session, actor, ctx.clock, until)
    return inbox(ctx, actor, replace(page, path=page.path.removesuffix("/read")))


@router.post("/notices/{notice}/read", permission=Permission.SIGNED_IN)
def read(ctx: Ctx, actor: CurrentActor, notice: str) -> NoticeView:
    """Mark one as read."""
    with ctx.database.write() as session:
        return NoticeView.of(service.read(session, actor, notice, ctx.clock))


@router.get("/wishes", permission=Permission.SIGNED_IN)
def wishes(ctx: Ctx, actor: CurrentActor) -> WishesView:
    """The caller's wishes and absence."""
    with ctx.database.read() as session:
        now = ctx.clock.now()
        absence = store.planned_absence(session, actor.name, now)
        return WishesView(
            mail=store.wish_of(session, actor.name),
            absence=AbsenceView.of(absence, ctx.clock) if absence else None,
            stands_in_for=store.stood_in_for(session, actor.name, now),
        )


@router.put("/wishes", permission=Permission.SIGNED_IN)
def wish(ctx: Ctx, actor: CurrentActor, body: WishBody) -> WishesView:
    """Say when the inbox is also sent as mail."""
    with ctx.database.write() as session:
        service.wish(session, actor, body.mail)
    return wishes(ctx, actor)


@router.put("/absence", permission=Permission.SIGNED_IN)
def go_away(ctx: Ctx, actor: CurrentActor, body: AbsenceBody) -> WishesView:
    """Be away; a second absence replaces the first."""
    with ctx.database.write() as session:
        service.go_away(session, actor, ctx.clock, since=body.since, until=body.until, stand_in=body.stand_in)
    return wishes(ctx, actor)


@router.delete("/absence", permission=Permission.SIGNED_IN)
def come_back(ctx: Ctx, actor: CurrentActor) -> WishesView:
    """Be back."""
    with ctx.database.write() as session:
        service.come_back(session, actor, ctx.clock)
    return wishes(ctx, actor)
