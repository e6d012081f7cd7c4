"""The checkers' queue: what is overdue first, then by risk, then by age; and which part of it a checker wants to see.

Risk is the worst status of the present reports (a file without one counts as REVIEW). Age is the due date, five
working days after the submission. The order is advice on what to take next; whoever claims decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from output_review.policies import Reviewed, due_at, required_votes
from output_review.states import FindingStatus


class Waiting(Reviewed, Protocol):
    """What the queue asks of a request."""

    @property
    def author(self) -> str: ...

    @property
    def members(self) -> list[str]: ...

    @property
    def submitted_at(self) -> datetime | None: ...

    @property
    def under_review(self) -> bool: ...

    @property
    def checkers(self) -> list[str]: ...

    @property
    def status(self) -> FindingStatus: ...


Row = TypeVar("Row", bound=Waiting)


class Pick(StrEnum):
    """A part of the queue."""

    ALL = "all"
    MINE = "mine"
    FREE = "free"


def due(row: Waiting) -> datetime | None:
    """When the review should have ended; None for what is decided and waits for the worker."""
    return due_at(row.submitted_at) if row.under_review and row.submitted_at else None


def is_overdue(row: Waiting, now: datetime) -> bool:
    limit = due(row)
    return limit is not None and limit < now


def in_order(rows: Iterable[Row], now: datetime) -> list[Row]:
    """Overdue first, the longest overdue before the others; then the worst findings, then the nearest due date."""

    return sorted(rows, key=lambda row: place(row, now))


def place(row: Waiting, now: datetime) -> tuple[int, int, int, str]:
    """Where a request stands in this order."""
    limit = due(row)
    late = limit is not None and limit < now
    return (int(limit is None), int(not late), 0 if late else -row.status.rank, limit.isoformat() if limit else "")


def picked(row: Waiting, pick: Pick, name: str, members: Iterable[str]) -> bool:
    """Whether the request belongs to this part: `mine` where one has a place, `free` where one could take one."""
    if pick is Pick.MINE:
        return name in row.checkers
    if pick is Pick.FREE:
        barred = {row.author, *row.members, *members, *row.checkers}
        return row.under_review and len(row.checkers) < required_votes(row) and name not in barred
    return True
