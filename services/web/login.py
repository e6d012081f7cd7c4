"""Logging in and out: the hub knows the password, the portal keeps a session of its own."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from enclave.core.audit import record
from enclave.core.errors import NotAuthenticated
from enclave.people.permissions import Permission
from enclave.people.second_factor import has_second_factor
from enclave.people.service import actor_for
from enclave.people.web_sessions import close_session, open_session
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.hub import Challenge
from services.api.identity import SESSION_COOKIE
from services.web.menu import BASE

router = GuardedRouter(include_in_schema=False)
_CHALLENGE_COOKIE = "c2c-login"


@router.get("/login", public=True, name="login")
def login(ctx: Ctx, next: str = f"{BASE}/") -> Response:
    """Send the browser to the hub, remembering where it wanted to go."""
    challenge = Challenge.new()
    answer = RedirectResponse(ctx.hub.login_url(ctx.settings.public_url, challenge), status_code=303)
    memory = json.dumps([challenge.state, challenge.verifier, _own(next)])
    answer.set_cookie(_CHALLENGE_COOKIE, memory, max_age=600, path=BASE, httponly=True, samesite="lax")
    return answer


@router.get("/oauth_callback", public=True)
def callback(request: Request, ctx: Ctx, code: str = "", state: str = "") -> Response:
    """The second half of a login: the hub's code becomes a session of the portal."""
    try:
        expected, verifier, target = json.loads(request.cookies.get(_CHALLENGE_COOKIE, ""))
    except ValueError as problem:
        raise NotAuthenticated("This login has expired.", "Log in again.") from problem
    if not code or not hmac.compare_digest(str(expected), state):
        raise NotAuthenticated("This login was not begun here.", "Log in again.")
    name = ctx.hub.user_for_code(code, str(verifier))
    life = timedelta(hours=ctx.settings.session_hours)
    with ctx.database.write() as session:
        actor = actor_for(session, name)
        strong = bool(ctx.settings.oidc_issuer) or has_second_factor(session, name)
        browser = request.headers.get("user-agent", "")
        secret = open_session(session, name, ctx.clock.now(), life, strong=strong, browser=browser)
        record(session, actor, "portal.session_opened", "user", name, ctx.clock)
    answer = RedirectResponse(_own(str(target)), status_code=303)
    answer.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(life.total_seconds()),
        path=BASE,
        httponly=True,
        secure=ctx.settings.public_scheme == "https",
        samesite="lax",
    )
    answer.delete_cookie(_CHALLENGE_COOKIE, path=BASE)
    return answer


@router.post("/logout", permission=Permission.SIGNED_IN, enrolling=True)
def logout(request: Request, ctx: Ctx, actor: CurrentActor, csrf: Annotated[str, Form()] = "") -> Response:
    """End the portal's session, then the hub's."""
    with ctx.database.write() as session:
        close_session(session, request.cookies.get(SESSION_COOKIE, ""))
        record(session, actor, "portal.session_closed", "user", actor.name, ctx.clock)
    answer = RedirectResponse(f"{ctx.settings.public_url}/hub/logout", status_code=303)
    answer.delete_cookie(SESSION_COOKIE, path=BASE)
    return answer


def _own(target: str) -> str:
    """A path of the portal; anything else (another site, a scheme) becomes the home page."""
    return target if target.startswith(f"{BASE}/") and "\\" not in target and "//" not in target else f"{BASE}/"
