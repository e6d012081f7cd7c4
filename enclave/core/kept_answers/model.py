"""The row of a call that carries a key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, UtcDateTime


class KeptAnswer(Base):
    """One call by one caller under one key: what was asked, who works on it, and what was answered.

    `status` is empty as long as no answer was given; `body` is empty also where the answer is not kept.
    """

    __tablename__ = "kept_answers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the caller and the key: the key itself is not stored."""
    asked: Mapped[str] = mapped_column(String(64))
    """SHA-256 of method, address and body."""
    runner: Mapped[str] = mapped_column(String(40))
    """The process that works on it: a row of another process without an answer was interrupted."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)
