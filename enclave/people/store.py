"""Queries about people."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from enclave.people.model import SecondFactor, User


def list_users(session: Session, search: str = "") -> list[User]:
    """Everybody whose name, full name or e-mail contains the text, by login name."""
    query = select(User).order_by(User.id)
    if search:
        fields = (User.id, User.full_name, User.email)
        query = query.where(or_(*(field.icontains(search, autoescape=True) for field in fields)))
    return list(session.scalars(query))


def with_second_factor(session: Session) -> frozenset[str]:
    """The login names that have finished enrolment of a second factor."""
    return frozenset(session.scalars(select(SecondFactor.user_id).where(SecondFactor.confirmed_at.is_not(None))))
