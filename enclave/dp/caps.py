"""What bounds a charge: a project's purse, the edition's cap, and the cap of everybody over all editions.

Each is one conditional `UPDATE` with a CHECK behind it. A person is in many yearly editions, so what editions lost
adds up for the same person: `EVERY` is the row that sums it, whatever the edition, and the policy's `person_cap` bounds
it. A person who is in some editions only has lost less.

Whoever changes anything first holds the edition's row and everybody's (`open_cap`), before the audit trail's lock and
always in this order: changes happen one after another, and nobody waits in a circle.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, case, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import Conflict
from enclave.dp import journal, store
from enclave.dp.loss import NANO
from enclave.dp.model import EditionCap, LedgerEntry, PrivacyBudget
from enclave.dp.policy import load_budgets

EVERY = "~all"
"""Stands where a cap names its edition: the cap over all editions."""
REVISION = "revision"
"""The purse that pays from the part of an edition that is kept for its revisions."""


def open_cap(session: Session, actor: Actor, clock: Clock, edition: str) -> EditionCap:
    """The cap of an edition, held until the end of the transaction; set from the policy when it is new."""
    budgets = load_budgets()
    new = insert_once(
        session, EditionCap, edition=edition, total=budgets.edition_total.nano_rho, charged=0,
        delta_total=budgets.edition_total.femto_delta, delta_charged=0, revision_charged=0,
        revision_total=budgets.kept_for_revisions.nano_rho,
    )  # fmt: skip
    _changes(session, update(EditionCap).where(EditionCap.edition == edition).values(charged=EditionCap.charged))
    _hold_everybody(session)
    found = session.get(EditionCap, edition, populate_existing=True)
    assert found is not None
    if new:
        record(session, actor, "dp.cap_opened", "edition", edition, clock, nano_rho=found.total)
    journal.begin(session, actor, clock, edition)
    return found


def open_purse(session: Session, actor: Actor, clock: Clock, project: str, edition: str, purse: str) -> PrivacyBudget:
    """The purse of a project on an edition that is held; opened with the policy's amount when it is new."""
    found = store.budget(session, project, edition, purse)
    if found is not None:
        return found
    holds = load_budgets().opens_with(purse)
    made = PrivacyBudget(
        id=store.new_budget_id(), project=project, edition=edition, purse=purse, total=holds.nano_rho, charged=0,
        delta_total=holds.femto_delta, delta_charged=0,
    )  # fmt: skip
    session.add(made)
    line = journal.append(session, actor, clock, edition, "opened", project, **journal.purse_said(made))
    record(
        session, actor, "dp.budget_opened", "privacy_budget", made.id, clock,
        project=project, edition=edition, purse=purse, nano_rho=made.total, journal=line.hash,
    )  # fmt: skip
    return made


def charge(session: Session, purse: PrivacyBudget, cost: int, delta: int) -> None:
    """Charge purse, edition and everybody, or refuse with the one that has too little. In a savepoint."""
    with session.begin_nested():  # all charges or none, also when the caller goes on after a refusal
        _charge_purse(session, purse, cost, delta)
        _charge_edition(session, purse, cost, delta)
        _charge_everybody(session, cost, delta)


def give_back(session: Session, entry: LedgerEntry) -> None:
    """Take a charge back from all three."""
    purse = (
        update(PrivacyBudget)
        .where(
            PrivacyBudget.project == entry.project,
            PrivacyBudget.edition == entry.edition,
            PrivacyBudget.purse == entry.purse,
        )
        .values(charged=PrivacyBudget.charged - entry.cost, delta_charged=PrivacyBudget.delta_charged - entry.delta)
    )
    session.execute(purse.execution_options(synchronize_session="fetch"))
    for edition, used in ((entry.edition, _used(entry.purse)), (EVERY, "charged")):
        row = update(EditionCap).where(EditionCap.edition == edition)
        row = row.values(
            {used: getattr(EditionCap, used) - entry.cost, "delta_charged": EditionCap.delta_charged - entry.delta}
        )
        session.execute(row.execution_options(synchronize_session="fetch"))


def _hold_everybody(session: Session) -> None:
    """The row over all editions, held: what they lost so far when it is new, the policy's cap as it is today."""
    policy = load_budgets().person_total
    lost, delta = session.execute(
        select(
            func.coalesce(func.sum(EditionCap.charged + EditionCap.revision_charged), 0),
            func.coalesce(func.sum(EditionCap.delta_charged), 0),
        ).where(EditionCap.edition != EVERY)
    ).one()
    if session.get(EditionCap, EVERY) is None:
        insert_once(
            session, EditionCap, edition=EVERY, total=max(policy.nano_rho, int(lost)), charged=int(lost),
            delta_total=max(policy.femto_delta, int(delta)), delta_charged=int(delta), revision_total=0,
            revision_charged=0,
        )  # fmt: skip
    totals = {
        "total": _at_least(policy.nano_rho, EditionCap.charged),
        "delta_total": _at_least(policy.femto_delta, EditionCap.delta_charged),
    }
    _changes(session, update(EditionCap).where(EditionCap.edition == EVERY).values(totals))


def insert_once(session: Session, model: type[Any], **values: Any) -> bool:
    """Insert a row unless it is there, also when another transaction inserts it now; whether it was new."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(model).values(**values).on_conflict_do_nothing()
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1


def _charge_purse(session: Session, row: PrivacyBudget, cost: int, delta: int) -> None:
    statement = (
        update(PrivacyBudget)
        .where(
            PrivacyBudget.id == row.id,
            PrivacyBudget.charged + cost <= PrivacyBudget.total,
            PrivacyBudget.delta_charged + delta <= PrivacyBudget.delta_total,
        )
        .values(charged=PrivacyBudget.charged + cost, delta_charged=PrivacyBudget.delta_charged + delta)
    )
    if _changes(session, statement) == 1:
        return
    if row.delta_charged + delta > row.delta_total:
        raise Conflict(
            f"The purse {row.purse} has no delta left for groups that are learned from data.",
            "Name the keys of the groups; such questions cost no delta of their own.",
        )
    raise Conflict(
        f"The purse {row.purse} has rho {(row.total - row.charged) / NANO:.6f} left, and this question "
        f"costs {cost / NANO:.6f}.",
        "Ask for a larger error, or ask the office for more with a reason.",
    )


def _charge_edition(session: Session, purse: PrivacyBudget, cost: int, delta: int) -> None:
    used = _used(purse.purse)
    spent, total = getattr(EditionCap, used), getattr(EditionCap, used.replace("charged", "total"))
    statement = (
        update(EditionCap)
        .where(
            EditionCap.edition == purse.edition,
            spent + cost <= total,
            EditionCap.delta_charged + delta <= EditionCap.delta_total,
        )
        .values({used: spent + cost, "delta_charged": EditionCap.delta_charged + delta})
    )
    if _changes(session, statement) == 1:
        return
    if used == "revision_charged":
        raise Conflict(
            "The part of the edition that is kept for revisions has too little left for this question.",
            "Ask for a larger error, or ask the office when the next edition comes.",
        )
    raise Conflict(
        "The edition has too little privacy budget left for this question.",
        "Ask for a larger error or name the keys, or ask the office when the next edition comes.",
    )


def _charge_everybody(session: Session, cost: int, delta: int) -> None:
    statement = (
        update(EditionCap)
        .where(
            EditionCap.edition == EVERY,
            EditionCap.charged + cost <= EditionCap.total,
            EditionCap.delta_charged + delta <= EditionCap.delta_total,
        )
        .values(charged=EditionCap.charged + cost, delta_charged=EditionCap.delta_charged + delta)
    )
    if _changes(session, statement) == 1:
        return
    row = session.get(EditionCap, EVERY, populate_existing=True)
    assert row is not None
    raise Conflict(
        f"Over all yearly editions a person's data may lose rho {row.total / NANO:.6f} at most; "
        f"{row.charged / NANO:.6f} is used, and this question costs {cost / NANO:.6f}.",
        "Ask for a larger error, or use answers that were given already: they are free. "
        "Only a change of the privacy policy raises this cap.",
    )


def _used(purse: str) -> str:
    return "revision_charged" if purse == REVISION else "charged"


def _at_least(wanted: int, used: Any) -> Any:
    """The policy's total, and never less than what is used."""
    return case((used > wanted, used), else_=literal(wanted))


def _changes(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount
