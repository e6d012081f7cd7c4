"""What the state of agreements allows, whoever asks."""

from __future__ import annotations

from datetime import datetime

from enclave.agreements.model import ParticipationAgreement
from enclave.agreements.states import AgreementState, Route
from enclave.core.errors import Conflict, Unprocessable


def in_force(agreement: ParticipationAgreement | None, now: datetime) -> bool:
    """Whether the agreement lets anything be used at this moment."""
    return agreement is not None and agreement.state == AgreementState.ACTIVE and now < agreement.expires_at


def check_activation_allowed(agreement: ParticipationAgreement, now: datetime) -> None:
    """An agreement whose time is over cannot come into force."""
    if now >= agreement.expires_at:
        raise Conflict("This agreement's time is over.", "Draw up a new one with a later expiry.")


def check_use_allowed(
    agreement: ParticipationAgreement | None, now: datetime, table: str, column: str, wanted: Route
) -> None:
    """Raise unless the element may be used by this route now."""
    if agreement is None or not in_force(agreement, now):
        raise Unprocessable(
            "The provider of this element has no agreement in force.", "Ask the office when it will be."
        )
    if agreement.route(table, column) < wanted:
        raise Unprocessable(
            f"The agreement does not open {table}.{column} to this use.",
            f"It allows: {agreement.route(table, column).label}.",
        )
