"""`library.crosstab.1m.acro`: our table of persons against ACRO's table of rows, each with its own disclosure evidence.

ACRO 1.0.2 has dependencies of its own, so it gets a virtual environment of its own (`.bench/acro`, made on the first
run from the package index) and a process that makes the same frame from the same seed. Both are asked in turn; each
times its own call.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import c2c_research as c2c
from benchmarks.library import ROWS, frame_of_persons

VERSION = "1.0.2"
HOME = Path(__file__).parents[1] / ".bench" / f"acro-{VERSION}"
ROUNDS = 3
PEER = f"""
import contextlib, io, logging, sys, time
import numpy as np, pandas as pd
import acro
chance = np.random.default_rng(7)
persons = chance.integers(0, {ROWS // 2}, {ROWS})
county = chance.integers(1, 59, {ROWS}).astype(str)
frame = pd.DataFrame({{"county": county, "race": chance.choice(list("abcdefgh"), {ROWS})}})
logging.disable(logging.CRITICAL)
with contextlib.redirect_stdout(io.StringIO()):
    session = acro.ACRO(suppress=False)
for line in sys.stdin:
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        session.crosstab(frame.county, frame.race)
    print("took", time.perf_counter() - began, flush=True)
"""


def crosstab() -> dict[str, Any]:
    """Medians of both sides, in turn, the first round thrown away."""
    frame, ours, theirs = frame_of_persons(), list[float](), list[float]()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([str(_python()), "-c", PEER], text=True, **pipes) as peer:
        for _ in range(ROUNDS + 1):
            theirs.append(_asked(peer.stdin, peer.stdout))
            began = time.perf_counter()
            c2c.crosstab(frame.county, frame.race, unit=frame.person_id)
            ours.append(time.perf_counter() - began)
    mine, other = statistics.median(ours[1:]), statistics.median(theirs[1:])
    return {
        "name": "library.crosstab.1m.acro", "ours": round(mine, 3), "peer": round(other, 3),
        "peer_name": f"acro {VERSION}, which counts rows", "ratio": round(mine / other, 2), "unit": "s",
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _asked(told: IO[str] | None, said: IO[str] | None) -> float:
    assert told is not None
    assert said is not None
    told.write("go\n")
    told.flush()
    for line in said:
        if line.startswith("took "):
            return float(line.split()[1])
    raise RuntimeError(f"ACRO ended before it answered; run {HOME / 'bin' / 'python'} by hand to see why.")


def _python() -> Path:
    python = HOME / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"acro=={VERSION}"], check=True)
    return python


BENCHMARKS = {"library.crosstab.1m.acro": crosstab}
