"""The life of a ledger entry."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class EntryState(StrEnum):
    """RESERVED: charged, the answer is awaited. SPENT: charged for good, answered or not. VOIDED: given back,
    because the research store has signed that no data was read and none will be."""

    RESERVED = "RESERVED"
    SPENT = "SPENT"
    VOIDED = "VOIDED"


ENTRY = Lifecycle(
    "ledger entry",
    EntryState,
    {
        EntryState.RESERVED: {
            EntryState.SPENT: Move("data service", "dp.spent"),
            EntryState.VOIDED: Move("data service", "dp.voided"),
        },
        EntryState.SPENT: {},
        EntryState.VOIDED: {},
    },
)
