"""What the trail holds of audits of the mechanism: written once an edition, and whenever somebody asks for one."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.audit.store import list_events
from enclave.core.clock import Clock
from enclave.editions import store as editions

FEWEST, MOST = 50, 5_000
"""Draws of each neighbour in an audit."""
HELD, REFUTED = "dp.audit_held", "dp.audit_refuted"


def write_down(session: Session, actor: Actor, clock: Clock, edition: str, result: dict[str, Any]) -> None:
    """Keep the result of an audit in the trail; a refuted claim is an event of its own, told to the office."""
    editions.edition(session, edition)
    action = HELD if result["holds"] else REFUTED
    record(
        session, actor, action, "edition", edition, clock, draws=result["draws"], findings=result["findings"],
    )  # fmt: skip


def latest(session: Session, edition: str) -> dict[str, Any] | None:
    """The newest audit of an edition: when, draws, findings and whether the claim held; None before the first."""
    events = list_events(session, action="dp.audit_", subject_id=edition, limit=1).events
    if not events:
        return None
    return {"at": events[0].at, "holds": events[0].action == HELD, **events[0].details}
