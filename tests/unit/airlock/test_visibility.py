"""Who sees what of a release request: a table to read as policy.

m metadata, f findings, c content, v votes, u public comments, p private comments, r record, b bundle; `-` nothing.
"""

from __future__ import annotations

import pytest

from enclave.core.actors import Actor
from enclave.core.errors import NotFound
from output_review import service
from output_review.policies import ReviewPolicy
from output_review.states import ReleaseState, ReviewMode, Visibility
from output_review.visibility import Thing, can_see, check_can_see, visible_comments, visible_votes
from tests.unit.airlock.house import ADA, ALICE, AMIR, CHRIS, DANA, ERIN, NOOR, OTTO, SAM, House

LETTERS = dict(zip("mfcvuprb", Thing, strict=True))
OPERATOR = Actor("operator", kind="operator")
RILEY = Actor("riley", frozenset({"provider_reviewer"}))

TABLE = [
    # no, who (chris has claimed), state, sees
    (1, ALICE, "DRAFT", "mfcvu"),
    (2, AMIR, "DRAFT", "m"),
    (3, CHRIS, "DRAFT", "-"),
    (4, ERIN, "DRAFT", "-"),
    (5, SAM, "DRAFT", "-"),
    (6, ADA, "DRAFT", "m"),
    (7, NOOR, "DRAFT", "-"),
    (8, ALICE, "SUBMITTED", "mfc"),
    (9, AMIR, "SUBMITTED", "m"),
    (10, CHRIS, "SUBMITTED", "mfcvup"),
    (11, ERIN, "SUBMITTED", "mf"),
    (12, SAM, "SUBMITTED", "mfcvup"),
    (13, ADA, "SUBMITTED", "mfv"),
    (14, OTTO, "SUBMITTED", "mfv"),
    (15, NOOR, "SUBMITTED", "-"),
    (16, RILEY, "SUBMITTED", "-"),
    (17, OPERATOR, "SUBMITTED", "mfv"),
    (18, ALICE, "PARTIALLY_REVIEWED", "mfc"),
    (19, CHRIS, "PARTIALLY_REVIEWED", "mfcvup"),
    (20, ALICE, "REVIEWED", "mfc"),
    (21, ALICE, "RETURNED", "mfcvu"),
    (22, CHRIS, "RETURNED", "mfcvup"),
    (23, SAM, "RETURNED", "mfvup"),
    (24, ERIN, "RETURNED", "mf"),
    (25, ALICE, "APPROVED", "mfcvu"),
    (26, AMIR, "APPROVED", "m"),
    (27, ALICE, "RELEASED", "mfcvurb"),
    (28, AMIR, "RELEASED", "mrb"),
    (29, CHRIS, "RELEASED", "mfcvupr"),
    (30, ERIN, "RELEASED", "mfr"),
    (31, SAM, "RELEASED", "mfvupr"),
    (32, ADA, "RELEASED", "mfvr"),
    (33, NOOR, "RELEASED", "-"),
    (34, ALICE, "REJECTED", "mfcvu"),
    (35, ALICE, "WITHDRAWN", "mfcvu"),
    (36, ALICE, "REVOKED", "mfcvur"),
    (37, AMIR, "REVOKED", "mr"),
]


@pytest.mark.parametrize(("number", "actor", "state", "sees"), TABLE, ids=lambda value: str(value))
def test_the_table_of_who_sees_what(house: House, number: int, actor: Actor, state: str, sees: str) -> None:
    identity = house.submitted()
    house.do(service.claim, CHRIS, identity)
    request = house.get(identity)
    request.state = state
    seen = "".join(letter for letter, thing in LETTERS.items() if can_see(actor, request, house.members, thing))
    assert (seen or "-") == sees, number


def test_what_is_released_and_public_is_seen_by_everybody_as_its_record_alone(house: House) -> None:
    request = house.get(house.draft(public=True))
    request.state = ReleaseState.RELEASED
    assert can_see(NOOR, request, house.members, Thing.RECORD)
    assert not can_see(NOOR, request, house.members, Thing.CONTENT)
    request.state = ReleaseState.SUBMITTED
    assert not can_see(NOOR, request, house.members, Thing.METADATA)


def test_a_member_who_is_a_checker_stays_a_member(house: House) -> None:
    request = house.get(house.submitted())
    assert not can_see(AMIR, request, house.members, Thing.CONTENT)


def test_strangers_are_not_told_that_a_request_exists(house: House) -> None:
    request = house.get(house.submitted())
    with pytest.raises(NotFound, match="no such"):
        check_can_see(NOOR, request, house.members, Thing.CONTENT)
    with pytest.raises(NotFound, match="not yours to see"):
        check_can_see(ERIN, request, house.members, Thing.CONTENT)


COMMENTS = [
    # no, mode, turn's end, who, whose comments are seen (c: chris public, q: chris private, d: dana private, a: alice)
    (1, ReviewMode.SEQUENTIAL, False, ALICE, "a"),
    (2, ReviewMode.SEQUENTIAL, False, DANA, "acqd"),
    (3, ReviewMode.SEQUENTIAL, False, ERIN, ""),
    (4, ReviewMode.SEQUENTIAL, False, AMIR, ""),
    (5, ReviewMode.SEQUENTIAL, False, ADA, ""),
    (6, ReviewMode.SEQUENTIAL, True, ALICE, "ac"),
    (7, ReviewMode.INDEPENDENT, False, DANA, "ad"),
    (8, ReviewMode.INDEPENDENT, False, SAM, "a"),
    (9, ReviewMode.INDEPENDENT, True, DANA, "acqd"),
    (10, ReviewMode.INDEPENDENT, True, ALICE, "ac"),
]


@pytest.mark.parametrize(("number", "mode", "returned", "actor", "seen"), COMMENTS, ids=lambda value: str(value))
def test_the_table_of_who_reads_which_comment(
    house: House, number: int, mode: ReviewMode, returned: bool, actor: Actor, seen: str
) -> None:
    house.airlock = house.airlock.__class__(**{**vars(house.airlock), "policy": ReviewPolicy(mode, 0)})
    request = house.submitted()
    for writer, body, visibility in (
        (ALICE, "a", Visibility.PRIVATE),
        (CHRIS, "c", Visibility.PUBLIC),
        (CHRIS, "q", Visibility.PRIVATE),
        (DANA, "d", Visibility.PRIVATE),
    ):
        house.do(service.comment, writer, request, body, visibility=visibility)
    found = house.get(request)
    if returned:
        found.state = ReleaseState.RETURNED
    assert "".join(comment.body for comment in visible_comments(actor, found, house.members)) == seen, number


def test_a_blind_review_hides_the_other_vote_until_both_have_voted(house: House) -> None:
    house.airlock = house.airlock.__class__(**{**vars(house.airlock), "policy": ReviewPolicy(ReviewMode.INDEPENDENT)})
    request = house.submitted()
    house.vote(CHRIS, request)
    house.do(service.claim, DANA, request)
    found = house.get(request)
    assert visible_votes(DANA, found, house.members, found.files[0].votes) == []
    assert len(visible_votes(CHRIS, found, house.members, found.files[0].votes)) == 1
    house.vote(DANA, request)
    found = house.get(request)
    assert len(visible_votes(DANA, found, house.members, found.files[0].votes)) == 2
