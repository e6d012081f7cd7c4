"""A vault with real contributions of two years, made once: generated, taken in, not yet matched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enclave.contributions.delivery import read_folder
from enclave.contributions.events import EventFolder
from enclave.contributions.schema import load_schema
from enclave.contributions.service import VaultContext, take_in
from enclave.contributions.states import ContributionState
from enclave.core.clock import FixedClock
from enclave.core.signing import Keyring, SigningKey, seal
from enclave.linkage import contributed
from enclave.linkage.folder import MatchFolder
from enclave.linkage.journal import Journal
from enclave.linkage.publish import Publisher
from enclave.linkage.record import MatchRun
from enclave.linkage.run import Matcher
from synthetic import generate

PROVIDERS = ("ccc", "cde", "csac", "edd")
YEARS = (2024, 2025)
STEWARDS = ["ana", "bo"]


@dataclass
class Vault:
    """One vault, its keys and its helpers."""

    root: Path
    portal_key: SigningKey
    vault_key: SigningKey
    clock: FixedClock

    @property
    def keyring(self) -> Keyring:
        return Keyring({key.issuer: key.public_text for key in (self.portal_key, self.vault_key)})

    @property
    def events(self) -> Path:
        return self.root / "events"

    @property
    def editions(self) -> Path:
        return self.root / "editions"

    def write_snapshot(self, **state: str) -> None:
        """What the portal says of agreements: everything its schema offers, unless a provider's state is given."""
        agreements = [
            {"provider": name, "state": state.get(name, "ACTIVE"), "years": [2020, 2030],
             "elements": load_schema(name).elements()}
            for name in PROVIDERS
        ]  # fmt: skip
        payload = {"agreements": agreements, "stewards": STEWARDS}
        envelope = seal("vault.snapshot", payload, self.portal_key, self.clock)
        (self.root / "snapshot.json").write_text(json.dumps(envelope))

    def context(self) -> VaultContext:
        return VaultContext(
            vault=self.root / "vault", snapshot=self.root / "snapshot.json",
            events=EventFolder(self.events, self.vault_key, self.clock), keyring=self.keyring, key=self.vault_key,
            clock=self.clock,
        )  # fmt: skip

    @property
    def folder(self) -> MatchFolder:
        return MatchFolder(self.root / "vault")

    def matcher(self) -> Matcher:
        return Matcher(self.folder, Journal(self.context().events), self.clock, STEWARDS)

    def publisher(self) -> Publisher:
        return Publisher(
            self.folder, self.editions, self.root / "snapshot.json", Journal(self.context().events), self.vault_key,
            self.keyring, self.clock,
        )  # fmt: skip

    def match(self, year: int, full: bool = False) -> MatchRun:
        contributions = contributed.accepted_until(self.folder.vault, year)
        files = contributed.identity_files(contributions)
        return self.matcher().run(year, files, [each.id for each in contributions], "ana", full)

    def told(self, prefix: str = "") -> list[str]:
        payloads = [json.loads(path.read_text())["payload"] for path in sorted(self.events.glob("*.json"))]
        return [payload["type"] for payload in payloads if payload["type"].startswith(prefix)]

    def copy(self, target: Path) -> Vault:
        shutil.copytree(self.root, target)
        return Vault(target, self.portal_key, self.vault_key, self.clock)


@pytest.fixture(scope="session")
def filled_vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """Four providers, two years, 1,000 persons, through the real intake."""
    root = tmp_path_factory.mktemp("vault")
    generated = generate(root / "synthetic", persons=1_000, seed=7, years=YEARS)
    vault = Vault(
        root / "store", SigningKey.create(root / "portal.key", "portal"),
        SigningKey.create(root / "vault.key", "vault"), FixedClock(datetime(2026, 8, 3, 9, tzinfo=UTC)),
    )  # fmt: skip
    for folder in (vault.root / "vault", vault.events, vault.editions):
        folder.mkdir(parents=True)
    vault.write_snapshot()
    for year in YEARS:
        for provider in PROVIDERS:
            result = take_in(vault.context(), read_folder(provider, year, generated.drop / provider / str(year)))
            assert result.contribution.state is ContributionState.ACCEPTED
    return vault


@pytest.fixture
def vault(filled_vault: Vault, tmp_path: Path) -> Vault:
    """A copy of the filled vault, not yet matched."""
    return filled_vault.copy(tmp_path / "store")


@pytest.fixture(scope="session")
def matched_vault(filled_vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """The vault with the first year matched and accepted."""
    vault = filled_vault.copy(tmp_path_factory.mktemp("matched") / "store")
    vault.match(YEARS[0])
    vault.matcher().accept(YEARS[0], "bo")
    return vault


@pytest.fixture
def accepted_vault(matched_vault: Vault, tmp_path: Path) -> Iterator[Vault]:
    """A copy of the vault whose first year is accepted."""
    yield matched_vault.copy(tmp_path / "store")
    for path in (tmp_path / "store" / "editions").rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
