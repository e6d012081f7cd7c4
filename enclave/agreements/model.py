"""Rows about parties and agreements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from enclave.agreements.states import AgreementState, Route
from enclave.core.db import Base, JsonValue, UtcDateTime

_STATES = ", ".join(f"'{state}'" for state in AgreementState)


class Provider(Base):
    """A party; ``id`` is the short code that elements and folders carry."""

    __tablename__ = "providers"

    id: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def code(self) -> str:
        """The short code."""
        return self.id


class ParticipationAgreement(Base):
    """What one provider lets be done with its data. At most one of a provider is in force or suspended."""

    __tablename__ = "participation_agreements"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("year_from <= year_to", name="years"),
        Index(
            "uq_participation_agreements_standing",
            "provider",
            unique=True,
            sqlite_where=text("state IN ('ACTIVE', 'SUSPENDED')"),
            postgresql_where=text("state IN ('ACTIVE', 'SUSPENDED')"),
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    provider: Mapped[str] = mapped_column(ForeignKey("providers.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default=AgreementState.DRAFT.value)
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=1)
    signatory: Mapped[str] = mapped_column(String(200))
    permitted_uses: Mapped[list[str]] = mapped_column(JsonValue)
    year_from: Mapped[int]
    year_to: Mapped[int]
    elements: Mapped[dict[str, str]] = mapped_column(JsonValue)
    classes: Mapped[dict[str, str]] = mapped_column(JsonValue)
    pathways: Mapped[dict[str, dict[str, str]]] = mapped_column(JsonValue)
    extract_policy: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    duties: Mapped[list[str]] = mapped_column(JsonValue)
    retention_years: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def route(self, table: str, column: str) -> Route:
        """How far this element may travel by the text of the agreement, whatever its state."""
        return Route.named(self.elements.get(f"{table}.{column}", "none"))


class DataUseAgreement(Base):
    """What the requester's institution promised for one project."""

    __tablename__ = "data_use_agreements"
    __table_args__ = (CheckConstraint(f"state IN ({_STATES})", name="state"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project: Mapped[str] = mapped_column(String(30), index=True)
    state: Mapped[str] = mapped_column(String(12), default=AgreementState.DRAFT.value)
    institution: Mapped[str] = mapped_column(String(200))
    signatory: Mapped[str] = mapped_column(String(200))
    request: Mapped[str] = mapped_column(String(40))
    request_digest: Mapped[str] = mapped_column(String(64))
    providers: Mapped[list[str]] = mapped_column(JsonValue)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
