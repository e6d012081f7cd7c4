"""The Docker engine, spoken to in one fixed version of its API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

API = "http://engine/v1.41"


class Engine:
    """A client of the engine's unix socket. Limit: version 1.41, which engines from 20.10 on speak."""

    def __init__(self, socket: Path) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(socket), limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def call(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Any = None
    ) -> tuple[int, bytes, str]:
        """Status, body and content type of an answer."""
        params = dict(query or {})
        async with self._session.request(method, API + path, params=params, json=body) as answer:
            return answer.status, await answer.read(), answer.content_type

    async def container(self, ref: str) -> dict[str, Any] | None:
        """What the engine knows of a container, or None."""
        async with self._session.get(f"{API}/containers/{ref}/json") as answer:
            if answer.status != 200:
                return None
            found: dict[str, Any] = await answer.json()
            return found

    async def runtimes(self) -> frozenset[str]:
        """Names of the runtimes that are registered with the engine."""
        async with self._session.get(f"{API}/info") as answer:
            return frozenset((await answer.json()).get("Runtimes") or {})

    async def close(self) -> None:
        """Let go of the socket."""
        await self._session.close()
