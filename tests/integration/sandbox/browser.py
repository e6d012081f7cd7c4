"""A person at a browser, as far as HTTP shows: cookies by host, redirects, forms, one kernel over a websocket."""

from __future__ import annotations

import json
import re
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult


class Loopback(AbstractResolver):
    """Every name is this machine, as browsers hold it for `*.localhost`."""

    async def resolve(
        self, host: str, port: int = 0, family: sockets.AddressFamily = sockets.AF_INET
    ) -> list[ResolveResult]:
        found = ResolveResult(hostname=host, host="127.0.0.1", port=port, family=sockets.AF_INET, proto=0, flags=0)
        return [found]

    async def close(self) -> None:
        """Nothing is held."""


class Browser:
    """One person's browser."""

    def __init__(self, client: aiohttp.ClientSession, name: str, port: int) -> None:
        self.client, self.name = client, name
        self.portal = f"http://enclave.localhost:{port}/services/portal"
        self.lab = f"http://{name}.enclave.localhost:{port}/user/{name}/promise"
        self.origin = f"http://{name}.enclave.localhost:{port}"

    async def go(self, url: str, **options: Any) -> tuple[int, str, str]:
        """Follow redirects like a person's click; returns status, final address and text."""
        kind = "iframe" if options.pop("framed", False) else "document"
        headers = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": kind}
        method = options.pop("method", "GET")
        for _ in range(12):
            async with self.client.request(method, url, headers=headers, allow_redirects=False, **options) as answer:
                text = await answer.text()
                if answer.status not in (301, 302, 303, 307, 308):
                    return answer.status, url, text
                url, method, options = urljoin(url, answer.headers["Location"]), "GET", {}
        raise AssertionError(f"redirected for ever, last to {url}")

    async def log_in(self, password: str) -> tuple[int, str, str]:
        """Go to the sessions page and fill in the hub's form on the way."""
        _, url, text = await self.go(f"{self.portal}/sessions")
        form = {"username": self.name, "password": password, "_xsrf": _field(text, "_xsrf")}
        return await self.go(url, method="POST", data=form)

    async def submit(self, path: str, page: str) -> tuple[int, str, str]:
        """Send a form of the portal that has no other fields."""
        return await self.go(self.portal + path, method="POST", data={"csrf": _field(page, "csrf")})

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Fetch an address of the lab as Lab's own script does."""
        async with self.client.get(self.lab + path, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def new_kernel(self, name: str = "python3") -> str:
        """Start a kernel of a kind; returns its id."""
        headers = {"Origin": self.origin}
        async with self.client.post(f"{self.lab}/api/kernels", json={"name": name}, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            return str((await answer.json())["id"])

    @asynccontextmanager
    async def channels(self, kernel: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """The kernel's websocket."""
        address = f"{self.lab}/api/kernels/{kernel}/channels"
        async with self.client.ws_connect(address, headers={"Origin": self.origin}) as channels:
            yield channels

    async def run(self, kernel: str, code: str) -> str:
        """Execute code; returns what it printed or its last value."""
        async with self.channels(kernel) as channels:
            request = _execute(code)
            await channels.send_json(request)
            return await _output(channels, request["header"]["msg_id"])


@asynccontextmanager
async def browsing(name: str, port: int) -> AsyncIterator[Browser]:
    """A fresh browser of a person."""
    connector = aiohttp.TCPConnector(resolver=Loopback(), force_close=True)
    trusted = f"http://{name}.enclave.localhost:{port}"  # as browsers hold it for `*.localhost`
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=trusted)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as client:
        yield Browser(client, name, port)


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"the page has no field {name}"
    return found[1]


def _execute(code: str) -> dict[str, Any]:
    header = {"msg_id": uuid4().hex, "msg_type": "execute_request", "username": "", "session": uuid4().hex}
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    return {
        "header": {**header, "version": "5.3", "date": ""},
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
        "buffers": [],
    }


async def _output(channels: aiohttp.ClientWebSocketResponse, request: str) -> str:
    """What the request printed, once it is answered and the kernel is idle again; the two come in any order."""
    text, waiting = "", {"answer", "idle"}
    async for message in channels:
        model = json.loads(message.data)
        kind, content = model["msg_type"], model["content"]
        if model["parent_header"].get("msg_id") != request:
            continue
        if kind == "stream":
            text += content["text"]
        elif kind == "execute_result":
            text += content["data"]["text/plain"]
        elif kind == "error":
            raise AssertionError("\n".join(content["traceback"]))
        elif kind == "execute_reply":
            waiting.discard("answer")
        elif kind == "status" and content["execution_state"] == "idle":
            waiting.discard("idle")
        if not waiting:
            return text
    raise AssertionError(f"the kernel's websocket was closed: {channels.close_code}")
