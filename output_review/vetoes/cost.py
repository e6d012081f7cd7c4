"""What a veto would have cost in days, worked out on the releases that really happened.

For each past release that names data of the provider: when its last approval was, when it was released, and when the
veto's days would have been over. The difference is what it adds if the provider says nothing, the usual case; a
provider that answers sooner adds less, and one that refuses adds a round of review. Calendar days; nothing is sampled.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from output_review.model import ReleaseRecord, ReleaseRequest, Veto
from output_review.policies import due_at
from output_review.vetoes.states import SETTLED, STANDING, VetoState

CHOICES = (3, 5, 10)
"""Working days for which the page says the cost."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Past:
    """One release that happened."""

    providers: frozenset[str]
    submitted_at: datetime
    approved_at: datetime
    released_at: datetime


@dataclass(frozen=True)
class Cost:
    """What so many working days would have added: to how many of the releases, in calendar days."""

    days: int
    releases: int
    held: int
    median: float
    p90: float
    longest: float
    usual: float
    """Median from the last submission to the release, as it was, of those that would have been held."""


@dataclass(frozen=True)
class Experience:
    """What vetoes did since they were switched on. `median_wait`: days from the approval to the provider's word or to
    the end of its silence."""

    opened: int
    refused: int
    overruled: int
    lapsed: int
    median_wait: float


def past(session: Session) -> list[Past]:
    """Every release, also of those revoked since; two queries."""
    approvals = select(AuditEvent.subject_id, AuditEvent.at).where(AuditEvent.action == "release.approved")
    approved: dict[str, list[datetime]] = {}
    for request, at in session.execute(approvals):
        approved.setdefault(request, []).append(at)
    rows = session.execute(
        select(ReleaseRequest.id, ReleaseRequest.providers, ReleaseRequest.submitted_at, ReleaseRecord.released_at)
        .join(ReleaseRecord, ReleaseRecord.request_id == ReleaseRequest.id)
        .order_by(ReleaseRecord.released_at)
    )
    found = []
    for identity, providers, submitted, released in rows:
        before = [at for at in approved.get(identity, []) if at <= released]
        if before:
            found.append(Past(frozenset(providers), submitted or max(before), max(before), released))
    return found


def cost(history: Collection[Past], providers: Collection[str], days: int) -> Cost:
    """What a veto of any of these providers, of so many working days, would have added to that history."""
    held = [each for each in history if each.providers & frozenset(providers)]
    added = [max(timedelta(0), due_at(each.approved_at, days) - each.released_at) / _DAY for each in held]
    usual = [(each.released_at - each.submitted_at) / _DAY for each in held]
    return Cost(
        days=days, releases=len(history), held=len(held), median=share(added, 0.5), p90=share(added, 0.9),
        longest=round(max(added, default=0.0), 1), usual=share(usual, 0.5),
    )  # fmt: skip


def experience(session: Session, provider: str) -> Experience:
    """What happened with a provider's vetoes until now."""
    states = dict.fromkeys(VetoState, 0)
    query = select(Veto.state, func.count()).where(Veto.provider == provider).group_by(Veto.state)
    for state, count in session.execute(query):
        states[VetoState(state)] = count
    told = select(Veto.opened_at, Veto.said_at, Veto.due_at).where(
        Veto.provider == provider, Veto.state.in_([*SETTLED, *STANDING])
    )
    waits = [((said or due) - opened) / _DAY for opened, said, due in session.execute(told)]
    return Experience(
        opened=sum(states.values()), refused=sum(states[each] for each in STANDING) + states[VetoState.OVERRULED],
        overruled=states[VetoState.OVERRULED], lapsed=states[VetoState.LAPSED], median_wait=share(waits, 0.5),
    )  # fmt: skip


def share(values: Iterable[float], part: float) -> float:
    """The smallest value that at least this part of the values does not exceed (nearest rank); 0 of nothing."""
    ordered = sorted(values)
    return round(ordered[math.ceil(part * len(ordered)) - 1], 1) if ordered else 0.0
