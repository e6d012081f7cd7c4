"""The life of a publication at the gate."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class PublicationState(StrEnum):
    """DRAFT → OUT_FOR_COMMENT → CLEARED by the worker, when the time is over or every provider has spoken."""

    DRAFT = "DRAFT"
    OUT_FOR_COMMENT = "OUT_FOR_COMMENT"
    CLEARED = "CLEARED"
    WITHDRAWN = "WITHDRAWN"


S = PublicationState

LIFECYCLE = Lifecycle(
    "publication",
    PublicationState,
    {
        S.DRAFT: {
            S.OUT_FOR_COMMENT: Move(who="author", audit="publication.sent"),
            S.WITHDRAWN: Move(who="author", audit="publication.withdrawn"),
        },
        S.OUT_FOR_COMMENT: {
            S.CLEARED: Move(who="worker", audit="publication.cleared"),
            S.WITHDRAWN: Move(who="author", audit="publication.withdrawn"),
        },
        S.CLEARED: {},
        S.WITHDRAWN: {},
    },
)

LABEL: dict[PublicationState, str] = {
    S.DRAFT: "Draft",
    S.OUT_FOR_COMMENT: "With the providers for comment",
    S.CLEARED: "Cleared for publication",
    S.WITHDRAWN: "Withdrawn",
}
