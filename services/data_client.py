"""Signed jobs to the data service, for portal and worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from enclave.core.clock import Clock
from enclave.core.errors import (
    BadInput,
    Conflict,
    EnclaveError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooMany,
    Unavailable,
    Unprocessable,
)
from enclave.core.local_http import over_socket
from enclave.core.signing import Keyring, SigningKey, open_envelope, seal

JOB_LIFE = timedelta(seconds=60)
"""A job that has not arrived within this time is refused by the data service."""

_CLASSES: dict[str, type[EnclaveError]] = {
    kind.code: kind
    for kind in (BadInput, NotAuthenticated, NotAllowed, NotFound, Conflict, Unprocessable, TooMany, Unavailable)
}


class JobFailed(EnclaveError):
    """The data service ran the job and it failed inside; the advice carries an incident id."""


@dataclass(frozen=True)
class DataClient:
    """Speaks to the data service over its socket; holds the caller's key."""

    socket: Path
    key: SigningKey
    keyring: Keyring
    clock: Clock

    def call(self, job: str, timeout: float = 60.0, **payload: Any) -> dict[str, Any]:
        """The result of a job. Raises Unavailable when no signed answer came (the job may still have run),
        the refusal's own error class, or JobFailed."""
        envelope = seal("data.job", {"job": job, **payload}, self.key, self.clock, JOB_LIFE)
        answer = self._opened(self._post(envelope, timeout), job)
        if answer.get("ok") is True:
            result: dict[str, Any] = answer["result"]
            return result
        error = answer["error"]
        raise _CLASSES.get(error["code"], JobFailed)(error["message"], error["advice"])

    def _post(self, envelope: dict[str, Any], timeout: float) -> Any:
        away = Unavailable("The data service did not answer.", "Try again in a minute; nothing was lost.")
        if not self.socket.exists():
            raise away
        try:
            with over_socket(self.socket, timeout=timeout) as client:
                return client.post("http://data/jobs", json=envelope).json()
        except (httpx.HTTPError, OSError, ValueError):
            raise away from None

    def _opened(self, answer: Any, job: str) -> dict[str, Any]:
        try:
            payload = open_envelope(answer, self.keyring, "data.result", self.clock, ("data",))
        except NotAuthenticated:
            raise Unavailable("The data service refused the call.", "Ask the operator to run c2c doctor.") from None
        if payload.get("job") != job:
            raise Unavailable("The data service answered another job.", "Try again.")
        return payload
