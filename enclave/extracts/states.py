"""The lifecycle of an extract."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class ExtractState(StrEnum):
    """Where one version of a project's extract stands."""

    QUEUED = "QUEUED"
    BUILDING = "BUILDING"
    READY = "READY"
    BLOCKED = "BLOCKED"
    FAILED = "FAILED"
    SUPERSEDED = "SUPERSEDED"
    REVOKED = "REVOKED"
    DESTROYED = "DESTROYED"


_REVOKE = Move("managing entity", "extract.revoked")
_DESTROY = Move("worker", "extract.destroyed")
EXTRACT = Lifecycle(
    "extract",
    ExtractState,
    {
        ExtractState.QUEUED: {
            ExtractState.BUILDING: Move("worker", "extract.building"),
            ExtractState.REVOKED: _REVOKE,
        },
        ExtractState.BUILDING: {
            ExtractState.READY: Move("worker", "extract.ready"),
            ExtractState.BLOCKED: Move("worker", "extract.blocked"),
            ExtractState.FAILED: Move("worker", "extract.failed"),
            ExtractState.REVOKED: _REVOKE,
        },
        ExtractState.READY: {
            ExtractState.SUPERSEDED: Move("worker", "extract.superseded"),
            ExtractState.REVOKED: _REVOKE,
        },
        ExtractState.BLOCKED: {ExtractState.REVOKED: _REVOKE},
        ExtractState.FAILED: {
            ExtractState.QUEUED: Move("managing entity", "extract.queued_again"),
            ExtractState.REVOKED: _REVOKE,
        },
        ExtractState.SUPERSEDED: {ExtractState.DESTROYED: _DESTROY},
        ExtractState.REVOKED: {ExtractState.DESTROYED: _DESTROY},
        ExtractState.DESTROYED: {},
    },
)
#: States in which the extract's files may be, or may come to be, in use.
LIVE = frozenset({ExtractState.QUEUED, ExtractState.BUILDING, ExtractState.READY})
#: States from which files may still lie in the research store.
GONE_NEXT = frozenset({ExtractState.SUPERSEDED, ExtractState.REVOKED})

#: States in which a signed manifest may be verified.
BUILT = frozenset({ExtractState.READY, *GONE_NEXT})

NEXT_STEP: dict[ExtractState, str] = {
    ExtractState.QUEUED: "It is built as soon as the worker is free.",
    ExtractState.BUILDING: "It is being built and verified; this takes seconds to minutes.",
    ExtractState.READY: "It is mounted, read-only, when a member opens the lab.",
    ExtractState.BLOCKED: "The verifier refused it: change the request, or ask the providers about their limits.",
    ExtractState.FAILED: "The build did not finish: build it again, or give the incident id to the data steward.",
    ExtractState.SUPERSEDED: "A newer version took its place; destroy it when nobody needs it.",
    ExtractState.REVOKED: "Nobody can use it any more; destroy it.",
    ExtractState.DESTROYED: "It is gone; the certificate says what was removed and where.",
}
