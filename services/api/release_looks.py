"""Independent readers on request, and second looks after a release by one checker."""

from __future__ import annotations

from pydantic import BaseModel

from enclave.people.permissions import Permission
from output_review import second_looks, tiers
from output_review.states import LookState
from services.airlock import airlock_of
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by
from services.api.release_access import ReleaseId, act, both
from services.api.release_views import LookView, ReleaseView, can_review, look_actions
from services.api.routing import Revised

router = GuardedRouter(tags=["releases"], answers=Revised)


class LookRow(BaseModel):
    """A release that waits for a second look, or for what an incident asks for."""

    id: str
    project: str
    title: str
    author: str
    tier: str
    tier_title: str
    look: LookView
    takable: bool
    allowed_actions: list[str]


class Verdict(BaseModel):
    """What the second look came to; an incident needs a note."""

    incident: bool
    note: str = ""


@router.get("/releases/second-looks", permission=Permission.REVIEW, order=by("look.drawn_at", "id"))
def list_looks(ctx: Ctx, actor: CurrentActor) -> list[LookRow]:
    """What waits, the oldest first; nothing of projects that the caller belongs to."""
    airlock = airlock_of(ctx)
    with ctx.database.read() as session:
        return [
            LookRow(
                id=request.id, project=request.project_id, title=request.title, author=request.author,
                tier=request.tier, tier_title=tiers.tier_named(request.tier).title, look=LookView.of(look),
                takable=look.state == LookState.OPEN and look.checker is None and actor.name not in request.checkers,
                allowed_actions=look_actions(request, actor, reviewer=True),
            )
            for look, request in second_looks.waiting(session)
            if can_review(actor, request, airlock.members_of(session, request))
        ]  # fmt: skip


@router.post("/releases/{release}/second-look/take", permission=Permission.REVIEW)
def take(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Take the second look, to read the files."""
    return act(ctx, actor, release, second_looks.take)


@router.post("/releases/{release}/second-look", permission=Permission.REVIEW)
def close(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Verdict) -> ReleaseView:
    """Agree, or call it an incident."""
    return act(ctx, actor, release, second_looks.close, incident=body.incident, note=body.note)


@both(router, "post", "/blind")
def ask_blind(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Have two read it independently: the author of a draft, or a senior checker before the first vote."""
    return act(ctx, actor, release, tiers.ask_blind)
