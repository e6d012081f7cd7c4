"""Rows about packages and images."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from enclave.core.db import Base, UtcDateTime
from enclave.images.states import PackageState

_STATES = ", ".join(f"'{state}'" for state in PackageState)


class PackageRequest(Base):
    """One package that a person asks for on behalf of a project. The database too keeps who decides apart."""

    __tablename__ = "package_requests"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="not_own"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=PackageState.REQUESTED.value, index=True)
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    requested_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    package: Mapped[str] = mapped_column(String(100), index=True)
    """The normalised name."""
    version: Mapped[str] = mapped_column(String(40), default="")
    """Empty: the newest that fits when an image is built."""
    purpose: Mapped[str] = mapped_column(String(1000))
    licence: Mapped[str] = mapped_column(String(200), default="")
    """As the person knows it; what the wheel says stands in the image's record."""
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(1000), default="")
    image: Mapped[str] = mapped_column(String(71), default="")
    """The first image that holds it."""


class ProjectImage(Base):
    """The image of a project's labs and reports: kept from the first start until somebody moves the pin."""

    __tablename__ = "project_images"

    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    image: Mapped[str] = mapped_column(String(71), index=True)
    """The engine's id: the digest of the image's configuration, which names its layers by digest."""
    name: Mapped[str] = mapped_column(String(60))
    tag: Mapped[str] = mapped_column(String(160))
    pinned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pinned_by: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(500), default="")
