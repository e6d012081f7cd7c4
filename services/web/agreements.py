"""The office's pages about agreements."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from enclave.agreements import service, store, terms
from enclave.extracts import withdrawal
from enclave.people.permissions import Permission
from services.api.agreements import USUAL_LIFE, list_agreements, show_agreement, withdrawal_view
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect

router = GuardedRouter(prefix="/agreements", include_in_schema=False)


@router.get("", permission=Permission.AGREEMENTS_MANAGE)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """All agreements, and the form to draw one up."""
    rows = list_agreements(ctx, actor)
    standing = {row.provider for row in rows if row.state in store.STANDING}
    return page(
        request, "agreements/list.html", title="Participation agreements", actor=actor, agreements=rows,
        missing=[code for code in terms.known() if code not in standing],
    )  # fmt: skip


@router.post("", permission=Permission.AGREEMENTS_MANAGE)
def draw_up(ctx: Ctx, actor: CurrentActor, provider: Annotated[str, Form()]) -> Response:
    """A draft from a provider's usual terms."""
    with ctx.database.write() as session:
        expires = ctx.clock.now() + USUAL_LIFE
        row = service.draw_up(session, actor, terms.usual(provider), ctx.clock, expires_at=expires)
        agreement_id = row.id
    return redirect(f"/agreements/{agreement_id}", "Drawn up. Read it, then bring it into force.")


@router.get("/{agreement_id}", permission=Permission.AGREEMENTS_MANAGE)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, agreement_id: str) -> Response:
    """One agreement with its elements and pathways."""
    item = show_agreement(ctx, actor, agreement_id)
    return page(request, "agreements/show.html", title=item.name, actor=actor, item=item)


@router.post("/{agreement_id}/activate", permission=Permission.AGREEMENTS_MANAGE, fresh=True)
def activate(ctx: Ctx, actor: CurrentActor, agreement_id: str) -> Response:
    """Bring it into force."""
    with ctx.database.write() as session:
        service.activate(session, actor, agreement_id, ctx.clock)
    return redirect(f"/agreements/{agreement_id}", "The agreement is in force.")


@router.post("/{agreement_id}/suspend", permission=Permission.AGREEMENTS_MANAGE, fresh=True)
def suspend(ctx: Ctx, actor: CurrentActor, agreement_id: str, reason: Annotated[str, Form()] = "") -> Response:
    """Suspend it, with all that hangs on it."""
    with ctx.database.write() as session:
        done = withdrawal.suspend_agreement(session, actor, agreement_id, reason, ctx.clock)
        notice = _notice("suspended", done)
    return redirect(f"/agreements/{agreement_id}", notice)


@router.post("/{agreement_id}/terminate", permission=Permission.AGREEMENTS_MANAGE, fresh=True)
def terminate(ctx: Ctx, actor: CurrentActor, agreement_id: str, reason: Annotated[str, Form()] = "") -> Response:
    """End it for good, with all that hangs on it."""
    with ctx.database.write() as session:
        done = withdrawal.terminate_agreement(session, actor, agreement_id, reason, ctx.clock)
        notice = _notice("terminated", done)
    return redirect(f"/agreements/{agreement_id}", notice)


def _notice(what: str, done: withdrawal.Withdrawal) -> str:
    view = withdrawal_view(done)
    return (
        f"The agreement is {what}. Extracts revoked: {len(view.revoked)}, "
        f"queued without the provider: {len(view.rebuilt)}, projects waiting: {len(view.waiting_projects)}."
    )
