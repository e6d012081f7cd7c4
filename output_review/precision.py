"""How often checkers uphold what a rule raises, so that a rule which cries wolf is seen.

A finding is *decided* when people have dealt with the very bytes that it is about. It was *upheld* when those bytes did
not leave: they were changed or withdrawn after it, sent back or rejected, or an exception was refused. It was *not
upheld* when they were approved with it standing. What is still open counts for neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from c2c_research.disclosure.policy import NEVER_ADVICE
from output_review.model import CheckReport, OutputFile, ReleaseRequest
from output_review.simulation import raised
from output_review.states import ExceptionState, ReleaseState, VoteChoice

WINDOW = 50
READ_AT_MOST = 5000
ENOUGH = 30
ADVICE_BELOW = 0.30

_LEFT = frozenset({ReleaseState.APPROVED, ReleaseState.RELEASED})
_SENT_BACK = frozenset({ReleaseState.RETURNED, ReleaseState.REJECTED, ReleaseState.REVOKED})


@dataclass(frozen=True)
class Precision:
    """A rule's last decisions under one pack."""

    rule: str
    raised: int
    upheld: int

    @property
    def share(self) -> float | None:
        """Upheld of raised; None where nothing was decided."""
        return self.upheld / self.raised if self.raised else None

    @property
    def cries_wolf(self) -> bool:
        """Whether enough was decided to say that the rule is seldom right; the policy's owner then decides on it."""
        share = self.share
        return self.rule not in NEVER_ADVICE and self.raised >= ENOUGH and share is not None and share < ADVICE_BELOW


def precisions(session: Session, pack: str) -> dict[str, Precision]:
    """The precision of each rule over its last 50 decisions under a pack, by rule."""
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for rule, upheld in _decisions(session, pack):
        if len(outcomes[rule]) < WINDOW:
            outcomes[rule].append(upheld)
    return {rule: Precision(rule, len(all_), sum(all_)) for rule, all_ in outcomes.items()}


def _decisions(session: Session, pack: str) -> Iterator[tuple[str, bool]]:
    """(rule, upheld) of every decided finding, the newest first, once a file and rule for the same bytes."""
    seen: set[tuple[str, str, str]] = set()
    query = (
        select(CheckReport, OutputFile, ReleaseRequest.state)
        .join(OutputFile, OutputFile.id == CheckReport.file_id)
        .join(ReleaseRequest, ReleaseRequest.id == OutputFile.request_id)
        .where(CheckReport.complete, CheckReport.policy_name == pack)
        .order_by(CheckReport.checked_at.desc(), CheckReport.id.desc())
        .limit(READ_AT_MOST)
    )
    for report, file, state in session.execute(query):
        for rule in raised(report.findings):
            key = (file.id, report.binding, rule)
            outcome = _outcome(report, file, ReleaseState(state), rule)
            if key not in seen and outcome is not None:
                yield rule, outcome
            seen.add(key)


def _outcome(report: CheckReport, file: OutputFile, state: ReleaseState, rule: str) -> bool | None:
    """True: upheld. False: approved all the same. None: nobody has decided yet."""
    answers = [asked for asked in file.exceptions if asked.binding == report.binding and asked.rule == rule]
    if any(asked.state == ExceptionState.REFUSED for asked in answers):
        return True
    if file.withdrawn or file.binding != report.binding:
        return True
    choices = {vote.choice for vote in file.votes if vote.binding == report.binding}
    if state in _SENT_BACK or VoteChoice.CHANGES_REQUESTED in choices:
        return True
    return False if state in _LEFT else None
