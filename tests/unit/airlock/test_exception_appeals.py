"""An author appeals a refused exception once; another senior checker's word is the last about these bytes."""

from __future__ import annotations

from typing import Any

import pytest

from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.people.roles import Role
from output_review.reconciliation import reconcile
from services.airlock import airlock_of
from services.news.table import told_by
from services.web.waiting import waiting_for
from tests.factories import make_actor
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, SMALL, post, submit

APPEAL = {"file": "t1.csv", "rule": "min_cell", "reason": "The county publishes this count itself."}
NO = {"file": "t1.csv", "rule": "min_cell", "grant": False, "reason": "No source is named."}
YES = {**NO, "grant": True, "reason": "The source is there."}


@pytest.fixture
def refused(desk: Portal, clock: FixedClock) -> str:
    """A failing table under review whose exceptions sam refused; sina is a senior checker too."""
    with desk.context.database.write() as session:
        make_actor(session, clock, "sina", Role.SENIOR_CHECKER)
    made = submit(desk, SMALL, submit=False)
    for rule in made["files"][0]["unjustified"]:
        words = {"file": "t1.csv", "rule": rule, "justification": "It is public."}
        post(desk.operator("rosa"), f"/releases/{made['id']}/justifications", words)
    post(desk.operator("rosa"), f"/releases/{made['id']}/submit")
    post(desk.operator("sam"), f"/releases/{made['id']}/exceptions", NO)
    return str(made["id"])


def exception(desk: Portal, identity: str, who: str = "rosa") -> dict[str, Any]:
    shown = desk.operator(who).get(f"{API}/releases/{identity}").json()
    return next(dict(each) for each in shown["files"][0]["exceptions"] if each["rule"] == "min_cell")


def agrees(desk: Portal) -> list[str]:
    with desk.context.database.read() as session:
        found = reconcile(airlock_of(desk.context), session, desk.context.keyring, desk.context.clock)
        return [each.what for each in found.differences]


# number, who, where, what, the answer; in this order
STEPS: list[tuple[int, str, str, dict[str, Any], int]] = [
    (1, "chris", "exception-appeals", APPEAL, 403),
    (2, "rosa", "exception-appeals", {**APPEAL, "rule": "dominance"}, 409),
    (3, "rosa", "exception-appeals", {**APPEAL, "reason": " "}, 400),
    (4, "rosa", "exception-appeals", APPEAL, 200),
    (5, "rosa", "exception-appeals", APPEAL, 409),
    (6, "sam", "exceptions", YES, 403),
    (7, "chris", "exceptions", YES, 403),
    (8, "sina", "exceptions", NO, 200),
    (9, "rosa", "exception-appeals", APPEAL, 409),
    (10, "sina", "exceptions", YES, 409),
    (11, "sam", "exceptions", YES, 403),
    (12, "sam", "return", {"note": "It stays refused."}, 200),
    (13, "rosa", "justifications", {"file": "t1.csv", "rule": "min_cell", "justification": "Please."}, 409),
]


def test_a_refusal_is_appealed_once_and_another_senior_checker_has_the_last_word(desk: Portal, refused: str) -> None:
    """2: nothing was refused there; 6: who refused; 13: not justified anew for the same bytes."""
    for number, who, path, body, status in STEPS:
        answer = desk.operator(who).post(f"{API}/releases/{refused}/{path}", json=body)
        assert answer.status_code == status, (number, answer.text)
    found = exception(desk, refused)
    assert (found["state"], found["decided_by"], found["refusal"]) == ("REFUSED", "sina", "No source is named.")
    assert agrees(desk) == []


def test_a_granted_appeal_by_page_lets_the_votes_decide_again(desk: Portal, refused: str, clock: FixedClock) -> None:
    rosa, sina = desk.browser("rosa"), desk.browser("sina")
    assert "Appeal the refusal about" in rosa.get(f"{BASE}/releases/{refused}").text
    assert rosa.post(f"{BASE}/releases/{refused}/exception-appeal", data=APPEAL).status_code == 303
    with desk.context.database.read() as session:
        for name, waits in (("sina", 1), ("sam", 0)):
            found = waiting_for(session, Actor(name, frozenset({"senior_checker"})), clock)
            assert sum(each.text.startswith("Appeal of a refused exception") for each in found) == waits, name
        told = {each.action: {one.user for one in told_by(session, each)} for each in list_events(session).events}
    assert told["release.exception_appealed"] == {"sina"}
    page = sina.get(f"{BASE}/review/{refused}").text
    assert "The county publishes this count itself." in page and "No source is named." in page
    post(desk.operator("sina"), f"/releases/{refused}/exceptions", YES)
    missing = desk.operator("sam").get(f"{API}/releases/{refused}").json()["missing"]
    assert not any("min_cell" in each for each in missing) and agrees(desk) == []


def test_a_repaired_file_is_justified_anew(desk: Portal, refused: str) -> None:
    post(desk.operator("rosa"), f"/releases/{refused}/exception-appeals", APPEAL)
    post(desk.operator("sina"), f"/releases/{refused}/exceptions", NO)
    post(desk.operator("sina"), f"/releases/{refused}/return", {"note": "Mend it."})
    other = SMALL.replace(b"Alpine,3", b"Alpine,4").replace(b"243", b"244")
    desk.operator("rosa").post(f"{API}/releases/{refused}/files", files=[("files", ("t1.csv", other))])
    words = {"file": "t1.csv", "rule": "min_cell", "justification": "The county publishes 4."}
    post(desk.operator("rosa"), f"/releases/{refused}/justifications", words)
