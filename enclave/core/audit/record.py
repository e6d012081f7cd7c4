"""Appending to the audit trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit.model import AuditEvent
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex

GENESIS = "0" * 64
_LOCK = 0x43324341


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: str,
    clock: Clock,
    **details: Any,
) -> AuditEvent:
    """Append one event inside the caller's transaction.

    `details` are JSON values: ids, counts, digests, states, reasons that people wrote; never a value out of a
    record. Writers take turns: SQLite by its write lock, PostgreSQL by an advisory lock until the commit.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    session.flush()
    last = session.execute(
        select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
    ).one_or_none()
    event = AuditEvent(
        seq=last.seq + 1 if last else 1,
        at=clock.now(),
        actor=actor.label,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        details=details,
        previous=last.hash if last else GENESIS,
    )
    event.hash = sha256_hex(canonical_json(event.content()))
    session.add(event)
    session.flush()
    return event
