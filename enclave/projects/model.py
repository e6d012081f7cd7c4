"""Rows about requests, decisions and projects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.projects.states import ProjectState, RequestState, Verdict


def _states(kind: type[RequestState] | type[Verdict] | type[ProjectState]) -> str:
    return "state IN (" + ", ".join(f"'{state}'" for state in kind) + ")"


class DataRequest(Base):
    """A request for individual-level data. ``form`` is the working copy; what was submitted is a version."""

    __tablename__ = "data_requests"
    __table_args__ = (CheckConstraint(_states(RequestState), name="state"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(14), default=RequestState.DRAFT.value, index=True)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    state_reason: Mapped[str] = mapped_column(String(2000), default="")
    requester: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    form: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    version: Mapped[int] = mapped_column(default=0)
    summary: Mapped[str] = mapped_column(String(4000), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    versions: Mapped[list[RequestVersion]] = relationship(order_by="RequestVersion.number", lazy="selectin")
    decisions: Mapped[list[ProviderDecision]] = relationship(order_by="ProviderDecision.provider", lazy="selectin")

    @property
    def title(self) -> str:
        """The title, as far as it is written."""
        return str(self.form.get("title") or "Untitled request")

    @property
    def project(self) -> str:
        """The short name of the project that it asks for, as far as it is written."""
        return str(self.form.get("project") or "")


class RequestVersion(Base):
    """What was submitted, unchangeable; decisions bind to its digest."""

    __tablename__ = "request_versions"
    __table_args__ = (UniqueConstraint("request_id", "number"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("data_requests.id"), index=True)
    number: Mapped[int]
    form: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    digest: Mapped[str] = mapped_column(String(64))
    submitted_by: Mapped[str] = mapped_column(String(60))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProviderDecision(Base):
    """One provider's say on one version."""

    __tablename__ = "provider_decisions"
    __table_args__ = (
        UniqueConstraint("request_id", "version", "provider"),
        CheckConstraint(_states(Verdict), name="state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("data_requests.id"), index=True)
    version: Mapped[int]
    provider: Mapped[str] = mapped_column(ForeignKey("providers.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=Verdict.PENDING.value)
    reason: Mapped[str] = mapped_column(String(2000), default="")
    decided_by: Mapped[str | None] = mapped_column(String(60))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Project(Base):
    """An approved project; ``id`` is its short name. ``form`` is the version that was approved last."""

    __tablename__ = "projects"
    __table_args__ = (CheckConstraint(_states(ProjectState), name="state"),)

    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=ProjectState.ACTIVE.value)
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    title: Mapped[str] = mapped_column(String(200))
    lead: Mapped[str] = mapped_column(ForeignKey("users.id"))
    institution: Mapped[str] = mapped_column(String(200))
    request_id: Mapped[str] = mapped_column(ForeignKey("data_requests.id"))
    request_version: Mapped[int]
    request_digest: Mapped[str] = mapped_column(String(64))
    form: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    providers: Mapped[list[str]] = mapped_column(JsonValue)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extract_version: Mapped[int | None]
    """The version of its extract that is READY; kept by ``enclave.extracts``, null when there is none."""
    members: Mapped[list[ProjectMember]] = relationship(
        order_by="ProjectMember.user", lazy="selectin", cascade="all, delete-orphan"
    )


class ProjectMember(Base):
    """A person on a project."""

    __tablename__ = "project_members"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    user: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
