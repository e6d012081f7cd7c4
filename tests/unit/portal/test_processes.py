"""Several processes of the portal: all serve one database, and when one ends all end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from enclave.core.clock import FixedClock, SystemClock
from enclave.core.db import Database
from enclave.core.signing import SigningKey
from enclave.people.model import User
from enclave.people.roles import Role
from enclave.people.web_sessions import open_session
from services.api.identity import SESSION_COOKIE
from services.portal.migrate import upgrade
from tests.factories import SERVICES, make_actor
from tests.portal import BASE


def test_a_suspension_counts_in_all_processes_and_none_outlives_another(tmp_path: Path, clock: FixedClock) -> None:
    database, cookie = _world(tmp_path, clock)
    with _portal(tmp_path, processes=2) as (portal, address):
        children = _children(portal.pid)
        assert len(children) == 2
        assert _answers(address, cookie) == {200}
        with database.write() as session:
            session.get_one(User, "rosa").state = "SUSPENDED"
        assert _answers(address, cookie) == {403}
        os.kill(children[0], signal.SIGKILL)
        assert portal.wait(30) != 0, "the container is to be started again"
        assert not any(Path(f"/proc/{child}").exists() for child in children)
    database.dispose()


def _world(folder: Path, clock: FixedClock) -> tuple[Database, str]:
    """An empty enclave in which rosa is logged in; the address of its database is the settings' own."""
    for name in (
        "app",
        "keys/private",
        "keys/public",
        "sockets/operator",
        "airlock/blobs",
        "airlock/bundles",
        "events",
    ):
        (folder / name).mkdir(parents=True)
    for service in SERVICES:
        key = SigningKey.create(folder / "keys" / "private" / f"{service}.key", service)
        (folder / "keys" / "public" / f"{service}.pub").write_text(key.public_text + "\n")
    url = f"sqlite:///{folder / 'app' / 'app.db'}"
    upgrade(url)
    database = Database(url)
    with database.write() as session:
        make_actor(session, clock, "rosa", Role.RESEARCHER)
        return database, open_session(session, "rosa", SystemClock().now(), timedelta(hours=1))


@contextmanager
def _portal(folder: Path, processes: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"C2C_DATA_DIR": str(folder), "C2C_DATABASE_URL": f"sqlite:///{folder / 'app' / 'app.db'}",
                "C2C_DEMO": "true", "C2C_PORTAL_PROCESSES": str(processes)}  # fmt: skip
    argv = [sys.executable, "-m", "benchmarks._portal_server", str(port)]
    portal = subprocess.Popen(argv, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}{BASE}/healthz", portal)
        yield portal, f"http://127.0.0.1:{port}"
    finally:
        portal.terminate()
        portal.wait(30)


def _wait_for(address: str, portal: subprocess.Popen[Any]) -> None:
    for _ in range(600):
        assert portal.poll() is None, "the portal ended"
        try:
            httpx.get(address, timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the portal does not answer")


def _answers(address: str, cookie: str) -> set[int]:
    """What twenty browsers are told, each on a connection of its own, so that both processes are asked."""
    headers = {"Cookie": f"{SESSION_COOKIE}={cookie}", "Host": "enclave.localhost:8000", "Accept": "text/html"}
    return {httpx.get(f"{address}{BASE}/", headers=headers, timeout=30).status_code for _ in range(20)}


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
