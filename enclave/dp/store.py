"""Queries about budgets and the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from enclave.core.ids import new_id
from enclave.dp.model import EditionCap, LedgerEntry, PrivacyBudget
from enclave.dp.states import EntryState


def budget(session: Session, project: str, edition: str, purse: str) -> PrivacyBudget | None:
    """A purse, or None when it was never opened."""
    return session.scalars(select(PrivacyBudget).filter_by(project=project, edition=edition, purse=purse)).one_or_none()


def new_budget_id() -> str:
    """An id for a purse."""
    return new_id("pbg")


def budgets_of(session: Session, project: str, edition: str) -> list[PrivacyBudget]:
    """The purses of a project on an edition."""
    query = select(PrivacyBudget).filter_by(project=project, edition=edition)
    return list(session.scalars(query.order_by(PrivacyBudget.purse)))


def cap(session: Session, edition: str) -> EditionCap | None:
    """The cap of an edition, or None when nothing was asked of it yet."""
    return session.get(EditionCap, edition)


def charged(session: Session, project: str, edition: str) -> int:
    """Nano-rho charged to a project on an edition, over its purses."""
    query = select(func.coalesce(func.sum(PrivacyBudget.charged), 0)).filter_by(project=project, edition=edition)
    return int(session.scalar(query) or 0)


def charged_delta(session: Session, project: str, edition: str) -> int:
    """Femto-delta charged to a project on an edition, over its purses."""
    whole = func.coalesce(func.sum(PrivacyBudget.delta_charged), 0)
    return int(session.scalar(select(whole).filter_by(project=project, edition=edition)) or 0)


def entry(session: Session, entry_id: str) -> LedgerEntry:
    """One entry; NotFound where there is none."""
    found = session.get(LedgerEntry, entry_id)
    if found is None:
        raise NotFound("There is no such ledger entry.", "See the project's ledger.")
    return found


def live_entry(session: Session, project: str, edition: str, digest: str) -> LedgerEntry | None:
    """The entry of a question that was asked before and not voided."""
    query = select(LedgerEntry).filter_by(project=project, edition=edition, digest=digest)
    return session.scalars(query.where(LedgerEntry.state != EntryState.VOIDED.value)).one_or_none()


def charged_entry(session: Session, edition: str, digest: str) -> LedgerEntry | None:
    """The entry that was charged for a question, whoever asked, and that has an answer or awaits it."""
    query = select(LedgerEntry).filter_by(edition=edition, digest=digest, source=None)
    live = or_(LedgerEntry.state == EntryState.RESERVED.value, LedgerEntry.answer.is_not(None))
    return session.scalars(query.where(live).order_by(LedgerEntry.id).limit(1)).one_or_none()


def spent_by_project(session: Session, edition: str) -> list[tuple[str, int, int]]:
    """Of an edition, for each project: answered questions and nano-rho charged, the largest charge first."""
    charged = func.coalesce(func.sum(LedgerEntry.cost), 0)
    query = select(LedgerEntry.project, func.count(), charged).where(LedgerEntry.edition == edition)
    settled = query.where(LedgerEntry.state == EntryState.SPENT.value).group_by(LedgerEntry.project)
    rows = session.execute(settled.order_by(charged.desc(), LedgerEntry.project))
    return [(project, int(answers), int(nano_rho)) for project, answers, nano_rho in rows]


def asked_since(session: Session, project: str, user: str, moment: datetime) -> int:
    """How many questions of somebody were charged to a project since a moment."""
    query = select(func.count()).select_from(LedgerEntry).filter_by(project=project, user=user, source=None)
    return int(session.scalar(query.where(LedgerEntry.reserved_at >= moment)) or 0)


def entries_of(session: Session, project: str, limit: int | None = None) -> list[LedgerEntry]:
    """A project's entries, the newest first."""
    query = select(LedgerEntry).filter_by(project=project).order_by(LedgerEntry.id.desc()).limit(limit)
    return list(session.scalars(query))


def open_entries(session: Session, project: str) -> int:
    """How many questions of a project await their answer."""
    query = select(func.count()).select_from(LedgerEntry).filter_by(project=project, state=EntryState.RESERVED.value)
    return int(session.scalar(query) or 0)


def orphans(session: Session, before: datetime) -> list[str]:
    """Entries that have been waiting since before a moment."""
    query = select(LedgerEntry.id).filter_by(state=EntryState.RESERVED.value)
    return list(session.scalars(query.where(LedgerEntry.reserved_at < before).order_by(LedgerEntry.id)))
