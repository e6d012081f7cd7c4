"""Who is on duty, to whom a request is suggested, and how a place goes to a colleague and comes back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.notices.service import go_away
from enclave.people.roles import Role
from output_review import store
from output_review.duty import suggested
from output_review.reconciliation import reconcile
from output_review.states import FindingStatus
from services.airlock import airlock_of
from services.news.table import told_by
from services.web.waiting import waiting_for
from services.worker import airlock as worker
from tests.factories import make_actor
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, TABLE, post, sequential, submit
from tests.unit.airlock.test_queue import MONDAY, Row

TODAY, FRIDAY = date(2026, 8, 3), date(2026, 8, 7)


class Waits(Row):
    """A request of the queue with what a suggestion asks of it."""

    project_id = "promise"

    @property
    def id(self) -> str:
        return self.name


def on_duty(desk: Portal, *names: str) -> None:
    for name in names:
        body = {"checker": name, "first_day": str(TODAY), "last_day": str(FRIDAY)}
        post(desk.operator("sam"), "/duty", body, 201)


def claimed(desk: Portal, who: str = "chris") -> str:
    identity = sequential(desk)
    post(desk.operator(who), f"/releases/{identity}/claim")
    return identity


def shown(desk: Portal, identity: str, who: str) -> Any:
    return desk.operator(who).get(f"{API}/releases/{identity}").json()


def agrees(desk: Portal) -> list[str]:
    with desk.context.database.read() as session:
        found = reconcile(airlock_of(desk.context), session, desk.context.keyring, desk.context.clock)
        return [each.what for each in found.differences]


def away(desk: Portal, name: str, role: str = "output_checker") -> None:
    with desk.context.database.write() as session:
        now = desk.context.clock.now()
        go_away(
            session,
            Actor(name, frozenset({role})),
            desk.context.clock,
            since=now,
            until=now + timedelta(days=4),
            stand_in=None,
        )


# number, who, for whom, first and last day, the answer
ROSTER: list[tuple[int, str, str, date, date, int]] = [
    (1, "sam", "erin", TODAY, FRIDAY, 201),
    (2, "dana", "dana", TODAY, TODAY, 201),
    (3, "dana", "", FRIDAY, FRIDAY, 201),
    (4, "dana", "chris", TODAY, FRIDAY, 403),
    (5, "rosa", "rosa", TODAY, FRIDAY, 403),
    (6, "ada", "dana", TODAY, FRIDAY, 403),
    (7, "sam", "rosa", TODAY, FRIDAY, 400),
    (8, "sam", "nobody", TODAY, FRIDAY, 400),
    (9, "sam", "dana", FRIDAY, TODAY, 400),
    (10, "sam", "dana", date(2026, 7, 1), date(2026, 7, 5), 400),
    (11, "sam", "dana", TODAY, date(2027, 8, 3), 400),
    (12, "dana", "dana", TODAY, FRIDAY, 409),
]


def test_who_puts_whom_on_duty_when(desk: Portal) -> None:
    """9: ends before it begins; 10: over; 11: longer than three months; 12: a second time."""
    for number, who, checker, first, last, status in ROSTER:
        body = {"checker": checker, "first_day": str(first), "last_day": str(last)}
        answer = desk.operator(who).post(f"{API}/duty", json=body)
        assert answer.status_code == status, (number, answer.text)


def test_a_duty_is_taken_out_by_its_checker_or_a_senior(desk: Portal) -> None:
    on_duty(desk, "dana")
    [row] = desk.operator("chris").get(f"{API}/duty").json()
    assert (row["checker"], row["now"], row["allowed_actions"]) == ("dana", True, [])
    assert desk.operator("chris").delete(f"{API}/duty/{row['id']}").status_code == 403
    assert desk.operator("dana").delete(f"{API}/duty/{row['id']}").status_code == 204
    assert desk.operator("dana").delete(f"{API}/duty/{row['id']}").status_code == 404


def test_requests_are_suggested_to_who_is_on_duty_may_review_and_has_the_least_in_hand() -> None:
    rows = [
        Waits("first", MONDAY, FindingStatus.FAIL),
        Waits("second", MONDAY, FindingStatus.PASS),
        Waits("third", MONDAY, FindingStatus.PASS, checkers=["dana"]),
        Waits("full", MONDAY, FindingStatus.PASS, checkers=["dana", "erin"]),
        Waits("own", MONDAY, FindingStatus.PASS, members=["rosa", "chris"]),
        Waits("decided", MONDAY, FindingStatus.PASS, under_review=False),
    ]
    assert suggested(rows, {"chris", "dana"}, {}) == {
        "first": "chris", "second": "chris", "third": "chris", "own": "dana",
    }  # fmt: skip
    assert suggested(rows, {"chris", "dana"}, {"promise": ["chris"]})["first"] == "dana"
    assert suggested(rows, set(), {}) == {}


def test_the_queue_and_the_home_page_say_to_whom_and_pass_over_who_is_away(desk: Portal, clock: FixedClock) -> None:
    submit(desk)
    assert "nobody is on duty today" in desk.browser("chris").get(f"{BASE}/review").text
    on_duty(desk, "chris", "dana")
    page = desk.browser("chris").get(f"{BASE}/review").text
    assert "on duty today: chris, dana" in page and "suggested to you" in page
    [row] = desk.operator("erin").get(f"{API}/releases?scope=queue").json()["releases"]
    assert row["suggested"] == "chris"
    away(desk, "chris")
    with desk.context.database.read() as session:
        texts = [each.text for each in waiting_for(session, Actor("dana", frozenset({"output_checker"})), clock)]
    assert texts == ["“Table 1” is suggested to you"]
    assert "away until" in desk.browser("sam").get(f"{BASE}/duty").text
    clock.advance(timedelta(days=5))
    assert desk.operator("erin").get(f"{API}/releases?scope=queue").json()["releases"][0]["suggested"] is None


# number, who hands over, to whom, the answer
HAND: list[tuple[int, str, str, int]] = [
    (1, "chris", "rosa", 400),
    (2, "chris", "team-checker", 400),
    (3, "chris", "chris", 400),
    (4, "chris", "ada", 400),
    (5, "chris", "nobody", 400),
    (6, "chris", "erin", 409),
    (7, "dana", "erin", 409),
    (8, "sam", "dana", 409),
    (9, "rosa", "dana", 403),
    (10, "chris", "sam", 200),
]


def test_who_hands_a_place_to_whom(desk: Portal, clock: FixedClock) -> None:
    """2: a checker who belongs to the project; 6: away; 7 and 8: has no place, a senior checker too."""
    with desk.context.database.write() as session:
        make_actor(session, clock, "team-checker", Role.OUTPUT_CHECKER)
    identity = claimed(desk)
    with desk.context.database.write() as session:
        store.get(session, identity).members = ["rosa", "team-checker"]
    away(desk, "erin")
    named = [each["name"] for each in desk.operator("chris").get(f"{API}/releases/{identity}/colleagues").json()]
    assert named == ["dana", "sam", "erin"]
    for number, who, colleague, status in HAND:
        body = {"colleague": colleague, "note": "Half read."}
        answer = desk.operator(who).post(f"{API}/releases/{identity}/hand-to", json=body)
        assert answer.status_code == status, (number, answer.text)


def test_a_note_goes_with_the_place_and_it_can_be_taken_back_until_the_colleague_begins(desk: Portal) -> None:
    on_duty(desk, "dana")
    identity = claimed(desk)
    chris, dana = desk.browser("chris"), desk.browser("dana")
    page = chris.get(f"{BASE}/review/{identity}?hand=true").text
    assert page.index('value="dana"') < page.index('value="erin"') and "dana (on duty, 0 in hand)" in page
    form = {"colleague": "dana", "note": "Look at the margins."}
    assert chris.post(f"{BASE}/review/{identity}/hand-to", data=form).status_code == 303
    assert "Look at the margins." in dana.get(f"{BASE}/review/{identity}").text
    assert shown(desk, identity, "dana")["checkers"] == ["dana"]
    assert "Look at" not in str(shown(desk, identity, "erin")) + str(shown(desk, identity, "rosa"))
    assert "take_back" in shown(desk, identity, "chris")["allowed_actions"] and agrees(desk) == []
    assert chris.post(f"{BASE}/review/{identity}/take-back").status_code == 303
    assert shown(desk, identity, "chris")["checkers"] == ["chris"] and agrees(desk) == []
    post(desk.operator("chris"), f"/releases/{identity}/hand-to", form)
    post(desk.operator("dana"), f"/releases/{identity}/votes", {"file": "t1.csv", "choice": "APPROVED"})
    post(desk.operator("chris"), f"/releases/{identity}/take-back", status=409)
    with desk.context.database.read() as session:
        told = {each.action: {one.user for one in told_by(session, each)} for each in list_events(session).events}
    assert (told["release.handed_to"], told["release.handed_back"], told["duty.set"]) == ({"dana"}, {"dana"}, {"dana"})
    with desk.context.database.write() as session:
        session.execute(text("UPDATE release_claim SET checker = 'erin'"))
    assert [each for each in agrees(desk) if "checker" in each]


def test_votes_of_who_handed_over_keep_counting(desk: Portal) -> None:
    identity = claimed(desk)
    post(desk.operator("chris"), f"/releases/{identity}/votes", {"file": "t1.csv", "choice": "APPROVED"})
    post(desk.operator("chris"), f"/releases/{identity}/hand-to", {"colleague": "dana", "note": "I am ill."})
    after = post(desk.operator("dana"), f"/releases/{identity}/votes", {"file": "t1.csv", "choice": "APPROVED"})
    assert (after["state"], after["checkers"]) == ("REVIEWED", ["dana"])


def test_a_place_that_nobody_uses_is_freed_and_its_checker_told(desk: Portal, clock: FixedClock) -> None:
    idle = claimed(desk, "chris")
    used = str(submit(desk, TABLE.replace(b"Alpine", b"Amador"))["id"])
    post(desk.operator("erin"), f"/releases/{used}/comments", {"body": "Reading.", "visibility": "PRIVATE"})
    [place] = shown(desk, idle, "chris")["places"]
    assert place["free_from"].startswith("2026-08-06T09:00")
    clock.advance(timedelta(days=3) - timedelta(seconds=1))
    assert worker.unused(desk.context) == []
    clock.advance(timedelta(seconds=1))
    assert worker.unused(desk.context) == [f"{idle}/chris"]
    worker.free(desk.context, f"{idle}/chris")
    assert shown(desk, idle, "dana")["checkers"] == [] and shown(desk, used, "dana")["checkers"] == ["erin"]
    post(desk.operator("chris"), f"/releases/{idle}/claim")
    assert worker.unused(desk.context) == [] and agrees(desk) == []
    with desk.context.database.read() as session:
        [event] = [each for each in list_events(session).events if each.action == "release.place_expired"]
        assert {each.user for each in told_by(session, event)} == {"chris"}
