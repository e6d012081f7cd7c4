"""The yearly match: states, two persons, keys over the years, what happens when it is killed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from enclave.core.errors import Conflict, NotAllowed
from enclave.linkage import contributed, matching, model, record, standardise
from enclave.linkage.scoring import Scorer
from enclave.linkage.states import OWNERS, TRANSITIONS, MatchRunState
from tests.unit.linkage.conftest import Vault

Keys = dict[tuple[str, str], int]


def crosswalk(vault: Vault) -> Keys:
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT provider, record_id, person_key FROM read_parquet(?)", [str(vault.folder.crosswalk)]
        ).fetchall()
    return {(provider, record_id): key for provider, record_id, key in rows}


def test_every_state_has_an_owner_and_a_row() -> None:
    assert set(TRANSITIONS) == set(OWNERS) == set(MatchRunState)


def test_a_run_waits_for_a_second_steward_and_changes_nothing_before(vault: Vault) -> None:
    run = vault.match(2024)
    assert run.state is MatchRunState.UNDER_REVIEW
    assert run.full
    assert not vault.folder.crosswalk.exists()
    with pytest.raises(NotAllowed, match="cannot accept"):
        vault.matcher().accept(2024, "ana")
    with pytest.raises(NotAllowed, match="steward"):
        vault.matcher().accept(2024, "mallory")
    accepted = vault.matcher().accept(2024, "bo")
    assert (accepted.state, accepted.accepted_by) == (MatchRunState.ACCEPTED, "bo")
    assert len(crosswalk(vault)) == accepted.counts["records"]
    assert vault.told("match_run") == ["match_run.running", "match_run.under_review", "match_run.accepted"]


def test_accepting_again_changes_nothing(accepted_vault: Vault) -> None:
    before = crosswalk(accepted_vault)
    accepted_vault.matcher().accept(2024, "bo")
    assert crosswalk(accepted_vault) == before


def test_the_second_year_matches_only_what_is_new_and_keeps_the_keys(accepted_vault: Vault) -> None:
    before = crosswalk(accepted_vault)
    run = accepted_vault.match(2025)
    assert not run.full
    assert 0 < run.counts["new_records"] < run.counts["records"] / 2
    accepted_vault.matcher().accept(2025, "bo")
    after = crosswalk(accepted_vault)
    kept = sum(after[each] == key for each, key in before.items())
    assert set(before) <= set(after)
    assert kept / len(before) > 0.99
    assert len(after) > len(before)


def test_a_full_second_year_keeps_the_keys_too(accepted_vault: Vault) -> None:
    before = crosswalk(accepted_vault)
    run = accepted_vault.match(2025, full=True)
    assert run.full
    accepted_vault.matcher().accept(2025, "bo")
    after = crosswalk(accepted_vault)
    assert sum(after[each] == key for each, key in before.items()) / len(before) > 0.99


def test_matching_what_is_new_finds_the_edges_of_a_full_run(accepted_vault: Vault) -> None:
    folder = accepted_vault.folder
    files = contributed.identity_files(contributed.accepted_until(folder.vault, 2025))
    frozen = folder.model(record.get(folder, 2024).model)
    everything = "SELECT uid_l, uid_r, round(match_weight, 6) FROM pairs {} ORDER BY ALL"
    new = "WHERE uid_l IN (FROM new_records) OR uid_r IN (FROM new_records)"
    with duckdb.connect() as connection:
        matching.match_new(connection, files, frozen, folder.ledger)
        incremental = connection.execute(everything.format("")).fetchall()
        Scorer(connection, frozen=frozen).pairs()
        full = connection.execute(everything.format(new)).fetchall()
    assert incremental == full
    assert len(full) > 50


def test_a_run_under_review_must_be_decided_before_another(vault: Vault) -> None:
    vault.match(2024)
    with pytest.raises(Conflict, match="waits for review"):
        vault.match(2024)
    vault.matcher().abandon(2024, "bo")
    assert vault.match(2024).state is MatchRunState.UNDER_REVIEW


def test_a_killed_run_is_marked_failed_and_run_again(vault: Vault) -> None:
    first = vault.match(2024)
    replace(first, state=MatchRunState.RUNNING).save(vault.folder)
    second = vault.match(2024)
    assert second.id != first.id
    assert second.state is MatchRunState.UNDER_REVIEW
    assert "match_run.failed" in vault.told("match_run")
    assert not vault.folder.results(2024, first.id).exists()


def test_a_run_that_breaks_is_failed_and_can_be_repeated(vault: Vault, tmp_path: Path) -> None:
    missing = standardise.IdentityFile("uc", tmp_path / "nothing.parquet")
    with pytest.raises(duckdb.IOException):
        vault.matcher().run(2024, [missing], ["con_x"], "ana")
    assert record.get(vault.folder, 2024).state is MatchRunState.FAILED
    assert vault.match(2024).state is MatchRunState.UNDER_REVIEW


def test_two_match_jobs_never_work_at_once(vault: Vault) -> None:
    with vault.folder.lock(), pytest.raises(Conflict, match="at work"):
        vault.match(2024)


def test_the_report_shows_rates_by_group_and_how_many_can_reach_wages(matched_vault: Vault) -> None:
    report = matched_vault.matcher().report(2024)
    assert {row["provider"] for row in report["providers"]} == {"ccc", "cde", "csac", "edd"}
    assert {row["group"] for row in report["subgroups"]["last name"]} >= {"one", "two or more"}
    assert 0 < report["bridge"]["linked_to_wages"] <= report["bridge"]["with_bridge_record"] + 0.05 < 1
    pairs = [row["pairs"] for row in report["thresholds"]]
    assert pairs == sorted(pairs, reverse=True)
    assert (report["model_version"], report["pairs_of"]) == (model.MODEL_VERSION, "all records")
    assert all(row["records"] >= 11 for rows in report["subgroups"].values() for row in rows)
