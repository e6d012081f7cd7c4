"""The rules that outputs are held against: why, how to mend it, how often each was right."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from c2c_research.disclosure.policy import DEFAULT_PACK
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.policies import Word, decide, list_policies, show_policy
from services.web.pages import page, redirect

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


@router.post("/{name}/rules/{rule}", permission=Permission.POLICY_DECIDE, fresh=True)
def decide_on_rule(
    ctx: Ctx, actor: CurrentActor, name: str, rule: str, reason: Annotated[str, Form()], word: Annotated[str, Form()]
) -> Response:
    """The owner's decision on a rule."""
    now = decide(ctx, actor, name, rule, Word(advice=word == "advice", reason=reason))
    answer = redirect(f"/policy/{name}", f"Decided. The pack is now version {now.version}.")
    answer.headers["location"] += f"#{rule}"
    return answer
