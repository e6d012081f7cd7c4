"""Sessions at a lab: a ticket of the portal, once, becomes the gateway's own cookie on the lab's host.

The cookie is an envelope signed by the gateway itself, so a restart logs nobody out; it says who, which project and
which session at the portal, and proves nothing more: whether those still hold is asked of the portal every two seconds
(`access`). Which tickets were used is kept in memory: after a restart tickets from before it are refused, so that none
is good twice. They live a minute, and the page that shows the lab makes a new one each time it is loaded.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json
from enclave.core.errors import NotAuthenticated
from enclave.core.ids import new_id
from enclave.core.signing import Keyring, SigningKey, open_envelope, seal

TICKET = "lab.ticket"
_SESSION = "lab.session"
_AGAIN = "Reload the page that shows the lab, or open the lab from the portal."


@dataclass(frozen=True)
class LabSession:
    """A person's way into one project's lab; `login` names the session at the portal that it hangs on."""

    id: str
    user: str
    project: str
    login: str


class LabSessions:
    """Opens tickets and reads cookies."""

    def __init__(self, key: SigningKey, keyring: Keyring, clock: Clock, life: timedelta) -> None:
        self._key, self._clock, self.life = key, clock, life
        self._keyring = keyring
        self._own = Keyring({key.issuer: key.public_text})
        self._started = clock.now()
        self._used: dict[str, datetime] = {}

    def enter(self, ticket: str, user: str) -> tuple[LabSession, str]:
        """A session and its cookie for a ticket of the portal that was made for this user and not used before."""
        envelope = _decoded(ticket)
        payload = open_envelope(envelope, self._keyring, TICKET, self._clock, {"portal"})
        self._spend(str(payload.get("nonce", "")), datetime.fromisoformat(envelope["issued_at"]))
        if payload.get("user") != user:
            raise NotAuthenticated("This ticket is another person's.", _AGAIN)
        session = LabSession(new_id("lab"), user, str(payload.get("project", "")), str(payload.get("login", "")))
        return session, _encoded(seal(_SESSION, asdict(session), self._key, self._clock, self.life))

    def _spend(self, nonce: str, issued: datetime) -> None:
        now = self._clock.now()
        self._used = {used: end for used, end in self._used.items() if end > now}
        if not nonce or nonce in self._used or issued <= self._started:
            raise NotAuthenticated("This ticket was used.", _AGAIN)
        self._used[nonce] = now + timedelta(minutes=2)

    def read(self, cookie: str, user: str, project: str) -> LabSession:
        """The session of a cookie for exactly this user and project, else NotAuthenticated."""
        issuers = {self._key.issuer}
        payload = open_envelope(_decoded(cookie), self._own, _SESSION, self._clock, issuers)
        session = LabSession(**{name: str(payload.get(name, "")) for name in ("id", "user", "project", "login")})
        if (session.user, session.project) != (user, project):
            raise NotAuthenticated("This session is for another project.", "Open the lab from the portal.")
        return session


def _encoded(envelope: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(canonical_json(envelope)).decode().rstrip("=")


def _decoded(text: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as problem:
        raise NotAuthenticated("You have no session here.", "Open the lab from the portal.") from problem
