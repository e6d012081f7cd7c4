"""The portal's hand on running labs: start, look, stop, through the hub's REST API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import httpx

from enclave.core.errors import Conflict, NotFound, Unavailable


@dataclass(frozen=True)
class Lab:
    """A lab as the hub knows it; `state` is starting, ready or stopping."""

    user: str
    project: str
    state: str
    started: datetime | None
    last_activity: datetime | None


class LabHub:
    """Asks the hub at `url` with the portal's service token."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"token {token}"}
        self._client = httpx.Client(base_url=f"{url}/hub/api", headers=headers, timeout=30)

    def labs(self) -> list[Lab]:
        """Every lab that runs, starts or stops."""
        found: list[Lab] = []
        for model in self._pages("/users", state="active"):
            found.extend(_labs_of(model))
        return found

    def labs_of(self, user: str) -> list[Lab]:
        """The labs of one user; none when the hub has not met them."""
        answer = self._ask("GET", f"/users/{user}")
        return [] if answer.status_code == 404 else _labs_of(_checked(answer).json())

    def start(self, user: str, project: str) -> None:
        """Ask for a lab; returns while it starts. Asking for one that runs changes nothing."""
        self._ask("POST", f"/users/{user}")
        answer = self._ask("POST", f"/users/{user}/servers/{project}")
        if answer.status_code == 400 and any(lab.project == project for lab in self.labs_of(user)):
            return
        if 400 <= answer.status_code < 500:
            raise Conflict(_message(answer), "Look at the project's page, then try again.")
        _checked(answer)

    def stop(self, user: str, project: str) -> None:
        """Stop a lab; NotFound when there is none."""
        if not any(lab.project == project for lab in self.labs_of(user)):
            raise NotFound(f"{user} has no lab of {project} running.", "See the list of sessions.")
        _checked(self._ask("DELETE", f"/users/{user}/servers/{project}"))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _pages(self, path: str, **query: Any) -> list[dict[str, Any]]:
        models: list[dict[str, Any]] = []
        while True:
            page = _checked(self._ask("GET", path, params={**query, "offset": len(models), "limit": 100})).json()
            models.extend(page)
            if len(page) < 100:
                return models

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **options)
        except httpx.HTTPError as problem:
            raise Unavailable("The hub does not answer.", "Try again in a minute; see `c2c doctor`.") from problem


@lru_cache(maxsize=8)
def lab_hub(url: str, token: str) -> LabHub:
    """One client a hub and process: opening connections is the slow part."""
    return LabHub(url, token)


def _labs_of(model: dict[str, Any]) -> list[Lab]:
    servers: dict[str, dict[str, Any]] = model.get("servers") or {}
    return [
        Lab(model["name"], name, _state(server), _time(server.get("started")), _time(server.get("last_activity")))
        for name, server in sorted(servers.items())
        if server.get("ready") or server.get("pending")
    ]


def _state(server: dict[str, Any]) -> str:
    if server.get("ready") and not server.get("pending"):
        return "ready"
    return "stopping" if server.get("pending") == "stop" else "starting"


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.status_code >= 400:
        raise Unavailable("The hub refused the portal's request.", "Try again in a minute; see `c2c doctor`.")
    return answer


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return "The lab could not be started."
