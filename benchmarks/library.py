"""The researchers' library against the tools that it wraps, on one frame of a million rows and half a million persons.

`library.crosstab.1m.count` and `.mean`: a table of 58 × 8 cells with its evidence of persons and largest contributors
(peer: `pandas.crosstab`). `library.ols.1m` and `.fe`: the regression with its evidence of persons behind each category
and leverages (peers: statsmodels' formula, pyfixest). `library.import`: `import c2c_research`, a process of its own.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

import c2c_research as c2c

ROWS = 1_000_000
FORMULA = "earnings ~ C(race) + gpa + units"
Line = dict[str, Any]


def count() -> Line:
    frame = frame_of_persons()
    return _compared(
        "library.crosstab.1m.count",
        lambda: c2c.crosstab(frame.county, frame.race, unit=frame.person_id),
        lambda: pd.crosstab(frame.county, frame.race),
        "pandas.crosstab, which counts rows",
    )


def mean() -> Line:
    frame = frame_of_persons()
    return _compared(
        "library.crosstab.1m.mean",
        lambda: c2c.crosstab(frame.county, frame.race, frame.earnings, aggfunc="mean", unit=frame.person_id),
        lambda: pd.crosstab(frame.county, frame.race, frame.earnings, aggfunc="mean"),
        "pandas.crosstab",
    )


def ols() -> Line:
    import statsmodels.formula.api as smf

    frame = frame_of_persons()
    return _compared(
        "library.ols.1m",
        lambda: c2c.ols(FORMULA, frame),
        lambda: smf.ols(FORMULA, frame).fit(),
        "statsmodels' formula",
        3,
    )


def fixed_effects() -> Line:
    import warnings

    import pyfixest

    frame = frame_of_persons()

    def peer() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pyfixest.feols(f"{FORMULA} | county", frame, vcov={"CRV1": "county"})

    ours = lambda: c2c.ols(FORMULA, frame, fe="county", cluster="county")  # noqa: E731  # beside its peer
    return _compared("library.ols.1m.fe", ours, peer, "pyfixest.feols", 3)


def imported() -> Line:
    taken = []
    for _ in range(9):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import c2c_research"], check=True)
        taken.append(time.perf_counter() - began)
    return _line("library.import", statistics.median(taken), None, "limit 0.5 s")


@lru_cache
def frame_of_persons() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "person_id": chance.integers(0, ROWS // 2, ROWS) + 2**62,
            "county": chance.integers(1, 59, ROWS).astype(str),
            "race": chance.choice(list("abcdefgh"), ROWS),
            "gpa": chance.normal(3, 0.5, ROWS),
            "units": chance.integers(3, 18, ROWS),
            "earnings": chance.lognormal(10, 0.6, ROWS).round(),
        }
    )


def _compared(
    name: str, ours: Callable[[], object], peer: Callable[[], object], peer_name: str, rounds: int = 5
) -> Line:
    """Both in turn in the same call, the first round thrown away, medians."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for place, call in enumerate((ours, peer)):
            began = time.perf_counter()
            call()
            times[place].append(time.perf_counter() - began)
    return _line(name, statistics.median(times[0][1:]), statistics.median(times[1][1:]), peer_name)


def _line(name: str, ours: float, peer: float | None, peer_name: str) -> Line:
    return {
        "name": name, "ours": round(ours, 3), "peer": None if peer is None else round(peer, 3), "peer_name": peer_name,
        "ratio": None if peer is None else round(ours / peer, 2), "unit": "s",
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


BENCHMARKS: dict[str, Callable[[], Line]] = {
    "library.crosstab.1m.count": count,
    "library.crosstab.1m.mean": mean,
    "library.ols.1m": ols,
    "library.ols.1m.fe": fixed_effects,
    "library.import": imported,
}
