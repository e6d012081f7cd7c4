"""The use cases of the veto: opened with an approval, answered by the provider, contested, decided, lapsed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.digests import sha256_hex
from enclave.core.errors import Conflict, NotAllowed, NotFound
from enclave.core.ids import new_id
from output_review import states as release_states
from output_review import store
from output_review.airlock import Airlock
from output_review.drafting import required_text
from output_review.model import ReleaseRequest, Veto
from output_review.permissions import check_is_author
from output_review.policies import due_at
from output_review.states import ReleaseState
from output_review.vetoes import rules
from output_review.vetoes.permissions import check_speaks_for, may_decide
from output_review.vetoes.policies import manifest_of
from output_review.vetoes.states import LIFECYCLE, SETTLED, STANDING, VetoState

_TEXT = 4000


def open_for(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> list[Veto]:
    """At an approval: a veto for each named provider whose rule is on and who has not let these very files pass."""
    manifest, now = manifest_of(request), airlock.clock.now()
    settled = {veto.provider for veto in request.vetoes if veto.state in SETTLED and veto.manifest == manifest}
    asked = {name: days for name, days in rules.in_force(session).items() if name in request.providers}
    made = [
        Veto(
            id=new_id("vet"), request_id=request.id, provider=provider, turn=request.turn, manifest=manifest,
            state=VetoState.OPEN.value, opened_at=now, due_at=due_at(now, days),
        )
        for provider, days in sorted(asked.items())
        if provider not in settled
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    if made:
        record(
            session, actor, "release.held", "release_request", request.id, airlock.clock,
            vetoes={veto.provider: veto.id for veto in made}, providers=[veto.provider for veto in made],
            until=max(veto.due_at for veto in made).isoformat(),
        )  # fmt: skip
    return made


def close(airlock: Airlock, session: Session, actor: Actor, request: ReleaseRequest) -> None:
    """The request goes back: who has not spoken is asked again after the next approval."""
    for veto in _rows(session, request.id, VetoState.OPEN):
        _move(airlock, session, actor, veto, request, VetoState.CLOSED)


def waive(airlock: Airlock, session: Session, actor: Actor, identity: str) -> Veto:
    """The provider has no objection, or takes its refusal back."""
    veto, request = _locked(session, identity)
    check_speaks_for(session, actor, veto, request, airlock.members_of(session, request))
    if veto.state == VetoState.OPEN:
        _check_in_time(veto, airlock.clock.now())
    _move(airlock, session, actor, veto, request, VetoState.WAIVED)
    veto.said_by, veto.said_at = actor.name, airlock.clock.now()
    return veto


def refuse(airlock: Airlock, session: Session, actor: Actor, identity: str, reason: str) -> Veto:
    """The provider refuses; the request goes back to its author with the reason."""
    veto, request = _locked(session, identity)
    check_speaks_for(session, actor, veto, request, airlock.members_of(session, request))
    _check_in_time(veto, airlock.clock.now())
    text = required_text(reason, "reason", _TEXT)
    _move(airlock, session, actor, veto, request, VetoState.REFUSED, words=sha256_hex(text.encode()))
    veto.reason, veto.said_by, veto.said_at = text, actor.name, airlock.clock.now()
    close(airlock, session, actor, request)
    release_states.LIFECYCLE.move(
        session, request, ReleaseState.RETURNED, actor, airlock.clock, turn=request.turn, veto=veto.id
    )
    request.decided_at, request.decided_by = airlock.clock.now(), actor.name
    request.decision_note = f"The provider {veto.provider} refuses the release: {text}"
    return veto


def contest(airlock: Airlock, session: Session, actor: Actor, identity: str, words: str) -> Veto:
    """The author asks the office to overrule a refusal, once."""
    veto, request = _locked(session, identity)
    check_is_author(actor, request)
    if request.state != ReleaseState.RETURNED or manifest_of(request) != veto.manifest:
        raise Conflict(
            "The request is not any more what the provider refused.", "Submit it; the provider is asked about it anew."
        )
    text = required_text(words, "reason", _TEXT)
    _move(airlock, session, actor, veto, request, VetoState.CONTESTED)
    veto.contest, veto.contested_at = text, airlock.clock.now()
    return veto


def decide(
    airlock: Airlock, session: Session, actor: Actor, identity: str, *, overrule: bool, reason: str
) -> Veto:  # fmt: skip
    """The office overrules the refusal or upholds it. Overruled, the author submits again, and the very same files
    are not held for this provider any more; the checkers' approval is asked for as ever."""
    veto, request = _locked(session, identity)
    if not may_decide(actor, request, airlock.members_of(session, request)):
        raise NotAllowed(
            "A refusal is overruled by the managing entity, by somebody outside the project.",
            "Leave it to a colleague.",
        )
    text = required_text(reason, "reason", _TEXT)
    _move(airlock, session, actor, veto, request, VetoState.OVERRULED if overrule else VetoState.UPHELD, reason=text)
    veto.answer, veto.answered_by, veto.answered_at = text, actor.name, airlock.clock.now()
    return veto


def lapse(airlock: Airlock, session: Session, actor: Actor, identity: str) -> Veto:
    """The worker's: the days are over and nobody refused."""
    veto, request = _locked(session, identity)
    if airlock.clock.now() < veto.due_at:
        raise Conflict("The provider may still refuse.", "Wait for the day that is given.")
    _move(airlock, session, actor, veto, request, VetoState.LAPSED)
    return veto


def due_ids(session: Session, now: datetime) -> list[str]:
    """Open vetoes whose days are over."""
    query = select(Veto.id).where(Veto.state == VetoState.OPEN.value, Veto.due_at <= now).order_by(Veto.due_at)
    return list(session.scalars(query))


def get(session: Session, identity: str) -> tuple[Veto, ReleaseRequest]:
    """The veto with its request, fresh from the database; NotFound when there is none."""
    veto = session.get(Veto, identity, populate_existing=True)
    if veto is None:
        raise NotFound("There is no such veto.", "See the list of those that concern you.")
    return veto, store.get(session, veto.request_id)


def listing(session: Session, provider: str | None, limit: int | None = 100) -> list[Veto]:
    """A provider's vetoes (None: everybody's), the newest first."""
    query = select(Veto).order_by(Veto.id.desc()).limit(limit)
    return list(session.scalars(query if provider is None else query.where(Veto.provider == provider)))


def waiting(session: Session, state: VetoState) -> list[tuple[Veto, ReleaseRequest]]:
    """Those in a state that somebody must act on, while their request is where the act has a sense."""
    needed = ReleaseState.APPROVED if state is VetoState.OPEN else ReleaseState.RETURNED
    rows = session.scalars(select(Veto).where(Veto.state == state.value).order_by(Veto.due_at))
    pairs = [(veto, store.get(session, veto.request_id)) for veto in rows]
    return [(veto, request) for veto, request in pairs if request.state == needed]


def contestable(request: ReleaseRequest, veto: Veto) -> bool:
    """Whether the author may still ask the office."""
    stands = veto.state == VetoState.REFUSED and request.state == ReleaseState.RETURNED
    return stands and veto.manifest == manifest_of(request)


def withdrawable(veto: Veto) -> bool:
    """Whether the provider can take a refusal back."""
    return veto.state in STANDING


def _locked(session: Session, identity: str) -> tuple[Veto, ReleaseRequest]:
    """The request stays locked until the commit: a refusal and the release exclude each other."""
    veto, _ = get(session, identity)
    request = store.locked(session, veto.request_id)
    session.refresh(veto)
    return veto, request


def _check_in_time(veto: Veto, now: datetime) -> None:
    if veto.state == VetoState.OPEN and now >= veto.due_at:
        raise Conflict(
            "The days to object are over; silence proceeds.",
            "Tell a senior checker if the release must be stopped or revoked.",
        )


def _rows(session: Session, request_id: str, state: VetoState) -> list[Veto]:
    return list(session.scalars(select(Veto).where(Veto.request_id == request_id, Veto.state == state.value)))


def _move(
    airlock: Airlock, session: Session, actor: Actor, veto: Veto, request: ReleaseRequest, state: VetoState,
    **details: str,
) -> None:  # fmt: skip
    LIFECYCLE.move(
        session, veto, state, actor, airlock.clock,
        release=request.id, project=request.project_id, provider=veto.provider, author=request.author, **details,
    )  # fmt: skip
