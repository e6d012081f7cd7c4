"""The privacy ledger: reserve before data is touched, then spend or give back. Never above a cap.

A charge is one conditional `UPDATE` a purse, one on the edition's cap and one on everybody's (`caps`), in one
transaction with its line in the journal; a CHECK stands behind each. Reserving the same question again finds its entry
and charges nothing. A question that another project has asked of the edition gets an entry of its own that costs
nothing and shares the answer: one question, one noisy answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Conflict, TooMany
from enclave.core.ids import new_id
from enclave.dp import caps, journal, store
from enclave.dp.caps import open_cap, open_purse
from enclave.dp.loss import Loss
from enclave.dp.model import LedgerEntry, PrivacyBudget
from enclave.dp.states import ENTRY, EntryState

MOST_OPEN = 50
"""Questions of a project that may await their answers at once."""


@dataclass(frozen=True)
class Question:
    """What is charged: whose, on which edition, from which purse, and the identity and price of the question."""

    project: str
    edition: str
    purse: str
    digest: str
    policy_digest: str
    specification: dict[str, Any]
    shares: tuple[int, ...]
    delta: int = 0

    @property
    def cost(self) -> int:
        return sum(self.shares)


def grant(
    session: Session, actor: Actor, clock: Clock, project: str, edition: str, purse: str, amount: Loss, reason: str
) -> PrivacyBudget:
    """Add to a purse. The caller has checked that the actor may."""
    return _change_total(session, actor, clock, ("granted", project, edition, purse), amount.nano_rho, reason)


def correct(
    session: Session, actor: Actor, clock: Clock, project: str, edition: str, purse: str, less: Loss, reason: str
) -> PrivacyBudget:
    """Take back a part of a purse that was granted and is not used; what is charged stays charged. Conflict: used."""
    return _change_total(session, actor, clock, ("corrected", project, edition, purse), -less.nano_rho, reason)


def _change_total(
    session: Session, actor: Actor, clock: Clock, what: tuple[str, str, str, str], more: int, reason: str
) -> PrivacyBudget:
    kind, project, edition, purse = what
    open_cap(session, actor, clock, edition)
    row = open_purse(session, actor, clock, project, edition, purse)
    session.refresh(row)
    if row.total + more < row.charged:
        raise Conflict("That much of the purse is used already.", "Take back no more than what is left.")
    session.execute(update(PrivacyBudget).where(PrivacyBudget.id == row.id).values(total=PrivacyBudget.total + more))
    session.refresh(row)
    line = journal.append(
        session, actor, clock, edition, kind, project, nano_rho=abs(more), reason=reason, **journal.purse_said(row)
    )
    record(
        session, actor, f"dp.budget_{kind}", "privacy_budget", row.id, clock,
        project=project, edition=edition, purse=purse, nano_rho=abs(more), reason=reason, journal=line.hash,
    )  # fmt: skip
    return row


def reserve(session: Session, actor: Actor, clock: Clock, question: Question) -> tuple[LedgerEntry, bool]:
    """The question's entry, and whether it is new and charged now. Conflict: not enough left.

    The caller commits before anything is sent to the data.
    """
    known = store.live_entry(session, question.project, question.edition, question.digest)
    if known is not None:
        return known, False
    if store.open_entries(session, question.project) >= MOST_OPEN:
        raise TooMany("Too many questions await their answers.", "Wait until some are answered.")
    open_cap(session, actor, clock, question.edition)
    known = store.live_entry(session, question.project, question.edition, question.digest)
    if known is not None:  # asked at the same moment by somebody who was faster
        return known, False
    source = store.charged_entry(session, question.edition, question.digest)
    if source is not None:
        return _share(session, actor, clock, question, source), True
    row = open_purse(session, actor, clock, question.project, question.edition, question.purse)
    caps.charge(session, row, question.cost, question.delta)
    entry = _entry(session, actor, clock, question)
    line = journal.entry_line(session, actor, clock, "reserved", entry)
    record(
        session, actor, "dp.reserved", "ledger_entry", entry.id, clock,
        project=question.project, edition=question.edition, purse=question.purse,
        nano_rho=question.cost, question=question.digest, entry_hash=entry.hash, journal=line.hash,
        **({"femto_delta": question.delta} if question.delta else {}),
    )  # fmt: skip
    return entry, True


def _share(session: Session, actor: Actor, clock: Clock, question: Question, source: LedgerEntry) -> LedgerEntry:
    entry = _entry(session, actor, clock, question, source.id)
    line = journal.entry_line(session, actor, clock, "shared", entry, source=source.id)
    record(
        session, actor, "dp.shared", "ledger_entry", entry.id, clock,
        project=question.project, edition=question.edition, purse=question.purse,
        nano_rho=0, question=question.digest, entry_hash=entry.hash, journal=line.hash,
    )  # fmt: skip
    return entry


def spend(
    session: Session, actor: Actor, clock: Clock, entry: LedgerEntry, answer: dict[str, Any] | None, cause: str = ""
) -> None:
    """Charge an entry for good, with its answer or with the cause of having none."""
    open_cap(session, actor, clock, entry.edition)
    entry.answer, entry.cause, entry.settled_at = answer, cause[:200], clock.now()
    if answer is None:
        line = journal.entry_line(session, actor, clock, "unanswered", entry, cause=entry.cause)
    else:
        receipt = sha256_hex(canonical_json(answer.get("receipt")))
        line = journal.entry_line(session, actor, clock, "answered", entry, receipt=receipt)
    told = {"answered": answer is not None, "cause": cause, "journal": line.hash}
    ENTRY.move(session, entry, EntryState.SPENT, actor, clock, **told)


def void(session: Session, actor: Actor, clock: Clock, entry: LedgerEntry, cause: str) -> None:
    """Give a charge back: only when the research store has said that no data was or will be read for it."""
    open_cap(session, actor, clock, entry.edition)
    ENTRY.check(entry.state, EntryState.VOIDED)
    entry.cause, entry.settled_at = cause[:200], clock.now()
    caps.give_back(session, entry)
    line = journal.entry_line(session, actor, clock, "voided", entry, cause=entry.cause)
    ENTRY.move(session, entry, EntryState.VOIDED, actor, clock, cause=cause, nano_rho=entry.cost, journal=line.hash)


def _entry(session: Session, actor: Actor, clock: Clock, question: Question, source: str | None = None) -> LedgerEntry:
    entry = LedgerEntry(
        id=new_id("dpe"),
        state=EntryState.RESERVED.value,
        project=question.project,
        edition=question.edition,
        purse=question.purse,
        user=actor.name,
        digest=question.digest,
        policy_digest=question.policy_digest,
        specification=question.specification,
        shares=list(question.shares),
        cost=0 if source else question.cost,
        source=source,
        cumulative=store.charged(session, question.project, question.edition),
        delta=0 if source else question.delta,
        cumulative_delta=store.charged_delta(session, question.project, question.edition),
        reserved_at=clock.now(),
        cause="",
    )
    entry.hash = sha256_hex(canonical_json(_content(entry)))
    session.add(entry)
    session.flush()
    return entry


def _content(entry: LedgerEntry) -> dict[str, Any]:
    names = ("id", "project", "edition", "purse", "user", "digest", "policy_digest", "shares", "cost", "cumulative")
    content = {name: getattr(entry, name) for name in names} | {"reserved_at": entry.reserved_at.isoformat()}
    return content | ({"delta": entry.delta} if entry.delta else {})
