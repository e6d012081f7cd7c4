"""Providers' vetoes: what waits for a provider's word, one veto with what would leave, and the office's switch with its
cost."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.people.permissions import Permission, holds
from enclave.projects import store as projects
from output_review.policies import due_at
from output_review.vetoes import permissions, service
from output_review.vetoes.policies import MOST_DAYS
from output_review.vetoes.states import VetoState
from services.api import vetoes as api
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.web.pages import page, redirect
from services.web.waiting import Waiting

router = GuardedRouter(prefix="/vetoes", include_in_schema=False)


def waiting(session: Session, actor: Actor, clock: Clock) -> list[Waiting]:
    """For a provider's reviewers what they may refuse, for the office what an author contests."""
    found = []
    if holds(actor, Permission.REQUESTS_DECIDE):
        found += [
            Waiting(f"Object to “{request.title}”, or let it leave", f"/vetoes/{veto.id}", veto.opened_at, veto.due_at)
            for veto, request in service.waiting(session, VetoState.OPEN)
            if permissions.speaks_for(session, actor, veto, request, projects.members(session, request.project_id))
            and clock.now() < veto.due_at
        ]
    if holds(actor, Permission.POLICY_DECIDE):
        found += [
            Waiting(f"Refusal of “{request.title}” is contested", f"/vetoes/{veto.id}", veto.contested_at,
                    due_at(veto.contested_at))
            for veto, request in service.waiting(session, VetoState.CONTESTED)
            if veto.contested_at
            and permissions.may_decide(actor, request, projects.members(session, request.project_id))
        ]  # fmt: skip
    return found


@router.get("", permission=Permission.USES_READ)
def list_page(request: Request, ctx: Ctx, actor: CurrentActor) -> Response:
    """The vetoes that concern this person; below them the rule of each provider, and what it costs in days."""
    return page(
        request, "vetoes/list.html", title="Providers’ vetoes", actor=actor, found=api.list_vetoes(ctx, actor),
        providers=api.show_cost(ctx, actor), rules=api.list_rules(ctx, actor), most=MOST_DAYS,
        decides=holds(actor, Permission.POLICY_DECIDE),
    )  # fmt: skip


@router.post("/rules", permission=Permission.POLICY_DECIDE, fresh=True)
def set_rule(
    ctx: Ctx, actor: CurrentActor, provider: Annotated[str, Form()], days: Annotated[int, Form()],
    reason: Annotated[str, Form()],
) -> Response:  # fmt: skip
    """Switch a provider's veto on or off."""
    done = api.set_rule(ctx, actor, api.Switch(provider=provider, days=days, reason=reason))
    what = f"has {done.days} working days from now on" if done.days else "is off for approvals from now on"
    return redirect("/vetoes", f"The veto of {done.provider} {what}.")


@router.get("/{veto}", permission=Permission.SIGNED_IN)
def show_page(request: Request, ctx: Ctx, actor: CurrentActor, veto: str) -> Response:
    """One veto."""
    shown = api.view(ctx, actor, veto)
    can = set(shown.allowed_actions)
    contents = api.contents(ctx, actor, veto) if "waive" in can else {}
    return page(request, "vetoes/show.html", title=shown.title, actor=actor, row=shown, can=can, contents=contents)


@router.post("/{veto}/waive", permission=Permission.REQUESTS_DECIDE)
def waive(ctx: Ctx, actor: CurrentActor, veto: str) -> Response:
    """No objection."""
    api.waive(ctx, actor, veto)
    return redirect(f"/vetoes/{veto}", "Kept: your provider has no objection.")


@router.post("/{veto}/refuse", permission=Permission.REQUESTS_DECIDE, fresh=True)
def refuse(ctx: Ctx, actor: CurrentActor, veto: str, reason: Annotated[str, Form()]) -> Response:
    """The provider refuses."""
    api.refuse(ctx, actor, veto, api.Reason(reason=reason))
    return redirect(f"/vetoes/{veto}", "Refused. The request went back to its author with your reason.")


@router.post("/{veto}/contest", permission=Permission.SIGNED_IN)
def contest(ctx: Ctx, actor: CurrentActor, veto: str, reason: Annotated[str, Form()]) -> Response:
    """The author asks the office."""
    api.contest(ctx, actor, veto, api.Reason(reason=reason))
    return redirect(f"/vetoes/{veto}", "The office was told, and decides.")


@router.post("/{veto}/decision", permission=Permission.POLICY_DECIDE, fresh=True)
def decide(
    ctx: Ctx, actor: CurrentActor, veto: str,
    verdict: Annotated[Literal["overrule", "uphold"], Form()], reason: Annotated[str, Form()],
) -> Response:  # fmt: skip
    """The office decides."""
    api.decide(ctx, actor, veto, api.Decision(overrule=verdict == "overrule", reason=reason))
    return redirect(f"/vetoes/{veto}", "Decided; the author and the provider were told.")
