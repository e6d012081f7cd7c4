"""Private group-by against plain DuckDB on the same Parquet, a large histogram, and the price preview.

`dp.groupby.1m` and `.10m`: persons and mean GPA by 7 counties in one year of a table of that many rows, limits 1.5
and 2 times the peer; `….232`: by 58 counties and four years. Ours is the whole engine call (exact aggregate, noise,
table of results); the peer is the plain aggregate on the same bounded table, by somebody who knows that a person has
one row a year. `dp.groupby.1m.smartnoise`: the peer is smartnoise-sql over pandas, its reader built once before.
`dp.histogram.10k`: 10,000 noisy cells over a million rows, limit 0.5 s. `dp.preview`: pricing a question, limit 5 ms.
The peer opens a database a call, as a program does that asks once; `peer_open` is its time in one that stays open, as
the data service's does. `load` is the machine's load in the last minute: on a busy machine ratios are noise.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import shutil
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
YEARS = [2018, 2019, 2020, 2021]
QUESTIONS: dict[int, dict[str, Any]] = {
    7: QUESTION,
    232: {**QUESTION, "where": [], "by": [{"column": "county_code"}, {"column": "academic_year", "keys": YEARS}]},
}
PLAIN = {
    7: """SELECT county_code, count(*), count(gpa), sum(gpa) FROM read_parquet(?) WHERE academic_year = 2019
    AND county_code IN ('01', '07', '10', '19', '30', '33', '37') GROUP BY county_code""",
    232: """SELECT county_code, academic_year, count(*), count(gpa), sum(gpa) FROM read_parquet(?)
    WHERE academic_year IN (2018, 2019, 2020, 2021) GROUP BY county_code, academic_year""",
}
HISTOGRAM = {
    **QUESTION,
    "by": [{"column": "district_code", "keys": [f"{number:07d}" for number in range(500)]}],
    "measures": [{"kind": "histogram", "column": "gpa"}],
}
ROWS_SQL = """SELECT i // 2 AS person_key, 2018 + i % 4 AS academic_year,
    printf('%02d', 1 + hash(i) % 58) AS county_code,
    printf('%07d', hash(i + 3) % 1000) AS district_code, (hash(i + 7) % 400) / 100.0 AS gpa FROM range({rows}) t(i)"""
Line = dict[str, Any]


def groupby(rows: int, groups: int) -> Line:
    """Ours against plain DuckDB."""
    file, plan = _table(rows), _plan(QUESTIONS[groups])

    def peer() -> None:
        with connect() as database:
            database.execute(PLAIN[groups], [str(file)]).fetchall()

    name = f"dp.groupby.{rows // 1_000_000}m" + ("" if groups == 7 else f".{groups}")
    found = _compared(name, lambda: _ours(plan, file), peer, "plain DuckDB on the same Parquet", rounds=9)
    times = []
    with connect() as database:
        for _ in range(6):
            began = time.perf_counter()
            database.execute(PLAIN[groups], [str(file)]).fetchall()
            times.append(time.perf_counter() - began)
    return {**found, "peer_open": round(statistics.median(times[1:]), 4)}


def histogram() -> Line:
    """500 districts by 20 bins."""
    file, plan = _table(1_000_000), _plan(HISTOGRAM)
    times = []
    for _ in range(6):
        began = time.perf_counter()
        _ours(plan, file)
        times.append(time.perf_counter() - began)
    return line("dp.histogram.10k", statistics.median(times[1:]), 0.5, "the limit", "s")


def against_smartnoise() -> Line:
    """Ours against smartnoise-sql over a pandas frame of the same rows."""
    warnings.simplefilter("ignore")
    import snsql

    file, plan = _table(1_000_000), _plan(QUESTION)
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
    return line("dp.preview", statistics.median(times), 5.0, "the limit", "ms")


BENCHMARKS: dict[str, Callable[[], Line]] = {
    "dp.preview": preview,
    "dp.groupby.1m": lambda: groupby(1_000_000, 7),
    "dp.groupby.1m.232": lambda: groupby(1_000_000, 232),
    "dp.groupby.1m.smartnoise": against_smartnoise,
    "dp.histogram.10k": histogram,
    "dp.groupby.10m": lambda: groupby(10_000_000, 7),
    "dp.groupby.10m.232": lambda: groupby(10_000_000, 232),
}


def _ours(plan: Plan, file: Path) -> None:
    shape(answer(plan, POLICY, file, GaussianNoise()), plan, POLICY)


def _plan(question: dict[str, Any]) -> Plan:
    warm()
    request = parse_request(question)
    return price(request.specification, POLICY, request.loss.stated())


@lru_cache
def _table(rows: int) -> Path:
    """A bounded table of that many rows, built from an edition made here."""
    root = Path(tempfile.mkdtemp(prefix="dp-bench-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    folder = root / "editions" / EDITION / "cde"
    folder.mkdir(parents=True)
    (folder.parent / "manifest.json").write_text("{}")
    with duckdb.connect() as database:
        target = folder / "k12_completion.parquet"
        database.execute(f"COPY ({ROWS_SQL.format(rows=rows)}) TO '{target}' (FORMAT parquet)")
    return ensure_bounded(root / "editions", root / "bounded", EDITION, POLICY).file


def _compared(name: str, ours: Callable[[], object], peer: Callable[[], object], peer_name: str, rounds: int) -> Line:
    """Both in turn in the same call, the first round thrown away, medians."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for place, call in enumerate((ours, peer)):
            began = time.perf_counter()
            call()
            times[place].append(time.perf_counter() - began)
    return line(name, statistics.median(times[0][1:]), statistics.median(times[1][1:]), peer_name, "s")


def line(name: str, ours: float, peer: float | None, peer_name: str, unit: str) -> Line:
    """What `make bench` prints of one measurement."""
    return {
        "name": name,
        "ours": round(ours, 4),
        "peer": None if peer is None else round(peer, 4),
        "peer_name": peer_name,
        "ratio": None if peer is None else round(ours / peer, 3),
        "unit": unit,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    for wanted in sys.argv[1:] or BENCHMARKS:
        print(json.dumps(BENCHMARKS[wanted]()), flush=True)
