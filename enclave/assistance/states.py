"""The life of an ask for assistance."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class AssistanceState(StrEnum):
    """ASKED → OPEN (consent, or a second person) → ENDED; or REFUSED, WITHDRAWN."""

    ASKED = "ASKED"
    OPEN = "OPEN"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    ENDED = "ENDED"


ASSISTANCE = Lifecycle(
    "assistance",
    AssistanceState,
    {
        AssistanceState.ASKED: {
            AssistanceState.OPEN: Move("the member; if urgent the managing entity", "assistance.opened"),
            AssistanceState.REFUSED: Move("the member", "assistance.refused"),
            AssistanceState.WITHDRAWN: Move("who asked", "assistance.withdrawn"),
        },
        AssistanceState.REFUSED: {
            AssistanceState.OPEN: Move("the managing entity, if urgent", "assistance.opened"),
        },
        AssistanceState.OPEN: {AssistanceState.ENDED: Move("either side, or the worker in time", "assistance.ended")},
        AssistanceState.WITHDRAWN: {},
        AssistanceState.ENDED: {},
    },
)
UNFINISHED = (AssistanceState.ASKED, AssistanceState.OPEN)
