"""Buttons for appeals, and the appeals that wait for a senior checker."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.people.permissions import Permission, holds
from enclave.projects import store as projects
from output_review import appeals, exception_appeals
from output_review.permissions import barred
from output_review.policies import due_at
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.release_access import act
from services.web.pages import redirect
from services.web.stale import SeenId
from services.web.waiting import Waiting

router = GuardedRouter(include_in_schema=False)


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """Appeals that this senior checker has or may take."""
    if not holds(actor, Permission.EXCEPTIONS_GRANT):
        return []
    refused = [
        Waiting(f"Appeal of a refused exception of “{request.title}”", f"/review/{request.id}", since, due_at(since))
        for request, refused_by, since in exception_appeals.waiting(session)
        if refused_by != actor.name and actor.name not in barred(request, projects.members(session, request.project_id))
    ]
    return refused + [
        Waiting(f"Appeal for “{request.title}”", f"/review/{request.id}", appeal.asked_at, appeals.due(appeal))
        for appeal, request in appeals.waiting(session)
        if appeal.checker in (None, actor.name)
        and not appeals.involved(actor, request)
        and actor.name not in barred(request, projects.members(session, request.project_id))
    ]


@router.post("/releases/{release}/appeal", permission=Permission.SIGNED_IN)
def ask(ctx: Ctx, actor: CurrentActor, release: str, reason: Annotated[str, Form()]) -> Response:
    """The author appeals."""
    act(ctx, actor, release, appeals.ask, reason)
    return redirect(f"/releases/{release}", "You appealed. A senior checker who did not vote decides.")


@router.post("/releases/{release}/exception-appeal", permission=Permission.SIGNED_IN)
def appeal_exception(
    ctx: Ctx, actor: CurrentActor, release: SeenId, file: Annotated[str, Form()], rule: Annotated[str, Form()],
    reason: Annotated[str, Form()],
) -> Response:  # fmt: skip
    """The author appeals a refused exception."""
    act(ctx, actor, release, exception_appeals.ask, file, rule=rule, reason=reason)
    return redirect(f"/releases/{release}", "You appealed. A senior checker who did not refuse it decides.")


@router.post("/review/{release}/appeal/take", permission=Permission.EXCEPTIONS_GRANT)
def take(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Take the appeal."""
    act(ctx, actor, release, appeals.take)
    return redirect(f"/review/{release}", "The appeal is yours. Read the files, then decide below.")


@router.post("/review/{release}/appeal/decision", permission=Permission.EXCEPTIONS_GRANT, fresh=True)
def decide(
    ctx: Ctx, actor: CurrentActor, release: str,
    verdict: Annotated[Literal["uphold", "reopen"], Form()], reason: Annotated[str, Form()],
) -> Response:  # fmt: skip
    """Uphold or reopen."""
    act(ctx, actor, release, appeals.decide, reopen=verdict == "reopen", reason=reason)
    return redirect(
        "/review", "The request went back to its author." if verdict == "reopen" else "The rejection stands."
    )
