# ruff: noqa: S608  (every name in these statements passed the patterns of specification.py; values are bound)
"""Re-identification risk of a built table, measured and reported.

*k* of a combination of quasi-identifier values is the number of distinct persons that show it (Samarati and Sweeney
1998); the table's k is the smallest. NULL counts as a value of its own: an absent value singles out as well as a
present one. Wages and pseudonyms are not quasi-identifiers here: exact earnings re-join extracts whatever is done to
the other columns, and the answer to that is the setting, not coarsening.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import duckdb

SMALL = 11


@dataclass(frozen=True)
class TableRisk:
    """Counts of persons, never of rows. ``below`` counts persons in a combination of fewer than eleven."""

    rows: int
    persons: int
    quasi_identifiers: tuple[str, ...]
    k: int | None
    uniques: int
    below: int

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"quasi_identifiers": list(self.quasi_identifiers)}


def measure(connection: duckdb.DuckDBPyConnection, relation: str, quasi: tuple[str, ...]) -> TableRisk:
    """The risk of ``relation`` (a table name or ``read_parquet(…)``) over ``quasi``."""
    rows, persons = _one(connection, f"SELECT count(*), count(DISTINCT person_id) FROM {relation}")
    if not quasi or not rows:
        return TableRisk(rows, persons, quasi, None, 0, 0)
    keys = ", ".join(f'"{name}"' for name in quasi)
    # Distinct (combination, person) first: two plain aggregations are several times quicker than count(DISTINCT).
    pairs = f"SELECT {keys}, person_id FROM {relation} GROUP BY ALL"
    cells = f"SELECT count(*) AS k, any_value(person_id) AS lone FROM ({pairs}) GROUP BY {keys}"
    smallest, uniques = _one(connection, f"SELECT min(k), count(DISTINCT lone) FILTER (WHERE k = 1) FROM ({cells})")
    few = f"SELECT {keys}, person_id, count(*) OVER (PARTITION BY {keys}) AS k FROM ({pairs})"
    below = _one(connection, f"SELECT count(DISTINCT person_id) FROM ({few}) WHERE k < {SMALL}")[0]
    return TableRisk(rows, persons, quasi, smallest, uniques, below)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    return tuple(int(value or 0) for value in row or ())
