"""Rendering: one Jinja environment with escaping on, one frame for every page.

A handler returns `page(request, "domain/name.html", title="…", thing=view_model)`. No ORM row goes into a template.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError
from enclave.notices.store import unread_count
from enclave.people.permissions import Permission, holds
from enclave.people.web_sessions import csrf_token_for
from services.web.browsers import browser_name
from services.web.glossary import glossary_hint
from services.web.menu import BASE, menu_for

_COOKIE = "c2c-portal"
_TITLES = {
    401: "You are logged out",
    403: "You may not do this",
    404: "There is nothing here",
    409: "Something changed meanwhile",
    429: "Too much at once",
    500: "Something went wrong on our side",
    503: "A part of the enclave does not answer",
}


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = _day
    environment.filters["moment"] = _moment
    environment.filters["ago"] = _ago
    environment.filters["span"] = _span
    environment.filters["words"] = lambda text: str(text).replace("_", " ").lower()
    environment.filters["size"] = _size
    environment.filters["browser"] = browser_name
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.globals["term"] = glossary_hint
    environment.globals["base"] = BASE
    environment.globals["Permission"] = Permission
    return environment


def page(
    request: Request, template: str, *, title: str, actor: Actor | None, status: int = 200, **values: Any
) -> Response:
    """A whole page: the frame with menu, the title, and the template's content."""
    cookie = request.cookies.get(_COOKIE, "")
    content = (
        _environment()
        .get_template(template)
        .render(
            request_path=request.url.path,
            request_method=request.method,
            title=title,
            actor=actor,
            menu=menu_for(actor, request.url.path),
            unread=_unread(request, actor),
            demo=request.app.state.context.settings.demo,
            csrf=csrf_token_for(cookie) if cookie else "",
            notice=request.query_params.get("notice", "")[:200],
            may=lambda permission: actor is not None and holds(actor, permission),
            **values,
        )
    )
    return HTMLResponse(content, status_code=status)


def redirect(path: str, notice: str = "") -> Response:
    """Go to another page of the portal after a change, with a sentence that says what happened."""
    query = f"?{urlencode({'notice': notice})}" if notice else ""
    return RedirectResponse(f"{BASE}{path}{query}", status_code=303)


def error_page(
    request: Request, error: EnclaveError, actor: Actor | None, typed: list[tuple[str, str]] | None = None
) -> Response:
    """The page that an error gets: what is wrong and what to do, the way back, and the words that a form brought."""
    back = urlsplit(request.headers.get("referer", "")).path if request.method == "POST" else ""
    return page(
        request, "errors/error.html", title=_TITLES.get(error.status, "That did not work"), actor=actor,
        status=error.status, error=error, typed=typed or [],
        back=back if back.startswith(f"{BASE}/") else "",
    )  # fmt: skip


def _unread(request: Request, actor: Actor | None) -> int:
    """How many notices the header's link to the inbox counts."""
    if actor is None or actor.kind != "user":
        return 0
    with request.app.state.context.database.read() as session:
        return unread_count(session, actor.name)


def _day(moment: date | str | None) -> str:
    """A day as people in California write it; a moment of the API is text."""
    if not moment:
        return "—"
    day = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{day:%B} {day.day}, {day.year}"


def _moment(moment: datetime | str | None) -> str:
    """A moment to the minute."""
    if not moment:
        return "—"
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{at:%b} {at.day}, {at.year}, {at:%H:%M} UTC"


def _span(length: timedelta) -> str:
    """A length of time, as coarse as people say it."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return f"{max(0, int(length.total_seconds()))} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _size(count: int) -> str:
    """Bytes as a person reads them, in units of thousands."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= step:
            return f"{count / step:,.1f} {unit}"
    return f"{count} bytes"


def _ago(moment: datetime | None) -> str:
    if moment is None:
        return "—"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"
