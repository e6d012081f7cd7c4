"""Passwords as NIST SP 800-63B-4 §3.1.1 asks: length before rules, no common ones, Argon2id, a lock after failures.

Fifteen characters at least, because a password may be the only factor in the demo; no rules about kinds of characters
and no expiry. A password is refused when it is commonly used or built from the person's own names: `zxcvbn` knows the
lists and says how many guesses a password stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from enclave.core.errors import BadInput
from enclave.people.model import User

MINIMUM_LENGTH = 15
MAXIMUM_LENGTH = 256
ALLOWED_FAILURES = 10
LOCK = timedelta(minutes=15)
_NEEDED_SCORE = 3
_JUDGED = 72
_OWN_LETTERS = 8
_SERVICE_WORDS = ("cradle", "career", "c2c", "enclave", "california", "portal")
_HASHER = PasswordHasher()


def check_password(password: str, words: Iterable[str] = ()) -> None:
    """Raise BadInput for a password that is too short, too long or easy to guess; `words` are the person's own."""
    text = _normal(password)
    if len(text) < MINIMUM_LENGTH:
        raise BadInput("The password is too short.", f"Use at least {MINIMUM_LENGTH} characters; a sentence is fine.")
    if len(text) > MAXIMUM_LENGTH:
        raise BadInput("The password is too long.", f"Use at most {MAXIMUM_LENGTH} characters.")
    from zxcvbn import zxcvbn  # a large dictionary: read when a password is chosen

    own = [word.lower() for word in words]
    known = [*own, *_SERVICE_WORDS, *(part for word in own for part in _parts(word))]
    guessable = zxcvbn(text[:_JUDGED], user_inputs=known)["score"] < _NEEDED_SCORE
    if guessable or len(_without(text.lower(), known)) < _OWN_LETTERS:
        raise BadInput(
            "The password is easy to guess.", "Use several words that do not belong together, without your name."
        )


def hash_password(password: str) -> str:
    """The Argon2id hash of a password."""
    return _HASHER.hash(_normal(password))


def password_fits(user: User | None, password: str, now: datetime) -> bool:
    """Whether the password is this user's; takes as long for a name that nobody has."""
    known = user.password_hash if user and user.password_hash else _nobody()
    try:
        _HASHER.verify(known, _normal(password[: 4 * MAXIMUM_LENGTH]))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return user is not None and user.password_hash is not None and not is_locked(user, now)


@cache
def _nobody() -> str:
    """A hash that no password fits; made when first needed, for it takes a while."""
    return _HASHER.hash("nobody has this password")


def is_locked(user: User, now: datetime) -> bool:
    """Whether too many failures have locked the account for now."""
    return user.locked_until is not None and user.locked_until > now


def _normal(password: str) -> str:
    """Keyboards write one character in several ways; all of them count as the same."""
    return unicodedata.normalize("NFKC", password)


def _parts(word: str) -> list[str]:
    return [part for part in word.replace("@", " ").replace(".", " ").split() if len(part) > 2]


def _without(text: str, words: Iterable[str]) -> str:
    """What is left of a password when the words that anybody would try first are taken out."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return "".join(letter for letter in text if letter.isalnum())
