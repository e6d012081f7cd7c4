"""The page without a login: what was released and marked public, each with how it was checked."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.core.errors import NotFound
from output_review import store
from services.api.deps import Ctx, GuardedRouter, MaybeActor
from services.api.paging import Page
from services.api.public_releases import public_releases, public_view
from services.web.pages import page

router = GuardedRouter(prefix="/public", include_in_schema=False)


@router.get("", public=True)
def list_page(request: Request, ctx: Ctx, actor: MaybeActor, where: Page) -> Response:
    """Public releases, newest first."""
    found, following = public_releases(ctx, where)
    return page(
        request, "public/list.html", title="Released to the public", actor=actor, found=found, following=following
    )


@router.get("/{release}", public=True)
def show_page(request: Request, ctx: Ctx, actor: MaybeActor, release: str) -> Response:
    """One public release: a stable address to cite."""
    with ctx.database.read() as session:
        row, kept = store.get(session, release), store.record_of(session, release)
        if not row.public or row.state != "RELEASED" or kept is None:
            raise NotFound("There is no such public release.", "See the list of what was released.")
        shown = public_view(kept.envelope["payload"], kept.manifest_sha256)
        signature = {"issuer": kept.envelope["issuer"], "value": kept.envelope["signature"]}
    return page(request, "public/show.html", title=shown.title, actor=actor, release=shown, signature=signature)
