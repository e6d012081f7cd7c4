"""Reading the audit trail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent


@dataclass(frozen=True)
class Page:
    """Some events, newest first, and how many there are in all."""

    events: list[AuditEvent]
    total: int


def list_events(
    session: Session,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject_id: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Page:
    """Events that fit, newest first; `before` is the sequence number to go on from."""
    query = select(AuditEvent)
    if actor:
        query = query.where(AuditEvent.actor.contains(actor, autoescape=True))
    if action:
        query = query.where(AuditEvent.action.startswith(action, autoescape=True))
    if subject_id:
        query = query.where(AuditEvent.subject_id == subject_id)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    if before:
        query = query.where(AuditEvent.seq < before)
    events = list(session.scalars(query.order_by(AuditEvent.seq.desc()).limit(limit)))
    return Page(events, total)
