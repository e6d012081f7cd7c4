"""`portal.load.sqlite` and `portal.load.postgresql`: how long people wait for the portal in a busy hour (p95 in ms).

200 researchers and 50 checkers, each with a browser session of their own, do one thing after another with exponential
think times of 5 seconds in the mean (a closed loop), over a history of 2,000 requests of five files. What they do is
`MIX`: eight pages and four writes. The portal is the real process with its real database; answers are counted from the
first byte sent to the last received. The hub is not there (its answers would be measured as ours), the checker is.
`C2C_LOAD_SECONDS` (180) and `C2C_LOAD_PEOPLE` (250) make it shorter. An error is any status but 2xx and 3xx.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from enclave.core.clock import FixedClock, SystemClock
from enclave.core.db import Database
from enclave.core.signing import SigningKey
from enclave.people.roles import Role
from enclave.people.web_sessions import csrf_token_for, open_session
from services.api.csrf import HEADER
from services.api.identity import SESSION_COOKIE
from services.portal.migrate import upgrade
from tests.approved import approved_project, make_cast
from tests.factories import SERVICES, make_actor
from tests.history import Copier, Pattern

SECONDS = int(os.environ.get("C2C_LOAD_SECONDS", "180"))
PEOPLE = int(os.environ.get("C2C_LOAD_PEOPLE", "250"))
THINK = 5.0
PROJECTS, REQUESTS, FILES = 40, 2_000, 5
BASE = "/services/portal"
TABLE = "district,n\n" + "".join(f"District {n},{120 + 10 * n}\n" for n in range(20))

# who, what, share of what that person does
MIX = [
    ("researcher", "home", 20), ("researcher", "outputs", 20), ("researcher", "request", 15),
    ("researcher", "project", 10), ("researcher", "catalogue", 10), ("researcher", "inbox", 10),
    ("researcher", "describe", 10), ("researcher", "draft", 5),
    ("checker", "home", 10), ("checker", "queue", 25), ("checker", "desk", 35),
    ("checker", "tick", 15), ("checker", "comment", 15),
]  # fmt: skip


@dataclass
class World:
    """What the virtual people know: their cookies, their projects, requests to look at."""

    url: str
    cookies: dict[str, str]
    projects: dict[str, str]
    own: dict[str, list[str]]
    drafts: dict[str, str]
    waiting: list[str]


@dataclass
class Tally:
    """Milliseconds by action, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def sqlite() -> dict[str, Any]:
    """The embedded database."""
    return _measured("portal.load.sqlite", lambda folder: _nothing(f"sqlite:///{folder / 'app' / 'app.db'}"))


def postgresql() -> dict[str, Any]:
    """A real PostgreSQL server on a socket of its own."""
    from tests.postgresql import create_database, server

    @contextmanager
    def database(_folder: Path) -> Iterator[str]:
        # not inside the benchmark's own folder: the server's account may not enter that
        with tempfile.TemporaryDirectory(prefix="c2c-pg-", dir="/tmp") as place, server(Path(place)) as address:
            yield create_database(address, "load")

    return _measured("portal.load.postgresql", database)


@contextmanager
def _nothing(url: str) -> Iterator[str]:
    yield url


def _measured(name: str, database: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="c2c-load-", dir="/tmp") as place:
        folder = Path(place)
        (folder / "app").mkdir()
        with database(folder) as url:
            world = _fill(folder, url)
            with _running(folder, url) as (address, process):
                world.url = address
                tally = asyncio.run(_load(world))
                peak = _peak_mb(process.pid)
    times = sorted(each for found in tally.times.values() for each in found)
    p95 = _p95(times)
    return {
        "name": name, "ours": p95, "peer": 300.0, "peer_name": "the limit",
        "ratio": round(p95 / 300, 3), "unit": "ms p95", "peak_mb": peak,
        "p50": round(statistics.median(times), 1), "p99": round(times[int(len(times) * 0.99)], 1),
        "answers": len(times), "errors": len(tally.errors), "first_errors": tally.errors[:3],
        "by_action": {key: _p95(found) for key, found in sorted(tally.times.items())},
    }  # fmt: skip


def _p95(times: list[float]) -> float:
    return round(sorted(times)[int(len(times) * 0.95)], 1)


# ---------------------------------------------------------------- the world


def _fill(folder: Path, url: str) -> World:
    upgrade(url)
    database = Database(url)
    (folder / "keys" / "private").mkdir(parents=True)
    (folder / "keys" / "public").mkdir()
    for name in SERVICES:
        key = SigningKey.create(folder / "keys" / "private" / f"{name}.key", name)
        (folder / "keys" / "public" / f"{name}.pub").write_text(key.public_text + "\n")
    researchers = [f"researcher-{n}" for n in range(PEOPLE * 4 // 5)]
    checkers = [f"checker-{n}" for n in range(PEOPLE - len(researchers))]
    clock = FixedClock(datetime.now(UTC) - timedelta(days=30))
    projects, cookies = {}, {}
    with database.write() as session:
        cast = make_cast(session, clock)
        for name in researchers:
            make_actor(session, clock, name, Role.RESEARCHER)
        for name in checkers:
            make_actor(session, clock, name, Role.OUTPUT_CHECKER)
        for number in range(PROJECTS):
            team = [name for index, name in enumerate(researchers) if index % PROJECTS == number]
            approved_project(session, cast, clock, project=f"project-{number}", team=("rosa", *team))
            projects |= dict.fromkeys(team, f"project-{number}")
        for name in (*researchers, *checkers):
            cookies[name] = open_session(session, name, SystemClock().now(), timedelta(hours=12))
    own, waiting = _history(folder, database, projects, checkers)
    database.dispose()
    return World("", cookies, projects, own, {}, waiting)


def _history(
    folder: Path, database: Database, projects: dict[str, str], checkers: list[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """2,000 requests over a month, of which one in twenty waits for a checker."""
    from tests.unit.airlock.house import CHRIS, DANA, House

    (folder / "pattern").mkdir()
    house = House(folder / "pattern")
    names = [f"table-{n}.csv" for n in range(FILES)]
    released = house.approved(names)
    house.release(released)
    submitted = house.submitted([f"new-{name}" for name in names])
    half = house.submitted([f"late-{name}" for name in names])
    house.vote(CHRIS, half)
    with house.database.read() as session:
        past, fresh, begun = (Pattern.of(session.connection(), each) for each in (released, submitted, half))
    assert DANA
    draw, copier = random.Random(11), Copier()
    own: dict[str, list[str]] = {}
    waiting: list[str] = []
    authors, start = sorted(projects), datetime.now(UTC) - timedelta(days=29)
    for number in range(REQUESTS):
        author = draw.choice(authors)
        seats = tuple(draw.sample(checkers, 2))
        pattern = past if number < REQUESTS * 0.95 else draw.choice((fresh, begun))
        at = start + timedelta(days=28) * (number / REQUESTS)
        made = copier.copy(pattern, project=projects[author], author=author, checkers=(seats[0], seats[1]), at=at)
        own.setdefault(author, []).append(made)
        waiting += [made] if pattern is not past else []
    copier.write(database)
    return own, waiting


@contextmanager
def _running(folder: Path, url: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The portal and the checker as processes of their own."""
    environment = os.environ | {
        "C2C_DATA_DIR": str(folder), "C2C_DATABASE_URL": url, "C2C_DEMO": "true", "C2C_HUB_URL": "http://127.0.0.1:9",
    }  # fmt: skip
    for name in ("sockets/checker", "sockets/operator", "airlock/blobs", "airlock/bundles", "events"):
        (folder / name).mkdir(parents=True)
    log = (folder / "portal.log").open("w")
    argv = [sys.executable, "-m", "services.checker"], [sys.executable, "-m", "benchmarks._portal_server", "8931"]
    processes = [subprocess.Popen(each, env=environment, stdout=log, stderr=log) for each in argv]
    try:
        yield _answering("http://127.0.0.1:8931", folder / "portal.log"), processes[1]
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        log.close()


def _answering(address: str, log: Path) -> str:
    import urllib.request

    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}{BASE}/healthz", timeout=5):
                return address
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The portal does not answer: " + log.read_text()[-2000:])


def _peak_mb(pid: int) -> int:
    """The most that each of the portal's processes held, added up: pages that they share count once for each."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    held = [Path(f"/proc/{each}/status").read_text() for each in (str(pid), *children)]
    return sum(int(match.group(1)) for text in held if (match := re.search(r"VmHWM:\s+(\d+)", text))) // 1024


# ---------------------------------------------------------------- the people


async def _load(world: World) -> Tally:
    tally, end = Tally(), time.monotonic() + SECONDS
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as client:
        await asyncio.gather(*(_person(world, client, tally, name, end) for name in world.cookies))
    return tally


async def _person(world: World, client: aiohttp.ClientSession, tally: Tally, name: str, end: float) -> None:
    draw = random.Random(name)
    kind = name.split("-")[0]
    actions = [action for who, action, _ in MIX if who == kind]
    weights = [share for who, _, share in MIX if who == kind]
    await asyncio.sleep(draw.uniform(0, THINK))
    while time.monotonic() < end:
        action = draw.choices(actions, weights)[0]
        begun = time.perf_counter()
        try:
            status = await _do(world, client, name, action, draw)
        except aiohttp.ClientError as problem:
            tally.errors.append(f"{action}: {type(problem).__name__}")
        else:
            tally.times.setdefault(action, []).append((time.perf_counter() - begun) * 1000)
            if status >= 400:
                tally.errors.append(f"{action}: {status}")
        await asyncio.sleep(draw.expovariate(1 / THINK))


async def _do(world: World, client: aiohttp.ClientSession, name: str, action: str, draw: random.Random) -> int:
    own = world.own.get(name)
    pages = {
        "home": "/", "outputs": "/releases", "project": f"/projects/{world.projects.get(name)}", "inbox": "/inbox",
        "catalogue": "/editions", "queue": "/review", "desk": f"/review/{draw.choice(world.waiting)}",
        "request": f"/releases/{draw.choice(own)}" if own else "/releases",
    }  # fmt: skip
    if action in pages:
        return await _ask(client, "GET", world, name, pages[action])
    if action in ("draft", "describe") and (action == "draft" or name not in world.drafts):
        return await _draft(client, world, name)
    if action == "describe":
        body = {"title": f"Table {draw.random():.6f}", "purpose": "For the paper.", "public": False}
        return await _ask(client, "PUT", world, name, f"/api/releases/{world.drafts[name]}", json=body)
    release = draw.choice(world.waiting)
    if action == "tick":
        return await _seated(client, world, name, release, f"/api/releases/{release}/checklist", {"items": ["counts"]})
    body = {"body": "Please say who is counted.", "visibility": "PRIVATE"}
    return await _seated(client, world, name, release, f"/api/releases/{release}/comments", body)


async def _seated(
    client: aiohttp.ClientSession, world: World, name: str, release: str, path: str, body: dict[str, Any]
) -> int:
    """A write at a desk; that its two places are taken is an answer, not an error."""
    status = await _ask(client, "POST", world, name, path, json=body)
    return 200 if status == 409 else status


async def _draft(client: aiohttp.ClientSession, world: World, name: str) -> int:
    """A table submitted as a draft: bytes into the store, the checker's verdict, a row."""
    form = aiohttp.FormData()
    for key, value in {"title": "Table 1", "purpose": "", "public": "false", "submit": "false"}.items():
        form.add_field(key, value)
    form.add_field("files", f"{TABLE}Nonce,{random.randrange(10**6)}0\n".encode(), filename="t.csv")
    url = f"{world.url}{BASE}/api/projects/{world.projects[name]}/outputs"
    async with client.post(url, data=form, headers=_headers(world, name)) as answer:
        text = await answer.text()
        if answer.status == 201:
            world.drafts[name] = json.loads(text)["id"]
        return answer.status


async def _ask(client: aiohttp.ClientSession, method: str, world: World, name: str, path: str, json: Any = None) -> int:
    url = f"{world.url}{BASE}{path}"
    async with client.request(method, url, headers=_headers(world, name), json=json, allow_redirects=False) as answer:
        await answer.read()
        return answer.status


def _headers(world: World, name: str) -> dict[str, str]:
    secret = world.cookies[name]
    return {"Cookie": f"{SESSION_COOKIE}={secret}", HEADER: csrf_token_for(secret), "Host": "enclave.localhost:8000"}


BENCHMARKS = {"portal.load.sqlite": sqlite, "portal.load.postgresql": postgresql}
