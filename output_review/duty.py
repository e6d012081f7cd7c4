"""The checkers' duty roster, and to whom a new request is suggested.

On duty is who stands in the roster today, still is a checker, and is not away. A request that has a free place is
suggested to the colleague on duty with the least in hand who may review it. It is a suggestion: whoever claims decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.errors import BadInput, Conflict, NotAllowed, NotFound
from enclave.core.ids import new_id
from enclave.people.model import User
from enclave.people.roles import Role
from enclave.people.states import UserState
from output_review.airlock import Absent, Airlock
from output_review.model import Duty
from output_review.permissions import is_checker
from output_review.policies import Reviewed, required_votes

LONGEST = timedelta(days=92)
_ROLES = {Role.OUTPUT_CHECKER.value, Role.SENIOR_CHECKER.value}


class Free(Reviewed, Protocol):
    """What a suggestion asks of a request in the queue."""

    @property
    def id(self) -> str: ...

    @property
    def project_id(self) -> str: ...

    @property
    def author(self) -> str: ...

    @property
    def members(self) -> list[str]: ...

    @property
    def under_review(self) -> bool: ...

    @property
    def checkers(self) -> list[str]: ...


def roster(session: Session, today: date) -> list[Duty]:
    """What is not over, the earliest first."""
    query = select(Duty).where(Duty.last_day >= today).order_by(Duty.first_day, Duty.checker, Duty.id)
    return list(session.scalars(query))


def put(airlock: Airlock, session: Session, actor: Actor, checker: str, first: date, last: date) -> Duty:
    """Put a checker on duty: oneself, or as a senior checker anybody."""
    _check_may_set(actor, checker)
    today = airlock.clock.now().date()
    if last < first or last < today:
        raise BadInput("These days are over, or end before they begin.", "Give a first and a last day from today on.")
    if last - first > LONGEST:
        raise BadInput("A duty is at most three months long.", "Put it into the roster in parts.")
    if checker not in checkers(session):
        raise BadInput(f"“{checker[:40]}” is no output checker.", "Name an active output checker or senior checker.")
    if any(
        row.checker == checker and row.first_day <= last and first <= row.last_day for row in roster(session, today)
    ):
        raise Conflict("The roster has them on some of these days.", "Take the other duty out first, or choose others.")
    row = Duty(
        id=new_id("dut"), checker=checker, first_day=first, last_day=last, set_by=actor.name,
        set_at=airlock.clock.now(),
    )  # fmt: skip
    session.add(row)
    record(
        session, actor, "duty.set", "review_duty", row.id, airlock.clock,
        checker=checker, first=first.isoformat(), last=last.isoformat(),
    )  # fmt: skip
    return row


def remove(airlock: Airlock, session: Session, actor: Actor, identity: str) -> None:
    """Take a duty out of the roster."""
    row = session.get(Duty, identity)
    if row is None:
        raise NotFound("The roster has no such duty.", "Reload the page.")
    _check_may_set(actor, row.checker)
    session.delete(row)
    record(session, actor, "duty.removed", "review_duty", row.id, airlock.clock, checker=row.checker)


def checkers(session: Session) -> set[str]:
    """Everybody active who checks outputs."""
    rows = session.execute(select(User.id, User.roles).where(User.state == UserState.ACTIVE.value))
    return {name for name, roles in rows if _ROLES & set(roles)}


def on_duty(session: Session, now: datetime, absent: Absent) -> set[str]:
    """Who is on duty today and there."""
    named = {row.checker for row in roster(session, now.date()) if row.first_day <= now.date()}
    present = named & checkers(session) if named else set()
    return present - set(absent(session, present)) if present else set()


def in_hand(rows: Iterable[Free]) -> Counter[str]:
    """Checker → how many requests under review they have a place at."""
    return Counter(name for row in rows if row.under_review for name in row.checkers)


def suggested(rows: Collection[Free], duty: Collection[str], members: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Request → colleague on duty, in the order of the queue; each suggestion counts as one more in hand."""
    load, found = in_hand(rows), {}
    for row in rows:
        if not row.under_review or len(row.checkers) >= required_votes(row):
            continue
        barred = {row.author, *row.members, *members.get(row.project_id, ()), *row.checkers}
        may = sorted(set(duty) - barred, key=lambda name: (load[name], name))
        if may:
            found[row.id] = may[0]
            load[may[0]] += 1
    return found


def _check_may_set(actor: Actor, checker: str) -> None:
    if not is_checker(actor):
        raise NotAllowed("The roster is the output checkers'.", "Ask a senior checker.")
    if actor.name != checker and not actor.has(Role.SENIOR_CHECKER):
        raise NotAllowed(
            "You put yourself on duty, not colleagues.", "Ask a senior checker to plan for the others."
        )  # fmt: skip
