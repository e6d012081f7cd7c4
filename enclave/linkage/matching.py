"""One match, from identity files to clusters, in a database of its own that is thrown away afterwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from enclave.linkage import clusters, model, standardise
from enclave.linkage.scoring import Scorer
from enclave.linkage.standardise import IdentityFile

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Matched:
    """Counts of one match."""

    records: int
    new_records: int
    pairs: int
    clusters: int


def match_all(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[IdentityFile],
    model_folder: Path,
    threshold: float = model.LINKED_FROM_WEIGHT,
    unique_sources: Collection[str] = (),
    say: Progress = lambda _: None,
) -> Matched:
    """Every record against every other; the model is trained here and frozen to ``model_folder``."""
    say("Standardising identities")
    records = standardise.load(connection, files)
    say("Training the match model")
    scorer = Scorer(connection)
    scorer.freeze(model_folder)
    say("Scoring pairs of records")
    pairs = scorer.pairs()
    say("Forming clusters")
    return Matched(records, records, pairs, clusters.cluster(scorer, threshold, unique_sources))


def match_new(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[IdentityFile],
    model_folder: Path,
    ledger: Path,
    threshold: float = model.LINKED_FROM_WEIGHT,
    unique_sources: Collection[str] = (),
    say: Progress = lambda _: None,
) -> Matched:
    """Only new and changed records, against each other and against the standing persons, with the frozen model.

    The records of one standing person stay together; a new record can join a person, or join two persons into one.
    """
    say("Standardising identities")
    records = standardise.load(connection, files)
    new = _mark_new(connection, ledger)
    say("Scoring the new records")
    scorer = Scorer(connection, frozen=model_folder)
    pairs = scorer.pairs_of_new()
    say("Forming clusters")
    return Matched(records, new, pairs, clusters.cluster(scorer, threshold, unique_sources, anchored=True))


def _mark_new(connection: duckdb.DuckDBPyConnection, ledger: Path) -> int:
    """Tables ``standing`` (uid, person) and ``new_records`` (uid), by comparison with the ledger's fingerprints."""
    with _attached(connection, ledger):
        connection.execute(
            "CREATE OR REPLACE TABLE standing AS SELECT uid, person_key AS person FROM records "
            "JOIN ledger.membership USING (provider, record_id, fingerprint)"
        )
    connection.execute(
        "CREATE OR REPLACE TABLE new_records AS SELECT uid FROM records WHERE uid NOT IN (SELECT uid FROM standing)"
    )
    (count,) = connection.execute("SELECT count(*) FROM new_records").fetchall()[0]
    return int(count)


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, ledger: Path) -> Iterator[None]:
    quoted = str(ledger).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS ledger (READ_ONLY)")
    try:
        yield
    finally:
        connection.execute("DETACH ledger")


def write_found(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """What the ledger enters: provider, record_id, cluster, match_weight, fingerprint of every record."""
    quoted = str(path).replace("'", "''")
    connection.execute(WEIGHTS_SQL)
    connection.execute(
        "COPY (SELECT provider, record_id, cluster, match_weight, fingerprint FROM records JOIN clusters USING (uid) "
        f"LEFT JOIN record_weight USING (uid) ORDER BY provider, record_id) TO '{quoted}' "
        "(FORMAT parquet, COMPRESSION zstd)"
    )


WEIGHTS_SQL = """
CREATE OR REPLACE TEMP TABLE record_weight AS
WITH inside AS (
    SELECT uid_l, uid_r, match_weight FROM pairs
    JOIN clusters l ON l.uid = uid_l JOIN clusters r ON r.uid = uid_r WHERE l.cluster = r.cluster
)
SELECT uid, max(match_weight) AS match_weight
FROM (SELECT uid_l AS uid, match_weight FROM inside UNION ALL SELECT uid_r, match_weight FROM inside) GROUP BY uid
"""
"""The weight of a record: of its best pair inside its cluster; NULL when it stands alone or nothing new was scored."""
