"""Do purses, caps and ledger entries still say what the journal says, and the journal what the trail says?

The chain of the trail names the hash of every line of the journal, so a line cannot be changed, left out or added
beside it; the journal's sums are what the rows have to hold. Every difference is named with its edition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.audit import AuditEvent
from enclave.dp import journal
from enclave.dp.caps import EVERY
from enclave.dp.model import EditionCap, JournalLine, LedgerEntry, PrivacyBudget
from enclave.dp.verification import verify

_UNTOLD = frozenset({"cap", "carried", "carried_entry"})
"""Kinds of lines that begin a journal; the trail tells of them by other words or not at all."""
_ENDS = {"answered": "SPENT", "unanswered": "SPENT", "voided": "VOIDED", "reserved": "RESERVED", "shared": "RESERVED"}


def differences(session: Session) -> Iterator[tuple[str, str]]:
    """Each edition with what does not agree."""
    events = session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("dp.")))
    told = {event.details["journal"] for event in events if "journal" in event.details}
    caps = {row.edition: row for row in session.scalars(select(EditionCap))}
    for edition, row in sorted(caps.items()):
        if edition != EVERY:
            for what in _edition(session, row, told):
                yield edition, what
    kept = set(session.scalars(select(JournalLine.hash)))
    if told - kept:
        yield "all editions", f"{len(told - kept)} lines of the journal are gone that the trail names"
    lost = sum(row.charged + row.revision_charged for edition, row in caps.items() if edition != EVERY)
    if EVERY in caps and caps[EVERY].charged != lost:
        yield "all editions", f"they are charged {lost}, the cap over all says {caps[EVERY].charged}"


def _edition(session: Session, cap: EditionCap, told: set[str]) -> Iterator[str]:
    lines = journal.lines_of(session, cap.edition)
    if not lines:  # charged before there was a journal, and not since
        return
    shown = [
        {"number": each.number, "previous": each.previous, "digest": each.digest, "hash": each.hash,
         "content": each.content}
        for each in lines
    ]  # fmt: skip
    yield from verify(cap.edition, shown).problems
    for line in lines:
        if line.hash not in told and line.content.get("kind") not in _UNTOLD:
            yield f"line {line.number} of the journal is not in the trail"
    yield from _purses(session, cap.edition, lines)
    yield from _entries(session, cap.edition, lines)
    said = next((line.content["cap"] for line in reversed(lines) if "cap" in line.content), None)
    if said and (said["charged"], said["revision_charged"]) != (cap.charged, cap.revision_charged):
        yield f"the cap is charged {cap.charged}, the journal says {said['charged']}"


def _purses(session: Session, edition: str, lines: Sequence[JournalLine]) -> Iterator[str]:
    said = {
        (line.project, line.content["purse"]): (line.content["total"], line.content["charged"])
        for line in lines
        if "total" in line.content
    }
    rows = session.scalars(select(PrivacyBudget).filter_by(edition=edition))
    held = {(row.project, row.purse): (row.total, row.charged) for row in rows}
    for project, purse in sorted(set(said) | set(held)):
        if said.get((project, purse)) != held.get((project, purse)):
            yield f"the purse {purse} of {project} holds another amount than the journal says"


def _entries(session: Session, edition: str, lines: Sequence[JournalLine]) -> Iterator[str]:
    said: dict[str, tuple[str, int, str]] = {}
    for line in lines:
        content = line.content
        if "entry" in content:
            state = content["state"] if content["kind"] == "carried_entry" else _ENDS[content["kind"]]
            said[content["entry"]] = (state, content["nano_rho"], content["entry_hash"])
    rows = session.scalars(select(LedgerEntry).filter_by(edition=edition))
    held = {row.id: (row.state, row.cost, row.hash) for row in rows}
    for entry in sorted(set(said) | set(held)):
        if entry not in held:
            yield f"the ledger entry {entry} is gone"
        elif entry in said and said[entry] != held[entry]:
            yield f"the ledger entry {entry} is not as the journal says"
        elif entry not in said and held[entry][0] != "VOIDED":
            yield f"the journal knows no ledger entry {entry}"
