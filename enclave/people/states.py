"""The lifecycle of a person's account."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class UserState(StrEnum):
    """Whether an account may log in."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


USER = Lifecycle(
    "user",
    UserState,
    {
        UserState.ACTIVE: {UserState.SUSPENDED: Move("administrator", "user.suspended")},
        UserState.SUSPENDED: {UserState.ACTIVE: Move("administrator", "user.reinstated")},
    },
)
