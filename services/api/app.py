"""The portal's application: every API router and every page, one table of errors, one set of headers."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

import services.api
import services.web
from output_review.templates import templates
from services.api.context import Context
from services.api.errors import install_error_pages
from services.api.headers import SecurityHeaders
from services.api.limits import BodyLimits
from services.api.repeats import Repeats
from services.api.routing import GuardedRouter
from services.api.schema import describe
from services.web.static import mount_static

PREFIX = "/services/portal"


def create_app(context: Context) -> FastAPI:
    """The application over a context; the same one answers browsers, sandboxes and the operator's socket."""
    app = FastAPI(
        title="C2C enclave",
        version="1",
        openapi_url=f"{PREFIX}/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.context = context
    templates()  # a table that does not fit together stops the portal here
    for package, prefix in ((services.api, f"{PREFIX}/api"), (services.web, PREFIX)):
        for router in _routers(package.__name__, list(package.__path__)):
            app.include_router(router.router, prefix=prefix)
    for router in _routers("services.api", list(services.api.__path__), attribute="internal"):
        app.include_router(router.router, prefix="/internal")
    mount_static(app, f"{PREFIX}/static")
    install_error_pages(app)
    describe(app)
    app.add_middleware(Repeats, api=app, prefix=f"{PREFIX}/api/")
    app.add_middleware(BodyLimits)
    app.add_middleware(SecurityHeaders)
    return app


def _routers(package: str, path: list[str], attribute: str = "router") -> Iterator[GuardedRouter]:
    """The `router` (or `internal`) of every module of a package, in the order of their names."""
    for info in sorted(pkgutil.iter_modules(path), key=lambda each: each.name):
        module = importlib.import_module(f"{package}.{info.name}")
        router = getattr(module, attribute, None)
        if isinstance(router, GuardedRouter):
            yield router


def doors(app: FastAPI) -> dict[tuple[str, str], str]:
    """(method, path) → what the route asks of its caller; empty where a route says nothing."""
    table: dict[tuple[str, str], str] = {}
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            door = (context.original_route.openapi_extra or {}).get("x-door", "")
            table.update({(method, str(context.path)): door for method in context.original_route.methods or ()})
    return table
