"""The revision of a thing: how many events about it the audit trail holds.

Every use case writes its audit row in the transaction of its change, so the count cannot be forgotten. A change may
name the revisions that its caller saw (`If-Match`, RFC 9110, 13.1.1); it is done to one of them or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from enclave.core.errors import Stale


def tags(if_match: str) -> list[str]:
    """`"7"`, several with commas between them, or `*`, which any revision fits: then, and for no header, none."""
    found = [tag.strip() for tag in if_match.split(",") if tag.strip()]
    return [] if "*" in found else [tag.removeprefix("W/").strip('"') for tag in found]


def revision_of(session: Session, kind: str, identity: str) -> int:
    """How often the thing was changed; 0 for one that the trail does not know."""
    query = select(func.count()).select_from(AuditEvent)
    return session.scalar(query.where(AuditEvent.subject_type == kind, AuditEvent.subject_id == identity)) or 0


def check_seen(session: Session, kind: str, identity: str, seen: Sequence[str]) -> None:
    """Stale unless the thing stands where its caller saw it. The caller of this has locked its row."""
    now = revision_of(session, kind, identity)
    if seen and str(now) not in seen:
        raise Stale("This was changed since you read it.", f"Read it again, then decide; its revision is now {now}.")
