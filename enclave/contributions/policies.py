"""What a provider's agreement lets the vault take in.

The vault reads agreements from a *snapshot*: an envelope that the portal signed. It is the only word on agreements
that a vault job believes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from enclave.contributions.schema import ProviderSchema
from enclave.core.clock import Clock
from enclave.core.errors import NotAllowed, Unavailable
from enclave.core.signing import Keyring, open_envelope

SNAPSHOT_KIND = "vault.snapshot"


@dataclass(frozen=True)
class Agreement:
    """A provider's agreement as the snapshot states it: years inclusive, elements `table.column` → widest route."""

    provider: str
    state: str
    first_year: int
    last_year: int
    elements: Mapping[str, str]


def read_agreement(snapshot: Path, provider: str, keyring: Keyring, clock: Clock) -> Agreement:
    """The provider's agreement in a signed snapshot; NotAllowed where there is none, Unavailable without a snapshot."""
    try:
        envelope = json.loads(snapshot.read_bytes())
    except FileNotFoundError:
        raise Unavailable(
            "The vault has no snapshot of the agreements.", "Start the enclave and run this again: it fetches one."
        ) from None
    payload = open_envelope(envelope, keyring, SNAPSHOT_KIND, clock, {"portal"})
    found = [entry for entry in payload["agreements"] if entry["provider"] == provider]
    active = [entry for entry in found if entry["state"] == "ACTIVE"] or found
    if not active:
        raise NotAllowed(
            f"There is no agreement with the provider {provider}.",
            "Have the participation agreement signed and entered first.",
        )
    entry = active[-1]
    first, last = entry["years"]
    return Agreement(provider, entry["state"], int(first), int(last), dict(entry["elements"]))


def check_agreement_covers(agreement: Agreement, year: int) -> None:
    """Raise NotAllowed unless the agreement is active and covers the year."""
    if agreement.state != "ACTIVE":
        raise NotAllowed(
            f"The agreement with {agreement.provider} is {agreement.state.lower()}, so nothing is taken in.",
            "Reactivate the agreement, or wait until it is signed.",
        )
    if not agreement.first_year <= year <= agreement.last_year:
        raise NotAllowed(
            f"The agreement with {agreement.provider} covers {agreement.first_year} to {agreement.last_year}, "
            f"not {year}.",
            "Amend the agreement, or give the year that the files are for.",
        )


def check_elements_agreed(agreement: Agreement, delivered: Iterable[str]) -> None:
    """Raise NotAllowed with the list of delivered elements (`table.column`) that the agreement does not name."""
    refused = sorted(set(delivered) - set(agreement.elements))
    if refused:
        raise NotAllowed(
            f"The agreement with {agreement.provider} does not cover: {', '.join(refused)}.",
            "Leave these columns out of the files, or amend the agreement.",
        )


def expected_columns(schema: ProviderSchema, agreement: Agreement) -> dict[str, list[str]]:
    """Table → the columns that its file must have: the agreed ones and the record id. No entry: no file is due."""
    expected = {
        table.name: [
            column.name
            for column in table.columns
            if column.kind == "record_id" or f"{table.name}.{column.name}" in agreement.elements
        ]
        for table in schema.tables
    }
    return {name: columns for name, columns in expected.items() if len(columns) > 1}
