"""How often two independent readers agree: the figure, what counts, and who sees which part of it."""

from __future__ import annotations

from typing import Any

import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from enclave.core.clock import FixedClock
from enclave.people.roles import Role
from output_review import calibration
from tests.factories import make_actor
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, post, submit


@pytest.mark.parametrize("table", [[[40, 5], [3, 12]], [[20, 6], [9, 5]], [[2, 20], [18, 3]], [[90, 1], [0, 9]]])
def test_kappa_and_its_interval_are_those_of_statsmodels(table: list[list[int]]) -> None:
    known = cohens_kappa(table)
    assert calibration.kappa(table) == pytest.approx((known.kappa, known.kappa_low, min(known.kappa_upp, 1)), abs=1e-5)


@pytest.mark.parametrize("table", [[[20, 5], [2, 2]], [[60, 0], [0, 0]], [[30, 0], [0, 30]]])
def test_too_few_pairs_and_no_disagreement_say_nothing(table: list[list[int]]) -> None:
    assert calibration.kappa(table) is None


def blind(desk: Portal) -> str:
    identity = str(submit(desk, submit=False)["id"])
    shown = desk.operator("rosa").get(f"{API}/releases/{identity}").json()
    if "ask_blind" in shown["allowed_actions"]:
        post(desk.operator("rosa"), f"/releases/{identity}/blind")
    post(desk.operator("rosa"), f"/releases/{identity}/submit")
    return identity


def vote(desk: Portal, who: str, identity: str, choice: str) -> None:
    post(desk.operator(who), f"/releases/{identity}/votes", {"file": "t1.csv", "choice": choice})


def seen(desk: Portal, who: str, **days: str) -> dict[str, Any]:
    answer = desk.operator(who).get(f"{API}/calibration", params=days)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def apart(desk: Portal, clock: FixedClock) -> str:
    """Chris would have it changed and says why; Dana approves; afterwards Chris gives way."""
    with desk.context.database.write() as session:
        make_actor(session, clock, "otto", Role.AUDITOR)
        make_actor(session, clock, "mona", Role.MANAGING_ENTITY)
    identity = blind(desk)
    words = {"body": "The total is missing.", "visibility": "PRIVATE", "file": "t1.csv"}
    post(desk.operator("chris"), f"/releases/{identity}/comments", words)
    vote(desk, "chris", identity, "CHANGES_REQUESTED")
    assert seen(desk, "sam")["whole"]["pairs"] == 0, "nothing is told of a reading that goes on"
    vote(desk, "dana", identity, "APPROVED")
    vote(desk, "chris", identity, "APPROVED")
    return identity


def test_a_vote_changed_after_the_blind_reading_does_not_count(desk: Portal, apart: str) -> None:
    found = seen(desk, "sam")
    assert (found["whole"]["pairs"], found["whole"]["agree"], found["whole"]["kappa"]) == (1, 0, None)
    assert [row["group"] for row in found["by_kind"]] == ["table"]
    assert seen(desk, "sam", since="2199-01-01")["whole"]["pairs"] == 0
    assert seen(desk, "sam", until="1999-12-31")["whole"]["pairs"] == 0


# number, who, names, reasons
SEES: list[tuple[int, str, list[str], bool]] = [
    (1, "sam", ["chris", "dana"], True),
    (2, "otto", ["checker 1", "checker 2"], False),
    (3, "mona", [], False),
]


@pytest.mark.parametrize("row", SEES, ids=lambda row: str(row[0]))
def test_who_sees_whom(desk: Portal, apart: str, row: tuple[int, str, list[str], bool]) -> None:
    _, who, names, reasons = row
    found = seen(desk, who)
    assert [side["checker"] for each in found["disagreements"] for side in each["sides"]] == names
    page = desk.browser(who).get(f"{BASE}/calibration").text
    assert ("The total is missing." in page) is reasons and "too few to say" in page
    assert ("chris" in page) is (who == "sam")


def test_checkers_and_researchers_have_no_such_page(desk: Portal, apart: str) -> None:
    for who in ("chris", "rosa"):
        assert desk.operator(who).get(f"{API}/calibration").status_code == 403


def test_the_table_names_nobody(desk: Portal, apart: str) -> None:
    text = desk.browser("sam").get(f"{BASE}/calibration/agreement.csv").text
    assert text.startswith("by,group,pairs,agree,kappa,low,high") and "all,all,1,0,,," in text and "chris" not in text
