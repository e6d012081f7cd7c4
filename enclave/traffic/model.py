"""The row about one session's traffic."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, JsonValue, UtcDateTime


class LabTraffic(Base):
    """One session's count, made by the gateway and kept by the portal."""

    __tablename__ = "lab_traffic"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The run of the lab, as the gateway names it."""
    user: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    alerted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    static: Mapped[int] = mapped_column(BigInteger, default=0)
    contents: Mapped[int] = mapped_column(BigInteger, default=0)
    kernel: Mapped[int] = mapped_column(BigInteger, default=0)
    other: Mapped[int] = mapped_column(BigInteger, default=0)
    up: Mapped[int] = mapped_column(BigInteger, default=0)
    """Bytes that came from the browser."""
    reads: Mapped[dict[str, list[int]]] = mapped_column(JsonValue)
    """Path in the workspace → [how often, bytes]; the first `PATHS` of them, the rest together under an empty path."""
    report: Mapped[str] = mapped_column(String(40), default="")
    """The last report that was added, so that one sent twice counts once."""
