# ruff: noqa: S608 -- identifiers come from the policy (a-z, 0-9, _), paths are quoted
"""The pre-bounded table: an edition's table in which one person can change only what the policy declares.

Built once for an edition and a policy: at most `per_period` rows of a person in a period and `per_person` in all,
chosen by a salted hash of the row, so that the choice depends on that person's rows alone; numbers rounded to
scaled integers and clamped to their public bounds; only columns that the policy opens. Removing one person
removes that person's rows and changes no other row: sensitivity follows from the policy, whatever the data are.

Caution: how many rows were cut is exact and therefore stays in `build.json`, in the research store.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from enclave.core.digests import canonical_json, sha256_file
from enclave.core.errors import Unprocessable
from enclave.core.files import replace_dir_atomic, write_atomic
from enclave.dp.pace import Pace
from enclave.dp.policy import PROVIDER, Column, ColumnType, TablePolicy

PERSON = "person_key"
ROWS_IN_SLICE = 2_000_000


@dataclass(frozen=True)
class BoundedTable:
    """A built table: its Parquet file, the digest of it and of the edition's manifest; attributes of joined tables."""

    file: Path
    digest: str
    edition_digest: str
    pace: Pace = field(default_factory=Pace)
    attributes: Mapping[str, BoundedTable] = field(default_factory=dict)

    @property
    def joined(self) -> dict[str, Path]:
        """The files of the joined tables."""
        return {name: table.file for name, table in self.attributes.items()}


def ensure_bounded(editions: Path, bounded: Path, edition: str, policy: TablePolicy) -> BoundedTable:
    """The bounded table of an edition, built now when it is not there yet. Unprocessable: no such table."""
    final = bounded / edition / f"{policy.table}-{policy.digest[:16]}"
    with _locked(bounded, edition):
        if not final.exists():
            files = _files(editions / edition, policy)
            _build(final, editions / edition, policy, lambda target: _write_table(files, target, policy))
    return _built(final)


def ensure_attributes(editions: Path, bounded: Path, edition: str, policy: TablePolicy) -> BoundedTable:
    """One row a person of the bounded table: the row that the policy's rule picks, from that person's rows alone."""
    source = ensure_bounded(editions, bounded, edition, policy)
    final = bounded / edition / f"{policy.table}-person-{policy.digest[:16]}"
    with _locked(bounded, edition):
        if not final.exists():
            _build(final, editions / edition, policy, lambda target: _write_persons(source.file, target, policy))
    return _built(final)


def _built(final: Path) -> BoundedTable:
    build = json.loads((final / "build.json").read_text())
    pace = Pace(**build.get("seconds", {}))
    return BoundedTable(final / "table.parquet", build["digest"], build["edition_digest"], pace)


def connect(spill: Path | None = None, file: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory (or a file) that loads no extensions; what does not fit is spilled to a folder."""
    config: dict[str, Any] = {
        "memory_limit": "2GB",
        "temp_directory": str(spill or Path(tempfile.gettempdir()) / "duckdb"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(str(file or ":memory:"), config=config)


def quoted(name: str) -> str:
    """A name as an identifier; names come from the policy and hold a–z, 0–9 and underscore only."""
    return f'"{name}"'


def _files(source: Path, policy: TablePolicy) -> dict[str, Path]:
    files = {code: source / code / f"{policy.table}.parquet" for code in policy.providers}
    files = {code: file for code, file in files.items() if file.is_file()}
    if not files:
        raise Unprocessable("This edition has no such table.", "Choose another edition or dataset.")
    return files


def _build(final: Path, source: Path, policy: TablePolicy, write: Callable[[Path], dict[str, Any]]) -> None:
    """Make a folder with `table.parquet` and `build.json`, whole or not at all."""
    final.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".build-", dir=final.parent))
    try:
        report = write(work / "table.parquet")
        shutil.rmtree(work / "spill", ignore_errors=True)
        report |= {
            "policy": policy.digest,
            "digest": sha256_file(work / "table.parquet"),
            "edition_digest": sha256_file(source / "manifest.json"),
        }
        write_atomic(work / "build.json", canonical_json(report))
        replace_dir_atomic(work, final)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _write_table(files: dict[str, Path], target: Path, policy: TablePolicy) -> dict[str, Any]:
    """Persons are taken in slices, so that a table of any size is bounded in the memory of one slice."""
    salt, spill = secrets.randbits(62), target.parent / "spill"
    spill.mkdir()
    with connect(spill, spill / "kept.db") as database:
        parts = [_select(database, code, file, policy) for code, file in files.items()]
        database.execute(f"CREATE TEMP VIEW source AS {' UNION ALL '.join(parts)}")
        rows = _count(database, "source")
        slices = 1 + rows // ROWS_IN_SLICE
        database.execute("CREATE TABLE kept AS SELECT * FROM source LIMIT 0")
        for number in range(slices):
            database.execute(f"INSERT INTO kept {_kept(policy, salt, f'hash(person) % {slices} = {number}')}")
        order = ", ".join(filter(None, (policy.rows.period and quoted(policy.rows.period), "person")))
        database.execute(f"COPY (SELECT * FROM kept ORDER BY {order}) TO {_literal(target)} (FORMAT parquet)")
        kept = _count(database, "kept")
    return {"rows": rows, "rows_kept": kept, "salt": salt, "seconds": _seconds(target, policy)}


def _seconds(table: Path, policy: TablePolicy) -> dict[str, float]:
    """How long a walk through all rows takes here: the quicker one of two, and no longer than its work on one core."""
    groups = [quoted(name) for name, column in policy.columns.items() if column.groupable][:2]
    sums = [f"sum({quoted(name)})" for name, column in policy.columns.items() if column.measurable]
    by = f"GROUP BY {', '.join(groups)}" if groups else ""
    walks = {"rows": ["count(*)", *sums], "persons": ["count(DISTINCT person)"]}
    found: dict[str, list[float]] = {name: [] for name in walks}
    with connect(table.parent / "spill") as database:
        for name in (*walks, *walks):
            began, used = time.perf_counter(), time.process_time()
            database.execute(f"SELECT {', '.join(walks[name])} FROM read_parquet({_literal(table)}) {by}").fetchall()
            found[name] += [time.perf_counter() - began, time.process_time() - used]
    return {name: round(min(times), 4) for name, times in found.items()}


def _kept(policy: TablePolicy, salt: int, part: str) -> str:
    """The rows that count, of the persons of a slice; null is nobody and in no slice."""
    columns = ", ".join(quoted(name) for name in policy.columns)
    period = f", {quoted(policy.rows.period)}" if policy.rows.period else ""
    per_period = policy.rows.per_period or policy.rows.per_person
    return f"""
        WITH marked AS (
            SELECT *, hash({salt}, person, {columns}) AS mark FROM source WHERE person IS NOT NULL AND {part}
        ), in_period AS (
            SELECT * FROM marked
            QUALIFY row_number() OVER (PARTITION BY person{period} ORDER BY mark) <= {per_period}
        )
        SELECT * EXCLUDE (mark) FROM in_period
        QUALIFY row_number() OVER (PARTITION BY person ORDER BY mark) <= {policy.rows.per_person}
        """


def counted_rows(database: duckdb.DuckDBPyConnection, source: Path, policy: TablePolicy) -> tuple[int, int]:
    """Exact rows of an edition that the bounds keep, and that they cut; of one person at most `per_person` cut ones."""
    files = _files(source, policy)
    parts = " UNION ALL ".join(_select(database, code, file, policy) for code, file in files.items())
    period = quoted(policy.rows.period) if policy.rows.period else "0"
    per_period = policy.rows.per_period or policy.rows.per_person
    row = database.execute(
        f"""
        WITH periods AS (
            SELECT person, count(*) AS found, least(count(*), {per_period}) AS kept
            FROM ({parts}) WHERE person IS NOT NULL GROUP BY person, {period}
        ), persons AS (
            SELECT sum(found) AS found, least(sum(kept), {policy.rows.per_person}) AS kept FROM periods GROUP BY person
        )
        SELECT coalesce(sum(kept), 0), coalesce(sum(least(found - kept, {policy.rows.per_person})), 0) FROM persons
        """
    ).fetchall()[0]
    return int(row[0]), int(row[1])


def _write_persons(source: Path, target: Path, policy: TablePolicy) -> dict[str, Any]:
    if policy.person is None:
        raise Unprocessable("This table cannot be joined.", "Ask about it in a question of its own.")
    salt, period = secrets.randbits(62), quoted(policy.rows.period or "")
    latest = f"{period} DESC NULLS LAST, " if policy.person.choose == "last" else ""
    every, kept = (", ".join(quoted(name) for name in names) for names in (policy.columns, policy.person.columns))
    with connect(target.parent / "spill") as database:
        database.execute(
            f"""
            COPY (
                SELECT person, {kept} FROM read_parquet({_literal(source)})
                QUALIFY row_number() OVER (PARTITION BY person ORDER BY {latest}hash({salt}, person, {every})) = 1
                ORDER BY person
            ) TO {_literal(target)} (FORMAT parquet)
            """
        )
        return {"persons": _count(database, f"read_parquet({_literal(target)})"), "salt": salt}


def _select(database: duckdb.DuckDBPyConnection, provider: str, file: Path, policy: TablePolicy) -> str:
    """One provider's rows in the policy's columns; a column that it does not have is null."""
    described = database.execute(f"DESCRIBE SELECT * FROM read_parquet({_literal(file)})").fetchall()
    present = {row[0] for row in described}
    parts = [f"CAST({PERSON} AS BIGINT) AS person"]
    for name, column in policy.columns.items():
        value = f"'{provider}'" if name == PROVIDER else quoted(name) if name in present else "NULL"
        parts.append(f"{_bounded_value(value, column)} AS {quoted(name)}")
    return f"SELECT {', '.join(parts)} FROM read_parquet({_literal(file)})"


def _bounded_value(value: str, column: Column) -> str:
    if column.type is ColumnType.TEXT:
        return f"CAST({value} AS VARCHAR)"
    scaled = f"round(TRY_CAST({value} AS DOUBLE) * {column.scale})"
    if column.measurable:
        return f"CAST(CASE WHEN {value} IS NOT NULL THEN {_clamped(scaled, column)} END AS BIGINT)"
    return f"TRY_CAST({scaled} AS BIGINT)"


def _clamped(scaled: str, column: Column) -> str:
    """`greatest` and `least` skip nulls, so the null of an unreadable number is kept apart."""
    return f"CASE WHEN {scaled} IS NOT NULL THEN greatest(least({scaled}, {column.high}), {column.low}) END"


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _count(database: duckdb.DuckDBPyConnection, table: str) -> int:
    rows = database.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(rows[0][0])


@contextmanager
def _locked(bounded: Path, edition: str) -> Iterator[None]:
    """One builder at a time for an edition, over threads and processes."""
    bounded.mkdir(parents=True, exist_ok=True)
    with (bounded / f".{edition}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
