"""One tree of errors; each class carries what the outside sees of it.

    EnclaveError                      code               HTTP   exit
    ├── BadInput                      bad_input           400     2
    ├── NotAuthenticated              not_authenticated   401     2
    ├── NotAllowed                    not_allowed         403     2
    │   ├── SecondFactorNeeded        second_factor       403     2
    │   └── ConfirmationNeeded        confirmation        403     2
    ├── NotFound                      not_found           404     2
    ├── Conflict                      conflict            409     2
    ├── Stale                         stale               412     2
    ├── Unprocessable                 unprocessable       422     2
    ├── TooMany                       too_many            429     2
    └── Unavailable                   unavailable         503     2

A message says what is wrong, an advice what to do next. Neither carries anything that was computed from
confidential data.
"""

from __future__ import annotations

from typing import ClassVar


class EnclaveError(Exception):
    """Something the caller can be told about."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def as_json(self) -> dict[str, dict[str, str]]:
        """The body of an error answer (`interfaces`: code, message, advice)."""
        return {"error": {"code": self.code, "message": self.message, "advice": self.advice}}


class BadInput(EnclaveError):
    """The input is not of the form that is asked for."""

    code, status = "bad_input", 400


class NotAuthenticated(EnclaveError):
    """Nobody vouches for the caller: no session, no token, or a signature that does not hold."""

    code, status = "not_authenticated", 401


class NotAllowed(EnclaveError):
    """The caller is known and may not do this."""

    code, status = "not_allowed", 403


class SecondFactorNeeded(NotAllowed):
    """The caller has logged in with a password alone, where two factors are asked for."""

    code = "second_factor"


class ConfirmationNeeded(NotAllowed):
    """A decision that asks the caller to prove once more who they are."""

    code = "confirmation"


class NotFound(EnclaveError):
    """There is no such thing, or the caller may not know of it."""

    code, status = "not_found", 404


class Conflict(EnclaveError):
    """The thing is in another state than the caller thought; somebody else may have been quicker."""

    code, status = "conflict", 409


class Stale(EnclaveError):
    """The thing was changed since the caller read it (`If-Match`); nothing was done."""

    code, status = "stale", 412


class Unprocessable(EnclaveError):
    """Well formed, but outside what the enclave can do."""

    code, status = "unprocessable", 422


class TooMany(EnclaveError):
    """A limit on rate or size."""

    code, status = "too_many", 429


class Unavailable(EnclaveError):
    """A service that is needed does not answer."""

    code, status = "unavailable", 503
