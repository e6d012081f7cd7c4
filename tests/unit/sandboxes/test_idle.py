"""Idle labs: when a lab counts as used, when its owner is warned, and that what computes is never stopped."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from enclave.core.calls import HEADER, sign_call
from enclave.core.clock import FixedClock
from enclave.core.signing import Keyring, SigningKey
from services.gateway.activity import ADDRESS, Activity
from services.gateway.forward import new_client
from services.gateway.rooms import Resident
from services.lab_idle import Idleness, idle_since

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PATH = "/activity/rosa/promise"


def minutes(count: int) -> str:
    return (NOON + timedelta(minutes=count)).isoformat().replace("+00:00", "Z")


class OneLab:
    """The lab of rosa in promise, over a unix socket."""

    def __init__(self, socket: Path) -> None:
        self.room = Resident(socket.parent, "rosa", "promise", "", 1)
        self.open = new_client(str(socket))

    def resident(self, user: str, project: str) -> Resident:
        assert (user, project) == ("rosa", "promise")
        return self.room

    def runs(self, resident: Resident) -> bool:
        return resident == self.room

    def client(self, user: str, project: str) -> aiohttp.ClientSession:
        return self.open


def told(tmp_path: Path, keys: dict[str, SigningKey], kernels: Any, issuer: str = "worker") -> Any:
    """What the gateway says an hour after noon of a lab with these kernels; the status when refused."""
    clock = FixedClock(NOON)

    async def whole() -> Any:
        async def answer(request: web.Request) -> web.Response:
            assert request.path.endswith("/api/kernels")
            return web.Response(text=kernels if isinstance(kernels, str) else json.dumps(kernels))

        lab = web.Application()
        lab.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(lab)
        await runner.setup()
        await web.UnixSite(runner, str(tmp_path / "s")).start()
        keyring = Keyring({name: key.public_text for name, key in keys.items()})
        labs = OneLab(tmp_path / "s")
        activity = Activity(labs, keyring, clock)  # type: ignore[arg-type]
        control = web.Application()
        control.router.add_get(ADDRESS, activity.handle)
        door = web.AppRunner(control)
        await door.setup()
        await web.UnixSite(door, str(tmp_path / "c")).start()
        clock.advance(timedelta(hours=1))
        headers = {HEADER: sign_call(keys[issuer], clock, "GET", PATH)}
        async with new_client(str(tmp_path / "c")) as client, client.get(f"http://c{PATH}", headers=headers) as said:
            found = await said.json() if said.status == 200 else said.status
        await labs.open.close()
        await door.cleanup()
        await runner.cleanup()
        return found

    return asyncio.run(whole())


def kernel(state: str, last: int) -> dict[str, str]:
    return {"execution_state": state, "last_activity": minutes(last)}


# number, what, kernels, busy, minutes after noon of the last use
LABS: list[tuple[int, str, Any, bool, int]] = [
    (1, "nothing runs", [], False, 0),
    (2, "a kernel rests", [kernel("idle", 20)], False, 20),
    (3, "one of two computes", [kernel("idle", 20), kernel("busy", 5)], True, 20),
    (4, "a kernel starts", [kernel("starting", 60)], True, 60),
    (5, "a time in the future counts as now", [kernel("idle", 9000)], False, 60),
    (6, "the lab answers nonsense", "no", True, 0),
    (7, "the lab answers another shape", {"a": 1}, True, 0),
    (8, "the lab answers without end", "[" + " " * 2_000_000 + "]", True, 0),
]


@pytest.mark.parametrize(("number", "what", "kernels", "busy", "used"), LABS, ids=[row[1] for row in LABS])
def test_what_counts_as_use(
    number: int, what: str, kernels: Any, busy: bool, used: int, tmp_path: Path, keys: dict[str, SigningKey]
) -> None:
    answer = told(tmp_path, keys, kernels)
    assert (answer["busy"], datetime.fromisoformat(answer["used"])) == (busy, NOON + timedelta(minutes=used))


def test_only_portal_and_worker_may_ask(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    assert told(tmp_path, keys, [], issuer="hub") in (401, 403)


# number, busy, minutes since the last use, over, warned
RULE = [
    (1, False, 0, False, False),
    (2, False, 104, False, False),
    (3, False, 106, False, True),
    (4, False, 120, True, True),
    (5, True, 5000, False, False),
]


@pytest.mark.parametrize(("number", "busy", "since", "over", "warned"), RULE)
def test_a_lab_is_stopped_after_its_idle_time_and_its_owner_warned_before(
    number: int, busy: bool, since: int, over: bool, warned: bool
) -> None:
    idle = idle_since(busy, NOON, 120)
    now = NOON + timedelta(minutes=since)
    assert (idle.is_over(now), bool(idle.notice(now))) == (over, warned)


def test_where_the_idle_time_is_short_the_warning_takes_its_second_half() -> None:
    idle = idle_since(False, NOON, 10)
    assert [bool(idle.notice(NOON + timedelta(minutes=minute))) for minute in (4, 5, 9)] == [False, True, True]


def test_the_notice_says_how_long_and_what_to_do() -> None:
    notice = Idleness(NOON, NOON + timedelta(minutes=120)).notice(NOON + timedelta(minutes=110))
    assert "stops in 10 min" in notice and "Run a cell" in notice
