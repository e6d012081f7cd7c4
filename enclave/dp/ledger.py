"""The privacy ledger: reserve before data is touched, then spend or give back. Never above a cap.

A charge is one conditional `UPDATE` a purse and one on the edition's cap, in one transaction; a CHECK stands behind
each. Reserving the same question again finds its entry and charges nothing. A question that another project has asked
of the edition gets an entry of its own that costs nothing and shares the answer: one question, one noisy answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Conflict, TooMany
from enclave.core.ids import new_id
from enclave.dp import store
from enclave.dp.loss import NANO, Loss
from enclave.dp.model import EditionCap, LedgerEntry, PrivacyBudget
from enclave.dp.policy import load_budgets
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


def open_purse(session: Session, actor: Actor, clock: Clock, project: str, edition: str, purse: str) -> PrivacyBudget:
    """The purse of a project on an edition; opened with the policy's amount when it is new."""
    found = store.budget(session, project, edition, purse)
    if found is not None:
        return found
    holds = load_budgets().opens_with(purse)
    made = PrivacyBudget(
        id=new_id("pbg"), project=project, edition=edition, purse=purse, total=holds.nano_rho, charged=0,
        delta_total=holds.femto_delta, delta_charged=0,
    )  # fmt: skip
    session.add(made)
    record(
        session, actor, "dp.budget_opened", "privacy_budget", made.id, clock,
        project=project, edition=edition, purse=purse, nano_rho=made.total,
    )  # fmt: skip
    return made


def open_cap(session: Session, actor: Actor, clock: Clock, edition: str) -> EditionCap:
    """The cap of an edition; set from the policy when it is new."""
    found = store.cap(session, edition)
    if found is not None:
        return found
    whole = load_budgets().edition_total
    made = EditionCap(edition=edition, total=whole.nano_rho, charged=0, delta_total=whole.femto_delta, delta_charged=0)
    session.add(made)
    record(session, actor, "dp.cap_opened", "edition", edition, clock, nano_rho=made.total)
    return made


def grant(
    session: Session, actor: Actor, clock: Clock, project: str, edition: str, purse: str, amount: Loss, reason: str
) -> PrivacyBudget:
    """Add to a purse. The caller has checked that the actor may."""
    row = open_purse(session, actor, clock, project, edition, purse)
    session.execute(
        update(PrivacyBudget).where(PrivacyBudget.id == row.id).values(total=PrivacyBudget.total + amount.nano_rho)
    )
    session.refresh(row)
    record(
        session, actor, "dp.budget_granted", "privacy_budget", row.id, clock,
        project=project, edition=edition, purse=purse, nano_rho=amount.nano_rho, reason=reason,
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
    _hold(session, question.edition)
    source = store.charged_entry(session, question.edition, question.digest)
    if source is not None:
        return _share(session, actor, clock, question, source), True
    row = open_purse(session, actor, clock, question.project, question.edition, question.purse)
    with session.begin_nested():  # both charges or none, also when the caller goes on after a refusal
        _charge(session, row, question)
    entry = _entry(session, actor, clock, question)
    record(
        session, actor, "dp.reserved", "ledger_entry", entry.id, clock,
        project=question.project, edition=question.edition, purse=question.purse,
        nano_rho=question.cost, question=question.digest, entry_hash=entry.hash,
        **({"femto_delta": question.delta} if question.delta else {}),
    )  # fmt: skip
    return entry, True


def _hold(session: Session, edition: str) -> None:
    """Lock the edition's cap, so that of two projects with the same question at once only one is charged."""
    whole = update(EditionCap).where(EditionCap.edition == edition).values(charged=EditionCap.charged)
    session.execute(whole.execution_options(synchronize_session=False))


def _share(session: Session, actor: Actor, clock: Clock, question: Question, source: LedgerEntry) -> LedgerEntry:
    entry = _entry(session, actor, clock, question, source.id)
    record(
        session, actor, "dp.shared", "ledger_entry", entry.id, clock,
        project=question.project, edition=question.edition, purse=question.purse,
        nano_rho=0, question=question.digest, entry_hash=entry.hash,
    )  # fmt: skip
    return entry


def spend(
    session: Session, actor: Actor, clock: Clock, entry: LedgerEntry, answer: dict[str, Any] | None, cause: str = ""
) -> None:
    """Charge an entry for good, with its answer or with the cause of having none."""
    ENTRY.move(session, entry, EntryState.SPENT, actor, clock, answered=answer is not None, cause=cause)
    entry.answer, entry.cause, entry.settled_at = answer, cause[:200], clock.now()


def void(session: Session, actor: Actor, clock: Clock, entry: LedgerEntry, cause: str) -> None:
    """Give a charge back: only when the research store has said that no data was or will be read for it."""
    ENTRY.move(session, entry, EntryState.VOIDED, actor, clock, cause=cause, nano_rho=entry.cost)
    entry.cause, entry.settled_at = cause[:200], clock.now()
    session.execute(
        update(PrivacyBudget)
        .where(
            PrivacyBudget.project == entry.project,
            PrivacyBudget.edition == entry.edition,
            PrivacyBudget.purse == entry.purse,
        )
        .values(charged=PrivacyBudget.charged - entry.cost, delta_charged=PrivacyBudget.delta_charged - entry.delta)
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        update(EditionCap)
        .where(EditionCap.edition == entry.edition)
        .values(charged=EditionCap.charged - entry.cost, delta_charged=EditionCap.delta_charged - entry.delta)
        .execution_options(synchronize_session="fetch")
    )


def _charge(session: Session, row: PrivacyBudget, question: Question) -> None:
    purse = (
        update(PrivacyBudget)
        .where(
            PrivacyBudget.id == row.id,
            PrivacyBudget.charged + question.cost <= PrivacyBudget.total,
            PrivacyBudget.delta_charged + question.delta <= PrivacyBudget.delta_total,
        )
        .values(
            charged=PrivacyBudget.charged + question.cost,
            delta_charged=PrivacyBudget.delta_charged + question.delta,
        )
    )
    if _changed(session, purse) != 1:
        if row.delta_charged + question.delta > row.delta_total:
            raise Conflict(
                f"The purse {question.purse} has no delta left for groups that are learned from data.",
                "Name the keys of the groups; such questions cost no delta of their own.",
            )
        raise Conflict(
            f"The purse {question.purse} has rho {(row.total - row.charged) / NANO:.6f} left, and this question "
            f"costs {question.cost / NANO:.6f}.",
            "Ask for a larger error, or ask the office for more with a reason.",
        )
    whole = (
        update(EditionCap)
        .where(
            EditionCap.edition == question.edition,
            EditionCap.charged + question.cost <= EditionCap.total,
            EditionCap.delta_charged + question.delta <= EditionCap.delta_total,
        )
        .values(charged=EditionCap.charged + question.cost, delta_charged=EditionCap.delta_charged + question.delta)
    )
    if _changed(session, whole) != 1:
        raise Conflict(
            "The edition has too little privacy budget left for this question.",
            "Ask for a larger error or name the keys, or ask the office when the next edition comes.",
        )


def _changed(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


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
