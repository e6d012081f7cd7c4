"""Rows about report runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.reports.states import RunState

_STATES = ", ".join(f"'{state}'" for state in RunState)


class ReportRun(Base):
    """One run of a registered report for a project."""

    __tablename__ = "report_runs"
    __table_args__ = (CheckConstraint(f"state IN ({_STATES})", name="state"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=RunState.QUEUED.value, index=True)
    reason: Mapped[str] = mapped_column(String(500), default="")
    template: Mapped[str] = mapped_column(String(30))
    notebook_digest: Mapped[str] = mapped_column(String(64))
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    author: Mapped[str] = mapped_column(ForeignKey("users.id"))
    """The member in whose name the outputs are submitted."""
    extract_version: Mapped[int]
    parameters: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outputs: Mapped[dict[str, str]] = mapped_column(JsonValue, default=dict)
    """File name → SHA-256."""
    release: Mapped[str | None] = mapped_column(String(40))
    """The draft release request that the outputs became."""
