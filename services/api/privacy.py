"""Privacy loss in public, and audits of the mechanism on request."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.responses import Response

from enclave.dp.audits import FEWEST, MOST
from enclave.people.permissions import Permission
from services import transparency
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import newest
from services.ledger_files import Form, ledger_file

router = GuardedRouter(tags=["private answers"])


class Wanted(BaseModel):
    """The edition it is written down for (the open one when left out), tables (all), draws of each neighbour."""

    edition: str | None = None
    tables: list[str] = []
    draws: Annotated[int, Field(ge=FEWEST, le=MOST)] = transparency.DRAWS


@router.get("/public/privacy", public=True, order=newest("edition"))
def spent(ctx: Ctx) -> list[dict[str, Any]]:
    """What was spent of each edition's privacy budget and by whom, with the newest audit; no login."""
    with ctx.database.read() as session:
        return transparency.privacy(session)


@router.post("/privacy/audits", permission=Permission.BUDGETS_GRANT, status_code=201)
def audit(ctx: Ctx, actor: CurrentActor, body: Wanted) -> dict[str, Any]:
    """Audit the mechanism on planted data now. Takes a minute or more; the result stands in the trail."""
    return transparency.audit_mechanism(ctx, actor, body.edition, body.draws, body.tables)


@router.get("/privacy/{edition}/ledger", permission=Permission.SIGNED_IN)
def export(ctx: Ctx, actor: CurrentActor, edition: str, form: Form = "json") -> Response:
    """A whole edition's journal, signed (JSON) or as CSV: for the managing entity and auditors."""
    with ctx.database.read() as session:
        return ledger_file(ctx, session, actor, edition, None, form)
