"""Run the portal: TCP for the gateway and the hub, a unix socket for the operator on the host."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from enclave.core.db import Database
from enclave.core.logging import configure
from enclave.core.settings import Settings, get_settings
from services.api.app import create_app
from services.api.context import Context
from services.api.identity import OPERATOR_LISTENER
from services.portal.migrate import upgrade
from services.portal.processes import count_of, run

SWITCH = 0.001
"""Seconds after which a thread at work lets another have the interpreter. A page asks the database twenty times, and
each answer waits for its turn: with Python's five milliseconds a busy portal answers in many small waits."""


class OperatorListener:
    """Marks what came in over the operator's socket; nobody else can reach that file."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "c2c_listener": OPERATOR_LISTENER}
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Listeners:
    """The two sockets, bound before any process is forked, so that all of them answer on the same."""

    public: socket.socket
    operator: socket.socket

    @classmethod
    def bind(cls, host: str, port: int, path: Path) -> Listeners:
        path.unlink(missing_ok=True)
        public = _config(None, host=host, port=port).bind_socket()
        # accepted sockets inherit it: else a page waits 40 ms for the gateway to confirm that it has got the headers
        public.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(public, _config(None, uds=str(path)).bind_socket())


async def serve(app: FastAPI, listeners: Listeners) -> None:
    """Answer on both listeners until told to stop, in as many threads as the database has connections for."""
    database: Database = app.state.context.database
    database.forked()
    anyio.to_thread.current_default_thread_limiter().total_tokens = database.at_once
    public = uvicorn.Server(_config(app))
    operator = uvicorn.Server(_config(OperatorListener(app), lifespan="off"))
    await asyncio.gather(public.serve([listeners.public]), operator.serve([listeners.operator]))


def _config(app: Any, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(app, log_config=None, server_header=False, **options)


def application(settings: Settings) -> FastAPI:
    """The application as it serves. What it consists of stays until the end, so the garbage collector is told to look
    at what requests leave behind only: walking through all routes and models took a fifth of a second now and then."""
    app = create_app(Context.from_settings(settings, "portal"))
    gc.collect()
    gc.freeze()
    return app


def main(host: str = "0.0.0.0", port: int = 8080) -> int:  # noqa: S104
    """Migrate the database, then serve from as many processes as the settings say."""
    configure("portal")
    settings = get_settings()
    upgrade(settings.database)
    app = application(settings)
    listeners = Listeners.bind(host, port, settings.paths.socket("operator"))
    sys.setswitchinterval(SWITCH)
    return run(count_of(settings.portal_processes), lambda: uvloop.run(serve(app, listeners)))


if __name__ == "__main__":
    sys.exit(main())
