"""For whom the veto is switched on, and for how many working days: the office's decisions, of which the last counts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict
from enclave.core.ids import new_id
from output_review.drafting import required_text
from output_review.model import VetoRule
from output_review.vetoes.policies import MOST_DAYS


def history(session: Session) -> list[VetoRule]:
    """Every decision, the newest first."""
    return list(session.scalars(select(VetoRule).order_by(VetoRule.id.desc())))


def in_force(session: Session) -> dict[str, int]:
    """Provider → working days, for those whose veto is on."""
    query = select(VetoRule.provider, VetoRule.days).order_by(VetoRule.revision)
    last: dict[str, int] = {}
    for provider, days in session.execute(query):
        last[provider] = days
    return {provider: days for provider, days in last.items() if days > 0}


def set_days(session: Session, actor: Actor, clock: Clock, provider: str, *, days: int, reason: str) -> VetoRule:
    """Switch a provider's veto on for `days` working days, or off with 0. It counts for approvals from now on."""
    if not 0 <= days <= MOST_DAYS:
        raise BadInput(f"A veto has at most {MOST_DAYS} working days.", f"Say 0 (off) to {MOST_DAYS}.")
    if in_force(session).get(provider, 0) == days:
        raise Conflict("It is so already.", "Reload the page to see the present rule.")
    count = len(session.scalars(select(VetoRule.id).where(VetoRule.provider == provider)).all())
    row = VetoRule(
        id=new_id("vru"), provider=provider, revision=count + 1, days=days,
        reason=required_text(reason, "reason", 2000), decided_by=actor.name, decided_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict("Somebody else decided on this a moment ago.", "Reload the page, then decide.") from problem
    record(
        session, actor, "veto.rule_set", "veto_rule", row.id, clock, provider=provider, days=days, reason=row.reason
    )  # fmt: skip
    return row
