"""What another policy pack would have said of the files that were already decided on.

A simulation re-checks stored bytes under the other pack and keeps nothing: statuses and rules come out, no content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound, Unavailable
from output_review.airlock import Airlock
from output_review.checks import Checker, CheckerAway, CheckerCrashed, read_answer
from output_review.model import CheckReport, OutputFile
from output_review.states import FindingStatus

MOST = 2000


@dataclass(frozen=True)
class Subject:
    """One file as it was checked: what is needed to check it again."""

    report: str
    request: str
    name: str
    sha256: str
    sidecars: Mapping[str, str]
    status: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A file's status and raised rules, then and under the other pack."""

    request: str
    name: str
    before: str
    after: str
    rules_before: tuple[str, ...]
    rules_after: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return (self.before, self.rules_before) != (self.after, self.rules_after)


def subjects(session: Session, since: datetime) -> list[str]:
    """The reports to simulate: the last complete one about the present bytes of each file checked since then."""
    query = (
        select(CheckReport.id, CheckReport.file_id)
        .join(OutputFile, OutputFile.id == CheckReport.file_id)
        .where(CheckReport.complete, CheckReport.checked_at >= since, CheckReport.binding == OutputFile.binding)
        .order_by(CheckReport.checked_at.desc(), CheckReport.id.desc())
        .limit(MOST)
    )
    newest: dict[str, str] = {}
    for report, file in session.execute(query):
        newest.setdefault(file, report)
    return list(newest.values())


def subject(session: Session, report_id: str) -> Subject:
    """One report with what its file was; NotFound when there is none."""
    report = session.get(CheckReport, report_id)
    file = None if report is None else session.get(OutputFile, report.file_id)
    if report is None or file is None or file.binding != report.binding:
        raise NotFound("There is no such check to repeat.", "Start the simulation again.")
    rules = raised(report.findings)
    return Subject(report.id, file.request_id, file.name, file.sha256, dict(file.sidecars), report.status, rules)


def simulate(airlock: Airlock, checker: Checker, what: Subject, pack: str) -> Comparison:
    """Check a file again under another pack. Unavailable when the checker is away; a crash counts as review."""
    data = airlock.blobs.read(what.sha256)
    beside = {kind: airlock.blobs.read(digest) for kind, digest in what.sidecars.items()}
    try:
        verdict = read_answer(checker.examine(what.name, data, beside, pack), pack, what.sha256)
        after, rules = verdict.status.value, raised(verdict.findings)
    except CheckerAway as problem:
        raise Unavailable("The checker does not answer.", "Try again in a minute; see `c2c doctor`.") from problem
    except CheckerCrashed:
        after, rules = FindingStatus.REVIEW.value, ("unreadable",)
    return Comparison(what.request, what.name, what.status, after, what.rules, rules)


def raised(findings: list[dict[str, Any]]) -> tuple[str, ...]:
    """The rules that ask for something, in their order."""
    rules = [
        str(finding.get("rule", "unreadable"))
        for finding in findings
        if FindingStatus.parse(finding.get("status")) is not FindingStatus.PASS
    ]
    return tuple(dict.fromkeys(rules))
