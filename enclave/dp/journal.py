"""The journal: every change of an edition's privacy budget, a line each, chained by digests.

A line says what happened and what purse and caps hold after it. Its hash covers the one before, so nothing can be
changed, left out or put between; the trail names each hash, and an export carries a signature. An export for a project
shows other projects' lines by their digest only: the chain can be walked, the rest cannot be read.

An edition that was charged before there was a journal begins with what it held then (`carried`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.ids import new_id
from enclave.dp.model import EditionCap, JournalLine, LedgerEntry, PrivacyBudget

GENESIS = "0" * 64
OFFICE = "~edition"
"""Stands where a line concerns the edition and no project."""


def append(
    session: Session, actor: Actor, clock: Clock, edition: str, kind: str, project: str, **said: Any
) -> JournalLine:
    """Write down what has just been done, in its transaction. The caller holds the edition's cap row."""
    session.flush()
    last = session.scalars(
        select(JournalLine).filter_by(edition=edition).order_by(JournalLine.number.desc()).limit(1)
    ).one_or_none()
    at = clock.now()
    content = {"kind": kind, "at": at.isoformat(), "by": actor.label, "project": project, **said}
    number, previous = (last.number + 1, last.hash) if last else (1, GENESIS)
    digest = sha256_hex(canonical_json(content))
    line = JournalLine(
        id=new_id("dpj"), edition=edition, number=number, project=project, at=at, content=content, digest=digest,
        previous=previous, hash=link(edition, number, previous, digest),
    )  # fmt: skip
    session.add(line)
    session.flush()
    return line


def link(edition: str, number: int, previous: str, digest: str) -> str:
    """The hash of a line: of its place, the line before and its content's digest."""
    return sha256_hex(canonical_json([edition, number, previous, digest]))


def begin(session: Session, actor: Actor, clock: Clock, edition: str) -> None:
    """The first lines: the cap, and purses and open questions that are older than the journal."""
    if session.scalars(select(JournalLine.id).filter_by(edition=edition).limit(1)).one_or_none() is not None:
        return
    append(session, actor, clock, edition, "cap", OFFICE, **cap_said(session, edition))
    for row in session.scalars(select(PrivacyBudget).filter_by(edition=edition).order_by(PrivacyBudget.id)):
        append(session, actor, clock, edition, "carried", row.project, **purse_said(row))
    older = select(LedgerEntry).filter_by(edition=edition).where(LedgerEntry.state != "VOIDED")
    for entry in session.scalars(older.order_by(LedgerEntry.id)):
        append(
            session, actor, clock, edition, "carried_entry", entry.project, purse=entry.purse, entry=entry.id,
            entry_hash=entry.hash, nano_rho=entry.cost, state=entry.state,
        )  # fmt: skip


def entry_line(session: Session, actor: Actor, clock: Clock, kind: str, entry: LedgerEntry, **said: Any) -> JournalLine:
    """A line about a question, with what its purse and the caps hold after it."""
    row = session.scalars(
        select(PrivacyBudget)
        .filter_by(project=entry.project, edition=entry.edition, purse=entry.purse)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return append(
        session, actor, clock, entry.edition, kind, entry.project, entry=entry.id, entry_hash=entry.hash,
        nano_rho=entry.cost, femto_delta=entry.delta, **said, **(purse_said(row) if row else {"purse": entry.purse}),
        **cap_said(session, entry.edition),
    )  # fmt: skip


def purse_said(row: PrivacyBudget) -> dict[str, Any]:
    """What a purse holds."""
    return {"purse": row.purse, "total": row.total, "charged": row.charged}


def cap_said(session: Session, edition: str) -> dict[str, Any]:
    """What an edition's caps hold."""
    row = session.get(EditionCap, edition, populate_existing=True)
    if row is None:
        return {}
    return {
        "cap": {
            "total": row.total, "charged": row.charged, "revision_total": row.revision_total,
            "revision_charged": row.revision_charged,
        }
    }  # fmt: skip


def lines_of(session: Session, edition: str) -> list[JournalLine]:
    """An edition's journal, the oldest line first."""
    return list(session.scalars(select(JournalLine).filter_by(edition=edition).order_by(JournalLine.number)))
