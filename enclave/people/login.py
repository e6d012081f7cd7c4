"""Logging in: the password and, for who has one, the second factor; or the word of an identity provider.

Failures of either kind are counted, and many lock the account for a while. Which of the two was wrong is not said.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.secret_box import SecretBox
from enclave.people import second_factor
from enclave.people.model import User
from enclave.people.passwords import ALLOWED_FAILURES, LOCK, password_fits
from enclave.people.states import UserState


def authenticate(
    session: Session, clock: Clock, box: SecretBox, name: str, password: str, code: str = ""
) -> User | None:
    """The active user whose password (and second factor, where enrolled) this is, or None."""
    user = session.get(User, name)
    if not password_fits(user, password, clock.now()) or user is None or user.state != UserState.ACTIVE:
        _count_failure(session, clock, user)
        return None
    if second_factor.has_second_factor(session, user.id) and not second_factor.accept(
        session, clock, box, user.id, code
    ):
        _count_failure(session, clock, user)
        return None
    user.failed_logins = 0
    record(session, _actor(user), "user.logged_in", "user", user.id, clock)
    return user


def confirm(session: Session, clock: Clock, box: SecretBox, actor: Actor, password: str, code: str = "") -> bool:
    """Whether the person at the keyboard is still the one who logged in; asked before what cannot be undone."""
    return authenticate(session, clock, box, actor.name, password, code) is not None


def vouched(session: Session, clock: Clock, email: str) -> User | None:
    """The active user with this e-mail address, for whom an identity provider has vouched, or None."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None or user.state != UserState.ACTIVE:
        return None
    user.failed_logins = 0
    record(session, _actor(user), "user.logged_in", "user", user.id, clock, by="identity provider")
    return user


def _count_failure(session: Session, clock: Clock, user: User | None) -> None:
    if user is None:
        return
    user.failed_logins += 1
    if user.failed_logins % ALLOWED_FAILURES == 0:
        user.locked_until = clock.now() + LOCK
    service = Actor.service("portal")
    record(session, service, "user.login_failed", "user", user.id, clock, failures=user.failed_logins)


def _actor(user: User) -> Actor:
    return Actor(user.id, frozenset(user.roles))
