"""Every word of a state machine stands in every table about it."""

from __future__ import annotations

from output_review.states import (
    EDITABLE,
    LABEL,
    OWNER,
    PHASE,
    TRANSITIONS,
    UNDER_REVIEW,
    ReleaseState,
    ReviewMode,
    ReviewPhase,
)
from output_review.visibility import MATRIX, Thing, Viewer


def test_every_state_stands_in_every_table() -> None:
    for table in (TRANSITIONS, PHASE, OWNER, LABEL):
        assert set(table) == set(ReleaseState)


def test_every_phase_is_reached() -> None:
    assert set(PHASE.values()) == set(ReviewPhase)


def test_every_state_is_reached_from_a_draft() -> None:
    reached, front = {ReleaseState.DRAFT}, [ReleaseState.DRAFT]
    while front:
        for state in TRANSITIONS[front.pop()]:
            if state not in reached:
                reached.add(state)
                front.append(state)
    assert reached == set(ReleaseState)


def test_released_is_entered_from_approved_and_approved_from_reviewed_alone() -> None:
    into = {state: [s for s, moves in TRANSITIONS.items() if state in moves] for state in ReleaseState}
    assert into[ReleaseState.RELEASED] == [ReleaseState.APPROVED]
    assert into[ReleaseState.APPROVED] == [ReleaseState.REVIEWED]


def test_every_review_state_can_be_returned_and_no_draft_is_under_review() -> None:
    assert all(ReleaseState.RETURNED in TRANSITIONS[state] for state in UNDER_REVIEW)
    assert EDITABLE.isdisjoint(UNDER_REVIEW)


def test_every_viewer_has_a_word_on_every_thing() -> None:
    assert set(MATRIX) == set(Viewer)
    assert all(set(row) == set(Thing) for row in MATRIX.values())


def test_every_mode_of_review_demands_a_vote() -> None:
    from output_review.policies import _VOTES

    assert set(_VOTES) == set(ReviewMode) and min(_VOTES.values()) >= 1
