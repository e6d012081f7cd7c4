"""Rows about people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from enclave.core.db import Base, JsonValue, UtcDateTime
from enclave.people.states import UserState


class User(Base):
    """A person with an account. `id` is the login name, which is also the name at the hub."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(200), unique=True)
    roles: Mapped[list[str]] = mapped_column(JsonValue)
    state: Mapped[str] = mapped_column(String(12), default=UserState.ACTIVE.value)
    provider: Mapped[str | None] = mapped_column(String(10))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    trainings: Mapped[list[Training]] = relationship(
        back_populates="user", order_by="Training.completed_at", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def name(self) -> str:
        """The login name."""
        return self.id


class Training(Base):
    """A certificate: who completed which course, and until when it counts."""

    __tablename__ = "trainings"
    __table_args__ = (UniqueConstraint("user_id", "course", "completed_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    course: Mapped[str] = mapped_column(String(80))
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship(back_populates="trainings")


class WebSession(Base):
    """A browser's session at the portal; `id` is the digest of the cookie's secret.

    `confirmed_at` is when the person last proved who they are; `strong` says that this took two factors.
    """

    __tablename__ = "web_sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    strong: Mapped[bool] = mapped_column(default=False)
    browser: Mapped[str] = mapped_column(String(120), default="")


class SecondFactor(Base):
    """A person's authenticator secret, sealed; it counts from `confirmed_at`. `last_step` stops a second use."""

    __tablename__ = "second_factors"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(200))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """A code that replaces the second factor once; `id` is its digest."""

    __tablename__ = "recovery_codes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SetupLink(Base):
    """A link by which a person sets a password; `id` is the digest of its secret."""

    __tablename__ = "setup_links"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
