"""The page that asks a person to confirm a decision; it carries the decision's own form on."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from services.api.freshness import Confirmation
from services.web.pages import page


def confirmation_page(request: Request, asked: Confirmation) -> Response:
    """Ask for password and second factor, and send the same form again with them."""
    query = f"?{request.url.query}" if request.url.query else ""
    return page(
        request, "account/confirm.html", title="Confirm that it is you", actor=asked.actor, status=asked.status,
        action=f"{request.url.path}{query}", fields=asked.fields, wrong=asked.wrong, by_password=asked.by_password,
    )  # fmt: skip
