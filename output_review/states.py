"""The lifecycle of a release request, the phases of its review, and the words for a file, a vote and a finding.

Each table names every member of its enum once; a test holds them to it. Arrows, owners and audit tags are data, so the
diagram in the documentation is printed from here.
"""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class ReleaseState(StrEnum):
    """Where a release request stands; see `OWNER` for whose turn it is."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    PARTIALLY_REVIEWED = "PARTIALLY_REVIEWED"
    REVIEWED = "REVIEWED"
    APPROVED = "APPROVED"
    RELEASED = "RELEASED"
    RETURNED = "RETURNED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"


class ReviewPhase(StrEnum):
    """Who is reading: decides what each side may see of the other."""

    AUTHOR = "AUTHOR"
    INDEPENDENT = "INDEPENDENT"
    CONSOLIDATING = "CONSOLIDATING"
    COMPLETE = "COMPLETE"


class ReviewMode(StrEnum):
    """How many read, and whether they see each other's votes."""

    SINGLE = "SINGLE"
    SEQUENTIAL = "SEQUENTIAL"
    INDEPENDENT = "INDEPENDENT"


class FileKind(StrEnum):
    """OUTPUT and CODE leave and are voted on; SUPPORTING helps the reader and never leaves."""

    OUTPUT = "OUTPUT"
    SUPPORTING = "SUPPORTING"
    CODE = "CODE"


class VoteChoice(StrEnum):
    """UNDECIDED is what a request for changes becomes when the author has answered it."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    UNDECIDED = "UNDECIDED"


class Visibility(StrEnum):
    """A PRIVATE comment is for the checkers alone, for ever."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class FindingStatus(StrEnum):
    """Ordered by `rank`: the worst finding is the file's status. What is unknown is REVIEW at least."""

    PASS = "pass"  # noqa: S105 - a verdict, not a word of entry
    REVIEW = "review"
    FAIL = "fail"

    @property
    def rank(self) -> int:
        return ("pass", "review", "fail").index(self.value)

    @classmethod
    def worst(cls, statuses: list[FindingStatus]) -> FindingStatus:
        return max(statuses, key=lambda status: status.rank, default=cls.REVIEW)

    @classmethod
    def parse(cls, text: object) -> FindingStatus:
        """Anything but the three known words is REVIEW: an unknown answer never counts as a pass."""
        try:
            return cls(str(text).lower())
        except ValueError:
            return cls.REVIEW


class ExceptionState(StrEnum):
    """A justification is REQUESTED by the author; only a senior checker grants or refuses it."""

    REQUESTED = "REQUESTED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


class RepairState(StrEnum):
    """A repair is OFFERED, TAKEN by the author in the place of the file, and can be UNDONE until the submission."""

    OFFERED = "OFFERED"
    TAKEN = "TAKEN"
    UNDONE = "UNDONE"


class LookState(StrEnum):
    """A second look after the release is OPEN until a checker AGREED with it or called it an INCIDENT."""

    OPEN = "OPEN"
    AGREED = "AGREED"
    INCIDENT = "INCIDENT"


class AppealState(StrEnum):
    """An appeal against a rejection is OPEN until a senior checker UPHELD the rejection or REOPENED the request."""

    OPEN = "OPEN"
    UPHELD = "UPHELD"
    REOPENED = "REOPENED"


S = ReleaseState

TRANSITIONS: dict[ReleaseState, dict[ReleaseState, Move]] = {
    S.DRAFT: {
        S.SUBMITTED: Move(who="author", audit="release.submitted"),
        S.WITHDRAWN: Move(who="author", audit="release.withdrawn"),
    },
    S.SUBMITTED: {
        S.PARTIALLY_REVIEWED: Move(who="checker", audit="release.partially_reviewed"),
        S.REVIEWED: Move(who="checker", audit="release.reviewed"),
        S.RETURNED: Move(who="checker", audit="release.returned"),
        S.REJECTED: Move(who="checker", audit="release.rejected"),
        S.WITHDRAWN: Move(who="author", audit="release.withdrawn"),
    },
    S.PARTIALLY_REVIEWED: {
        S.REVIEWED: Move(who="checker", audit="release.reviewed"),
        S.RETURNED: Move(who="checker", audit="release.returned"),
        S.REJECTED: Move(who="checker", audit="release.rejected"),
        S.WITHDRAWN: Move(who="author", audit="release.withdrawn"),
    },
    S.REVIEWED: {
        S.APPROVED: Move(who="checker", audit="release.approved"),
        S.RETURNED: Move(who="checker", audit="release.returned"),
        S.REJECTED: Move(who="checker", audit="release.rejected"),
        S.WITHDRAWN: Move(who="author", audit="release.withdrawn"),
    },
    S.RETURNED: {
        S.SUBMITTED: Move(who="author", audit="release.resubmitted"),
        S.WITHDRAWN: Move(who="author", audit="release.withdrawn"),
    },
    S.APPROVED: {
        S.RELEASED: Move(who="worker", audit="release.released"),
        # a release that came out in between can make an approved request unsafe; a provider may have a veto (`vetoes`)
        S.RETURNED: Move(who="checker or provider", audit="release.returned"),
    },
    S.RELEASED: {S.REVOKED: Move(who="senior_checker", audit="release.revoked")},
    # by an appeal alone (`appeals`)
    S.REJECTED: {S.RETURNED: Move(who="senior_checker", audit="release.reopened")},
    S.WITHDRAWN: {},
    S.REVOKED: {},
}

LIFECYCLE = Lifecycle("release request", ReleaseState, TRANSITIONS)

REPAIR = Lifecycle(
    "repair",
    RepairState,
    {
        RepairState.OFFERED: {RepairState.TAKEN: Move(who="author", audit="release.repair_taken")},
        RepairState.TAKEN: {RepairState.UNDONE: Move(who="author", audit="release.repair_undone")},
        RepairState.UNDONE: {RepairState.TAKEN: Move(who="author", audit="release.repair_taken")},
    },
)

LOOK = Lifecycle(
    "second look",
    LookState,
    {
        LookState.OPEN: {
            LookState.AGREED: Move(who="checker", audit="release.second_look_agreed"),
            LookState.INCIDENT: Move(who="checker", audit="release.second_look_incident"),
        },
        LookState.AGREED: {},
        LookState.INCIDENT: {},
    },
)

APPEAL = Lifecycle(
    "appeal",
    AppealState,
    {
        AppealState.OPEN: {
            AppealState.UPHELD: Move(who="senior_checker", audit="release.appeal_upheld"),
            AppealState.REOPENED: Move(who="senior_checker", audit="release.appeal_reopened"),
        },
        AppealState.UPHELD: {},
        AppealState.REOPENED: {},
    },
)

PHASE: dict[ReleaseState, ReviewPhase] = {
    S.DRAFT: ReviewPhase.AUTHOR,
    S.SUBMITTED: ReviewPhase.INDEPENDENT,
    S.PARTIALLY_REVIEWED: ReviewPhase.INDEPENDENT,
    S.REVIEWED: ReviewPhase.CONSOLIDATING,
    S.APPROVED: ReviewPhase.COMPLETE,
    S.RELEASED: ReviewPhase.COMPLETE,
    S.RETURNED: ReviewPhase.AUTHOR,
    S.REJECTED: ReviewPhase.COMPLETE,
    S.WITHDRAWN: ReviewPhase.COMPLETE,
    S.REVOKED: ReviewPhase.COMPLETE,
}

OWNER: dict[ReleaseState, str] = {
    S.DRAFT: "author",
    S.SUBMITTED: "checkers",
    S.PARTIALLY_REVIEWED: "checkers",
    S.REVIEWED: "checkers",
    S.APPROVED: "worker",
    S.RELEASED: "nobody",
    S.RETURNED: "author",
    S.REJECTED: "nobody",
    S.WITHDRAWN: "nobody",
    S.REVOKED: "nobody",
}

LABEL: dict[ReleaseState, str] = {
    S.DRAFT: "Draft",
    S.SUBMITTED: "Waiting for review",
    S.PARTIALLY_REVIEWED: "Reviewed by one checker",
    S.REVIEWED: "Reviewed, to be decided",
    S.APPROVED: "Approved, release under way",
    S.RELEASED: "Released",
    S.RETURNED: "Returned to the author",
    S.REJECTED: "Rejected",
    S.WITHDRAWN: "Withdrawn by the author",
    S.REVOKED: "Revoked after release",
}

EDITABLE = frozenset({S.DRAFT, S.RETURNED})
UNDER_REVIEW = frozenset({S.SUBMITTED, S.PARTIALLY_REVIEWED, S.REVIEWED})
SUBMITTED_ONCE = frozenset(ReleaseState) - {S.DRAFT}
VOTABLE = frozenset({FileKind.OUTPUT, FileKind.CODE})
