"""The checkers' duty roster."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.notices import store as notices
from enclave.people.permissions import Permission
from enclave.people.roles import Role
from output_review import duty
from output_review.model import Duty
from services.airlock import airlock_of
from services.api.context import Context
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.paging import by

router = GuardedRouter(prefix="/duty", tags=["releases"])


class DutyView(BaseModel):
    """From one day to another a checker is on duty; `now`: today, and not away. `away_until` as they told it."""

    id: str
    checker: str
    first_day: date
    last_day: date
    set_by: str
    now: bool
    away_until: date | None
    allowed_actions: list[str]


class NewDuty(BaseModel):
    """Who is on duty, both days included; without a name: oneself."""

    checker: str = ""
    first_day: date
    last_day: date


@router.get("", permission=Permission.REVIEW, order=by("first_day", "checker", "id"))
def list_duty(ctx: Ctx, actor: CurrentActor) -> list[DutyView]:
    """The roster from today on."""
    with ctx.database.read() as session:
        return [_view(ctx, session, actor, row) for row in duty.roster(session, ctx.clock.now().date())]


@router.post("", permission=Permission.REVIEW, status_code=201)
def put(ctx: Ctx, actor: CurrentActor, body: NewDuty) -> DutyView:
    """Put a checker on duty: oneself, or as a senior checker anybody."""
    with ctx.database.write() as session:
        row = duty.put(
            airlock_of(ctx), session, actor, body.checker or actor.name, body.first_day, body.last_day
        )  # fmt: skip
        session.flush()
        return _view(ctx, session, actor, row)


@router.delete("/{duty_id}", permission=Permission.REVIEW, status_code=204)
def remove(ctx: Ctx, actor: CurrentActor, duty_id: str) -> None:
    """Take a duty out."""
    with ctx.database.write() as session:
        duty.remove(airlock_of(ctx), session, actor, duty_id)


def _view(ctx: Context, session: Session, actor: Actor, row: Duty) -> DutyView:
    away = notices.away(session, [row.checker], ctx.clock.now()).get(row.checker)
    mine = actor.name == row.checker or actor.has(Role.SENIOR_CHECKER)
    return DutyView(
        id=row.id, checker=row.checker, first_day=row.first_day, last_day=row.last_day, set_by=row.set_by,
        now=row.first_day <= ctx.clock.now().date() and away is None and row.checker in duty.checkers(session),
        away_until=away.until.date() if away else None, allowed_actions=["remove"] if mine else [],
    )  # fmt: skip
