"""`sandbox.spawn`: from the click to a lab that answers, against plain `docker run` of a Jupyter server.

Both sides use the same image and wait for the same answer of the server: the peer's over its unix socket, ours by the
hub's own check through the gateway. They run in turn; medians of `ROUNDS`. `hub_share` is what the start takes beyond
the container's own time (grant, guard, workspace, room, hub, gateway), `ask_for_it` the part until the hub has the
request; `grant` (the portal's word), `create` (guard, workspace, room, engine) and `start` are the hub's steps before
the server inside begins. Makes an enclave of its own, as the tests do; needs root and the sandbox's image.
"""

from __future__ import annotations

import asyncio
import json
import resource
import secrets
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.lab_sessions import hub_of
from tests.integration.sandbox.browser import browsing
from tests.integration.sandbox.house import PASSWORD, House, running_house, wait_until
from tests.integration.sandbox.lab import sandbox_image

ROUNDS = 5


def spawn() -> dict[str, Any]:
    """The benchmark."""
    ours: list[float] = []
    asked: list[float] = []
    peer: list[float] = []
    with running_house(sandbox_image()) as house:
        asyncio.run(_meet(house))
        for _ in range(ROUNDS):
            peer.append(_plain(house.image))
            took, answered = _ours(house)
            ours.append(took)
            asked.append(answered)
        steps = _steps(house)
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return {
        "name": "sandbox.spawn",
        "ours": round(mine, 3),
        "peer": round(theirs, 3),
        "peer_name": "docker run of jupyter server",
        "ratio": round(mine / theirs, 3),
        "unit": "s",
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "ask_for_it": round(statistics.median(asked), 3),
        "hub_share": round(mine - theirs, 3),
        **steps,
    }


def _steps(house: House) -> dict[str, float]:
    """Medians of the steps that the hub writes into its log."""
    lines = (house.settings.data_dir / "hub.log").read_text().splitlines()
    found = [json.loads(line.partition("Lab steps ")[2]) for line in lines if "Lab steps " in line]
    return {name: round(statistics.median(each[name] for each in found), 3) for name in found[0]}


async def _meet(house: House) -> None:
    """Let the hub know rosa."""
    async with browsing("rosa", house.port) as browser:
        await browser.log_in(PASSWORD)


def _ours(house: House) -> tuple[float, float]:
    """Seconds until the hub says ready, and until it had taken the request; the lab is stopped afterwards."""
    hub = hub_of(house.context)
    began = time.monotonic()
    hub.start("rosa", "promise")
    asked = time.monotonic() - began

    def ready() -> bool:
        return any(lab.state == "ready" for lab in hub.labs_of("rosa"))

    wait_until(ready, "the lab did not become ready", 90)
    took = time.monotonic() - began
    hub.stop("rosa", "promise")
    wait_until(lambda: not house.room.exists() and not hub.labs_of("rosa"), "the lab did not stop", 60)
    return took, asked


def _plain(image: str) -> float:
    """Seconds until a Jupyter server in a plain container answers on a socket."""
    name = f"c2c-plain-{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o777)
        command = ["jupyter", "lab", "--ServerApp.sock=/up/s.sock", "--ServerApp.sock_mode=0666", "--no-browser"]
        began = time.monotonic()
        argv = ["docker", "run", "-d", "--rm", "--name", name, "--network", "none", "-v", f"{folder}:/up", image]
        subprocess.run([*argv, *command, "--IdentityProvider.token="], check=True, capture_output=True)
        try:
            wait_until(lambda: _answers(place / "s.sock"), "the plain server did not answer", 90)
            return time.monotonic() - began
        finally:
            subprocess.run(["docker", "rm", "-f", name], check=False, capture_output=True)


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(5)
            one.connect(str(path))
            one.sendall(b"GET /api/status HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in one.recv(100)
    except OSError:
        return False


BENCHMARKS: dict[str, Callable[[], dict[str, Any]]] = {"sandbox.spawn": spawn}
