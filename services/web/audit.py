"""The audit trail as a page."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from enclave.people.permissions import Permission
from services.api.audit import list_audit, verify_audit
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import Page
from services.web.pages import page

router = GuardedRouter(prefix="/audit", include_in_schema=False)


@router.get("", permission=Permission.AUDIT_READ)
def audit_page(
    request: Request,
    ctx: Ctx,
    actor: CurrentActor,
    where: Page,
    by: str = "",
    action: str = "",
    subject: str = "",
    check: bool = False,
) -> Response:
    """Events newest first, a filter, and the proof that the chain holds."""
    events = list_audit(ctx, where, actor=by, action=action, subject=subject)
    chain = verify_audit(ctx) if check else None
    return page(
        request, "audit/list.html", title="Audit trail", actor=actor, found=events, chain=chain, by=by,
        action=action, subject=subject,
    )  # fmt: skip
