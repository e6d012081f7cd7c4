"""Clerical review: the pairs that a person should look at.

Three piles. *twin*: same birth date and last name, another first name; on real data a veto on these helped once and
hardly another time, so nothing is decided here, they are shown. *borderline*: weights near the threshold, sampled by
band. *apart*: pairs above the threshold that clustering kept apart. Caution: the queue holds identities and stays in
the vault; only its counts leave.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from enclave.linkage import model

SAMPLE_PER_BAND = 50
BAND_WIDTH = 2.0
BORDERLINE = 6.0


def queue(connection: duckdb.DuckDBPyConnection, threshold: float) -> dict[str, int]:
    """Fill the table ``clerical`` (pile, band, the two records, weight, together); the number a pile."""
    connection.execute(
        _QUEUE_SQL.format(
            threshold=float(threshold), seed=model.SEED, near=BORDERLINE, width=BAND_WIDTH, most=SAMPLE_PER_BAND
        )
    )
    rows = connection.execute("SELECT pile, count(*) FROM clerical GROUP BY pile").fetchall()
    return {"twin": 0, "borderline": 0, "apart": 0} | {str(pile): int(number) for pile, number in rows}


def write(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The queue as a file of the vault, with what a reviewer needs to see of both records."""
    quoted = str(path).replace("'", "''")
    connection.execute(
        f"COPY (FROM clerical ORDER BY pile, match_weight DESC, uid_l, uid_r) TO '{quoted}' "
        "(FORMAT parquet, COMPRESSION zstd)"
    )


_SHOWN = ("provider", "record_id", "sex", "zip")
_QUEUE_SQL = f"""
CREATE OR REPLACE TABLE clerical AS
WITH side_by_side AS (
    SELECT uid_l, uid_r, match_weight, cl.cluster = cr.cluster AS together, {model.side_by_side(_SHOWN)}
    FROM pairs JOIN records l ON l.uid = uid_l JOIN records r ON r.uid = uid_r
    JOIN clusters cl ON cl.uid = uid_l JOIN clusters cr ON cr.uid = uid_r
), piled AS (
    SELECT *, floor(match_weight / {{width}}) * {{width}} AS band,
        CASE WHEN coalesce({model.TWIN}, false) AND (together OR match_weight >= 0) THEN 'twin'
            WHEN match_weight >= {{threshold}} AND NOT together THEN 'apart'
            WHEN abs(match_weight - {{threshold}}) <= {{near}} THEN 'borderline' END AS pile
    FROM side_by_side
)
SELECT * FROM piled WHERE pile IS NOT NULL
QUALIFY pile = 'twin' OR row_number() OVER (PARTITION BY pile, band ORDER BY hash(uid_l, uid_r, {{seed}})) <= {{most}}
"""
