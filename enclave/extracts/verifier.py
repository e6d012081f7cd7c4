# ruff: noqa: S608  (every name in these statements passed the patterns of specification.py; values are bound)
"""The second pair of eyes: reads a finished extract and signs nothing that it cannot confirm itself.

It shares no code with the builder beyond the specification: it recomputes rows, persons and k in its own way, looks
at every text value for the shape of an identifier, checks each treatment by its effect, and compares with the
pseudonym tables.  It only reads; a folder that is not right is thrown away, never mended ("verify, never modify",
after CDC's privacy review).  A problem names the column and the rule, never a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from enclave.core.digests import sha256_file
from enclave.extracts.specification import Part, Specification, Treatment

#: Shapes that no column of an extract may hold: SSN, ten-digit student number, telephone, e-mail, ISO date.
BANNED = {
    "a Social Security number": r"(^|\D)\d{3}[- ]\d{2}[- ]\d{4}(\D|$)|^\d{9}$",
    "a statewide student number": r"^\d{10}$",
    "a telephone number": r"(^|\D)\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(\D|$)",
    "an e-mail address": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "an exact date": r"(^|\D)(19|20)\d{2}-[01]\d-[0-3]\d(\D|$)",
}
#: From here a whole number could be an identifier; pseudonyms alone may be this large.
LARGEST_NUMBER = 100_000_000
FEW = 11
_PSEUDONYMS = {"person_id": "person", "employer_id": "employer"}


@dataclass
class Report:
    """What was found. ``problems`` empty means that the extract may be signed."""

    problems: list[str] = field(default_factory=list)
    tables: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    risk: dict[str, Any] = field(default_factory=dict)
    persons: int = 0


def verify(folder: Path, specification: Specification, pseudonyms: Path) -> Report:
    """Check the files of ``folder`` against ``specification`` and the project's pseudonym tables."""
    report = Report()
    expected = {f"{table}.parquet" for table in specification.tables} | {"codebook.json"}
    present = {entry.name for entry in folder.iterdir() if entry.name != "manifest.json"}
    if present != expected or any(entry.is_symlink() or not entry.is_file() for entry in folder.iterdir()):
        report.problems.append("The folder holds other files than the specification's tables.")
        return report
    with duckdb.connect(config={"memory_limit": "1500MB", "threads": 2}) as connection:
        connection.execute("CREATE TEMP TABLE everybody (person_id BIGINT)")
        for table, parts in specification.tables.items():
            _Table(connection, folder / f"{table}.parquet", parts, specification, pseudonyms, report).check()
        report.persons = _number(connection, "SELECT count(DISTINCT person_id) FROM everybody")
    for name in sorted(expected):
        path = folder / name
        report.files[name] = {"sha256": sha256_file(path), "bytes": path.stat().st_size}
    return report


@dataclass
class _Table:
    """The checks of one file."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    parts: tuple[Part, ...]
    specification: Specification
    pseudonyms: Path
    report: Report

    def check(self) -> None:
        described = self.connection.execute(f"DESCRIBE SELECT * FROM {self.source}").fetchall()
        types = {str(row[0]): str(row[1]) for row in described}
        if not self._columns_approved(types) or not self._types_allowed(types):
            return
        self._persons()
        for column in (name for name, kind in types.items() if kind == "VARCHAR"):
            self._shapes(column)
        self._risk(types, self._scan(list(self._conditions(types))))

    @property
    def source(self) -> str:
        return f"read_parquet('{_quoted(self.path)}')"

    def problem(self, sentence: str) -> None:
        self.report.problems.append(f"{self.path.stem}: {sentence}")

    def _columns_approved(self, types: dict[str, str]) -> bool:
        approved = {column.output for part in self.parts for column in part.columns}
        given = {"person_id", "provider", "academic_year", "year", "quarter"}
        extra = sorted(set(types) - approved - given)
        missing = sorted((approved | {"person_id", "provider"}) - set(types))
        if extra:
            self.problem(f"unapproved columns: {', '.join(extra)}.")
        if missing:
            self.problem(f"missing columns: {', '.join(missing)}.")
        return not extra and not missing

    def _types_allowed(self, types: dict[str, str]) -> bool:
        wrong = []
        for column, kind in sorted(types.items()):
            if kind.startswith(("DATE", "TIME")):
                wrong.append(f"{column} holds exact dates.")
            elif column in _PSEUDONYMS and kind != "BIGINT":
                wrong.append(f"{column} is not a 63-bit code.")
            elif kind not in ("VARCHAR", "BOOLEAN") and not _is_number(kind):
                wrong.append(f"{column} is of a type that an extract may not have.")
        for sentence in wrong:
            self.problem(sentence)
        return not wrong

    def _persons(self) -> None:
        """Every code is one of this project's, and none is a person key."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE seen AS SELECT DISTINCT person_id FROM {self.source}")
        self.connection.execute("INSERT INTO everybody SELECT person_id FROM seen")
        known = f"read_parquet('{_quoted(self.pseudonyms / 'person.parquet')}')"
        if self._count("seen WHERE person_id IS NULL"):
            self.problem("rows without a pseudonym.")
        if self._count(f"seen ANTI JOIN {known} k ON k.pseudonym = person_id"):
            self.problem("persons whose code is not of this project.")
        if self._count(f"seen SEMI JOIN {known} k ON k.source = person_id"):
            self.problem("codes that equal a person key.")

    def _shapes(self, column: str) -> None:
        distinct = f'(SELECT DISTINCT "{column}" AS value FROM {self.source})'
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE texts AS SELECT value FROM {distinct}")
        for what, pattern in BANNED.items():
            if self._count(f"texts WHERE regexp_matches(value, '{pattern}')"):
                self.problem(f"{column} holds what looks like {what}.")

    def _conditions(self, types: dict[str, str]) -> Iterator[tuple[str, str]]:
        """What no row may be, with the sentence for it."""
        first, last = self.specification.years
        policy = self.specification.policy
        year = next((name for name in ("academic_year", "year") if name in types), None)
        if year:
            yield f'"{year}" NOT BETWEEN {first} AND {last}', "rows outside the approved years."
        for column, kind in types.items():
            if _is_number(kind) and column not in _PSEUDONYMS:
                large = f'abs("{column}") >= {LARGEST_NUMBER}'
                yield large, f"{column} holds numbers as large as an identifier."
        for column in {c.output for p in self.parts for c in p.columns if c.treatment is Treatment.WAGE}:
            loose = f'("{column}" > {policy.wage_top} OR "{column}" % {policy.wage_step} <> 0)'
            sentence = f"{column} is not rounded and top-coded as approved."
            yield f'{loose} AND "{column}" <> {policy.wage_top}', sentence

    def _scan(self, conditions: list[tuple[str, str]]) -> int:
        """One pass over the file for all conditions; returns the number of rows."""
        counts = ", ".join(["count(*)", *(f"count(*) FILTER (WHERE {condition})" for condition, _ in conditions)])
        row = self.connection.execute(f"SELECT {counts} FROM {self.source}").fetchone() or (0,)
        for (_, sentence), found in zip(conditions, row[1:], strict=True):
            if found:
                self.problem(sentence)
        return int(row[0])

    def _risk(self, types: dict[str, str], rows: int) -> None:
        quasi = sorted({column.output for part in self.parts for column in part.columns if column.quasi})
        found: dict[str, Any] = {
            "rows": rows, "persons": self._count("seen WHERE person_id IS NOT NULL"), "quasi_identifiers": quasi,
            "k": None, "uniques": 0, "below": 0,
        }  # fmt: skip
        if quasi and rows:
            found |= self._cells(quasi)
        self.report.tables[self.path.stem] = {"rows": rows, "columns": types}
        self.report.risk[self.path.stem] = found
        self._gate(found)

    def _cells(self, quasi: list[str]) -> dict[str, int]:
        """k by one hash a combination, NULL included: another road than the builder's, to the same numbers."""
        names = ", ".join(f'"{name}"' for name in quasi)
        texts = ", ".join(f'coalesce(CAST("{name}" AS VARCHAR), chr(0))' for name in quasi)
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE shown AS "
            f"SELECT md5(concat_ws(chr(31), {texts})) AS cell, person_id "
            f"FROM (SELECT DISTINCT {names}, person_id FROM {self.source})"
        )
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE sizes AS SELECT cell, count(*) AS k FROM shown GROUP BY cell"
        )
        near = "SELECT count(DISTINCT person_id) FROM shown JOIN sizes USING (cell) WHERE k"
        return {
            "k": _number(self.connection, "SELECT min(k) FROM sizes"),
            "uniques": _number(self.connection, f"{near} = 1"),
            "below": _number(self.connection, f"{near} < {FEW}"),
        }

    def _gate(self, found: dict[str, Any]) -> None:
        policy, k = self.specification.policy, found["k"]
        if k is None:
            return
        if policy.minimum_k is not None and k < policy.minimum_k:
            self.problem(f"the smallest group of persons is below the approvers' minimum of {policy.minimum_k}.")
        limit = policy.maximum_unique_share
        if limit is not None and found["uniques"] > limit * found["persons"]:
            self.problem("more persons are unique than the approvers allow.")

    def _count(self, source: str) -> int:
        return _number(self.connection, f"SELECT count(*) FROM {source}")


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0] or 0) if row else 0


def _is_number(kind: str) -> bool:
    return kind.endswith(("INT", "INTEGER", "DOUBLE", "FLOAT")) or kind.startswith("DECIMAL")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
