"""Run the portal: TCP for the gateway and the hub, a unix socket for the operator on the host."""

from __future__ import annotations

import asyncio
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from enclave.core.logging import configure
from enclave.core.settings import get_settings
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


def main() -> None:
    """Migrate the database, then serve."""
    configure("portal")
    settings = get_settings()
    upgrade(settings.database)
    asyncio.run(serve(create_app(Context.from_settings(settings, "portal")), settings.paths.socket("operator")))


if __name__ == "__main__":
    main()
