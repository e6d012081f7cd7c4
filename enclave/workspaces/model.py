"""Rows about workspaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.workspaces.states import SnapshotState

_STATES = ", ".join(f"'{state}'" for state in SnapshotState)


class ProjectRoom(Base):
    """What a project's labs may use, and whether its workspaces are sealed. No row: standard, open."""

    __tablename__ = "project_rooms"

    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    size: Mapped[str] = mapped_column(String(10))
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    certificate: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    """The signed envelope that lists what was destroyed; set once, when the project is closed."""


class Snapshot(Base):
    """One copy of one workspace."""

    __tablename__ = "snapshots"
    __table_args__ = (CheckConstraint(f"state IN ({_STATES})", name="state"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=SnapshotState.WANTED.value, index=True)
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    user: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    """Why it failed, or what became of the last restore."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
