"""Private questions from the researcher's library to the answer, as in a sandbox: through its relay.

`dp.preview.portal`: the price of a question that was not asked before, p50 in milliseconds (limit 50).
`dp.query.portal`: a new question about one million rows until its answer, p50 in milliseconds; replies after data
access are held back to the next tenth of a second at least, so 100 ms are the floor. Both p95 too.

Library, relay, portal, ledger on SQLite and data service are the real ones, the last two as processes of their own;
in place of JupyterHub, which says whose token it is, a small server answers.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import duckdb

import c2c_research as c2c
from benchmarks.dp_groupby import ROWS_SQL, Line, line
from enclave.core.clock import SystemClock
from services.relay.server import Relay
from tests.unit.dp.attacks.house import House, attacked_house
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT

WHERE = {"academic_year": 2019}
TIMES = {"dp.preview.portal": 100, "dp.query.portal": 40}


def preview() -> Line:
    """`c2c.dp.cost`, each time for another epsilon."""
    return _measured(
        "dp.preview.portal", 50.0,
        lambda step: c2c.dp.cost("k12_completion", by="county_code", where=WHERE, epsilon=1 + step / 1000),
    )  # fmt: skip


def query() -> Line:
    """`c2c.dp.count` by county, each time for another rho, which makes it another question."""
    return _measured(
        "dp.query.portal", None,
        lambda step: c2c.dp.count("k12_completion", by="county_code", where=WHERE, rho=1e-6 * (step + 1)),
    )  # fmt: skip


BENCHMARKS: dict[str, Callable[[], Line]] = {"dp.preview.portal": preview, "dp.query.portal": query}


def _measured(name: str, limit: float | None, ask: Callable[[int], Any]) -> Line:
    times = []
    with attacked_house() as house, _sandbox(house):
        _fill(house)
        ask(0)  # the table is bounded and everything loaded
        for step in range(1, TIMES[name] + 1):
            began = time.perf_counter()
            ask(step)
            times.append((time.perf_counter() - began) * 1000)
    p95 = sorted(times)[int(len(times) * 0.95)]
    found = line(name, statistics.median(times), limit, "the limit" if limit else "", "ms p50")
    return {**found, "p95": round(p95, 1), "calls": len(times)}


def _fill(house: House) -> None:
    """One million rows in place of the house's few."""
    table = house.paths.editions / EDITION / "cde" / "k12_completion.parquet"
    with duckdb.connect() as database:
        database.execute(f"COPY ({ROWS_SQL.format(rows=1_000_000)}) TO '{table}' (FORMAT parquet)")


@contextmanager
def _sandbox(house: House) -> Iterator[None]:
    """The relay of Alice's lab, and the environment that her library finds there."""
    socket, loop = house.root / "relay.sock", asyncio.new_event_loop()
    opened, ended = threading.Event(), asyncio.Event()

    async def relay() -> None:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            passing = Relay(http, house.url, house.keys["gateway"], SystemClock())
            await passing.listen(socket, "alice", PROJECT)
            opened.set()
            await ended.wait()
            await passing.close_all()

    thread = threading.Thread(target=loop.run_until_complete, args=(relay(),))
    thread.start()
    opened.wait(20)
    environment = {"C2C_PROJECT": PROJECT, "C2C_RELAY": str(socket), "JUPYTERHUB_API_TOKEN": "lab-token"}
    before = {name: os.environ.get(name) for name in environment}
    os.environ |= environment
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        loop.call_soon_threadsafe(ended.set)
        thread.join(20)
        loop.close()
