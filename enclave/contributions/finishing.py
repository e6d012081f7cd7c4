# ruff: noqa: S608  (names come from provider schemas, checked against a pattern at load; paths are quoted)
"""From staged rows to the files of a contribution: keys checked, identity and attributes parted, all of it digested.

The roster goes first: only persons in it may have attributes, so a row about a person whose record was set aside is set
aside too (`unknown_record`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from enclave.contributions.rules import DUPLICATE, UNKNOWN, quoted
from enclave.contributions.schema import IDENTITY_COLUMNS, Table, TableRole
from enclave.contributions.staging import StagedTable, StagingFolder


@dataclass(frozen=True)
class FinishedTable:
    """One file of the contribution and its number of rows."""

    path: Path
    rows: int


def finish_table(
    table: Table, header: Iterable[str], staged: StagedTable, place: StagingFolder, made: Path
) -> FinishedTable:
    """Write a table's good rows below `made`, and its bad rows below `set_aside/`; the roster must come first."""
    is_roster = table.role is TableRole.ROSTER
    final = identity_path(made) if is_roster else made / "attributes" / f"{table.name}.parquet"
    final.parent.mkdir(parents=True, exist_ok=True)
    with _database(place.folder) as database:
        database.execute(f"CREATE VIEW staged AS FROM read_parquet({quoted(str(place.rows(table.name)))})")
        rejected = _rejected(database, table, None if is_roster else identity_path(made))
        for line, fault in rejected:
            staged.note(line, fault)
        lines, faults = [line for line, _ in rejected], [fault for _, fault in rejected]
        database.register(
            "rejected", pa.table({"line": pa.array(lines, pa.int64()), "faults": pa.array(faults, pa.string())})
        )
        columns = _identity_columns(table) if is_roster else _attribute_columns(table, header)
        database.execute(
            f"COPY (SELECT {columns} FROM staged ANTI JOIN rejected USING (line)) "
            f"TO {quoted(str(final))} (FORMAT parquet, COMPRESSION zstd)"
        )
        if staged.set_aside:
            _write_set_aside(database, table, place, made)
    return FinishedTable(final, int(pq.read_metadata(final).num_rows))


def identity_path(made: Path) -> Path:
    """The file of identity records of a contribution's folder."""
    return made / "identity.parquet"


@contextmanager
def _database(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SET temp_directory = {quoted(str(spill / 'spill'))}")
        yield connection


def _rejected(database: duckdb.DuckDBPyConnection, table: Table, roster: Path | None) -> list[tuple[int, str]]:
    """(line, fault) of rows that repeat an earlier row's key or have no person in the roster; a line once."""
    key = ", ".join(table.key)
    found: dict[int, str] = {}
    repeated = database.execute(
        f"WITH firsts AS (SELECT {key}, min(line) AS first FROM staged GROUP BY ALL HAVING count(*) > 1) "
        f"SELECT line FROM staged JOIN firsts USING ({key}) WHERE line > first ORDER BY line"
    ).fetchall()
    found.update((line, DUPLICATE) for (line,) in repeated)
    if roster is not None:
        unknown = database.execute(
            f"SELECT line FROM staged ANTI JOIN read_parquet({quoted(str(roster))}) USING (record_id) ORDER BY line"
        ).fetchall()
        for (line,) in unknown:
            found.setdefault(line, UNKNOWN)
    return sorted(found.items())


def _identity_columns(table: Table) -> str:
    held = {column.identity: column.name for column in table.columns}
    kinds = {name: "DATE" if name == "date_of_birth" else "VARCHAR" for name in IDENTITY_COLUMNS}
    return ", ".join(
        ["record_id", *(f"CAST({held.get(name) or 'NULL'} AS {kind}) AS {name}" for name, kind in kinds.items())]
    )


def _attribute_columns(table: Table, header: Iterable[str]) -> str:
    delivered = set(header)
    return ", ".join(column.name for column in table.columns if column.name in delivered and not column.identity)


def _write_set_aside(database: duckdb.DuckDBPyConnection, table: Table, place: StagingFolder, made: Path) -> None:
    """Bad rows with their cells, for the steward and the provider: this file never leaves the vault."""
    final = made / "set_aside" / f"{table.name}.parquet"
    final.parent.mkdir(exist_ok=True)
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in table.column_names)
    database.execute(
        f"COPY (SELECT * FROM read_parquet({quoted(str(place.bad(table.name)))}) UNION ALL BY NAME "
        f"SELECT line, faults, {texts} FROM staged JOIN rejected USING (line) ORDER BY line) "
        f"TO {quoted(str(final))} (FORMAT parquet, COMPRESSION zstd)"
    )
