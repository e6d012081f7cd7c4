# ruff: noqa: S608  (every name in these statements passed the patterns of specification.py; values are bound)
"""Random record codes, one table a project and entity type.

34 CFR 99.31(b)(2) asks for a code that is not based on personal information: each pseudonym is 63 random bits from the
operating system, so two projects' codes of one person have nothing in common and no key could link them.  Destroying
the table is what ends the possibility of re-linking; nothing can make it again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

PERSON = "person"
EMPLOYER = "employer"


@contextmanager
def project_lock(folder: Path) -> Iterator[None]:
    """One builder at a time a project: two would draw different codes for the same new person."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+b") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def extend(connection: duckdb.DuckDBPyConnection, folder: Path, entity: str, wanted: str) -> int:
    """Give every row of the relation ``wanted (source)`` a pseudonym; returns how many were new.

    Leaves a temporary table ``pseudonym_<entity> (source, pseudonym)``. The file is replaced atomically, so a kill
    leaves either the old table or the new one, and a code once given stays for the life of the project.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{entity}.parquet"
    table = f"pseudonym_{entity}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {_standing(path, wanted)}")
    known = connection.sql(f"SELECT pseudonym FROM {table}").fetchnumpy()["pseudonym"]
    fresh: pa.Table = connection.sql(
        f"SELECT DISTINCT source FROM {wanted} WHERE source IS NOT NULL AND source NOT IN (SELECT source FROM {table})"
    ).to_arrow_table()
    if fresh.num_rows or not path.exists():
        codes = draw(fresh.num_rows, np.asarray(known, dtype=np.int64))
        connection.register("fresh_codes", fresh.append_column("pseudonym", pa.array(codes)))
        connection.execute(f"INSERT INTO {table} SELECT source, pseudonym FROM fresh_codes")
        connection.unregister("fresh_codes")
        _write(connection, table, path)
    return int(fresh.num_rows)


def draw(count: int, taken: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """``count`` distinct random positive 63-bit integers, none of them in ``taken``."""
    codes = np.empty(0, dtype=np.int64)
    while len(codes) < count:
        # A code below 2^32 could be mistaken for an ordinary number by a reader, and for one by the verifier.
        more = (np.frombuffer(os.urandom(8 * (count - len(codes))), dtype=np.uint64) >> 1).astype(np.int64)
        pool = np.concatenate([codes, more[more > 2**32]])
        codes = np.setdiff1d(np.unique(pool), taken)
    # ``unique`` sorts; sorted codes handed out in key order would keep the keys' order.
    return np.random.default_rng(int.from_bytes(os.urandom(16))).permutation(codes)


def _standing(path: Path, wanted: str) -> str:
    if path.exists():
        return f"SELECT source, pseudonym FROM read_parquet('{_quoted(path)}')"
    return f"SELECT source, CAST(NULL AS BIGINT) AS pseudonym FROM {wanted} LIMIT 0"


def _write(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    temporary = path.with_suffix(".new")
    connection.execute(f"COPY {table} TO '{_quoted(temporary)}' (FORMAT parquet, COMPRESSION zstd)")
    with temporary.open("rb") as handle:
        os.fsync(handle.fileno())
    temporary.replace(path)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
