"""Two people, or two tabs, on one request: the second is told, and loses nothing that was typed."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from enclave.core.errors import Stale
from output_review import revisions
from output_review.revisions import Asked
from output_review.states import LIFECYCLE
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, post, sequential, submit


def _change(desk: Portal, identity: str, if_match: str | None, title: str = "New") -> Any:
    headers = {"If-Match": if_match} if if_match is not None else {}
    return desk.operator("rosa").put(f"{API}/releases/{identity}", json={"title": title}, headers=headers)


def test_each_answer_names_the_revision_and_reading_changes_none(desk: Portal) -> None:
    made = submit(desk, submit=False)
    first = desk.operator("rosa").get(f"{API}/releases/{made['id']}")
    again = desk.operator("rosa").get(f"{API}/projects/promise/outputs/{made['id']}")
    assert first.headers["ETag"] == again.headers["ETag"] == f'"{made["revision"]}"'
    changed = _change(desk, made["id"], None)
    assert changed.json()["revision"] == made["revision"] + 1
    assert changed.headers["ETag"] == f'"{made["revision"] + 1}"'


# number, the header with {} for the present revision, status
HEADERS = [(1, '"{}"', 200), (2, 'W/"{}"', 200), (3, '"0", "{}"', 200), (4, "*", 200), (5, '"0"', 412), (6, "x", 412)]


@pytest.mark.parametrize(("number", "header", "status"), HEADERS)
def test_a_change_is_made_to_the_revision_that_was_read(desk: Portal, number: int, header: str, status: int) -> None:
    made = submit(desk, submit=False)
    answer = _change(desk, made["id"], header.format(made["revision"]))
    assert answer.status_code == status
    shown = desk.operator("rosa").get(f"{API}/releases/{made['id']}").json()
    assert shown["title"] == ("New" if status == 200 else made["title"])
    if status != 200:
        error = answer.json()["error"]
        assert error["code"] == "stale" and str(made["revision"]) in error["advice"]


def test_every_change_of_a_request_honours_if_match(desk: Portal) -> None:
    identity = submit(desk)["id"]
    stale = {"If-Match": '"0"'}
    vote, note = {"file": "t1.csv", "choice": "APPROVED"}, {"note": "Name the year."}
    calls = [
        ("rosa", "post", "/withdraw", {}), ("rosa", "post", "/comments", {"json": {"body": "A word."}}),
        ("rosa", "post", "/files", {"files": [("files", ("t2.csv", b"a,b\n"))]}),
        ("chris", "post", "/claim", {}), ("chris", "post", "/votes", {"json": vote}),
        ("chris", "post", "/return", {"json": note}), ("chris", "post", "/reject", {"json": note}),
        ("sam", "post", "/revoke", {"json": note}), ("sam", "post", "/release", {}),
    ]  # fmt: skip
    for who, method, path, body in calls:
        answer = getattr(desk.operator(who), method)(f"{API}/releases/{identity}{path}", headers=stale, **body)
        assert answer.status_code == 412, (path, answer.text)
    shown = desk.operator("rosa").get(f"{API}/releases/{identity}").json()
    assert shown["state"] == "SUBMITTED" and [file["name"] for file in shown["files"]] == ["t1.csv"]


def _field(text: str, action: str) -> str:
    form = text.split(f'action="{BASE}{action}"')[1]
    return re.findall(r'name="revision" value="(\d+)"', form)[0]


def test_a_stale_form_comes_back_with_what_was_typed_and_can_be_sent_anyway(desk: Portal) -> None:
    made = submit(desk, submit=False)
    browser, action = desk.browser("rosa"), f"/releases/{made['id']}/describe"
    seen = _field(browser.get(f"{BASE}/releases/{made['id']}").text, action)
    _change(desk, made["id"], None, "From the other tab")
    sent = {"title": "My <new> title", "purpose": "Long\nthought of.", "public": "true", "revision": seen}
    answer = browser.post(f"{BASE}{action}", data=sent)
    page = html.unescape(answer.text)
    assert answer.status_code == 412
    assert "My <new> title</textarea>" in page and "Long\nthought of.</textarea>" in page
    assert "<new>" not in answer.text and "Title or purpose was changed." in page
    again = browser.post(f"{BASE}{action}", data={**sent, "revision": _field(answer.text, action)})
    assert again.status_code == 303
    shown = desk.operator("rosa").get(f"{API}/releases/{made['id']}").json()
    assert (shown["title"], shown["purpose"], shown["public"]) == ("My <new> title", "Long\nthought of.", True)


def test_a_decision_on_what_has_changed_is_made_anew_but_its_words_are_kept(desk: Portal) -> None:
    identity = sequential(desk)
    browser = desk.browser("chris")
    post(desk.operator("chris"), f"/releases/{identity}/claim")
    seen = _field(browser.get(f"{BASE}/review/{identity}").text, f"/review/{identity}/return")
    post(desk.operator("dana"), f"/releases/{identity}/votes", {"file": "t1.csv", "choice": "APPROVED"})
    sent = {"note": "Not for this purpose.", "revision": seen}
    answer = browser.post(f"{BASE}/review/{identity}/reject", data=sent)
    assert answer.status_code == 412 and "Send it anyway" not in answer.text
    assert "Not for this purpose.</textarea>" in answer.text and "A checker voted." in answer.text
    assert desk.operator("chris").get(f"{API}/releases/{identity}").json()["state"] == "PARTIALLY_REVIEWED"
    returned = browser.post(f"{BASE}/review/{identity}/return", data=sent)
    assert returned.status_code == 412 and "Send it anyway" in returned.text


def test_authors_are_not_told_what_checkers_do(desk: Portal) -> None:
    identity = sequential(desk)
    seen = desk.operator("rosa").get(f"{API}/releases/{identity}").json()["revision"]
    post(desk.operator("chris"), f"/releases/{identity}/votes", {"file": "t1.csv", "choice": "APPROVED"})
    browser = desk.browser("rosa")
    answer = browser.post(f"{BASE}/releases/{identity}/withdraw", data={"revision": seen})
    assert answer.status_code == 412
    assert "The checkers went on with it." in answer.text and "voted" not in answer.text


def test_every_move_of_a_request_has_a_sentence() -> None:
    desk = {"release.partially_reviewed", "release.reviewed"}
    moves = {move.audit for row in LIFECYCLE.transitions.values() for move in row.values()}
    assert moves - desk <= set(revisions.SENTENCES)


def test_a_form_without_a_revision_is_taken_as_it_is(desk: Portal) -> None:
    made = submit(desk, submit=False)
    with desk.context.database.write() as session:
        revisions.check_revision(session, made["id"])
        revisions.check_revision(session, Asked(made["id"]))
        with pytest.raises(Stale):
            revisions.check_revision(session, Asked(made["id"], ["0"]))
