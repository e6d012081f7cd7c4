"""A request is compared as a whole, again whenever something came out meanwhile, and never leaves uncompared."""

from __future__ import annotations

from typing import Any

import pytest

from enclave.core.errors import BadInput, Conflict, EnclaveError, Unavailable
from output_review import service, together
from output_review.checks import CheckerAway, CheckerCrashed
from output_review.states import FindingStatus, ReleaseState
from tests.unit.airlock.house import ALICE, CHRIS, DANA, WORKER, House

FINDING = {"rule": "secondary", "status": "fail", "message": "With t2.csv.", "where": "with t2.csv", "cells": [[0, 1]]}


def stale(house: House) -> list[str]:
    with house.database.read() as session:
        return together.stale_ids(session)


def test_findings_of_the_whole_request_stand_under_the_files_they_concern(house: House) -> None:
    house.checker.together = {"t1.csv": [FINDING]}
    request = house.draft()
    house.put(request, "t1.csv")
    house.put(request, "t2.csv", b"district,n\nB,25\n")
    assert house.check(request) == "fail"
    files = {file.name: file for file in house.get(request).present_files}
    assert files["t1.csv"].failing_rules == ["secondary"] and files["t2.csv"].status is FindingStatus.PASS
    assert files["t1.csv"].report is not None and files["t1.csv"].report.linked


def test_another_file_of_the_request_asks_for_a_new_comparison(house: House) -> None:
    house.checker.together = {"t1.csv": [FINDING]}
    request = house.draft()
    house.put(request, "t1.csv")
    house.check(request)
    house.checker.together = {}
    house.put(request, "t2.csv", b"district,n\nB,25\n")
    assert house.check(request) == "pass"
    assert stale(house) == []


def test_a_release_of_the_project_asks_for_a_new_comparison_and_stops_an_approval(house: House) -> None:
    first, second = house.approved(["t1.csv"]), house.submitted(["t2.csv"])
    house.vote(CHRIS, second)
    house.vote(DANA, second)
    house.release(first)
    assert stale(house) == [second]
    with pytest.raises(Conflict):
        house.do(service.approve, DANA, second)
    house.check(second)
    house.do(service.approve, DANA, second)
    assert house.state(second) is ReleaseState.APPROVED


def test_of_two_approved_requests_the_second_is_compared_with_the_first_before_it_leaves(house: House) -> None:
    first, second = house.approved(["t1.csv"]), house.approved(["t2.csv"])
    house.release(first)
    with pytest.raises(Conflict):
        house.release(second)
    house.check(second)
    house.release(second)
    assert house.state(second) is ReleaseState.RELEASED


def test_an_approved_request_that_became_unsafe_can_be_returned(house: House) -> None:
    first, second = house.approved(["t1.csv"]), house.approved(["t2.csv"])
    house.release(first)
    house.checker.together = {"t2.csv": [FINDING]}
    house.check(second)
    with pytest.raises(Conflict):
        house.release(second)
    house.do(service.return_to_author, DANA, second, "It shows three persons beside the first release.")
    assert house.state(second) is ReleaseState.RETURNED


def test_a_checker_that_is_away_leaves_the_request_uncompared(house: House) -> None:
    house.checker.together = CheckerAway()
    request = house.submitted()
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    assert stale(house) == [request]
    with pytest.raises(Conflict):
        house.do(service.approve, DANA, request)


def test_a_comparison_that_crashes_is_a_review(house: House) -> None:
    house.checker.together = CheckerCrashed()
    request = house.draft()
    house.put(request)
    assert house.check(request) == "review"


@pytest.mark.parametrize("answer", [{}, {"findings": {"other.csv": []}}, {"findings": {"t1.csv": ["x"]}}])
def test_an_answer_of_another_form_is_a_crash(answer: dict[str, Any]) -> None:
    from output_review.checks import read_findings

    with pytest.raises(CheckerCrashed):
        read_findings(answer, ["t1.csv"])


def test_what_is_released_is_told_to_the_project(house: House) -> None:
    statements = [{"measure": "persons", "dimensions": ["sex"], "cells": [[["f"], 0, 1, 409, None, None]]}]
    house.checker.answers["t1.csv"] = {"status": "pass", "findings": [], "statements": statements}
    request = house.approved()
    house.release(request)
    with house.database.read() as session:
        sets = together.released_sets(session, house.get(request).project_id)
    assert sets == [{"path": "t1.csv", "release": request, "statements": statements}]
    assert ALICE.name == house.get(request).author


@pytest.mark.parametrize(("problem", "linked", "status"), [(Unavailable("Away."), False, "pass"),
                                                          (BadInput("Broken."), True, "review")])  # fmt: skip
def test_a_data_zone_that_is_away_is_waited_for_and_one_that_refuses_is_a_review(
    house: House, problem: EnclaveError, linked: bool, status: str
) -> None:
    def sets(_request: str) -> together.Findings:
        raise problem

    request = house.draft()
    house.put(request)
    found = service.run_checks(house.airlock, house.database, house.checker, WORKER, request, sets)
    (file,) = house.get(request).present_files
    assert found == status and file.report is not None and bool(file.report.linked) is linked
