"""Run the portal: TCP for the gateway and the hub, a unix socket for the operator on the host."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from enclave.core.logging import configure
from enclave.core.settings import Settings, get_settings
from services.api.app import create_app
from services.api.context import Context
from services.api.identity import OPERATOR_LISTENER
from services.portal.migrate import upgrade


class OperatorListener:
    """Marks what came in over the operator's socket; nobody else can reach that file."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "c2c_listener": OPERATOR_LISTENER}
        await self.app(scope, receive, send)


async def serve(app: FastAPI, socket: Path) -> None:
    """Answer on both listeners until told to stop."""
    socket.unlink(missing_ok=True)
    public = uvicorn.Server(
        uvicorn.Config(app, host="0.0.0.0", port=8080, log_config=None, server_header=False)  # noqa: S104
    )
    operator = uvicorn.Server(
        uvicorn.Config(OperatorListener(app), uds=str(socket), log_config=None, lifespan="off", server_header=False)
    )
    await asyncio.gather(public.serve(), operator.serve())


def application(settings: Settings) -> FastAPI:
    """The application as it serves. What it consists of stays until the end, so the garbage collector is told to look
    at what requests leave behind only: walking through all routes and models took a fifth of a second now and then."""
    app = create_app(Context.from_settings(settings, "portal"))
    gc.collect()
    gc.freeze()
    return app


def main() -> None:
    """Migrate the database, then serve."""
    configure("portal")
    settings = get_settings()
    upgrade(settings.database)
    asyncio.run(serve(application(settings), settings.paths.socket("operator")))


if __name__ == "__main__":
    main()
