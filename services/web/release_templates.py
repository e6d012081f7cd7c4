"""The page on which an author makes a draft one of another kind, with everything written kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import Response

from enclave.core.errors import Conflict
from enclave.people.permissions import Permission
from output_review import drafting, templates
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.release_access import act, view
from services.web.pages import page, redirect
from services.web.releases import answers_of
from services.web.stale import SeenId

router = GuardedRouter(prefix="/releases", include_in_schema=False)


@router.get("/{release}/template", permission=Permission.SIGNED_IN)
def choose_page(
    request: Request, ctx: Ctx, actor: CurrentActor, release: str, kind: str | None = None
) -> Response:  # fmt: skip
    """The kinds, and the questions of the chosen one with what the purpose already answers."""
    shown = view(ctx, actor, release)
    if "edit" not in shown.allowed_actions:
        raise Conflict("Its kind changes only while a request is yours to edit.", "See the request's page.")
    chosen = templates.named(shown.template if kind is None else kind)
    return page(
        request, "releases/template.html", title="Kind of request", actor=actor, release=shown, kind=chosen,
        templates=templates.templates(), known=templates.answered(chosen, shown.purpose),
    )  # fmt: skip


@router.post("/{release}/template", permission=Permission.SIGNED_IN)
def change(
    ctx: Ctx, actor: CurrentActor, release: SeenId, template: Annotated[str, Form()] = "",
    answers: Annotated[dict[str, str] | None, Depends(answers_of)] = None,
) -> Response:  # fmt: skip
    """Make it one of that kind."""
    act(ctx, actor, release, drafting.change_template, template=template, answers=answers or {})
    return redirect(f"/releases/{release}", "The kind of request is changed; what you wrote is in its purpose.")
