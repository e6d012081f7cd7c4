"""`gateway.status` and `gateway.put50mb`: what the gateway adds to a question and to a large save.

Behind both sides answers the same small server on a unix socket, as a lab's would. `gateway.status` compares with
asking that socket directly; `added` is the difference of the medians in milliseconds. `gateway.put50mb` compares with
nginx in front of the same socket (Debian's, fetched when it is missing). Both sides in turn, medians of one run; the
gateway checks session, portal's word, route and headers of every request, nginx none of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from enclave.core.signing import SigningKey
from tests.factories import SERVICES
from tests.unit.sandboxes.test_gateway_wire import LAB, World, world

CACHE = Path(__file__).parents[1] / ".cache" / "nginx"
QUESTIONS = 300
SAVES = 7
BODY = os.urandom(50_000_000)
CONFIG = """
daemon off; error_log stderr crit; pid {folder}/nginx.pid; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off; client_max_body_size 0; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://unix:{socket}; proxy_http_version 1.1; proxy_request_buffering off; }}
  }}
}}
"""


def status() -> dict[str, Any]:
    """The benchmark of a small question."""
    ours, peer = asyncio.run(_in_world(_status))
    result = _result("gateway.status", ours, peer, "the same socket, directly", "ms")
    return {**result, "added": round((statistics.median(ours) - statistics.median(peer)), 3)}


def put50mb() -> dict[str, Any]:
    """The benchmark of a large save."""
    ours, peer = asyncio.run(_in_world(_saves))
    return _result("gateway.put50mb", ours, peer, "nginx before the same socket", "ms")


Story = Callable[[World, dict[str, str]], Awaitable[tuple[list[float], list[float]]]]


async def _in_world(story: Story) -> tuple[list[float], list[float]]:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with tempfile.TemporaryDirectory() as folder:
        async with world(Path(folder), _keys(Path(folder))) as made, aiohttp.ClientSession() as client:
            return await story(made, await made.enter(client))


async def _status(made: World, headers: dict[str, str]) -> tuple[list[float], list[float]]:
    through, direct = f"{made.url}{LAB}/api/status", f"http://lab{LAB}/api/status"
    ours, peer = [], []
    async with aiohttp.ClientSession() as outside, _socket_client(made) as inside:
        for number in range(QUESTIONS + 20):
            took = await _ask(outside, through, headers), await _ask(inside, direct, headers)
            if number >= 20:
                ours.append(took[0])
                peer.append(took[1])
    return ours, peer


async def _ask(client: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    async with client.get(url, headers=headers) as answer:
        assert answer.status == 200
        await answer.read()
    return (time.perf_counter() - began) * 1000


async def _saves(made: World, headers: dict[str, str]) -> tuple[list[float], list[float]]:
    ours, peer = [], []
    async with aiohttp.ClientSession() as client, _nginx(made) as address:
        for number in range(SAVES + 1):
            took = [await _put(client, base, headers) for base in (made.url, address)]
            if number:
                ours.append(took[0])
                peer.append(took[1])
    return ours, peer


async def _put(client: aiohttp.ClientSession, base: str, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    async with client.put(f"{base}{LAB}/api/contents/large.bin", data=BODY, headers=headers) as answer:
        assert (await answer.json())["size"] == len(BODY)
    return (time.perf_counter() - began) * 1000


def _socket_client(made: World) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(made.room / "up" / "server.sock")))


@contextlib.asynccontextmanager
async def _nginx(made: World) -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        made.room.parent.chmod(0o755)
        (made.room / "up" / "server.sock").chmod(0o777)
        config = Path(folder) / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, port=port, socket=made.room / "up" / "server.sock"))
        process = subprocess.Popen([_nginx_program(), "-e", "stderr", "-c", str(config)])
        try:
            await asyncio.sleep(1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _nginx_program() -> str:
    """The installed nginx, or Debian's, unpacked beside the checkout and not installed: a service is not wanted."""
    unpacked = CACHE / "usr" / "sbin" / "nginx"
    if (found := shutil.which("nginx")) is not None:
        return found
    if not unpacked.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", "nginx"], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
        for package in CACHE.glob("nginx_*.deb"):
            subprocess.run(["dpkg-deb", "-x", package.name, "."], cwd=CACHE, check=True)
    return str(unpacked)


def _keys(folder: Path) -> dict[str, SigningKey]:
    (folder / "keys" / "private").mkdir(parents=True)
    (folder / "keys" / "public").mkdir()
    made = {}
    for name in SERVICES:
        made[name] = SigningKey.create(folder / "keys" / "private" / f"{name}.key", name)
        (folder / "keys" / "public" / f"{name}.pub").write_text(made[name].public_text + "\n")
    return made


def _result(name: str, ours: list[float], peer: list[float], peer_name: str, unit: str) -> dict[str, Any]:
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return {
        "name": name,
        "ours": round(mine, 3),
        "peer": round(theirs, 3),
        "peer_name": peer_name,
        "ratio": round(mine / theirs, 3),
        "unit": unit,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


BENCHMARKS: dict[str, Callable[[], dict[str, Any]]] = {"gateway.status": status, "gateway.put50mb": put50mb}
