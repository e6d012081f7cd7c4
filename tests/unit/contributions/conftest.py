"""A vault with agreements, and deliveries to try on it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from enclave.contributions.delivery import read_folder
from enclave.contributions.events import EventFolder
from enclave.contributions.schema import PROVIDERS, load_schema
from enclave.contributions.service import IntakeResult, VaultContext, take_in
from enclave.core.clock import FixedClock
from enclave.core.signing import Keyring, SigningKey, open_envelope, seal

Rows = list[dict[str, str]]


class Vault:
    """A vault in a temporary folder; `sign` replaces its snapshot of agreements."""

    def __init__(self, root: Path, keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock) -> None:
        self.root, self.keys, self.keyring, self.clock = root, keys, keyring, clock
        (root / "events").mkdir(parents=True)
        (root / "vault").mkdir()
        self.context = VaultContext(
            root / "vault", root / "snapshot.json", EventFolder(root / "events", keys["vault"], clock), keyring,
            keys["vault"], clock,
        )  # fmt: skip
        self.sign()

    def sign(self, issuer: str = "portal", **changes: Any) -> None:
        """Put a snapshot with an active agreement for every provider, changed as asked."""
        agreements = [
            {"provider": p, "state": "ACTIVE", "years": [2020, 2030], "elements": load_schema(p).elements(), **changes}
            for p in PROVIDERS
        ]
        payload = {"agreements": agreements, "stewards": ["stella"]}
        envelope = seal("vault.snapshot", payload, self.keys[issuer], self.clock)
        self.context.snapshot.write_text(json.dumps(envelope))

    def take_in(self, folder: Path, provider: str = "ctc", year: int = 2025) -> IntakeResult:
        return take_in(self.context, read_folder(provider, year, folder))

    def events(self) -> list[dict[str, Any]]:
        """The payloads of all events, in the order in which the worker reads them."""
        return [
            open_envelope(json.loads(path.read_bytes()), self.keyring, "vault.event", self.clock, {"vault"})
            for path in sorted((self.root / "events").glob("*.json"))
        ]

    def files(self) -> list[str]:
        """Every file of the contributions folder that is no lock."""
        root = self.root / "vault"
        return sorted(
            str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.name != ".lock"
        )


@pytest.fixture
def vault(tmp_path: Path, keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock) -> Vault:
    return Vault(tmp_path / "zone", keys, keyring, clock)


def person(number: int, **changes: str) -> dict[str, str]:
    """One good row of the credentialing commission's roster."""
    return {
        "record_id": f"T{number:010d}", "first_name": "Canary", "middle_name": "Q", "last_name": f"Kestrel{number}",
        "suffix": "", "date_of_birth": "1990-04-17", "sex": "F", "ssn": f"{212345000 + number}",
        "street": "17 Birdcage Walk",
        "city": "Finch Hills", "zip": "90210", "email": f"canary{number}@example.org", **changes,
    }  # fmt: skip


def credential(number: int, **changes: str) -> dict[str, str]:
    """One good row of its credentials."""
    return {
        "record_id": f"T{number:010d}", "academic_year": "2024", "credential_type": "single_subject",
        "subject_area": "science", "status": "preliminary", "issue_date": "2024-03-01", "expiry_date": "2029-03-01",
        "district_code": "1960001", **changes,
    }  # fmt: skip


Deliver = Callable[..., Path]


@pytest.fixture
def deliver(tmp_path: Path) -> Deliver:
    """Writes a delivery of the credentialing commission: 200 persons with a credential each, changed as asked."""

    def write(
        changes: Mapping[int, dict[str, str]] | None = None, *, persons: Rows | None = None, more: Rows | None = None,
        name: str = "delivery", encoding: str = "utf-8",
    ) -> Path:  # fmt: skip
        folder = tmp_path / name
        folder.mkdir()
        roster = persons or [person(n) for n in range(200)]
        rows = [credential(n, **(changes or {}).get(n, {})) for n in range(200)] + (more or [])
        for table, content in (("person", roster), ("credential", rows)):
            with (folder / f"{table}.csv").open("w", encoding=encoding, newline="") as stream:
                writer = csv.DictWriter(stream, list(content[0]))
                writer.writeheader()
                writer.writerows(content)
        return folder

    return write
