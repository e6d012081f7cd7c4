"""Rows about jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.jobs.states import JobState

_STATES = ", ".join(f"'{state}'" for state in JobState)


class NotebookJob(Base):
    """One run of a researcher's notebook."""

    __tablename__ = "jobs"
    __table_args__ = (CheckConstraint(f"state IN ({_STATES})", name="state"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=JobState.QUEUED.value, index=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    """Why it failed or was stopped: a sentence of ours, never text of the notebook."""
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    user: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    notebook: Mapped[str] = mapped_column(String(300))
    """Below the workspace, or absolute below `/shared`."""
    parameters: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    output: Mapped[str] = mapped_column(String(300))
    """The executed copy, below the workspace."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its sandbox was first seen to run; one that is missing afterwards is not made again."""
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its sandbox was gone for good; until then it takes up room."""
