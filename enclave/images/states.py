"""The life of a request for a package."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class PackageState(StrEnum):
    """REQUESTED → APPROVED (on the approved list) → BUILT (in an image); or REFUSED, WITHDRAWN."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    BUILT = "BUILT"


_REFUSE = Move("an administrator or a data steward", "package.refused")

PACKAGE = Lifecycle(
    "package request",
    PackageState,
    {
        PackageState.REQUESTED: {
            PackageState.APPROVED: Move("an administrator or a data steward, not who asked", "package.approved"),
            PackageState.REFUSED: _REFUSE,
            PackageState.WITHDRAWN: Move("who asked", "package.withdrawn"),
        },
        PackageState.APPROVED: {
            PackageState.BUILT: Move("the operator", "package.built"),
            PackageState.REFUSED: _REFUSE,
        },
        PackageState.REFUSED: {},
        PackageState.WITHDRAWN: {},
        PackageState.BUILT: {},
    },
)
UNFINISHED = (PackageState.REQUESTED, PackageState.APPROVED)
LISTED = (PackageState.APPROVED, PackageState.BUILT)
"""The approved list: what an image may be built with."""
