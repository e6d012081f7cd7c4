"""Use cases about agreements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.agreements import store
from enclave.agreements.model import DataUseAgreement, ParticipationAgreement, Provider
from enclave.agreements.permissions import check_can_manage_agreements
from enclave.agreements.policies import check_activation_allowed, in_force
from enclave.agreements.states import DATA_USE, PARTICIPATION, AgreementState, Route
from enclave.agreements.terms import Terms
from enclave.core.actions import Check
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput
from enclave.core.ids import new_id
from enclave.people.model import User
from enclave.people.roles import Role
from enclave.people.states import UserState


def draw_up(
    session: Session, actor: Actor, terms: Terms, clock: Clock, *, expires_at: datetime
) -> ParticipationAgreement:
    """A DRAFT agreement from terms; makes the provider known when it is not yet."""
    check_can_manage_agreements(actor)
    provider = session.get(Provider, terms.provider)
    if provider is None:
        provider = Provider(id=terms.provider, name=terms.name, kind=terms.kind.value, created_at=clock.now())
        session.add(provider)
        session.flush()
    earlier = [row for row in store.list_agreements(session) if row.provider == terms.provider]
    agreement = ParticipationAgreement(
        id=new_id("agr"),
        provider=provider.id,
        state=AgreementState.DRAFT.value,
        state_reason="",
        version=1 + max((row.version for row in earlier), default=0),
        signatory=terms.signatory,
        permitted_uses=list(terms.permitted_uses),
        year_from=terms.years[0],
        year_to=terms.years[1],
        elements=terms.elements,
        classes=terms.classes,
        pathways={name: pathway.model_dump() for name, pathway in terms.pathways.items()},
        extract_policy=terms.extract_policy.model_dump(),
        duties=list(terms.duties),
        retention_years=terms.retention_years,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    session.add(agreement)
    record(
        session, actor, "agreement.drawn_up", "participation_agreement", agreement.id, clock,
        provider=provider.id, version=agreement.version, elements=len(agreement.elements),
    )  # fmt: skip
    return agreement


def activate(session: Session, actor: Actor, agreement_id: str, clock: Clock) -> ParticipationAgreement:
    """Bring an agreement into force, or back into force; an older one of the provider that stands is terminated."""
    agreement = store.get_agreement(session, agreement_id)
    checks(actor, agreement, clock.now())["activate"]()
    older = store.standing(session, agreement.provider)
    if older is not None and older.id != agreement.id:
        PARTICIPATION.move(session, older, AgreementState.TERMINATED, actor, clock, replaced_by=agreement.id)
    PARTICIPATION.move(session, agreement, AgreementState.ACTIVE, actor, clock, provider=agreement.provider)
    agreement.state_reason = ""
    return agreement


def suspend(session: Session, actor: Actor, agreement_id: str, reason: str, clock: Clock) -> ParticipationAgreement:
    """Suspend an agreement. Extracts that hold its elements are revoked by ``enclave.extracts.withdrawal``."""
    return _end(session, actor, agreement_id, AgreementState.SUSPENDED, reason, clock)


def terminate(session: Session, actor: Actor, agreement_id: str, reason: str, clock: Clock) -> ParticipationAgreement:
    """End an agreement for good."""
    return _end(session, actor, agreement_id, AgreementState.TERMINATED, reason, clock)


def checks(actor: Actor, agreement: ParticipationAgreement, now: datetime) -> dict[str, Check]:
    """What is asked before each action about an agreement."""

    def move(to: AgreementState) -> None:
        check_can_manage_agreements(actor)
        PARTICIPATION.check(agreement.state, to)

    def activate() -> None:
        move(AgreementState.ACTIVE)
        check_activation_allowed(agreement, now)

    return {
        "activate": activate,
        "suspend": lambda: move(AgreementState.SUSPENDED),
        "terminate": lambda: move(AgreementState.TERMINATED),
    }


def expire_due(session: Session, actor: Actor, clock: Clock) -> list[ParticipationAgreement]:
    """Move agreements whose time is over to EXPIRED; returns them."""
    due = [
        row for row in store.list_agreements(session) if row.state in store.STANDING and clock.now() >= row.expires_at
    ]
    for row in due:
        PARTICIPATION.move(session, row, AgreementState.EXPIRED, actor, clock, provider=row.provider)
    return due


def route_of(session: Session, provider: str, table: str, column: str, now: datetime) -> Route:
    """How far an element may travel at this moment; NONE without an agreement in force."""
    agreement = store.standing(session, provider)
    if agreement is None or not in_force(agreement, now):
        return Route.NONE
    return agreement.route(table, column)


def is_permitted(session: Session, provider: str, table: str, column: str, route: Route, now: datetime) -> bool:
    """Whether an element may be used by this route at this moment."""
    return route_of(session, provider, table, column, now) >= route


def providers_in_force(session: Session, now: datetime) -> set[str]:
    """Codes of the providers whose agreement is in force at this moment."""
    return {row.provider for row in store.list_agreements(session) if in_force(row, now)}


def snapshot(session: Session) -> dict[str, Any]:
    """What the vault must know: agreements that stand, with their state, and who its stewards are."""
    agreements = [
        {
            "provider": row.provider,
            "state": row.state,
            "years": [row.year_from, row.year_to],
            "elements": dict(sorted(row.elements.items())),
        }
        for row in store.list_agreements(session)
        if row.state in store.STANDING
    ]
    users = session.scalars(select(User).where(User.state == UserState.ACTIVE.value).order_by(User.id))
    return {
        "agreements": agreements,
        "stewards": [user.id for user in users if Role.DATA_STEWARD in user.roles],
    }


def record_data_use(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    project: str,
    institution: str,
    signatory: str,
    request: str,
    request_digest: str,
    providers: list[str],
    expires_at: datetime,
) -> DataUseAgreement:
    """Record that the institution signed for a project; an earlier agreement of the project is terminated."""
    earlier = store.data_use_of(session, project)
    if earlier is not None and earlier.state in store.STANDING:
        DATA_USE.move(session, earlier, AgreementState.TERMINATED, actor, clock, reason="replaced")
    agreement = DataUseAgreement(
        id=new_id("dua"),
        project=project,
        state=AgreementState.DRAFT.value,
        institution=institution,
        signatory=signatory,
        request=request,
        request_digest=request_digest,
        providers=providers,
        signed_at=clock.now(),
        expires_at=expires_at,
    )
    session.add(agreement)
    session.flush()
    DATA_USE.move(session, agreement, AgreementState.ACTIVE, actor, clock, project=project, request=request)
    return agreement


def _end(
    session: Session, actor: Actor, agreement_id: str, target: AgreementState, reason: str, clock: Clock
) -> ParticipationAgreement:
    agreement = store.get_agreement(session, agreement_id)
    checks(actor, agreement, clock.now())["suspend" if target is AgreementState.SUSPENDED else "terminate"]()
    if not reason.strip():
        raise BadInput("This needs a reason.", "Say in a sentence why; it stands in the audit.")
    PARTICIPATION.move(session, agreement, target, actor, clock, provider=agreement.provider, reason=reason.strip())
    agreement.state_reason = reason.strip()[:500]
    return agreement
