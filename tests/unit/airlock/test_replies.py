"""Checkers' saved replies: own and shared, who sees and removes which, and how one gets into a comment."""

from __future__ import annotations

import pytest

from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, post, submit

ATTACK = '"><script>alert(1)</script>'


def _save(desk: Portal, name: str, title: str, shared: bool = False) -> str:
    body = {"title": title, "body": f"Please name the year. {ATTACK}", "shared": shared}
    return str(post(desk.operator(name), "/review/replies", body, 201)["id"])


def test_own_replies_are_ones_own_and_shared_ones_everybodys(desk: Portal) -> None:
    _save(desk, "chris", "Year")
    _save(desk, "chris", "Base", shared=True)
    seen = {
        name: [each["title"] for each in desk.operator(name).get(f"{API}/review/replies").json()]
        for name in ("chris", "dana")
    }
    assert seen == {"chris": ["Base", "Year"], "dana": ["Base"]}


# number, who removes, whether it is shared, the answer
REMOVALS = [(1, "chris", False, 204), (2, "dana", False, 404), (3, "sam", False, 404), (4, "chris", True, 204),
            (5, "dana", True, 403), (6, "sam", True, 204), (7, "rosa", True, 403), (8, "ada", True, 403)]  # fmt: skip


@pytest.mark.parametrize(("number", "who", "shared", "status"), REMOVALS)
def test_who_removes_a_reply(desk: Portal, number: int, who: str, shared: bool, status: int) -> None:
    reply = _save(desk, "chris", "Year", shared)
    assert desk.operator(who).delete(f"{API}/review/replies/{reply}").status_code == status


@pytest.mark.parametrize(("title", "body"), [("", "x"), (" ", "x"), ("x", " "), ("x" * 81, "x"), ("x", "x" * 4001)])
def test_an_empty_or_endless_reply_is_refused(desk: Portal, title: str, body: str) -> None:
    post(desk.operator("chris"), "/review/replies", {"title": title, "body": body}, 400)


def test_a_reply_goes_into_the_comment_without_a_script_and_as_text(desk: Portal) -> None:
    made = submit(desk)
    chris = desk.browser("chris")
    chris.post(f"{BASE}/review/{made['id']}/claim")
    form = {"title": "Year", "body": f"Please name the year. {ATTACK}", "shared": "true"}
    assert chris.post(f"{BASE}/replies", data=form).status_code == 303
    assert "Shared with all checkers by chris" in chris.get(f"{BASE}/replies").text
    reply = chris.get(f"{API}/review/replies").json()[0]["id"]
    page = chris.get(f"{BASE}/review/{made['id']}?reply={reply}").text
    assert ">Please name the year." in page.split('<textarea class="usa-textarea" id="body"')[1]
    assert "<script>alert" not in page
    assert chris.post(f"{BASE}/replies/{reply}/remove").status_code == 303
    assert "No reply is saved yet." in chris.get(f"{BASE}/replies").text
