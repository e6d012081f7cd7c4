"""The audit trail's place in a transaction, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

import enclave.core.db.database as pool
from enclave.core.actors import Actor
from enclave.core.audit import list_events, record, verify
from enclave.core.audit.model import AuditEvent
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from tests.postgresql import create_database

ALICE = Actor.service("portal")


@pytest.fixture(params=["sqlite", "postgresql"])
def trail(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'trail.db'}"
    else:
        url = create_database(request.getfixturevalue("postgresql"), f"trail{abs(hash(tmp_path)) % 10**9}")
    found = Database(url)
    found.create_all()
    yield found
    found.dispose()


def _actions(database: Database) -> list[str]:
    with database.read() as session:
        assert verify(session).holds
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def test_events_stand_in_the_order_they_were_recorded_and_only_after_the_commit(
    trail: Database, clock: FixedClock
) -> None:
    with trail.write() as session:
        record(session, ALICE, "one", "thing", "a", clock)
        record(session, ALICE, "two", "thing", "a", clock)
    with pytest.raises(RuntimeError), trail.write() as session:
        record(session, ALICE, "never", "thing", "a", clock)
        raise RuntimeError
    with trail.read() as session:
        record(session, ALICE, "read only", "thing", "a", clock)
    assert _actions(trail) == ["one", "two"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda session: session.scalar(select(func.count()).select_from(AuditEvent)),
        lambda session: len(session.scalars(select(AuditEvent)).all()),
        lambda session: len(session.execute(select(AuditEvent.seq)).all()),
        lambda session: list_events(session).total,
    ],
    ids=["count", "rows", "columns", "page"],
)
def test_a_transaction_reads_its_own_events(ask: object, trail: Database, clock: FixedClock) -> None:
    with trail.write() as session:
        record(session, ALICE, "one", "thing", "a", clock)
        assert ask(session) == 1  # type: ignore[operator]
        record(session, ALICE, "two", "thing", "a", clock)
        assert ask(session) == 2  # type: ignore[operator]
    assert _actions(trail) == ["one", "two"]


def test_a_savepoint_that_falls_takes_no_event_with_it(trail: Database, clock: FixedClock) -> None:
    with trail.write() as session:
        record(session, ALICE, "before", "thing", "a", clock)
        with pytest.raises(RuntimeError, match="after the savepoint"), session.begin_nested():
            record(session, ALICE, "inside", "thing", "a", clock)
        with session.begin_nested():
            session.execute(text("SELECT 1"))
        record(session, ALICE, "after", "thing", "a", clock)
    assert _actions(trail) == ["before", "after"]


def test_what_a_caller_changes_later_does_not_change_the_event(trail: Database, clock: FixedClock) -> None:
    files = ["a.csv"]
    with trail.write() as session:
        record(session, ALICE, "one", "thing", "a", clock, files=files)
        files.append("b.csv")
    with trail.read() as session:
        assert session.scalar(select(AuditEvent.details)) == {"files": ["a.csv"]}


def test_nobody_waits_for_a_transaction_that_has_recorded_and_goes_on(trail: Database, clock: FixedClock) -> None:
    """On PostgreSQL: the first records and dawdles; the second records and commits meanwhile."""
    if trail.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    dawdles, done = threading.Event(), threading.Event()

    def first() -> None:
        with trail.write() as session:
            record(session, ALICE, "first", "thing", "a", clock)
            dawdles.set()
            assert done.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert dawdles.wait(10)
    with trail.write() as session:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        record(session, ALICE, "second", "thing", "b", clock)
    done.set()
    thread.join()
    assert _actions(trail) == ["second", "first"]


def test_a_connection_that_its_server_closed_is_opened_anew(
    trail: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trail.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server")
    monkeypatch.setattr(pool, "RESTED", 0.0)
    with trail.read() as session:
        session.execute(text("SELECT 1"))
    other = Database(trail.url.render_as_string(hide_password=False))
    with other.write() as session:
        own = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        session.execute(text(f"{own} AND pid <> pg_backend_pid()"))
    other.dispose()
    with trail.write() as session:
        record(session, ALICE, "one", "thing", "a", clock)
    assert _actions(trail) == ["one"]
