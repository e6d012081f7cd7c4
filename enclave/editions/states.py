"""The states of an edition, and those of contributions and match runs as the vault reports them."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class EditionState(StrEnum):
    """Whether an edition may be asked for: only the PUBLISHED one of the latest year is offered to new requests."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"


EDITION = Lifecycle(
    "edition",
    EditionState,
    {
        EditionState.DRAFT: {EditionState.PUBLISHED: Move("vault", "edition.published")},
        EditionState.PUBLISHED: {
            EditionState.SUPERSEDED: Move("vault", "edition.superseded"),
            EditionState.WITHDRAWN: Move("vault", "edition.withdrawn"),
        },
        EditionState.SUPERSEDED: {EditionState.WITHDRAWN: Move("vault", "edition.withdrawn")},
        EditionState.WITHDRAWN: {},
    },
)


class ContributionState(StrEnum):
    """How far the vault got with one provider's year; a mirror, the vault decides."""

    RECEIVED = "RECEIVED"
    VALIDATED = "VALIDATED"
    REJECTED = "REJECTED"
    ACCEPTED = "ACCEPTED"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"


class MatchRunState(StrEnum):
    """How far the vault got with one year's match; a mirror, the vault decides."""

    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    UNDER_REVIEW = "UNDER_REVIEW"
    ACCEPTED = "ACCEPTED"
    PUBLISHED = "PUBLISHED"
    FAILED = "FAILED"
    ABANDONED = "ABANDONED"
