"""The route table that the hub keeps here, in the REST API of configurable-http-proxy.

The hub may write what it likes: the gateway never connects to a target from this table. Hub and portal are where
the settings say, a lab is where its room is. The table is the hub's own book and the place where it reads activity.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web

API = "/api/routes"


class Routes:
    """Path → what the hub said of it, and when it was last used."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._table: dict[str, dict[str, Any]] = {}

    def touch(self, user: str, project: str) -> None:
        """Note that somebody works in a lab."""
        for route in self._table.values():
            if route.get("user") == user and route.get("server_name") == project:
                route["last_activity"] = _now()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer the hub."""
        given = request.headers.get("Authorization", "").removeprefix("token ")
        if not self._token or not hmac.compare_digest(given.encode(), self._token.encode()):
            return web.json_response({"message": "The token is wrong."}, status=403)
        path = "/" + unquote(request.match_info.get("path", "")).strip("/")
        if request.method == "GET":
            return web.json_response(self._table)
        if request.method == "POST":
            model = await request.json()
            if not isinstance(model, dict) or not isinstance(model.get("target"), str):
                return web.json_response({"message": "A route needs a target."}, status=400)
            self._table[path] = {**model, "last_activity": _now()}
            return web.Response(status=201)
        if request.method == "DELETE":
            return web.Response(status=204 if self._table.pop(path, None) is not None else 404)
        return web.Response(status=405)


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
