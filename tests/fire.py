"""The portal and the data service as real processes that can be killed, and researchers who ask all sorts of things.

No container is needed: each service is started by its module's entry point over a data folder of its own, and people
come in by the operator's socket of the demonstration.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx

from enclave.core.clock import SystemClock
from enclave.core.db import Database
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from services.api.context import Context
from services.api.hub import HubClient
from services.portal.migrate import upgrade
from tests.factories import OPERATOR, SERVICES
from tests.portal import BASE
from tests.unit.dp.editions import EDITION, completions, publish
from tests.unit.dp.world import make_project, wait_until

PEOPLE = {"one": "alice", "two": "ben", "three": "cleo", "four": "dora"}
"""Project → its member."""
_START = {
    "data": "from services.data.__main__ import main; main()",
    "portal": "from services.portal.__main__ import main; main('127.0.0.1', {port})",
}
_HOSTILE: tuple[Any, ...] = (
    {"loss": {"epsilon": -1}},
    {"loss": {"epsilon": "1"}},
    {"loss": {"rho": 1e308}},
    {"loss": {"error": True}},
    {"loss": {}},
    {"dataset": "people"},
    {"measures": []},
    {"where": [{"column": "ssn", "op": "=", "value": "1"}]},
    {"purse": "other"},
    {"by": [{"column": "county_code", "keys": ["01"] * 20_000}]},
    '{"dataset": "k12_completion", "loss": {"epsilon": NaN}}',
    "[" * 5_000,
    "{",
    {"extra": "x" * 300_000},
    {"sql": "SELECT wage FROM x; DROP TABLE y"},
)


@dataclass
class Fire:
    """An enclave's two services over a data folder; `processes` are running ones."""

    context: Context
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=lambda: {"data": 0, "portal": 0})

    def start(self, service: str) -> None:
        """Start one service in a group of its own; its log goes to the data folder."""
        settings = self.context.settings
        environment = {
            **os.environ, "C2C_DATA_DIR": str(settings.data_dir), "C2C_DATABASE_URL": settings.database,
            "C2C_DEMO": "true", "C2C_PORTAL_PROCESSES": "2",
        }  # fmt: skip
        with (settings.data_dir / f"{service}.log").open("ab") as log:
            self.processes[service] = subprocess.Popen(
                [sys.executable, "-c", _START[service].format(port=self.port)],
                env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self, service: str) -> None:
        """SIGKILL: nothing of it goes on."""
        process = self.processes.pop(service)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills[service] += 1

    def answers(self, service: str) -> bool:
        """Whether the service answers on its socket."""
        place = self.context.settings.paths.socket("operator" if service == "portal" else service)
        path = "/healthz" if service == "data" else f"{BASE}/api/public/privacy"
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(place))
            with httpx.Client(transport=httpx.HTTPTransport(uds=str(place)), timeout=5) as client:
                return client.get(f"http://x{path}").status_code == 200
        except (OSError, httpx.HTTPError):
            return False


@contextmanager
def burning(folder: Path, address: str) -> Iterator[Fire]:
    """Both services up, four projects with a member each, one published edition; all processes end with the block."""
    settings = Settings(data_dir=folder, database_url=address, demo=True)
    for name in ("private", "public"):
        (folder / "keys" / name).mkdir(parents=True)
    for name in SERVICES:
        key = SigningKey.create(settings.paths.private_key(name), name)
        (settings.paths.public_keys / f"{name}.pub").write_text(key.public_text + "\n")
    for place in (settings.paths.app, settings.paths.blobs, settings.paths.bundles, settings.paths.events):
        place.mkdir(parents=True, exist_ok=True)
    for service in ("operator", "data"):
        settings.paths.socket(service).parent.mkdir(parents=True, exist_ok=True)
    publish(folder, completions())
    upgrade(address)
    clock, keyring = SystemClock(), Keyring.load(settings.paths.public_keys)
    key = SigningKey.load(settings.paths.private_key("portal"))
    context = Context(settings, Database(address), key, keyring, HubClient("http://127.0.0.1:9", ""), clock)
    with context.database.write() as session:
        for project, member in PEOPLE.items():
            make_project(session, clock, project, member)
    fire = Fire(context, _free_port())
    try:
        for service in _START:
            fire.start(service)
        for service in _START:
            wait_until(lambda service=service: fire.answers(service), 60)  # type: ignore[misc]
        yield fire
    finally:
        for service in list(fire.processes):
            fire.kill(service)
        context.database.dispose()


def researchers(fire: Fire, many: int, requests: int, price: float, folder: Path) -> list[BaseProcess]:
    """Start so many processes that send `requests` requests in all; what each saw stands in `folder` afterwards."""
    forked = multiprocessing.get_context("fork")
    place = fire.context.settings.paths.socket("operator")
    started: list[BaseProcess] = []
    for number in range(many):
        arguments = (number, requests // many, price, place, folder / f"{number}.jsonl")
        started.append(forked.Process(target=_researcher, args=arguments, daemon=True))
        started[-1].start()
    return started


def seen(folder: Path) -> list[dict[str, Any]]:
    """What all researchers saw."""
    return [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]


def question(chance: random.Random, price: float) -> dict[str, Any]:
    """A question about completions; at a price that makes it a new one."""
    measures: Sequence[dict[str, str]] = ({"kind": "count_persons"}, {"kind": "mean", "column": "gpa"})
    return {
        "dataset": "k12_completion",
        "where": [{"column": "academic_year", "op": "=", "value": chance.choice((2023, 2024))}],
        "by": [{"column": "county_code", "keys": chance.choice((["01", "19"], ["19"], ["01"]))}],
        "measures": [chance.choice(measures)],
        "loss": {"rho": round(price * chance.uniform(0.5, 1.5), 9)},
        "purse": chance.choice(("explore", "explore", "explore", "release", "revision")),
    }


def _researcher(number: int, requests: int, price: float, place: Path, report: Path) -> None:
    chance, known = random.Random(number), random.Random(0)
    popular = [question(known, price / 4) for _ in range(20)]
    own: list[dict[str, Any]] = []
    with report.open("w") as lines:
        for _ in range(requests):
            kind = chance.choices(
                ("preview", "new", "again", "popular", "foreign", "malformed"), (25, 30, 15, 10, 8, 12)
            )[0]
            project = chance.choice(list(PEOPLE))
            body: Any = question(chance, price)
            if kind == "popular":
                body = chance.choice(popular)
            elif kind == "again" and own:
                project, body = chance.choice(own)["asked"]
            elif kind == "malformed":
                wrong = chance.choice(_HOSTILE)
                body = wrong if isinstance(wrong, str) or "sql" in wrong else {**body, **wrong}
            if kind == "new":
                own.append({"asked": (project, body)})
            person = PEOPLE[project] if kind != "foreign" else next(who for at, who in PEOPLE.items() if at != project)
            path = f"{BASE}/api/projects/{project}/dp/{'cost' if kind == 'preview' else 'queries'}"
            lines.write(json.dumps({"kind": kind, **_send(place, path, person, body)}) + "\n")
            lines.flush()


def _send(place: Path, path: str, person: str, body: Any, patience: float = 120) -> dict[str, Any]:
    """One request, sent again (as anybody would) when the portal is killed under it; `cut` counts how often."""
    content = body if isinstance(body, str) else json.dumps(body)
    key = sha256(f"{content}".encode()).hexdigest()
    deadline, cut = time.monotonic() + patience, 0
    while True:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(uds=str(place)), timeout=60) as client:
                headers = {"X-C2C-As": person, "content-type": "application/json"}
                answer = client.post(f"http://portal{path}", content=content, headers=headers)
        except httpx.HTTPError:
            cut += 1
            if time.monotonic() > deadline:
                return {"status": 0, "cut": cut}
            time.sleep(0.2)
            continue
        said = answer.json()
        found = {"status": answer.status_code, "cut": cut, "question": key}
        if answer.status_code == 200 and path.endswith("queries"):
            digest = sha256(json.dumps(said["rows"], sort_keys=True).encode()).hexdigest()
            found |= {"rows": digest, "entry": said["entry"]}
        elif answer.status_code >= 400:
            time.sleep(0.3 if answer.status_code == 503 else 0)
            found |= {"code": said["error"]["code"], "message": said["error"]["message"]}
        return found


def ask_once(fire: Fire, project: str, body: Any) -> dict[str, Any]:
    """One question of a project's member."""
    place = fire.context.settings.paths.socket("operator")
    return _send(place, f"{BASE}/api/projects/{project}/dp/queries", PEOPLE[project], body)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


__all__ = ["EDITION", "OPERATOR", "PEOPLE", "Fire", "ask_once", "burning", "question", "researchers", "seen"]
