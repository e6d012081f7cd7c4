"""Calibration: how often two checkers who read the same file blind said the same of it.

A **pair** is the two votes on one file's bytes in one turn, each as it stood when the blind reading ended; what
either changed afterwards, knowing the other's, does not count. Votes come from the audit trail, which keeps those that
a later one overwrote; nothing is told of a reading that still goes on. Agreement beyond chance is Cohen's kappa between
the one who voted first and the other (Cohen 1960), with the large-sample interval of Fleiss, Cohen and Everitt (1969).
Caution: files of one request are not independent, so the interval is rather too narrow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from output_review.model import OutputFile, ReleaseRequest
from output_review.policies import KINDS
from output_review.states import FindingStatus, ReviewMode, VoteChoice

FEWEST = 30
"""With fewer pairs nothing is said beyond the counts."""
NO_RULE = "no finding"
_Z = 1.959964
_ACTIONS = ("release.submitted", "release.resubmitted", "release.voted", "release.reviewed")
_DECIDED = (VoteChoice.APPROVED.value, VoteChoice.CHANGES_REQUESTED.value)


@dataclass(frozen=True)
class Blind:
    """One blind vote."""

    checker: str
    choice: str


@dataclass(frozen=True)
class Pair:
    """Two blind votes on one file, the first one first."""

    release: str
    project: str
    file: str
    name: str
    kind: str
    turn: int
    rules: tuple[str, ...]
    at: datetime
    votes: tuple[Blind, Blind]

    @property
    def agree(self) -> bool:
        return self.votes[0].choice == self.votes[1].choice

    @property
    def period(self) -> str:
        """The quarter in which the reading ended."""
        return f"{self.at:%Y}-Q{(self.at.month + 2) // 3}"


@dataclass(frozen=True)
class Agreement:
    """Counts of a group of pairs; kappa and its 95 % interval are None where there are too few to say."""

    group: str
    pairs: int
    agree: int
    kappa: float | None
    low: float | None
    high: float | None


def pairs(session: Session, since: datetime | None = None, until: datetime | None = None) -> list[Pair]:
    """Every pair whose blind reading ended in the period, the newest first."""
    found: list[Pair] = []
    for request, events in _histories(session):
        for moment, votes in _readings(events):
            if (since is None or moment >= since) and (until is None or moment < until):
                found += _paired(request, moment, votes)
    return sorted(found, key=lambda pair: (pair.at, pair.release, pair.name), reverse=True)


def agreement(group: str, found: Sequence[Pair]) -> Agreement:
    """What a group of pairs comes to."""
    table = [[0, 0], [0, 0]]
    for pair in found:
        one, two = (_DECIDED.index(vote.choice) for vote in pair.votes)
        table[one][two] += 1
    agree = table[0][0] + table[1][1]
    said = kappa(table)
    return Agreement(group, len(found), agree, *(said or (None, None, None)))


def kappa(table: Sequence[Sequence[int]]) -> tuple[float, float, float] | None:
    """Cohen's kappa of a 2 × 2 table of counts and its 95 % interval; None for too few pairs, for one answer alone, and
    where nobody disagrees (the formula then claims certainty)."""
    total = sum(map(sum, table))
    if total < FEWEST or not table[0][1] + table[1][0]:
        return None
    p = [[cell / total for cell in row] for row in table]
    first, second = [sum(row) for row in p], [sum(column) for column in zip(*p, strict=True)]
    chance = sum(a * b for a, b in zip(first, second, strict=True))
    value = (p[0][0] + p[1][1] - chance) / (1 - chance)
    same = sum(p[i][i] * (1 - (first[i] + second[i]) * (1 - value)) ** 2 for i in (0, 1))
    other = (1 - value) ** 2 * sum(p[i][j] * (second[i] + first[j]) ** 2 for i, j in ((0, 1), (1, 0)))
    variance = (same + other - (value - chance * (1 - value)) ** 2) / ((1 - chance) ** 2 * total)
    width = _Z * sqrt(max(variance, 0.0))
    return value, max(value - width, -1.0), min(value + width, 1.0)


def by(found: Iterable[Pair], what: str) -> list[Agreement]:
    """Agreement by `kind` of file, by `rule` that had something to say, or by `period`; a pair counts for each of its
    rules."""
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in found:
        names: Collection[str] = (pair.rules or (NO_RULE,)) if what == "rule" else (getattr(pair, what),)
        for name in names:
            groups[name].append(pair)
    return [agreement(name, groups[name]) for name in sorted(groups)]


def _histories(session: Session) -> list[tuple[ReleaseRequest, list[AuditEvent]]]:
    blind = select(ReleaseRequest.id).where(ReleaseRequest.review_mode == ReviewMode.INDEPENDENT)
    events: dict[str, list[AuditEvent]] = defaultdict(list)
    query = select(AuditEvent).where(
        AuditEvent.subject_type == "release_request",
        AuditEvent.subject_id.in_(blind),
        AuditEvent.action.in_(_ACTIONS),
    )
    for event in session.scalars(query.order_by(AuditEvent.seq)):
        events[event.subject_id].append(event)
    read = [name for name, its in events.items() if any(each.action == "release.reviewed" for each in its)]
    requests = session.scalars(select(ReleaseRequest).where(ReleaseRequest.id.in_(read)))
    return [(request, events[request.id]) for request in requests]


def _readings(events: Iterable[AuditEvent]) -> list[tuple[datetime, list[AuditEvent]]]:
    """The votes of each turn that was read to its end: what was cast before both had finished."""
    ended: list[tuple[datetime, list[AuditEvent]]] = []
    votes: list[AuditEvent] | None = None
    for event in events:
        if event.action in ("release.submitted", "release.resubmitted"):
            votes = []
        elif event.action == "release.voted" and votes is not None:
            votes.append(event)
        elif event.action == "release.reviewed" and votes is not None:
            ended.append((event.at, votes))
            votes = None
    return ended


def _paired(request: ReleaseRequest, at: datetime, votes: Iterable[AuditEvent]) -> list[Pair]:
    cast: dict[tuple[str, str, int], dict[str, str]] = defaultdict(dict)
    for event in votes:
        about = str(event.details.get("binding") or event.details["sha256"])
        one = cast[str(event.details["file"]), about, int(event.details["turn"])]
        one[event.actor.removeprefix("user:")] = str(event.details["choice"])
    files = {file.id: file for file in request.files}
    found = []
    for (name, about, turn), said in cast.items():
        two = [Blind(checker, choice) for checker, choice in said.items() if choice in _DECIDED]
        if name in files and len(two) == 2:
            found.append(_pair(request, files[name], about, turn, at, (two[0], two[1])))
    return found


def _pair(
    request: ReleaseRequest, file: OutputFile, about: str, turn: int, at: datetime, votes: tuple[Blind, Blind]
) -> Pair:
    kind = KINDS.get(PurePosixPath(file.name).suffix.lower(), "other")
    return Pair(
        request.id, request.project_id, file.id, file.name, kind, turn, _rules(file, about, at), at, votes
    )  # fmt: skip


def _rules(file: OutputFile, about: str, at: datetime) -> tuple[str, ...]:
    """Which rules had something to say of these bytes when they were read."""
    read = [each for each in file.reports if about in (each.binding, each.sha256) and each.checked_at <= at]
    findings = read[-1].findings if read else []
    flagged = (each for each in findings if FindingStatus.parse(each.get("status")) is not FindingStatus.PASS)
    return tuple(sorted({str(each.get("rule", "unreadable")) for each in flagged}))
