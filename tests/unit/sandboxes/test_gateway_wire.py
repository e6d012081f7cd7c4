"""The gateway on real sockets, before a lab that wishes it ill and a portal that changes its mind."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from enclave.core.calls import HEADER, verify_call
from enclave.core.clock import FixedClock, SystemClock
from enclave.core.digests import canonical_json
from enclave.core.errors import NotAuthenticated
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey, seal
from services.gateway import access
from services.gateway.app import Gateway
from services.gateway.server import running
from services.gateway.sessions import LabSessions

LAB = "/user/rosa/promise"
HOST = {"Host": "rosa.enclave.localhost"}
STOP_MB = 50
FRAMED = {"Sec-Fetch-Dest": "iframe"}


@dataclass
class World:
    """A gateway with its neighbours, and what they saw."""

    url: str
    control: str
    keys: dict[str, SigningKey]
    seen: list[dict[str, str]] = field(default_factory=list)
    allowed: bool = True
    portal_up: bool = True
    portal_gone: bool = False
    room: Path = Path()
    reports: list[dict[str, Any]] = field(default_factory=list)

    def ticket(self, user: str = "rosa", issuer: str = "portal") -> str:
        payload = {"user": user, "project": "promise", "login": "one", "nonce": secrets.token_hex(8)}
        envelope = seal("lab.ticket", payload, self.keys[issuer], SystemClock(), timedelta(seconds=60))
        return urlsafe_b64encode(canonical_json(envelope)).decode().rstrip("=")

    async def enter(self, client: aiohttp.ClientSession) -> dict[str, str]:
        """Headers of a browser that went in with a ticket, in the portal's frame."""
        answer = await client.get(
            f"{self.url}/_c2c/enter",
            params={"ticket": self.ticket()},
            headers={**HOST, **FRAMED},
            allow_redirects=False,
        )
        assert answer.status == 302, await answer.text()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        assert answer.headers["Set-Cookie"].endswith("; HttpOnly; Secure; SameSite=None; Partitioned")
        return {**HOST, "Cookie": cookie}


def run(
    tmp_path: Path, keys: dict[str, SigningKey], story: Callable[[World, aiohttp.ClientSession], Awaitable[None]]
) -> None:
    async def whole() -> None:
        async with world(tmp_path, keys) as made, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            await story(made, client)

    asyncio.run(whole())


@asynccontextmanager
async def world(tmp_path: Path, keys: dict[str, SigningKey]) -> AsyncIterator[World]:
    public, control, portal = _free_ports()
    run_dir = Path(f"/tmp/c2c-{secrets.token_hex(4)}")
    made = World(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{control}", keys)
    settings = Settings(
        data_dir=tmp_path,
        run_dir=run_dir,
        port=public,
        portal_url=f"http://127.0.0.1:{portal}",
        proxy_token="hub-token",
        lab_alert_mb=10,
        lab_stop_mb=STOP_MB,
    )
    keyring = Keyring({name: key.public_text for name, key in keys.items()})
    servers = [await _lab(made, run_dir), await _portal(made, keyring, portal)]
    try:
        gateway = Gateway(settings, SystemClock())
        await gateway.rooms.look()
        async with running(gateway, public, control):
            yield made
    finally:
        for server in servers:
            await server.cleanup()
        shutil.rmtree(run_dir)


async def _lab(made: World, run_dir: Path) -> web.AppRunner:
    room = run_dir / "sbx-0"
    for name in ("up", "relay"):
        (room / name).mkdir(parents=True)
    made.room = room
    (room / "room.json").write_text(json.dumps({"user": "rosa", "project": "promise", "run": ""}))

    async def answer(request: web.Request) -> web.StreamResponse:
        made.seen.append(dict(request.headers))
        if request.path.endswith("/api/contents/refused"):
            return web.Response(status=400)
        body = await request.read()
        if request.method == "PUT":
            return web.json_response({"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)})
        if request.path.endswith("/api/contents/large"):
            return web.Response(body=b"x" * 20_000_000)
        if "/static/" in request.path:
            return web.Response(body=b"s" * 20_000_000)
        if request.path.endswith("/channels"):
            return await _echo(request)
        return web.Response(
            text="hello",
            headers=[
                ("Content-Security-Policy", "default-src *"),
                ("Content-Disposition", "attachment"),
                ("Refresh", "0;url=https://example.org"),
                ("Set-Cookie", "c2c-lab=forged; Path=/"),
                ("Set-Cookie", f"mine=1; Path={LAB}/"),
                ("Access-Control-Allow-Origin", "*"),
            ],
        )

    return await _serve(answer, lambda runner: web.UnixSite(runner, str(room / "up" / "server.sock")))


async def _echo(request: web.Request) -> web.WebSocketResponse:
    server = web.WebSocketResponse(protocols=("v1.kernel",), max_msg_size=0)
    await server.prepare(request)
    async for message in server:
        await server.send_bytes(message.data)
    return server


async def _portal(made: World, keyring: Keyring, port: int) -> web.AppRunner:
    async def answer(request: web.Request) -> web.Response:
        if made.portal_gone and request.transport is not None:
            request.transport.abort()
            return web.Response()
        if not made.portal_up:
            return web.Response(status=503)
        header, body = request.headers[HEADER], await request.read()
        verify_call(header, keyring, SystemClock(), request.method, request.path_qs, body, {"gateway"})
        if request.method == "POST":
            return _heard(made, json.loads(body))
        return web.json_response({"allowed": made.allowed, "reason": "Your account is suspended."})

    return await _serve(answer, lambda runner: web.TCPSite(runner, "127.0.0.1", port))


def _heard(made: World, report: dict[str, Any]) -> web.Response:
    """Adds reports as the portal does: one of the same name counts once."""
    assert report["run"].startswith("sbx-0-")
    if report["id"] not in {known["id"] for known in made.reports}:
        made.reports.append(report)
    kinds = {kind for known in made.reports for kind in known["down"]}
    sums = {kind: sum(known["down"].get(kind, 0) for known in made.reports) for kind in kinds}
    return web.json_response({"down": sums, "refusal": ""})


async def _serve(answer: Any, site: Callable[[web.AppRunner], web.BaseSite]) -> web.AppRunner:
    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await site(runner).start()
    return runner


def _free_ports() -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def test_large_bodies_pass_whole_in_both_directions(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        body = os.urandom(20_000_000)
        async with client.put(f"{world.url}{LAB}/api/contents/a", data=io.BytesIO(body), headers=headers) as answer:
            assert await answer.json() == {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
        async with client.get(f"{world.url}{LAB}/api/contents/large", headers=headers) as answer:
            assert len(await answer.read()) == 20_000_000

    run(tmp_path, keys, story)


def test_no_write_is_lost_where_the_lab_refuses_early(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)

        async def put(number: int) -> int:
            name = "refused" if number % 2 else "kept"
            address = f"{world.url}{LAB}/api/contents/{name}"
            async with client.put(address, data=b"y" * 3000, headers=headers) as answer:
                return answer.status

        statuses = [status for _ in range(10) for status in await asyncio.gather(*map(put, range(20)))]
        assert statuses == [200, 400] * 100

    run(tmp_path, keys, story)


def test_a_hostile_answer_is_cleaned(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        async with client.get(f"{world.url}{LAB}/lab", headers={**headers, **FRAMED}) as answer:
            assert await answer.text() == "hello"
            assert "Set-Cookie" not in answer.headers
            assert "default-src *" not in answer.headers["Content-Security-Policy"]
            for name in ("Content-Disposition", "Refresh", "Access-Control-Allow-Origin"):
                assert name not in answer.headers

    run(tmp_path, keys, story)


def test_the_gateway_keeps_no_cookie_of_a_lab(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        for _ in range(2):
            (await client.get(f"{world.url}{LAB}/lab", headers={**headers, **FRAMED})).release()
        assert [seen.get("Cookie", "") for seen in world.seen] == ["", ""]

    run(tmp_path, keys, story)


def test_a_websocket_keeps_its_protocol_and_its_messages(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        kernel = f"{world.url}{LAB}/api/kernels/3fa85f64-5717-4562-b3fc-2c963f66afa6/channels"
        async with client.ws_connect(
            kernel, headers=headers, protocols=("v0", "v1.kernel"), max_msg_size=0
        ) as channels:
            assert channels.protocol == "v1.kernel"
            await channels.send_bytes(b"z" * 5_000_000)
            assert len((await channels.receive()).data) == 5_000_000

    run(tmp_path, keys, story)


def test_a_ticket_is_good_once_for_its_owner_from_the_portal(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        async def enter(ticket: str, host: str = "rosa.enclave.localhost") -> int:
            address = f"{world.url}/_c2c/enter"
            async with client.get(
                address, params={"ticket": ticket}, headers={**FRAMED, "Host": host}, allow_redirects=False
            ) as answer:
                return answer.status

        once = world.ticket()
        assert [await enter(once), await enter(once)] == [302, 401]
        assert await enter(world.ticket(), "eve.enclave.localhost") == 401
        assert await enter(world.ticket("eve")) == 401
        assert await enter(world.ticket(issuer="hub")) == 401
        assert await enter("") == 401

    run(tmp_path, keys, story)


def test_a_lab_is_shown_in_the_portals_frame_only(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        frame = f"http://enclave.localhost:{world.url.rpartition(':')[2]}"
        for kind in ("document", "embed", "object", "frame", ""):
            alone = {**headers, "Sec-Fetch-Dest": kind, "Sec-Fetch-Mode": "navigate"}
            async with client.get(f"{world.url}{LAB}/lab", headers=alone, allow_redirects=False) as answer:
                assert answer.status in (302, 403), kind
                if answer.status == 302:
                    assert answer.headers["Location"] == f"{frame}/services/portal/lab/promise"
        async with client.get(f"{world.url}{LAB}/lab", headers={**headers, **FRAMED}) as answer:
            assert answer.status == 200
            assert f"frame-ancestors {frame}" in answer.headers["Content-Security-Policy"]

    run(tmp_path, keys, story)


def test_a_ticket_from_before_a_restart_is_not_good_again(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    clock = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))
    keyring = Keyring({name: key.public_text for name, key in keys.items()})
    sessions = LabSessions(keys["gateway"], keyring, clock, timedelta(hours=1))
    clock.advance(timedelta(seconds=1))
    payload = {"user": "rosa", "project": "promise", "login": "one", "nonce": "n"}
    envelope = seal("lab.ticket", payload, keys["portal"], clock, timedelta(seconds=60))
    ticket = urlsafe_b64encode(canonical_json(envelope)).decode().rstrip("=")
    clock.advance(timedelta(seconds=1))
    _, cookie = sessions.enter(ticket, "rosa")
    again = LabSessions(keys["gateway"], keyring, clock, timedelta(hours=1))
    with pytest.raises(NotAuthenticated, match="was used"):
        again.enter(ticket, "rosa")
    assert again.read(cookie, "rosa", "promise").login == "one"


def test_a_no_closes_open_websockets_within_five_seconds(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        kernel = f"{world.url}{LAB}/api/kernels/3fa85f64-5717-4562-b3fc-2c963f66afa6/channels"
        async with client.ws_connect(kernel, headers=headers) as channels:
            world.allowed = False
            began = time.monotonic()
            message = await channels.receive(timeout=5)
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert channels.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION
            assert time.monotonic() - began < 5

    run(tmp_path, keys, story)


def test_the_portals_no_counts_at_once_and_its_silence_after_a_while(
    tmp_path: Path, keys: dict[str, SigningKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "FRESH", 0.0)

    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)

        async def status() -> int:
            async with client.get(f"{world.url}{LAB}/lab", headers={**headers, **FRAMED}) as answer:
                return answer.status

        assert await status() == 200
        world.portal_up = False
        assert await status() == 200
        monkeypatch.setattr(access, "GRACE", 0.0)
        assert await status() == 503
        world.portal_up = True
        assert await status() == 200
        world.allowed = False
        assert await status() == 403

    run(tmp_path, keys, story)


def test_the_route_table_speaks_to_the_hub_only(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        table = f"{world.control}/api/routes"
        own = {"Authorization": "token hub-token"}
        route = {"target": world.control, "jupyterhub": True, "user": "rosa", "server_name": "promise"}
        assert (await client.get(table)).status == 403
        assert (await client.get(table, headers={"Authorization": "token guess"})).status == 403
        path = f"{table}/rosa.enclave.localhost{LAB}"
        assert (await client.post(path, json=route, headers=own)).status == 201
        found = await (await client.get(table, headers=own)).json()
        assert found.keys() == {f"/rosa.enclave.localhost{LAB}"}
        assert found[f"/rosa.enclave.localhost{LAB}"].items() >= route.items()
        assert (await client.delete(path, headers=own)).status == 204
        assert (await client.delete(path, headers=own)).status == 404
        assert (await client.get(f"{world.url}/api/routes", headers={**own, "Host": "enclave.localhost"})).status == 404

    run(tmp_path, keys, story)


def test_the_hub_learns_that_a_lab_answers_and_nothing_of_what(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        async with client.get(f"{world.control}{LAB}/api") as answer:
            assert (answer.status, await answer.text()) == (200, "")
        async with client.get(f"{world.control}/user/rosa/other/api") as answer:
            assert answer.status == 503

    run(tmp_path, keys, story)


async def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


def test_bytes_are_reported_by_kind_and_files_by_name(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        for path in ("/api/contents/large", "/static/a.js", "/api/contents/a%20b"):
            async with client.get(f"{world.url}{LAB}{path}", headers=headers) as answer:
                await answer.read()
        async with client.put(f"{world.url}{LAB}/api/contents/large", data=b"y" * 3000, headers=headers) as answer:
            await answer.read()
        (world.room / "room.json").unlink()
        await _until(lambda: any(report["ended"] for report in world.reports))
        down = {kind: sum(report["down"].get(kind, 0) for report in world.reports) for kind in ("static", "kernel")}
        assert down == {"static": 20_000_000, "kernel": 0}
        assert sum(report["up"] for report in world.reports) == 3000
        reads = [(path, pair) for report in world.reports for path, pair in report["reads"].items()]
        assert sorted(reads) == [("/a b", [1, 5]), ("/large", [1, 20_000_000])]

    run(tmp_path, keys, story)


def test_a_session_over_its_limit_gets_nothing_more(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        kernel = f"{world.url}{LAB}/api/kernels/3fa85f64-5717-4562-b3fc-2c963f66afa6/channels"

        async def large() -> int:
            async with client.get(f"{world.url}{LAB}/api/contents/large", headers=headers) as answer:
                return len(await answer.read()) if answer.status == 200 else answer.status

        async with client.ws_connect(kernel, headers=headers) as channels:
            assert [await large(), await large()] == [20_000_000, 20_000_000]
            with pytest.raises(aiohttp.ClientPayloadError):
                await large()
            assert (await channels.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        again = await world.enter(client)
        async with client.get(f"{world.url}{LAB}/api/contents/a", headers=again) as answer:
            assert answer.status == 403

    run(tmp_path, keys, story)


def test_the_images_own_files_are_free_until_they_are_too_many(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)

        async def script() -> int:
            async with client.get(f"{world.url}{LAB}/static/a.js", headers=headers) as answer:
                return answer.status if answer.status != 200 else len(await answer.read())

        assert [await script() for _ in range(4)] == [20_000_000] * 4
        with pytest.raises(aiohttp.ClientPayloadError):
            await script()
        assert await script() == 403

    run(tmp_path, keys, story)


def test_counts_wait_for_a_portal_that_is_away(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        headers = await world.enter(client)
        world.portal_up = False
        async with client.get(f"{world.url}{LAB}/api/contents/large", headers=headers) as answer:
            await answer.read()
        await asyncio.sleep(2.5)
        world.portal_up = True
        await _until(lambda: sum(report["down"].get("contents", 0) for report in world.reports) == 20_000_000)

    run(tmp_path, keys, story)


def test_while_the_portal_is_gone_a_plain_page_says_what_happens(tmp_path: Path, keys: dict[str, SigningKey]) -> None:
    async def story(world: World, client: aiohttp.ClientSession) -> None:
        world.portal_gone = True
        port = world.url.rpartition(":")[2]
        asks = {"Host": f"enclave.localhost:{port}", "Accept": "text/html,*/*"}
        address = f"{world.url}/services/portal/review/<b>x"
        async with client.get(address, headers=asks) as answer:
            page = await answer.text()
            assert answer.status == 503 and answer.headers["Retry-After"] == "15"
        assert "<h1>The portal is away for a moment</h1>" in page and "Nothing that you saved or sent is lost." in page
        assert ">Try again</a>" in page and "<b>x" not in page and "http-equiv" not in page
        style = re.search("<style>(.*)</style>", page)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        policy = answer.headers["Content-Security-Policy"]
        assert policy == f"default-src 'none'; frame-ancestors 'none'; style-src 'sha256-{digest}'"
        async with client.post(address, headers=asks, data={"note": "x"}) as answer:
            sent = await answer.text()
        assert "the words are usually still in the form" in sent and "Try again</a>" not in sent
        async with client.get(address, headers=asks | {"Accept": "application/json"}) as answer:
            assert answer.status == 503 and (await answer.json())["error"]["code"] == "unavailable"
        async with client.get(f"{world.url}/nowhere", headers={"Host": "elsewhere", "Accept": "text/html"}) as answer:
            assert "Nothing that you saved" not in await answer.text() and answer.status == 404

    run(tmp_path, keys, story)
