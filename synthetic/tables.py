"""How the parts of the generator hand over rows: columns by name, and whose rows they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass
class Rows:
    """Rows of one provider table: `person` is the position in the block, `year` decides which contribution holds them.

    `year` is the contribution year from which a row is known; `twin_record` says which of the provider's records of
    the person (0, or 1 for a duplicate) a row hangs on.
    """

    person: Ints
    year: Ints
    columns: dict[str, Any]

    def keep(self, mask: NDArray[np.bool_]) -> Rows:
        """The rows where `mask` holds."""
        columns = {name: _take(values, mask) for name, values in self.columns.items()}
        return Rows(self.person[mask], self.year[mask], columns)


def _take(values: Any, mask: NDArray[np.bool_]) -> Any:
    return values.filter(pa.array(mask)) if isinstance(values, pa.Array | pa.ChunkedArray) else values[mask]


def coded(labels: NDArray[np.object_] | list[str], codes: Ints) -> pa.Array:
    """Text from positions in a short list, without an object per row."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(list(labels)))


def yes_no(flags: NDArray[np.bool_]) -> pa.Array:
    """Y and N."""
    return coded(["N", "Y"], flags.astype(np.int64))


def spans(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """One entry for each year of each closed span: (position of the span, year). Empty where last < first."""
    length = np.maximum(last - first + 1, 0)
    owner = np.repeat(np.arange(len(first)), length)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    return owner, first[owner] + offset


def systematic(rng: np.random.Generator, probability: NDArray[np.float64], order: Ints) -> NDArray[np.bool_]:
    """A draw with the given probabilities whose totals hardly vary along `order` (systematic sampling, Madow 1949).

    Planted effects stay visible in small populations: a run of people in `order` gets its expected number, plus or
    minus one.
    """
    out = np.zeros(len(probability), dtype=bool)
    total = np.floor(np.cumsum(probability[order]) + rng.random())
    out[order] = np.diff(total, prepend=0.0) >= 1.0
    return out
