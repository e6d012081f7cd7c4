"""Who sees what of a release request, at every door: the matrix of the design as a numbered table, API and pages.

m metadata, f findings, c content, v votes or what they decided, u public comments, p private comments, r record,
b bundle; `-` nothing: the answer is the one for a request that does not exist. Chris and Dana are assigned.
`test_visibility` proves the same table of the function; here the words themselves are searched in every answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from enclave.core.clock import FixedClock
from enclave.people.roles import Role
from enclave.projects.model import ProjectMember
from services.worker import airlock as jobs
from tests.factories import make_actor
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, approve, post, sequential, submit

CELL, OPEN, PRIVATE = "Quartzville", "open-word-41", "quiet-word-42"
CONTENT = f"district,n\n{CELL},120\nButte,240\nColusa,360\nTotal,720\n".encode()
PEOPLE = {"mia": (Role.RESEARCHER,), "otto": (Role.AUDITOR,), "noor": (Role.RESEARCHER,)}

TABLE = [
    # no, state, who, sees
    (1, "DRAFT", "rosa", "mfc"),
    (2, "DRAFT", "mia", "m"),
    (3, "DRAFT", "ada otto", "m"),
    (4, "DRAFT", "chris dana erin sam noor office reviewer-cde reviewer-edd", "-"),
    (5, "SUBMITTED", "rosa", "mfc"),
    (6, "SUBMITTED", "mia", "m"),
    (7, "SUBMITTED", "chris", "mfcvup"),
    (8, "SUBMITTED", "sam", "mfcvup"),
    (9, "SUBMITTED", "erin", "mf"),
    (10, "SUBMITTED", "ada otto", "mfv"),
    (11, "SUBMITTED", "noor office reviewer-cde reviewer-edd", "-"),
    (12, "RETURNED", "rosa", "mfcvu"),
    (13, "RETURNED", "mia", "m"),
    (14, "RETURNED", "chris", "mfcvup"),
    (15, "RETURNED", "sam", "mfvup"),
    (16, "RETURNED", "erin", "mf"),
    (17, "RETURNED", "ada otto", "mfv"),
    (18, "RETURNED", "noor office reviewer-cde reviewer-edd", "-"),
    (19, "APPROVED", "rosa", "mfcvu"),
    (20, "APPROVED", "mia", "m"),
    (21, "APPROVED", "noor office reviewer-cde", "-"),
    (22, "RELEASED", "rosa", "mfcvurb"),
    (23, "RELEASED", "mia", "mrb"),
    (24, "RELEASED", "chris dana", "mfcvupr"),
    (25, "RELEASED", "sam", "mfvupr"),
    (26, "RELEASED", "erin", "mfr"),
    (27, "RELEASED", "ada otto", "mfvr"),
    (28, "RELEASED", "noor office reviewer-cde reviewer-edd", "-"),
    (29, "REVOKED", "rosa", "mfcvur"),
    (30, "REVOKED", "mia", "mr"),
    (31, "REVOKED", "noor office reviewer-cde", "-"),
    (32, "REJECTED", "rosa", "mfcvu"),
    (33, "REJECTED", "mia", "m"),
    (34, "REJECTED", "ada otto", "mfv"),
    (35, "REJECTED", "noor office reviewer-cde", "-"),
    (36, "WITHDRAWN", "rosa", "mfcvu"),
    (37, "WITHDRAWN", "ada otto", "mfv"),
    (38, "WITHDRAWN", "noor office reviewer-cde", "-"),
]


def _reviewed(desk: Portal, identity: str) -> None:
    """Chris has voted and written a word for everybody and one for the colleagues."""
    chris = desk.operator("chris")
    post(chris, f"/releases/{identity}/votes", {"file": "t1.csv", "choice": "APPROVED"})
    post(chris, f"/releases/{identity}/comments", {"body": OPEN, "visibility": "PUBLIC"})
    post(chris, f"/releases/{identity}/comments", {"body": PRIVATE, "visibility": "PRIVATE"})


def _released(desk: Portal, identity: str) -> None:
    approve(desk, identity)
    for job in jobs.JOBS:
        for item in job.pending(desk.context):
            job.run(desk.context, item)


def _revoked(desk: Portal, identity: str) -> None:
    _released(desk, identity)
    post(desk.operator("sam"), f"/releases/{identity}/revoke", {"note": "A wrong year."})


def _press(who: str, what: str, **body: Any) -> Callable[[Portal, str], None]:
    return lambda desk, identity: post(desk.operator(who), f"/releases/{identity}/{what}", body or None) and None


WAYS: dict[str, Callable[[Portal, str], None]] = {
    "DRAFT": lambda _desk, _identity: None,
    "SUBMITTED": lambda _desk, _identity: None,
    "RETURNED": _press("chris", "return", note="Name the year."),
    "REJECTED": _press("chris", "reject", note="Not for this purpose."),
    "WITHDRAWN": _press("rosa", "withdraw"),
    "APPROVED": approve,
    "RELEASED": _released,
    "REVOKED": _revoked,
}


def _seen(client: TestClient, identity: str) -> str:
    """The letters of what a program gets of the request, and nothing for one that is told of no request."""
    doors = {part: client.get(f"{API}/releases/{identity}{part}") for part in ("", "/files/t1.csv", "/record")}
    doors["/bundle"] = client.get(f"{API}/releases/{identity}/bundle")
    if doors[""].status_code == 404:
        assert {each.status_code for each in doors.values()} == {404}
        return "-"
    shown = doors[""].json()
    words = {each["body"] for each in shown["comments"]}
    votes = [file for file in shown["files"] if file["votes"] or file["decision"]]
    found = {
        "m": True, "f": shown["files"], "c": CELL in doors["/files/t1.csv"].text, "v": votes, "u": OPEN in words,
        "p": PRIVATE in words, "r": doors["/record"].status_code == 200, "b": doors["/bundle"].status_code == 200,
    }  # fmt: skip
    assert ("c" in [key for key, seen in found.items() if seen]) == (doors["/files/t1.csv"].status_code == 200)
    return "".join(letter for letter, seen in found.items() if seen)


def _check_pages(client: TestClient, identity: str, sees: str, reviewer: bool) -> None:
    """No page says a word that the table does not give."""
    hidden = {CELL: "c", OPEN: "u", PRIVATE: "p"}
    paths = [f"/releases/{identity}", f"/review/{identity}", "/releases", "/review", "/", "/inbox", "/audit"]
    for path in paths:
        answer = client.get(f"{BASE}{path}")
        for word, letter in hidden.items():
            assert letter in sees or word not in answer.text, (path, word)
        if sees == "-":
            assert identity not in answer.text or path in paths[:2], path
    assert client.get(f"{BASE}/releases/{identity}").status_code == (404 if sees == "-" else 200)
    desk_page = client.get(f"{BASE}/review/{identity}").status_code
    assert desk_page == (403 if not reviewer else 404 if sees == "-" else 200)
    if reviewer and "c" in sees:
        assert CELL in client.get(f"{BASE}/review/{identity}").text


@pytest.mark.parametrize("state", WAYS)
def test_the_table_of_who_sees_what_at_every_door(desk: Portal, clock: FixedClock, state: str) -> None:
    with desk.context.database.write() as session:
        for name, roles in PEOPLE.items():
            make_actor(session, clock, name, *roles)
        session.add(ProjectMember(project_id="promise", user="mia", added_at=clock.now()))
    identity = submit(desk, CONTENT, submit=False)["id"] if state == "DRAFT" else sequential(desk, CONTENT)
    if state != "DRAFT":
        _reviewed(desk, identity)
    WAYS[state](desk, identity)
    rows = [(number, who, sees) for number, its, names, sees in TABLE if its == state for who in names.split()]
    assert rows
    for number, who, sees in rows:
        assert (number, who, _seen(desk.operator(who), identity)) == (number, who, sees)
        _check_pages(desk.browser(who), identity, sees, who in ("chris", "dana", "erin", "sam"))
    nobody = desk.stranger()
    assert nobody.get(f"{API}/releases/{identity}").status_code == 401
    assert identity not in nobody.get(f"{BASE}/public").text


ACTS = [
    # method, path, body: every act of an author or a member, tried by a stranger
    ("put", "", {"title": "x"}),
    ("post", "/submit", None),
    ("post", "/withdraw", None),
    ("post", "/check", None),
    ("post", "/comments", {"body": "x"}),
    ("post", "/justifications", {"file": "t1.csv", "rule": "min_cell", "justification": "x"}),
    ("post", "/answers", {"n": {"role": "count"}}),
    ("post", "/repairs", {"file": "t1.csv"}),
    ("post", "/repairs/rep_x/take", None),
    ("put", "/groups", {"group": "outputs"}),
    ("delete", "/files/t1.csv", None),
    ("get", "/bundle", None),
    ("get", "/record", None),
    ("post", "/release", None),
]


def test_whoever_may_not_know_of_a_request_is_answered_as_if_there_were_none(desk: Portal) -> None:
    identity = submit(desk)["id"]
    stranger = desk.operator("stranger")
    for method, path, body in ACTS:
        given = {"json": body} if body is not None else {}
        real, made_up = (
            stranger.request(method, f"{API}/releases/{each}{path}", **given) for each in (identity, "rel_none")
        )
        assert (real.status_code, made_up.status_code) == (404, 404), (method, path, real.text)
        assert real.json() == made_up.json(), (method, path)
    browser = desk.browser("stranger")
    for path in ("submit", "withdraw", "check", "comment", "describe", "files/withdraw"):
        form = {"body": "x", "title": "x", "file": "t1.csv"}
        assert browser.post(f"{BASE}/releases/{identity}/{path}", data=form).status_code == 404, path
    assert browser.get(f"{BASE}/releases/{identity}/bundle").status_code == 404


def test_a_draft_does_not_exist_for_a_checker_who_guesses_its_address(desk: Portal) -> None:
    identity = submit(desk, submit=False)["id"]
    chris = desk.operator("chris")
    for path, body in (("/claim", None), ("/votes", {"file": "t1.csv", "choice": "APPROVED"}), ("/approve", None),
                       ("/return", {"note": "x"}), ("/reject", {"note": "x"})):  # fmt: skip
        answer = chris.post(f"{API}/releases/{identity}{path}", json=body)
        assert answer.status_code == 404, path
