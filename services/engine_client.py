"""One-shot sandboxes through the guard, for the worker: start with a grant, look, read what was printed, remove.

Report runs are waited for (`run`); jobs take long, so the worker begins one, looks at it now and then, and ends it.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from enclave.core.clock import Clock
from enclave.core.errors import Conflict, NotFound, Unavailable
from enclave.core.local_http import over_socket
from enclave.core.settings import Settings
from enclave.core.signing import SigningKey
from enclave.sandboxes.grants import HEADER, Grant, seal_grant, to_header
from enclave.sandboxes.profiles import Places, container_name, container_request, profile_for
from enclave.sandboxes.rooms import sandbox_id

PAUSE = 0.5


@dataclass(frozen=True)
class Ended:
    """How a sandbox ended: its exit code, and what it printed to standard output."""

    exit_code: int
    printed: bytes


@dataclass(frozen=True)
class Sight:
    """A sandbox as the engine sees it: its name, whether it waits for its start, runs, or has ended and how."""

    name: str
    status: str
    exit_code: int = 0
    out_of_memory: bool = False

    @property
    def runs(self) -> bool:
        """Whether it computes."""
        return self.status in ("running", "paused", "restarting")

    @property
    def waits(self) -> bool:
        """Whether it was made and not started."""
        return self.status == "created"


@dataclass(frozen=True)
class EngineClient:
    """Speaks the engine's API over the guard's socket; every start carries a grant signed with the worker's key."""

    settings: Settings
    key: SigningKey
    clock: Clock

    def run(self, grant: Grant, seconds: float, goes_on: Callable[[], bool]) -> Ended:
        """Run a sandbox to its end. Conflict: it took too long, or `goes_on` said no. It is removed in every case.

        A sandbox that an interrupted worker left under the same name is removed first.
        """
        name = self.name_of(grant.user, grant.project, grant.run)
        self.remove(name)
        self.create(name, grant)
        try:
            self.start(name)
            code = self._wait(name, seconds, goes_on)
            return Ended(code, self._printed(name))
        finally:
            self.remove(name)

    def name_of(self, user: str, project: str, run: str) -> str:
        """The engine's name of a sandbox."""
        return container_name(Places.of(self.settings), sandbox_id(user, project, run))

    def running(self) -> set[str]:
        """Names of the sandboxes of this installation that run."""
        found = json.loads(self._call("GET", "/containers/json"))
        return {str(name).removeprefix("/") for each in found for name in each["Names"]}

    def look(self, name: str) -> Sight | None:
        """A sandbox as it stands; None when there is none of the name."""
        content = self._call("GET", f"/containers/{name}/json", missing=True)
        if not content:
            return None
        state = json.loads(content)["State"]
        return Sight(name, str(state["Status"]), int(state["ExitCode"]), bool(state["OOMKilled"]))

    def start(self, name: str) -> None:
        """Start a sandbox that was made."""
        self._call("POST", f"/containers/{name}/start")

    def remove(self, name: str) -> None:
        """Remove a sandbox, running or not; none of the name is no error."""
        self._call("DELETE", f"/containers/{name}", missing=True, params={"force": "1", "v": "1"})

    def create(self, name: str, grant: Grant) -> None:
        """Make a sandbox; Conflict or NotFound, in the guard's own sentence, when it may not or cannot be made."""
        profile = profile_for(grant.profile, self.settings, grant.size, grant.image)
        request = container_request(profile, grant, Places.of(self.settings), {})
        header = to_header(seal_grant(grant, self.key, self.clock))
        self._call("POST", "/containers/create", params={"name": name}, json=request, headers={HEADER: header})

    def _wait(self, name: str, seconds: float, goes_on: Callable[[], bool]) -> int:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = json.loads(self._call("GET", f"/containers/{name}/json"))["State"]
            if not state["Running"] and state["Status"] != "created":
                return int(state["ExitCode"])
            if not goes_on():
                raise Conflict("The run was cancelled.", "Run it again when it is wanted.")
            time.sleep(PAUSE)
        raise Conflict("The run took longer than the report allows.", "Ask for a longer limit in its catalogue entry.")

    def _printed(self, name: str) -> bytes:
        return unframed(self._call("GET", f"/containers/{name}/logs", params={"stdout": "1"}))

    def _call(self, method: str, path: str, *, missing: bool = False, **options: Any) -> bytes:
        socket: Path = self.settings.paths.socket("guard")
        if not socket.exists():
            raise Unavailable("The guard does not answer.", "Start the enclave; see `c2c doctor`.")
        try:
            with over_socket(socket, timeout=60) as client:
                answer = client.request(method, f"http://guard{path}", **options)
        except httpx.HTTPError as problem:
            raise Unavailable("The guard does not answer.", "It is tried again by itself.") from problem
        if answer.status_code == 404 and missing:
            return b""
        if answer.status_code == 404 and (said := _error(answer)):  # an image that is gone, says the guard
            raise NotFound(said["message"], said["advice"])
        if answer.status_code in (403, 409):
            raise Conflict(*_refusal(answer))
        if answer.status_code >= 400:
            raise Unavailable("The guard or the engine did not start a sandbox.", "See the guard's log.")
        return answer.content


def _error(answer: httpx.Response) -> dict[str, str]:
    """The error of the guard's own in an answer; nothing for what the engine says."""
    try:
        said: dict[str, str] = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return said


def _refusal(answer: httpx.Response) -> tuple[str, str]:
    """Why the guard refused, in its words; what the engine says to the operator stays in the guard's log."""
    said = _error(answer)
    return said.get("message", "The guard refused the sandbox.")[:200], said.get("advice", "See its log.")[:200]


def unframed(stream: bytes) -> bytes:
    """The payload of the engine's log stream: frames of 8 header bytes (kind, 0, 0, 0, length) and their content."""
    parts, place = [], 0
    while place + 8 <= len(stream):
        (length,) = struct.unpack(">I", stream[place + 4 : place + 8])
        parts.append(stream[place + 8 : place + 8 + length])
        place += 8 + length
    return b"".join(parts)
