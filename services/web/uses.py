"""For providers: who reads our data now, what else was done with it, and the disclosure log as a file."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.agreements import store as agreements
from enclave.people.permissions import Permission
from enclave.people.service import get_user
from services.api import uses as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page
from services.uses import WORDS, Kind
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/uses", include_in_schema=False)


@router.get("", permission=Permission.USES_READ)
def own_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """A reviewer's own provider; for the office and auditors the list of all."""
    with ctx.database.read() as session:
        own = get_user(session, actor.name).provider
        providers = [(row.code, row.name) for row in agreements.list_providers(session)]
    if own is not None:
        return redirect(f"/uses/{own}")
    return page(request, "uses/list.html", title="Uses of data", actor=actor, providers=providers)


@router.get("/{provider}", permission=Permission.USES_READ)
def provider_page(
    request: Request, ctx: Ctx, actor: CurrentActor, provider: str, where: Page, kind: Kind | None = None
) -> Response:
    """One provider's log."""
    found = api.list_uses(ctx, actor, provider, where, kind)
    with ctx.database.read() as session:
        name = agreements.get_provider(session, provider).name
        standing = agreements.standing(session, provider)
        agreement = (standing.state, standing.expires_at) if standing else None
    return page(
        request, "uses/show.html", title=f"Uses of the data of {name}", actor=actor, found=found, kinds=list(Kind),
        words=WORDS, kind=kind, agreement=agreement,
    )  # fmt: skip
