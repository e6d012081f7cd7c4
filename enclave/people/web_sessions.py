"""Browser sessions of the portal: made after a login at the hub, ended by time, idleness, logout or suspension.

The browser holds a random secret; the database holds its digest only, so that a copy of the database logs nobody in.
Lifetimes follow NIST SP 800-63B-4 §2.2.3: a whole life and a shorter one without activity. What cannot be undone asks
for a *fresh* session: one whose person has proved who they are within the last minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from enclave.people.model import WebSession

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class OpenSession:
    """A session that has not ended."""

    id: str
    user: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    confirmed_at: datetime
    strong: bool
    browser: str

    @classmethod
    def of(cls, row: WebSession) -> OpenSession:
        return cls(
            row.id, row.user_id, row.created_at, row.seen_at, row.expires_at, row.confirmed_at, row.strong, row.browser
        )

    def is_fresh(self, now: datetime, within: timedelta) -> bool:
        """Whether the person proved who they are within this time."""
        return now - self.confirmed_at < within

    def wants_touch(self, now: datetime) -> bool:
        """Whether the activity is worth a write."""
        return now - self.seen_at >= _SEEN_EVERY


def open_session(
    session: Session, user_id: str, now: datetime, life: timedelta, *, strong: bool = False, browser: str = ""
) -> str:
    """Start a session for a user; returns the secret for the cookie."""
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    secret = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            id=_digest(secret), user_id=user_id, created_at=now, expires_at=now + life, seen_at=now, confirmed_at=now,
            strong=strong, browser=browser[:120],
        )
    )  # fmt: skip
    return secret


def find_session(session: Session, secret: str, now: datetime, idle: timedelta) -> OpenSession | None:
    """The session of a cookie's secret, unless it has ended or nothing happened in it for `idle`."""
    row = session.get(WebSession, _digest(secret))
    if row is None or row.expires_at <= now or now - row.seen_at >= idle:
        return None
    return OpenSession.of(row)


def touch_session(session: Session, session_id: str, now: datetime) -> None:
    """Note that somebody is there."""
    session.execute(update(WebSession).where(WebSession.id == session_id).values(seen_at=now))


def mark_confirmed(session: Session, session_id: str, now: datetime, *, strong: bool) -> None:
    """Note that the person has just proved who they are."""
    row = session.get(WebSession, session_id)
    if row is not None:
        row.confirmed_at, row.strong = now, row.strong or strong


def sessions_of(session: Session, user_id: str, now: datetime, idle: timedelta) -> list[OpenSession]:
    """A person's sessions that have not ended, the newest first."""
    query = select(WebSession).where(WebSession.user_id == user_id, WebSession.expires_at > now)
    rows = session.scalars(query.order_by(WebSession.created_at.desc()))
    return [OpenSession.of(row) for row in rows if now - row.seen_at < idle]


def close_session(session: Session, secret: str) -> None:
    """End a session; ending it twice is no error."""
    session.execute(delete(WebSession).where(WebSession.id == _digest(secret)))


def close_sessions_of(session: Session, user_id: str, but: str = "") -> None:
    """End every session of a user, less the one with the id `but`."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id, WebSession.id != but))


def csrf_token_for(secret: str) -> str:
    """The token that forms of this session carry: derived, so that nothing more is stored."""
    return hmac.new(secret.encode(), b"c2c form token", hashlib.sha256).hexdigest()


def session_id(secret: str) -> str:
    """The name of a browser's session, which is no secret: what it is stored under."""
    return _digest(secret)


def is_open(session: Session, user_id: str, name: str, now: datetime) -> bool:
    """Whether the session of this name is the user's and has not ended."""
    row = session.get(WebSession, name)
    return row is not None and row.user_id == user_id and row.expires_at > now


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
