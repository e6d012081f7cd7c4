"""Telling the portal what went to browsers; it keeps the sums, raises the alarm and has labs stopped."""

from __future__ import annotations

import asyncio
import json

import aiohttp

from enclave.core.calls import HEADER, sign_call
from enclave.core.clock import Clock
from enclave.core.logging import get_logger
from enclave.core.signing import SigningKey
from services.gateway.traffic import Meter, TrafficBook

PATH = "/internal/lab-traffic"
LOOK = 1.0


class Reports:
    """Sends what is due. While the portal does not answer, counts wait here and the limits hold all the same."""

    def __init__(
        self, http: aiohttp.ClientSession, portal: str, key: SigningKey, clock: Clock, book: TrafficBook
    ) -> None:
        self._http, self._portal, self._key, self._clock, self._book = http, portal, key, clock, book

    async def watch(self) -> None:
        """Look once a second until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.send()

    async def send(self, everything: bool = False) -> None:
        """Send what is due, or everything."""
        await asyncio.gather(*(self._tell(meter) for meter in self._book.due(everything)))

    async def _tell(self, meter: Meter) -> None:
        report = meter.next_report()
        body = json.dumps(report).encode()
        headers = {HEADER: sign_call(self._key, self._clock, "POST", PATH, body), "Content-Type": "application/json"}
        limit = aiohttp.ClientTimeout(total=4)
        try:
            async with self._http.post(self._portal + PATH, data=body, headers=headers, timeout=limit) as answer:
                answer.raise_for_status()
                if meter.heard(await answer.json()):
                    self._book.forget(meter)
        except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
            get_logger().warning("lab_traffic_waits", session=report["run"], kind=type(problem).__name__)
            return
        down = sum(report["down"].values())
        get_logger().info("lab_traffic", session=report["run"], up=report["up"], down=down)
