"""The pack owner's word on rules that are seldom right: advice, or a rule again; each makes a new version of the pack.

A rule is proposed when checkers upheld less than 30 % of its last decisions (`precision`). Only then can it become
advice; it can become a rule again at any time. Versions count on: `1.1+2` is the pack 1.1 after its second decision.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from c2c_research.disclosure.policy import NEVER_ADVICE, load_pack, reference
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict
from enclave.core.ids import new_id
from output_review.drafting import required_text
from output_review.model import PolicyDecision
from output_review.precision import Precision, precisions


def history(session: Session, pack: str) -> list[PolicyDecision]:
    """All decisions on a pack, in their order."""
    return list(
        session.scalars(select(PolicyDecision).where(PolicyDecision.pack == pack).order_by(PolicyDecision.revision))
    )


def in_force(session: Session, pack: str) -> str:
    """The reference of the pack as its owner's decisions left it."""
    decided = history(session, pack)
    return reference(pack, decided[-1].revision if decided else 0, _advice(decided))


def decide(
    session: Session, actor: Actor, clock: Clock, pack: str, rule: str, *, advice: bool, reason: str
) -> PolicyDecision:
    """Turn a rule to advice, or back. Raises BadInput for what is no such rule, Conflict where nothing would change."""
    decided = history(session, pack)
    known = precisions(session, pack).get(rule, Precision(rule, 0, 0))
    if rule not in {each.kind for each in load_pack(pack).rules} - NEVER_ADVICE:
        raise BadInput(f"“{rule[:40]}” is no rule of this pack that can be advice.", "See the rules of the pack.")
    if (rule in _advice(decided)) == advice:
        raise Conflict("The rule is that already.", "Reload the page to see the pack as it is now.")
    if advice and not known.cries_wolf:
        raise Conflict(
            "Checkers uphold this rule often enough, or too little was decided.",
            "A rule can become advice when less than 30 % of its decisions were upheld.",
        )
    row = PolicyDecision(
        id=new_id("pol"), pack=pack, revision=len(decided) + 1, rule=rule, advice=advice,
        reason=required_text(reason, "reason", 2000), raised=known.raised, upheld=known.upheld,
        decided_by=actor.name, decided_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict("Somebody else decided on this pack a moment ago.", "Reload the page, then decide.") from problem
    record(
        session, actor, "policy.turned_to_advice" if advice else "policy.made_a_rule_again", "policy_pack", pack, clock,
        rule=rule, revision=row.revision, raised=known.raised, upheld=known.upheld, reason=row.reason,
    )  # fmt: skip
    return row


def _advice(decided: Iterable[PolicyDecision]) -> frozenset[str]:
    said = {each.rule: each.advice for each in decided}
    return frozenset(rule for rule, advice in said.items() if advice)
