"""No page asks the database more often because years of requests lie behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from output_review import service
from services.airlock import airlock_of
from tests.history import Copier, Pattern
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import approve, post, sequential, submit

MOST = 30
"""Statements of the page that asks most, `BEGIN` and `ROLLBACK` not counted."""

# who looks at which page; {} is a request that waits for checkers
PAGES = [
    ("rosa", "/"), ("rosa", "/releases"), ("rosa", "/releases/{}"), ("rosa", "/projects/promise"),
    ("rosa", "/editions"), ("rosa", "/inbox"), ("chris", "/"), ("chris", "/review"), ("chris", "/review/{}"),
]  # fmt: skip


@contextmanager
def counted(desk: Portal) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement not in ("BEGIN", "BEGIN IMMEDIATE"):
            sent.append(statement)

    engine = desk.context.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def asked_by_page(desk: Portal, waiting: str) -> dict[str, int]:
    """Page → how many statements it takes."""
    found = {}
    for who, path in PAGES:
        browser = desk.browser(who)
        with counted(desk) as sent:
            assert browser.get(BASE + path.format(waiting)).status_code == 200, path
        found[f"{who} {path}"] = len(sent)
    return found


def asked_by_draft(desk: Portal, people: int) -> int:
    with counted(desk) as sent:
        submit(desk, f"district,n\nAlpine,{people}\n".encode(), submit=False)
    return len(sent)


def history(desk: Portal, clock: FixedClock, released: str, waiting: str, projects: int) -> None:
    """A release and a waiting request in each of so many further projects, and as many releases of rosa's project."""
    with desk.context.database.read() as session:
        past, fresh = (Pattern.of(session.connection(), each) for each in (released, waiting))
    copier = Copier()
    for number in range(projects):
        at = clock.now() - timedelta(hours=number)
        copier.copy(past, project="promise", author="rosa", checkers=("chris", "dana"), at=at)
        for pattern in (past, fresh):
            copier.copy(pattern, project=f"other-{number}", author="ruth", checkers=("erin", "dana"), at=at)
    copier.write(desk.context.database)


def test_pages_ask_no_more_often_with_a_longer_history(desk: Portal, clock: FixedClock) -> None:
    released = sequential(desk)
    approve(desk, released)
    airlock = airlock_of(desk.context)
    service.release(airlock, desk.context.database, Actor.service("airlock"), released, desk.context.key)
    waiting = sequential(desk, b"district,n\nAlpine,130\nButte,250\nColusa,370\nTotal,750\n")
    post(desk.operator("chris"), f"/releases/{waiting}/claim")
    history(desk, clock, released, waiting, projects=2)
    few, few_of_draft = asked_by_page(desk, waiting), asked_by_draft(desk, 400)
    history(desk, clock, released, waiting, projects=30)
    assert asked_by_page(desk, waiting) == few
    assert asked_by_draft(desk, 500) == few_of_draft
    assert max(few.values()) <= MOST, few
