"""The checkers' queue: its order by risk and age, and its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.notices.service import go_away
from output_review.queue import Pick, in_order, is_overdue, picked
from output_review.states import FindingStatus, ReviewMode
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, post, submit

MONDAY = datetime(2025, 3, 3, 9, tzinfo=UTC)


@dataclass
class Row:
    name: str
    submitted_at: datetime | None
    status: FindingStatus
    author: str = "rosa"
    members: list[str] = field(default_factory=lambda: ["rosa", "ruth"])
    under_review: bool = True
    checkers: list[str] = field(default_factory=list)
    review_mode: str = ReviewMode.SEQUENTIAL


def test_overdue_comes_first_then_the_worst_findings_then_the_oldest() -> None:
    now = MONDAY + timedelta(days=7, hours=1)
    rows = [
        Row("decided", MONDAY, FindingStatus.FAIL, under_review=False),
        Row("clean", MONDAY + timedelta(days=2), FindingStatus.PASS),
        Row("young fail", MONDAY + timedelta(days=4), FindingStatus.FAIL),
        Row("old fail", MONDAY + timedelta(days=3), FindingStatus.FAIL),
        Row("late", MONDAY, FindingStatus.PASS),
        Row("later", MONDAY - timedelta(days=3), FindingStatus.PASS),
    ]
    assert [row.name for row in in_order(rows, now)] == ["later", "late", "old fail", "young fail", "clean", "decided"]
    assert [row.name for row in rows if is_overdue(row, now)] == ["late", "later"]


# number, who asks, the checkers seated, is it free for them
FREE = [(1, "chris", [], True), (2, "chris", ["dana"], True), (3, "chris", ["chris"], False),
        (4, "chris", ["dana", "erin"], False), (5, "rosa", [], False), (6, "ruth", [], False),
        (7, "newcomer", [], False)]  # fmt: skip


@pytest.mark.parametrize(("number", "who", "seated", "free"), FREE)
def test_a_place_is_free_for_those_who_may_take_it(number: int, who: str, seated: list[str], free: bool) -> None:
    row = Row("x", MONDAY, FindingStatus.PASS, checkers=seated)
    assert picked(row, Pick.FREE, who, ["newcomer"]) is free
    assert picked(row, Pick.MINE, who, []) is (who in seated)


def test_the_page_counts_its_parts_and_says_what_is_overdue(desk: Portal, clock: FixedClock) -> None:
    first, second = submit(desk), submit(desk, submit=False)
    assert second["status"] != "fail", second
    post(desk.operator("rosa"), f"/releases/{second['id']}/submit")
    post(desk.operator("chris"), f"/releases/{first['id']}/claim")
    browser = desk.browser("chris")
    page = browser.get(f"{BASE}/review").text
    assert "All (2)" in page and "Mine (1)" in page and "Free places (1)" in page and "None is overdue" in page
    mine = browser.get(f"{BASE}/review?pick=mine").text
    assert f"/review/{first['id']}" in mine and f"/review/{second['id']}" not in mine
    free = desk.operator("chris").get(f"{API}/releases?scope=queue&pick=free").json()["releases"]
    assert [row["id"] for row in free] == [second["id"]]
    clock.advance(timedelta(days=8))
    assert "2 overdue" in desk.browser("chris").get(f"{BASE}/review").text


def test_an_absent_checkers_place_is_told_and_freed_by_a_senior_checker(desk: Portal, clock: FixedClock) -> None:
    made = submit(desk)
    post(desk.operator("chris"), f"/releases/{made['id']}/claim")
    sam = desk.browser("sam")
    assert "away until" not in sam.get(f"{BASE}/review").text
    now = clock.now()
    with desk.context.database.write() as session:
        chris = Actor("chris", frozenset({"output_checker"}))
        go_away(session, chris, clock, since=now, until=now + timedelta(days=6), stand_in="dana")
    for path in ("/review", f"/review/{made['id']}"):
        assert "away until" in sam.get(f"{BASE}{path}").text
    place = f"{BASE}/review/{made['id']}/hand-over"
    assert "Free the place of chris" in sam.get(f"{BASE}/review/{made['id']}").text
    dana = desk.browser("dana")
    assert "Free the place of" not in dana.get(f"{BASE}/review/{made['id']}").text
    assert dana.post(place, data={"checker": "chris"}).status_code == 403
    assert sam.post(place, data={"checker": "chris"}).status_code == 303
    assert desk.operator("dana").get(f"{API}/releases/{made['id']}").json()["checkers"] == []
