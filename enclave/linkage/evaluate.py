"""The match engine on a folder of identity files, judged by known persons.

Precision and recall are over pairs of records (all pairs of one provider or of two): precision is the share of
pairs put together that are truly one person, recall the share of true pairs that were put together.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from enclave.core.errors import BadInput
from enclave.linkage import clusters, model, standardise
from enclave.linkage.matching import WEIGHTS_SQL
from enclave.linkage.scoring import Scorer
from enclave.linkage.standardise import IdentityFile


@dataclass(frozen=True)
class Accuracy:
    """Pairwise accuracy against known persons."""

    precision: float
    recall: float
    f1: float
    true_pairs: int
    found_pairs: int


@dataclass(frozen=True)
class Evaluation:
    """What ``c2c vault match evaluate`` prints."""

    records: int
    pairs: int
    clusters: int
    seconds: float
    peak_mb: float
    accuracy: Accuracy | None

    def as_json(self) -> dict[str, Any]:
        flat = {name: value for name, value in asdict(self).items() if name != "accuracy"}
        return flat | (asdict(self.accuracy) if self.accuracy else {})


def identity_files(folder: Path) -> list[IdentityFile]:
    """Every ``<provider>.parquet`` or ``<provider>.csv`` of a folder; ``truth.*`` and ``crosswalk.*`` are left out."""
    files = [
        IdentityFile(path.stem, path)
        for path in sorted(folder.iterdir())
        if path.suffix in {".parquet", ".csv"} and path.stem not in {"truth", "crosswalk"}
    ]
    if not files:
        raise BadInput(
            "The folder holds no identity files.",
            "Put one .parquet or .csv file a provider into it, named by the provider.",
        )
    return files


def evaluate(
    files: list[IdentityFile],
    out: Path,
    truth: Path | None = None,
    unique_sources: Collection[str] = (),
    threshold: float = model.LINKED_FROM_WEIGHT,
) -> Evaluation:
    """Match the files from scratch, write ``crosswalk.parquet`` to ``out``, judge it when ``truth`` is given."""
    started = time.perf_counter()
    with duckdb.connect() as connection:
        records = standardise.load(connection, files)
        scorer = Scorer(connection)
        pairs = scorer.pairs()
        count = clusters.cluster(scorer, threshold, unique_sources)
        write_crosswalk(connection, out)
        seconds = time.perf_counter() - started
        accuracy = judge(connection, truth) if truth else None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Evaluation(records, pairs, count, round(seconds, 2), round(peak, 1), accuracy)


def write_crosswalk(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """``clusters`` → crosswalk.parquet; the person key is the number of the cluster, good for this run only."""
    connection.execute(WEIGHTS_SQL)
    path = str(out / "crosswalk.parquet").replace("'", "''")
    connection.execute(
        "COPY (SELECT provider, record_id, cluster AS person_key, match_weight FROM records "
        "JOIN clusters USING (uid) LEFT JOIN record_weight USING (uid) ORDER BY provider, record_id) "
        f"TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
    )


def judge(connection: duckdb.DuckDBPyConnection, truth: Path) -> Accuracy:
    """Pairwise precision, recall and F1 of ``clusters`` against a file of provider, record_id, true_person."""
    reader = "read_parquet(?)" if truth.suffix == ".parquet" else "read_csv(?, header=true, all_varchar=true)"
    connection.execute(
        "CREATE OR REPLACE TABLE truth AS SELECT CAST(provider AS VARCHAR) AS provider, "
        f"CAST(record_id AS VARCHAR) AS record_id, CAST(true_person AS VARCHAR) AS true_person FROM {reader}",
        [str(truth)],
    )
    connection.execute(
        "CREATE OR REPLACE TABLE judged AS SELECT uid, cluster, true_person FROM records JOIN clusters USING (uid) "
        "JOIN truth USING (provider, record_id)"
    )
    true_pairs, found, right = (
        _pairs_within(connection, by) for by in ("true_person", "cluster", "true_person, cluster")
    )
    precision = right / found if found else 1.0
    recall = right / true_pairs if true_pairs else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Accuracy(round(precision, 6), round(recall, 6), round(f1, 6), true_pairs, found)


def _pairs_within(connection: duckdb.DuckDBPyConnection, by: str) -> int:
    (count,) = connection.execute(
        f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT count(*) AS n FROM judged GROUP BY {by})"
    ).fetchall()[0]
    return int(count)
