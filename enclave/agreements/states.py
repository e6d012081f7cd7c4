"""The lifecycle of an agreement, and the routes by which an element may be used."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class PartyKind(StrEnum):
    """What a party is in the data system."""

    DATA_PROVIDER = "data_provider"
    GOVERNING = "governing"
    TECHNICAL = "technical"
    LICENSED_SOURCE = "licensed_source"


class Route(IntEnum):
    """How far an element may travel; a higher route includes the lower ones."""

    NONE = 0
    DP = 1
    AGGREGATE = 2
    EXTRACT = 3

    @classmethod
    def named(cls, name: str) -> Route:
        """The route that an agreement writes as ``name``."""
        return cls[name.upper()]

    @property
    def label(self) -> str:
        """How agreements write this route."""
        return self.name.lower()


class AgreementState(StrEnum):
    """Whether an agreement is in force."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"
    TERMINATED = "TERMINATED"


_ACTIVATED = Move("managing entity", "agreement.activated")
_EXPIRED = Move("worker", "agreement.expired")
_TERMINATED = Move("managing entity", "agreement.terminated")
_TABLE: dict[AgreementState, dict[AgreementState, Move]] = {
    AgreementState.DRAFT: {AgreementState.ACTIVE: _ACTIVATED, AgreementState.TERMINATED: _TERMINATED},
    AgreementState.ACTIVE: {
        AgreementState.SUSPENDED: Move("managing entity", "agreement.suspended"),
        AgreementState.EXPIRED: _EXPIRED,
        AgreementState.TERMINATED: _TERMINATED,
    },
    AgreementState.SUSPENDED: {
        AgreementState.ACTIVE: _ACTIVATED,
        AgreementState.EXPIRED: _EXPIRED,
        AgreementState.TERMINATED: _TERMINATED,
    },
    AgreementState.EXPIRED: {},
    AgreementState.TERMINATED: {},
}
PARTICIPATION = Lifecycle("participation agreement", AgreementState, _TABLE)
DATA_USE = Lifecycle("data use agreement", AgreementState, _TABLE)
