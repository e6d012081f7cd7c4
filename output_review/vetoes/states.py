"""The life of one provider's veto of one approved request."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class VetoState(StrEnum):
    """OPEN holds the release. WAIVED: no objection. LAPSED: silence. REFUSED stands until it is WAIVED or OVERRULED;
    the author may contest it once (CONTESTED), and the office decides. CLOSED: the request went back for another
    reason."""

    OPEN = "OPEN"
    WAIVED = "WAIVED"
    LAPSED = "LAPSED"
    REFUSED = "REFUSED"
    CONTESTED = "CONTESTED"
    UPHELD = "UPHELD"
    OVERRULED = "OVERRULED"
    CLOSED = "CLOSED"


S = VetoState
_TAKEN_BACK = Move(who="provider", audit="veto.waived")

LIFECYCLE = Lifecycle(
    "veto",
    VetoState,
    {
        S.OPEN: {
            S.WAIVED: _TAKEN_BACK,
            S.REFUSED: Move(who="provider", audit="veto.refused"),
            S.LAPSED: Move(who="worker", audit="veto.lapsed"),
            S.CLOSED: Move(who="checker", audit="veto.closed"),
        },
        S.REFUSED: {S.CONTESTED: Move(who="author", audit="veto.contested"), S.WAIVED: _TAKEN_BACK},
        S.CONTESTED: {
            S.OVERRULED: Move(who="managing_entity", audit="veto.overruled"),
            S.UPHELD: Move(who="managing_entity", audit="veto.upheld"),
            S.WAIVED: _TAKEN_BACK,
        },
        S.UPHELD: {S.WAIVED: _TAKEN_BACK},
        S.WAIVED: {},
        S.LAPSED: {},
        S.OVERRULED: {},
        S.CLOSED: {},
    },
)

LABEL: dict[VetoState, str] = {
    S.OPEN: "Waits for the provider",
    S.WAIVED: "No objection",
    S.LAPSED: "Silence: it proceeds",
    S.REFUSED: "Refused by the provider",
    S.CONTESTED: "Refused; the author contests it",
    S.UPHELD: "Refused; the office upheld it",
    S.OVERRULED: "Overruled by the office",
    S.CLOSED: "Went back for another reason",
}

STANDING = frozenset({S.REFUSED, S.CONTESTED, S.UPHELD})
"""A refusal that holds for the very files that it was about."""
SETTLED = frozenset({S.WAIVED, S.LAPSED, S.OVERRULED})
"""The provider is not asked again about the very same files."""
