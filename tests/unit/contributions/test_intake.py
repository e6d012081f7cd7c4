"""Intake as a whole: agreements, what lies where, kills, repeats, events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import synthetic
from enclave.contributions import making
from enclave.contributions.schema import IDENTITY_COLUMNS, PROVIDERS, load_schema
from enclave.contributions.states import EVENTS, OWNERS, TRANSITIONS, ContributionState
from enclave.contributions.store import ContributionStore
from enclave.core.digests import sha256_file
from enclave.core.errors import BadInput, Conflict, NotAllowed, NotAuthenticated, NotFound, Unavailable
from enclave.core.signing import open_envelope
from tests.unit.contributions.conftest import Deliver, Vault, credential


def test_every_state_stands_in_every_table() -> None:
    for table in (TRANSITIONS, OWNERS, EVENTS):
        assert set(table) == set(ContributionState)


# ---------------------------------------------------------------- agreements


@pytest.mark.parametrize(("number", "changes", "message"), [
    (1, {"state": "SUSPENDED"}, "suspended"),
    (2, {"state": "DRAFT"}, "draft"),
    (3, {"years": [2020, 2024]}, "covers 2020 to 2024"),
    (4, {"provider": "cde"}, "no agreement"),
    (5, {"elements": {}}, "does not cover"),
])  # fmt: skip
def test_nothing_is_taken_in_that_no_agreement_covers(
    vault: Vault, deliver: Deliver, number: int, changes: dict[str, Any], message: str
) -> None:
    vault.sign(**changes)
    with pytest.raises(NotAllowed, match=message):
        vault.take_in(deliver())
    assert vault.files() == []
    assert [event["type"] for event in vault.events()] == ["contribution.rejected"]


def test_elements_that_are_not_agreed_are_listed(vault: Vault, deliver: Deliver) -> None:
    elements = load_schema("ctc").elements()
    del elements["person.ssn"], elements["credential.status"]
    vault.sign(elements=elements)
    with pytest.raises(NotAllowed, match=r"credential\.status, person\.ssn\."):
        vault.take_in(deliver())


def test_columns_that_are_not_agreed_may_be_left_out(vault: Vault, deliver: Deliver) -> None:
    elements = load_schema("ctc").elements()
    del elements["person.ssn"], elements["credential.status"]
    vault.sign(elements=elements)
    folder = deliver()
    for table, column in (("person", "ssn"), ("credential", "status")):
        path = folder / f"{table}.csv"
        duckdb.sql(
            f"COPY (SELECT * EXCLUDE {column} FROM read_csv('{path}', all_varchar=true)) TO '{path}.new' (HEADER)"
        )
        Path(f"{path}.new").rename(path)
    contribution = vault.take_in(folder).contribution
    assert contribution.state is ContributionState.ACCEPTED
    assert duckdb.sql(f"SELECT count(ssn) FROM '{contribution.identity}'").fetchall() == [(0,)]
    assert "status" not in duckdb.sql(f"FROM '{contribution.attributes('credential')}'").columns


def test_a_snapshot_that_the_portal_did_not_sign_is_not_believed(vault: Vault, deliver: Deliver) -> None:
    vault.sign(issuer="worker")
    with pytest.raises(NotAuthenticated):
        vault.take_in(deliver())


def test_without_a_snapshot_the_steward_is_told_how_to_get_one(vault: Vault, deliver: Deliver) -> None:
    vault.context.snapshot.unlink()
    with pytest.raises(Unavailable, match="no snapshot"):
        vault.take_in(deliver())


# ---------------------------------------------------------------- what lies where


def test_an_accepted_contribution_has_identity_attributes_report_and_a_signed_manifest(
    vault: Vault, deliver: Deliver
) -> None:
    contribution = vault.take_in(deliver({3: {"status": "gone"}})).contribution
    names = [name.rpartition(f"{contribution.id}/")[2] for name in vault.files()]
    assert names == ["attributes/credential.parquet", "identity.parquet", "manifest.json", "report.json",
                     "set_aside/credential.parquet", "state.json"]  # fmt: skip
    envelope = json.loads(contribution.manifest.read_bytes())
    manifest = open_envelope(envelope, vault.keyring, "contribution.manifest", vault.clock, {"vault"})
    for name, facts in manifest["files"].items():
        assert facts["sha256"] == sha256_file(contribution.folder / name)
    assert manifest["files"]["identity.parquet"]["rows"] == 200
    assert set(manifest["delivered"]) == {"person.csv", "credential.csv"}


def test_identity_has_the_standard_columns_in_order(vault: Vault, deliver: Deliver) -> None:
    columns = duckdb.sql(f"FROM '{vault.take_in(deliver()).contribution.identity}'").columns
    assert columns == ["record_id", *IDENTITY_COLUMNS]


def test_no_identity_value_is_outside_identity_and_set_aside(vault: Vault, deliver: Deliver) -> None:
    contribution = vault.take_in(deliver({3: {"status": "gone"}})).contribution
    canaries = [b"Kestrel", b"Canary", b"212345", b"Birdcage", b"canary", b"1990-04-17"]
    outside = [*contribution.folder.rglob("*.json"), *(vault.root / "events").iterdir()]
    for path in outside:
        assert not [canary for canary in canaries if canary in path.read_bytes()]
    for path in (contribution.folder / "attributes").iterdir():
        cells = {str(cell) for row in duckdb.sql(f"FROM '{path}'").fetchall() for cell in row}
        assert not [cell for cell in cells for canary in canaries if canary.decode() in cell]


def test_a_whole_synthetic_california_is_taken_in(vault: Vault, tmp_path: Path) -> None:
    made = synthetic.generate(tmp_path / "california", 2_000, 1, (2025,))
    for provider in PROVIDERS:
        contribution = vault.take_in(made.drop / provider / "2025", provider).contribution
        assert contribution.state is ContributionState.ACCEPTED
        found = {table["table"]: table for table in contribution.report["tables"]}
        for table in load_schema(provider).tables:
            key = (provider, 2025, table.name)
            assert found[table.name]["accepted"] == made.rows[key]
            assert found[table.name]["set_aside"] == made.bad_rows[key]
            if table.name != "person":
                columns = duckdb.sql(f"FROM '{contribution.attributes(table.name)}'").columns
                assert columns == list(table.column_names)
    assert sorted(ContributionStore(vault.context.vault).accepted(2025)) == sorted(PROVIDERS)


# ---------------------------------------------------------------- repeats, kills, events


def test_the_same_files_again_change_nothing(vault: Vault, deliver: Deliver) -> None:
    first = vault.take_in(deliver())
    before = {name: (vault.root / "vault" / name).stat().st_mtime_ns for name in vault.files()}
    again = vault.take_in(deliver(name="again"))
    assert (first.changed, again.changed) == (True, False)
    assert again.contribution.id == first.contribution.id
    assert before == {name: (vault.root / "vault" / name).stat().st_mtime_ns for name in vault.files()}
    assert len(vault.events()) == 3


def test_a_later_delivery_supersedes_the_earlier_one(vault: Vault, deliver: Deliver) -> None:
    first = vault.take_in(deliver()).contribution
    second = vault.take_in(deliver(more=[credential(9, issue_date="2024-05-05")], name="second")).contribution
    store = ContributionStore(vault.context.vault)
    assert store.accepted(2025)["ctc"].id == second.id
    assert [each.state for each in store.all("ctc", 2025)] == [ContributionState.SUPERSEDED, ContributionState.ACCEPTED]
    assert vault.events()[-1]["subject"] == first.id
    assert [event["type"].partition(".")[2] for event in vault.events()] == [
        "received", "validated", "accepted", "received", "validated", "accepted", "superseded"]  # fmt: skip


def test_a_rejected_delivery_leaves_the_accepted_one_in_force(vault: Vault, deliver: Deliver) -> None:
    first = vault.take_in(deliver()).contribution
    vault.take_in(deliver({n: {"status": "gone"} for n in range(9)}, name="bad"))
    assert ContributionStore(vault.context.vault).accepted(2025)["ctc"].id == first.id


def test_another_year_stands_beside_the_first(vault: Vault, deliver: Deliver) -> None:
    folder = deliver()
    vault.take_in(folder, year=2024)
    vault.take_in(folder, year=2025)
    store = ContributionStore(vault.context.vault)
    assert store.accepted(2024)["ctc"].id != store.accepted(2025)["ctc"].id


@pytest.mark.parametrize("step", ["stage", "finish_table", "seal", "replace_dir_atomic"])
def test_a_killed_intake_leaves_no_contribution_and_runs_to_the_end_next_time(
    vault: Vault, deliver: Deliver, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    folder = deliver()
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(making, step, killed)
        vault.take_in(folder)
    store = ContributionStore(vault.context.vault)
    assert store.accepted(2025) == {}
    assert store.all("ctc", 2025) == []
    result = vault.take_in(folder)
    assert result.contribution.state is ContributionState.ACCEPTED
    assert [event["type"].partition(".")[2] for event in vault.events()] == ["received", "validated", "accepted"]
    assert not list(store.incoming("ctc", 2025).iterdir())


def test_what_was_read_before_a_kill_is_not_read_again(
    vault: Vault, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enclave.contributions import staging

    folder, read = deliver(), []
    real = staging.read_batches

    def spy(path: Path, *rest: Any) -> Any:
        read.append(path.name)
        if path.name == "credential.csv" and len(read) == 2:
            raise KeyboardInterrupt
        return real(path, *rest)

    monkeypatch.setattr(staging, "read_batches", spy)
    with pytest.raises(KeyboardInterrupt):
        vault.take_in(folder)
    vault.take_in(folder)
    assert read == ["person.csv", "credential.csv", "credential.csv"]


def test_events_that_were_not_told_are_told_by_the_next_run(
    vault: Vault, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = deliver()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("enclave.contributions.service._settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        vault.take_in(folder)
    assert len(vault.events()) == 1
    assert vault.take_in(folder).changed is False
    assert len(vault.events()) == 3


def test_one_intake_of_a_provider_at_a_time(vault: Vault, deliver: Deliver) -> None:
    with ContributionStore(vault.context.vault).lock("ctc"), pytest.raises(Conflict, match="Another intake"):
        vault.take_in(deliver())


# ---------------------------------------------------------------- the folder itself


def test_an_unknown_provider_is_answered_with_the_known_ones(vault: Vault, deliver: Deliver) -> None:
    with pytest.raises(NotFound) as caught:
        vault.take_in(deliver(), provider="dmv")
    assert "cde" in caught.value.advice


def test_a_folder_with_other_files_or_none_is_refused(vault: Vault, deliver: Deliver, tmp_path: Path) -> None:
    folder = deliver()
    (folder / "person.xlsx").touch()
    with pytest.raises(BadInput, match=r"person\.xlsx"):
        vault.take_in(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="empty"):
        vault.take_in(tmp_path / "empty")
    with pytest.raises(NotFound):
        vault.take_in(tmp_path / "nowhere")


def test_a_link_out_of_the_folder_is_refused(vault: Vault, deliver: Deliver, tmp_path: Path) -> None:
    folder = deliver()
    (tmp_path / "secret").write_text("record_id\n")
    (folder / "credential.csv").unlink()
    (folder / "credential.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(BadInput):
        vault.take_in(folder)
