"""Who sees what, as one table: viewer × thing → the states in which it is seen.

Administrators and auditors see metadata, findings and votes, never content. A checker sees the content of the
requests that they claimed; a senior checker of every request under review. Authors see their own, without private
comments, and the checkers' words once it is their turn again. In a blind review the others' votes and comments
stay hidden until both have voted.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol

from enclave.core.actors import Actor
from enclave.core.errors import NotFound
from enclave.people.roles import Role
from output_review.model import Comment, ReleaseRequest, Vote
from output_review.permissions import Asked, is_checker
from output_review.states import (
    PHASE,
    SUBMITTED_ONCE,
    ReleaseState,
    ReviewMode,
    ReviewPhase,
    Visibility,
)


class Shown(Asked, Protocol):
    """What the matrix asks of a request, whole or in a list."""

    @property
    def public(self) -> bool: ...

    @property
    def state(self) -> str: ...

    @property
    def release_state(self) -> ReleaseState: ...

    @property
    def checkers(self) -> list[str]: ...


class Viewer(StrEnum):
    """What somebody is to a request; the first that fits, in this order."""

    AUTHOR = "author"
    MEMBER = "member"
    ASSIGNED = "assigned checker"
    SENIOR = "senior checker"
    CHECKER = "checker"
    OVERSEER = "administrator or auditor"
    STRANGER = "stranger"


class Thing(StrEnum):
    """What there is to see of a request."""

    METADATA = "metadata"
    FINDINGS = "findings"
    CONTENT = "content"
    VOTES = "votes"
    PUBLIC_COMMENTS = "public comments"
    PRIVATE_COMMENTS = "private comments"
    RECORD = "record"
    BUNDLE = "bundle"


S = ReleaseState
ALWAYS = frozenset(ReleaseState)
NEVER: frozenset[ReleaseState] = frozenset()
RELEASED = frozenset({S.RELEASED})
SEALED = frozenset({S.RELEASED, S.REVOKED})
REVIEWING = frozenset({S.SUBMITTED, S.PARTIALLY_REVIEWED, S.REVIEWED, S.APPROVED})
ANSWERED = frozenset(state for state in ReleaseState if PHASE[state] in (ReviewPhase.AUTHOR, ReviewPhase.COMPLETE))

MATRIX: dict[Viewer, dict[Thing, frozenset[ReleaseState]]] = {
    Viewer.AUTHOR: {
        Thing.METADATA: ALWAYS, Thing.FINDINGS: ALWAYS, Thing.CONTENT: ALWAYS, Thing.VOTES: ANSWERED,
        Thing.PUBLIC_COMMENTS: ANSWERED, Thing.PRIVATE_COMMENTS: NEVER, Thing.RECORD: SEALED, Thing.BUNDLE: RELEASED,
    },
    Viewer.MEMBER: {
        Thing.METADATA: ALWAYS, Thing.FINDINGS: NEVER, Thing.CONTENT: NEVER, Thing.VOTES: NEVER,
        Thing.PUBLIC_COMMENTS: NEVER, Thing.PRIVATE_COMMENTS: NEVER, Thing.RECORD: SEALED, Thing.BUNDLE: RELEASED,
    },
    Viewer.ASSIGNED: {
        Thing.METADATA: SUBMITTED_ONCE, Thing.FINDINGS: SUBMITTED_ONCE, Thing.CONTENT: SUBMITTED_ONCE,
        Thing.VOTES: SUBMITTED_ONCE, Thing.PUBLIC_COMMENTS: SUBMITTED_ONCE, Thing.PRIVATE_COMMENTS: SUBMITTED_ONCE,
        Thing.RECORD: SEALED, Thing.BUNDLE: NEVER,
    },
    Viewer.SENIOR: {
        Thing.METADATA: SUBMITTED_ONCE, Thing.FINDINGS: SUBMITTED_ONCE, Thing.CONTENT: REVIEWING,
        Thing.VOTES: SUBMITTED_ONCE, Thing.PUBLIC_COMMENTS: SUBMITTED_ONCE, Thing.PRIVATE_COMMENTS: SUBMITTED_ONCE,
        Thing.RECORD: SEALED, Thing.BUNDLE: NEVER,
    },
    Viewer.CHECKER: {
        Thing.METADATA: SUBMITTED_ONCE, Thing.FINDINGS: SUBMITTED_ONCE, Thing.CONTENT: NEVER, Thing.VOTES: NEVER,
        Thing.PUBLIC_COMMENTS: NEVER, Thing.PRIVATE_COMMENTS: NEVER, Thing.RECORD: SEALED, Thing.BUNDLE: NEVER,
    },
    Viewer.OVERSEER: {
        Thing.METADATA: ALWAYS, Thing.FINDINGS: SUBMITTED_ONCE, Thing.CONTENT: NEVER, Thing.VOTES: SUBMITTED_ONCE,
        Thing.PUBLIC_COMMENTS: NEVER, Thing.PRIVATE_COMMENTS: NEVER, Thing.RECORD: SEALED, Thing.BUNDLE: NEVER,
    },
    Viewer.STRANGER: dict.fromkeys(Thing, NEVER),
}  # fmt: skip


def viewer(actor: Actor, request: Shown, members: Collection[str]) -> Viewer:
    """A member who is also a checker is a member: nobody looks over the table of their own project."""
    if actor.kind in ("operator", "service"):
        return Viewer.OVERSEER
    if actor.name == request.author:
        return Viewer.AUTHOR
    if actor.name in members or actor.name in request.members:
        return Viewer.MEMBER
    if is_checker(actor) and actor.name in request.checkers:
        return Viewer.ASSIGNED
    if actor.has(Role.SENIOR_CHECKER):
        return Viewer.SENIOR
    if actor.has(Role.OUTPUT_CHECKER):
        return Viewer.CHECKER
    return Viewer.OVERSEER if actor.has(Role.ADMINISTRATOR, Role.AUDITOR) else Viewer.STRANGER


def can_see(actor: Actor, request: Shown, members: Collection[str], thing: Thing) -> bool:
    seen = request.release_state in MATRIX[viewer(actor, request, members)][thing]
    if thing in (Thing.RECORD, Thing.METADATA) and request.public and request.state == S.RELEASED:
        return True
    # Somebody may hold a second role beside the checker's; being an overseer too takes nothing away.
    return seen


def check_can_see(actor: Actor, request: Shown, members: Collection[str], thing: Thing) -> None:
    """NotFound for those who may not even know of it; a sentence for those who may not see this of it yet."""
    if can_see(actor, request, members, thing):
        return
    if can_see(actor, request, members, Thing.METADATA):
        raise NotFound(
            f"The {thing} of this request is not yours to see now.",
            "Checkers claim the request first; members find the bundle here after the release.",
        )
    raise NotFound("There is no such release request.", "Check the address, or see your list of requests.")


def is_blind(request: ReleaseRequest) -> bool:
    return request.review_mode == ReviewMode.INDEPENDENT and request.phase is ReviewPhase.INDEPENDENT


def visible_votes(
    actor: Actor, request: ReleaseRequest, members: Collection[str], votes: Collection[Vote]
) -> list[Vote]:
    if not can_see(actor, request, members, Thing.VOTES):
        return []
    return [vote for vote in votes if not is_blind(request) or vote.checker == actor.name]


def visible_comments(actor: Actor, request: ReleaseRequest, members: Collection[str]) -> list[Comment]:
    return [comment for comment in request.comments if _sees(actor, request, members, comment)]


def _sees(actor: Actor, request: ReleaseRequest, members: Collection[str], comment: Comment) -> bool:
    if comment.author == actor.name and actor.kind == "user":
        return True
    if comment.visibility == Visibility.PRIVATE:
        return can_see(actor, request, members, Thing.PRIVATE_COMMENTS) and not is_blind(request)
    if comment.author == request.author:
        return can_see(actor, request, members, Thing.PUBLIC_COMMENTS)
    # What a checker wrote for the author reaches the other checker of a blind review afterwards only.
    return can_see(actor, request, members, Thing.PUBLIC_COMMENTS) and not is_blind(request)
