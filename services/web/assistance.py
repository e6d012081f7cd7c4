"""Pages of break-glass assistance: ask, answer, look; and what both sides see while it is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.assistance import permissions, store
from enclave.assistance.model import MOST_HOURS
from enclave.assistance.service import LAPSES
from enclave.assistance.states import AssistanceState
from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import EnclaveError
from enclave.people.permissions import Permission, holds
from services.api import assistance as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect
from services.web.waiting import Waiting

router = GuardedRouter(prefix="/assistance", include_in_schema=False)
TOLD = timedelta(days=14)
"""How long the home page of a member tells of a look without consent after its end."""


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """For the member: asks to answer, and looks without consent. For the managing entity: urgent asks."""
    now, items = clock.now(), []
    for row in store.visible(session, actor):
        path, asks = f"/assistance/{row.id}", row.state == AssistanceState.ASKED and now - row.asked_at < LAPSES
        if actor.name == row.member and asks:
            text = f"{row.asked_by} asks to read in your workspace of {row.project} and needs your answer"
            items.append(Waiting(text, path, row.asked_at, row.asked_at + LAPSES))
        elif actor.name == row.member and row.ends_at and row.overruled_by and now < row.ends_at + TOLD:
            text = f"Notice: your workspace of {row.project} was opened to {row.asked_by} without your consent"
            items.append(Waiting(text, path, row.ends_at - timedelta(hours=row.hours)))
        elif row.urgent and asks and holds(actor, Permission.ASSISTANCE_OVERRULE) and actor.name != row.asked_by:
            text = f"{row.asked_by} asks urgently to read in {row.member}'s workspace of {row.project}"
            items.append(Waiting(text, path, row.asked_at))
    return items


@router.get("", permission=Permission.SIGNED_IN)
def list_page(
    request: Request, ctx: Ctx, actor: CurrentActor, project: str = "", member: str = ""
) -> Response:  # fmt: skip
    """What concerns the person, and the form for administrators."""
    return page(
        request, "assistance/list.html", title="Assistance", actor=actor, asks=api.list_asks(ctx, actor),
        project=project, member=member, most=MOST_HOURS,
    )  # fmt: skip


@router.post("", permission=Permission.ASSISTANCE_ASK)
def ask(
    ctx: Ctx,
    actor: CurrentActor,
    project: Annotated[str, Form()],
    member: Annotated[str, Form()],
    reason: Annotated[str, Form()],
    hours: Annotated[int, Form(ge=1, le=MOST_HOURS)] = 4,
    urgent: Annotated[str, Form()] = "",
) -> Response:
    """Ask."""
    body = api.AskBody(
        project=project.strip(), member=member.strip(), reason=reason[:500], hours=hours, urgent=bool(urgent)
    )
    made = api.ask(ctx, actor, body)
    return redirect(f"/assistance/{made.id}", f"{made.member} sees your question on the home page.")


@router.get("/{ask_id}", permission=Permission.SIGNED_IN)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, ask_id: str) -> Response:
    """One ask, with what this person can do about it now."""
    return _shown(request, ctx, actor, ask_id, None)


@router.post("/{ask_id}/look", permission=Permission.ASSISTANCE_ASK)
def look(
    request: Request, ctx: Ctx, actor: CurrentActor, ask_id: str, path: Annotated[str, Form()] = ""
) -> Response:  # fmt: skip
    """The same page with a folder or a file below."""
    return _shown(request, ctx, actor, ask_id, api.look(ctx, actor, ask_id, path))


def _shown(request: Request, ctx: Ctx, actor: Actor, ask_id: str, found: api.Look | None) -> Response:
    item = api.show(ctx, actor, ask_id)
    return page(
        request, "assistance/show.html", title=f"Assistance for {item.member}", actor=actor, item=item, found=found,
        above=found.path.rpartition("/")[0] if found and found.path else None, may_end=_may_end(ctx, actor, ask_id),
    )  # fmt: skip


def _may_end(ctx: Ctx, actor: Actor, ask_id: str) -> bool:
    with ctx.database.read() as session:
        try:
            permissions.check_can_end(actor, store.get(session, ask_id))
        except EnclaveError:
            return False
    return True


@router.post("/{ask_id}/consent", permission=Permission.SIGNED_IN, fresh=True)
def consent(ctx: Ctx, actor: CurrentActor, ask_id: str) -> Response:
    """The member agrees."""
    made = api.consent(ctx, actor, ask_id)
    return redirect(f"/assistance/{ask_id}", f"{made.asked_by} can read in your workspace for {made.hours} hours.")


@router.post("/{ask_id}/refuse", permission=Permission.SIGNED_IN)
def refuse(ctx: Ctx, actor: CurrentActor, ask_id: str) -> Response:
    """The member does not agree."""
    api.refuse(ctx, actor, ask_id)
    return redirect(f"/assistance/{ask_id}", "Nobody reads in your workspace.")


@router.post("/{ask_id}/withdraw", permission=Permission.ASSISTANCE_ASK)
def withdraw(ctx: Ctx, actor: CurrentActor, ask_id: str) -> Response:
    """Take the ask back."""
    api.withdraw(ctx, actor, ask_id)
    return redirect("/assistance", "The ask is withdrawn.")


@router.post("/{ask_id}/overrule", permission=Permission.ASSISTANCE_OVERRULE, fresh=True)
def overrule(ctx: Ctx, actor: CurrentActor, ask_id: str, why: Annotated[str, Form()]) -> Response:
    """Open without consent."""
    made = api.overrule(ctx, actor, ask_id, api.WhyBody(why=why[:500]))
    return redirect(f"/assistance/{ask_id}", f"It is open to {made.asked_by}; {made.member} is told.")


@router.post("/{ask_id}/end", permission=Permission.SIGNED_IN)
def end(ctx: Ctx, actor: CurrentActor, ask_id: str) -> Response:
    """Close it."""
    api.end(ctx, actor, ask_id)
    return redirect(f"/assistance/{ask_id}", "It has ended; nothing can be read any more.")
