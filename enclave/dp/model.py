"""Rows of the privacy ledger. Losses are whole nano-rho and femto-delta; the database itself refuses to overspend."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.dp.states import EntryState

_LIVE = text("state != 'VOIDED'")


class PrivacyBudget(Base):
    """One purse of a project on an edition."""

    __tablename__ = "privacy_budgets"
    __table_args__ = (
        UniqueConstraint("project", "edition", "purse"),
        CheckConstraint("charged >= 0 AND charged <= total", name="never_above_total"),
        CheckConstraint("delta_charged >= 0 AND delta_charged <= delta_total", name="delta_never_above_total"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project: Mapped[str] = mapped_column(String(30))
    edition: Mapped[str] = mapped_column(String(20))
    purse: Mapped[str] = mapped_column(String(10))
    total: Mapped[int] = mapped_column(BigInteger)
    charged: Mapped[int] = mapped_column(BigInteger, default=0)
    delta_total: Mapped[int] = mapped_column(BigInteger, default=0)
    delta_charged: Mapped[int] = mapped_column(BigInteger, default=0)


class EditionCap(Base):
    """What all projects together may spend on an edition, and what is kept for its revisions (purse `revision`).

    The row `~all` sums the losses of all editions (`caps.EVERY`).
    """

    __tablename__ = "privacy_edition_caps"
    __table_args__ = (
        CheckConstraint("charged >= 0 AND charged <= total", name="never_above_total"),
        CheckConstraint("delta_charged >= 0 AND delta_charged <= delta_total", name="delta_never_above_total"),
        CheckConstraint(
            "revision_charged >= 0 AND revision_charged <= revision_total", name="revision_never_above_total"
        ),
    )

    edition: Mapped[str] = mapped_column(String(20), primary_key=True)
    total: Mapped[int] = mapped_column(BigInteger)
    charged: Mapped[int] = mapped_column(BigInteger, default=0)
    delta_total: Mapped[int] = mapped_column(BigInteger, default=0)
    delta_charged: Mapped[int] = mapped_column(BigInteger, default=0)
    revision_total: Mapped[int] = mapped_column(BigInteger, default=0)
    revision_charged: Mapped[int] = mapped_column(BigInteger, default=0)


class LedgerEntry(Base):
    """One charge. Of one question, a project has one entry an edition that is not voided.

    The answer to a question that was asked of the edition before is shared: `source` names the entry that was charged
    for it, and the cost is 0.
    """

    __tablename__ = "privacy_ledger"
    __table_args__ = (
        CheckConstraint("state IN ('RESERVED', 'SPENT', 'VOIDED')", name="state"),
        CheckConstraint("cost > 0 OR (cost = 0 AND source IS NOT NULL)", name="cost"),
        Index(
            "uq_privacy_ledger_question", "project", "edition", "digest",
            unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE,
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=EntryState.RESERVED.value, index=True)
    project: Mapped[str] = mapped_column(String(30), index=True)
    edition: Mapped[str] = mapped_column(String(20))
    purse: Mapped[str] = mapped_column(String(10))
    user: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64))
    policy_digest: Mapped[str] = mapped_column(String(64))
    specification: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    shares: Mapped[list[int]] = mapped_column(JsonValue)
    cost: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str | None] = mapped_column(String(40))
    cumulative: Mapped[int] = mapped_column(BigInteger)
    """What the project had been charged on the edition, this entry included."""
    delta: Mapped[int] = mapped_column(BigInteger, default=0)
    """Femto-delta charged: of questions whose groups are learned from data."""
    cumulative_delta: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[str] = mapped_column(String(64))
    """Digest of what was reserved; receipts name it."""
    reserved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cause: Mapped[str] = mapped_column(String(200), default="")
    """Why it was settled without an answer; empty otherwise."""
    answer: Mapped[dict[str, Any] | None] = mapped_column(JsonValue(none_as_null=True))
    """Columns, rows and the signed receipt: noisy, so the control zone may keep it."""


class JournalLine(Base):
    """One change of an edition's privacy budget; the chain of an edition's lines is its journal."""

    __tablename__ = "privacy_journal"
    __table_args__ = (UniqueConstraint("edition", "number"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    edition: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    project: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
