"""The person ledger: person keys that outlive the runs that found them.

Record linkage gives clusters without names; the numbers of its clusters change with every run. The ledger gives each
cluster the key that most of its records had before, and writes down every key that was created, merged, split or
retired, with the evidence. Promise: a key is a random positive 63-bit integer, never derived from a person and never
used again; a record that nothing new was learnt about keeps its key. A run is entered once, in one transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from enclave.core.clock import Clock

_SCHEMA = """
CREATE TABLE IF NOT EXISTS person (
    person_key BIGINT PRIMARY KEY, created_by VARCHAR NOT NULL, merged_into BIGINT, retired_by VARCHAR,
    CHECK (person_key > 0)
);
CREATE TABLE IF NOT EXISTS membership (
    provider VARCHAR, record_id VARCHAR, person_key BIGINT NOT NULL, match_weight DOUBLE, fingerprint VARCHAR NOT NULL,
    run VARCHAR NOT NULL, PRIMARY KEY (provider, record_id)
);
CREATE TABLE IF NOT EXISTS event (
    run VARCHAR NOT NULL, entered_at TIMESTAMPTZ NOT NULL, kind VARCHAR NOT NULL, person_key BIGINT NOT NULL,
    other_key BIGINT, records INTEGER NOT NULL, strongest_weight DOUBLE,
    CHECK (kind IN ('create', 'merge', 'split', 'retire'))
);
CREATE TABLE IF NOT EXISTS run (
    id VARCHAR PRIMARY KEY, year INTEGER NOT NULL, model VARCHAR NOT NULL, entered_at TIMESTAMPTZ NOT NULL
);
"""


class PersonLedger:
    """The ledger in one DuckDB file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute(_SCHEMA)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[PersonLedger]:
        with duckdb.connect(str(path)) as connection:
            yield cls(connection)

    def has(self, run_id: str) -> bool:
        return bool(self._rows("SELECT 1 FROM run WHERE id = ?", [run_id]))

    def standing_model(self) -> str | None:
        """The run whose frozen model the ledger stands on, None before the first."""
        rows = self._rows("SELECT model FROM run ORDER BY entered_at DESC LIMIT 1")
        return str(rows[0][0]) if rows else None

    def counts(self) -> dict[str, int]:
        """Standing persons, and events by kind."""
        (standing,) = self._rows("SELECT count(*) FROM person WHERE merged_into IS NULL AND retired_by IS NULL")[0]
        return {"persons": int(standing)} | {
            str(kind): int(number) for kind, number in self._rows("SELECT kind, count(*) FROM event GROUP BY kind")
        }

    def enter(self, run_id: str, year: int, model: str, found: Path, clock: Clock) -> dict[str, int]:
        """Reconcile the clusters of a run (``found``: provider, record_id, cluster, match_weight, fingerprint).

        Returns the number of events by kind. Entering a run again changes nothing.
        """
        if self.has(run_id):
            return self._events_of(run_id)
        moment = clock.now()
        self.connection.execute("BEGIN TRANSACTION")
        try:
            self.connection.execute("CREATE OR REPLACE TEMP TABLE found AS SELECT * FROM read_parquet(?)", [str(found)])
            self.connection.execute(_CLAIMS)
            self._give_keys()
            for statement in _ENTRIES:
                values = {"run": run_id, "at": moment}
                self.connection.execute(
                    statement, {name: value for name, value in values.items() if f"${name}" in statement}
                )
            self.connection.execute("INSERT INTO run VALUES (?, ?, ?, ?)", [run_id, year, model, moment])
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        return self._events_of(run_id)

    def write_crosswalk(self, path: Path) -> int:
        """The crosswalk file, replaced as a whole; the number of records in it."""
        temporary = path.with_suffix(".writing")
        quoted = str(temporary).replace("'", "''")
        self.connection.execute(
            "COPY (SELECT provider, record_id, person_key, match_weight FROM membership ORDER BY provider, record_id) "
            f"TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)"
        )
        temporary.replace(path)
        return int(self._rows("SELECT count(*) FROM membership")[0][0])

    def _give_keys(self) -> None:
        """A new random key for every cluster that no standing person claims."""
        clusters = [row[0] for row in self._rows("SELECT cluster FROM unclaimed ORDER BY cluster")]
        used = {row[0] for row in self._rows("SELECT person_key FROM person")}
        keys: list[int] = []
        while len(keys) < len(clusters):
            key = secrets.randbits(63)
            if key and key not in used:
                used.add(key)
                keys.append(key)
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE fresh AS SELECT unnest($1::BIGINT[]) AS cluster, unnest($2::BIGINT[]) AS key",
            [clusters, keys],
        )
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE keyed AS FROM survivor UNION ALL SELECT cluster, key FROM fresh"
        )

    def _events_of(self, run_id: str) -> dict[str, int]:
        rows = self._rows("SELECT kind, count(*) FROM event WHERE run = ? GROUP BY kind", [run_id])
        return {"create": 0, "merge": 0, "split": 0, "retire": 0} | {str(kind): int(n) for kind, n in rows}

    def _rows(self, sql: str, parameters: list[object] | None = None) -> list[tuple[Any, ...]]:
        return list(self.connection.execute(sql, parameters or []).fetchall())


_CLAIMS = """
CREATE OR REPLACE TEMP TABLE before AS FROM membership;
CREATE OR REPLACE TEMP TABLE overlap AS
    SELECT person_key AS key, cluster, count(*) AS records, max(found.match_weight) AS weight
    FROM found JOIN membership USING (provider, record_id) GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE claim AS
    SELECT key, cluster, records, weight FROM overlap
    QUALIFY row_number() OVER (PARTITION BY key ORDER BY records DESC, cluster) = 1;
CREATE OR REPLACE TEMP TABLE survivor AS
    SELECT cluster, key FROM claim QUALIFY row_number() OVER (PARTITION BY cluster ORDER BY records DESC, key) = 1;
CREATE OR REPLACE TEMP TABLE unclaimed AS
    SELECT DISTINCT cluster FROM found WHERE cluster NOT IN (SELECT cluster FROM survivor);
"""
"""Each standing key claims the cluster with most of its records; of several claims on a cluster the largest holds."""

_ENTRIES = (
    """
    INSERT INTO event SELECT $run, $at, 'create', key, NULL, count(*), max(match_weight)
    FROM fresh JOIN found USING (cluster) GROUP BY key
    """,
    "INSERT INTO person SELECT key, $run, NULL, NULL FROM fresh",
    """
    INSERT INTO event SELECT $run, $at, 'merge', survivor.key, claim.key, records, weight
    FROM claim JOIN survivor USING (cluster) WHERE claim.key <> survivor.key
    """,
    """
    UPDATE person SET merged_into = survivor.key FROM claim JOIN survivor USING (cluster)
    WHERE person.person_key = claim.key AND claim.key <> survivor.key
    """,
    """
    INSERT INTO event SELECT $run, $at, 'split', overlap.key, keyed.key, overlap.records, overlap.weight
    FROM overlap JOIN keyed USING (cluster) JOIN claim ON claim.key = overlap.key
    WHERE overlap.cluster <> claim.cluster
    """,
    """
    INSERT INTO event SELECT $run, $at, 'retire', person_key, NULL, 0, NULL FROM person
    WHERE merged_into IS NULL AND retired_by IS NULL AND person_key NOT IN (SELECT key FROM overlap)
        AND person_key NOT IN (SELECT key FROM fresh)
    """,
    """
    UPDATE person SET retired_by = $run
    WHERE person_key IN (SELECT person_key FROM event WHERE run = $run AND kind = 'retire')
    """,
    "DELETE FROM membership",
    """
    INSERT INTO membership
    SELECT provider, record_id, key, coalesce(found.match_weight, before.match_weight), found.fingerprint, $run
    FROM found JOIN keyed USING (cluster) LEFT JOIN before USING (provider, record_id)
    """,
)
