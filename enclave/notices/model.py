"""Rows of the inbox, the wishes, the absences, and how far the audit trail has been read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, UtcDateTime
from enclave.notices.states import MailWish, Weight


class Notice(Base):
    """One sentence for one person about one event; told once, however often the event is read."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("user_id", "event"),
        Index("ix_notices_inbox", "user_id", "id"),
        Index("ix_notices_unmailed", "mailed_at", "user_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    event: Mapped[int]
    """`seq` of the audit event."""
    text: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(200))
    """Where in the portal to go, below its base."""
    weight: Mapped[str] = mapped_column(String(10), default=Weight.ROUTINE.value)
    told_for: Mapped[str | None] = mapped_column(String(30))
    """Whose notice it is, when it came to somebody who stands in."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeWish(Base):
    """How a person wants their mail, and when their last daily message went out."""

    __tablename__ = "notice_wishes"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    mail: Mapped[str] = mapped_column(String(10), default=MailWish.AT_ONCE.value)
    digest_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Absence(Base):
    """Somebody is away until a moment; `stand_in` gets what waits for them meanwhile."""

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("stand_in IS NULL OR stand_in <> user_id", name="somebody_else"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    stand_in: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)


class ReadSoFar(Base):
    """How far the audit trail has been turned into notices; one row."""

    __tablename__ = "notices_read"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
