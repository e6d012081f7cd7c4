"""Privacy budget of an edition over all projects: caps, burn-down, export; for the managing entity and auditors."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.dp import exports, purses
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.budget import cap_bars
from services.web.burndown import burndown
from services.web.pages import page

router = GuardedRouter(prefix="/privacy", include_in_schema=False)


@router.get("/{edition}", permission=Permission.SIGNED_IN)
def show(request: Request, ctx: Ctx, actor: CurrentActor, edition: str) -> Response:
    """What an edition's caps hold, and how it came to that."""
    with ctx.database.read() as session:
        lines = exports.readable(session, actor, edition, None)
        plot = burndown(exports.steps(lines, None), ctx.clock.now())
        bars = cap_bars(purses.caps_json(session, edition))
    return page(
        request, "budget/edition.html", title=f"Privacy budget of edition {edition}", actor=actor, edition=edition,
        bars=bars, plot=plot,
    )  # fmt: skip
