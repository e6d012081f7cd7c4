"""The relay's server: one listener a sandbox, opened and closed as rooms come and go."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from enclave.core.clock import Clock
from enclave.core.digests import canonical_json
from enclave.core.errors import EnclaveError
from enclave.core.logging import get_logger
from enclave.core.signing import SigningKey, seal
from services.gateway.forward import forward_http
from services.gateway.hosts import plain_path
from services.gateway.traffic import Flow
from services.relay.allow import check_call

HEADER = "X-C2C-Relay"
KIND = "relay.assertion"
LIFE = timedelta(seconds=60)
_PASS_IN = ("Authorization", "Content-Type", "Content-Length", "Accept", "Idempotency-Key")
_PASS_OUT = ("Content-Type", "Content-Length", "Content-Encoding", "Retry-After")


class Relay:
    """Listens for sandboxes and passes on what `allow` lists."""

    def __init__(self, http: aiohttp.ClientSession, portal_url: str, key: SigningKey, clock: Clock) -> None:
        self._http, self._portal, self._key, self._clock = http, portal_url, key, clock
        self._runners: dict[Path, web.AppRunner] = {}

    async def listen(self, socket: Path, user: str, project: str, run: str = "") -> None:
        """Open a sandbox's listener; whoever comes through it is this user in this project (and this job)."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, user, project, run)

        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        socket.unlink(missing_ok=True)
        await web.UnixSite(runner, str(socket)).start()
        socket.chmod(0o660)
        self._runners[socket] = runner

    async def close(self, socket: Path) -> None:
        """Close a sandbox's listener."""
        if (runner := self._runners.pop(socket, None)) is not None:
            await runner.cleanup()

    async def close_all(self) -> None:
        """Close every listener."""
        for socket in list(self._runners):
            await self.close(socket)

    async def _handle(self, request: web.Request, user: str, project: str, run: str) -> web.StreamResponse:
        try:
            path = plain_path(request.rel_url.raw_path)
            check_call(request.method, path, project, run)
            headers = self._headers(request, path, user, project, run)
            return await forward_http(request, self._http, self._portal, headers, _answer_headers, Flow())
        except EnclaveError as problem:
            get_logger().info("relay_refused", user=user, project=project, method=request.method)
            return web.json_response(problem.as_json(), status=problem.status)

    def _headers(self, request: web.Request, path: str, user: str, project: str, run: str) -> CIMultiDict[str]:
        """Only named headers go on: a sandbox speaks with its token, never with a cookie or as another service."""
        out: CIMultiDict[str] = CIMultiDict()
        for name in _PASS_IN:
            if name in request.headers:
                out[name] = request.headers[name]
        claim = {"user": user, "project": project, "run": run, "method": request.method, "path": path}
        envelope = seal(KIND, claim, self._key, self._clock, LIFE)
        out[HEADER] = base64.urlsafe_b64encode(canonical_json(envelope)).decode()
        return out


def _answer_headers(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    out: CIMultiDict[str] = CIMultiDict()
    for name in _PASS_OUT:
        if name in headers:
            out[name] = headers[name]
    return out
