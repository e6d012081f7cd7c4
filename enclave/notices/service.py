"""Use cases: tell somebody, read, wish, be away, stand in."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import BadInput, NotFound
from enclave.core.ids import new_id
from enclave.notices import store
from enclave.notices.model import Absence, Notice, NoticeWish
from enclave.notices.states import MailWish, Weight
from enclave.people.model import User
from enclave.people.roles import Role
from enclave.people.service import get_user
from enclave.people.states import UserState

MOST_AWAY = timedelta(days=180)
DUTIES = frozenset(Role) - {Role.RESEARCHER, Role.PROJECT_LEAD}
"""Roles whose work others wait for; a project's own work has its other members."""


def tell(
    session: Session, clock: Clock, user: str, event: int, text: str, path: str, weight: Weight = Weight.ROUTINE
) -> None:
    """Put a notice into somebody's inbox, and into the one of who stands in for them; a second call does nothing.

    Suspended people and names without an account are told nothing. What is about the safety of an account goes to its
    owner alone.
    """
    _put(session, clock, user, event, text, path, weight, None)
    absent = store.absence_of(session, user, clock.now())
    if absent is not None and absent.stand_in is not None and weight is not Weight.SECURITY:
        _put(session, clock, absent.stand_in, event, text, path, weight, user)


def _put(
    session: Session, clock: Clock, user: str, event: int, text: str, path: str, weight: Weight, told_for: str | None
) -> None:
    person = session.get(User, user)
    if person is None or person.state != UserState.ACTIVE:
        return
    if session.scalar(select(Notice.id).where(Notice.user_id == user, Notice.event == event)) is not None:
        return
    session.add(
        Notice(
            id=new_id("ntc"),
            user_id=user,
            event=event,
            text=text[:300],
            path=path[:200],
            weight=weight.value,
            told_for=told_for,
            at=clock.now(),
        )
    )
    session.flush()


def read(session: Session, actor: Actor, notice_id: str, clock: Clock) -> Notice:
    """Mark one of one's own notices as read."""
    row = session.get(Notice, notice_id)
    if row is None or row.user_id != actor.name:
        raise NotFound("There is no such notice.", "See the page “Inbox”.")
    row.read_at = row.read_at or clock.now()
    return row


def read_all(session: Session, actor: Actor, clock: Clock, until: str | None = None) -> None:
    """Mark one's own notices as read; `until` is the newest that was on the page, so that none is missed."""
    query = update(Notice).where(Notice.user_id == actor.name, Notice.read_at.is_(None))
    session.execute((query.where(Notice.id <= until) if until else query).values(read_at=clock.now()))


def wish(session: Session, actor: Actor, mail: MailWish) -> None:
    """Say when the inbox is also sent as mail."""
    row = session.get(NoticeWish, get_user(session, actor.name).id)
    if row is None:
        row = NoticeWish(user_id=actor.name)
        session.add(row)
    row.mail = mail.value


def go_away(
    session: Session, actor: Actor, clock: Clock, *, since: datetime, until: datetime, stand_in: str | None
) -> Absence:
    """Be away for some days. Who stands in shares a duty with the person, and the provider where there is one."""
    now = clock.now()
    if until <= max(now, since):
        raise BadInput("The absence ends before it begins, or has ended.", "Check the two dates.")
    if until - since > MOST_AWAY:
        raise BadInput(
            f"An absence is {MOST_AWAY.days} days at most.", "For longer ask an administrator to hand your roles over."
        )
    if stand_in:
        _check_stand_in(session, actor, stand_in, now)
    row = session.get(Absence, actor.name)
    if row is None:
        row = Absence(user_id=actor.name)
        session.add(row)
    row.since, row.until, row.stand_in = since, until, stand_in or None
    record(
        session, actor, "user.away", "user", actor.name, clock,
        since=since.isoformat(), until=until.isoformat(), stand_in=row.stand_in,
    )  # fmt: skip
    return row


def come_back(session: Session, actor: Actor, clock: Clock) -> None:
    """End one's absence now; nothing happens to who is not away."""
    row = store.planned_absence(session, actor.name, clock.now())
    if row is not None:
        session.delete(row)
        record(session, actor, "user.back", "user", actor.name, clock)


def _check_stand_in(session: Session, actor: Actor, name: str, now: datetime) -> None:
    person, me = get_user(session, name), get_user(session, actor.name)
    if name == actor.name:
        raise BadInput("Nobody stands in for themselves.", "Name a colleague, or leave the field empty.")
    if person.state != UserState.ACTIVE or store.absence_of(session, name, now) is not None:
        raise BadInput(f"{name} is away or suspended.", "Name somebody who is there.")
    shared = {Role(role) for role in me.roles} & {Role(role) for role in person.roles} & DUTIES
    if not shared:
        raise BadInput(
            f"{name} has none of the duties that others wait for you to do.",
            "Name a colleague with one of your roles; a project's work goes on with its other members.",
        )
    if me.provider != person.provider:
        raise BadInput(f"{name} does not belong to your provider.", "Name a reviewer of the same provider.")
