"""The one state machine helper.

A **lifecycle** is a table: from each state, which states follow, who makes the move, and how the audit calls it. A
move is a compare-and-set on the row's state, in the caller's transaction, with its audit row: of two that race, one
wins and the other gets a polite Conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit import record
from enclave.core.clock import Clock
from enclave.core.errors import Conflict


@dataclass(frozen=True)
class Move:
    """One permitted transition: who owns it, in words, and its tag in the audit."""

    who: str
    audit: str


class Stateful(Protocol):
    """A mapped row that has a state."""

    id: Any
    state: Any


S = TypeVar("S", bound=StrEnum)


class Lifecycle(Generic[S]):
    """The states of one kind of thing and the moves between them."""

    def __init__(self, name: str, states: type[S], transitions: Mapping[S, Mapping[S, Move]]) -> None:
        missing = set(states) - set(transitions)
        if missing:
            raise ValueError(f"{name}: no row for {sorted(missing)}")
        self.name = name
        self.states = states
        self.transitions = transitions

    def allowed(self, state: S | str) -> set[S]:
        """The states that may follow `state`."""
        return set(self.transitions[self.states(state)])

    def check(self, current: S | str, target: S | str) -> Move:
        """The move from one state to the other; Conflict when there is none."""
        move = self.transitions[self.states(current)].get(self.states(target))
        if move is None:
            raise Conflict(
                f"This {self.name} is {_words(current)}; it cannot become {_words(target)}.",
                "Reload the page to see its present state and what can be done now.",
            )
        return move

    def move(self, session: Session, row: Stateful, target: S, actor: Actor, clock: Clock, **details: Any) -> None:
        """Move `row` to `target` and audit it, unless somebody else moved it first (Conflict)."""
        current = self.states(row.state)
        move = self.check(current, target)
        kind: Any = type(row)
        result = cast(
            "CursorResult[Any]",
            session.execute(
                update(kind)
                .where(kind.id == row.id, kind.state == current.value)
                .values(state=target.value)
                .execution_options(synchronize_session=False)
            ),
        )
        if result.rowcount != 1:
            raise Conflict(
                f"Somebody else changed this {self.name} a moment ago.",
                "Reload the page to see its present state and what can be done now.",
            )
        session.refresh(row, attribute_names=["state"])
        record(
            session, actor, move.audit, self.name.replace(" ", "_"), str(row.id), clock,
            **{"from": current.value, "to": target.value, **details},
        )  # fmt: skip


def _words(state: str) -> str:
    return str(state).replace("_", " ").lower()
