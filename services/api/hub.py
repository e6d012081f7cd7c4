"""The portal's own questions to JupyterHub: whose token is this, and the three steps of a login (OAuth with PKCE)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from enclave.core.errors import NotAuthenticated, Unavailable

CLIENT_ID = "service-portal"
CALLBACK = "/services/portal/oauth_callback"


@dataclass(frozen=True)
class TokenOwner:
    """Whose token it is; `server` is the project when a single-user server owns it."""

    name: str
    server: str | None


@dataclass(frozen=True)
class Challenge:
    """What a login remembers between its two halves."""

    state: str
    verifier: str

    @classmethod
    def new(cls) -> Challenge:
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(48))

    @property
    def digest(self) -> str:
        """The PKCE challenge, S256 (RFC 7636)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class HubClient:
    """Asks the hub at `url` with the portal's service token."""

    def __init__(self, url: str, token: str) -> None:
        self._token = token
        self._client = httpx.Client(base_url=f"{url}/hub/api", timeout=10)

    def owner_of(self, token: str) -> TokenOwner | None:
        """The owner of an API token, or None when the hub does not know it."""
        answer = self._ask("GET", "/user", headers={"Authorization": f"token {token}"})
        if answer.status_code in (401, 403):
            return None
        model = _json(answer)
        if model.get("kind") != "user":
            return None
        return TokenOwner(model["name"], _server_of(model.get("scopes", [])))

    def login_url(self, public_url: str, challenge: Challenge) -> str:
        """Where the browser goes to log in."""
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "state": challenge.state,
            "code_challenge": challenge.digest,
            "code_challenge_method": "S256",
        }
        return f"{public_url}/hub/api/oauth2/authorize?{urlencode(query)}"

    def user_for_code(self, code: str, verifier: str) -> str:
        """Trade the code that the hub gave to the browser for the user's name; the token is not kept."""
        form = {
            "client_id": CLIENT_ID,
            "client_secret": self._token,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        }
        answer = self._ask("POST", "/oauth2/token", data=form)
        if answer.status_code in (400, 401, 403):
            raise NotAuthenticated("The login could not be completed.", "Go to the portal and log in again.")
        owner = self.owner_of(str(_json(answer)["access_token"]))
        if owner is None:
            raise NotAuthenticated("The login could not be completed.", "Go to the portal and log in again.")
        return owner.name

    def user_token(self, name: str, note: str, expires_in: int) -> str:
        """Make an API token of a user (the demo's command only)."""
        body = {"note": note, "expires_in": expires_in}
        answer = self._ask("POST", f"/users/{name}/tokens", json=body, headers=self._own)
        return str(_json(answer)["token"])

    def is_up(self) -> bool:
        """Whether the hub answers."""
        try:
            return self._ask("GET", "/").status_code == 200
        except Unavailable:
            return False

    @property
    def _own(self) -> dict[str, str]:
        return {"Authorization": f"token {self._token}"}

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **options)
        except httpx.HTTPError as problem:
            raise Unavailable("The hub does not answer.", "Try again in a minute; see `c2c doctor`.") from problem


def _json(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code >= 400:
        raise Unavailable("The hub refused the portal's question.", "See `c2c doctor`.")
    model: dict[str, Any] = answer.json()
    return model


def _server_of(scopes: list[str]) -> str | None:
    """The server's name when the token is a single-user server's.

    Such a token may reach its own server (`access:servers!server=user/name`) and not all of the user's.
    """
    for scope in scopes:
        if scope.startswith("access:servers!server="):
            return scope.partition("=")[2].partition("/")[2]
    return None
