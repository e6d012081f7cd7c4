"""The transparency page of private answers: what is spent and by whom, and whether the mechanism holds; no login."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from services import transparency
from services.api.deps import Ctx, GuardedRouter, MaybeActor
from services.web.pages import page

router = GuardedRouter(prefix="/public/privacy", include_in_schema=False)


@router.get("", public=True)
def show(request: Request, ctx: Ctx, actor: MaybeActor) -> Response:
    """Every edition with its budget, who used it, and the newest audit."""
    with ctx.database.read() as session:
        found = transparency.privacy(session)
    return page(request, "public/privacy.html", title="Privacy loss", actor=actor, found=found)
