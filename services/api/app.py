"""The portal's application: every API router and every page, one table of errors, one set of headers."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from fastapi import FastAPI

import services.api
import services.web
from services.api.context import Context
from services.api.errors import install_error_pages
from services.api.headers import SecurityHeaders
from services.api.routing import GuardedRouter
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
    for package, prefix in ((services.api, f"{PREFIX}/api"), (services.web, PREFIX)):
        for router in _routers(package.__name__, list(package.__path__)):
            app.include_router(router.router, prefix=prefix)
    for router in _routers("services.api", list(services.api.__path__), attribute="internal"):
        app.include_router(router.router, prefix="/internal")
    mount_static(app, f"{PREFIX}/static")
    install_error_pages(app)
    app.add_middleware(SecurityHeaders)
    return app


def _routers(package: str, path: list[str], attribute: str = "router") -> Iterator[GuardedRouter]:
    """The `router` (or `internal`) of every module of a package, in the order of their names."""
    for info in sorted(pkgutil.iter_modules(path), key=lambda each: each.name):
        module = importlib.import_module(f"{package}.{info.name}")
        router = getattr(module, attribute, None)
        if isinstance(router, GuardedRouter):
            yield router
