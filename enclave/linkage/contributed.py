"""What the match and the publication read of the contributions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from enclave.contributions.policies import SNAPSHOT_KIND
from enclave.contributions.store import Contribution, ContributionStore
from enclave.core.clock import Clock
from enclave.core.errors import Unavailable
from enclave.core.signing import Keyring, open_envelope
from enclave.linkage.standardise import IdentityFile


def accepted_until(vault: Path, year: int) -> list[Contribution]:
    """Every accepted contribution up to a year, oldest first: people stay linked after they left a provider."""
    store = ContributionStore(vault)
    years = {
        int(folder.name) for folder in store.root.glob("*/*") if folder.name.isdigit() and int(folder.name) <= year
    }
    return [contribution for each in sorted(years) for contribution in store.accepted(each).values()]


def identity_files(contributions: Iterable[Contribution]) -> list[IdentityFile]:
    return [IdentityFile(each.provider, each.identity, each.year) for each in contributions]


def stewards(snapshot: Path, keyring: Keyring, clock: Clock) -> list[str]:
    """The data stewards that the portal's signed snapshot names."""
    try:
        envelope = json.loads(snapshot.read_bytes())
    except FileNotFoundError:
        raise Unavailable(
            "The vault has no snapshot of the stewards.", "Start the enclave; its worker writes one within a minute."
        ) from None
    payload = open_envelope(envelope, keyring, SNAPSHOT_KIND, clock, {"portal"})
    return [str(name) for name in payload["stewards"]]
