"""Is it still the person who logged in, and with two factors? Asked of browsers; tokens carry no ambient authority.

Before a decision a person confirms with password and second factor. The confirmation travels with the very form that
was sent (`confirm_password`, `confirm_code`), so that nothing typed is lost and it works without JavaScript.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from enclave.core.actors import Actor
from enclave.core.errors import ConfirmationNeeded, SecondFactorNeeded
from enclave.people import login
from enclave.people.service import get_user
from enclave.people.web_sessions import OpenSession, mark_confirmed
from services.api.context import Context
from services.api.identity import Ctx, CurrentActor, browser_session

PASSWORD_FIELD = "confirm_password"  # noqa: S105  (a field's name)
CODE_FIELD = "confirm_code"
_OWN_FIELDS = (PASSWORD_FIELD, CODE_FIELD, "csrf")


class Confirmation(ConfirmationNeeded):
    """What the page that asks has to carry on: the fields of the form, and whether a first try was wrong."""

    def __init__(self, actor: Actor, fields: list[tuple[str, str]], wrong: bool, by_password: bool) -> None:
        super().__init__(
            "This step asks you to confirm that it is you.", "Open the page in a browser, or log in again."
        )
        self.actor = actor
        self.fields = fields
        self.wrong = wrong
        self.by_password = by_password


def check_strong(request: Request, ctx: Context) -> None:
    """Refuse a browser's session without a second factor where one is asked for."""
    found = browser_session(request, ctx)
    if found is not None and ctx.settings.second_factor_required and not found.strong:
        raise SecondFactorNeeded("Your account needs a second factor.", "Add one on the page “My account”.")


async def check_fresh(request: Request, ctx: Ctx, actor: CurrentActor) -> None:
    """Refuse a decision in a session whose login is some time ago, unless the form carries a confirmation."""
    found = await run_in_threadpool(browser_session, request, ctx)
    if found is None or found.is_fresh(ctx.clock.now(), timedelta(minutes=ctx.settings.confirm_minutes)):
        return
    form = await request.form()
    password = str(form.get(PASSWORD_FIELD, ""))
    code = str(form.get(CODE_FIELD, ""))
    confirmed = bool(password) and await run_in_threadpool(_confirm, ctx, actor, found, password, code)
    if confirmed:
        return
    by_password = await run_in_threadpool(_has_password, ctx, actor)
    raise Confirmation(actor, fields_of(form), bool(password), by_password)


def _confirm(ctx: Context, actor: Actor, found: OpenSession, password: str, code: str) -> bool:
    with ctx.database.write() as session:
        fits = login.confirm(session, ctx.clock, ctx.secrets, actor, password, code)
        if fits:
            mark_confirmed(session, found.id, ctx.clock.now(), strong=False)
        return fits


def _has_password(ctx: Context, actor: Actor) -> bool:
    with ctx.database.read() as session:
        return get_user(session, actor.name).password_hash is not None


def fields_of(form: FormData) -> list[tuple[str, str]]:
    """The texts of a form without its token and without anything secret."""
    return [(name, text) for name, text in form.multi_items() if name not in _OWN_FIELDS and isinstance(text, str)]
