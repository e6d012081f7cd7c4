"""Person keys persist; what becomes of them is written down."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from enclave.core.clock import FixedClock
from enclave.linkage.ledger import PersonLedger

Clusters = dict[str, int]


class Book:
    """A ledger in a folder, entered from plain ``provider/record`` → cluster tables."""

    def __init__(self, folder: Path, clock: FixedClock) -> None:
        self.folder, self.clock, self.path = folder, clock, folder / "persons.duckdb"

    def enter(self, run: str, clusters: Clusters) -> dict[str, int]:
        found = self.folder / f"{run}.parquet"
        rows = [(*record.split("/"), cluster, 9.5, "f") for record, cluster in clusters.items()]
        with duckdb.connect() as connection:
            connection.execute(
                "CREATE TABLE t (provider VARCHAR, record_id VARCHAR, cluster BIGINT, match_weight DOUBLE, "
                "fingerprint VARCHAR)"
            )
            connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute(f"COPY t TO '{found}' (FORMAT parquet)")
        with PersonLedger.open(self.path) as ledger:
            return ledger.enter(run, 2025, "model", found, self.clock)

    def keys(self) -> dict[str, int]:
        with PersonLedger.open(self.path) as ledger:
            rows = ledger.connection.execute(
                "SELECT provider || '/' || record_id, person_key FROM membership"
            ).fetchall()
        return dict(rows)

    def events(self, run: str) -> list[tuple[str, int, int | None, int]]:
        with PersonLedger.open(self.path) as ledger:
            return ledger.connection.execute(
                "SELECT kind, person_key, other_key, records FROM event WHERE run = ? ORDER BY kind", [run]
            ).fetchall()


@pytest.fixture
def book(tmp_path: Path, clock: FixedClock) -> Book:
    return Book(tmp_path, clock)


def test_every_new_cluster_gets_a_random_key_of_its_own(book: Book) -> None:
    assert book.enter("run1", {"uc/1": 1, "cde/1": 1, "uc/2": 2})["create"] == 2
    keys = book.keys()
    assert keys["uc/1"] == keys["cde/1"] != keys["uc/2"]
    assert all(0 < key < 2**63 for key in keys.values())


def test_a_key_outlives_the_number_of_its_cluster(book: Book) -> None:
    book.enter("run1", {"uc/1": 1, "cde/1": 1, "uc/2": 2})
    before = book.keys()
    events = book.enter("run2", {"uc/1": 70, "cde/1": 70, "csu/9": 70, "uc/2": 5})
    after = book.keys()
    assert {record: after[record] for record in before} == before
    assert after["csu/9"] == before["uc/1"]
    assert events == {"create": 0, "merge": 0, "split": 0, "retire": 0}


def test_two_persons_that_turn_out_one_are_merged_into_the_larger(book: Book) -> None:
    book.enter("run1", {"uc/1": 1, "cde/1": 1, "uc/2": 2})
    before = book.keys()
    book.enter("run2", {"uc/1": 1, "cde/1": 1, "uc/2": 1})
    assert set(book.keys().values()) == {before["uc/1"]}
    assert book.events("run2") == [("merge", before["uc/1"], before["uc/2"], 1)]


def test_a_person_that_turns_out_two_is_split_and_the_larger_part_keeps_the_key(book: Book) -> None:
    book.enter("run1", {"uc/1": 1, "cde/1": 1, "uc/2": 1})
    before = book.keys()["uc/1"]
    book.enter("run2", {"uc/1": 1, "cde/1": 1, "uc/2": 2})
    after = book.keys()
    assert after["uc/1"] == after["cde/1"] == before != after["uc/2"]
    assert ("split", before, after["uc/2"], 1) in book.events("run2")


def test_a_person_without_records_is_retired(book: Book) -> None:
    book.enter("run1", {"uc/1": 1, "uc/2": 2})
    gone = book.keys()["uc/2"]
    assert book.enter("run2", {"uc/1": 1})["retire"] == 1
    assert ("retire", gone, None, 0) in book.events("run2")
    assert book.enter("run3", {"uc/1": 1})["retire"] == 0


def test_a_retired_key_is_never_used_again(book: Book) -> None:
    book.enter("run1", {"uc/1": 1, "uc/2": 2})
    gone = book.keys()["uc/2"]
    book.enter("run2", {"uc/1": 1})
    book.enter("run3", {"uc/1": 1, "uc/2": 2})
    assert book.keys()["uc/2"] != gone


def test_entering_a_run_again_changes_nothing(book: Book) -> None:
    first = book.enter("run1", {"uc/1": 1, "uc/2": 2})
    before = book.keys()
    assert book.enter("run1", {"uc/1": 1, "uc/2": 1}) == first
    assert book.keys() == before
