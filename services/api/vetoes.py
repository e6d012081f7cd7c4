"""Providers' vetoes of releases: the list, what a provider reads, its word, the author's and the office's, the rule
that switches it on, and what that would have cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.agreements import store as agreements
from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError, NotFound
from enclave.people.permissions import Permission, holds
from enclave.people.service import provider_of
from enclave.projects import store as projects
from output_review.model import ReleaseRequest, Veto, VetoRule
from output_review.render import Html, render
from output_review.vetoes import cost as costs
from output_review.vetoes import permissions, rules, service
from output_review.vetoes.policies import MOST_DAYS, manifest_of
from output_review.vetoes.states import LABEL, VetoState
from services.airlock import airlock_of
from services.api.context import Context
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import AS_IT_STANDS, newest

router = GuardedRouter(prefix="/vetoes", tags=["vetoes"])


class LeavingFile(BaseModel):
    """A file that would leave."""

    id: str
    name: str
    kind: str
    size: int
    sha256: str


class VetoView(BaseModel):
    """A provider's veto of one approved request, with what the provider may know of the request."""

    id: str
    release: str
    project: str
    title: str
    purpose: str
    author: str
    public: bool
    provider: str
    turn: int
    state: str
    label: str
    waits_for: str
    opened_at: datetime
    due_at: datetime
    said_by: str | None
    said_at: datetime | None
    reason: str
    contest: str
    contested_at: datetime | None
    answer: str
    answered_by: str | None
    answered_at: datetime | None
    files: list[LeavingFile]
    allowed_actions: list[str]

    @classmethod
    def of(cls, session: Session, actor: Actor, veto: Veto, request: ReleaseRequest, now: datetime) -> VetoView:
        plain = ("id", "provider", "turn", "state", "opened_at", "due_at", "said_by", "said_at", "reason", "contest",
                 "contested_at", "answer", "answered_by", "answered_at")  # fmt: skip
        return cls(
            **{name: getattr(veto, name) for name in plain}, release=request.id, project=request.project_id,
            title=request.title, purpose=request.purpose, author=request.author, public=request.public,
            label=LABEL[VetoState(veto.state)], waits_for=_waits_for(veto),
            files=[LeavingFile(**{name: getattr(file, name) for name in LeavingFile.model_fields})
                   for file in request.votable_files if veto.manifest == manifest_of(request)],
            allowed_actions=_actions(session, actor, veto, request, now),
        )  # fmt: skip


class RuleView(BaseModel):
    """One decision of the office on a provider's veto; 0 days: off."""

    provider: str
    days: int
    reason: str
    decided_by: str
    decided_at: datetime

    @classmethod
    def of(cls, row: VetoRule) -> RuleView:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class CostView(BaseModel):
    """What so many working days would have added to the releases that happened, in calendar days."""

    days: int
    releases: int
    held: int
    median: float
    p90: float
    longest: float
    usual: float


class ProviderView(BaseModel):
    """A provider, its rule, what it would cost, and what its vetoes did until now."""

    provider: str
    name: str
    days: int
    costs: list[CostView]
    opened: int
    refused: int
    overruled: int
    lapsed: int
    median_wait: float


class Switch(BaseModel):
    """On for so many working days, or off with 0; the reason is kept."""

    provider: str
    days: int
    reason: str


class Reason(BaseModel):
    """Why."""

    reason: str


class Decision(BaseModel):
    """The office's answer to a contested refusal."""

    overrule: bool
    reason: str


@router.get("", permission=Permission.USES_READ, order=newest("id"))
def list_vetoes(ctx: Ctx, actor: CurrentActor) -> list[VetoView]:
    """Those of the caller's provider, or all for those who oversee; the newest first."""
    with ctx.database.read() as session:
        found = service.listing(session, provider_of(session, actor) if _provider_only(actor) else None, None)
        pairs = [service.get(session, veto.id) for veto in found]
        return [
            VetoView.of(session, actor, veto, request, ctx.clock.now())
            for veto, request in pairs
            if permissions.may_read(session, actor, veto, request, projects.members(session, request.project_id))
        ]


@router.get("/rules", permission=Permission.USES_READ, order=newest("decided_at", "provider"))
def list_rules(ctx: Ctx, actor: CurrentActor) -> list[RuleView]:
    """The office's decisions, the newest first."""
    with ctx.database.read() as session:
        return [RuleView.of(row) for row in rules.history(session)]


@router.post("/rules", permission=Permission.POLICY_DECIDE, fresh=True, status_code=201)
def set_rule(ctx: Ctx, actor: CurrentActor, body: Switch) -> RuleView:
    """Switch a provider's veto on or off, for approvals from now on."""
    with ctx.database.write() as session:
        agreements.get_provider(session, body.provider)
        return RuleView.of(
            rules.set_days(session, actor, ctx.clock, body.provider, days=body.days, reason=body.reason)
        )  # fmt: skip


@router.get("/cost", permission=Permission.USES_READ, order=AS_IT_STANDS)
def show_cost(
    ctx: Ctx, actor: CurrentActor, days: Annotated[list[int], Query(min_length=1, max_length=5)] = list(costs.CHOICES),  # noqa: B006
) -> list[ProviderView]:  # fmt: skip
    """For each provider: its rule, and what a veto of so many working days would have added to past releases. The last
    row, `*`, is all providers at once."""
    wanted = sorted({min(max(each, 0), MOST_DAYS) for each in days})
    with ctx.database.read() as session:
        history, on = costs.past(session), rules.in_force(session)
        named = {row.id: row.name for row in agreements.list_providers(session)}
        found = [
            ProviderView(
                provider=code, name=name, days=on.get(code, 0), costs=_costs(history, [code], wanted),
                **asdict(costs.experience(session, code)),
            )
            for code, name in named.items()
        ]  # fmt: skip
        nothing = costs.Experience(0, 0, 0, 0, 0.0)
        return [
            *found,
            ProviderView(provider="*", name="All providers", days=0, costs=_costs(history, list(named), wanted),
                         **asdict(nothing)),
        ]  # fmt: skip


@router.get("/{veto}", permission=Permission.SIGNED_IN)
def show(ctx: Ctx, actor: CurrentActor, veto: str) -> VetoView:
    """One veto."""
    return view(ctx, actor, veto)


@router.get("/{veto}/files/{file}", permission=Permission.REQUESTS_DECIDE)
def content(ctx: Ctx, actor: CurrentActor, veto: str, file: str) -> dict[str, str]:
    """A leaving file (its id) as safe HTML, for the provider's reviewers while its veto concerns these files."""
    found = contents(ctx, actor, veto)
    if file not in found:
        raise NotFound("There is no such file to read here.", "See the files that the veto lists.")
    return {"file": file, "html": found[file]}


@router.post("/{veto}/waive", permission=Permission.REQUESTS_DECIDE)
def waive(ctx: Ctx, actor: CurrentActor, veto: str) -> VetoView:
    """The provider has no objection, or takes its refusal back."""
    return act(ctx, actor, veto, service.waive)


@router.post("/{veto}/refuse", permission=Permission.REQUESTS_DECIDE, fresh=True)
def refuse(ctx: Ctx, actor: CurrentActor, veto: str, body: Reason) -> VetoView:
    """The provider refuses; the request goes back to its author with the reason."""
    return act(ctx, actor, veto, service.refuse, body.reason)


@router.post("/{veto}/contest", permission=Permission.SIGNED_IN)
def contest(ctx: Ctx, actor: CurrentActor, veto: str, body: Reason) -> VetoView:
    """The author asks the office to overrule a refusal, once."""
    return act(ctx, actor, veto, service.contest, body.reason)


@router.post("/{veto}/decision", permission=Permission.POLICY_DECIDE, fresh=True)
def decide(ctx: Ctx, actor: CurrentActor, veto: str, body: Decision) -> VetoView:
    """The office overrules the refusal or upholds it."""
    return act(ctx, actor, veto, service.decide, overrule=body.overrule, reason=body.reason)


def act(
    ctx: Context, actor: Actor, veto: str, use_case: Callable[..., Any], *values: Any, **named: Any
) -> VetoView:  # fmt: skip
    """Do a use case in a transaction and show what became of the veto."""
    view(ctx, actor, veto)
    with ctx.database.write() as session:
        use_case(airlock_of(ctx), session, actor, veto, *values, **named)
    return view(ctx, actor, veto)


def view(ctx: Context, actor: Actor, veto: str) -> VetoView:
    """The veto for those who may read it; NotFound for others."""
    with ctx.database.read() as session:
        found, request = service.get(session, veto)
        permissions.check_may_read(session, actor, found, request, projects.members(session, request.project_id))
        return VetoView.of(session, actor, found, request, ctx.clock.now())


def contents(ctx: Context, actor: Actor, veto: str) -> dict[str, Html]:
    """File id → safe HTML of what would leave, for the provider's reviewers while they can say something; no findings,
    no votes, no comments, no supporting files."""
    blobs = airlock_of(ctx).blobs
    shown: dict[str, Html] = {}
    with ctx.database.read() as session:
        found, request = service.get(session, veto)
        permissions.check_speaks_for(session, actor, found, request, projects.members(session, request.project_id))
        if not {"waive", "refuse"} & set(_actions(session, actor, found, request, ctx.clock.now())):
            return {}
        # what the author has in hand since is a draft, and nobody's to read
        for file in request.votable_files if found.manifest == manifest_of(request) else []:
            try:
                shown[file.id] = render(file.name, blobs.read(file.sha256), [])
            except EnclaveError as problem:
                shown[file.id] = render("problem.txt", f"{problem.message} {problem.advice}".encode())
    return shown


def _costs(history: list[costs.Past], providers: list[str], days: list[int]) -> list[CostView]:
    return [CostView(**asdict(costs.cost(history, providers, each))) for each in days]


def _provider_only(actor: Actor) -> bool:
    return actor.kind == "user" and holds(actor, Permission.REQUESTS_DECIDE) and not actor.has(*permissions.OVERSEERS)


def _waits_for(veto: Veto) -> str:
    return {VetoState.OPEN: "provider", VetoState.CONTESTED: "managing entity"}.get(VetoState(veto.state), "nobody")


def _actions(session: Session, actor: Actor, veto: Veto, request: ReleaseRequest, now: datetime) -> list[str]:
    members = projects.members(session, request.project_id)
    found: list[str] = []
    if permissions.speaks_for(session, actor, veto, request, members):
        in_time = veto.state == VetoState.OPEN and now < veto.due_at
        found += ["waive", "refuse"] if in_time else ["waive"] if service.withdrawable(veto) else []
    if actor.kind == "user" and actor.name == request.author and service.contestable(request, veto):
        found.append("contest")
    if veto.state == VetoState.CONTESTED and permissions.may_decide(actor, request, members):
        found.append("decide")
    return found
