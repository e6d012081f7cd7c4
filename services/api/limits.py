"""How much a request may bring, and how slowly: before anything of it is parsed, spooled or kept in memory.

Forms and JSON are read whole before a route is asked who is calling, so the limits stand here, in front of all routes:
files of a release request or an import up to what its policy takes, anything else a small body, a caller who shows no
credential less. A body that falls silent is not waited for. Headers that come slowly are the gateway's matter.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from output_review.policies import ReviewPolicy
from services.api.errors import TooLarge, TooSlow

MIB = 2**20
ANONYMOUS, SMALL = MIB, 16 * MIB
FILES = ReviewPolicy().max_request_bytes + 16 * MIB
INTERNAL = 64 * MIB
SILENCE_SECONDS = 30.0
_TAKES_FILES = re.compile(r"/services/portal(/api)?/(releases|imports|projects/[^/]+/outputs)(/[^/]+/files)?/?")


class BodyLimits:
    """Ends the reading of a body that announces or brings too much (413), or that falls silent (408)."""

    def __init__(self, app: ASGIApp, silence: float = SILENCE_SECONDS) -> None:
        self.app = app
        self.silence = silence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, size, whole, broken, started = limit_of(scope), 0, False, 0, False

        async def limited() -> Message:
            nonlocal size, whole, broken
            if whole:
                return await receive()
            broken = broken or (413 if _announced(scope) > limit else 0)
            if broken:
                raise HTTPException(broken)
            try:
                message = await asyncio.wait_for(receive(), self.silence)
            except TimeoutError:
                broken = 408
                raise HTTPException(broken) from None
            size += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if size > limit:
                broken = 413
                raise HTTPException(broken)
            return message

        async def last(message: Message) -> None:
            """After a broken body the connection ends: the server would go on to read and throw away the rest."""
            nonlocal started
            started = True
            if broken and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        try:
            await self.app(scope, limited, last)
        except HTTPException:
            # read by another middleware, outside of the routes' table of errors
            if started or not broken:
                raise
            problem = (TooSlow if broken == 408 else TooLarge)(
                "What was sent was not taken.", "Send less, or steadily."
            )
            await JSONResponse(problem.as_json(), status_code=broken)(scope, receive, last)


def limit_of(scope: Mapping[str, object]) -> int:
    """Bytes that a request to this address may bring."""
    path = str(scope["path"])
    if path.startswith("/internal"):
        return INTERNAL
    headers = Headers(scope=dict(scope))
    if not (scope.get("c2c_listener") or "authorization" in headers or "cookie" in headers):
        return ANONYMOUS
    return FILES if _TAKES_FILES.fullmatch(path) else SMALL


def _announced(scope: Mapping[str, object]) -> int:
    text = Headers(scope=dict(scope)).get("content-length", "")
    return int(text) if text.isdecimal() else 0
