"""`disclosure.differencing.2000`: one new table against 2,000 released ones over 500,000 persons, by contributor sets.

Released tables are cross-tables of two attributes (at most 50 cells) of a sub-population. The new table is one of them
without three persons: it has to be found. Measured is the whole comparison of a table whose sets are in the store, the
store warm (the headers in memory), bitmaps read from disk; `cold` is the first one, `store_mb` the store on disk. There
is no peer.
"""

from __future__ import annotations

import hashlib
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from c2c_research.contributor_sets import CellSet, TableSets
from enclave.differencing.compare import compare
from enclave.differencing.store import ProjectSets

PERSONS, TABLES, RUNS = 500_000, 2_000, 9
Line = dict[str, Any]
Codes = npt.NDArray[np.int64]


class Population:
    """Persons with attributes of different fineness; groups are correlated, as districts and counties are."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        district = np.sort(self.random.integers(0, 400, PERSONS))
        self.attributes: dict[str, Codes] = {
            "county": district // 8, "district": district, "sex": self.random.integers(0, 2, PERSONS),
            "race": self.random.choice(7, PERSONS, p=[0.5, 0.22, 0.12, 0.08, 0.05, 0.02, 0.01]),
            "cohort": self.random.integers(0, 8, PERSONS), "program": self.random.integers(0, 5, PERSONS),
            "foster": (self.random.random(PERSONS) < 0.02).astype(np.int64),
        }  # fmt: skip
        self.persons = np.sort(self.random.choice(2**62, PERSONS, replace=False)).astype(np.int64)

    def drawn(self) -> tuple[npt.NDArray[np.bool_], str, str]:
        """A sub-population and the two attributes of its table."""
        inside = np.ones(PERSONS, dtype=bool)
        for name in self.random.choice(list(self.attributes), self.random.integers(1, 3), replace=False):
            values = self.attributes[name]
            inside &= values == self.random.choice(values)
        rows, columns = self.random.choice(["race", "cohort", "program", "sex", "foster"], 2, replace=False)
        return inside, str(rows), str(columns)

    def table(self, inside: npt.NDArray[np.bool_], rows: str, columns: str) -> TableSets:
        """The table's contributor sets."""
        places = np.flatnonzero(inside)
        codes = self.attributes[rows][places] * 100 + self.attributes[columns][places]
        cells = []
        for code in np.unique(codes):
            row, column = divmod(int(code), 100)
            members = BitMap(places[codes == code].astype(np.uint32))
            cells.append(CellSet((str(row), str(column)), (row, column), "persons", len(members) > 10, members))
        return TableSets("bench", 1, "index", "", tuple(cells))


def differencing() -> Line:
    """Build the store, then compare."""
    population = Population(20)
    with tempfile.TemporaryDirectory() as folder:
        store = ProjectSets(Path(folder))
        drawn = [population.drawn() for _ in range(TABLES)]
        released = [name_of(number) for number in range(TABLES)]
        for name, (inside, rows, columns) in zip(released, drawn, strict=True):
            store.put(name, population.table(inside, rows, columns), population.persons)
        twin = max(range(TABLES), key=lambda number: int(drawn[number][0].sum()))
        inside, rows, columns = drawn[twin]
        fewer = inside.copy()
        fewer[np.flatnonzero(inside)[:3]] = False
        new = name_of(TABLES)
        store.put(new, population.table(fewer, rows, columns), population.persons)
        cold, _ = timed(lambda: compare(ProjectSets(Path(folder)), [new], released))
        compare(store, [new], released)
        runs = [timed(lambda: compare(store, [new], released)) for _ in range(RUNS)]
        if released[twin] not in {each.other for each in runs[0][1]}:
            raise AssertionError("The table without three persons was not found.")
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return {
        "name": "disclosure.differencing.2000", "ours": round(statistics.median(r[0] for r in runs), 3), "peer": None,
        "peer_name": None, "ratio": None, "unit": "s", "cold": round(cold, 3), "store_mb": size // 2**20,
        "found": len(runs[0][1]),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def name_of(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = run()
    return time.perf_counter() - began, result


BENCHMARKS = {"disclosure.differencing.2000": differencing}
