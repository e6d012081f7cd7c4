# ruff: noqa: S608  (every name in these statements passed the patterns of specification.py; values are bound)
"""Who is in an extract, and which rows of theirs: cohort conditions and years as DuckDB statements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from enclave.core.errors import Unprocessable
from enclave.extracts.specification import TIME_COLUMNS, Condition, Operator, Part, Specification
from enclave.extracts.stores import Stores


def select(connection: duckdb.DuckDBPyConnection, specification: Specification, stores: Stores) -> int:
    """Leave a temporary table ``cohort (source)`` with the person keys; returns how many.

    Without conditions it is everybody who has a row, within the years, in a requested table. Conditions on one
    provider's table hold for one and the same row; those on different tables narrow each other.
    """
    pieces, values = [], []
    if specification.cohort:
        for (provider, table), terms in _grouped(specification.cohort).items():
            query, bound = _matching(connection, specification, stores, provider, table, terms)
            pieces.append(query)
            values.extend(bound)
        body = " INTERSECT ".join(pieces)
    else:
        body = " UNION ".join(_anybody(connection, specification, part, stores) for part in specification.parts)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE cohort AS SELECT DISTINCT source FROM ({body})", values)
    row = connection.execute("SELECT count(*) FROM cohort").fetchone()
    return int(row[0]) if row else 0


def column_types(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Column → DuckDB type of an edition table; Unprocessable when the edition has no such table."""
    if not path.exists():
        raise Unprocessable(
            f"The edition has no table {path.stem} of {path.parent.name}.",
            "Choose another edition, or take the table out of the request.",
        )
    rows = connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{_quoted(path)}')").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def check_present(part: Part, types: Mapping[str, str]) -> None:
    """Refuse a column that the edition does not have."""
    missing = sorted({column.name for column in part.columns} - set(types))
    if missing or "person_key" not in types:
        raise Unprocessable(
            f"The edition's {part.table} of {part.provider} has no column {', '.join(missing) or 'person_key'}.",
            "Choose another edition, or take the column out of the request.",
        )


def time_columns(types: Mapping[str, str]) -> tuple[str, ...]:
    """The time columns that the table has, in their usual order."""
    return tuple(name for name in TIME_COLUMNS if name in types)


def years_condition(types: Mapping[str, str], years: tuple[int, int]) -> str:
    """The condition on the row alias ``t`` that keeps the approved years; a table without a year is kept whole."""
    column = next((name for name in ("academic_year", "year") if name in types), None)
    return "true" if column is None else f't."{column}" BETWEEN {int(years[0])} AND {int(years[1])}'


def _anybody(connection: duckdb.DuckDBPyConnection, specification: Specification, part: Part, stores: Stores) -> str:
    path = stores.edition_table(specification.edition, part.provider, part.table)
    where = years_condition(column_types(connection, path), specification.years)
    return f"SELECT t.person_key AS source FROM read_parquet('{_quoted(path)}') t WHERE {where}"


def _matching(
    connection: duckdb.DuckDBPyConnection,
    specification: Specification,
    stores: Stores,
    provider: str,
    table: str,
    terms: list[Condition],
) -> tuple[str, list[Any]]:
    path = stores.edition_table(specification.edition, provider, table)
    types = column_types(connection, path)
    unknown = sorted({term.column for term in terms} - set(types))
    if unknown:
        raise Unprocessable(
            f"The edition's {table} of {provider} has no column {', '.join(unknown)}.",
            "Correct the cohort's conditions.",
        )
    conditions, values = [], []
    for term in terms:
        text, bound = _compare(term, types[term.column])
        conditions.append(text)
        values.extend(bound)
    where = " AND ".join(conditions)
    return f"SELECT t.person_key AS source FROM read_parquet('{_quoted(path)}') t WHERE {where}", values


def _compare(term: Condition, stored_type: str) -> tuple[str, list[Any]]:
    column = f't."{term.column}"'
    if isinstance(term.value, tuple):
        values = [_fitting(term, value, stored_type) for value in term.value]
        if term.op is Operator.BETWEEN:
            return f"{column} BETWEEN ? AND ?", values
        return f"{column} IN ({', '.join('?' for _ in values)})", values
    return f"{column} {term.op.value} ?", [_fitting(term, term.value, stored_type)]


def _fitting(term: Condition, value: Any, stored_type: str) -> Any:
    """The value in the column's own type; else the database would convert the column, and complain of its values."""
    if stored_type == "VARCHAR":
        return str(value)
    if stored_type == "BOOLEAN" or not isinstance(value, str):
        return value
    raise Unprocessable(
        f"The condition on {term.provider}.{term.table}.{term.column} compares with text.",
        "Write a number: the column holds numbers.",
    )


def _grouped(terms: tuple[Condition, ...]) -> dict[tuple[str, str], list[Condition]]:
    found: dict[tuple[str, str], list[Condition]] = {}
    for term in terms:
        found.setdefault((term.provider, term.table), []).append(term)
    return found


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
