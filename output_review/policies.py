"""Does the *state* allow it? What is asked of a request before it moves, whoever asks.

Every limit is a field of `ReviewPolicy`. The default is sequential four-eyes: two different checkers, the second may
read what the first thought; a share of requests, drawn from the request's random id, is read blind by both
(the idea of opensafely's output checking: independent first, consolidated afterwards).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Protocol

from enclave.core.digests import sha256_hex
from enclave.core.errors import BadInput, Conflict, TooMany, Unprocessable
from output_review.model import OutputFile, ReleaseRequest
from output_review.states import ExceptionState, FindingStatus, ReleaseState, ReviewMode, VoteChoice
from output_review.vetoes.policies import refusal_sentences

CHECKLIST: dict[str, str] = {
    "understood": "I understand what each file shows, of whom, and how it was made.",
    "counts": "Every count of persons follows the policy, in cells, margins and percentages.",
    "linked": "Nothing can be worked out by subtracting what this project released before.",
    "figures": "Figures show no single person, and were compared with the table they were drawn from.",
    "notes": "Titles, notes and code name no person and print no rows.",
}

KINDS: dict[str, str] = {
    ".csv": "table", ".tsv": "table", ".xlsx": "workbook", ".json": "json", ".ipynb": "notebook",
    ".png": "image", ".jpg": "image", ".jpeg": "image",
    ".txt": "text", ".md": "text", ".log": "text", ".tex": "text", ".html": "markup", ".svg": "markup",
    ".py": "code", ".r": "code", ".do": "code", ".sql": "code", ".yaml": "code", ".yml": "code",
}  # fmt: skip
"""Endings that the airlock takes. What a checker cannot read on one screen is refused, never guessed."""

_NAME = re.compile(r"[\w][\w .,()+=@-]{0,119}", re.ASCII)
_CLOCK_DAYS = 5


class FileDecision(StrEnum):
    """What the votes on a file come to."""

    INCOMPLETE = "INCOMPLETE"
    CONFLICTED = "CONFLICTED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    APPROVED = "APPROVED"


@dataclass(frozen=True)
class ReviewPolicy:
    """How this enclave reviews."""

    mode: ReviewMode = ReviewMode.SEQUENTIAL
    blind_percent: int | None = None
    """None: as the tier says."""
    pack: str = "enclave-default"
    max_files: int = 100
    max_file_bytes: int = 32 * 2**20
    max_request_bytes: int = 256 * 2**20
    check_attempts: int = 3


def review_mode(policy: ReviewPolicy, request_id: str, percent: int) -> ReviewMode:
    """Drawn from the request's id, which is random: nobody chooses, and everybody can recompute it."""
    drawn = int(sha256_hex(request_id.encode())[:8], 16) % 100
    share = percent if policy.blind_percent is None else policy.blind_percent
    if policy.mode is ReviewMode.SEQUENTIAL and drawn < share:
        return ReviewMode.INDEPENDENT
    return policy.mode


_VOTES: dict[ReviewMode, int] = {ReviewMode.SINGLE: 1, ReviewMode.SEQUENTIAL: 2, ReviewMode.INDEPENDENT: 2}


class Reviewed(Protocol):
    """What tells how a request is reviewed, whole or in a list."""

    @property
    def review_mode(self) -> str: ...


def required_votes(request: Reviewed) -> int:
    """How many different checkers must approve each file that leaves."""
    return _VOTES[ReviewMode(request.review_mode)]


def check_path(name: str) -> str:
    """A relative path of plain names, at most four folders deep; else BadInput."""
    path = PurePosixPath(name)
    parts = name.split("/")
    if (
        path.is_absolute()
        or len(parts) > 4
        or any(not _NAME.fullmatch(part) or part.endswith((" ", ".")) for part in parts)
    ):
        raise BadInput(
            "A file's name cannot be used.",
            "Use letters, digits, blanks and . , ( ) + = @ - _ only, at most four folders deep.",
        )
    return str(path)


def check_name(name: str) -> str:
    """A path as `check_path` takes it whose ending is on the list of what may leave; else BadInput."""
    path = PurePosixPath(check_path(name))
    if path.suffix.lower() not in KINDS:
        raise BadInput(
            f"Files ending in “{path.suffix[:12]}” are not taken by the airlock.",
            "Submit tables as CSV or XLSX, figures as PNG with their table, text as TXT or MD, code as source. "
            "Saved models and data files of statistics programs stay inside.",
        )
    return str(path)


def check_editable(request: ReleaseRequest) -> None:
    if not request.editable:
        raise Conflict(
            "Files change only while a request is a draft or returned.",
            "Ask a checker to return it, or withdraw it and start a new one.",
        )


def check_under_review(request: ReleaseRequest) -> None:
    if not request.under_review:
        raise Conflict("This request is not under review.", "Reload the page to see its present state.")


def check_returnable(request: ReleaseRequest) -> None:
    if not request.under_review and request.state != ReleaseState.APPROVED:
        raise Conflict("This request cannot be returned now.", "Reload the page to see its present state.")


def check_approved(request: ReleaseRequest) -> None:
    if request.state != ReleaseState.APPROVED:
        raise Conflict("This request is not approved, or was released.", "Reload the page to see its present state.")


def check_checkable(request: ReleaseRequest) -> None:
    if not request.editable and not request.under_review:
        raise Conflict("The checks of this request are over.", "Reload the page to see its present state.")


def check_sizes(policy: ReviewPolicy, request: ReleaseRequest, name: str, size: int) -> None:
    others = [file for file in request.present_files if file.name != name]
    if size > policy.max_file_bytes:
        raise TooMany(
            f"“{name}” is larger than {policy.max_file_bytes // 2**20} MB.",
            "Submit a summary; a table that large is seldom releasable.",
        )
    if len(others) + 1 > policy.max_files or sum(f.size for f in others) + size > policy.max_request_bytes:
        raise TooMany("This request holds as much as one request may.", "Put the rest in a second request.")


def check_can_submit(request: ReleaseRequest) -> None:
    """Something to review, every file checked as it is now, every FAIL answered."""
    if not request.votable_files:
        raise Unprocessable("The request has no output to review.", "Add at least one output or code file.")
    unchecked = [file.name for file in request.present_files if file.report is None]
    if unchecked:
        raise Conflict(
            f"The checks have not run on {_names(unchecked)}.", "Run the checks, read the findings, then submit."
        )
    unanswered = [file.name for file in request.votable_files if unjustified_rules(file)]
    if unanswered:
        raise Unprocessable(
            f"A check fails on {_names(unanswered)} and you have not said why it should leave all the same.",
            "Repair and replace the file, or write a justification for each failing rule.",
        )


def unjustified_rules(file: OutputFile) -> list[str]:
    asked = file.current_exceptions
    return [rule for rule in file.failing_rules if rule not in asked]


def ungranted_rules(file: OutputFile) -> list[str]:
    granted = {rule for rule, item in file.current_exceptions.items() if item.state == ExceptionState.GRANTED}
    return [rule for rule in file.failing_rules if rule not in granted]


def decision(request: ReleaseRequest, file: OutputFile, barred: Collection[str] = ()) -> FileDecision:
    """From votes on the present binding by checkers who are not barred (the author, the project's members)."""
    choices = {v.checker: v.choice for v in file.current_votes if v.checker not in barred}
    approved = sum(choice == VoteChoice.APPROVED for choice in choices.values())
    refused = sum(choice == VoteChoice.CHANGES_REQUESTED for choice in choices.values())
    if approved and refused:
        return FileDecision.CONFLICTED
    if refused:
        return FileDecision.CHANGES_REQUESTED
    return FileDecision.APPROVED if approved >= required_votes(request) else FileDecision.INCOMPLETE


def finished_checkers(request: ReleaseRequest, barred: Collection[str] = ()) -> list[str]:
    """Who has decided on every file as it is now."""
    voted = [
        {v.checker for v in file.current_votes if v.choice != VoteChoice.UNDECIDED} for file in request.votable_files
    ]
    return sorted(set.intersection(*voted) - set(barred)) if voted else []


def derived_state(request: ReleaseRequest, barred: Collection[str] = ()) -> ReleaseState:
    """What the votes make of a request that is under review."""
    finished = len(finished_checkers(request, barred))
    if finished >= required_votes(request):
        return ReleaseState.REVIEWED
    return ReleaseState.PARTIALLY_REVIEWED if finished else ReleaseState.SUBMITTED


def missing_for_approval(request: ReleaseRequest, barred: Collection[str] = ()) -> list[str]:
    """Every reason why the request may not leave yet, as sentences; empty means that it may."""
    reasons = [] if request.votable_files else ["There is no file to release."]
    need = required_votes(request)
    for file in request.votable_files:
        stand = decision(request, file, barred)
        if stand is FileDecision.INCOMPLETE:
            reasons.append(f"“{file.name}” needs the approval of {need} checkers on its present bytes.")
        elif stand is not FileDecision.APPROVED:
            reasons.append(f"A checker asks for changes to “{file.name}”.")
        report = file.report
        if report is None or not report.complete or not report.linked:
            reasons.append(f"The checks of “{file.name}” are not complete.")
        elif ungranted_rules(file):
            rules = ", ".join(ungranted_rules(file))
            reasons.append(f"“{file.name}” fails {rules} and a senior checker has not granted an exception.")
    return [*reasons, *refusal_sentences(request)]


def check_can_approve(request: ReleaseRequest, barred: Collection[str] = ()) -> None:
    reasons = missing_for_approval(request, barred)
    if reasons:
        raise Conflict(" ".join(reasons), "Finish the votes and exceptions, or return the request to its author.")


def due_at(submitted: datetime, days: int = _CLOCK_DAYS) -> datetime:
    """The review clock: that many working days (Monday to Friday) after the submission."""
    due = submitted
    while days:
        due += timedelta(days=1)
        days -= due.weekday() < 5
    return due


def worst_status(request: ReleaseRequest) -> FindingStatus:
    return FindingStatus.worst([file.status for file in request.present_files])


def _names(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
