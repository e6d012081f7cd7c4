"""The gateway's two servers: the public one for browsers, and the control one for the hub."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from services.gateway.activity import ADDRESS
from services.gateway.app import Gateway
from services.gateway.routes import API

GOODBYE_SECONDS = 2


def build_apps(gateway: Gateway) -> tuple[web.Application, web.Application]:
    """The public and the control application over one gateway."""
    public = web.Application(client_max_size=0)
    public.router.add_get("/healthz", _healthy)
    public.router.add_route("*", "/{path:.*}", gateway.handle)
    control = web.Application()
    control.router.add_get("/healthz", _healthy)
    control.router.add_route("*", API, gateway.routes.handle)
    control.router.add_route("*", API + "/{path:.*}", gateway.routes.handle)
    control.router.add_get("/user/{user}/{project}/api", gateway.labs.probe)
    control.router.add_get(ADDRESS, gateway.activity.handle)
    return public, control


@contextlib.asynccontextmanager
async def running(gateway: Gateway, public_port: int, control_port: int) -> AsyncIterator[None]:
    """Serve both applications and follow the rooms; open websockets do not hold up the end."""
    runners = [web.AppRunner(app, access_log=None, shutdown_timeout=GOODBYE_SECONDS) for app in build_apps(gateway)]
    watchers = [asyncio.create_task(gateway.rooms.watch()), asyncio.create_task(gateway.reports.watch())]
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
