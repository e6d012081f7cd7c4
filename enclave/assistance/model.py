"""The row of an ask for assistance."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from enclave.assistance.states import AssistanceState
from enclave.core.db import Base, UtcDateTime

MOST_HOURS = 48
_STATES = ", ".join(f"'{state}'" for state in AssistanceState)


class Assistance(Base):
    """One ask. The database too keeps who asks, who is looked at and who overrules apart."""

    __tablename__ = "assistance"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"hours BETWEEN 1 AND {MOST_HOURS}", name="hours"),
        CheckConstraint("asked_by <> member", name="two_sides"),
        CheckConstraint("overruled_by IS NULL OR overruled_by NOT IN (asked_by, member)", name="two_persons"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=AssistanceState.ASKED.value, index=True)
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    member: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    asked_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500))
    hours: Mapped[int]
    urgent: Mapped[bool] = mapped_column(default=False)
    """Consent cannot be waited for, says who asks; without this nobody can overrule."""
    overruled_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    overruled_why: Mapped[str] = mapped_column(String(500), default="")
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Set when it opens; past this nothing can be read, whether or not the worker has noted the end."""
