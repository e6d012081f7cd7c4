"""The lifecycle of a contribution, kept in the vault beside its files.

The vault has no database of ours, so the table stands here by itself and `store` moves a contribution along it.
"""

from __future__ import annotations

from enum import StrEnum

from enclave.core.errors import Conflict


class ContributionState(StrEnum):
    """How far a provider-year is."""

    RECEIVED = "RECEIVED"
    VALIDATED = "VALIDATED"
    REJECTED = "REJECTED"
    ACCEPTED = "ACCEPTED"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"


S = ContributionState
TRANSITIONS: dict[ContributionState, frozenset[ContributionState]] = {
    S.RECEIVED: frozenset({S.VALIDATED, S.REJECTED}),
    S.VALIDATED: frozenset({S.ACCEPTED}),
    S.REJECTED: frozenset(),
    S.ACCEPTED: frozenset({S.SUPERSEDED, S.WITHDRAWN}),
    S.SUPERSEDED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
OWNERS: dict[ContributionState, str] = {
    S.RECEIVED: "vault job",
    S.VALIDATED: "vault job",
    S.REJECTED: "data provider, who sends a corrected delivery",
    S.ACCEPTED: "data steward, for the yearly match",
    S.SUPERSEDED: "nobody: final, a later delivery took its place",
    S.WITHDRAWN: "nobody: final, taken back by the provider",
}
"""Who has to act on a contribution in this state."""
EVENTS: dict[ContributionState, str] = {state: f"contribution.{state.lower()}" for state in ContributionState}
"""What the application's audit calls the arrival in a state."""


def check_move(current: ContributionState, target: ContributionState) -> None:
    """Raise Conflict unless a contribution may go from one state to the other."""
    if target not in TRANSITIONS[current]:
        raise Conflict(
            f"This contribution is {current.lower()}; it cannot become {target.lower()}.",
            f"It now waits for: {OWNERS[current]}.",
        )
