"""Administrators' pages about people."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from enclave.people import second_factor, store
from enclave.people import service as people
from enclave.people.permissions import Permission
from enclave.people.roles import Role
from enclave.people.web_sessions import close_sessions_of
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.users import setup_link as api_setup_link
from services.api.users import views
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/people", include_in_schema=False)


@router.get("", permission=Permission.PEOPLE_READ)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor, search: str = "") -> Response:
    """Everybody, with a search box and the form to add a person."""
    with ctx.database.read() as session:
        users = views(session, store.list_users(session, search), actor)
    return page(
        request, "people/list.html", title="People", actor=actor, users=users, search=search, roles=list(Role),
        now=ctx.clock.now(),
    )  # fmt: skip


@router.post("", permission=Permission.PEOPLE_MANAGE, fresh=True)
def add(
    request: Request,
    ctx: Ctx,
    actor: CurrentActor,
    name: Annotated[str, Form()],
    full_name: Annotated[str, Form()],
    email: Annotated[str, Form()],
    roles: Annotated[list[str], Form()] = [],  # noqa: B006  (FastAPI copies it)
    provider: Annotated[str, Form()] = "",
) -> Response:
    """Add a person, and show the link by which they set a password."""
    with ctx.database.write() as session:
        people.add_user(
            session,
            actor,
            ctx.clock,
            name=name,
            full_name=full_name,
            email=email,
            roles=roles,
            provider=provider or None,
        )
    return _link_page(request, ctx, actor, name)


@router.post("/{name}/setup-link", permission=Permission.PEOPLE_MANAGE, fresh=True)
def setup_link(request: Request, ctx: Ctx, actor: CurrentActor, name: str) -> Response:
    """A link by which the person sets a new password."""
    return _link_page(request, ctx, actor, name)


@router.post("/{name}/second-factor/remove", permission=Permission.PEOPLE_MANAGE, fresh=True)
def remove_second_factor(ctx: Ctx, actor: CurrentActor, name: str, reason: Annotated[str, Form()]) -> Response:
    """Take a lost second factor away."""
    with ctx.database.write() as session:
        people.get_user(session, name)
        second_factor.remove(session, actor, ctx.clock, name, reason)
        close_sessions_of(session, name)
    return redirect("/people", f"{name} has no second factor now and adds one at the next login.")


def _link_page(request: Request, ctx: Ctx, actor: CurrentActor, name: str) -> Response:
    link = api_setup_link(ctx, actor, name)
    answer = page(request, "people/link.html", title=f"A link for {name}", actor=actor, name=name, link=link)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/{name}/suspend", permission=Permission.PEOPLE_MANAGE, fresh=True)
def suspend(ctx: Ctx, actor: CurrentActor, name: str, reason: Annotated[str, Form()]) -> Response:
    """Suspend an account."""
    with ctx.database.write() as session:
        people.suspend(session, actor, ctx.clock, name, reason)
        close_sessions_of(session, name)
    return redirect("/people", f"{name} is suspended; open sessions end within seconds.")


@router.post("/{name}/reinstate", permission=Permission.PEOPLE_MANAGE)
def reinstate(ctx: Ctx, actor: CurrentActor, name: str) -> Response:
    """Lift a suspension."""
    with ctx.database.write() as session:
        people.reinstate(session, actor, ctx.clock, name)
    return redirect("/people", f"{name} may log in again.")
