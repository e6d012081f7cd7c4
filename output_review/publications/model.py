"""The rows of the publication gate."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from enclave.core.db import Base, JsonValue, UtcDateTime
from output_review.publications.states import PublicationState


class Publication(Base):
    """A manuscript or report that rests on releases of one project; it is read at a link, or as a file (by SHA-256)."""

    __tablename__ = "publications"
    __table_args__ = (Index("ix_publications_state", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default=PublicationState.DRAFT.value)
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    author: Mapped[str] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(300))
    venue: Mapped[str] = mapped_column(String(200))
    link: Mapped[str] = mapped_column(String(500), default="")
    file_name: Mapped[str] = mapped_column(String(120), default="")
    file_sha256: Mapped[str] = mapped_column(String(64), default="")
    releases: Mapped[list[str]] = mapped_column(JsonValue)
    providers: Mapped[list[str]] = mapped_column(JsonValue)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    words: Mapped[list[ProviderWord]] = relationship(order_by="ProviderWord.provider", lazy="selectin")

    @property
    def silent(self) -> list[str]:
        """Providers who have said nothing yet."""
        return sorted(set(self.providers) - {word.provider for word in self.words})


class ProviderWord(Base):
    """What one provider said, once; an empty text is "no comment". The author may answer it."""

    __tablename__ = "publication_words"
    __table_args__ = (UniqueConstraint("publication", "provider"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    publication: Mapped[str] = mapped_column(ForeignKey("publications.id"))
    provider: Mapped[str] = mapped_column(String(30))
    said_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str]
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
