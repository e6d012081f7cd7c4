"""An edition appears whole, holds nothing that identifies, and is told of."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import duckdb
import pytest

from enclave.core.digests import sha256_file
from enclave.core.errors import Conflict
from enclave.core.signing import open_envelope
from enclave.linkage import record
from enclave.linkage.record import get
from enclave.linkage.states import MatchRunState
from tests.unit.linkage.conftest import PROVIDERS, Vault

TABLES = {"ccc/ps_enrollment", "ccc/ps_award", "cde/k12_enrollment", "cde/k12_assessment", "cde/k12_completion",
          "csac/fin_aid", "edd/ui_wage"}  # fmt: skip


def columns(path: Path) -> list[str]:
    with duckdb.connect() as connection:
        return [row[0] for row in connection.execute("DESCRIBE FROM read_parquet(?)", [str(path)]).fetchall()]


def test_a_match_that_nobody_accepted_is_not_published(vault: Vault) -> None:
    vault.match(2024)
    with pytest.raises(Conflict, match="not accepted"):
        vault.publisher().publish(2024)


def test_an_edition_holds_one_sorted_file_a_provider_and_table(accepted_vault: Vault) -> None:
    manifest = accepted_vault.publisher().publish(2024)
    edition = accepted_vault.editions / "2024r1"
    files = {str(path.relative_to(edition).with_suffix("")) for path in edition.glob("*/*.parquet")}
    assert files == TABLES == {f"{table['provider']}/{table['name']}" for table in manifest["tables"]}
    with duckdb.connect() as connection:
        for table in manifest["tables"]:
            path = edition / table["path"]
            assert sha256_file(path) == table["sha256"]
            assert columns(path)[0] == "person_key"
            keys = [
                row[0] for row in connection.execute("SELECT person_key FROM read_parquet(?)", [str(path)]).fetchall()
            ]
            assert keys == sorted(keys)
            assert len(keys) == table["rows"] > 0
    assert record.get(accepted_vault.folder, 2024).state is MatchRunState.PUBLISHED


def test_nothing_in_an_edition_identifies_anybody(accepted_vault: Vault) -> None:
    accepted_vault.publisher().publish(2024)
    canaries: set[str] = set()
    with duckdb.connect() as connection:
        for provider in PROVIDERS:
            files = str(accepted_vault.root / "vault" / "contributions" / provider / "*" / "con_*" / "identity.parquet")
            rows = connection.execute(
                "SELECT record_id, last_name, ssn, ssid, street, email FROM read_parquet(?)", [files]
            ).fetchall()
            canaries |= {value for row in rows for value in row if value and len(value) > 4}
        edition = accepted_vault.editions / "2024r1"
        held: set[str] = set()
        for path in edition.glob("*/*.parquet"):
            for name in columns(path):
                assert name == "person_key" or name not in {"record_id", "first_name", "last_name", "ssn", "ssid"}
                held |= {
                    row[0]
                    for row in connection.execute(
                        f'SELECT DISTINCT CAST("{name}" AS VARCHAR) FROM read_parquet(?)', [str(path)]
                    ).fetchall()
                }
    assert len(canaries) > 1_000
    assert not canaries & held
    for path in (edition / "manifest.json", edition / "codebook.json", *accepted_vault.events.glob("*.json")):
        text = path.read_text()
        assert not any(f'"{canary}"' in text for canary in canaries)


def test_the_manifest_is_signed_and_the_edition_is_read_only(accepted_vault: Vault) -> None:
    accepted_vault.publisher().publish(2024)
    edition = accepted_vault.editions / "2024r1"
    envelope = json.loads((edition / "manifest.json").read_text())
    payload = open_envelope(envelope, accepted_vault.keyring, "edition.manifest", accepted_vault.clock, {"vault"})
    assert payload["edition"] == "2024r1"
    assert payload["codebook_sha256"] == sha256_file(edition / "codebook.json")
    for path in edition.rglob("*"):
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert not list(accepted_vault.editions.glob(".making-*"))


def test_the_codebook_describes_every_column(accepted_vault: Vault) -> None:
    accepted_vault.publisher().publish(2024)
    edition = accepted_vault.editions / "2024r1"
    for table in json.loads((edition / "codebook.json").read_text())["tables"]:
        described = [column["name"] for column in table["columns"]]
        assert described == columns(edition / table["provider"] / f"{table['name']}.parquet")
        assert all(column["description"] and column["missing"] for column in table["columns"])


def test_without_an_active_agreement_a_provider_is_left_out_of_the_revision(accepted_vault: Vault) -> None:
    accepted_vault.publisher().publish(2024)
    accepted_vault.write_snapshot(edd="TERMINATED")
    manifest = accepted_vault.publisher().publish(2024)
    assert (manifest["edition"], manifest["supersedes"]) == ("2024r2", ["2024r1"])
    assert "edd" not in {table["provider"] for table in manifest["tables"]}
    assert (accepted_vault.editions / "2024r1" / "edd" / "ui_wage.parquet").exists()


def test_a_publication_killed_before_it_was_told_is_told_and_not_made_twice(accepted_vault: Vault) -> None:
    accepted = get(accepted_vault.folder, 2024)
    accepted_vault.publisher().publish(2024)
    accepted.save(accepted_vault.folder)
    (accepted_vault.editions / ".making-2024r2").mkdir()
    assert accepted_vault.publisher().publish(2024)["edition"] == "2024r1"
    assert [path.name for path in accepted_vault.editions.iterdir()] == ["2024r1"]
    assert accepted_vault.told("edition") == ["edition.published"] * 2
