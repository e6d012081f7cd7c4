"""The checkers' desk: places, votes, checklists, exceptions, and the decision on a request."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import BaseModel

from enclave.core.actors import Actor
from enclave.people.permissions import Permission
from output_review import handing, service
from output_review.permissions import check_can_review
from output_review.states import VoteChoice
from services.airlock import airlock_of
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.paging import AS_IT_STANDS
from services.api.release_access import ReleaseId, act, opened
from services.api.release_views import ReleaseView
from services.api.routing import Revised

router = GuardedRouter(tags=["releases"], answers=Revised)


class Ballot(BaseModel):
    """A vote on a file (its id or name); `seen` is the SHA-256 or the binding that was read."""

    file: str
    choice: VoteChoice
    seen: str | None = None


class Ticks(BaseModel):
    """Items of the checklist that hold."""

    items: list[str]


class Answer(BaseModel):
    """A senior checker's answer to a justification."""

    file: str
    rule: str
    grant: bool
    reason: str


class HandOver(BaseModel):
    """Whose place is given up; empty: one's own."""

    checker: str | None = None


class HandTo(BaseModel):
    """Who takes one's place, and what they should know."""

    colleague: str
    note: str


class ColleagueView(BaseModel):
    """A checker who may take a place at the request."""

    name: str
    on_duty: bool
    away: bool
    in_hand: int


class Note(BaseModel):
    """A word to the author."""

    note: str


@router.post("/releases/{release}/claim", permission=Permission.REVIEW)
def claim(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Take a place at the desk."""
    return act(ctx, actor, release, service.claim)


@router.post("/releases/{release}/hand-over", permission=Permission.REVIEW)
def hand_over(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: HandOver) -> ReleaseView:
    """Give up a place, so that a colleague can take it."""
    return act(ctx, actor, release, service.hand_over, body.checker)


@router.get("/releases/{release}/colleagues", permission=Permission.REVIEW, order=AS_IT_STANDS)
def list_colleagues(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> list[ColleagueView]:
    """Who may take a place: those on duty first, then those with the least in hand; who is away stands last."""
    return colleagues_for(ctx, actor, release)


def colleagues_for(ctx: Context, actor: Actor, release: str) -> list[ColleagueView]:
    """The same for the page."""
    with ctx.database.read() as session:
        request, members = opened(session, actor, release)
        check_can_review(actor, request, members)
        return [ColleagueView(**asdict(each)) for each in handing.colleagues(airlock_of(ctx), session, request)]


@router.post("/releases/{release}/hand-to", permission=Permission.REVIEW)
def hand_to(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: HandTo) -> ReleaseView:
    """Hand one's place to a colleague with a note."""
    return act(ctx, actor, release, handing.hand_to, body.colleague, body.note)


@router.post("/releases/{release}/take-back", permission=Permission.REVIEW)
def take_back(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Take a place back that one handed over, while the colleague has not begun."""
    return act(ctx, actor, release, handing.take_back)


@router.post("/releases/{release}/votes", permission=Permission.REVIEW)
def vote(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Ballot) -> ReleaseView:
    """Vote on a file as it was read."""
    return act(ctx, actor, release, service.vote, body.file, body.choice, body.seen)


@router.post("/releases/{release}/checklist", permission=Permission.REVIEW)
def tick(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Ticks) -> ReleaseView:
    """Set one's own checklist."""
    return act(ctx, actor, release, service.tick, body.items)


@router.post("/releases/{release}/exceptions", permission=Permission.EXCEPTIONS_GRANT, fresh=True)
def decide_exception(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Answer) -> ReleaseView:
    """Grant or refuse an exception."""
    return act(
        ctx, actor, release, service.decide_exception, body.file,
        rule=body.rule, grant=body.grant, reason=body.reason,
    )  # fmt: skip


@router.post("/releases/{release}/return", permission=Permission.REVIEW)
def return_to_author(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Note) -> ReleaseView:
    """Give the request back with what is to be mended."""
    return act(ctx, actor, release, service.return_to_author, body.note)


@router.post("/releases/{release}/approve", permission=Permission.REVIEW, fresh=True)
def approve(ctx: Ctx, actor: CurrentActor, release: ReleaseId) -> ReleaseView:
    """Let the request leave; the worker releases it."""
    return act(ctx, actor, release, service.approve)


@router.post("/releases/{release}/reject", permission=Permission.REVIEW)
def reject(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Note) -> ReleaseView:
    """Refuse the request for good."""
    return act(ctx, actor, release, service.reject, body.note)
