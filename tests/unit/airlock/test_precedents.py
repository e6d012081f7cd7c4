"""Precedents: how exceptions to the same rule were answered in other requests."""

from __future__ import annotations

from typing import Any

from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, SMALL, post, submit


def _failing(desk: Portal, data: bytes = SMALL) -> dict[str, Any]:
    """A submitted request whose table fails, with its justification."""
    made = submit(desk, data)
    for rule in made["files"][0]["unjustified"]:
        body = {"file": "t1.csv", "rule": rule, "justification": "The agency publishes it."}
        post(desk.operator("rosa"), f"/releases/{made['id']}/justifications", body)
    shown: dict[str, Any] = post(desk.operator("rosa"), f"/releases/{made['id']}/submit")
    return shown


def _refuse(desk: Portal, made: dict[str, Any]) -> None:
    sam = desk.operator("sam")
    for item in made["files"][0]["exceptions"]:
        body = {"file": "t1.csv", "rule": item["rule"], "grant": False, "reason": "It is not published at all."}
        post(sam, f"/releases/{made['id']}/exceptions", body)
    post(sam, f"/releases/{made['id']}/reject", {"note": "Use districts of 11 and more."})


def test_a_refusal_is_a_precedent_for_the_next_request_with_the_same_rule(desk: Portal) -> None:
    first, other = _failing(desk), _failing(desk, SMALL.replace(b"240", b"250").replace(b"243", b"253"))
    sam = desk.operator("sam")
    assert sam.get(f"{API}/releases/{other['id']}/precedents").json() == []
    _refuse(desk, first)
    found = sam.get(f"{API}/releases/{other['id']}/precedents").json()
    assert {each["rule"] for each in found} <= {item["rule"] for item in other["files"][0]["exceptions"]}
    told = next(each for each in found if each["rule"] == "min_cell")
    assert (told["release"], told["state"], told["reason"]) == (first["id"], "REFUSED", "It is not published at all.")
    assert told["note"] == "Use districts of 11 and more."
    page = desk.browser("chris").get(f"{BASE}/review/{other['id']}").text
    assert "How was this decided before" in page and "It is not published at all." in page


def test_precedents_are_for_those_who_may_review_the_request(desk: Portal) -> None:
    first, other = _failing(desk), _failing(desk, SMALL.replace(b"240", b"250").replace(b"243", b"253"))
    _refuse(desk, first)
    for number, name, status in ((1, "rosa", 403), (2, "ada", 403), (3, "stranger", 403), (4, "erin", 200)):
        answer = desk.operator(name).get(f"{API}/releases/{other['id']}/precedents")
        assert answer.status_code == status, (number, name, answer.text)


def test_a_table_that_passes_has_no_precedents(desk: Portal) -> None:
    _refuse(desk, _failing(desk))
    made = submit(desk)
    assert desk.operator("chris").get(f"{API}/releases/{made['id']}/precedents").json() == []
