"""An author appeals a rejection once; a senior checker who did not vote decides. By API and by page."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.people.roles import Role
from output_review.reconciliation import reconcile
from output_review.together import stale_ids
from services.airlock import airlock_of
from services.news.table import told_by
from services.web.waiting import waiting_for
from tests.factories import make_actor
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, post, sequential

REASON = {"reason": "The purpose is in the approved request, question 2."}


@pytest.fixture
def rejected(desk: Portal, clock: FixedClock) -> str:
    """Chris votes, Dana rejects with a private word; there are two senior checkers."""
    with desk.context.database.write() as session:
        make_actor(session, clock, "sina", Role.SENIOR_CHECKER)
    identity = sequential(desk)
    post(desk.operator("chris"), f"/releases/{identity}/votes", {"file": "t1.csv", "choice": "CHANGES_REQUESTED"})
    words = {"body": "Between us: sloppy.", "visibility": "PRIVATE"}
    post(desk.operator("dana"), f"/releases/{identity}/comments", words)
    post(desk.operator("dana"), f"/releases/{identity}/reject", {"note": "Not for this purpose."})
    return identity


def agrees(desk: Portal) -> list[str]:
    with desk.context.database.read() as session:
        keyring, clock = desk.context.keyring, desk.context.clock
        return [each.what for each in reconcile(airlock_of(desk.context), session, keyring, clock).differences]


def shown(desk: Portal, who: str, identity: str) -> dict[str, Any]:
    return dict(desk.operator(who).get(f"{API}/releases/{identity}").json())


# number, who, what they try, the answer
REFUSED: list[tuple[int, str, str, dict[str, Any], int]] = [
    (1, "chris", "appeal", REASON, 403),
    (2, "rosa", "appeal", REASON, 409),
    (3, "rosa", "appeal/take", {}, 403),
    (4, "chris", "appeal/take", {}, 403),
    (5, "ada", "appeal/take", {}, 403),
    (6, "sam", "appeal/decision", {"reopen": True, "reason": "Fine."}, 409),
    (7, "rosa", "appeal/decision", {"reopen": True, "reason": "Fine."}, 403),
    (8, "rosa", "submit", {}, 409),
]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: str(row[0]))
def test_who_may_do_what_while_an_appeal_waits(
    desk: Portal, rejected: str, row: tuple[int, str, str, dict[str, Any], int]
) -> None:
    """2: a second appeal; 6: without having taken it."""
    post(desk.operator("rosa"), f"/releases/{rejected}/appeal", REASON)
    _, who, path, body, status = row
    post(desk.operator(who), f"/releases/{rejected}/{path}", body, status)


def test_only_a_rejection_can_be_appealed(desk: Portal) -> None:
    post(desk.operator("rosa"), f"/releases/{sequential(desk)}/appeal", REASON, 409)


def test_a_senior_checker_reopens_and_the_next_submission_needs_two_checkers_as_before(
    desk: Portal, rejected: str
) -> None:
    rosa, sam = desk.browser("rosa"), desk.browser("sam")
    assert "You can appeal once" in rosa.get(f"{BASE}/releases/{rejected}").text
    assert rosa.post(f"{BASE}/releases/{rejected}/appeal", data=REASON).status_code == 303
    assert shown(desk, "rosa", rejected)["waits_for"] == "senior checker"
    assert "Table 1" in sam.get(f"{BASE}/review").text and "Appeal for" in sam.get(f"{BASE}/").text
    assert "Alpine" not in sam.get(f"{BASE}/review/{rejected}").text
    assert sam.post(f"{BASE}/review/{rejected}/appeal/take").status_code == 303
    assert "Alpine" in sam.get(f"{BASE}/review/{rejected}").text
    post(desk.operator("sina"), f"/releases/{rejected}/appeal/take", status=409)
    form = {"verdict": "reopen", "reason": "Question 2 covers it."}
    assert sam.post(f"{BASE}/review/{rejected}/appeal/decision", data=form).status_code == 303
    page = rosa.get(f"{BASE}/releases/{rejected}").text
    assert "Question 2 covers it." in page and "sloppy" not in page
    assert agrees(desk) == []
    with desk.context.database.read() as session:
        assert stale_ids(session) == [rejected], "contributor sets went with the rejection: compared anew"
    assert post(desk.operator("rosa"), f"/releases/{rejected}/submit")["state"] == "SUBMITTED"
    for name in ("chris", "dana"):
        after = post(desk.operator(name), f"/releases/{rejected}/votes", {"file": "t1.csv", "choice": "APPROVED"})
    assert after["state"] == "REVIEWED" and after["checkers"] == ["chris", "dana"]
    post(desk.operator("dana"), f"/releases/{rejected}/reject", {"note": "Still no."})
    post(desk.operator("rosa"), f"/releases/{rejected}/appeal", REASON, 409)


def test_an_upheld_rejection_is_final_and_the_author_reads_why(desk: Portal, rejected: str) -> None:
    post(desk.operator("rosa"), f"/releases/{rejected}/appeal", REASON)
    post(desk.operator("sam"), f"/releases/{rejected}/appeal/take")
    post(desk.operator("sam"), f"/releases/{rejected}/appeal/decision", {"reopen": False, "reason": "Ask the office."})
    mine = shown(desk, "rosa", rejected)
    assert (mine["state"], mine["appeal"]["state"], mine["appeal"]["answer"]) == (
        "REJECTED", "UPHELD", "Ask the office.",
    )  # fmt: skip
    assert mine["appeal"]["checker"] is None and not {"appeal", "submit", "edit"} & set(mine["allowed_actions"])
    post(desk.operator("sam"), f"/releases/{rejected}/appeal/decision", {"reopen": True, "reason": "No, yes."}, 409)
    with desk.context.database.read() as session:
        told = {each.action: {one.user for one in told_by(session, each)} for each in list_events(session).events}
    assert told["release.appealed"] == {"sam", "sina"} and told["release.appeal_upheld"] == {"rosa"}
    assert agrees(desk) == []


def test_who_rejected_or_voted_does_not_decide_on_the_appeal(desk: Portal, rejected: str) -> None:
    post(desk.operator("rosa"), f"/releases/{rejected}/appeal", REASON)
    with desk.context.database.write() as session:
        session.execute(text("UPDATE release_request SET decided_by = 'sam'"))
        session.execute(text("UPDATE release_vote SET checker = 'sina'"))
    for name in ("sam", "sina"):
        post(desk.operator(name), f"/releases/{rejected}/appeal/take", status=403)
        assert desk.operator(name).get(f"{API}/releases/appeals").json()[0]["takable"] is False


def test_an_appeal_has_a_clock(desk: Portal, rejected: str, clock: FixedClock) -> None:
    post(desk.operator("rosa"), f"/releases/{rejected}/appeal", REASON)
    with desk.context.database.read() as session:
        waits = waiting_for(session, Actor("sam", frozenset({"senior_checker"})), clock)
    assert [(each.due is not None) for each in waits if each.text.startswith("Appeal")] == [True]


def test_a_word_or_a_state_changed_beside_the_trail_is_found(desk: Portal, rejected: str) -> None:
    post(desk.operator("rosa"), f"/releases/{rejected}/appeal", REASON)
    assert agrees(desk) == []
    with desk.context.database.write() as session:
        session.execute(text("UPDATE release_appeal SET reason = 'Please', state = 'UPHELD'"))
    assert len([each for each in agrees(desk) if each.startswith("the appeal")]) == 2
