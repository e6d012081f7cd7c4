"""The audit of hidden cells and the search for patterns, on generated tables with few small counts.

`disclosure.audit.10k`: the interval of every hidden cell of a three-way table of 20 × 20 × 25 cells with margins.
`disclosure.suppress.1k`: a two-way table of 25 × 40 cells; `.suppress.10k`: the three-way one. Each line also says how
many cells were hidden, the gap, and how many intervals were not proven. `.suppress.1k.seeds` is the two-way one over
six seeds: the slowest, and all gaps.
"""

from __future__ import annotations

import itertools
import random
import resource
import time
from collections.abc import Callable
from typing import Any

from c2c_research.disclosure.context import context_from
from c2c_research.disclosure.protection.bounds import bounds
from c2c_research.disclosure.protection.needs import Needs
from c2c_research.disclosure.protection.structure import Structure, structure_of
from c2c_research.disclosure.protection.suppression import Suppression, suppress
from c2c_research.disclosure.tables import Table

SMALL, ZERO, SEED = 0.015, 0.05, 1
Line = dict[str, Any]


def sparse_table(shape: tuple[int, ...], seed: int = SEED) -> Table:
    """A long table with all margins: 1.5 % of the cells hold 1 to 10, 5 % hold 0, the others a long tail above 11."""
    chance = random.Random(seed)
    counts: dict[tuple[int, ...], int] = {}
    for place in itertools.product(*(range(1, size + 1) for size in shape)):
        draw = chance.random()
        large = int(11 + chance.lognormvariate(3.5, 1))
        counts[place] = chance.randint(1, 10) if draw < SMALL else (0 if draw < SMALL + ZERO else large)
    for way in range(len(shape)):
        for place, count in list(counts.items()):
            total = (*place[:way], 0, *place[way + 1 :])
            counts[total] = counts.get(total, 0) + count
    names = [f"key{way}" for way in range(len(shape))]
    rows = [(*(f"c{each}" if each else "Total" for each in place), str(count)) for place, count in counts.items()]
    context = context_from({"rows": names, "kind": "frequency", "counts": "n"})
    return Table((*names, "n"), tuple(rows), context=context)


def audit() -> Line:
    structure, primary = _small((20, 20, 25))
    hidden = suppress(structure, primary, Needs(), seconds=8).hidden
    began = time.perf_counter()
    found = bounds(structure.attacked(hidden, True))
    taken = time.perf_counter() - began
    unproven = sum(not interval.proven for interval in found.values())
    return _line("disclosure.audit.10k", taken) | {"hidden": len(found), "unproven": unproven}


def search(name: str, shape: tuple[int, ...], seconds: float) -> Line:
    structure, primary = _small(shape)
    began = time.perf_counter()
    done = suppress(structure, primary, Needs(), seconds=seconds)
    return _line(name, time.perf_counter() - began) | _outcome(done)


def seeds() -> Line:
    """Six two-way tables; `ours` is the slowest."""
    runs = []
    for seed in range(1, 7):
        structure = structure_of(sparse_table((25, 40), seed))
        primary = [cell for cell, value in structure.values.items() if 0 < (value.number or 0) < 11]
        runs.append(suppress(structure, primary, Needs(), seconds=4.5))
    line = _line("disclosure.suppress.1k.seeds", max(done.seconds for done in runs))
    return line | {"gaps": [round(done.gap, 4) for done in runs], "proven": all(done.proven for done in runs)}


def _outcome(done: Suppression) -> Line:
    return {
        "primary": len(done.primary),
        "secondary": len(done.secondary),
        "gap": round(done.gap, 4),
        "exposed": len(done.exposed),
        "proven": done.proven,
        "doubts": len(done.doubts),
        "unfinished": sum(not interval.proven for interval in done.intervals.values()),
    }


def _small(shape: tuple[int, ...]) -> tuple[Structure, list[tuple[int, int]]]:
    structure = structure_of(sparse_table(shape))
    return structure, [cell for cell, value in structure.values.items() if 0 < (value.number or 0) < 11]


def _line(name: str, seconds: float) -> Line:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"name": name, "ours": round(seconds, 3), "peer": None, "peer_name": "", "ratio": None, "unit": "s",
            "peak_mb": peak}  # fmt: skip


BENCHMARKS: dict[str, Callable[[], Line]] = {
    "disclosure.audit.10k": audit,
    "disclosure.suppress.1k": lambda: search("disclosure.suppress.1k", (25, 40), 4.5),
    "disclosure.suppress.1k.seeds": seeds,
    "disclosure.suppress.1k.threeway": lambda: search("disclosure.suppress.1k.threeway", (10, 10, 10), 20),
    "disclosure.suppress.10k": lambda: search("disclosure.suppress.10k", (20, 20, 25), 20),
}
