"""“My account”: password, second factor, recovery codes, and the browsers in which one is logged in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import segno
from fastapi import Form, Request
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.errors import BadInput, NotAllowed
from enclave.people import second_factor
from enclave.people import service as people
from enclave.people.permissions import Permission
from enclave.people.web_sessions import close_sessions_of, mark_confirmed, sessions_of
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.identity import browser_session
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/account", include_in_schema=False)


@router.get("", permission=Permission.SIGNED_IN, enrolling=True)
def show_account(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """The person's own page."""
    here = browser_session(request, ctx)
    idle = timedelta(minutes=ctx.settings.session_idle_minutes)
    with ctx.database.read() as session:
        user = people.get_user(session, actor.name)
        return page(
            request, "account/show.html", title="My account", actor=actor,
            full_name=user.full_name, email=user.email, roles=user.roles, has_password=user.password_hash is not None,
            enrolled=second_factor.has_second_factor(session, actor.name),
            codes_left=second_factor.codes_left(session, actor.name),
            required=ctx.settings.second_factor_required, provider=ctx.settings.oidc_issuer,
            sessions=sessions_of(session, actor.name, ctx.clock.now(), idle), here=here.id if here else "",
        )  # fmt: skip


@router.post("/password", permission=Permission.SIGNED_IN, enrolling=True)
def change_password(
    request: Request,
    ctx: Ctx,
    actor: CurrentActor,
    current: Annotated[str, Form()],
    password: Annotated[str, Form()],
    again: Annotated[str, Form()],
) -> Response:
    """Replace the password; other browsers are logged out."""
    if password != again:
        raise BadInput("The two new passwords differ.", "Go back and type the new one twice.")
    here = browser_session(request, ctx)
    with ctx.database.write() as session:
        people.change_password(session, actor, ctx.clock, current, password)
        close_sessions_of(session, actor.name, but=here.id if here else "")
    return redirect("/account", "The password was changed; other browsers are logged out.")


@router.get("/second-factor", permission=Permission.SIGNED_IN, enrolling=True)
def enrol_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """The picture for the authenticator app, and the field for its first code."""
    with ctx.database.write() as session:
        secret = second_factor.begin(session, ctx.clock, ctx.secrets, actor.name)
    picture = segno.make(second_factor.address(secret, actor.name), error="m")
    return page(
        request, "account/enrol.html", title="Add a second factor", actor=actor, secret=secret,
        picture=picture.png_data_uri(scale=5, border=2),
    )  # fmt: skip


@router.post("/second-factor", permission=Permission.SIGNED_IN, enrolling=True)
def enrol(request: Request, ctx: Ctx, actor: CurrentActor, code: Annotated[str, Form()]) -> Response:
    """Finish enrolment; the recovery codes are shown this once."""
    here = browser_session(request, ctx)
    with ctx.database.write() as session:
        codes = second_factor.confirm(session, actor, ctx.clock, ctx.secrets, code)
        if here is not None:
            mark_confirmed(session, here.id, ctx.clock.now(), strong=True)
            close_sessions_of(session, actor.name, but=here.id)
    return _codes_page(request, actor, codes)


@router.post("/recovery-codes", permission=Permission.SIGNED_IN, fresh=True)
def renew_codes(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """Ten new recovery codes in place of the old ones."""
    with ctx.database.write() as session:
        if not second_factor.has_second_factor(session, actor.name):
            raise BadInput("You have no second factor yet.", "Add one first.")
        codes = second_factor.renew_recovery_codes(session, actor, ctx.clock)
    return _codes_page(request, actor, codes)


@router.post("/second-factor/remove", permission=Permission.SIGNED_IN, fresh=True)
def remove(ctx: Ctx, actor: CurrentActor) -> Response:
    """Take one's own second factor away, to enrol another phone."""
    with ctx.database.write() as session:
        second_factor.remove(session, actor, ctx.clock, actor.name, "by the person")
        if ctx.settings.second_factor_required:
            close_sessions_of(session, actor.name)
    return redirect("/account", "The second factor was removed.")


@router.post("/sessions/close", permission=Permission.SIGNED_IN, enrolling=True)
def close_others(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """Log out everywhere else."""
    here = browser_session(request, ctx)
    if here is None:
        raise NotAllowed("Only a browser can do this.", "Open the page “My account”.")
    with ctx.database.write() as session:
        close_sessions_of(session, actor.name, but=here.id)
    return redirect("/account", "You are logged out everywhere else.")


def _codes_page(request: Request, actor: Actor, codes: list[str]) -> Response:
    answer = page(request, "account/codes.html", title="Recovery codes", actor=actor, codes=codes)
    answer.headers["Cache-Control"] = "no-store"
    return answer
