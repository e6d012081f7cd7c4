"""Buttons for independent readers and second looks, and what of them waits for a checker."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.people.permissions import Permission
from enclave.people.roles import Role
from enclave.projects import store as projects
from output_review import second_looks, tiers
from output_review.permissions import barred, is_checker
from output_review.states import LookState
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.release_access import act
from services.web.pages import redirect
from services.web.waiting import Waiting

router = GuardedRouter(include_in_schema=False)


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """Second looks that this checker has or may take; for senior checkers, incidents without a decision."""
    items: list[Waiting] = []
    if not is_checker(actor):
        return items
    for look, request in second_looks.waiting(session):
        if actor.name in barred(request, projects.members(session, request.project_id)):
            continue
        mine = look.checker == actor.name or (look.checker is None and actor.name not in request.checkers)
        if look.state == LookState.INCIDENT and actor.has(Role.SENIOR_CHECKER):
            text = f"Incident in “{request.title}”: decide on its revocation"
            items.append(Waiting(text, f"/review/{request.id}", look.looked_at or look.drawn_at))
        elif look.state == LookState.OPEN and mine:
            items.append(Waiting(f"Second look at “{request.title}”", f"/review/{request.id}", look.drawn_at))
    return items


@router.post("/review/{release}/second-look/take", permission=Permission.REVIEW)
def take(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Take the second look."""
    act(ctx, actor, release, second_looks.take)
    return redirect(f"/review/{release}", "The second look is yours. Read the files, then say what you saw.")


@router.post("/review/{release}/second-look", permission=Permission.REVIEW)
def close(
    ctx: Ctx, actor: CurrentActor, release: str,
    verdict: Annotated[Literal["agree", "incident"], Form()], note: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Agree, or call it an incident."""
    act(ctx, actor, release, second_looks.close, incident=verdict == "incident", note=note)
    return redirect(f"/review/{release}", "Senior checkers were told." if verdict == "incident" else "You agreed.")


@router.post("/review/{release}/blind", permission=Permission.EXCEPTIONS_GRANT)
def ask_blind_at_desk(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """A senior checker wants two independent readers."""
    act(ctx, actor, release, tiers.ask_blind)
    return redirect(f"/review/{release}", "Two will read it independently.")


@router.post("/releases/{release}/blind", permission=Permission.SIGNED_IN)
def ask_blind(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """The author of a draft wants two independent readers."""
    act(ctx, actor, release, tiers.ask_blind)
    return redirect(f"/releases/{release}", "Two checkers will read it independently.")
