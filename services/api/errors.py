"""One table from our errors to HTTP: JSON for programs, a page for people."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response

from enclave.core.actors import Actor
from enclave.core.errors import (
    BadInput,
    EnclaveError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    SecondFactorNeeded,
    Stale,
    Unavailable,
    Unprocessable,
)
from enclave.core.ids import new_id
from enclave.core.logging import get_logger
from services.api.freshness import Confirmation, fields_of
from services.api.identity import context_of, identify
from services.web.confirmation import confirmation_page
from services.web.pages import error_page, redirect
from services.web.stale import stale_page

log = get_logger()


class NotOffered(BadInput):
    """The address exists, the method does not."""

    code, status = "method_not_allowed", 405


class TooLarge(BadInput):
    """The body is larger than the route takes."""

    code, status = "too_large", 413


class DatabaseAway(Unavailable):
    """The database restarts, or too many want it at once."""


class TooSlow(BadInput):
    """The body stopped coming."""

    code, status = "too_slow", 408


_SECRET = ("password", "code", "secret", "token", "again", "current")
"""A field with one of these in its name is never shown again."""
_SENTENCES: dict[type[EnclaveError], str] = {
    NotFound: "There is no such page.",
    NotOffered: "This address does not take that method.",
    TooLarge: "That is larger than what can be sent here.",
    TooSlow: "What was being sent stopped coming.",
    BadInput: "The request could not be understood.",
}


def install_error_pages(app: FastAPI) -> None:
    """Make every error of a route one of ours before it is shown."""
    app.add_exception_handler(EnclaveError, _enclave_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(NoConnection, _database_away)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


def wants_page(request: Request) -> bool:
    """Whether a person in a browser is waiting, not a program."""
    return "/api/" not in request.url.path and "text/html" in request.headers.get("accept", "")


def _answer(request: Request, error: EnclaveError, typed: list[tuple[str, str]] | None = None) -> Response:
    if not wants_page(request):
        return JSONResponse(error.as_json(), status_code=error.status)
    if isinstance(error, NotAuthenticated) and request.method == "GET":
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/services/portal/login?{urlencode({'next': back})}", status_code=303)
    if isinstance(error, SecondFactorNeeded):
        return redirect("/account", error.message)
    if isinstance(error, Confirmation):
        return confirmation_page(request, error)
    if isinstance(error, Stale):
        return stale_page(request, error, context_of(request), _who(request), typed)
    return error_page(request, error, _who(request), typed)


def _who(request: Request) -> Actor | None:
    """Who reads the page; an error about the reader's own session has nobody."""
    try:
        return identify(request, context_of(request))
    except EnclaveError:
        return None


async def _enclave_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, EnclaveError):
        raise TypeError("not an error of ours")
    return _answer(request, error, await _typed(request, error))


async def _typed(request: Request, error: EnclaveError) -> list[tuple[str, str]]:
    """The words of a form that a login or a token of yesterday refused, or that came too late, so that nobody writes
    them twice.

    Only of a form of our own: a browser says where a form comes from, and no other site gets words onto our page.
    """
    lost = isinstance(error, (NotAuthenticated, Stale, DatabaseAway)) or (type(error) is NotAllowed)
    ours = request.headers.get("sec-fetch-site") == "same-origin"
    if "/account" in request.url.path or "/welcome" in request.url.path:  # forms of passwords
        return []
    if request.method != "POST" or not (lost and ours and wants_page(request)):
        return []
    try:
        form = await request.form()
    except (HTTPException, RuntimeError, MultiPartException):
        return []
    open_ = [(name, text) for name, text in fields_of(form) if not any(word in name.lower() for word in _SECRET)]
    return [(name, text) for name, text in open_ if " " in text.strip()]


def _validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError("not a validation error")
    places = sorted({".".join(str(part) for part in each["loc"][1:]) or "the body" for each in error.errors()})
    text = f"The request is not of the form asked for: {', '.join(places)[:300]}."
    return _answer(request, Unprocessable(text, "See the API's schema."))


def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError("not an HTTP error")
    kind = {404: NotFound, 405: NotOffered, 408: TooSlow, 413: TooLarge}.get(error.status_code, BadInput)
    return _answer(request, kind(_SENTENCES[kind], "Go to the portal's first page."))


def _unstorable(request: Request, error: Exception) -> Response:
    """A value that PostgreSQL cannot hold: too long for its place, or with a character that no text may have."""
    log.warning("unstorable_value", path=request.url.path)
    return _answer(request, Unprocessable("A value is too long or has a character that cannot be kept.", "Shorten it."))


async def _database_away(request: Request, error: Exception) -> Response:
    log.error("database_away", path=request.url.path, kind=type(error).__name__)
    problem = DatabaseAway("The enclave's records cannot be reached.", "Nothing was saved. Try again in a minute.")
    if not wants_page(request):
        return JSONResponse(problem.as_json(), status_code=problem.status, headers={"Retry-After": "10"})
    return error_page(request, problem, None, await _typed(request, problem))  # who reads it is in the records


def _gone(request: Request, error: Exception) -> Response:
    """A caller who hangs up before the end of the body: nobody reads this, and it is no fault of ours to log."""
    return _answer(request, BadInput("The request broke off.", "Send it again, whole."))


def _unexpected(request: Request, error: Exception) -> Response:
    number = new_id("err")
    log.error("unexpected_error", error=number, kind=type(error).__name__, path=request.url.path, exc_info=error)
    problem = EnclaveError("Something went wrong on our side.", f"Try again; if it stays, tell the office: {number}.")
    if not wants_page(request):
        return JSONResponse(problem.as_json(), status_code=problem.status)
    return error_page(request, problem, None)  # what failed may be what knows the reader
