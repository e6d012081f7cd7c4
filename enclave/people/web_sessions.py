"""Browser sessions of the portal: made after a login at the hub, ended by time, logout or suspension.

The browser holds a random secret; the database holds its digest only, so that a copy of the database logs nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from enclave.people.model import WebSession


def open_session(session: Session, user_id: str, now: datetime, life: timedelta) -> str:
    """Start a session for a user; returns the secret for the cookie."""
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    secret = secrets.token_urlsafe(32)
    session.add(WebSession(id=_digest(secret), user_id=user_id, created_at=now, expires_at=now + life))
    return secret


def session_user(session: Session, secret: str, now: datetime) -> str | None:
    """The user of a session that has not ended, else None."""
    row = session.get(WebSession, _digest(secret))
    return row.user_id if row is not None and row.expires_at > now else None


def close_session(session: Session, secret: str) -> None:
    """End a session; ending it twice is no error."""
    session.execute(delete(WebSession).where(WebSession.id == _digest(secret)))


def close_sessions_of(session: Session, user_id: str) -> None:
    """End every session of a user."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


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
