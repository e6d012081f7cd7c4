"""What the portal does with the gateway's counts: sums, two limits, each told once, and who may look."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.people.roles import Role
from enclave.traffic import store
from enclave.traffic.limits import MB, Kind, Limits
from enclave.traffic.service import PATHS, Report, add_report, sentence_of
from tests.approved import approved_project, make_cast
from tests.factories import make_user
from tests.portal import BASE, Portal

LIMITS = Limits(alert_mb=2, stop_mb=10)


@pytest.fixture
def approved(database: Database, clock: FixedClock) -> Database:
    """Rosa's project."""
    with database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
    return database


def report(number: int, *, run: str = "run-1", ended: bool = False, **sizes: int) -> Report:
    down = {Kind(kind): size for kind, size in sizes.items()}
    return Report(f"rep-{number}", run, "rosa", "promise", down, 5, {"/a.csv": (1, 100)}, ended)


def actions(database: Database) -> list[str]:
    with database.read() as session:
        return [event.action for event in reversed(list_events(session, action="lab.traffic").events)]


def test_each_limit_is_told_once(approved: Database, clock: FixedClock) -> None:
    for number, size in enumerate((1, 1, 1, 7, 5)):
        with approved.write() as session:
            row = add_report(session, report(number, contents=size * MB), LIMITS, clock)
            assert (row.alerted_at is not None) is (number >= 1)
            assert (row.stopped_at is not None) is (number >= 3)
    with approved.write() as session:
        add_report(session, report(9, ended=True), LIMITS, clock)
    assert actions(approved) == ["lab.traffic_alert", "lab.traffic_stopped", "lab.traffic"]


def test_a_report_that_comes_twice_counts_once(approved: Database, clock: FixedClock) -> None:
    with approved.write() as session:
        for _ in range(3):
            row = add_report(session, report(1, kernel=MB), LIMITS, clock)
        assert (row.kernel, row.up, row.reads) == (MB, 5, {"/a.csv": [1, 100]})


# number, bytes by kind, alert, stop
AMOUNTS = [
    (1, {"contents": 2 * MB - 1}, False, False),
    (2, {"contents": MB, "kernel": MB}, True, False),
    (3, {"other": 10 * MB}, True, True),
    (4, {"static": 10 * MB}, False, False),
    (5, {"static": 12 * MB}, True, False),
    (6, {"static": 20 * MB}, True, True),
]


@pytest.mark.parametrize(("number", "sizes", "alert", "stop"), AMOUNTS)
def test_amounts(number: int, sizes: dict[str, int], alert: bool, stop: bool) -> None:
    down = {Kind(kind): size for kind, size in sizes.items()}
    assert (LIMITS.alerts(down), LIMITS.stops(down)) == (alert, stop)


def test_the_person_reads_why(approved: Database, clock: FixedClock) -> None:
    with approved.write() as session:
        assert sentence_of(add_report(session, report(1, contents=MB), LIMITS, clock), LIMITS) == ""
        assert "At 10 MB the lab is stopped." in sentence_of(
            add_report(session, report(2, contents=4 * MB), LIMITS, clock), LIMITS
        )
        row = add_report(session, report(3, contents=9 * MB), LIMITS, clock)
        assert sentence_of(row, LIMITS).startswith("The lab was stopped because 14 MB went to your browser")


def test_the_list_of_files_is_bounded_and_loses_no_byte(approved: Database, clock: FixedClock) -> None:
    reads = {f"/{number}": (1, 10) for number in range(2 * PATHS)}
    with approved.write() as session:
        row = add_report(session, Report("rep-1", "run-1", "rosa", "promise", {}, 0, reads), LIMITS, clock)
        assert len(row.reads) == PATHS + 1
        assert sum(size for _, size in row.reads.values()) == 2 * PATHS * 10


def test_a_new_session_closes_an_old_one_whose_end_nobody_told(approved: Database, clock: FixedClock) -> None:
    with approved.write() as session:
        add_report(session, report(1, contents=11 * MB), LIMITS, clock)
        assert [row.id for row in store.to_stop(session)] == ["run-1"]
        clock.advance(timedelta(minutes=1))
        add_report(session, report(2, run="run-2", contents=1), LIMITS, clock)
        assert store.to_stop(session) == []
        newest = store.latest(session, "rosa", "promise")
        assert newest is not None and newest.id == "run-2"


# number, role, status
READERS = [
    (1, Role.ADMINISTRATOR, 200),
    (2, Role.AUDITOR, 200),
    (3, Role.RESEARCHER, 403),
    (4, Role.MANAGING_ENTITY, 403),
    (5, Role.OUTPUT_CHECKER, 403),
]


@pytest.mark.parametrize(("number", "role", "status"), READERS)
def test_who_may_read_a_record(
    number: int, role: Role, status: int, approved: Database, portal: Portal, clock: FixedClock
) -> None:
    with approved.write() as session:
        add_report(session, report(1, contents=3 * MB), LIMITS, clock)
        make_user(session, clock, "somebody", role)
    answer = portal.browser("somebody").get(f"{BASE}/sessions/record/run-1")
    assert answer.status_code == status
    assert ("/a.csv" in answer.text and "3.0 MB" in answer.text) is (status == 200)
    assert portal.browser("somebody").get(f"{BASE}/api/sessions/traffic").status_code == status
