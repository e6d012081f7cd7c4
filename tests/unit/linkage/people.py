"""Small hand-made identity records with a known truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from enclave.linkage import standardise
from enclave.linkage.standardise import IDENTITY_COLUMNS, IdentityFile

Record = Mapping[str, str]


def identity_file(folder: Path, provider: str, records: Iterable[Record], year: int = 2025) -> IdentityFile:
    """An identity file as the intake writes it."""
    rows = [{name: record.get(name) for name in ("record_id", *IDENTITY_COLUMNS)} for record in records]
    schema = pa.schema([(name, pa.string()) for name in ("record_id", *IDENTITY_COLUMNS)])
    path = folder / f"{provider}-{year}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return IdentityFile(provider, path, year)


def standardised(folder: Path, *records: Record) -> list[dict[str, object]]:
    """What standardising makes of some records of one provider."""
    numbered = [{"record_id": f"r{number}", **record} for number, record in enumerate(records)]
    with duckdb.connect() as connection:
        standardise.load(connection, [identity_file(folder, "uc", numbered)])
        return connection.sql("FROM records ORDER BY uid").to_arrow_table().to_pylist()
