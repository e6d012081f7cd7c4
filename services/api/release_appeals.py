"""Appeals: an author's against a rejection, and a senior checker's decision."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from enclave.core.actors import Actor
from enclave.people.permissions import Permission, holds
from output_review import appeals
from services.airlock import airlock_of
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.paging import by
from services.api.release_access import ReleaseId, act, both
from services.api.release_views import ReleaseView, appeal_actions, can_review
from services.api.routing import Revised

router = GuardedRouter(tags=["releases"], answers=Revised)


class AppealRow(BaseModel):
    """An appeal that waits for its decision."""

    id: str
    project: str
    title: str
    author: str
    reason: str
    asked_at: datetime
    due_at: datetime
    overdue: bool
    checker: str | None
    takable: bool
    allowed_actions: list[str]


class Reason(BaseModel):
    """Why the rejection should be looked at again."""

    reason: str


class Decision(BaseModel):
    """What became of the appeal; the author reads the reason."""

    reopen: bool
    reason: str


@router.get("/releases/appeals", permission=Permission.EXCEPTIONS_GRANT, order=by("asked_at", "id"))
def list_appeals(ctx: Ctx, actor: CurrentActor) -> list[AppealRow]:
    """What waits, the oldest first; nothing of projects that the caller belongs to."""
    return appeals_for(ctx, actor)


def appeals_for(ctx: Context, actor: Actor) -> list[AppealRow]:
    """The same for the page: empty for those who decide on none."""
    if not holds(actor, Permission.EXCEPTIONS_GRANT):
        return []
    airlock, now = airlock_of(ctx), ctx.clock.now()
    with ctx.database.read() as session:
        return [
            AppealRow(
                id=request.id, project=request.project_id, title=request.title, author=request.author,
                reason=appeal.reason, asked_at=appeal.asked_at, due_at=appeals.due(appeal),
                overdue=appeals.due(appeal) < now, checker=appeal.checker,
                takable=appeal.checker is None and not appeals.involved(actor, request),
                allowed_actions=appeal_actions(request, actor, reviewer=True),
            )
            for appeal, request in appeals.waiting(session)
            if can_review(actor, request, airlock.members_of(session, request))
        ]  # fmt: skip


@both(router, "post", "/appeal")
def ask(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Reason) -> ReleaseView:
    """Appeal a rejection, once."""
    return act(ctx, actor, release, appeals.ask, body.reason)


@router.post("/releases/{release}/appeal/take", permission=Permission.EXCEPTIONS_GRANT)
def take(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Take the appeal, to read the files."""
    return act(ctx, actor, release, appeals.take)


@router.post("/releases/{release}/appeal/decision", permission=Permission.EXCEPTIONS_GRANT, fresh=True)
def decide(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Decision) -> ReleaseView:
    """Uphold the rejection, or give the request back to its author."""
    return act(ctx, actor, release, appeals.decide, reopen=body.reopen, reason=body.reason)
