"""When each lab was last used, and whether something computes in it: what the worker stops idle labs by.

Used is: a page was opened or something written through the gateway, or a kernel did something. A page that only looks
(JupyterLab asks for its lists every few seconds) is no use. Busy is: a kernel computes. Jobs have sandboxes of their
own and need no lab.
Caution: the lab itself is asked, and may lie. Saying "busy" for ever costs what a loop in a cell would cost; a time in
the future counts as now. A lab that does not answer counts as busy: nothing is lost by an error. A gateway that has
just started has seen nothing and counts from its start.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from enclave.core.calls import HEADER, verify_call
from enclave.core.clock import Clock
from enclave.core.errors import EnclaveError
from enclave.core.signing import Keyring
from services.gateway.labs import BASE, Labs
from services.gateway.rooms import Resident

ADDRESS = "/activity/{user}/{project}"
ASKERS = frozenset({"portal", "worker"})
FRESH = 10.0
MOST_BYTES = 1 << 20


class Activity:
    """Remembers use by room, and asks labs at most every `FRESH` seconds."""

    def __init__(self, labs: Labs, keyring: Keyring, clock: Clock) -> None:
        self._labs, self._keyring, self._clock = labs, keyring, clock
        self._used: dict[Resident, datetime] = {}
        self._told: dict[Resident, tuple[float, dict[str, Any]]] = {}
        self._begun = clock.now()

    def touch(self, resident: Resident) -> None:
        """Note that somebody does something in a lab."""
        self._used[resident] = self._clock.now()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer the portal's or the worker's signed question about one lab."""
        try:
            given = request.headers.get(HEADER, "")
            verify_call(given, self._keyring, self._clock, "GET", request.rel_url.raw_path_qs, b"", ASKERS)
            resident = self._labs.resident(request.match_info["user"], request.match_info["project"])
        except EnclaveError as problem:
            return web.json_response(problem.as_json(), status=problem.status)
        moment, answer = self._told.get(resident, (float("-inf"), {}))
        if time.monotonic() - moment > FRESH:
            answer = await self._ask(resident)
            self._forget()
            self._told[resident] = (time.monotonic(), answer)
        return web.json_response(answer)

    async def _ask(self, resident: Resident) -> dict[str, Any]:
        now = self._clock.now()
        used = [self._begun, self._used.get(resident, self._begun)]
        try:
            kernels = await self._get(resident, "kernels")
            busy = any(kernel["execution_state"] in ("busy", "starting") for kernel in kernels)
            used += [min(now, _moment(kernel["last_activity"])) for kernel in kernels]
        except (EnclaveError, aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError):
            busy = True
        return {"busy": busy, "used": max(used).isoformat()}

    async def _get(self, resident: Resident, what: str) -> Any:
        address = f"{BASE}/user/{resident.user}/{resident.project}/api/{what}"
        limit = aiohttp.ClientTimeout(total=5)
        client = self._labs.client(resident.user, resident.project)
        async with client.get(address, timeout=limit, allow_redirects=False) as answer:
            answer.raise_for_status()
            body = b""
            async for part in answer.content.iter_any():
                body += part
                if len(body) > MOST_BYTES:
                    raise ValueError("The lab answers more than its lists can be.")
            return json.loads(body)

    def _forget(self) -> None:
        for resident in [each for each in self._used.keys() | self._told.keys() if not self._labs.runs(each)]:
            self._used.pop(resident, None)
            self._told.pop(resident, None)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
