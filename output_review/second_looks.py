"""Sampled afterwards: a share of what one checker let out is looked at by another, after the release.

The share is the tier's (`tiers.yaml`), drawn from the request's random id. Whoever looks takes a place at the desk, so
that they may read the files; it must be somebody who did not review it and does not belong to the project. An
incident changes nothing by itself: senior checkers are told, and one of them decides on a revocation.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.errors import Conflict, NotFound
from enclave.core.ids import new_id
from output_review import store, tiers
from output_review.airlock import Airlock
from output_review.model import Claim, ReleaseRequest, SecondLook
from output_review.permissions import check_can_review
from output_review.states import LOOK, LookState, ReleaseState, ReviewMode

_NOTE = 4000
_SUBJECT = "release_request"
PURPOSE = "second look"


def draw(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> SecondLook | None:
    """At the release: a second look when the request was reviewed by one person and is in the share."""
    share = tiers.tier_named(request.tier).second_look
    if request.review_mode != ReviewMode.SINGLE or not tiers.drawn(request.id, PURPOSE, share):
        return None
    look = SecondLook(id=request.id, state=LookState.OPEN.value, drawn_at=airlock.clock.now())
    session.add(look)
    record(session, actor, "release.second_look_drawn", _SUBJECT, request.id, airlock.clock, percent=share)
    return look


def take(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> SecondLook:
    """Take the second look: one checker, who then reads the files at the desk."""
    request, look = _open(airlock, session, actor, request_id)
    if look.checker == actor.name:
        return look
    if look.checker is not None:
        raise Conflict("A colleague has taken this second look.", "Take another one from the queue.")
    if actor.name in request.checkers:
        raise Conflict("You reviewed this release yourself.", "Leave its second look to a colleague.")
    look.checker = actor.name
    slot = max((claim.slot for claim in request.claims), default=0) + 1
    request.claims.append(
        Claim(id=new_id("clm"), slot=slot, checker=actor.name, checklist=[], claimed_at=airlock.clock.now())
    )
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict("A colleague took it a moment ago.", "Take another one from the queue.") from problem
    record(session, actor, "release.second_look_taken", _SUBJECT, request.id, airlock.clock)
    return look


def close(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, *, incident: bool, note: str = ""
) -> SecondLook:
    """Agree with the release, or call it an incident and say why."""
    _, look = _open(airlock, session, actor, request_id)
    if look.checker != actor.name:
        raise Conflict("The second look is not yours.", "Take it first, and read the files.")
    text = note.strip()[:_NOTE]
    if incident and not text:
        raise Conflict("An incident needs a reason.", "Say in a sentence or two what got out.")
    LOOK.move(
        session, look, LookState.INCIDENT if incident else LookState.AGREED, actor, airlock.clock,
        release=request_id, note=text,
    )  # fmt: skip
    look.note, look.looked_at = text, airlock.clock.now()
    return look


def of(session: Session, request_id: str) -> SecondLook | None:
    """The second look at a release, when it was drawn."""
    return session.get(SecondLook, request_id)


def waiting(session: Session) -> list[tuple[SecondLook, ReleaseRequest]]:
    """Open looks, and incidents whose release still stands; the oldest first."""
    query = (
        select(SecondLook, ReleaseRequest)
        .join(ReleaseRequest, ReleaseRequest.id == SecondLook.id)
        .where(ReleaseRequest.state == ReleaseState.RELEASED, SecondLook.state != LookState.AGREED)
        .order_by(SecondLook.drawn_at)
    )
    return [(look, request) for look, request in session.execute(query)]


def _open(
    airlock: Airlock, session: Session, actor: Actor, request_id: str
) -> tuple[ReleaseRequest, SecondLook]:  # fmt: skip
    request = store.locked(session, request_id)
    check_can_review(actor, request, airlock.members_of(session, request))
    look = session.get(SecondLook, request_id, populate_existing=True)
    if look is None or request.state != ReleaseState.RELEASED:
        raise NotFound("No second look waits for this release.", "See the queue for those that do.")
    return request, look
