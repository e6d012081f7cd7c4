"""Proving that nobody changed the past."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from enclave.core.audit.record import GENESIS
from enclave.core.digests import canonical_json, sha256_hex


@dataclass(frozen=True)
class ChainReport:
    """What a walk along the chain found: how many events, the head's hash, and the first break if there is one."""

    events: int
    head: str
    broken_at: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.broken_at is None


def verify(session: Session) -> ChainReport:
    """Walk the whole chain, oldest first, and stop at the first event that does not follow.

    A chain that was cut at its end and is shorter than it was still holds: compare the head with one that was
    exported before.
    """
    previous, count = GENESIS, 0
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=1000)):
        count += 1
        if event.seq != count:
            return ChainReport(count - 1, previous, count, "an event is missing")
        if event.previous != previous:
            return ChainReport(count - 1, previous, event.seq, "the event does not follow the one before it")
        if event.hash != sha256_hex(canonical_json(event.content())):
            return ChainReport(count - 1, previous, event.seq, "the event was changed")
        previous = event.hash
        session.expunge(event)
    return ChainReport(count, previous)
