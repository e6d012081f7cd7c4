"""The gateway's two servers: the public one for browsers, and the control one for the hub."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import aiohttp
from aiohttp import web

from enclave.core.clock import Clock
from enclave.core.errors import EnclaveError, NotAuthenticated, Unavailable
from enclave.core.logging import get_logger
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from services.gateway.access import Access
from services.gateway.forward import Traffic, forward_http, forward_websocket, new_client
from services.gateway.headers import (
    LAB_COOKIE,
    lab_answer_headers,
    plain_answer_headers,
    request_headers,
)
from services.gateway.hosts import Place, Zone, place_of
from services.gateway.pages import problem_answer
from services.gateway.policy import check_lab_request, check_origin
from services.gateway.rooms import Resident, Rooms
from services.gateway.routes import API, Routes
from services.gateway.sessions import LabSessions
from services.relay.server import Relay

Door = Callable[[web.Request, Place], Awaitable[web.StreamResponse]]
LAB_BASE = "http://lab"
REPORT_SECONDS = 60


class Gateway:
    """One process's gateway: sessions, rooms, routes and the clients behind them."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        key = SigningKey.load(settings.paths.private_key("gateway"))
        keyring = Keyring.load(settings.paths.public_keys)
        self.settings = settings
        self.sessions = LabSessions(key, keyring, clock, timedelta(hours=settings.session_hours))
        self.routes = Routes(settings.proxy_token.get_secret_value())
        self.http = new_client()
        self.access = Access(self.http, settings.portal_url, key, clock)
        self.relay = Relay(self.http, settings.hub_url, settings.portal_url, key, clock)
        self.rooms = Rooms(settings.run_dir, self.room_opened, self.room_closed)
        self.labs: dict[Resident, aiohttp.ClientSession] = {}
        self.traffic: dict[str, Traffic] = {}
        self._doors: dict[Zone, Door] = {
            Zone.MOVED: self._moved,
            Zone.FRONT: self._front,
            Zone.HUB: self._hub,
            Zone.PORTAL: self._portal,
            Zone.ENTER: self._enter,
            Zone.LAB: self._lab,
        }

    async def room_opened(self, resident: Resident) -> None:
        """A sandbox is being made: listen for it on its relay."""
        await self.relay.listen(resident.relay, resident.user, resident.project)
        get_logger().info("room_opened", sandbox=resident.folder.name)

    async def room_closed(self, resident: Resident) -> None:
        """A sandbox is gone: let go of both of its sockets."""
        await self.relay.close(resident.relay)
        if (client := self.labs.pop(resident, None)) is not None:
            await client.close()
        get_logger().info("room_closed", sandbox=resident.folder.name)

    async def close(self) -> None:
        """Stop everything."""
        self.report_traffic()
        await self.relay.close_all()
        for client in (*self.labs.values(), self.http):
            await client.close()

    # The public side

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of a browser."""
        try:
            place = place_of(request.headers.get("Host", ""), request.rel_url.raw_path, self.settings.public_host)
            return await self._doors[place.zone](request, place)
        except EnclaveError as problem:
            return problem_answer(request, problem, self.settings.public_url)

    async def _moved(self, request: web.Request, place: Place) -> web.StreamResponse:
        raise web.HTTPFound(self.settings.public_url + request.rel_url.raw_path_qs)

    async def _front(self, request: web.Request, place: Place) -> web.StreamResponse:
        raise web.HTTPFound(f"{self.settings.public_url}/services/portal/")

    async def _hub(self, request: web.Request, place: Place) -> web.StreamResponse:
        return await self._trusted(request, self.settings.hub_url)

    async def _portal(self, request: web.Request, place: Place) -> web.StreamResponse:
        return await self._trusted(request, self.settings.portal_url)

    async def _trusted(self, request: web.Request, base: str) -> web.StreamResponse:
        check_origin(request.headers, self.settings.public_url)
        headers = request_headers(request, self.settings.public_scheme, to_lab=False)
        return await forward_http(request, self.http, base, headers, plain_answer_headers, Traffic())

    async def _enter(self, request: web.Request, place: Place) -> web.StreamResponse:
        session, cookie = self.sessions.enter(request.query.get("ticket", ""), place.user)
        await self.access.check(session.user, session.project)
        answer = web.HTTPFound(f"/user/{session.user}/{session.project}/lab")
        answer.set_cookie(
            LAB_COOKIE,
            cookie,
            path=f"/user/{session.user}/",
            max_age=int(self.sessions.life.total_seconds()),
            httponly=True,
            secure=self.settings.public_scheme == "https",
            samesite="Lax",
        )
        get_logger().info("lab_entered", session=session.id, user=session.user, project=session.project)
        raise answer

    async def _lab(self, request: web.Request, place: Place) -> web.StreamResponse:
        session = self.sessions.read(request.cookies.get(LAB_COOKIE, ""), place.user, place.project)
        own = self.settings.lab_url(place.user)
        check_origin(request.headers, own)
        await self.access.check(place.user, place.project)
        route = check_lab_request(request.method, place.rest, request.headers)
        client = self._client_of(place)
        traffic = self.traffic.setdefault(session.id, Traffic())
        self.routes.touch(place.user, place.project)
        headers = request_headers(request, self.settings.public_scheme, to_lab=True)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            if not route.websocket:
                raise NotAuthenticated("This address takes no websocket.", "Use the lab's own pages.")
            return await forward_websocket(
                request,
                client,
                LAB_BASE,
                headers,
                traffic,
                lambda: self.access.check(place.user, place.project),
            )
        prefix = f"/user/{place.user}/{place.project}/"
        login = f"{self.settings.public_url}/hub/api/oauth2/authorize"
        return await forward_http(
            request,
            client,
            LAB_BASE,
            headers,
            lambda answer: lab_answer_headers(answer, own, login, prefix),
            traffic,
        )

    def _client_of(self, place: Place) -> aiohttp.ClientSession:
        resident = self.rooms.lab(place.user, place.project)
        if resident is None:
            raise Unavailable("This lab does not run.", "Open the project's lab from the portal.")
        if resident not in self.labs:
            self.labs[resident] = new_client(resident.server)
        return self.labs[resident]

    # The control side

    async def probe(self, request: web.Request) -> web.Response:
        """Tell the hub whether a lab answers: status and version only, so the hub touches no sandbox's socket."""
        place = Place(Zone.LAB, request.match_info["user"], request.match_info["project"])
        prefix = f"/user/{place.user}/{place.project}/"
        try:
            async with self._client_of(place).get(
                f"{LAB_BASE}{prefix}api",
                headers={"Accept": "application/json"},
                timeout=aiohttp.ClientTimeout(total=5),
                allow_redirects=False,
            ) as answer:
                version = answer.headers.get("X-JupyterHub-Version", "")
                return web.Response(status=answer.status, headers={"X-JupyterHub-Version": version})
        except (EnclaveError, aiohttp.ClientError, TimeoutError):
            return web.Response(status=503)

    def report_traffic(self) -> None:
        """Log the bytes of each session that moved some since the last time."""
        for session, traffic in list(self.traffic.items()):
            if traffic.up or traffic.down:
                get_logger().info("lab_traffic", session=session, up=traffic.up, down=traffic.down)
            self.traffic.pop(session)

    async def report_often(self) -> None:
        """Report traffic every minute until cancelled."""
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            self.report_traffic()


def build_apps(gateway: Gateway) -> tuple[web.Application, web.Application]:
    """The public and the control application over one gateway."""
    public = web.Application(client_max_size=0)
    public.router.add_get("/healthz", _healthy)
    public.router.add_route("*", "/{path:.*}", gateway.handle)
    control = web.Application()
    control.router.add_get("/healthz", _healthy)
    control.router.add_route("*", API, gateway.routes.handle)
    control.router.add_route("*", API + "/{path:.*}", gateway.routes.handle)
    control.router.add_get("/user/{user}/{project}/api", gateway.probe)
    return public, control


@contextlib.asynccontextmanager
async def running(gateway: Gateway, public_port: int, control_port: int) -> AsyncIterator[None]:
    """Serve both applications and follow the rooms."""
    runners = [web.AppRunner(app, access_log=None) for app in build_apps(gateway)]
    watchers = [asyncio.create_task(gateway.rooms.watch()), asyncio.create_task(gateway.report_often())]
    try:
        for runner, port in zip(runners, (public_port, control_port), strict=True):
            await runner.setup()
            await web.TCPSite(runner, None, port).start()
        yield
    finally:
        for task in watchers:
            task.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
        for runner in runners:
            await runner.cleanup()
        await gateway.close()


async def _healthy(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
