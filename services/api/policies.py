"""Policy packs: their rules with precision, and what another pack would have said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fastapi import Query
from pydantic import BaseModel

from c2c_research.disclosure.policy import BadPolicy, Policy, load_pack, pack_names
from c2c_research.disclosure.rules import implemented
from enclave.core.errors import NotFound
from enclave.people.permissions import Permission
from output_review import pack_decisions, simulation
from output_review.precision import Precision, precisions
from services.airlock import airlock_of, checker_of
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by

router = GuardedRouter(prefix="/policies", tags=["policy"])


class PackView(BaseModel):
    """A pack's name, version and title."""

    name: str
    version: str
    title: str
    about: str


class RuleView(BaseModel):
    """A rule for its readers. `raised` and `upheld` are its last decisions; `cries_wolf` asks its owner to decide.

    `advice` says that its owner did: what it finds is said and asks for nothing.
    """

    kind: str
    status: str
    sentence: str
    source: str
    parameters: dict[str, Any]
    implemented: bool
    raised: int
    upheld: int
    cries_wolf: bool
    advice: bool


class DecisionView(BaseModel):
    """The owner's word on a rule, with what was known of it then."""

    revision: int
    rule: str
    advice: bool
    reason: str
    raised: int
    upheld: int
    decided_by: str
    decided_at: datetime


class PolicyView(PackView):
    """A pack with its rules, as its owner's decisions left them."""

    rules: list[RuleView]
    decisions: list[DecisionView]


class Word(BaseModel):
    """Advice, or a rule again, and why."""

    advice: bool
    reason: str


class SimulationView(BaseModel):
    """The checks that a simulation repeats, the newest first."""

    pack: str
    reports: list[str]


class ComparisonView(BaseModel):
    """One file, then and under the other pack."""

    request: str
    name: str
    before: str
    after: str
    rules_before: tuple[str, ...]
    rules_after: tuple[str, ...]
    changed: bool


@router.get("", permission=Permission.SIGNED_IN, order=by("name"))
def list_policies() -> list[PackView]:
    """The packs that can be named."""
    packs = [load_pack(name) for name in pack_names()]
    return [PackView(name=p.name, version=p.version, title=p.title, about=p.about) for p in packs]


@router.get("/{name}", permission=Permission.SIGNED_IN)
def show_policy(ctx: Ctx, name: str) -> PolicyView:
    """A pack's rules, with how often checkers upheld them of late."""
    pack = _pack(name)
    with ctx.database.read() as session:
        known = precisions(session, pack.name)
        now = load_pack(pack_decisions.in_force(session, pack.name))
        decided = [
            DecisionView(**{part: getattr(row, part) for part in DecisionView.model_fields})
            for row in pack_decisions.history(session, pack.name)
        ]
    advice = {rule.kind for rule in now.rules if rule.advice}
    return PolicyView(
        name=pack.name, version=now.version, title=pack.title, about=pack.about, decisions=decided,
        rules=[
            _rule_view(rule, known.get(rule.kind, Precision(rule.kind, 0, 0)), rule.kind in advice)
            for rule in pack.rules
        ],
    )  # fmt: skip


@router.post("/{name}/rules/{rule}", permission=Permission.POLICY_DECIDE, fresh=True)
def decide(ctx: Ctx, actor: CurrentActor, name: str, rule: str, body: Word) -> PolicyView:
    """Turn a rule that is seldom right to advice, or make it a rule again; holds for files checked from now on."""
    pack = _pack(name)
    with ctx.database.write() as session:
        pack_decisions.decide(
            session, actor, ctx.clock, pack.name, rule, advice=body.advice, reason=body.reason
        )  # fmt: skip
    return show_policy(ctx, name)


@router.get("/{name}/simulation", permission=Permission.PROJECTS_MANAGE)
def plan_simulation(ctx: Ctx, name: str, days: int = Query(365, ge=1, le=3660)) -> SimulationView:
    """Which checks of the last days a simulation repeats."""
    pack = _pack(name)
    with ctx.database.read() as session:
        reports = simulation.subjects(session, ctx.clock.now() - timedelta(days=days))
    return SimulationView(pack=pack.name, reports=reports)


@router.post("/{name}/simulation/{report}", permission=Permission.PROJECTS_MANAGE)
def simulate(ctx: Ctx, name: str, report: str) -> ComparisonView:
    """Repeat one check under this pack; nothing is kept."""
    pack = _pack(name)
    with ctx.database.read() as session:
        what = simulation.subject(session, report)
    found = simulation.simulate(airlock_of(ctx), checker_of(ctx), what, pack.name)
    return ComparisonView(**vars(found), changed=found.changed)


def _pack(name: str) -> Policy:
    """A pack as it ships, by its own name."""
    try:
        if name not in pack_names():
            raise BadPolicy(name)
        return load_pack(name)
    except BadPolicy as problem:
        raise NotFound(f"There is no policy pack “{name[:40]}”.", "See the list of packs.") from problem


def _rule_view(rule: Any, known: Precision, advice: bool) -> RuleView:
    return RuleView(
        kind=rule.kind, status=rule.status.word, sentence=rule.sentence, source=rule.source,
        parameters=dict(rule.parameters), implemented=implemented(rule.kind),
        raised=known.raised, upheld=known.upheld, cries_wolf=known.cries_wolf,
        advice=advice,
    )  # fmt: skip
