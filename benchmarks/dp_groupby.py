"""Private group-by against plain DuckDB on the same Parquet, and the price preview.

`dp.groupby.1m` and `.10m`: distinct persons by one of 7 groups in one year of a table of that many rows. Ours is the
whole engine call (exact aggregate, noise, table of results); the peer is the plain aggregate on the bounded table.
`dp.groupby.1m.smartnoise`: the peer is smartnoise-sql over pandas, its reader built once outside the measurement.
`dp.preview`: pricing a question, in milliseconds; it has no peer.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from enclave.dp.bounded import connect, ensure_bounded
from enclave.dp.engine import GaussianNoise, answer, warm
from enclave.dp.policy import policy_for
from enclave.dp.price import Plan, price
from enclave.dp.shape import shape
from enclave.dp.specification import parse_request

EDITION = "2025r1"
POLICY = policy_for("k12_completion")
QUESTION = {
    "dataset": "k12_completion",
    "where": [{"column": "academic_year", "op": "=", "value": 2019}],
    "by": [{"column": "county_code", "keys": ["01", "07", "10", "19", "30", "33", "37"]}],
    "measures": [{"kind": "count_persons"}, {"kind": "mean", "column": "gpa"}],
    "loss": {"error": 30},
}
PLAIN = """SELECT county_code, count(*), count(gpa), sum(gpa) FROM read_parquet(?) WHERE academic_year = 2019
AND county_code IN ('01', '07', '10', '19', '30', '33', '37') GROUP BY county_code"""
Line = dict[str, Any]


def groupby(rows: int) -> Line:
    """Ours against plain DuckDB."""
    file = _table(rows)
    plan = _plan()

    def peer() -> None:
        with connect() as database:
            database.execute(PLAIN, [str(file)]).fetchall()

    name = f"dp.groupby.{rows // 1_000_000}m"
    return _compared(name, lambda: _ours(plan, file), peer, "plain DuckDB on the same Parquet", rounds=9)


def against_smartnoise() -> Line:
    """Ours against smartnoise-sql over a pandas frame of the same rows."""
    warnings.simplefilter("ignore")
    import snsql

    file, plan = _table(1_000_000), _plan()
    with duckdb.connect() as database:
        frame = database.execute("SELECT * FROM read_parquet(?) WHERE academic_year = 2019", [str(file)]).df()
    columns = {
        "person": {"type": "int", "private_id": True},
        "county_code": {"type": "string"},
        "gpa": {"type": "int", "lower": 0, "upper": 500},
    }
    options = {"row_privacy": False, "max_ids": 1, "censor_dims": False}
    metadata = {"": {"dp": {"bounded": {**options, **columns}}}}
    reader = snsql.from_df(
        frame[["person", "county_code", "gpa"]], privacy=snsql.Privacy(epsilon=1.0, delta=1e-6), metadata=metadata
    )
    query = "SELECT county_code, COUNT(DISTINCT person), AVG(gpa) FROM dp.bounded GROUP BY county_code"
    return _compared(
        "dp.groupby.1m.smartnoise", lambda: _ours(plan, file), lambda: reader.execute(query),
        "smartnoise-sql 1.0.10 over pandas", rounds=3,
    )  # fmt: skip


def preview() -> Line:
    """The price of a question that was not asked before, as epsilon: the dearest way to price."""
    times = []
    for step in range(200):
        body = {**QUESTION, "loss": {"epsilon": 1 + step / 1000}}
        began = time.perf_counter()
        request = parse_request(body)
        price(request.specification, POLICY, request.loss.stated()).loss.as_json()
        times.append((time.perf_counter() - began) * 1000)
    return _line("dp.preview", statistics.median(times), None, "", "ms")


BENCHMARKS: dict[str, Callable[[], Line]] = {
    "dp.preview": preview,
    "dp.groupby.1m": lambda: groupby(1_000_000),
    "dp.groupby.10m": lambda: groupby(10_000_000),
    "dp.groupby.1m.smartnoise": against_smartnoise,
}


def _ours(plan: Plan, file: Path) -> None:
    shape(answer(plan, POLICY, file, GaussianNoise()), plan, POLICY)


def _plan() -> Plan:
    warm()
    request = parse_request(QUESTION)
    return price(request.specification, POLICY, request.loss.stated())


@lru_cache
def _table(rows: int) -> Path:
    """A bounded table of that many rows, built from an edition made here."""
    root = Path(tempfile.mkdtemp(prefix="dp-bench-"))
    folder = root / "editions" / EDITION / "cde"
    folder.mkdir(parents=True)
    (folder.parent / "manifest.json").write_text("{}")
    with duckdb.connect() as database:
        database.execute(
            f"""COPY (SELECT i // 2 AS person_key, 2018 + i % 2 AS academic_year,
            printf('%02d', 1 + hash(i) % 58) AS county_code, (hash(i + 7) % 400) / 100.0 AS gpa
            FROM range({rows}) t(i)) TO '{folder}/k12_completion.parquet' (FORMAT parquet)"""
        )
    return ensure_bounded(root / "editions", root / "bounded", EDITION, POLICY).file


def _compared(name: str, ours: Callable[[], object], peer: Callable[[], object], peer_name: str, rounds: int) -> Line:
    """Both in turn in the same call, the first round thrown away, medians."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for place, call in enumerate((ours, peer)):
            began = time.perf_counter()
            call()
            times[place].append(time.perf_counter() - began)
    return _line(name, statistics.median(times[0][1:]), statistics.median(times[1][1:]), peer_name, "s")


def _line(name: str, ours: float, peer: float | None, peer_name: str, unit: str) -> Line:
    return {
        "name": name,
        "ours": round(ours, 4),
        "peer": None if peer is None else round(peer, 4),
        "peer_name": peer_name,
        "ratio": None if peer is None else round(ours / peer, 3),
        "unit": unit,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    for wanted in sys.argv[1:] or BENCHMARKS:
        print(json.dumps(BENCHMARKS[wanted]()), flush=True)
