"""Appeal: an author asks once that somebody else looks at a rejection.

A senior checker decides who neither voted nor rejected and does not belong to the project: the rejection is upheld
for good, or the request is reopened to its author (RETURNED), whose next submission is reviewed as every other. An
appeal never releases anything. Whoever takes it has a place at the desk, to read the files, until it is decided.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.digests import sha256_hex
from enclave.core.errors import Conflict, NotAllowed, NotFound
from enclave.core.ids import new_id
from output_review import policies, store
from output_review.airlock import Airlock
from output_review.drafting import required_text
from output_review.model import Appeal, Claim, ReleaseRequest
from output_review.permissions import check_can_grant, check_is_author
from output_review.states import APPEAL, LIFECYCLE, AppealState, ReleaseState

_TEXT = 4000
_SUBJECT = "release_request"
_REOPENED = "reopened"


def due(appeal: Appeal) -> datetime:
    """The clock of an appeal: as many working days as a review has."""
    return policies.due_at(appeal.asked_at)


def may_ask(actor: Actor, request: ReleaseRequest) -> bool:
    """Whether this author may appeal now."""
    mine = actor.kind == "user" and actor.name == request.author
    return mine and request.state == ReleaseState.REJECTED and request.appeal is None


def involved(actor: Actor, request: ReleaseRequest) -> bool:
    """Whether the person voted on the request, in any turn, or rejected it."""
    return actor.name == request.decided_by or any(v.checker == actor.name for f in request.files for v in f.votes)


def ask(airlock: Airlock, session: Session, actor: Actor, request_id: str, reason: str) -> Appeal:
    """The author's appeal, once for a request."""
    request = store.locked(session, request_id)
    check_is_author(actor, request)
    if request.state != ReleaseState.REJECTED:
        raise Conflict("Only a rejection can be appealed.", "Write a comment, or mend the request and submit it.")
    if session.get(Appeal, request_id) is not None:
        raise Conflict("This request was appealed before.", "Start a new request with what has changed.")
    text = required_text(reason, "reason", _TEXT)
    appeal = Appeal(id=request.id, state=AppealState.OPEN.value, reason=text, asked_at=airlock.clock.now())
    session.add(appeal)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict("This request was appealed a moment ago.", "Reload the page.") from problem
    record(session, actor, "release.appealed", _SUBJECT, request.id, airlock.clock, words=sha256_hex(text.encode()))
    return appeal


def take(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> Appeal:
    """Take the appeal, to read the files and decide."""
    request, appeal = _open(airlock, session, actor, request_id)
    if appeal.checker == actor.name:
        raise Conflict("You have taken this appeal.", "Read the files, then decide.")
    if appeal.checker is not None:
        raise Conflict("A colleague has taken this appeal.", "Take another one from the queue.")
    appeal.checker = actor.name
    if actor.name not in request.checkers:
        _seat(airlock, session, actor, request)
    record(session, actor, "release.appeal_taken", _SUBJECT, request.id, airlock.clock)
    return appeal


def decide(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, *, reopen: bool, reason: str
) -> ReleaseRequest:
    """Uphold the rejection, or reopen the request to its author; either with a reason that the author reads."""
    request, appeal = _open(airlock, session, actor, request_id)
    if appeal.checker != actor.name:
        raise Conflict("The appeal is not yours.", "Take it first, and read the files.")
    text = required_text(reason, "reason", _TEXT)
    state = AppealState.REOPENED if reopen else AppealState.UPHELD
    APPEAL.move(session, appeal, state, actor, airlock.clock, project=request.project_id)
    appeal.answer, appeal.decided_at = text, airlock.clock.now()
    _rise(airlock, session, actor, request)
    if reopen:
        LIFECYCLE.move(session, request, ReleaseState.RETURNED, actor, airlock.clock, turn=request.turn, note=text)
        request.decided_at, request.decided_by, request.decision_note = airlock.clock.now(), actor.name, text
        _compare_again(request)
    return request


def waiting(session: Session) -> list[tuple[Appeal, ReleaseRequest]]:
    """Appeals without a decision, the oldest first."""
    query = select(Appeal).where(Appeal.state == AppealState.OPEN.value).order_by(Appeal.asked_at)
    return [(appeal, store.get(session, appeal.id)) for appeal in session.scalars(query)]


def _open(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> tuple[ReleaseRequest, Appeal]:
    request = store.locked(session, request_id)
    check_can_grant(actor, request, airlock.members_of(session, request))
    appeal = session.get(Appeal, request_id, populate_existing=True)
    if appeal is None:
        raise NotFound("Nobody appealed here.", "See the appeals that wait below the review queue.")
    if appeal.state != AppealState.OPEN:
        raise Conflict("This appeal is decided.", "Reload the page to see the answer.")
    if involved(actor, request):
        raise NotAllowed("You voted on this request or rejected it.", "Leave its appeal to another senior checker.")
    return request, appeal


def _seat(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> None:
    """A place beyond those of the review, so that a reopened request has as many free ones as before."""
    slot = max([policies.required_votes(request), *(claim.slot for claim in request.claims)]) + 1
    request.claims.append(
        Claim(id=new_id("clm"), slot=slot, checker=actor.name, checklist=[], claimed_at=airlock.clock.now())
    )
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict("A colleague took it a moment ago.", "Take another one from the queue.") from problem


def _compare_again(request: ReleaseRequest) -> None:
    """The data zone may have forgotten the sets of a rejected request: the comparison brings them anew."""
    for file in request.present_files:
        if file.report is not None and file.report.linked:
            file.report.linked = _REOPENED


def _rise(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> None:
    for place in [place for place in request.claims if place.checker == actor.name]:
        request.claims.remove(place)
        session.delete(place)
        record(session, actor, "release.handed_over", _SUBJECT, request.id, airlock.clock, checker=actor.name)
