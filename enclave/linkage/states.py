"""The lifecycle of a match run, kept in the vault.

The vault has no database of ours, so the table stands here by itself and the run's file (``record.py``) is what moves
along it. A run that was killed is found RUNNING without its lock and fails before the next one begins.
"""

from __future__ import annotations

from enum import StrEnum

from enclave.core.errors import Conflict


class MatchRunState(StrEnum):
    """How far the match of one year is."""

    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    UNDER_REVIEW = "UNDER_REVIEW"
    ACCEPTED = "ACCEPTED"
    PUBLISHED = "PUBLISHED"
    FAILED = "FAILED"
    ABANDONED = "ABANDONED"


S = MatchRunState
TRANSITIONS: dict[MatchRunState, frozenset[MatchRunState]] = {
    S.PLANNED: frozenset({S.RUNNING, S.ABANDONED}),
    S.RUNNING: frozenset({S.UNDER_REVIEW, S.FAILED}),
    S.UNDER_REVIEW: frozenset({S.ACCEPTED, S.ABANDONED}),
    S.ACCEPTED: frozenset({S.PUBLISHED}),
    S.PUBLISHED: frozenset(),
    S.FAILED: frozenset(),
    S.ABANDONED: frozenset(),
}
OWNERS: dict[MatchRunState, str] = {
    S.PLANNED: "data steward",
    S.RUNNING: "vault job",
    S.UNDER_REVIEW: "second data steward",
    S.ACCEPTED: "data steward",
    S.PUBLISHED: "nobody: final, a revision may follow",
    S.FAILED: "nobody: final, run again",
    S.ABANDONED: "nobody: final, run again",
}
"""Who has to act on a run in this state."""


def check_move(current: MatchRunState, target: MatchRunState) -> None:
    """Raise Conflict unless a run may go from one state to the other."""
    if target not in TRANSITIONS[current]:
        now, wanted = (state.replace("_", " ").lower() for state in (current, target))
        raise Conflict(f"This match run is {now}; it cannot become {wanted}.", f"It now waits for: {OWNERS[current]}.")
