"""Passing requests on: bodies stream both ways, websockets message by message, bytes are counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from enclave.core.errors import EnclaveError, NotAllowed, Unavailable
from services.gateway.traffic import Flow

MESSAGE_LIMIT = 64 * 1024 * 1024
CHUNK = 256 * 1024
ASK_EVERY = 2.0
_SKIP = frozenset({"User-Agent", "Accept", "Accept-Encoding", "Content-Type"})
AnswerHeaders = Callable[[CIMultiDictProxy[str]], CIMultiDict[str]]


def new_client(socket: str | None = None) -> aiohttp.ClientSession:
    """A client that keeps no cookies and follows nothing; over a unix socket when one is named."""
    connector = aiohttp.UnixConnector(socket, limit=0) if socket else aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        auto_decompress=False,
        skip_auto_headers=_SKIP,
    )


async def forward_http(
    request: web.Request,
    client: aiohttp.ClientSession,
    base: str,
    headers: CIMultiDict[str],
    answer_headers: AnswerHeaders,
    flow: Flow,
) -> web.StreamResponse:
    """Send a request on and its answer back."""
    url = URL(base + request.rel_url.raw_path_qs, encoded=True)
    body = _counted(request, flow) if request.body_exists else None
    try:
        async with client.request(request.method, url, headers=headers, data=body, allow_redirects=False) as upstream:
            answer = web.StreamResponse(status=upstream.status, reason=upstream.reason)
            answer.headers.extend(answer_headers(upstream.headers))
            await answer.prepare(request)
            await _stream(request, upstream, answer, flow)
            return answer
    except aiohttp.ClientError as problem:
        raise Unavailable("The server behind this address does not answer.", "Try again shortly.") from problem


async def forward_websocket(
    request: web.Request,
    client: aiohttp.ClientSession,
    base: str,
    headers: CIMultiDict[str],
    flow: Flow,
    still_allowed: Callable[[], Awaitable[None]],
) -> web.StreamResponse:
    """Join two websockets until one ends, or `still_allowed` (asked every two seconds) raises."""
    url = URL(base + request.rel_url.raw_path_qs, encoded=True)
    offered = [part.strip() for part in headers.popall("Sec-WebSocket-Protocol", []) for part in part.split(",")]
    for name in [name for name in headers if name.lower().startswith("sec-websocket-")]:
        headers.popall(name, None)
    try:
        upstream = await client.ws_connect(
            url, protocols=offered, headers=headers, max_msg_size=MESSAGE_LIMIT, compress=0
        )
    except aiohttp.WSServerHandshakeError as refusal:
        return web.Response(status=refusal.status)
    except aiohttp.ClientError as problem:
        raise Unavailable("The lab does not answer.", "Open it again from the portal.") from problem
    async with upstream:
        protocols = (upstream.protocol,) if upstream.protocol else ()
        down = web.WebSocketResponse(protocols=protocols, max_msg_size=MESSAGE_LIMIT, heartbeat=30, compress=False)
        await down.prepare(request)
        await _join(down, upstream, flow, still_allowed)
        return down


async def _join(
    down: web.WebSocketResponse,
    upstream: aiohttp.ClientWebSocketResponse,
    flow: Flow,
    still_allowed: Callable[[], Awaitable[None]],
) -> None:
    tasks = [
        asyncio.ensure_future(_pump(down, upstream, flow.up)),
        asyncio.ensure_future(_pump(upstream, down, flow.down)),
        asyncio.ensure_future(_watch(still_allowed)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        refused = tasks[2] in done
        code = aiohttp.WSCloseCode.POLICY_VIOLATION if refused else upstream.close_code or down.close_code
        await down.close(code=code if code and code != 1006 else aiohttp.WSCloseCode.OK)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(
    source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
    target: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
    count: Callable[[int], None],
) -> None:
    async for message in source:
        if message.type == aiohttp.WSMsgType.TEXT:
            count(len(message.data))
            await target.send_str(message.data)
        elif message.type == aiohttp.WSMsgType.BINARY:
            count(len(message.data))
            await target.send_bytes(message.data)


async def _watch(still_allowed: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(ASK_EVERY)
        try:
            await still_allowed()
        except EnclaveError:
            return


async def _counted(request: web.Request, flow: Flow) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_chunked(CHUNK):
        flow.up(len(chunk))
        yield chunk


async def _stream(
    request: web.Request, upstream: aiohttp.ClientResponse, answer: web.StreamResponse, flow: Flow
) -> None:
    """Copy a body; when either side goes away the connection is cut, so that a part never passes for the whole."""
    try:
        async for chunk in upstream.content.iter_chunked(CHUNK):
            flow.down(len(chunk))
            await answer.write(chunk)
        await answer.write_eof()
    except (aiohttp.ClientError, ConnectionError, NotAllowed):
        if request.transport is not None:
            request.transport.abort()
