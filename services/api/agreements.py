"""Agreements with data providers; the signed snapshot that the vault works by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from enclave.agreements import service, store, terms
from enclave.agreements.model import ParticipationAgreement
from enclave.agreements.states import PARTICIPATION
from enclave.core.actions import allowed
from enclave.core.actors import Actor
from enclave.core.errors import BadInput
from enclave.core.signing import seal
from enclave.extracts import withdrawal
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.inputs import Moment
from services.api.paging import by

router = GuardedRouter(tags=["agreements"])
USUAL_LIFE = timedelta(days=3 * 365)
SNAPSHOT_LIFE = timedelta(days=2)


class AgreementSummary(BaseModel):
    """An agreement in a list."""

    id: str
    provider: str
    name: str
    kind: str
    state: str
    version: int
    expires_at: datetime
    elements: int
    reason: str
    allowed_actions: list[str]


class AgreementView(AgreementSummary):
    """A whole agreement."""

    signatory: str
    permitted_uses: list[str]
    years: list[int]
    retention_years: int
    routes: dict[str, dict[str, str]]
    pathways: dict[str, dict[str, str]]
    classes: dict[str, str]
    extract_policy: dict[str, Any]
    duties: list[str]
    allowed_states: list[str]


class NewAgreement(BaseModel):
    """The code of a provider with usual terms, or terms of one's own."""

    usual: str | None = None
    terms: dict[str, Any] | None = None
    expires_at: Moment | None = None


class ReasonBody(BaseModel):
    """Why."""

    reason: str


class WithdrawalView(BaseModel):
    """What followed from the end of an agreement."""

    agreement: str
    state: str
    revoked: list[str]
    rebuilt: list[str]
    waiting_projects: list[str]


def summary_of(row: ParticipationAgreement, party: tuple[str, str], actor: Actor, now: datetime) -> AgreementSummary:
    """The list entry of an agreement."""
    return AgreementSummary(**_common(row, party, actor, now))


def view_of(row: ParticipationAgreement, party: tuple[str, str], actor: Actor, now: datetime) -> AgreementView:
    """An agreement with its terms, elements by table."""
    routes: dict[str, dict[str, str]] = {}
    for element, route in sorted(row.elements.items()):
        table, column = element.split(".")
        routes.setdefault(table, {})[column] = route
    return AgreementView(
        **_common(row, party, actor, now),
        signatory=row.signatory,
        permitted_uses=row.permitted_uses,
        years=[row.year_from, row.year_to],
        retention_years=row.retention_years,
        routes=routes,
        pathways=row.pathways,
        classes=row.classes,
        extract_policy=row.extract_policy,
        duties=row.duties,
        allowed_states=sorted(PARTICIPATION.allowed(row.state)),
    )


@router.get("/agreements", permission=Permission.AGREEMENTS_MANAGE, order=by("provider", "id"))
def list_agreements(ctx: Ctx, actor: CurrentActor) -> list[AgreementSummary]:
    """All agreements by provider."""
    with ctx.database.read() as session:
        parties = {party.id: (party.name, party.kind) for party in store.list_providers(session)}
        rows = store.list_agreements(session)
        return [summary_of(row, parties[row.provider], actor, ctx.clock.now()) for row in rows]


@router.get("/agreements/{agreement_id}", permission=Permission.AGREEMENTS_MANAGE)
def show_agreement(ctx: Ctx, actor: CurrentActor, agreement_id: str) -> AgreementView:
    """One agreement."""
    with ctx.database.read() as session:
        row = store.get_agreement(session, agreement_id)
        party = store.get_provider(session, row.provider)
        return view_of(row, (party.name, party.kind), actor, ctx.clock.now())


@router.post("/agreements", permission=Permission.AGREEMENTS_MANAGE, status_code=201)
def draw_up(ctx: Ctx, actor: CurrentActor, body: NewAgreement) -> AgreementView:
    """A draft agreement from the usual terms of a provider, or from terms of one's own."""
    if (body.usual is None) == (body.terms is None):
        raise BadInput("Name a provider with usual terms, or send terms.", "One of the two.")
    chosen = terms.usual(body.usual) if body.usual else terms.parse(body.terms)
    with ctx.database.write() as session:
        expires = body.expires_at or ctx.clock.now() + USUAL_LIFE
        row = service.draw_up(session, actor, chosen, ctx.clock, expires_at=expires)
        return view_of(row, (chosen.name, chosen.kind.value), actor, ctx.clock.now())


@router.post("/agreements/{agreement_id}/activate", permission=Permission.AGREEMENTS_MANAGE, fresh=True)
def activate(ctx: Ctx, actor: CurrentActor, agreement_id: str) -> AgreementSummary:
    """Bring an agreement into force, or back into force."""
    with ctx.database.write() as session:
        row = service.activate(session, actor, agreement_id, ctx.clock)
        party = store.get_provider(session, row.provider)
        return summary_of(row, (party.name, party.kind), actor, ctx.clock.now())


@router.post("/agreements/{agreement_id}/suspend", permission=Permission.AGREEMENTS_MANAGE, fresh=True)
def suspend(ctx: Ctx, actor: CurrentActor, agreement_id: str, body: ReasonBody) -> WithdrawalView:
    """Suspend an agreement: in the same transaction its extracts are revoked."""
    with ctx.database.write() as session:
        return withdrawal_view(withdrawal.suspend_agreement(session, actor, agreement_id, body.reason, ctx.clock))


@router.post("/agreements/{agreement_id}/terminate", permission=Permission.AGREEMENTS_MANAGE, fresh=True)
def terminate(ctx: Ctx, actor: CurrentActor, agreement_id: str, body: ReasonBody) -> WithdrawalView:
    """End an agreement for good: in the same transaction its extracts are revoked."""
    with ctx.database.write() as session:
        return withdrawal_view(withdrawal.terminate_agreement(session, actor, agreement_id, body.reason, ctx.clock))


@router.get("/operator/vault-snapshot", permission=Permission.OPERATE)
def vault_snapshot(ctx: Ctx) -> dict[str, Any]:
    """Agreements and stewards, signed, for `vault-inbox/snapshot.json`."""
    with ctx.database.read() as session:
        return seal("vault.snapshot", service.snapshot(session), ctx.key, ctx.clock, SNAPSHOT_LIFE)


def withdrawal_view(done: withdrawal.Withdrawal) -> WithdrawalView:
    """What followed, by project and version."""
    return WithdrawalView(
        agreement=done.agreement.id,
        state=done.agreement.state,
        revoked=[f"{row.project}/{row.version}" for row in done.revoked],
        rebuilt=[f"{row.project}/{row.version}" for row in done.rebuilt],
        waiting_projects=list(done.stopped),
    )


def _common(row: ParticipationAgreement, party: tuple[str, str], actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "provider": row.provider,
        "name": party[0],
        "kind": party[1],
        "state": row.state,
        "version": row.version,
        "expires_at": row.expires_at,
        "elements": len(row.elements),
        "reason": row.state_reason,
        "allowed_actions": allowed(service.checks(actor, row, now)),
    }
