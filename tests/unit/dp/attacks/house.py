"""A portal and a data service as processes of their own, around an edition with planted canaries, for attackers.

The hub alone is stood in for: a small server that knows a few tokens and answers as JupyterHub does.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from enclave.core.clock import SystemClock
from enclave.core.db import Database
from enclave.core.settings import Paths
from enclave.core.signing import Keyring, SigningKey
from enclave.dp import store
from enclave.dp.model import LedgerEntry
from enclave.editions.model import EditionTable
from enclave.people.web_sessions import open_session
from services.portal.migrate import upgrade
from tests.factories import SERVICES, make_user
from tests.unit.dp.editions import EDITION, completions, publish
from tests.unit.dp.world import PROJECT, make_project, wait_until

CANARY = "canary-4711"
"""In every text of the edition's data that somebody might get to see."""
PERSONS = 7_431_985_562_000
"""Keys of persons begin here: thirteen digits that occur nowhere else."""
ALONE = "7770777"
"""A school with one person in it."""
OTHER = "beside"
"""Ben's project; Alice is no member of it."""
BASE = "/services/portal/api"
TOKENS = {
    "alice-token": {"kind": "user", "name": "alice", "scopes": []},
    "ben-token": {"kind": "user", "name": "ben", "scopes": []},
    "mallory-token": {"kind": "user", "name": "mallory", "scopes": []},
    "ghost-token": {"kind": "user", "name": "ghost", "scopes": []},
    "service-token": {"kind": "service", "name": "portal", "scopes": []},
    "lab-token": {"kind": "user", "name": "alice", "scopes": [f"access:servers!server=alice/{PROJECT}"]},
}


@dataclass(frozen=True)
class Books:
    """The ledger's sums at one moment, in nano-rho."""

    charged: dict[tuple[str, str], int]
    cap: int
    entries: int
    open: int


@dataclass(frozen=True)
class House:
    """The running enclave of an attack."""

    root: Path
    url: str
    database: Database
    keys: dict[str, SigningKey]
    cookies: dict[str, str]
    client: httpx.Client

    @property
    def paths(self) -> Paths:
        return Paths(self.root)

    @property
    def keyring(self) -> Keyring:
        return Keyring.load(self.paths.public_keys)

    def send(
        self, body: Any, *, path: str = f"/projects/{PROJECT}/dp/queries", method: str = "POST",
        token: str | None = "alice-token", headers: dict[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """A request over TCP; a body that is not bytes goes as JSON, NaN and infinities included."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **({"Authorization": f"token {token}"} if token else {})}
        request = self.client.build_request(
            method, f"{self.url}{BASE}{path}", content=content, headers=sent | (headers or {})
        )
        return self.client.send(request)

    def announced(self, head: list[tuple[str, str]]) -> int:
        """The status that answers a head alone."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        connection.putrequest("POST", f"/services/portal/api/projects/{PROJECT}/dp/queries")
        for name, value in (("Authorization", "token alice-token"), *head):
            connection.putheader(name, value)
        connection.endheaders()
        try:
            return connection.getresponse().status
        finally:
            connection.close()

    def books(self) -> Books:
        """What the ledger holds now."""
        with self.database.read() as session:
            rows = [row for name in (PROJECT, OTHER, "~planning") for row in store.budgets_of(session, name, EDITION)]
            cap = store.cap(session, EDITION)
            entries = session.query(LedgerEntry).all()
            return Books(
                {(row.project, row.purse): row.charged for row in rows}, cap.charged if cap else 0,
                len(entries), sum(entry.state == "RESERVED" for entry in entries),
            )  # fmt: skip

    def written(self) -> dict[str, bytes]:
        """All that was written outside of the data themselves: logs, application database, kept answers."""
        answers = self.paths.bounded / "answers"
        files = [*self.root.glob("*.log"), *self.paths.app.iterdir(), *answers.iterdir()]
        return {str(file.relative_to(self.root)): file.read_bytes() for file in files}


@contextmanager
def attacked_house() -> Iterator[House]:
    """Everything from keys to processes, gone again at the end."""
    root = Path(tempfile.mkdtemp(prefix="c2c-attacks-", dir="/tmp"))
    try:
        keys = _keys(root)
        database, cookies = _fill(root)
        with _hub() as hub, _processes(root, hub) as url, httpx.Client(timeout=60) as client:
            yield House(root, url, database, keys, cookies, client)
        database.dispose()
    finally:
        shutil.rmtree(root)


def planted() -> list[dict[str, Any]]:
    """Completions of which every person, and some codes that no policy lists, can be recognised."""
    rows = [
        {**row, "person_key": PERSONS + row["person_key"], "gpa": str(row["gpa"]), "school_code": "0000001"}
        for row in completions(400)
    ]
    odd = {"county_code": f"{CANARY}-county", "district_code": f"{CANARY}-district", "gpa": f"{CANARY}-gpa"}
    odd |= {"school_code": f"{CANARY}-school", "gender": f"{CANARY}-gender", "completion_type": f"{CANARY}-type"}
    alone = {"person_key": PERSONS + 990, "academic_year": 2024, "school_code": ALONE}
    return [*rows, {**rows[0], **alone}, *({**rows[0], **odd, "person_key": PERSONS + 900 + n} for n in range(40))]


def _keys(root: Path) -> dict[str, SigningKey]:
    (root / "keys" / "private").mkdir(parents=True)
    (root / "keys" / "public").mkdir()
    made = {name: SigningKey.create(root / "keys" / "private" / f"{name}.key", name) for name in SERVICES}
    for name, key in made.items():
        (root / "keys" / "public" / f"{name}.pub").write_text(key.public_text + "\n")
    return made


def _fill(root: Path) -> tuple[Database, dict[str, str]]:
    """The application database with three people and two projects; the edition on disk."""
    paths = Paths(root)
    for folder in (paths.app, paths.blobs, paths.bundles, paths.events, paths.socket("operator").parent):
        folder.mkdir(parents=True)
    publish(root, planted())
    publish(root, [{"person_key": f"{CANARY}-person", "academic_year": 2023}], table="k12_enrollment")
    address = f"sqlite:///{paths.app / 'app.db'}"
    upgrade(address)
    database, clock = Database(address), SystemClock()
    with database.write() as session:
        make_project(session, clock)
        make_project(session, clock, OTHER, "ben")
        make_user(session, clock, "mallory")
        columns = [{"name": "academic_year", "type": "integer", "description": "", "kind": "attribute"}]
        table = {"provider": "cde", "name": "k12_enrollment", "description": "", "rows": 1, "persons": 1}
        session.add(
            EditionTable(
                id=f"{EDITION}/cde/k12_enrollment", edition_id=EDITION, digest="0" * 64, columns=columns, **table
            )
        )
        hours = {"alice": 1, "ben": 1, "mallory": 1, "late": -1}
        cookies = {
            name: open_session(session, "alice" if name == "late" else name, clock.now(), timedelta(hours=life))
            for name, life in hours.items()
        }
    return database, cookies


@contextmanager
def _hub() -> Iterator[str]:
    """JupyterHub's answer to "whose token is this", for the tokens of the table."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, _, token = self.headers.get("Authorization", "").partition(" ")
            model = TOKENS.get(token)
            self.send_response(200 if model else 403)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(model or {"status": 403}).encode())

        def log_message(self, *_ignored: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def _processes(root: Path, hub: str) -> Iterator[str]:
    """Portal and data service, each with its log; gone at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "C2C_DATA_DIR": str(root), "C2C_DEMO": "true", "C2C_HUB_URL": hub, "C2C_PORTAL_PROCESSES": "1",
    }  # fmt: skip
    commands = {
        "data": [sys.executable, "-m", "services.data"],
        "portal": [sys.executable, "-m", "benchmarks._portal_server", str(port)],
    }
    running = []
    for name, command in commands.items():
        with (root / f"{name}.log").open("w") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(url) and Paths(root).socket("data").exists(), 90)
        yield url
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/services/portal/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
