"""How was this decided before? Exceptions to the rules that a request fails, in requests that have been decided.

A failing rule holds a file back until a senior checker answers the author's justification, so the exceptions of decided
requests are the precedents of a FAIL: what was argued, what was answered, what became of the request. Rules that only
asked for a look (REVIEW) leave no such trace and have no precedents here. Who sees which request the caller asks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_review import summaries
from output_review.model import Exception_, OutputFile, ReleaseRequest
from output_review.states import ReleaseState
from output_review.summaries import Summary

MOST = 60
_DECIDED = (ReleaseState.RELEASED, ReleaseState.REJECTED, ReleaseState.RETURNED, ReleaseState.REVOKED)


@dataclass(frozen=True)
class Precedent:
    """One exception that was asked for elsewhere, with its answer; `note` is what the author was told at the end."""

    request: Summary
    rule: str
    file: str
    state: str
    justification: str
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    note: str


def failing_rules(request: ReleaseRequest) -> list[str]:
    """The rules that the request's files fail, each once."""
    return sorted({rule for file in request.votable_files for rule in file.failing_rules})


def precedents(session: Session, request_id: str, rules: Collection[str], limit: int = MOST) -> list[Precedent]:
    """Exceptions to these rules in other requests that were decided, newest decision first."""
    query = (
        select(Exception_, OutputFile.name, ReleaseRequest.id, ReleaseRequest.decision_note)
        .join(OutputFile, Exception_.file_id == OutputFile.id)
        .join(ReleaseRequest, OutputFile.request_id == ReleaseRequest.id)
        .where(
            Exception_.rule.in_(sorted(rules)),
            Exception_.binding == OutputFile.binding,
            OutputFile.withdrawn.is_(False),
            ReleaseRequest.state.in_(_DECIDED),
            ReleaseRequest.id != request_id,
        )
        .order_by(ReleaseRequest.decided_at.desc(), Exception_.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    found = {row.id: row for row in summaries.of_ids(session, {identity for _, _, identity, _ in rows})}
    return [
        Precedent(
            found[identity], item.rule, name, item.state, item.justification, item.reason, item.decided_by,
            item.decided_at, note,
        )
        for item, name, identity, note in rows
    ]  # fmt: skip
