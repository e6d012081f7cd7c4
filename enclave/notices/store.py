"""Queries about notices, wishes and absences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from enclave.notices.model import Absence, Notice, NoticeWish
from enclave.notices.states import MailWish, Weight

PAGE = 50


@dataclass(frozen=True)
class Inbox:
    """Some notices of a person, newest first; `older` is where the next page begins."""

    notices: list[Notice]
    unread: int
    older: str | None


def inbox(
    session: Session, user: str, before: str | None = None, *, unread_only: bool = False, limit: int = PAGE
) -> Inbox:
    """A page of a person's notices."""
    query = select(Notice).where(Notice.user_id == user)
    if unread_only:
        query = query.where(Notice.read_at.is_(None))
    if before:
        query = query.where(Notice.id < before)
    rows = list(session.scalars(query.order_by(Notice.id.desc()).limit(limit + 1)))
    shown = rows[:limit]
    return Inbox(shown, unread_count(session, user), shown[-1].id if len(rows) > limit else None)


def unread_count(session: Session, user: str) -> int:
    """How many notices a person has not read."""
    query = select(func.count()).select_from(Notice).where(Notice.user_id == user, Notice.read_at.is_(None))
    return session.scalar(query) or 0


def wish_of(session: Session, user: str) -> MailWish:
    """How the person wants mail; at once unless they said otherwise."""
    row = session.get(NoticeWish, user)
    return MailWish.AT_ONCE if row is None else MailWish(row.mail)


def unmailed(session: Session, limit: int = 500) -> list[str]:
    """Ids of notices that no message has carried and that wait for no daily one, oldest first."""
    wish = NoticeWish.mail
    at_once = or_(Notice.weight == Weight.SECURITY.value, wish.is_(None), wish != MailWish.DAILY.value)
    query = select(Notice.id).outerjoin(NoticeWish, NoticeWish.user_id == Notice.user_id)
    return list(session.scalars(query.where(Notice.mailed_at.is_(None), at_once).order_by(Notice.id).limit(limit)))


def absence_of(session: Session, user: str, now: datetime) -> Absence | None:
    """The person's absence when it covers this moment."""
    row = session.get(Absence, user)
    return row if row is not None and row.since <= now < row.until else None


def planned_absence(session: Session, user: str, now: datetime) -> Absence | None:
    """The person's absence that has not ended, begun or not."""
    row = session.get(Absence, user)
    return row if row is not None and now < row.until else None


def stood_in_for(session: Session, user: str, now: datetime) -> list[str]:
    """For whom the person stands in at this moment."""
    query = select(Absence.user_id).where(Absence.stand_in == user, Absence.since <= now, Absence.until > now)
    return sorted(session.scalars(query))


def away(session: Session, users: Iterable[str], now: datetime) -> dict[str, Absence]:
    """Who of them is away at this moment."""
    query = select(Absence).where(Absence.user_id.in_(list(users)), Absence.since <= now, Absence.until > now)
    return {row.user_id: row for row in session.scalars(query)}
