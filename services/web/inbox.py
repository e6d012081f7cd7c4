"""The inbox, when mail is sent, and absences."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from enclave.core.errors import BadInput
from enclave.notices import service
from enclave.notices.states import WISHES, MailWish
from enclave.people.permissions import Permission
from services.api import inbox as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/inbox", include_in_schema=False)


@router.get("", permission=Permission.SIGNED_IN)
def inbox_page(request: Request, ctx: Ctx, actor: CurrentActor, where: Page, unread: bool = False) -> Response:
    """What the person was told, newest first."""
    found = api.inbox(ctx, actor, where, unread)
    return page(request, "inbox/list.html", title="Inbox", actor=actor, found=found, unread_only=unread)


@router.post("/read", permission=Permission.SIGNED_IN)
def read_all(ctx: Ctx, actor: CurrentActor, until: Annotated[str, Form()]) -> Response:
    """Everything that was on the page counts as read."""
    with ctx.database.write() as session:
        service.read_all(session, actor, ctx.clock, until)
    return redirect("/inbox", "All marked as read.")


@router.post("/{notice}", permission=Permission.SIGNED_IN)
def follow(ctx: Ctx, actor: CurrentActor, notice: str) -> Response:
    """Mark a notice as read and go where it leads."""
    with ctx.database.write() as session:
        path = service.read(session, actor, notice, ctx.clock).path
    return redirect(path)


@router.get("/wishes", permission=Permission.SIGNED_IN)
def wishes_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """When mail is sent; being away."""
    return page(
        request, "inbox/wishes.html", title="Messages and absence", actor=actor, mine=api.wishes(ctx, actor),
        choices=WISHES, today=ctx.clock.now().date().isoformat(),
    )  # fmt: skip


@router.post("/wishes/mail", permission=Permission.SIGNED_IN)
def wish(ctx: Ctx, actor: CurrentActor, mail: Annotated[MailWish, Form()]) -> Response:
    """Keep the choice."""
    api.wish(ctx, actor, api.WishBody(mail=mail))
    return redirect("/inbox/wishes", "Your choice was saved.")


@router.post("/wishes/absence", permission=Permission.SIGNED_IN)
def go_away(
    ctx: Ctx, actor: CurrentActor, since: Annotated[str, Form()], until: Annotated[str, Form()],
    stand_in: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Be away from the first day to the last, both included."""
    body = api.AbsenceBody(
        since=_morning(since), until=_morning(until) + timedelta(days=1), stand_in=stand_in.strip()[:30] or None
    )
    api.go_away(ctx, actor, body)
    return redirect("/inbox/wishes", "Your absence was saved.")


@router.post("/wishes/back", permission=Permission.SIGNED_IN)
def come_back(ctx: Ctx, actor: CurrentActor) -> Response:
    """Be back."""
    api.come_back(ctx, actor)
    return redirect("/inbox/wishes", "Welcome back.")


def _morning(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError as problem:
        raise BadInput("A day is written as 2026-12-24.", "Choose it from the calendar of the field.") from problem
