"""The import lane by the API and the worker: who may what, what cannot come in, what lies in the labs' folder."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enclave.core import audit
from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.core.errors import Conflict, EnclaveError, NotFound, Unavailable
from enclave.people.roles import Role
from enclave.projects.membership import add_member, close_project, resume_project, suspend_project
from output_review.imports import licences, service, store
from output_review.imports.model import ImportRequest
from output_review.imports.states import KIND_LABEL, LABEL, LIFECYCLE, NEXT, ImportKind, ImportState
from services.imports import blobs_of, destroy
from services.news.table import told_by
from services.worker import imports as worker
from services.worker import workspaces
from tests.factories import OPERATOR, make_actor
from tests.portal import Portal
from tests.unit.airlock.desk import API, post

CODE = b"*! version 1.0\nprogram define reghelp\n    display 1\nend\n"
DATA = b"county,median_rent\nAlameda,1800\nAlpine,900\nAmador,1100\n"
PERSONS = b"first_name,last_name,ssn\nAna,Ruiz,123-45-6789\nBo,Lee,234-56-7890\nCy,Day,345-67-8901\n"
WORDS = {"title": "Helpers", "purpose": "Clustered errors as in the first paper.", "source": "https://example.org/p",
         "licence": "MIT"}  # fmt: skip
REASON = "These are published contacts of offices."


@pytest.fixture
def lane(desk: Portal, clock: FixedClock) -> Portal:
    """The desk with two data stewards, of whom one belongs to the project."""
    with desk.context.database.write() as session:
        for name in ("stew", "insider"):
            make_actor(session, clock, name, Role.DATA_STEWARD, Role.RESEARCHER, Role.OUTPUT_CHECKER)
        make_actor(session, clock, "steward", Role.DATA_STEWARD)
        add_member(session, OPERATOR, "promise", "insider", clock)
    return desk


def draft(
    lane: Portal, *files: tuple[str, bytes], kind: str = "PACKAGE_FILES", name: str = "helpers", **more: Any
) -> str:
    body = WORDS | {"project": "promise", "name": name, "kind": kind} | more
    made = post(lane.operator("rosa"), "/imports", body, 201)
    if files:
        put(lane, made["id"], *files)
    return str(made["id"])


def put(lane: Portal, identity: str, *files: tuple[str, bytes], who: str = "rosa", status: int = 200) -> Any:
    sent = [("files", (name, data)) for name, data in files]
    answer = lane.operator(who).post(f"{API}/imports/{identity}/files", files=sent)
    assert answer.status_code == status, answer.text
    return answer.json()


def act(lane: Portal, who: str, identity: str, what: str, status: int = 200, **body: Any) -> Any:
    return post(lane.operator(who), f"/imports/{identity}/{what}", body, status)


def show(lane: Portal, identity: str, who: str = "rosa") -> Any:
    return lane.operator(who).get(f"{API}/imports/{identity}").json()


def work(lane: Portal) -> None:
    for job in worker.JOBS:
        for item in job.pending(lane.context):
            job.run(lane.context, item)


def checked(lane: Portal, *files: tuple[str, bytes], **more: Any) -> str:
    identity = draft(lane, *(files or (("reghelp.ado", CODE),)), **more)
    act(lane, "rosa", identity, "submit")
    work(lane)
    return identity


def approved(lane: Portal, identity: str, who: str = "chris", reason: str = "") -> Any:
    return act(lane, who, identity, "approve", digest=show(lane, identity)["digest"], reason=reason)


def delivered(lane: Portal, **more: Any) -> str:
    identity = checked(lane, **more)
    approved(lane, identity)
    work(lane)
    assert show(lane, identity)["state"] == "DELIVERED"
    return identity


def folder(lane: Portal) -> Path:
    return lane.context.settings.paths.imports / "promise"


def test_every_state_and_kind_stands_in_every_table() -> None:
    for table in (LABEL, NEXT, LIFECYCLE.transitions):
        assert set(table) == set(ImportState)
    assert set(KIND_LABEL) == set(ImportKind)


def test_files_of_a_package_come_in_by_a_checker_and_lie_read_only_in_the_projects_folder(lane: Portal) -> None:
    identity = draft(lane, ("reghelp.ado", CODE), ("help/reghelp.sthlp", b"{smcl}\n{title:reghelp}\n"))
    assert show(lane, identity)["files"][1]["status"] == "pass"
    assert act(lane, "rosa", identity, "submit")["state"] == "SUBMITTED"
    work(lane)
    assert show(lane, identity, "chris")["allowed_actions"] == ["approve", "return", "refuse"]
    assert approved(lane, identity)["state"] == "APPROVED"
    work(lane)
    shown = show(lane, identity)
    assert (shown["state"], shown["decided_by"], shown["folder"]) == ("DELIVERED", "chris", "/imports/helpers")
    place = folder(lane) / "helpers"
    assert (place / "reghelp.ado").read_bytes() == CODE
    assert stat.S_IMODE((place / "help" / "reghelp.sthlp").stat().st_mode) == 0o444
    card = json.loads((place / "IMPORT.json").read_text())
    assert (card["id"], card["licence"], card["approved_by"]) == (identity, "MIT", "chris")
    assert worker.out_of_place(lane.context) == []
    with lane.context.database.read() as session:
        assert audit.verify(session).holds
        moves = [event.action for event in list_events(session, subject_id=identity).events]
    assert {"import.submitted", "import.checked", "import.approved", "import.delivered"} <= set(moves)


# number, kind, who, may decide
DECIDERS = [
    (1, "PACKAGE_FILES", "chris", True),
    (2, "PACKAGE_FILES", "sam", True),
    (3, "PACKAGE_FILES", "steward", False),
    (4, "PUBLIC_DATA", "steward", True),
    (5, "PUBLIC_DATA", "stew", True),
    (6, "PUBLIC_DATA", "chris", False),
    (7, "PUBLIC_DATA", "insider", False),
    (8, "PACKAGE_FILES", "insider", False),
    (9, "PACKAGE_FILES", "rosa", False),
    (10, "PACKAGE_FILES", "ada", False),
    (11, "PUBLIC_DATA", "office", False),
]


@pytest.mark.parametrize(("number", "kind", "who", "may"), DECIDERS)
def test_who_decides(number: int, kind: str, who: str, may: bool, lane: Portal) -> None:
    file = ("rents.csv", DATA) if kind == "PUBLIC_DATA" else ("reghelp.ado", CODE)
    identity = checked(lane, file, kind=kind)
    status = lane.operator(who).post(
        f"{API}/imports/{identity}/approve", json={"digest": show(lane, identity)["digest"], "reason": REASON}
    ).status_code  # fmt: skip
    assert (status == 200) is may
    assert show(lane, identity)["state"] == ("APPROVED" if may else "CHECKED")


def test_the_operator_decides_about_nothing(lane: Portal) -> None:
    identity = checked(lane)
    post(lane.operator(), f"/imports/{identity}/approve", {"digest": show(lane, identity)["digest"]}, 403)


# number, who, before it was submitted, afterwards, its files' content
SEES = [
    (1, "rosa", 200, 200, 200),
    (2, "insider", 200, 200, 200),
    (3, "chris", 404, 200, 200),
    (4, "steward", 404, 200, 403),
    (5, "ada", 200, 200, 403),
    (6, "auditor", 200, 200, 403),
    (7, "stranger", 404, 404, 404),
    (8, "reviewer-cde", 404, 404, 404),
]


@pytest.mark.parametrize(("number", "who", "before", "after", "content"), SEES)
def test_who_sees_what(number: int, who: str, before: int, after: int, content: int, lane: Portal) -> None:
    identity = draft(lane, ("reghelp.ado", CODE))
    client = lane.operator(who)
    assert client.get(f"{API}/imports/{identity}").status_code == before
    assert any(row["id"] == identity for row in client.get(f"{API}/imports").json()["imports"]) is (before == 200)
    act(lane, "rosa", identity, "submit")
    assert client.get(f"{API}/imports/{identity}").status_code == after
    assert client.get(f"{API}/imports/{identity}/files/reghelp.ado").status_code == content


# number, kind, file, its bytes, status of the upload
TAKEN = [
    (1, "CODE", "a.py", b"x = 1\n", 200),
    (2, "CODE", "t.csv", DATA, 400),
    (3, "PACKAGE_FILES", "pkg.zip", b"PK\x03\x04", 400),
    (4, "PACKAGE_FILES", "pkg.tar.gz", b"\x1f\x8b", 400),
    (5, "PACKAGE_FILES", "lib.mlib", b"\x00", 400),
    (6, "PACKAGE_FILES", "DESCRIPTION", b"Package: x\n", 200),
    (7, "PUBLIC_DATA", "t.dta", b"<stata_dta>", 400),
    (8, "PUBLIC_DATA", "t.parquet", b"PAR1", 400),
    (9, "PUBLIC_DATA", "t.csv", DATA, 200),
    (10, "CODE", "../a.py", b"x = 1\n", 400),
    (11, "CODE", "/etc/a.py", b"x = 1\n", 400),
    (12, "CODE", ".bashrc", b"x = 1\n", 400),
    (13, "CODE", "a\u202e.py", b"x = 1\n", 400),
    (14, "PUBLIC_DATA", "README", b"x\n", 400),
]


@pytest.mark.parametrize(("number", "kind", "name", "data", "status"), TAKEN)
def test_which_files_are_taken(number: int, kind: str, name: str, data: bytes, status: int, lane: Portal) -> None:
    put(lane, draft(lane, kind=kind), (name, data), status=status)
    kept = [each for each in blobs_of(lane.context, "promise").root.rglob("*") if each.is_file()]
    assert bool(kept) is (status == 200)


def test_an_archive_under_the_name_of_a_program_cannot_be_submitted(lane: Portal) -> None:
    identity = draft(lane, ("reghelp.ado", b"PK\x03\x04" + b"\0" * 40))
    assert "of a kind that does not come in" in show(lane, identity)["barriers"][0]
    act(lane, "rosa", identity, "submit", 409)
    put(lane, identity, ("reghelp.ado", CODE))
    assert act(lane, "rosa", identity, "submit")["state"] == "SUBMITTED"


def test_persons_come_in_only_with_a_reason_and_then_a_steward_gives_it(lane: Portal) -> None:
    identity = checked(lane, ("offices.csv", PERSONS), kind="PUBLIC_DATA")
    shown = show(lane, identity)
    assert "offices.csv names persons" in shown["open"]
    act(lane, "steward", identity, "approve", 400, digest=shown["digest"])
    assert act(lane, "steward", identity, "approve", digest=shown["digest"], reason=REASON)["reason"] == REASON


def test_rows_of_persons_in_a_package_make_it_data(lane: Portal) -> None:
    rows = b"person_id,age,wage\n" + b"".join(b"%d,%d,%d\n" % (9000 + n, 20 + n % 40, 31000 + 7 * n) for n in range(80))
    identity = checked(lane, ("example.csv", rows))
    assert show(lane, identity)["decides"] == ["data_steward"]
    act(lane, "chris", identity, "approve", 403, digest=show(lane, identity)["digest"], reason=REASON)


# number, what is said, is it asked about
LICENCES = [
    (1, "MIT", False), (2, "GPL-3.0-or-later WITH Classpath-exception-2.0", False), (3, "(MIT OR Apache-2.0)", False),
    (4, "own work", False), (5, "", True), (6, "unknown", True), (7, "free for research", True),
    (8, "MIT AND Weird-1", True), (9, "NOASSERTION", True), (10, "( )", True),
]  # fmt: skip


@pytest.mark.parametrize(("number", "text", "asked"), LICENCES)
def test_a_licence_that_is_not_known_is_a_question(number: int, text: str, asked: bool) -> None:
    assert bool(licences.question(text)) is asked


def test_a_missing_licence_is_no_refusal_but_wants_a_reason(lane: Portal) -> None:
    identity = checked(lane, licence="")
    digest = show(lane, identity)["digest"]
    act(lane, "chris", identity, "approve", 400, digest=digest)
    act(lane, "chris", identity, "approve", digest=digest, reason="The page says: free for any use.")


def test_what_was_read_is_what_comes_in(lane: Portal) -> None:
    identity = checked(lane)
    read = show(lane, identity)["digest"]
    act(lane, "dana", identity, "return", reason="Please bring the help file as well.")
    put(lane, identity, ("reghelp.ado", CODE + b"* more\n"))
    act(lane, "rosa", identity, "submit")
    work(lane)
    assert "changed since you read it" in act(lane, "chris", identity, "approve", 409, digest=read)["error"]["message"]


def test_nothing_changes_while_somebody_reads_it(lane: Portal) -> None:
    identity = checked(lane)
    put(lane, identity, ("other.ado", CODE), status=409)
    assert lane.operator("rosa").put(f"{API}/imports/{identity}", json=WORDS).status_code == 409
    assert lane.operator("rosa").delete(f"{API}/imports/{identity}/files/reghelp.ado").status_code == 409
    put(lane, identity, ("other.ado", CODE), who="insider", status=403)


def test_a_returned_or_refused_import_says_why_in_a_sentence(lane: Portal) -> None:
    identity = checked(lane)
    act(lane, "chris", identity, "return", 400, reason="no")
    act(lane, "chris", identity, "refuse", 400, reason="")
    act(lane, "chris", identity, "refuse", reason="The package phones home; see line 3.")
    assert show(lane, identity)["allowed_actions"] == []
    draft(lane, name="helpers")  # the name is free again


def test_a_name_is_taken_once_a_project(lane: Portal) -> None:
    draft(lane)
    post(lane.operator("rosa"), "/imports", WORDS | {"project": "promise", "name": "helpers", "kind": "CODE"}, 409)
    post(lane.operator("rosa"), "/imports", WORDS | {"project": "promise", "name": "../x", "kind": "CODE"}, 400)
    post(lane.operator("stranger"), "/imports", WORDS | {"project": "promise", "name": "mine", "kind": "CODE"}, 403)


def test_a_steward_takes_it_out_of_the_labs_and_the_members_are_told(lane: Portal) -> None:
    identity = delivered(lane)
    act(lane, "chris", identity, "withdraw", 403, reason=REASON)
    act(lane, "steward", identity, "withdraw", 400)
    act(lane, "steward", identity, "withdraw", reason="Its author has withdrawn the package.")
    work(lane)
    assert list(folder(lane).iterdir()) == []
    with lane.context.database.read() as session:
        event = list_events(session, subject_id=identity).events[0]
        assert {told.user for told in told_by(session, event)} == {"rosa", "insider"}


def test_another_import_of_the_same_name_takes_its_place_whole(lane: Portal) -> None:
    identity = delivered(lane)
    act(lane, "rosa", identity, "withdraw")
    again = draft(lane, ("new.ado", CODE))
    act(lane, "rosa", again, "submit")
    worker.complete(lane.context, again)
    approved(lane, again)
    worker.put_in_place(lane.context, again)
    assert sorted(each.name for each in (folder(lane) / "helpers").iterdir()) == ["IMPORT.json", "new.ado"]


def test_a_suspended_project_has_nothing_in_its_folder_until_it_goes_on(lane: Portal, clock: FixedClock) -> None:
    identity = delivered(lane)
    with lane.context.database.write() as session:
        suspend_project(session, OPERATOR, "promise", "An agreement is being looked at.", clock)
    work(lane)
    assert folder(lane).is_dir() and list(folder(lane).iterdir()) == []
    assert show(lane, identity)["state"] == "DELIVERED"
    with lane.context.database.write() as session:
        resume_project(session, OPERATOR, "promise", clock)
    work(lane)
    assert (folder(lane) / "helpers" / "reghelp.ado").read_bytes() == CODE


def test_a_closed_project_leaves_nothing_and_the_certificate_lists_it(lane: Portal) -> None:
    identity, waiting = delivered(lane), draft(lane, name="second")
    places = destroy(lane.context, worker.WORKER, "promise")
    assert [place["place"] for place in places] == ["imports", "imports in the airlock"]
    assert all(place["outcome"] == "destroyed" and place["bytes"] > 0 for place in places)
    assert not folder(lane).exists() and not blobs_of(lane.context, "promise").root.exists()
    assert {show(lane, each)["state"] for each in (identity, waiting)} == {"WITHDRAWN"}
    assert destroy(lane.context, worker.WORKER, "promise") == []


def test_a_project_of_which_no_lab_was_ever_opened_is_cleared_too(lane: Portal, clock: FixedClock) -> None:
    delivered(lane)
    assert workspaces.pending_rest(lane.context) == []
    with lane.context.database.write() as session:
        close_project(session, OPERATOR, "promise", "The study is over.", clock)
    assert workspaces.pending_rest(lane.context) == ["promise"]
    destroy(lane.context, worker.WORKER, "promise")
    assert workspaces.pending_rest(lane.context) == []


def test_bytes_that_came_to_no_file_do_not_stay(lane: Portal) -> None:
    identity = draft(lane, ("reghelp.ado", CODE))
    put(lane, identity, ("REGHELP.ado", CODE + b"* another\n"), status=400)
    put(lane, identity, ("Reghelp.ado", CODE), status=400)
    blobs = [each for each in blobs_of(lane.context, "promise").root.glob("*/*") if each.is_file()]
    assert [each.read_bytes() for each in blobs] == [CODE]


def test_a_half_made_delivery_is_never_seen_and_is_made_whole_the_next_time(lane: Portal) -> None:
    identity = checked(lane, ("a.ado", CODE), ("b.ado", CODE + b"* b\n"))
    approved(lane, identity)
    with lane.context.database.read() as session:
        second = store.get(session, identity).files[1].sha256
    blob = blobs_of(lane.context, "promise").path(second)
    kept = blob.read_bytes()
    blob.unlink()
    with pytest.raises(Conflict):
        worker.put_in_place(lane.context, identity)
    assert list(folder(lane).iterdir()) == [] and show(lane, identity)["state"] == "APPROVED"
    blob.write_bytes(kept)
    work(lane)
    assert len(list((folder(lane) / "helpers").iterdir())) == 3


def test_bytes_that_were_changed_in_the_store_are_never_delivered(lane: Portal) -> None:
    identity = checked(lane)
    approved(lane, identity)
    with lane.context.database.read() as session:
        blob = blobs_of(lane.context, "promise").path(store.get(session, identity).files[0].sha256)
    blob.chmod(0o600)
    blob.write_bytes(b"something else")
    with pytest.raises(Conflict, match="not the ones"):
        worker.put_in_place(lane.context, identity)
    with lane.context.database.write() as session:
        store.get(session, identity).purpose = "Another purpose than was approved."
    with pytest.raises(Conflict, match="not what was approved"):
        worker.put_in_place(lane.context, identity)


def _tamper(lane: Portal, identity: str, what: str) -> None:
    with lane.context.database.write() as session:
        row = store.get(session, identity)
        if what == "bytes":
            blob = blobs_of(lane.context, "promise").path(row.files[0].sha256)
            blob.chmod(0o600)
            blob.write_bytes(b"something else")
        elif what == "file":
            row.files[0].sha256 = "0" * 64
        elif what == "row":
            session.delete(row)
        else:
            field, _, value = what.partition("=")
            setattr(row, field, value)


# number, what is changed behind the trail, what is found
TAMPERED = [
    (1, "state=APPROVED", "state is APPROVED, the trail says DELIVERED"),
    (2, "licence=GPL-2.0-only", "not those that were handed in"),
    (3, "decided_by=sam", "another decider"),
    (4, "submitter=insider", "submitter or project is another"),
    (5, "file", "not those that were handed in"),
    (6, "bytes", "reghelp.ado: the stored bytes are gone or changed"),
    (7, "row", "the import is gone"),
]


@pytest.mark.parametrize(("number", "what", "found"), TAMPERED)
def test_what_is_changed_behind_the_trail_is_found(number: int, what: str, found: str, lane: Portal) -> None:
    identity, returned = delivered(lane), checked(lane, ("other.ado", CODE + b"* other\n"), name="second")
    act(lane, "chris", returned, "return", reason="Please bring the help file as well.")
    put(lane, returned, ("more.ado", CODE + b"* more\n"))
    refused = checked(lane, name="third")
    act(lane, "chris", refused, "refuse", reason="The package phones home; see line 3.")
    assert lane.operator().get(f"{API}/audit/verify").json()["differences"] == []
    _tamper(lane, identity, what)
    told = lane.operator().get(f"{API}/audit/verify").json()
    assert told["holds"] and not told["agrees"]
    assert [each["request"] for each in told["differences"]] == [identity] * len(told["differences"])
    assert any(found in each["what"] for each in told["differences"])


def test_a_checker_that_is_away_is_waited_for(lane: Portal) -> None:
    identity = draft(lane, ("reghelp.ado", CODE))
    with lane.context.database.write() as session:
        store.get(session, identity).files[0].checked_sha256 = ""
    act(lane, "rosa", identity, "submit")
    socket = lane.context.settings.paths.socket("checker")
    away = socket.rename(socket.with_name("away.sock"))
    with pytest.raises(Unavailable):
        worker.complete(lane.context, identity)
    assert show(lane, identity)["state"] == "SUBMITTED"
    away.rename(socket)
    work(lane)
    assert show(lane, identity)["state"] == "CHECKED"


# number, the two who press at the same moment, how it may end
RACES: list[tuple[int, list[tuple[str, str]], set[str]]] = [
    (1, [("chris", "approve"), ("dana", "approve")], {"APPROVED"}),
    (2, [("chris", "approve"), ("dana", "refuse")], {"APPROVED", "REFUSED"}),
    (3, [("chris", "return"), ("dana", "approve")], {"APPROVED", "RETURNED"}),
    (4, [("chris", "approve"), ("rosa", "withdraw")], {"APPROVED", "WITHDRAWN"}),
]


@pytest.mark.parametrize(("number", "pressed", "ends"), RACES)
def test_of_two_at_once_one_wins_and_the_other_is_told(
    number: int, pressed: list[tuple[str, str]], ends: set[str], lane: Portal, clock: FixedClock
) -> None:
    identity = checked(lane)
    digest, together, told = show(lane, identity)["digest"], threading.Barrier(2), []
    steps: dict[str, Callable[..., ImportRequest]] = {
        "approve": lambda *a: service.approve(*a, digest, ""), "refuse": lambda *a: service.refuse(*a, REASON),
        "return": lambda *a: service.give_back(*a, REASON), "withdraw": lambda *a: service.withdraw(*a),
    }  # fmt: skip
    roles = {"chris": Role.OUTPUT_CHECKER, "dana": Role.OUTPUT_CHECKER, "rosa": Role.RESEARCHER}

    def press(who: str, what: str) -> None:
        together.wait()
        try:
            with lane.context.database.write() as session:
                steps[what](session, Actor(who, frozenset({roles[who]}), "user"), clock, identity)
            told.append("done")
        except EnclaveError as problem:
            assert problem.advice
            told.append("told")

    threads = [threading.Thread(target=press, args=pair) for pair in pressed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert show(lane, identity)["state"] in ends
    # an approval may still be taken back by its submitter a moment later
    assert sorted(told) == ["done", "told"] or (number == 4 and show(lane, identity)["state"] == "WITHDRAWN")


def test_an_import_that_is_sent_twice_under_one_key_is_made_once(lane: Portal) -> None:
    client, body = lane.operator("rosa"), WORDS | {"project": "promise", "name": "helpers", "kind": "CODE"}
    first, second = (client.post(f"{API}/imports", json=body, headers={"Idempotency-Key": "same-key-1"}) for _ in "ab")
    assert (first.status_code, second.json()["id"]) == (201, first.json()["id"])


def test_deciders_are_told_what_waits_and_the_submitter_how_it_ended(lane: Portal) -> None:
    identity = checked(lane)
    with lane.context.database.read() as session:
        event = list_events(session, subject_id=identity).events[0]
        assert event.action == "import.checked"
        assert {told.user for told in told_by(session, event)} >= {"chris", "dana", "sam"}
        assert not {told.user for told in told_by(session, event)} & {"insider", "rosa", "steward"}
    approved(lane, identity)
    work(lane)
    with lane.context.database.read() as session:
        last = list_events(session, subject_id=identity).events[0]
        assert [(told.user, told.path) for told in told_by(session, last)] == [
            ("insider", f"/imports/{identity}"), ("rosa", f"/imports/{identity}"),
        ]  # fmt: skip


def test_nothing_comes_into_a_project_that_is_over(lane: Portal, clock: FixedClock) -> None:
    identity = checked(lane)
    clock.advance(timedelta(days=900))
    with lane.context.database.write() as session, pytest.raises(Conflict, match="not active"):
        service.approve(
            session,
            Actor("chris", frozenset({Role.OUTPUT_CHECKER}), "user"),
            clock,
            identity,
            store.get(session, identity).content,
            "",
        )
    with pytest.raises(NotFound), lane.context.database.read() as session:
        store.get(session, "imp_none")
