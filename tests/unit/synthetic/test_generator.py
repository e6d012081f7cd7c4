"""The generator as a whole: the same seed, the schemas, the years, and what no provider may hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import synthetic
from enclave.contributions.schema import PROVIDERS, load_schema
from tests.unit.synthetic.conftest import California, csv


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".csv", ".json"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        synthetic.generate(tmp_path / name, 1_000, seed, (2025,))
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")
    assert _digests(tmp_path / "a")["drop/cde/2025/person.csv"] != _digests(tmp_path / "c")["drop/cde/2025/person.csv"]


@pytest.mark.parametrize("persons", [999, 5_000_001])
def test_a_population_outside_the_limits_is_refused(tmp_path: Path, persons: int) -> None:
    with pytest.raises(ValueError, match="between"):
        synthetic.generate(tmp_path, persons)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_table_of_the_schema_is_written_with_its_columns(california: California, provider: str) -> None:
    for table in load_schema(provider).tables:
        path = california.made.drop / provider / "2025" / f"{table.name}.csv"
        with path.open() as stream:
            assert stream.readline().strip().split(",") == list(table.column_names)
            assert stream.readline()


def test_no_half_written_file_remains(california: California) -> None:
    assert not list(california.made.drop.rglob("*.partial"))


def test_blocks_never_share_a_record_id_or_a_true_ssn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthetic.generator.BLOCK", 700)
    made = synthetic.generate(tmp_path, 2_000, 1, (2025,))
    ask = California(made).ask
    assert ask("SELECT count(*) - count(DISTINCT (provider, record_id)) FROM '{truth}'") == [(0,)]
    assert ask("SELECT max(true_person) >= 1400 FROM '{truth}'") == [(True,)]


def test_every_record_in_the_drop_has_a_true_person(california: California) -> None:
    for provider in PROVIDERS:
        assert california.ask(
            f"SELECT count(*) FROM {csv(provider, 'person')} ANTI JOIN "
            f"(FROM '{{truth}}' WHERE provider = '{provider}') USING (record_id) WHERE record_id <> '#'"
        ) == [(0,)]


def test_the_truth_is_not_in_the_drop(california: California) -> None:
    assert not california.made.truth.is_relative_to(california.made.drop)
    assert not list(california.made.drop.rglob("*truth*"))


def test_the_second_year_adds_persons_and_rows_and_changes_some_records(california: California) -> None:
    older = f"(FROM {csv('cde', 'person')})".replace("{year}", "2024")
    newer = f"(FROM {csv('cde', 'person')})"
    ((added,),) = california.ask(f"SELECT count(*) FROM {newer} ANTI JOIN {older} USING (record_id)")
    ((gone,),) = california.ask(f"SELECT count(*) FROM {older} ANTI JOIN {newer} USING (record_id)")
    ((both, moved),) = california.ask(
        f"SELECT count(*), count(*) FILTER (o.zip IS DISTINCT FROM n.zip) "
        f"FROM {older} o JOIN {newer} n USING (record_id)"
    )
    assert added > 500
    assert gone <= 5  # spoiled ids only
    assert 0.005 < moved / both < 0.08


def test_a_year_holds_nothing_from_later_years(california: California) -> None:
    for provider, table, column in (("cde", "k12_enrollment", "academic_year"), ("edd", "ui_wage", "year")):
        ((latest,),) = california.ask(f"SELECT max(TRY_CAST({column} AS INT)) FROM {csv(provider, table)}", year=2024)
        assert latest == 2024


def test_planted_bad_rows_are_few_and_counted(california: California) -> None:
    for key, bad in california.made.bad_rows.items():
        assert bad <= 0.01 * california.made.rows[key]
    assert california.made.bad_rows[("edd", 2025, "ui_wage")] > 100
