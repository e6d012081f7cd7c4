"""The second factor: six digits of an authenticator app (TOTP, RFC 6238), with recovery codes for a lost phone.

Enrolment has two steps: a secret is shown, and it counts only when a code made with it has come back. A code works
once: the time step of the last accepted code is kept. The secret is sealed at rest; of recovery codes only digests
are kept, and each works once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import CursorResult, Update, delete, select, update
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, Conflict
from enclave.core.secret_box import SecretBox
from enclave.people.model import RecoveryCode, SecondFactor

ISSUER = "C2C research enclave"
RECOVERY_CODES = 10
_STEP = 30
_USE = "second factor of "
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def has_second_factor(session: Session, user_id: str) -> bool:
    """Whether the person has finished enrolment."""
    factor = session.get(SecondFactor, user_id)
    return factor is not None and factor.confirmed_at is not None


def begin(session: Session, clock: Clock, box: SecretBox, user_id: str) -> str:
    """The secret to enrol with: the one begun before, or a new one. Conflict when enrolment is finished."""
    factor = session.get(SecondFactor, user_id)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("You have a second factor already.", "Remove it first if you want another.")
    if factor is not None:
        return box.open(factor.sealed, _USE + user_id)
    secret = pyotp.random_base32()
    sealed = box.seal(secret, _USE + user_id)
    session.add(SecondFactor(user_id=user_id, sealed=sealed, begun_at=clock.now(), last_step=0))
    return secret


def address(secret: str, user_id: str) -> str:
    """The `otpauth://` address that an authenticator app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_id, issuer_name=ISSUER)


def confirm(session: Session, actor: Actor, clock: Clock, box: SecretBox, code: str) -> list[str]:
    """Finish the actor's enrolment with a code made from the secret; returns the recovery codes, shown this once."""
    factor = session.get(SecondFactor, actor.name)
    if factor is None or factor.confirmed_at is not None:
        raise Conflict("There is no enrolment to finish.", "Begin again on the page “My account”.")
    if not _accept_digits(session, clock, box, actor.name, code):
        raise BadInput("These digits do not fit.", "Check that your phone's clock is right, and type the newest six.")
    factor.confirmed_at = clock.now()
    record(session, actor, "user.second_factor_added", "user", actor.name, clock)
    return renew_recovery_codes(session, actor, clock)


def renew_recovery_codes(session: Session, actor: Actor, clock: Clock) -> list[str]:
    """Ten new recovery codes for the actor; the old ones stop working."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == actor.name))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(id=_digest(actor.name, code), user_id=actor.name) for code in codes)
    record(session, actor, "user.recovery_codes_renewed", "user", actor.name, clock)
    return codes


def codes_left(session: Session, user_id: str) -> int:
    """How many recovery codes are unused."""
    query = select(RecoveryCode.id).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return len(session.scalars(query).all())


def accept(session: Session, clock: Clock, box: SecretBox, user_id: str, code: str) -> bool:
    """Whether the code is the person's second factor now; it is used up by that. Digits or a recovery code."""
    typed = "".join(code.split()).lower()
    if typed.isdigit():
        return _accept_digits(session, clock, box, user_id, typed)
    return _accept_recovery(session, clock.now(), user_id, typed)


def remove(session: Session, actor: Actor, clock: Clock, user_id: str, reason: str) -> None:
    """Take a person's second factor away; they enrol anew at the next login."""
    if not reason.strip():
        raise BadInput("Taking a second factor away needs a reason.", "Say how you know who asks for it.")
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    record(session, actor, "user.second_factor_removed", "user", user_id, clock, reason=reason.strip())


def _accept_digits(session: Session, clock: Clock, box: SecretBox, user_id: str, code: str) -> bool:
    """One step of thirty seconds of tolerance each way (RFC 6238 §5.2); the step must be newer than the last used."""
    factor = session.get(SecondFactor, user_id)
    if factor is None:
        return False
    totp = pyotp.TOTP(box.open(factor.sealed, _USE + user_id))
    typed = "".join(code.split())
    now = int(clock.now().timestamp()) // _STEP
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.at(step * _STEP).encode(), typed.encode()):
            return _use_step(session, user_id, step)
    return False


def _use_step(session: Session, user_id: str, step: int) -> bool:
    """Compare-and-set: of two logins with one code one wins."""
    newer = update(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
    return _changed_one(session, newer.values(last_step=step))


def _accept_recovery(session: Session, now: datetime, user_id: str, code: str) -> bool:
    unused = update(RecoveryCode).where(RecoveryCode.id == _digest(user_id, code), RecoveryCode.used_at.is_(None))
    return _changed_one(session, unused.values(used_at=now))


def _changed_one(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def _new_code() -> str:
    """Fifteen characters of a 31-letter alphabet: 74 bits, written in groups."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(15))
    return "-".join((letters[:5], letters[5:10], letters[10:]))


def _digest(user_id: str, code: str) -> str:
    return hashlib.sha256(f"{user_id}:{code.replace('-', '')}".encode()).hexdigest()
