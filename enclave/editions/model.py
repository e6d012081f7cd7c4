"""Rows about editions and about what the vault reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.editions.states import EditionState


class Edition(Base):
    """One published version of a linked year. `id` is `<year>r<revision>`."""

    __tablename__ = "editions"
    __table_args__ = (
        UniqueConstraint("year", "revision"),
        CheckConstraint("revision >= 1", name="revision_counts_from_one"),
    )

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(index=True)
    revision: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default=EditionState.DRAFT.value)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    manifest_digest: Mapped[str] = mapped_column(String(64))
    persons: Mapped[int] = mapped_column(BigInteger)
    quality: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    lineage: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    tables: Mapped[list[EditionTable]] = relationship(
        back_populates="edition", order_by="EditionTable.provider, EditionTable.name", cascade="all, delete-orphan"
    )


class EditionTable(Base):
    """One table of one provider in an edition.

    `columns` are dicts of name, type, codes, description, missing, kind and max_route (`events.ColumnOfEvent`).
    """

    __tablename__ = "edition_tables"
    __table_args__ = (UniqueConstraint("edition_id", "provider", "name"),)

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    edition_id: Mapped[str] = mapped_column(ForeignKey("editions.id"), index=True)
    provider: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(BigInteger)
    persons: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)
    edition: Mapped[Edition] = relationship(back_populates="tables")


class ContributionNotice(Base):
    """What the vault last said about one contribution."""

    __tablename__ = "contribution_notices"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    provider: Mapped[str] = mapped_column(String(10), index=True)
    year: Mapped[int] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(12))
    counts: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    digests: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MatchRunNotice(Base):
    """What the vault last said about one match run."""

    __tablename__ = "match_run_notices"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    year: Mapped[int] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(12))
    runner: Mapped[str] = mapped_column(String(60), default="")
    accepted_by: Mapped[str] = mapped_column(String(60), default="")
    counts: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    quality: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VaultEvent(Base):
    """An event of the vault that has been ingested; what makes ingestion happen once."""

    __tablename__ = "vault_events"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    type: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60))
    ingested_at: Mapped[datetime] = mapped_column(UtcDateTime)
