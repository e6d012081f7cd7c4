"""What the gateway does with a request: find its place, check it there, pass it on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from enclave.core.clock import Clock
from enclave.core.errors import EnclaveError, NotAllowed, Unavailable
from enclave.core.logging import get_logger
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.traffic.limits import Kind, Limits
from services.gateway.access import Access
from services.gateway.activity import Activity
from services.gateway.forward import forward_http, forward_websocket, new_client
from services.gateway.headers import (
    LAB_COOKIE,
    lab_answer_headers,
    plain_answer_headers,
    request_headers,
    session_cookie,
)
from services.gateway.hosts import Place, Zone, place_of
from services.gateway.labs import BASE, Labs
from services.gateway.pages import problem_answer
from services.gateway.policy import LabRoute, check_lab_request, check_origin, is_framed
from services.gateway.reports import Reports
from services.gateway.rooms import Rooms
from services.gateway.routes import Routes
from services.gateway.sessions import LabSession, LabSessions
from services.gateway.traffic import Flow, TrafficBook
from services.relay.server import Relay

Door = Callable[[web.Request, Place], Awaitable[web.StreamResponse]]


class Gateway:
    """One process's gateway. Made inside a running event loop, closed by `close`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        key = SigningKey.load(settings.paths.private_key("gateway"))
        keyring = Keyring.load(settings.paths.public_keys)
        self._settings = settings
        self._http = new_client()
        self._sessions = LabSessions(key, keyring, clock, timedelta(hours=settings.session_hours))
        self._access = Access(self._http, settings.portal_url, key, clock)
        self.routes = Routes(settings.proxy_token.get_secret_value())
        self.rooms = Rooms(settings.run_dir)
        book = TrafficBook(Limits(settings.lab_alert_mb, settings.lab_stop_mb))
        self.reports = Reports(self._http, settings.portal_url, key, clock, book)
        self.labs = Labs(self.rooms, Relay(self._http, settings.portal_url, key, clock), book)
        self._traffic = book
        self.activity = Activity(self.labs, keyring, clock)
        self._doors: dict[Zone, Door] = {
            Zone.MOVED: self._moved,
            Zone.FRONT: self._front,
            Zone.HUB: lambda request, _: self._trusted(request, settings.hub_url, "The login service"),
            Zone.PORTAL: lambda request, _: self._trusted(request, settings.portal_url, "The portal"),
            Zone.ENTER: self._enter,
            Zone.LAB: self._lab,
        }

    async def close(self) -> None:
        """Let go of everything."""
        await self.reports.send(everything=True)
        await self.labs.close()
        await self._http.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of a browser."""
        try:
            host = request.headers.get("Host", "")
            place = place_of(host, request.rel_url.raw_path, self._settings.public_host)
            return await self._doors[place.zone](request, place)
        except EnclaveError as problem:
            return problem_answer(request, problem, self._settings.public_url)

    async def _moved(self, request: web.Request, place: Place) -> web.StreamResponse:
        """Hub and portal have one name; under another one a browser would keep other cookies.

        A program (no page asked for, no cookies of ours) gets its answer here: names below `localhost` are known to
        browsers, not to every resolver.
        """
        if "text/html" not in request.headers.get("Accept", "") and "Sec-Fetch-Mode" not in request.headers:
            public = place_of(self._settings.public_host, request.rel_url.raw_path, self._settings.public_host)
            return await self._doors[public.zone](request, public)
        raise web.HTTPFound(self._settings.public_url + request.rel_url.raw_path_qs)

    async def _front(self, request: web.Request, place: Place) -> web.StreamResponse:
        raise web.HTTPFound(f"{self._settings.public_url}/services/portal/")

    async def _trusted(self, request: web.Request, base: str, name: str) -> web.StreamResponse:
        check_origin(request.headers, self._settings.public_url)
        headers = request_headers(request, self._settings.public_scheme, to_lab=False)
        try:
            return await forward_http(request, self._http, base, headers, plain_answer_headers, Flow())
        except Unavailable as problem:
            raise Unavailable(f"{name} is away for a moment.", "Try again in a minute.") from problem

    async def _enter(self, request: web.Request, place: Place) -> web.StreamResponse:
        """Trade a ticket for the gateway's own cookie on the lab's host, in the portal's frame only."""
        if not is_framed(request.headers):
            raise web.HTTPFound(f"{self._settings.public_url}/services/portal/sessions")
        session, cookie = self._sessions.enter(request.query.get("ticket", ""), place.user)
        await self._access.check(session)
        prefix = f"/user/{session.user}/{session.project}/"
        answer = web.HTTPFound(f"{prefix}lab")
        life = int(self._sessions.life.total_seconds())
        answer.headers["Set-Cookie"] = session_cookie(cookie, prefix, life)
        get_logger().info("lab_entered", session=session.id, user=session.user, project=session.project)
        raise answer

    async def _lab(self, request: web.Request, place: Place) -> web.StreamResponse:
        """Everything about a request to a lab is checked here; the lab's own server is not relied on.

        A page of the lab is shown inside the portal's frame only: on its own it could send its tab elsewhere.
        """
        check_origin(request.headers, self._settings.lab_url(place.user))
        route = check_lab_request(request.method, place.rest, request.headers)
        if route.page and not is_framed(request.headers):
            raise web.HTTPFound(f"{self._settings.public_url}/services/portal/lab/{place.project}")
        session = self._sessions.read(request.cookies.get(LAB_COOKIE, ""), place.user, place.project)
        await self._access.check(session)
        self.routes.touch(place.user, place.project)
        if route.page or request.method not in ("GET", "HEAD"):
            self.activity.touch(self.labs.resident(place.user, place.project))
        flow = self._flow(request, place, route)
        if not _wants_websocket(request):
            return await self._lab_http(request, session, flow)
        if not route.websocket:
            raise NotAllowed("This address takes no websocket.", "Use the lab's own pages.")
        return await self._lab_websocket(request, session, flow)

    def _flow(self, request: web.Request, place: Place, route: LabRoute) -> Flow:
        """Where the bytes of a request are counted; NotAllowed when the session has sent too many."""
        meter = self._traffic.meter(self.labs.resident(place.user, place.project))
        meter.check()
        reads = route.kind is Kind.CONTENTS and request.method == "GET"
        return Flow(meter, route.kind, place.rest.removeprefix("/api/contents") or "/" if reads else "")

    async def _lab_http(self, request: web.Request, session: LabSession, flow: Flow) -> web.StreamResponse:
        own = self._settings.lab_url(session.user)
        portal = self._settings.public_url
        prefix = f"/user/{session.user}/{session.project}/"
        return await forward_http(
            request,
            self.labs.client(session.user, session.project),
            BASE,
            request_headers(request, self._settings.public_scheme, to_lab=True),
            lambda headers: lab_answer_headers(headers, own, portal, prefix),
            flow,
        )

    async def _lab_websocket(self, request: web.Request, session: LabSession, flow: Flow) -> web.StreamResponse:
        return await forward_websocket(
            request,
            self.labs.client(session.user, session.project),
            BASE,
            request_headers(request, self._settings.public_scheme, to_lab=True),
            flow,
            lambda: self._still_allowed(request, session, flow),
        )

    async def _still_allowed(self, request: web.Request, session: LabSession, flow: Flow) -> None:
        """Asked again and again while a websocket is open: the cookie's time may be over, or the bytes spent."""
        if flow.meter is not None:
            flow.meter.check()
        self._sessions.read(request.cookies.get(LAB_COOKIE, ""), session.user, session.project)
        await self._access.check(session)


def _wants_websocket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"
