"""Feasibility counts for anyone registered: what can be asked, the price, the answer, the power of a study."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from enclave.dp import planning, power, service
from enclave.dp.planning import PLANNING
from enclave.dp.policy import load_policies
from enclave.dp.specification import parse_request
from enclave.people.permissions import Permission
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.dp import Question, data_client
from services.private_answers import answer_question

router = GuardedRouter(prefix="/feasibility", tags=["private answers"])


@router.get("", permission=Permission.SIGNED_IN)
def standing(ctx: Ctx, actor: CurrentActor) -> dict[str, Any]:
    """What can be asked about, and how many new questions are left today."""
    with ctx.database.read() as session:
        left = planning.left_today(session, actor, ctx.clock)
    return {"left_today": left, "datasets": [policy.model_dump(mode="json") for policy in load_policies().values()]}


@router.post("/cost", permission=Permission.SIGNED_IN)
def cost(ctx: Ctx, actor: CurrentActor, body: Question) -> dict[str, Any]:
    """The price of a question and how exact its answer would be. Charges nothing, touches no data."""
    with ctx.database.read() as session:
        return service.quote(session, actor, ctx.clock, PLANNING, parse_request(body)).as_json()


@router.post("/queries", permission=Permission.SIGNED_IN)
def query(ctx: Ctx, actor: CurrentActor, body: Question) -> dict[str, Any]:
    """Ask. What anybody asked before has the same answer and is free."""
    return answer_question(ctx.database, data_client(ctx), actor, PLANNING, parse_request(body))


@router.get("/power", permission=Permission.SIGNED_IN)
def detectable(
    actor: CurrentActor,
    first: Annotated[int, Query(le=10**9)],
    second: Annotated[int, Query(le=10**9)],
    share: Annotated[float | None, Query()] = None,
    deviation: Annotated[float | None, Query()] = None,
    level: float = 0.05,
    probability: float = 0.8,
) -> dict[str, Any]:
    """The smallest difference of means (for a `deviation`) and rise of a share (for a `share`) that a study can see."""
    design = power.Design(first, second, level, probability)
    return {
        "difference": power.smallest_difference(design, deviation) if deviation is not None else None,
        "change": power.smallest_change(design, share) if share is not None else None,
    }
