"""A report as lines of text for people: files, findings, questions, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from c2c_research.disclosure.findings import CheckReport, FileReport, Finding, Status

if TYPE_CHECKING:
    from c2c_research.disclosure.repairs import Repair

_SAID = {Status.PASS: "passes", Status.REVIEW: "needs a reviewer's look", Status.FAIL: "does not pass"}
SHOWN_CELLS = 6


def lines(report: CheckReport) -> Iterator[str]:
    """The whole report."""
    for item in report.files:
        yield from file_lines(item)
    yield f"{len(report.files)} checked against {report.policy_name} {report.policy_version}: {report.status.word}."
    if report.unchecked:
        yield f"Rules that reviewers look at themselves: {', '.join(report.unchecked)}."


def file_lines(report: FileReport) -> Iterator[str]:
    """One file's part."""
    yield f"{report.path}: {_SAID[report.status]}"
    for finding in report.findings:
        yield f"  {_word(finding.status):6} {finding.rule}: {finding.message}{place(finding)}"
    for question in report.questions:
        yield f"  asks   {question.about}: {question.text}"


def repair_lines(written: Sequence[tuple[str, Repair, Path]]) -> Iterator[str]:
    """What was repaired, and where it lies."""
    for name, repair, path in written:
        yield f"{path}: {name} {repair.kind}. {repair.changed} It passes alone; check the request with it again."
    if not written:
        yield "No repair is offered: the files pass, or nothing that was tried makes one pass."


def _word(status: Status) -> str:
    """A finding that changes nothing is advice."""
    return "advice" if status is Status.PASS else status.word


def place(finding: Finding) -> str:
    """Where a finding sits, as data row and column counted from 1."""
    cells = [f"row {row + 1} column {column + 1}" for row, column in finding.cells[:SHOWN_CELLS]]
    more = len(finding.cells) - SHOWN_CELLS
    where = [finding.where] if finding.where else []
    parts = [*where, *cells, *([f"and {more} more"] if more > 0 else [])]
    return f" ({', '.join(parts)})" if parts else ""
