"""What happens to a request, told as stories; most are those that other services' airlocks tell of themselves."""

from __future__ import annotations

import threading
import zipfile
from typing import Any

import pytest

from enclave.core import audit
from enclave.core.errors import BadInput, Conflict, EnclaveError, NotAllowed, NotFound, Unprocessable
from output_review import service
from output_review.checks import CheckerAway, CheckerCrashed
from output_review.policies import FileDecision, decision, due_at
from output_review.states import FileKind, FindingStatus, ReleaseState, VoteChoice
from tests.unit.airlock.house import ALICE, AMIR, CHRIS, DANA, ERIN, FAIL, NOOR, SAM, WORKER, House

S = ReleaseState


def test_three_people_take_a_table_out(house: House) -> None:
    request = house.draft()
    house.put(request, "t1.csv")
    house.put(request, "code/make.py", b"print('hello')\n", FileKind.CODE)
    house.put(request, "notes.txt", b"how it was made", FileKind.SUPPORTING)
    assert house.check(request) == "pass"
    assert house.do(service.submit, ALICE, request).state == S.SUBMITTED
    house.vote(CHRIS, request)
    assert house.state(request) == S.PARTIALLY_REVIEWED
    house.vote(DANA, request)
    assert house.state(request) == S.REVIEWED
    house.do(service.approve, CHRIS, request)
    with pytest.raises(NotFound):
        house.do(service.download, ALICE, request)
    bundle = house.release(request)
    assert house.state(request) == S.RELEASED
    assert zipfile.ZipFile(bundle).namelist() == [
        "record.json", "record.html", "record.pdf", "files/code/make.py", "files/t1.csv",
    ]  # fmt: skip
    assert house.do(service.download, AMIR, request) == bundle
    with house.database.read() as session:
        assert audit.verify(session).holds
        actions = [event.action for event in audit.list_events(session, subject_id=request, limit=99).events]
    assert {"release.drafted", "release.checked", "release.submitted", "release.voted", "release.released"} <= set(
        actions
    )


def test_one_checker_is_not_enough(house: House) -> None:
    request = house.submitted()
    house.vote(CHRIS, request)
    with pytest.raises(Conflict, match="partially reviewed"):
        house.do(service.approve, CHRIS, request)


def test_an_update_resets_the_votes_on_that_file_alone(house: House) -> None:
    request = house.submitted(["t1.csv", "t2.csv"])
    house.vote(CHRIS, request)
    house.vote(DANA, request, VoteChoice.CHANGES_REQUESTED, "t1.csv")
    house.vote(DANA, request, VoteChoice.APPROVED, "t2.csv")
    house.do(service.return_to_author, DANA, request, "Please round t1.")
    house.put(request, "t1.csv", b"district,n\nA,30\n")
    house.check(request)
    house.do(service.submit, ALICE, request)
    found = house.get(request)
    first, second = found.files
    assert decision(found, first) is FileDecision.INCOMPLETE
    assert decision(found, second) is FileDecision.APPROVED
    assert house.state(request) == S.SUBMITTED
    house.vote(CHRIS, request, name="t1.csv")
    house.vote(DANA, request, name="t1.csv")
    house.do(service.approve, DANA, request)
    assert house.state(request) == S.APPROVED


def test_a_wish_for_changes_becomes_undecided_when_answered_without_a_change(house: House) -> None:
    request = house.submitted()
    house.vote(CHRIS, request)
    house.vote(DANA, request, VoteChoice.CHANGES_REQUESTED)
    house.do(service.return_to_author, CHRIS, request, "Explain t1.")
    house.do(service.submit, ALICE, request)
    assert house.state(request) == S.PARTIALLY_REVIEWED
    choices = {vote.checker: vote.choice for vote in house.get(request).files[0].current_votes}
    assert choices == {"chris": "APPROVED", "dana": "UNDECIDED"}


def test_the_context_beside_a_table_belongs_to_what_is_voted_on(house: House) -> None:
    request = house.draft()
    house.put(request, context=b"kind: frequency\n")
    before = house.get(request).files[0].binding
    house.put(request, context=b"kind: magnitude\n")
    assert house.get(request).files[0].binding != before


def test_a_withdrawn_file_can_be_added_again(house: House) -> None:
    request = house.submitted(["t1.csv", "t2.csv"])
    house.do(service.return_to_author, CHRIS, request, "Take t2 out.")
    house.do(service.withdraw_file, ALICE, request, "t2.csv")
    assert [file.name for file in house.get(request).present_files] == ["t1.csv"]
    house.put(request, "t2.csv", b"district,n\nt2.csv,25\n")
    assert [file.name for file in house.get(request).present_files] == ["t1.csv", "t2.csv"]
    house.do(service.submit, ALICE, request)
    assert house.state(request) == S.SUBMITTED


def test_a_rejected_request_is_final(house: House) -> None:
    request = house.submitted()
    house.vote(CHRIS, request, VoteChoice.CHANGES_REQUESTED)
    house.do(service.reject, DANA, request, "Row-level data.")
    assert house.get(request).decision_note == "Row-level data."
    for attempt in (service.approve, service.claim):
        with pytest.raises(Conflict):
            house.do(attempt, CHRIS, request)
    with pytest.raises(Conflict):
        house.do(service.submit, ALICE, request)


def test_an_author_withdraws_under_review(house: House) -> None:
    request = house.submitted()
    house.do(service.withdraw, ALICE, request)
    assert house.state(request) == S.WITHDRAWN
    with pytest.raises(Conflict):
        house.vote(CHRIS, request)


def test_an_early_return_needs_no_votes_and_opens_a_second_turn(house: House) -> None:
    request = house.submitted()
    house.do(service.return_to_author, CHRIS, request, "The title is missing.")
    house.do(service.submit, ALICE, request)
    found = house.get(request)
    assert (found.turn, [turn.returned_by for turn in found.turns]) == (2, ["chris", None])
    house.do(service.return_to_author, CHRIS, request, "Still missing.")
    assert house.state(request) == S.RETURNED


def test_a_return_needs_a_word_to_the_author(house: House) -> None:
    with pytest.raises(BadInput):
        house.do(service.return_to_author, CHRIS, house.submitted(), "  ")


@pytest.mark.parametrize("actor", [ALICE, AMIR, NOOR, WORKER], ids=lambda actor: actor.name)
def test_nobody_reviews_their_own_project_or_without_the_role(house: House, actor: object) -> None:
    request = house.submitted()
    with pytest.raises(NotAllowed):
        house.do(service.vote, actor, request, "t1.csv", VoteChoice.APPROVED)
    assert house.get(request).claims == []


def test_a_checker_who_joins_the_project_loses_the_vote(house: House) -> None:
    request = house.submitted()
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    house.members.add("chris")
    with pytest.raises(Conflict, match="2 checkers"):
        house.do(service.approve, DANA, request)


def test_supporting_files_cannot_be_voted_on(house: House) -> None:
    request = house.draft()
    house.put(request)
    house.put(request, "notes.txt", b"x", FileKind.SUPPORTING)
    house.check(request)
    house.do(service.submit, ALICE, request)
    with pytest.raises(BadInput, match="never leave"):
        house.vote(CHRIS, request, name="notes.txt")


def test_a_request_of_supporting_files_alone_is_not_submitted(house: House) -> None:
    request = house.draft()
    house.put(request, "notes.txt", b"x", FileKind.SUPPORTING)
    house.check(request)
    with pytest.raises(Unprocessable):
        house.do(service.submit, ALICE, request)


@pytest.mark.parametrize(
    "name",
    ["model.pkl", "data.dta", "x.exe", "noending", "../t.csv", "/etc/t.csv", "a//b.csv", "a/./b.csv",
     "a\\b.csv", "t\n.csv", "<b>.csv", ".csv", "é.csv", "a" * 200 + ".csv", "a/b/c/d/e.csv", ""],
)  # fmt: skip
def test_invalid_names_and_kinds_are_refused(house: House, name: str) -> None:
    request = house.draft()
    with pytest.raises(BadInput):
        house.put(request, name)


def test_released_bytes_are_recognised_and_not_taken_as_new(house: House) -> None:
    request = house.approved()
    house.release(request)
    again = house.draft()
    with pytest.raises(Conflict, match="released before"):
        house.put(again, "other.csv", b"district,n\nt1.csv,25\n")


def test_only_the_author_changes_a_request_and_only_in_their_turn(house: House) -> None:
    request = house.submitted()
    with pytest.raises(Conflict):
        house.put(request, "t3.csv")
    with pytest.raises(NotAllowed):
        house.do(service.withdraw, AMIR, request)


def test_a_fail_needs_a_justification_and_a_senior_checkers_exception(house: House) -> None:
    house.checker.answers["t1.csv"] = FAIL
    request = house.draft()
    house.put(request)
    assert house.check(request) == "fail"
    with pytest.raises(Unprocessable, match="not said why"):
        house.do(service.submit, ALICE, request)
    house.do(service.justify, ALICE, request, "t1.csv", rule="min_cell", justification="Published by the agency.")
    house.do(service.submit, ALICE, request)
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    with pytest.raises(Conflict, match="exception"):
        house.do(service.approve, DANA, request)
    with pytest.raises(NotAllowed):
        house.do(service.decide_exception, DANA, request, "t1.csv", rule="min_cell", grant=True, reason="Fine.")
    house.do(service.decide_exception, SAM, request, "t1.csv", rule="min_cell", grant=True, reason="It is public.")
    house.do(service.approve, DANA, request)
    house.release(request)
    assert house.state(request) == S.RELEASED


def test_a_refused_exception_holds_the_request_back(house: House) -> None:
    house.checker.answers["t1.csv"] = FAIL
    request = house.draft()
    house.put(request)
    house.check(request)
    house.do(service.justify, ALICE, request, "t1.csv", rule="min_cell", justification="Please.")
    house.do(service.submit, ALICE, request)
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    house.do(service.decide_exception, SAM, request, "t1.csv", rule="min_cell", grant=False, reason="No.")
    with pytest.raises(Conflict):
        house.do(service.approve, SAM, request)


def test_an_exception_falls_with_the_bytes_it_was_asked_for(house: House) -> None:
    house.checker.answers["t1.csv"] = FAIL
    request = house.draft()
    house.put(request)
    house.check(request)
    house.do(service.justify, ALICE, request, "t1.csv", rule="min_cell", justification="Public.")
    house.put(request, data=b"district,n\nA,3\n")
    house.check(request)
    with pytest.raises(Unprocessable):
        house.do(service.submit, ALICE, request)


def test_an_unchecked_request_is_not_submitted(house: House) -> None:
    request = house.draft()
    house.put(request)
    with pytest.raises(Conflict, match="checks have not run"):
        house.do(service.submit, ALICE, request)


def test_an_absent_checker_is_a_review_finding_that_is_tried_again(house: House) -> None:
    house.checker.answers["t1.csv"] = CheckerAway()
    request = house.draft()
    house.put(request)
    assert house.check(request) == "review"
    house.do(service.submit, ALICE, request)
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    with pytest.raises(Conflict, match="not complete"):
        house.do(service.approve, DANA, request)
    house.checker.answers.clear()
    assert house.check(request) == "pass"
    house.do(service.approve, DANA, request)


def test_a_file_that_keeps_crashing_the_checker_fails(house: House) -> None:
    house.checker.answers["t1.csv"] = CheckerCrashed()
    request = house.draft()
    house.put(request)
    assert [house.check(request) for _ in range(4)] == ["review", "review", "fail", "fail"]
    report = house.get(request).files[0].report
    assert report is not None and report.complete and report.failing_rules == ["unreadable"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"status": "Pass", "findings": []}, "pass"),
        ({"status": "excellent", "findings": []}, "review"),
        ({"status": "pass", "findings": [{"rule": "x", "status": "fail"}]}, "fail"),
        ({"status": "pass", "findings": [{"rule": "x"}]}, "review"),
        ({"status": "pass", "findings": [{"rule": "x", "status": "skipped"}]}, "review"),
        ({"findings": []}, "review"),
        ({"status": "pass", "findings": [], "sha256": "0" * 64}, "review"),
        ({"status": "pass", "findings": "none"}, "review"),
    ],
)
def test_an_unknown_answer_never_counts_as_a_pass(house: House, answer: dict[str, object], status: str) -> None:
    house.checker.answers["t1.csv"] = answer
    request = house.draft()
    house.put(request)
    assert house.check(request) == status


def test_more_than_two_checkers_only_with_a_senior(house: House) -> None:
    request = house.submitted()
    house.do(service.claim, CHRIS, request)
    house.do(service.claim, DANA, request)
    with pytest.raises(Conflict, match="already has its checkers"):
        house.do(service.claim, ERIN, request)
    house.vote(SAM, request)
    house.do(service.hand_over, CHRIS, request)
    house.vote(ERIN, request)
    assert [claim.checker for claim in house.get(request).claims] == ["erin", "dana", "sam"]
    assert house.state(request) == S.REVIEWED


@pytest.mark.parametrize(
    "presses",
    [
        [(CHRIS, service.approve, ()), (DANA, service.approve, ())],
        [(CHRIS, service.reject, ("No.",)), (DANA, service.return_to_author, ("Wait.",))],
        [(CHRIS, service.reject, ("No.",)), (DANA, service.approve, ())],
    ],
)
def test_of_two_checkers_who_press_at_once_one_wins_politely(house: House, presses: list[Any]) -> None:
    request = house.submitted()
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    barrier, outcomes = threading.Barrier(2), []

    def press(actor: object, use_case: object, words: tuple[str, ...]) -> None:
        barrier.wait()
        try:
            house.do(use_case, actor, request, *words)
            outcomes.append("won")
        except EnclaveError as problem:
            assert problem.advice
            outcomes.append(type(problem).__name__)

    racers = [threading.Thread(target=press, args=each) for each in presses]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(outcomes) == ["Conflict", "won"]


def test_of_three_checkers_who_claim_at_once_two_get_a_place(house: House) -> None:
    request, barrier, outcomes = house.submitted(), threading.Barrier(3), []

    def press(actor: object) -> None:
        barrier.wait()
        try:
            house.do(service.claim, actor, request)
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    racers = [threading.Thread(target=press, args=(actor,)) for actor in (CHRIS, DANA, ERIN)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(outcomes) == ["lost", "won", "won"]


def test_a_vote_on_bytes_that_are_no_longer_there_is_refused(house: House) -> None:
    request = house.submitted()
    with pytest.raises(Conflict, match="changed while you"):
        house.do(service.vote, CHRIS, request, "t1.csv", VoteChoice.APPROVED, "0" * 64)


def test_a_complete_review_is_changed_but_not_taken_back(house: House) -> None:
    request = house.submitted()
    house.vote(CHRIS, request)
    with pytest.raises(Conflict):
        house.vote(CHRIS, request, VoteChoice.UNDECIDED)
    house.vote(CHRIS, request, VoteChoice.CHANGES_REQUESTED)
    house.vote(DANA, request)
    with pytest.raises(Conflict, match="asks for changes"):
        house.do(service.approve, DANA, request)


def test_a_release_that_fails_half_way_is_tried_again(house: House) -> None:
    request = house.approved()
    folder = house.root / "bundles"
    folder.mkdir()
    # A crash after the folder was named and before the transaction leaves exactly this behind.
    (folder / request).mkdir()
    (folder / request / "bundle.zip").write_bytes(b"half")
    blob = house.airlock.blobs.path(house.get(request).files[0].sha256)
    kept = blob.read_bytes()
    blob.chmod(0o600)
    blob.write_bytes(b"changed")
    with pytest.raises(Conflict, match="not the ones"):
        house.release(request)
    found = house.get(request)
    assert (found.state, found.release_attempts) == (S.APPROVED, 1)
    assert "not the ones" in found.release_problem
    blob.write_bytes(kept)
    bundle = house.release(request)
    assert zipfile.ZipFile(bundle).read("files/t1.csv") == kept
    assert house.get(request).release_problem == ""
    first = house.get(request)
    house.release(request)
    assert house.get(request).state == first.state == S.RELEASED


def test_a_release_checks_the_votes_once_more(house: House) -> None:
    request = house.approved()
    house.members.add("chris")
    with pytest.raises(Conflict):
        house.release(request)
    assert house.state(request) == S.APPROVED


def test_only_a_job_the_operator_or_a_checker_starts_a_release(house: House) -> None:
    request = house.approved()
    with pytest.raises(NotAllowed):
        house.release(request, ALICE)
    with pytest.raises(Conflict):
        house.release(house.submitted(["t9.csv"]), CHRIS)


def test_a_revocation_names_who_downloaded_and_closes_the_download(house: House) -> None:
    request = house.approved()
    house.release(request)
    house.do(service.download, AMIR, request)
    with pytest.raises(NotAllowed):
        house.do(service.revoke, CHRIS, request, "A small cell.")
    assert house.do(service.revoke, SAM, request, "A small cell.") == ["amir"]
    with pytest.raises(NotFound):
        house.do(service.download, AMIR, request)


def test_a_tampered_blob_is_never_handed_on(house: House) -> None:
    request = house.draft()
    house.put(request)
    file = house.get(request).files[0]
    path = house.airlock.blobs.path(file.sha256)
    path.chmod(0o600)
    path.write_bytes(b"district,n\nA,26\n")
    assert not house.airlock.blobs.holds(file.sha256)
    with pytest.raises(Conflict):
        house.airlock.blobs.read(file.sha256)
    assert house.check(request) == "fail"


def test_the_clock_counts_working_days(house: House) -> None:
    assert due_at(house.clock.now()).isoformat() == "2025-03-10T09:00:00+00:00"


def test_the_worst_finding_is_the_status() -> None:
    assert FindingStatus.worst([FindingStatus.PASS, FindingStatus.FAIL, FindingStatus.REVIEW]) is FindingStatus.FAIL
    assert FindingStatus.worst([]) is FindingStatus.REVIEW
