"""Staging: one delivered file read, judged cell by cell and written as typed rows, with its bad rows beside it.

A staged table is finished when its summary file is there; a rerun after a kill takes finished tables as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enclave.contributions import rules
from enclave.contributions.delivery import DeliveredFile
from enclave.contributions.reading import read_batches
from enclave.contributions.schema import ColumnType, Table
from enclave.core.files import write_atomic

LISTED_FAULTS = 1_000
_ARROW_TYPES = {
    ColumnType.TEXT: pa.string(), ColumnType.CODE: pa.string(), ColumnType.INTEGER: pa.int64(),
    ColumnType.DECIMAL: pa.float64(), ColumnType.DATE: pa.date32(),
}  # fmt: skip


@dataclass
class StagedTable:
    """What was found in one file. `by_rule` counts faults by `column:rule`; `listed` names lines, never values."""

    table: str
    file: str
    sha256: str
    encoding: str
    rows: int = 0
    set_aside: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)

    def note(self, line: int, faults: str) -> None:
        """Count the faults of one line that is set aside."""
        self.set_aside += 1
        for fault in faults.split():
            self.by_rule[fault] = self.by_rule.get(fault, 0) + 1
            if len(self.listed) < LISTED_FAULTS:
                column, _, rule = fault.partition(":")
                self.listed.append({"line": line, "column": column or None, "rule": rule})


@dataclass(frozen=True)
class StagingFolder:
    """The paths of staged tables below a contribution in the making."""

    folder: Path

    def rows(self, table: str) -> Path:
        return self.folder / f"{table}.rows.parquet"

    def bad(self, table: str) -> Path:
        return self.folder / f"{table}.bad.parquet"

    def summary(self, table: str) -> Path:
        return self.folder / f"{table}.json"


def stage(delivered: DeliveredFile, table: Table, header: list[str], place: StagingFolder) -> StagedTable:
    """Read, judge and write one file; taken from an earlier run where that run finished it on the same bytes."""
    done = place.summary(table.name)
    if done.exists():
        staged = StagedTable(**json.loads(done.read_bytes()))
        if staged.sha256 == delivered.sha256:
            return staged
    staged = StagedTable(table.name, delivered.path.name, delivered.sha256, delivered.encoding.value)
    _write_rows(delivered, table, header, place, staged)
    write_atomic(done, json.dumps(asdict(staged)).encode())
    return staged


def _write_rows(
    delivered: DeliveredFile, table: Table, header: list[str], place: StagingFolder, staged: StagedTable
) -> None:
    present = [name for name in table.column_names if name in header]
    good_schema = pa.schema([("line", pa.int64()), *((c.name, _ARROW_TYPES[c.type]) for c in table.columns)])
    bad_schema = pa.schema([("line", pa.int64()), ("faults", pa.string()), *((n, pa.string()) for n in present)])
    misshapen: list[int] = []
    with (
        duckdb.connect() as connection,
        pq.ParquetWriter(place.rows(table.name), good_schema, compression="lz4") as good_file,
        pq.ParquetWriter(place.bad(table.name), bad_schema, compression="lz4") as bad_file,
    ):
        connection.execute("SET enable_progress_bar = false")
        for batch in read_batches(delivered.path, delivered.encoding, header, misshapen.append):
            judged = _judge(connection, table, present, batch)
            good = pc.equal(judged["faults"], "")
            good_file.write_table(_completed(judged.filter(good), good_schema))
            staged.rows += judged.num_rows
            bad = judged.filter(pc.invert(good)).select(["line", "faults"])
            if bad.num_rows:
                bad_file.write_table(_with_texts(bad, batch, bad_schema))
                _note_all(staged, zip(bad["line"].to_pylist(), bad["faults"].to_pylist(), strict=True))
        if misshapen:
            bad_file.write_table(
                _completed(pa.table({"line": misshapen, "faults": [rules.SHAPE] * len(misshapen)}), bad_schema)
            )
            staged.rows += len(misshapen)
            _note_all(staged, ((line, rules.SHAPE) for line in misshapen))


def _judge(connection: duckdb.DuckDBPyConnection, table: Table, present: list[str], batch: pa.Table) -> pa.Table:
    connection.register("delivered", batch)
    judged: pa.Table = connection.sql(rules.judge_sql(table, present, "delivered")).to_arrow_table()
    connection.unregister("delivered")
    return judged


def _completed(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows in the schema's columns and types; columns that were not delivered are null."""
    columns = [
        rows[name].cast(kind) if name in rows.column_names else pa.nulls(rows.num_rows, kind)
        for name, kind in zip(schema.names, schema.types, strict=True)
    ]
    return pa.table(columns, schema=schema)


def _with_texts(bad: pa.Table, batch: pa.Table, schema: pa.Schema) -> pa.Table:
    """The bad lines with their cells as delivered; they stay in the vault."""
    texts = batch.filter(pc.is_in(batch["line"], bad["line"].combine_chunks())).sort_by("line")
    ordered = bad.sort_by("line")
    return _completed(texts.append_column("faults", ordered["faults"]), schema)


def _note_all(staged: StagedTable, found: Iterable[tuple[int, str]]) -> None:
    for line, faults in found:
        staged.note(line, faults)
