"""How well the engine links 2,000 synthetic persons whose truth is known.

The bars are what the engine reaches with a little room, not what one would wish: recall over all true pairs cannot be
near one, because K-12 and wages share neither SSN nor birth date and only people with a bridge record can be linked.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from enclave.linkage import clerical, clusters, evaluate, model, standardise
from enclave.linkage.scoring import Scorer
from synthetic import generate
from tests.unit.linkage.people import identity_file

PRECISION, RECALL, RECALL_WITHOUT_WAGES = 0.995, 0.88, 0.98
HOME = {"street": "12 Oak Ave", "zip": "95814", "parent_name": "Rosa Delgado"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("people")
    generated = generate(root / "made", persons=2_000, seed=3, years=(2025,))
    for provider in generated.drop.iterdir():
        (root / f"{provider.name}.csv").symlink_to(provider / "2025" / "person.csv")
    (root / "truth.parquet").symlink_to(generated.truth)
    return root


def test_precision_and_recall_reach_the_bar(folder: Path) -> None:
    found = evaluate.evaluate(evaluate.identity_files(folder), folder, folder / "truth.parquet")
    assert found.accuracy is not None
    assert found.accuracy.precision >= PRECISION
    assert found.accuracy.recall >= RECALL
    assert found.seconds < 60
    with duckdb.connect() as connection:
        columns = connection.execute("DESCRIBE FROM read_parquet(?)", [str(folder / "crosswalk.parquet")]).fetchall()
    assert [column[0] for column in columns] == ["provider", "record_id", "person_key", "match_weight"]


def test_without_the_wage_records_recall_is_high(folder: Path, tmp_path: Path) -> None:
    files = [file for file in evaluate.identity_files(folder) if file.provider != "edd"]
    found = evaluate.evaluate(files, tmp_path, folder / "truth.parquet")
    assert found.accuracy is not None
    assert found.accuracy.precision >= PRECISION
    assert found.accuracy.recall >= RECALL_WITHOUT_WAGES


def test_the_same_files_give_the_same_clusters(folder: Path, tmp_path: Path) -> None:
    crosswalks = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        evaluate.evaluate(evaluate.identity_files(folder), tmp_path / name)
        with duckdb.connect() as connection:
            rows = connection.execute(
                "SELECT provider, record_id, person_key FROM read_parquet(?) ORDER BY ALL",
                [str(tmp_path / name / "crosswalk.parquet")],
            ).fetchall()
        crosswalks.append(rows)
    assert crosswalks[0] == crosswalks[1]


def test_twins_are_kept_apart_and_queued_for_clerical_review(folder: Path, tmp_path: Path) -> None:
    twins = [
        {"record_id": f"t{number}", "first_name": name, "last_name": "Delgado-Quist", "date_of_birth": "2004-05-06",
         "sex": sex, "ssid": ssid, **HOME}
        for number, (name, sex, ssid) in enumerate([("Ines", "F", "1987654321"), ("Bruno", "M", "1876543210")])
    ]  # fmt: skip
    later = [
        {"record_id": "c1", "first_name": "Ines", "last_name": "Delgado", "date_of_birth": "2004-05-06",
         "ssn": "512345671", "ssid": "1987654321", **HOME},
        {"record_id": "c2", "first_name": "Bruno", "last_name": "Delgado-Quist", "date_of_birth": "2004-05-06",
         "ssn": "512345689", **HOME},
    ]  # fmt: skip
    wages = [{"record_id": "w1", "first_name": "BRUNO", "last_name": "DELGADO", "ssn": "512345689"}]
    files = [
        *evaluate.identity_files(folder), identity_file(tmp_path, "twk", twins), identity_file(tmp_path, "twc", later),
        identity_file(tmp_path, "tww", wages),
    ]  # fmt: skip
    with duckdb.connect() as connection:
        standardise.load(connection, files)
        scorer = Scorer(connection)
        scorer.pairs()
        clusters.cluster(scorer, model.LINKED_FROM_WEIGHT)
        piles = clerical.queue(connection, model.LINKED_FROM_WEIGHT)
        found = dict(
            connection.execute(
                "SELECT record_id, cluster FROM records JOIN clusters USING (uid) WHERE provider LIKE 'tw%'"
            ).fetchall()
        )
        queued = connection.execute(
            "SELECT count(*) FROM clerical WHERE pile = 'twin' AND provider_l LIKE 'tw%' AND provider_r LIKE 'tw%'"
        ).fetchall()[0][0]
    assert found["t0"] == found["c1"]
    assert found["t1"] == found["c2"] == found["w1"]
    assert found["t0"] != found["t1"]
    assert piles["twin"] > 0
    assert queued > 0


def test_one_record_a_person_is_respected_where_a_source_promises_it(folder: Path) -> None:
    with duckdb.connect() as connection:
        standardise.load(connection, evaluate.identity_files(folder))
        scorer = Scorer(connection)
        scorer.pairs()
        clusters.cluster(scorer, model.LINKED_FROM_WEIGHT, unique_sources={"cde"})
        doubled = connection.execute(
            "SELECT cluster FROM records JOIN clusters USING (uid) WHERE provider = 'cde' "
            "GROUP BY cluster HAVING count(*) > 1"
        ).fetchall()
    assert doubled == []
