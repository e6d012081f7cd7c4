"""Appending to the audit trail."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ClauseElement, Table, event, select, text
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql import visitors

from enclave.core.actors import Actor
from enclave.core.audit.model import AuditEvent
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex

GENESIS = "0" * 64
_LOCK = 0x43324341
_PENDING = "audit events that this transaction will append"


@dataclass(frozen=True)
class _Pending:
    """An event whose place in the chain is not known yet."""

    actor: str
    action: str
    subject_type: str
    subject_id: str
    details: dict[str, Any]
    clock: Clock


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: str,
    clock: Clock,
    **details: Any,
) -> None:
    """Append one event to the caller's transaction: it stands if and only if that commits.

    `details` are JSON values: ids, counts, digests, states, reasons that people wrote; never a value out of a record.
    Writers take turns at the chain's end, SQLite by its write lock, PostgreSQL by an advisory lock. So that nobody
    waits for another's whole transaction, an event gets its place and time when the transaction commits, or when the
    transaction itself reads the trail; the lock is the last that it takes, so no two wait for each other.
    """
    if session.in_nested_transaction():
        raise RuntimeError("Record after the savepoint: what it undoes, the trail's order cannot.")
    pending = _Pending(actor.label, action, subject_type, subject_id, deepcopy(details), clock)
    session.info.setdefault(_PENDING, []).append(pending)
    session.flush()


def _append(session: Session) -> None:
    """Give what is pending its places at the end of the chain."""
    if _PENDING not in session.info or session.in_nested_transaction():
        return
    pending: list[_Pending] = session.info.pop(_PENDING)
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.execute(
        select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
    ).one_or_none()
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    for each in pending:
        seq += 1
        row = AuditEvent(
            seq=seq,
            at=each.clock.now(),
            actor=each.actor,
            action=each.action,
            subject_type=each.subject_type,
            subject_id=each.subject_id,
            details=each.details,
            previous=previous,
        )
        previous = row.hash = sha256_hex(canonical_json(row.content()))
        session.add(row)
    session.flush()


def _before_query(state: ORMExecuteState) -> None:
    if _PENDING in state.session.info and any(map(_is_trail, visitors.iterate(cast(ClauseElement, state.statement)))):
        _append(state.session)


def _is_trail(part: object) -> bool:
    return isinstance(part, Table) and part.name == AuditEvent.__tablename__


def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_PENDING, None)


event.listen(Session, "before_commit", _append)
event.listen(Session, "do_orm_execute", _before_query)
event.listen(Session, "after_rollback", _forget)
