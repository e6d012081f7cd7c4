"""Feasibility counts: private answers for anyone registered, before there is a project.

They are charged to a purse of their own, `planning`, that everybody shares, and to the edition's cap. A person may ask
so many *new* questions a day; what was asked before, by anybody, is free and not counted.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.clock import Clock
from enclave.core.errors import NotAllowed, TooMany, Unprocessable
from enclave.dp import store
from enclave.dp.price import Plan
from enclave.dp.specification import Request

PLANNING = "~planning"
"""Stands where entries name their project; no project can be called so."""
PURSE = "planning"
DAILY = 20


def for_planning(request: Request) -> Request:
    """The question, paid from the purse of feasibility counts."""
    return request.model_copy(update={"purse": PURSE})


def check_can_plan(actor: Actor) -> None:
    """Persons who are logged in ask; services do not."""
    if actor.kind != "user":
        raise NotAllowed("Feasibility counts are for people.", "Log in with an account of your own.")


def check_keys(plan: Plan) -> None:
    """Groups that are learned from data take delta, which is held for projects."""
    if plan.learns_keys:
        raise Unprocessable(
            "A column of by has too many keys to take them all in a feasibility count.", "Name the keys that you want."
        )


def left_today(session: Session, actor: Actor, clock: Clock) -> int:
    """How many new questions somebody may still ask in these 24 hours."""
    return max(0, DAILY - store.asked_since(session, PLANNING, actor.name, clock.now() - timedelta(days=1)))


def check_pace(session: Session, actor: Actor, clock: Clock) -> None:
    """Refuse a new question above the day's number."""
    if left_today(session, actor, clock) == 0:
        raise TooMany(
            f"{DAILY} new questions were asked in the last 24 hours.",
            "Questions that were asked before stay free; come back tomorrow for new ones, or apply for a project.",
        )
