"""The page of the checkers' duty roster."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from enclave.people.permissions import Permission
from enclave.people.roles import Role
from output_review import duty
from services.api import duty as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/duty", include_in_schema=False)


@router.get("", permission=Permission.REVIEW)
def roster_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """Who is on duty when, and a form for more."""
    senior = actor.has(Role.SENIOR_CHECKER)
    with ctx.database.read() as session:
        names = sorted(duty.checkers(session)) if senior else [actor.name]
    return page(
        request, "review/duty.html", title="Duty roster", actor=actor, found=api.list_duty(ctx, actor), names=names,
        today=ctx.clock.now().date().isoformat(),
    )  # fmt: skip


@router.post("", permission=Permission.REVIEW)
def put(
    ctx: Ctx, actor: CurrentActor, checker: Annotated[str, Form()], first_day: Annotated[date, Form()],
    last_day: Annotated[date, Form()],
) -> Response:  # fmt: skip
    """Put somebody on duty."""
    api.put(ctx, actor, api.NewDuty(checker=checker, first_day=first_day, last_day=last_day))
    return redirect("/duty", f"{checker} is in the roster.")


@router.post("/{duty_id}/remove", permission=Permission.REVIEW)
def remove(ctx: Ctx, actor: CurrentActor, duty_id: str) -> Response:
    """Take a duty out."""
    api.remove(ctx, actor, duty_id)
    return redirect("/duty", "Taken out of the roster.")
