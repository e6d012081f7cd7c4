"""Who is calling: the operator on its socket, a browser's session, a token, or a sandbox through its relay.

A lab has a token of the hub, which counts only with its relay's word. A job has none: its relay's word names the job,
and counts as long as that job runs.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed, NotAuthenticated, NotFound
from enclave.core.signing import open_envelope
from enclave.jobs.store import runs
from enclave.people.service import actor_for
from enclave.people.web_sessions import OpenSession, find_session, touch_session
from services.api.context import Context

SESSION_COOKIE = "c2c-portal"
RELAY_HEADER = "X-C2C-Relay"
AS_HEADER = "X-C2C-As"
OPERATOR_LISTENER = "operator"


def context_of(request: Request) -> Context:
    """The context of the application that serves this request."""
    context: Context = request.app.state.context
    return context


async def _context(request: Request) -> Context:
    """The same as a dependency; not blocking, so it needs no thread."""
    return context_of(request)


Ctx = Annotated[Context, Depends(_context)]


def identify(request: Request, ctx: Ctx) -> Actor | None:
    """The caller, or None when nobody is logged in. A caller whose proof does not hold is refused at once."""
    if request.scope.get("c2c_listener") == OPERATOR_LISTENER:
        return _operator(request, ctx)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("token", "bearer") and token:
        return _by_token(request, ctx, token)
    if RELAY_HEADER in request.headers:
        return _by_job(request, ctx)
    with ctx.database.read() as session:
        found = request.state.browser_session = _find(request, ctx, session)
        actor = _active(session, found.user) if found is not None else None
    if found is not None and found.wants_touch(ctx.clock.now()):
        with ctx.database.write() as session:
            touch_session(session, found.id, ctx.clock.now())
    return actor


def browser_session(request: Request, ctx: Context) -> OpenSession | None:
    """The session of the browser that asks; None for tokens, for the operator's socket and when it has ended.

    As `identify` found it at the beginning of this very request; the next request looks again.
    """
    if not hasattr(request.state, "browser_session"):
        with ctx.database.read() as session:
            request.state.browser_session = _find(request, ctx, session)
    found: OpenSession | None = request.state.browser_session
    return found


def _find(request: Request, ctx: Context, session: Session) -> OpenSession | None:
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie or request.headers.get("authorization") or request.scope.get("c2c_listener"):
        return None
    idle = timedelta(minutes=ctx.settings.session_idle_minutes)
    return find_session(session, cookie, ctx.clock.now(), idle)


MaybeActor = Annotated[Actor | None, Depends(identify)]


async def current_actor(actor: MaybeActor) -> Actor:
    """The caller; NotAuthenticated when nobody is logged in."""
    if actor is None:
        raise NotAuthenticated("You are not logged in.", "Log in to the portal, or send a token.")
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def _operator(request: Request, ctx: Context) -> Actor:
    name = request.headers.get(AS_HEADER)
    if name is None:
        return Actor(ctx.settings.operator_name, kind="operator")
    if not ctx.settings.demo:
        raise NotAllowed("Acting as another user exists in the demo only.", "Do this in the portal, logged in.")
    with ctx.database.read() as session:
        return _active(session, name)


def _by_token(request: Request, ctx: Context, token: str) -> Actor:
    owner = ctx.hub.owner_of(token)
    if owner is None:
        raise NotAuthenticated("The token is not known or has expired.", "Make a new one, or restart the sandbox.")
    if owner.server is not None:
        _check_relayed(request, _claim(request, ctx), owner.name, owner.server)
    with ctx.database.read() as session:
        try:
            return _active(session, owner.name)
        except NotFound:
            raise NotAuthenticated("The token's owner has no account here.", "Ask the office for one.") from None


def _by_job(request: Request, ctx: Context) -> Actor:
    """The researcher of a job that runs, in the words of the relay of its sandbox."""
    claim = _claim(request, ctx)
    job, user, project = (str(claim.get(name, "")) for name in ("run", "user", "project"))
    _check_relayed(request, claim, user, project)
    with ctx.database.read() as session:
        if not job or not runs(session, job, project, user):
            raise NotAuthenticated("No job of this name runs.", "A lab sends its token; a report run asks nothing.")
        return _active(session, user)


def _claim(request: Request, ctx: Context) -> dict[str, Any]:
    """What the gateway's relay says of the call; NotAuthenticated when it does not hold."""
    try:
        envelope = json.loads(base64.urlsafe_b64decode(request.headers.get(RELAY_HEADER, "")))
    except (ValueError, RecursionError):
        envelope = None
    return open_envelope(envelope, ctx.keyring, "relay.assertion", ctx.clock, {"gateway"})


def _check_relayed(request: Request, claim: dict[str, Any], user: str, project: str) -> None:
    """A sandbox's word counts for its own project, and only when the relay of that very sandbox carried it."""
    path = request.url.path
    expected = {"user": user, "project": project, "method": request.method, "path": path}
    if {name: claim.get(name) for name in expected} != expected:
        raise NotAllowed("This token belongs to another sandbox.", "Use the sandbox's own relay.")
    own = f"/services/portal/api/projects/{project}"
    if path != own and not path.startswith(f"{own}/"):
        raise NotAllowed("A sandbox may reach its own project only.", "Use the portal for everything else.")


def _active(session: Session, name: str) -> Actor:
    return actor_for(session, name)
