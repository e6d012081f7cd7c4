"""The rules that outputs are held against: why, how to mend it, how often each was right."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from c2c_research.disclosure.policy import DEFAULT_PACK
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.policies import list_policies, show_policy
from services.web.pages import page

router = GuardedRouter(prefix="/policy", include_in_schema=False)


@router.get("", permission=Permission.SIGNED_IN)
def default_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """The pack in force."""
    return policy_page(request, ctx, actor, DEFAULT_PACK)


@router.get("/{name}", permission=Permission.SIGNED_IN)
def policy_page(request: Request, ctx: Ctx, actor: CurrentActor, name: str) -> Response:
    """One pack's rules."""
    pack = show_policy(ctx, name)
    return page(
        request, "policy/show.html", title="Disclosure rules", actor=actor, pack=pack, packs=list_policies(),
        in_force=DEFAULT_PACK,
    )  # fmt: skip
