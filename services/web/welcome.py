"""The page behind a set-up link: a person chooses a password that nobody else knows."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from enclave.core.errors import BadInput
from enclave.people import setup_links
from enclave.people.passwords import MINIMUM_LENGTH
from services.api.deps import Ctx, GuardedRouter
from services.web.menu import BASE
from services.web.pages import page

router = GuardedRouter(prefix="/welcome", include_in_schema=False)


@router.get("/{secret}", public=True)
def welcome(request: Request, ctx: Ctx, secret: str) -> Response:
    """The form; a link that does not work says so."""
    return _form(request, ctx, secret)


@router.post("/{secret}", public=True)
def choose(
    request: Request, ctx: Ctx, secret: str, password: Annotated[str, Form()], again: Annotated[str, Form()]
) -> Response:
    """Set the password and go to the login. The link itself is what proves the right to do so."""
    if password != again:
        return _form(request, ctx, secret, BadInput("The two passwords differ.", "Type the same one twice."))
    try:
        with ctx.database.write() as session:
            setup_links.use_link(session, ctx.clock, secret, password)
    except BadInput as problem:
        return _form(request, ctx, secret, problem)
    return RedirectResponse(f"{BASE}/login", status_code=303)


def _form(request: Request, ctx: Ctx, secret: str, problem: BadInput | None = None) -> Response:
    with ctx.database.read() as session:
        user = setup_links.owner(session, ctx.clock, secret)
        values = {"name": user.id, "full_name": user.full_name}
    return page(
        request, "account/welcome.html", title="Choose your password", actor=None, status=400 if problem else 200,
        secret=secret, least=MINIMUM_LENGTH, problem=problem, **values,
    )  # fmt: skip
