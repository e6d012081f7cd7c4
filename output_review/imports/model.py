"""The rows of the import lane."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.core.digests import canonical_json, sha256_hex
from output_review.imports.states import EDITABLE, ImportKind, ImportState
from output_review.states import FindingStatus

_STATES = ", ".join(f"'{state}'" for state in ImportState)
_KINDS = ", ".join(f"'{kind}'" for kind in ImportKind)


class ImportRequest(Base):
    """Files that a project wants in its labs. The database too keeps who decides apart from who asks."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("decided_by IS NULL OR decided_by <> submitter", name="not_own"),
        UniqueConstraint("project", "place"),
        Index("ix_imports_state", "state", "submitted_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), default=ImportState.DRAFT.value)
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    submitter: Mapped[str] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(30))
    """The folder's name below `/imports`."""
    place: Mapped[str | None] = mapped_column(String(30))
    """The name as long as it is taken; empty once the import is refused or withdrawn, so that it can be used again."""
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(4000))
    purpose: Mapped[str] = mapped_column(String(2000))
    source: Mapped[str] = mapped_column(String(500))
    licence: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(2000), default="")
    """What the last decision says: a note, what to mend, why not."""
    digest: Mapped[str] = mapped_column(String(64), default="")
    """What the approval stands on; empty before."""
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    files: Mapped[list[ImportFile]] = relationship(
        order_by="ImportFile.name", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def editable(self) -> bool:
        return ImportState(self.state) in EDITABLE

    @property
    def content(self) -> str:
        """The digest of what is decided on: every file with its bytes, and what the import says of itself."""
        said = [self.project, self.kind, self.name, self.title, self.description, self.purpose, self.source]
        return sha256_hex(canonical_json([*said, self.licence, {file.name: file.sha256 for file in self.files}]))

    def file(self, name: str) -> ImportFile | None:
        return next((file for file in self.files if name in (file.name, file.id)), None)


class ImportFile(Base):
    """One file by its SHA-256, with the report of the checker on these bytes, once there is one."""

    __tablename__ = "import_files"
    __table_args__ = (UniqueConstraint("request", "name"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    request: Mapped[str] = mapped_column(ForeignKey("imports.id"), index=True)
    name: Mapped[str] = mapped_column(String(500))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_sha256: Mapped[str] = mapped_column(String(64), default="")
    """The bytes that the report is about; a report that is not complete leaves this empty."""
    tried: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(10), default=FindingStatus.REVIEW.value)
    policy: Mapped[str] = mapped_column(String(100), default="")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list)

    @property
    def checked(self) -> bool:
        return self.checked_sha256 == self.sha256

    def failing(self, rules: Mapping[str, str]) -> list[dict[str, Any]]:
        """The findings of these rules that fail."""
        return [each for each in self.findings if each["rule"] in rules and each["status"] == FindingStatus.FAIL.value]
