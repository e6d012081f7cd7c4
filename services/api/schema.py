"""The OpenAPI document: what FastAPI finds in the routes, and the one form of every error."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from enclave.people.permissions import ROLES, Permission

_REFUSED = {
    "description": "Refused; the body says what to do next.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "One key for each thing meant to be done: sent twice, it is done once.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_PAGE = {
    "Link": {
        "description": '`<address>; rel="next"`: the next page; the last page has none.',
        "schema": {"type": "string"},
    },
    "X-Total-Count": {"description": "Rows of all pages, where they are counted.", "schema": {"type": "integer"}},
}
STATUSES = ("4XX", "422", "503")
"""What any route may answer beside what it declares; 503 where a service behind it is away."""

_PROBLEM = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "advice"],
            "properties": {
                "code": {"type": "string", "description": "A word for programs."},
                "message": {"type": "string", "description": "What is wrong."},
                "advice": {"type": "string", "description": "What to do next."},
            },
        }
    },
}


def roles_of(door: str) -> list[str]:
    """The roles that a route is open to, its domain's own checks aside; none for what is anybody's or a service's."""
    return sorted(ROLES[Permission(door)]) if door in set(Permission) else []


def is_listing(operation: dict[str, Any]) -> bool:
    """Whether an operation answers in pages."""
    return "cursor" in {each["name"] for each in operation.get("parameters", ())}


def describe(app: FastAPI) -> None:
    """Let the application describe itself with our errors in the place of the framework's."""
    found = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = found()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas["ErrorAnswer"] = _PROBLEM
            for methods in document["paths"].values():
                for method, operation in methods.items():
                    if method != "get":
                        operation.setdefault("parameters", []).append(_KEY)
                    if is_listing(operation):
                        operation["responses"]["200"]["headers"] = _PAGE
                    operation["x-roles"] = roles_of(operation["x-door"])
                    operation["responses"].update(dict.fromkeys(STATUSES, _REFUSED))
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]
