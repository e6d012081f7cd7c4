"""A place at the desk goes to a named colleague with a note, comes back, or is freed when nobody uses it.

The votes of whoever read the files keep counting. The note is for the colleague and the others at the desk, never for
the author. A place expires when its checker neither voted, commented nor ticked for `IDLE_DAYS` working days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.digests import sha256_hex
from enclave.core.errors import BadInput, Conflict, NotAllowed
from output_review import duty, policies, store
from output_review.airlock import Airlock
from output_review.drafting import required_text
from output_review.model import Claim, ReleaseRequest
from output_review.permissions import check_can_review
from output_review.states import UNDER_REVIEW

IDLE_DAYS = 3
_NOTE = 2000
_SUBJECT = "release_request"


@dataclass(frozen=True)
class Colleague:
    """Somebody who may take a place: whether they are on duty and away, and how much they have in hand."""

    name: str
    on_duty: bool
    away: bool
    in_hand: int


def colleagues(airlock: Airlock, session: Session, request: ReleaseRequest) -> list[Colleague]:
    """Who may take a place at this request: those on duty first, then those with the least in hand."""
    may = duty.checkers(session) - airlock.barred(session, request) - set(request.checkers)
    present, absent = duty.on_duty(session, airlock.clock.now(), airlock.absent), set(airlock.absent(session, may))
    load = _places(session)
    found = [Colleague(name, name in present, name in absent, load.get(name, 0)) for name in may]
    return sorted(found, key=lambda each: (each.away, not each.on_duty, each.in_hand, each.name))


def hand_to(
    airlock: Airlock, session: Session, actor: Actor, request_id: str, colleague: str, note: str
) -> Claim:  # fmt: skip
    """Give one's place to a colleague who may review it and is there."""
    request = store.locked(session, request_id)
    check_can_review(actor, request, airlock.members_of(session, request))
    policies.check_under_review(request)
    place = next((each for each in request.claims if each.checker == actor.name), None)
    if place is None:
        raise Conflict("You have no place at this request.", "Only who has a place hands it over.")
    text = required_text(note, "note", _NOTE)
    found = next((each for each in colleagues(airlock, session, request) if each.name == colleague), None)
    if found is None:
        raise BadInput(
            f"“{colleague[:40]}” cannot take this place.",
            "Name an output checker who does not belong to the project and has no place here yet.",
        )
    if found.away:
        raise Conflict(f"{colleague} is away.", "Choose a colleague who is there, or give the place up for anybody.")
    _give(session, place, colleague, by=actor.name, note=text, at=airlock.clock.now())
    record(
        session, actor, "release.handed_to", _SUBJECT, request.id, airlock.clock,
        checker=actor.name, colleague=colleague, words=sha256_hex(text.encode()),
    )  # fmt: skip
    return place


def take_back(airlock: Airlock, session: Session, actor: Actor, request_id: str) -> Claim:
    """Take a place back that one handed over, while the colleague has said nothing yet."""
    request = store.locked(session, request_id)
    check_can_review(actor, request, airlock.members_of(session, request))
    policies.check_under_review(request)
    place = returnable(request, actor.name)
    if place is None:
        raise Conflict(
            "There is no place to take back.", "A colleague who has begun keeps it; ask them to hand it over."
        )  # fmt: skip
    holder = place.checker
    _give(session, place, actor.name, by=None, note="", at=airlock.clock.now())
    record(
        session, actor, "release.handed_back", _SUBJECT, request.id, airlock.clock,
        checker=holder, colleague=actor.name,
    )  # fmt: skip
    return place


def returnable(request: ReleaseRequest, name: str) -> Claim | None:
    """The place that this person handed over and can still take back."""
    if name in request.checkers:
        return None
    return next((each for each in request.claims if each.handed_by == name and not begun(request, each)), None)


def begun(request: ReleaseRequest, place: Claim) -> bool:
    """Whether its checker has voted, commented or ticked since this turn and this place began."""
    start = begins(request, place)
    votes = (each.cast_at for file in request.files for each in file.votes if each.checker == place.checker)
    words = (each.written_at for each in request.comments if each.author == place.checker)
    return bool(place.checklist) or any(at >= start for at in (*votes, *words))


def begins(request: ReleaseRequest, place: Claim) -> datetime:
    """From when the place's days count: the claim, or the author's last submission."""
    return max(place.claimed_at, request.submitted_at or place.claimed_at)


def idle_until(request: ReleaseRequest, place: Claim) -> datetime | None:
    """When an unused place is freed; None for one that is used."""
    return None if begun(request, place) else policies.due_at(begins(request, place), IDLE_DAYS)


def idle(session: Session, now: datetime) -> list[str]:
    """Places (request/checker) whose days are over."""
    old = select(ReleaseRequest).where(ReleaseRequest.state.in_(UNDER_REVIEW), ReleaseRequest.submitted_at <= now)
    return [f"{request.id}/{place.checker}" for request in session.scalars(old) for place in _over(request, now)]


def expire(airlock: Airlock, session: Session, actor: Actor, request_id: str, checker: str) -> None:
    """The worker's: free a place that nobody used; its checker may take it again."""
    request = store.locked(session, request_id)
    policies.check_under_review(request)
    place = next((each for each in _over(request, airlock.clock.now()) if each.checker == checker), None)
    if place is None:
        raise NotAllowed("The place is used, or its days are not over.", "Nothing is to be done.")
    request.claims.remove(place)
    session.delete(place)
    record(session, actor, "release.place_expired", _SUBJECT, request.id, airlock.clock, checker=checker)


def _over(request: ReleaseRequest, now: datetime) -> Iterable[Claim]:
    for place in request.claims:
        until = idle_until(request, place)
        if until is not None and until <= now:
            yield place


def _give(session: Session, place: Claim, name: str, *, by: str | None, note: str, at: datetime) -> None:
    place.checker, place.handed_by, place.hand_note = name, by, note
    place.claimed_at, place.checklist = at, []
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict("They took a place here a moment ago.", "Reload the page.") from problem


def _places(session: Session) -> dict[str, int]:
    query = (
        select(Claim.checker)
        .join(ReleaseRequest, ReleaseRequest.id == Claim.request_id)
        .where(ReleaseRequest.state.in_(UNDER_REVIEW))
    )
    found: dict[str, int] = {}
    for name in session.scalars(query):
        found[name] = found.get(name, 0) + 1
    return found
