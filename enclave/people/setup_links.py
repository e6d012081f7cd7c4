"""Set-up links: how a person gets a first password, or a new one, without anybody else ever knowing it.

An administrator makes a link; it works once and for three days. The database holds its digest only.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import NotFound
from enclave.people.model import SetupLink, User
from enclave.people.passwords import check_password, hash_password
from enclave.people.permissions import check_can_manage_people
from enclave.people.service import get_user
from enclave.people.web_sessions import close_sessions_of

LIFE = timedelta(days=3)


def make_link(session: Session, actor: Actor, clock: Clock, name: str) -> str:
    """A new link's secret for a person; earlier links of theirs stop working."""
    check_can_manage_people(actor)
    user = get_user(session, name)
    session.execute(delete(SetupLink).where(SetupLink.user_id == user.id))
    secret = secrets.token_urlsafe(32)
    session.add(SetupLink(id=_digest(secret), user_id=user.id, expires_at=clock.now() + LIFE))
    record(session, actor, "user.setup_link_made", "user", user.id, clock, days=LIFE.days)
    return secret


def owner(session: Session, clock: Clock, secret: str) -> User:
    """The person whose link this is; NotFound when it was used, replaced or has expired."""
    link = session.get(SetupLink, _digest(secret))
    if link is None or link.used_at is not None or link.expires_at <= clock.now():
        raise NotFound("This link does not work any more.", "Ask an administrator of the enclave for a new one.")
    return get_user(session, link.user_id)


def use_link(session: Session, clock: Clock, secret: str, password: str) -> User:
    """Set the person's password; the link is used up, a lock is lifted, open sessions end."""
    user = owner(session, clock, secret)
    check_password(password, (user.id, user.full_name, user.email))
    unused = update(SetupLink).where(SetupLink.id == _digest(secret), SetupLink.used_at.is_(None))
    used = session.execute(unused.values(used_at=clock.now()))
    if not isinstance(used, CursorResult) or used.rowcount != 1:
        raise NotFound("This link has just been used.", "Log in with the password that was set.")
    user.password_hash, user.failed_logins, user.locked_until = hash_password(password), 0, None
    close_sessions_of(session, user.id)
    record(session, Actor(user.id, frozenset(user.roles)), "user.password_set", "user", user.id, clock, by="setup link")
    return user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
