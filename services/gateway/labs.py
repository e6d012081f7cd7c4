"""Running labs: a client for the socket of each, and a relay listener for each, as rooms come and go."""

from __future__ import annotations

import asyncio
import time

import aiohttp
from aiohttp import web

from enclave.core.errors import EnclaveError, Unavailable
from enclave.core.logging import get_logger
from services.gateway.forward import new_client
from services.gateway.rooms import Resident, Rooms
from services.gateway.traffic import TrafficBook
from services.relay.server import Relay

BASE = "http://lab"
PATIENCE, PAUSE = 4.0, 0.05


class Labs:
    """The labs that can be reached now. Sandboxes of report runs get a relay listener and no way in."""

    def __init__(self, rooms: Rooms, relay: Relay, traffic: TrafficBook) -> None:
        self._rooms, self._relay, self._traffic = rooms, relay, traffic
        self._clients: dict[Resident, aiohttp.ClientSession] = {}
        rooms.opened, rooms.closed = self._opened, self._closed

    async def _opened(self, resident: Resident) -> None:
        await self._relay.listen(resident.relay, resident.user, resident.project, resident.run)
        get_logger().info("room_opened", sandbox=resident.folder.name)

    async def _closed(self, resident: Resident) -> None:
        self._traffic.end(resident)
        await self._relay.close(resident.relay)
        if (client := self._clients.pop(resident, None)) is not None:
            await client.close()
        get_logger().info("room_closed", sandbox=resident.folder.name)

    def resident(self, user: str, project: str) -> Resident:
        """The room of a running lab; Unavailable when the lab does not run."""
        resident = self._rooms.lab(user, project)
        if resident is None:
            raise Unavailable("This lab does not run.", "Open the project's lab from the portal.")
        return resident

    def runs(self, resident: Resident) -> bool:
        """Whether this very run of a lab is there."""
        return self._rooms.lab(resident.user, resident.project) == resident

    def client(self, user: str, project: str) -> aiohttp.ClientSession:
        """The client of a lab's socket; Unavailable when the lab does not run."""
        resident = self.resident(user, project)
        if resident not in self._clients:
            self._clients[resident] = new_client(resident.server)
        return self._clients[resident]

    async def probe(self, request: web.Request) -> web.Response:
        """Tell the hub whether a lab answers: status and version only, so the hub touches no sandbox's socket.

        Waits a few seconds for one that starts: the hub by itself asks at growing distances of up to five seconds.
        """
        user, project = request.match_info["user"], request.match_info["project"]
        end = time.monotonic() + PATIENCE
        while (answer := await self._asked(user, project)).status >= 500 and time.monotonic() < end:
            await asyncio.sleep(PAUSE)
        return answer

    async def _asked(self, user: str, project: str) -> web.Response:
        try:
            async with self.client(user, project).get(
                f"{BASE}/user/{user}/{project}/api",
                timeout=aiohttp.ClientTimeout(total=5),
                allow_redirects=False,
            ) as answer:
                version = answer.headers.get("X-JupyterHub-Version", "")
                return web.Response(status=answer.status, headers={"X-JupyterHub-Version": version})
        except (EnclaveError, aiohttp.ClientError, TimeoutError):
            return web.Response(status=503)

    async def close(self) -> None:
        """Let go of every socket."""
        await self._relay.close_all()
        for client in self._clients.values():
            await client.close()
