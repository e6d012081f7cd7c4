"""The page on how often two independent readers agree."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.people.permissions import Permission
from enclave.people.roles import Role
from services.api import calibration as api
from services.api.calibration import Day
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page

router = GuardedRouter(prefix="/calibration", include_in_schema=False)


@router.get("", permission=Permission.CALIBRATION_READ)
def calibration_page(request: Request, ctx: Ctx, actor: CurrentActor, since: Day = None, until: Day = None) -> Response:
    """Agreement by kind of file, rule and quarter."""
    found = api.show(ctx, actor, since, until)
    return page(
        request, "review/calibration.html", title="Calibration", actor=actor, found=found, since=since or "",
        until=until or "", links=_links(actor), query=request.url.query,
    )  # fmt: skip


def _links(actor: Actor) -> bool:
    """Whether the person may open a request's desk."""
    return actor.has(Role.SENIOR_CHECKER)


@router.get("/agreement.csv", permission=Permission.CALIBRATION_READ)
def export(ctx: Ctx, actor: CurrentActor, since: Day = None, until: Day = None) -> Response:
    """The same as a table."""
    return api.export(ctx, actor, since, until)
