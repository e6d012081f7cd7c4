"""The hub's questions to the portal: is this the password, may this sandbox start. Signed, one call each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from enclave.core.calls import HEADER, sign_call
from enclave.core.clock import Clock, SystemClock
from enclave.core.errors import NotAllowed, Unavailable
from enclave.core.settings import Settings
from enclave.core.signing import Envelope, SigningKey

SECONDS = 20


@dataclass(frozen=True)
class PortalClient:
    """Calls the portal at `url` as the hub."""

    url: str
    key: SigningKey
    clock: Clock

    @classmethod
    def from_settings(cls, settings: Settings) -> PortalClient:
        """The client that the hub's settings describe."""
        return cls(settings.portal_url, SigningKey.load(settings.paths.private_key("hub")), SystemClock())

    def authenticate(self, name: str, password: str, code: str = "") -> bool:
        """Whether password and second factor are those of an active user."""
        answer = self._post("/internal/authenticate", {"username": name, "password": password, "code": code})
        return answer.get("allowed") is True

    def vouched(self, email: str) -> str:
        """The login name of the active user with this e-mail address; "" when there is none."""
        return str(self._post("/internal/vouched", {"email": email}).get("name") or "")

    def is_present(self, name: str) -> bool:
        """Whether the user has an open session at the portal."""
        return self._post("/internal/present", {"name": name}).get("allowed") is True

    def grant(self, user: str, project: str) -> Envelope:
        """The portal's grant for a lab; NotAllowed with its reason when it gives none."""
        answer = self._post("/internal/spawn", {"user": user, "project": project})
        if answer.get("allowed") is not True:
            raise NotAllowed(
                str(answer.get("reason") or "The portal does not allow this."),
                "See your projects in the portal.",
            )
        grant: Envelope = answer["spawn"]["grant"]
        return grant

    def _post(self, path: str, model: dict[str, str]) -> dict[str, Any]:
        body = json.dumps(model).encode()
        headers = {
            HEADER: sign_call(self.key, self.clock, "POST", path, body),
            "Content-Type": "application/json",
        }
        try:
            answer = httpx.post(self.url + path, content=body, headers=headers, timeout=SECONDS)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as problem:
            raise Unavailable("The portal does not answer.", "Try again in a minute.") from problem
        return found
