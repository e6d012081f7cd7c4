"""Deny by default: every route names the permission that it needs, or says that it is public or internal.

`GuardedRouter` is the only way to add a route. A test walks the route table and fails on a route that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse

from enclave.core.calls import HEADER, verify_call
from enclave.core.errors import NotAllowed
from enclave.people.permissions import Permission, check_holds
from services.api.csrf import check_csrf
from services.api.freshness import check_fresh, check_strong
from services.api.identity import Ctx, CurrentActor
from services.api.paging import Order, in_pages


class Revised(JSONResponse):
    """The answer about a thing with a `revision`, which is its `ETag` too."""

    def __init__(self, content: Any, status_code: int = 200, *values: Any, **named: Any) -> None:
        super().__init__(content, status_code, *values, **named)
        if isinstance(content, dict) and isinstance(content.get("revision"), int):
            self.headers["ETag"] = f'"{content["revision"]}"'


F = TypeVar("F", bound=Callable[..., Any])


def _needs(permission: Permission, enrolling: bool) -> Callable[..., Any]:
    async def check(request: Request, ctx: Ctx, actor: CurrentActor) -> None:
        # not blocking: the session of a browser was looked up when the caller was
        if not enrolling:
            check_strong(request, ctx)
        check_holds(actor, permission)

    return check


def _called_by(issuers: frozenset[str]) -> Callable[..., Any]:
    async def check(request: Request, ctx: Ctx) -> None:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        body = await request.body()
        header = request.headers.get(HEADER, "")
        verify_call(header, ctx.keyring, ctx.clock, request.method, path, body, issuers)

    return check


class GuardedRouter:
    """A router whose every route declares who may use it.

    Exactly one of: `permission` (a person or the operator holding it), `public` (anybody), `issuers` (services
    that sign their call). Routes that change something also check the browser's CSRF token. `fresh` asks a browser's
    person to prove once more who they are when the login is some time ago: for what releases, grants or cannot be
    undone. `enrolling` routes are open to a session that still lacks its second factor. `order` is for listings: the
    handler gives all rows, the route a page of them.
    """

    def __init__(
        self,
        prefix: str = "",
        tags: list[str] | None = None,
        include_in_schema: bool = True,
        answers: type[JSONResponse] | None = None,
    ) -> None:
        answer: dict[str, Any] = {"default_response_class": answers} if answers else {}
        self.router = APIRouter(prefix=prefix, tags=list(tags or []), include_in_schema=include_in_schema, **answer)

    def get(self, path: str, **options: Any) -> Callable[[F], F]:
        return self._route("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[F], F]:
        return self._route("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[F], F]:
        return self._route("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[F], F]:
        return self._route("DELETE", path, **options)

    def _route(
        self,
        method: str,
        path: str,
        *,
        permission: Permission | None = None,
        public: bool = False,
        issuers: frozenset[str] | set[str] = frozenset(),
        fresh: bool = False,
        enrolling: bool = False,
        order: Order | None = None,
        **options: Any,
    ) -> Callable[[F], F]:
        if sum((permission is not None, public, bool(issuers))) != 1:
            raise ValueError(f"{method} {path} must say who may use it: permission, public or issuers")
        checks: list[Any] = []
        if permission is not None:
            checks.append(Depends(_needs(permission, enrolling)))
            if method != "GET":
                checks.append(Depends(check_csrf))
            if fresh:
                checks.append(Depends(check_fresh))
        if issuers:
            checks.append(Depends(_called_by(frozenset(issuers))))
        door = permission.value if permission else "public" if public else f"service:{','.join(sorted(issuers))}"

        def add(handler: F) -> F:
            route = handler if order is None else in_pages(handler, order)
            said = {"x-door": door} | ({"x-order": str(order)} if order is not None else {})
            self.router.add_api_route(path, route, methods=[method], dependencies=checks, openapi_extra=said, **options)
            return handler

        return add


def check_same_person(actor_name: str, wanted: str) -> None:
    """Raise NotAllowed unless somebody asks about themselves."""
    if actor_name != wanted:
        raise NotAllowed("This is another person's.", "You can see your own only.")
