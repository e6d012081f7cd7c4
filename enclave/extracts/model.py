"""Rows about extracts (control side: counts, digests and states, never data)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.extracts.states import ExtractState

_STATES = ", ".join(f"'{state}'" for state in ExtractState)


class Extract(Base):
    """One version of a project's extract. At most one of a project is READY."""

    __tablename__ = "extracts"
    __table_args__ = (
        UniqueConstraint("project", "version"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index(
            "uq_extracts_ready",
            "project",
            unique=True,
            sqlite_where=text("state = 'READY'"),
            postgresql_where=text("state = 'READY'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default=ExtractState.QUEUED.value, index=True)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    edition: Mapped[str] = mapped_column(String(12))
    providers: Mapped[list[str]] = mapped_column(JsonValue)
    specification: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    specification_digest: Mapped[str] = mapped_column(String(64))
    requested_by: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    """What the builder answered: tables, risk, files with digests, problems."""
    destroy_wanted: Mapped[bool] = mapped_column(default=False)
    certificate: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
