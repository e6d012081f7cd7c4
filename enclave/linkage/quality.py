"""The linkage quality report: counts and shares, never a record.

Match rates by provider and by subgroup show where linkage works worse (Bohensky et al. 2010; GUILD 2018), the
threshold table shows what another threshold would have done, bridge coverage says how many pupils can reach the wage
records at all: K-12 holds no SSN and wages hold no birth date, so only a third record joins them. Caution: precision
"expected by the model" trusts the model; twins make it too bright. Groups of fewer than ``SMALLEST_GROUP`` records are
not shown.
"""

from __future__ import annotations

from typing import Any

import duckdb

from enclave.linkage import model

SMALLEST_GROUP = 11
THRESHOLDS = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
SUBGROUPS: dict[str, str] = {
    "sex": "CASE sex WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' ELSE 'not known' END",
    "last name": "CASE len(last_words) WHEN 0 THEN 'not known' WHEN 1 THEN 'one' ELSE 'two or more' END",
    "SSN": "CASE WHEN ssn IS NULL THEN 'not known' ELSE 'known' END",
    "SSID": "CASE WHEN ssid IS NULL THEN 'not known' ELSE 'known' END",
    "birth years": "coalesce(CAST(birth_year // 10 * 10 AS VARCHAR) || 's', 'not known')",
}
PUPILS, WAGES = "cde", "edd"


def report(connection: duckdb.DuckDBPyConnection, threshold: float) -> dict[str, Any]:
    """The report on ``records``, ``pairs`` and ``clusters`` of a connection."""
    connection.execute(_LINKED_SQL)
    return {
        "model_version": model.MODEL_VERSION,
        "threshold": threshold,
        "records": _one(connection, "SELECT count(*) FROM linked"),
        "persons": _one(connection, "SELECT count(DISTINCT cluster) FROM linked"),
        "linked_share": _share(connection, "SELECT avg(linked::INT) FROM linked"),
        "providers": _providers(connection),
        "subgroups": {title: _subgroup(connection, sql) for title, sql in SUBGROUPS.items()},
        "thresholds": [_at_threshold(connection, value) for value in THRESHOLDS],
        "bridge": _bridge(connection),
    }


_LINKED_SQL = """
CREATE OR REPLACE TEMP TABLE linked AS
WITH size AS (
    SELECT cluster, count(DISTINCT provider) AS providers FROM clusters JOIN records USING (uid) GROUP BY cluster
)
SELECT records.*, cluster, providers > 1 AS linked FROM records JOIN clusters USING (uid) JOIN size USING (cluster)
"""


def _providers(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT provider, count(*), count(DISTINCT cluster), avg(linked::INT) FROM linked "
        "GROUP BY provider ORDER BY provider"
    ).fetchall()
    return [
        {"provider": name, "records": records, "persons": persons, "linked_share": round(share, 4)}
        for name, records, persons, share in rows
        if records >= SMALLEST_GROUP
    ]


def _subgroup(connection: duckdb.DuckDBPyConnection, group: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        f"SELECT {group} AS name, count(*) AS n, avg(linked::INT) FROM linked "
        f"GROUP BY name HAVING n >= {SMALLEST_GROUP} ORDER BY name"
    ).fetchall()
    return [{"group": name, "records": records, "linked_share": round(share, 4)} for name, records, share in rows]


def _at_threshold(connection: duckdb.DuckDBPyConnection, threshold: float) -> dict[str, Any]:
    """Pairs above a threshold, and the share of them that the model itself expects to be right."""
    ((pairs, expected),) = connection.execute(
        "SELECT count(*), avg(1 / (1 + pow(2, -match_weight))) FROM pairs WHERE match_weight >= ?", [threshold]
    ).fetchall()
    return {"threshold": threshold, "pairs": pairs, "expected_precision": round(expected, 5) if pairs else None}


def _bridge(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Of persons with a K-12 record: who has a record with an SSN, and who was linked to wages."""
    ((pupils, bridged, paid),) = connection.execute(
        """
        WITH person AS (
            SELECT cluster, bool_or(provider = $wages) AS paid,
                bool_or(ssn IS NOT NULL AND provider <> $wages) AS bridged
            FROM linked GROUP BY cluster HAVING bool_or(provider = $pupils)
        ) SELECT count(*), coalesce(avg(bridged::INT), 0), coalesce(avg(paid::INT), 0) FROM person
        """,
        {"pupils": PUPILS, "wages": WAGES},
    ).fetchall()
    return {"pupils": pupils, "with_bridge_record": round(bridged, 4), "linked_to_wages": round(paid, 4)}


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])


def _share(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    return round(float(connection.execute(sql).fetchall()[0][0] or 0.0), 4)
