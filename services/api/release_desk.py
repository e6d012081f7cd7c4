"""The checkers' desk: places, votes, checklists, exceptions, and the decision on a request."""

from __future__ import annotations

from pydantic import BaseModel

from enclave.people.permissions import Permission
from output_review import service
from output_review.states import VoteChoice
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.release_access import ReleaseId, act
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
