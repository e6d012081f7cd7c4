"""How often rules are upheld, and what another pack would have said."""

from __future__ import annotations

from typing import Any

import pytest

from c2c_research.disclosure.policy import NEVER_ADVICE
from enclave.core.errors import NotFound, Unavailable
from output_review import service
from output_review.checks import CheckerAway, FixedChecker
from output_review.precision import ENOUGH, Precision, precisions
from output_review.simulation import simulate, subject, subjects
from output_review.states import VoteChoice
from tests.unit.airlock.house import ALICE, CHRIS, FAIL, House

PACK = "enclave-default"
REVIEW = {
    "status": "review",
    "findings": [{"rule": "rate", "status": "review", "message": "A small complement.", "where": "", "cells": []}],
}


def counts(house: House) -> dict[str, tuple[int, int]]:
    with house.database.read() as session:
        return {rule: (each.upheld, each.raised) for rule, each in precisions(session, PACK).items()}


def test_a_finding_that_nobody_has_decided_on_does_not_count(house: House) -> None:
    house.checker = FixedChecker({"t1.csv": REVIEW})
    house.submitted()
    assert counts(house) == {}


def test_a_changed_file_upholds_what_was_found(house: House) -> None:
    house.checker = FixedChecker({"t1.csv": REVIEW})
    request = house.draft()
    house.put(request)
    house.check(request)
    house.put(request, data=b"district,n\nA,30\n")
    house.check(request)
    assert counts(house) == {"rate": (1, 1)}


def test_an_approval_with_the_finding_standing_does_not_uphold_it(house: House) -> None:
    house.checker = FixedChecker({"t1.csv": REVIEW})
    house.approved()
    assert counts(house) == {"rate": (0, 1)}


def test_a_request_for_changes_upholds(house: House) -> None:
    house.checker = FixedChecker({"t1.csv": REVIEW})
    request = house.submitted()
    house.vote(CHRIS, request, VoteChoice.CHANGES_REQUESTED)
    assert counts(house) == {"rate": (1, 1)}


def test_a_withdrawn_file_upholds(house: House) -> None:
    house.checker = FixedChecker({"t1.csv": FAIL})
    request = house.draft()
    house.put(request)
    house.check(request)
    house.do(service.withdraw_file, ALICE, request, "t1.csv")
    assert counts(house) == {"min_cell": (1, 1)}


# number, rule, raised, upheld, cries wolf
TABLE = [
    (1, "rate", ENOUGH, 0, True),
    (2, "rate", ENOUGH - 1, 0, False),
    (3, "rate", 50, 14, True),
    (4, "rate", 50, 15, False),
    (5, "identifier", 50, 0, False),
    (6, "unit_record", 50, 0, False),
    (7, "secondary", 50, 0, False),
    (8, "rate", 0, 0, False),
]


@pytest.mark.parametrize(("number", "rule", "raised", "upheld", "expected"), TABLE)
def test_which_rules_cry_wolf(number: int, rule: str, raised: int, upheld: int, expected: bool) -> None:
    assert Precision(rule, raised, upheld).cries_wolf is expected
    assert (rule in NEVER_ADVICE) is (number in (5, 6, 7))


def test_a_simulation_says_what_changes_and_keeps_nothing(house: House) -> None:
    house.checker = FixedChecker({"t1.csv": REVIEW})
    house.approved()
    before = counts(house)
    with house.database.read() as session:
        reports = subjects(session, house.clock.now().replace(year=2024))
        assert subjects(session, house.clock.now().replace(year=2026)) == []
        what = subject(session, reports[0])
        with pytest.raises(NotFound):
            subject(session, "chk_unknown")
    found = simulate(house.airlock, FixedChecker({"t1.csv": FAIL}), what, "adrf")
    assert (found.before, found.after, found.changed) == ("review", "fail", True)
    assert (found.rules_before, found.rules_after) == (("rate",), ("min_cell",))
    same = simulate(house.airlock, FixedChecker({"t1.csv": REVIEW}), what, "adrf")
    assert not same.changed
    assert counts(house) == before


def test_a_checker_that_is_away_ends_a_simulation_instead_of_guessing(house: House) -> None:
    house.submitted()
    with house.database.read() as session:
        what = subject(session, subjects(session, house.clock.now().replace(year=2024))[0])
    away: Any = FixedChecker({"t1.csv": CheckerAway()})
    with pytest.raises(Unavailable):
        simulate(house.airlock, away, what, "adrf")
