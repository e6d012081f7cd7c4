"""Totals that agencies have published: a reader knows them, so a hidden count must survive them.

A known total is what a published table says in numbers, for one project's persons or for those of all. It counts like a
released table in every comparison, and like one it is never opened again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from c2c_research.disclosure.statements import Statement
from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, NotFound
from enclave.core.ids import new_id
from output_review.model import KnownTotal

_SUBJECT = "known_total"


def add(
    session: Session, actor: Actor, clock: Clock, *, source: str, statements: Sequence[Any], project: str | None
) -> KnownTotal:
    """Load what a published table says. Raises BadInput where it has no counts or another form."""
    try:
        checked = [Statement.from_json(item).to_json() for item in statements]
    except (KeyError, TypeError, ValueError):
        raise BadInput("These are no statements of a table.", "Use `c2c known-totals add TABLE`.") from None
    if not checked or not source.strip():
        raise BadInput("A source and at least one count are needed.", "Say where it is published: --source.")
    row = KnownTotal(
        id=new_id("kno"), project_id=project, source=source.strip()[:200], statements=checked,
        added_by=actor.name, added_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    record(session, actor, "known_total.added", _SUBJECT, row.id, clock, project=project or "", source=row.source)
    return row


def listed(session: Session) -> list[KnownTotal]:
    """All known totals, the oldest first."""
    return list(session.scalars(select(KnownTotal).order_by(KnownTotal.id)))


def remove(session: Session, actor: Actor, clock: Clock, identity: str) -> None:
    """Take a known total out of later comparisons."""
    row = session.get(KnownTotal, identity)
    if row is None:
        raise NotFound("There is no such known total.", "`c2c known-totals list` shows them.")
    session.delete(row)
    record(session, actor, "known_total.removed", _SUBJECT, identity, clock, source=row.source)
