"""Passwords: Argon2id, length before rules (NIST SP 800-63B §5.1.1), a lock after many failures."""

from __future__ import annotations

from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from enclave.core.errors import BadInput
from enclave.people.model import User

MINIMUM_LENGTH = 12
ALLOWED_FAILURES = 10
LOCK = timedelta(minutes=15)
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The Argon2id hash of a password that is long enough; BadInput otherwise."""
    if len(password) < MINIMUM_LENGTH:
        raise BadInput("The password is too short.", f"Use at least {MINIMUM_LENGTH} characters; a sentence is fine.")
    return _HASHER.hash(password)


def password_fits(user: User | None, password: str, now: datetime) -> bool:
    """Whether the password is this user's; takes as long for a name that nobody has."""
    known = user.password_hash if user and user.password_hash else _NOBODY
    locked = user is not None and user.locked_until is not None and user.locked_until > now
    try:
        _HASHER.verify(known, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return user is not None and not locked
