"""What people decided on is compared with the trail: a numbered table of changes from outside, each of them named."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from output_review import service
from output_review.reconciliation import Reconciliation, reconcile
from output_review.states import Visibility, VoteChoice
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, approve, post, submit
from tests.unit.airlock.house import ALICE, CHRIS, DANA, FAIL, SAM, House


def look(house: House) -> Reconciliation:
    with house.database.read() as session:
        return reconcile(house.airlock, session, house.keyring, house.clock)


def told(house: House) -> str:
    return "; ".join(f"{each.request}: {each.what}" for each in look(house).differences)


def eventful(house: House) -> str:
    """A request that went through everything that leaves rows: two turns, an answer, an exception, words, a release."""
    house.checker.answers["bad.csv"] = FAIL
    request = house.draft()
    house.put(request, "t1.csv", context=b"table: t1.csv\n")
    house.put(request, "bad.csv", b"a,n\nx,3\n")
    house.put(request, "gone.txt", b"words")
    house.do(service.withdraw_file, ALICE, request, "gone.txt")
    house.do(service.describe, ALICE, request, title="Table 2", purpose="For the thesis.", public=True)
    house.check(request)
    house.do(service.justify, ALICE, request, "bad.csv", rule="min_cell", justification="The agency publishes it.")
    house.do(service.submit, ALICE, request)
    house.vote(CHRIS, request)
    house.vote(DANA, request, VoteChoice.CHANGES_REQUESTED, "t1.csv")
    house.do(service.comment, CHRIS, request, "A word.", visibility=Visibility.PRIVATE)
    house.do(service.return_to_author, DANA, request, "Please mend.")
    house.put(request, "t1.csv", b"district,n\nA,30\n", context=b"table: t1.csv\n")
    house.check(request)
    house.do(service.submit, ALICE, request)
    house.do(service.decide_exception, SAM, request, "bad.csv", rule="min_cell", grant=True, reason="It is public.")
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    house.do(service.approve, DANA, request)
    return request


def test_what_the_services_write_agrees_with_what_they_tell(house: House) -> None:
    request = eventful(house)
    assert told(house) == ""
    house.release(request)
    found = look(house)
    assert (found.agrees, found.requests, found.blobs) == (True, 1, 4)
    house.do(service.revoke, SAM, request, "A wrong year.")
    assert told(house) == ""


OF_T1 = "file_id = (SELECT id FROM release_file WHERE name = 't1.csv')"
CHANGES = [
    # no, what somebody did to the database, what is said of it
    (1, "UPDATE release_vote SET choice = 'CHANGES_REQUESTED' WHERE checker = 'dana'", "the vote of dana"),
    (2, "UPDATE release_vote SET checker = 'erin' WHERE checker = 'dana'", "no such vote of erin"),
    (3, "DELETE FROM release_vote WHERE checker = 'chris'", "a vote of chris is gone"),
    (4, "UPDATE release_vote SET binding = (SELECT binding FROM release_file WHERE name = 'bad.csv'), sha256 = "
        f"(SELECT sha256 FROM release_file WHERE name = 'bad.csv') WHERE checker = 'dana' AND {OF_T1} AND "
        "choice = 'APPROVED'", "no such vote of dana"),
    (5, "UPDATE release_file SET sha256 = (SELECT sha256 FROM release_file WHERE name = 'bad.csv') "
        "WHERE name = 't1.csv'", "t1.csv: sha256"),
    (6, "UPDATE release_file SET name = 't9.csv' WHERE name = 't1.csv'", "t9.csv: name, kind, bytes and sidecars"),
    (7, "UPDATE release_file SET kind = 'SUPPORTING' WHERE name = 'bad.csv'", "bad.csv: kind is SUPPORTING"),
    (8, "UPDATE release_file SET withdrawn = 0 WHERE name = 'gone.txt'", "gone.txt: withdrawn is False"),
    (9, "UPDATE release_file SET sidecars = '{}' WHERE name = 't1.csv'", "t1.csv"),
    (10, "UPDATE release_check SET status = 'pass', findings = '[]' WHERE status = 'fail'", "bad.csv: a check of"),
    (11, "UPDATE release_check SET evidence = 'x'", "t1.csv: a check of"),
    (12, "UPDATE release_exception SET decided_by = 'dana'", "the exception to min_cell: decided_by is dana"),
    (13, "UPDATE release_exception SET state = 'REFUSED'", "the exception to min_cell: state is REFUSED"),
    (14, "DELETE FROM release_exception", "an exception to min_cell is gone"),
    (15, "UPDATE release_comment SET body = 'Another word.' WHERE visibility = 'PRIVATE'", "words"),
    (16, "UPDATE release_comment SET visibility = 'PUBLIC'", "visibility is PUBLIC, the trail says PRIVATE"),
    (17, "UPDATE release_comment SET author = 'dana' WHERE author = 'chris'", "author is dana"),
    (18, "DELETE FROM release_comment WHERE visibility = 'PRIVATE'", "is gone"),
    (19, "UPDATE release_request SET state = 'RELEASED'", "state is RELEASED, the trail says APPROVED"),
    (20, "UPDATE release_request SET author = 'noor'", "author is noor"),
    (21, "UPDATE release_request SET project_id = 'other'", "project is other"),
    (22, "UPDATE release_request SET public = 0", "public is False"),
    (23, "UPDATE release_request SET title = 'Table 3'", "the request: words"),
    (24, "UPDATE release_request SET members = '[]'", "the request: members"),
    (25, "UPDATE release_request SET turn = 1", "the request: turn"),
    (26, "DELETE FROM release_claim WHERE checker = 'dana'", "the checker dana is gone"),
    (27, "UPDATE release_claim SET checker = 'erin' WHERE checker = 'dana'", "the trail knows no checker erin"),
    (28, "UPDATE release_turn SET manifest = '{}' WHERE number = 2", "the manifest of turn 2"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "change", "words"), CHANGES, ids=lambda value: str(value)[:40])
def test_a_row_that_was_changed_from_outside_is_named(house: House, number: int, change: str, words: str) -> None:
    request = eventful(house)
    with house.database.write() as session:
        result = session.execute(text(change))
        assert result.rowcount > 0, number  # type: ignore[attr-defined]
    assert words in told(house) and request in told(house), told(house)


def test_a_request_that_vanished_and_one_that_nobody_drafted_are_named(house: House) -> None:
    request = house.draft()
    with house.database.write() as session:
        session.execute(text("UPDATE release_request SET id = 'rel_other'"))
    assert told(house) == f"{request}: the request is gone; rel_other: the trail knows no such request"


def _scribble(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"district,n\nA,31\n")


def test_bytes_that_were_changed_or_are_gone_are_named(house: House) -> None:
    request = eventful(house)
    house.release(request)
    files = {file.name: file for file in house.get(request).files}
    _scribble(house.airlock.blobs.path(files["t1.csv"].sha256))
    house.airlock.blobs.path(files["gone.txt"].sha256).unlink()
    words = told(house)
    assert "t1.csv: The stored bytes are not the ones" in words and "gone.txt: The airlock no longer holds" in words


def test_a_record_and_a_bundle_that_were_changed_are_named(house: House) -> None:
    request = eventful(house)
    bundle = house.release(request)
    with house.database.write() as session:
        session.execute(text("UPDATE release_record SET envelope = '{}'"))
    assert "the release record: digest" in told(house)
    data = bytearray(bundle.read_bytes())
    data[data.index(b"PK\x01\x02") - 3] ^= 1
    bundle.write_bytes(data)
    assert "the bundle is" in told(house)
    bundle.unlink()
    assert "the bundle is gone or unreadable" in told(house)


def test_api_and_page_name_a_changed_vote(desk: Portal) -> None:
    identity = submit(desk)["id"]
    approve(desk, identity)
    operator, otto = desk.operator(), desk.browser("auditor")
    whole = operator.get(f"{API}/audit/verify").json()
    assert (whole["holds"], whole["agrees"], whole["requests"], whole["differences"]) == (True, True, 1, [])
    assert "agree with the trail" in otto.get(f"{BASE}/audit?check=true").text
    with desk.context.database.write() as session:
        session.execute(text("UPDATE release_vote SET choice = 'CHANGES_REQUESTED' WHERE checker = 'dana'"))
    found = operator.get(f"{API}/audit/verify").json()
    assert (found["holds"], found["agrees"]) == (True, False)
    assert [each["request"] for each in found["differences"]] == [identity]
    assert "the vote of dana" in found["differences"][0]["what"]
    page = otto.get(f"{BASE}/audit?check=true").text
    assert "the vote of dana" in page and identity in page
    post(desk.operator("rosa"), f"/releases/{identity}/submit", status=409)
