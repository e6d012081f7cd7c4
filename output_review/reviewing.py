"""The checkers' use cases: a place at the desk, votes, comments, exceptions, and the decision."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.digests import sha256_hex
from enclave.core.errors import BadInput, Conflict, NotAllowed
from enclave.core.ids import new_id
from enclave.people.roles import Role
from output_review import policies, store
from output_review.airlock import Airlock
from output_review.drafting import advance, file_of, required_text
from output_review.model import Claim, Comment, Exception_, ReleaseRequest, Vote
from output_review.permissions import check_can_grant, check_can_review
from output_review.states import LIFECYCLE, ExceptionState, ReleaseState, Visibility, VoteChoice
from output_review.templates import checklist_of
from output_review.together import check_current
from output_review.vetoes import service as vetoes

_TEXT = 4000
_SUBJECT = "release_request"


def claim(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> Claim:
    """Take a place at the desk: as many as votes are needed; a senior checker always finds one more."""
    request = _reviewable(airlock, session, actor, request_id)
    policies.check_under_review(request)
    if actor.name in request.checkers:
        raise Conflict("You have a place here already.", "Read the files and vote.")
    return _place(airlock, session, actor, request)


def hand_over(airlock: Airlock, session: Session, actor: Actor, request_id: str, checker: str | None = None) -> None:
    """Give up a place, so that a colleague can take it; a senior checker may free somebody else's."""
    request = _reviewable(airlock, session, actor, request_id)
    policies.check_under_review(request)
    name = checker or actor.name
    if name != actor.name and not actor.has(Role.SENIOR_CHECKER):
        raise NotAllowed("A place is given up by its holder.", "Ask a senior checker to free it.")
    place = next((place for place in request.claims if place.checker == name), None)
    if place is None:
        raise Conflict("There is no such place to give up.", "Reload the page to see who has one.")
    request.claims.remove(place)
    session.delete(place)
    record(session, actor, "release.handed_over", _SUBJECT, request.id, airlock.clock, checker=name)


def vote(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, file_id: str,
    choice: VoteChoice, seen: str | None = None,
) -> Vote:  # fmt: skip
    """Vote on a file as it is now. `seen` is the SHA-256 or binding that was on the screen; other bytes: Conflict."""
    request = _reviewable(airlock, session, actor, request_id)
    policies.check_under_review(request)
    file = file_of(request, file_id)
    if not file.votable:
        raise BadInput("Supporting files are not voted on; they never leave.", "Vote on the outputs and code.")
    if seen is not None and seen not in (file.binding, file.sha256):
        raise Conflict("The file changed while you were reading it.", "Reload the page and read it again.")
    _place(airlock, session, actor, request)
    mine = next((v for v in file.current_votes if v.checker == actor.name), None)
    finished = actor.name in policies.finished_checkers(request)
    if choice is VoteChoice.UNDECIDED and finished:
        raise Conflict(
            "Your review is complete; a vote can be changed now, not taken back.",
            "Vote CHANGES_REQUESTED if you have doubts, or return the request.",
        )
    if mine is None:
        mine = Vote(id=new_id("vot"), checker=actor.name, binding=file.binding, sha256=file.sha256)
        file.votes.append(mine)
    mine.choice, mine.turn, mine.cast_at = choice.value, request.turn, airlock.clock.now()
    record(
        session, actor, "release.voted", _SUBJECT, request.id, airlock.clock,
        file=file.id, sha256=file.sha256, binding=file.binding, choice=choice.value, turn=request.turn,
    )  # fmt: skip
    advance(airlock, session, actor, request)
    return mine


def comment(
    airlock: Airlock, session: Session, actor: Actor, request_id: str,
    body: str, *, visibility: Visibility = Visibility.PUBLIC, file_id: str | None = None,
) -> Comment:  # fmt: skip
    """Write a remark. The author's are always public; a checker takes a place at the desk first."""
    request = store.locked(session, request_id)
    if actor.kind == "user" and actor.name == request.author:
        visibility = Visibility.PUBLIC
    else:
        check_can_review(actor, request, airlock.members_of(session, request))
        policies.check_under_review(request)
        _seated(airlock, session, actor, request)
    return _remark(airlock, session, actor, request, body, visibility, file_id)


def tick(airlock: Airlock, session: Session, actor: Actor, request_id: str, items: Collection[str]) -> list[str]:
    """Set the checker's own checklist."""
    request = _reviewable(airlock, session, actor, request_id)
    policies.check_under_review(request)
    checklist = checklist_of(request)
    unknown = set(items) - set(checklist)
    if unknown:
        raise BadInput("The checklist has no such item.", f"Items are: {', '.join(checklist)}.")
    place = _place(airlock, session, actor, request)
    place.checklist = [key for key in checklist if key in items]
    record(session, actor, "release.checklist", _SUBJECT, request.id, airlock.clock, items=place.checklist)
    return place.checklist


def decide_exception(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, file_id: str,
    *, rule: str, grant: bool, reason: str,
) -> Exception_:  # fmt: skip
    """A senior checker's answer to the author's justification, about the bytes as they are now."""
    request = store.locked(session, request_id)
    check_can_grant(actor, request, airlock.members_of(session, request))
    policies.check_under_review(request)
    file = file_of(request, file_id)
    item = file.current_exceptions.get(rule)
    if item is None:
        raise Conflict("The author asked for no exception to that rule.", "Return the request and say why.")
    if item.appeal and item.refused_by == actor.name:
        raise NotAllowed("You refused this exception before.", "Leave its appeal to another senior checker.")
    if item.appeal and item.state != ExceptionState.REQUESTED:
        raise Conflict("The appeal against this refusal is decided.", "Reload the page to see the answer.")
    item.state = (ExceptionState.GRANTED if grant else ExceptionState.REFUSED).value
    item.reason = required_text(reason, "reason", _TEXT)
    item.decided_by, item.decided_at = actor.name, airlock.clock.now()
    record(
        session, actor, f"release.exception_{'granted' if grant else 'refused'}", _SUBJECT, request.id,
        airlock.clock, file=file.id, rule=rule, sha256=file.sha256, binding=file.binding, reason=item.reason,
    )  # fmt: skip
    return item


def return_to_author(airlock: Airlock, session: Session, actor: Actor, request_id: str, note: str) -> ReleaseRequest:
    """Give the request back with what is to be mended, in any state of the review, or before the worker released it.

    A rejection is final: only an appeal gives it back (`appeals`).
    """
    request = _deciding(airlock, session, actor, request_id)
    policies.check_returnable(request)
    text = required_text(note, "note to the author", _TEXT)
    LIFECYCLE.check(request.state, ReleaseState.RETURNED)
    _remark(airlock, session, actor, request, text, Visibility.PUBLIC, None)
    for turn in request.turns:
        if turn.number == request.turn:
            turn.returned_at, turn.returned_by = airlock.clock.now(), actor.name
    vetoes.close(airlock, session, actor, request)
    return _decide(airlock, session, actor, request, ReleaseState.RETURNED, text)


def reject(airlock: Airlock, session: Session, actor: Actor, request_id: str, reason: str) -> ReleaseRequest:
    """Refuse the request for good; the reason goes to the author."""
    request = _deciding(airlock, session, actor, request_id)
    text = required_text(reason, "reason", _TEXT)
    return _decide(airlock, session, actor, request, ReleaseState.REJECTED, text)


def approve(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> ReleaseRequest:
    """Let the request leave. The release is a job of the worker's; nothing can be downloaded before it is done.
    Where a named provider has a veto, the job waits for it."""
    request = _deciding(airlock, session, actor, request_id)
    LIFECYCLE.check(request.state, ReleaseState.APPROVED)
    policies.check_can_approve(request, airlock.barred(session, request))
    check_current(session, request)
    _decide(airlock, session, actor, request, ReleaseState.APPROVED, "")
    vetoes.open_for(airlock, session, actor, request)
    return request


def _decide(
    airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest, state: ReleaseState, note: str
) -> ReleaseRequest:
    LIFECYCLE.move(session, request, state, actor, airlock.clock, turn=request.turn, note=note)
    request.decided_at, request.decided_by, request.decision_note = airlock.clock.now(), actor.name, note
    return request


def _reviewable(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> ReleaseRequest:
    request = store.locked(session, request_id)
    check_can_review(actor, request, airlock.members_of(session, request))
    return request


def _deciding(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> ReleaseRequest:
    request = _reviewable(airlock, session, actor, request_id)
    if request.under_review:
        _seated(airlock, session, actor, request)
    return request


def _seated(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> None:
    if not actor.has(Role.SENIOR_CHECKER):
        _place(airlock, session, actor, request)


def _place(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> Claim:
    """The checker's place, taken now when there is one free. The unique slot lets one of two racers have it."""
    mine = next((place for place in request.claims if place.checker == actor.name), None)
    if mine is not None:
        return mine
    taken = {place.slot for place in request.claims}
    free = [slot for slot in range(1, policies.required_votes(request) + 1) if slot not in taken]
    if not free and not actor.has(Role.SENIOR_CHECKER):
        raise Conflict(
            "This request already has its checkers.", "Ask one of them to hand it over, or take another one."
        )
    place = Claim(
        id=new_id("clm"), slot=free[0] if free else max(taken) + 1, checker=actor.name,
        checklist=[], claimed_at=airlock.clock.now(),
    )  # fmt: skip
    request.claims.append(place)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict(
            "Another checker took this place a moment ago.", "Reload the page, or take another request."
        ) from problem
    record(session, actor, "release.claimed", _SUBJECT, request.id, airlock.clock, slot=place.slot)
    return place


def _remark(
    airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest,
    body: str, visibility: Visibility, file_id: str | None,
) -> Comment:  # fmt: skip
    remark = Comment(
        id=new_id("com"),
        file_id=file_of(request, file_id).id if file_id else None,
        author=actor.name,
        visibility=visibility.value,
        body=required_text(body, "comment", _TEXT),
        turn=request.turn,
        written_at=airlock.clock.now(),
    )
    request.comments.append(remark)
    record(
        session, actor, "release.commented", _SUBJECT, request.id, airlock.clock,
        comment=remark.id, visibility=visibility.value, turn=request.turn, body=sha256_hex(remark.body.encode()),
    )  # fmt: skip
    return remark
