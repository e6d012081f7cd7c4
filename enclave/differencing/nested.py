"""Which statistics of a pair of tables lie inside each other but for a few persons.

A ⊂ B with 1 to 10 persons in B∖A can only hold where the sizes differ by 1 to 10. So statistics are kept in the order
of their sizes; for a new one only that narrow range is looked at. A signature of 16 counts drops nearly all of it
without touching a bitmap: B has at least as many members as A in each bucket. What is left is tested exactly. The sieve
only drops pairs that cannot be nested, so nothing is missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from enclave.differencing.statistics import BUCKETS, Statistic, signature, years_overlap

FEWEST, MOST = 1, 10


@dataclass(frozen=True)
class Known:
    """A statistic that is kept: `table` owns it, `number` finds its bitmap there."""

    table: str
    number: int
    measure: str
    years: tuple[int, ...]


class SizeIndex:
    """Kept statistics, by measure in the order of their sizes."""

    def __init__(
        self, known: Sequence[Known], sizes: npt.NDArray[np.int64], signatures: npt.NDArray[np.int32],
        members: Callable[[Known], BitMap],
    ) -> None:  # fmt: skip
        self._known = known
        self._members = members
        self._of: dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int32]]] = {}
        by_measure: dict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(known):
            by_measure[each.measure].append(place)
        for measure, places in by_measure.items():
            chosen = np.asarray(places, dtype=np.int64)
            order = chosen[np.argsort(sizes[chosen], kind="stable")]
            self._of[measure] = (sizes[order], order, signatures[order])

    def nested_with(self, new: Statistic) -> Iterator[Known]:
        """Kept statistics that differ from a new one by 1 to 10 persons, one inside the other."""
        if new.measure not in self._of:
            return
        sizes, order, signatures = self._of[new.measure]
        size, own = len(new.members), signature(new.members).astype(np.int32)
        # larger ones, then smaller ones
        for low, high, sign in ((size + FEWEST, size + MOST, 1), (size - MOST, size - FEWEST, -1)):
            first, last = np.searchsorted(sizes, low, "left"), np.searchsorted(sizes, high, "right")
            possible = np.flatnonzero(((signatures[first:last] - own) * sign >= 0).all(axis=1)) + first
            for place in possible:
                known = self._known[int(order[place])]
                if years_overlap(known.years, new.years) and _inside(new.members, self._members(known), sign):
                    yield known


def empty_signatures() -> npt.NDArray[np.int32]:
    """Signatures of no statistics."""
    return np.empty((0, BUCKETS), dtype=np.int32)


def _inside(new: BitMap, kept: BitMap, sign: int) -> bool:
    return bool(new.issubset(kept)) if sign > 0 else bool(kept.issubset(new))
