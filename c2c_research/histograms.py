"""Histograms of persons: bins of round edges, open at both ends, none with 1 to 10 persons.

Edges are multiples of a round width and lie inside the 1st and 99th percentile, so that no edge is anybody's value.
A bin with 1 to 10 persons is merged with the smaller of its neighbours; bars of merged bins show persons for each width
of an unmerged one, as areas. Bins without anybody are left out of the table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from c2c_research.design import codes_of
from c2c_research.errors import BadUse
from c2c_research.figures import Figure
from c2c_research.model_evidence import FEW, count_persons
from c2c_research.result import Result, as_number
from c2c_research.tabulation import groupby
from c2c_research.units import units_of_frame

if TYPE_CHECKING:
    import pandas as pd

    from c2c_research.design import Numbers

_INNER = (0.01, 0.99)


def histogram(
    data: pd.DataFrame, column: str, *, bins: int = 12, unit: Any = None, title: str = "", label: str = "persons"
) -> Figure:
    """How many persons fall into bins of a column's values, about `bins` of them. Raises BadUse where none is left."""
    import numpy as np
    import pandas as pd

    if column not in data.columns or not pd.api.types.is_numeric_dtype(data[column]):
        raise BadUse(
            f"There is no column of numbers {column!r}.", "Name a column of the frame; for categories use `c2c.bar`."
        )
    if not 2 <= bins <= 60:
        raise BadUse("`bins` lies between 2 and 60.", "12 is usual.")
    rows = data.loc[data[column].notna()]
    if isinstance(unit, pd.Series):
        unit = unit.loc[rows.index]
    persons = units_of_frame(rows, unit)
    people = codes_of(persons.to_numpy()) if persons is not None else np.arange(len(rows))
    values = rows[column].to_numpy(dtype=float)
    edges = merged(values, people, _edges(values, bins))
    labels = [_between(low, high) for low, high in zip([None, *edges], [*edges, None], strict=True)]
    places = np.searchsorted(edges, values, side="right").tolist()
    place = pd.Categorical.from_codes(places, pd.Index(labels), ordered=True)
    table = groupby(rows.assign(**{column: place}), [column], unit=unit).size()
    return Figure(table, _Columns(tuple(edges), tuple(labels), column), title, label)


@dataclass(frozen=True)
class _Columns:
    """Draws a column a bin; the open ones at the ends as wide as the narrowest, with dots for their open side."""

    edges: tuple[float, ...]
    labels: tuple[str, ...]
    name: str

    def __call__(self, axes: Any, table: Result) -> None:
        step = min((b - a for a, b in zip(self.edges, self.edges[1:], strict=False)), default=1.0)
        shown = dict(zip(table.frame.index.astype(str), table.frame.iloc[:, 0], strict=True))
        lows, highs = [self.edges[0] - step, *self.edges], [*self.edges, self.edges[-1] + step]
        for low, high, label in zip(lows, highs, self.labels, strict=True):
            number = as_number(shown.get(label, 0))
            is_open = label in (self.labels[0], self.labels[-1])
            height = 0.0 if number != number else number / ((high - low) / step)
            axes.bar(low, height, high - low, align="edge", color="tab:blue", edgecolor="white",
                     hatch="//" if is_open else None)  # fmt: skip
        axes.set_xlabel(self.name)


def merged(values: Numbers, people: Numbers, edges: Sequence[float]) -> list[float]:
    """The edges that are left when no bin has 1 to 10 persons. Raises BadUse where there are not twice as many."""
    import numpy as np

    left = list(edges)
    while left:
        place = np.searchsorted(left, values, side="right")
        sizes = [count_persons(people[place == number]) for number in range(len(left) + 1)]
        small = [number for number, size in enumerate(sizes) if 0 < size < FEW]
        if not small:
            # an end of the grid where nobody is says nothing
            ends = [0] if sizes[0] == 0 else [len(left) - 1] if sizes[-1] == 0 else []
            if not ends:
                return left
            del left[ends[0]]
            continue
        worst = min(small, key=lambda number: sizes[number])
        beside = [edge for edge in (worst - 1, worst) if 0 <= edge < len(left)]
        # edge k parts bin k and bin k + 1
        del left[min(beside, key=lambda edge: sizes[edge if edge != worst else worst + 1])]
    raise BadUse("There are too few persons for a histogram.", f"Each bin needs {FEW}, and there have to be two.")


def _edges(values: Numbers, bins: int) -> list[float]:
    import numpy as np

    if not len(values):
        raise BadUse("The column has no value.", "Look at `.isna().sum()`.")
    low, high = np.quantile(values, _INNER)
    step = _round_width((high - low) / bins)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(step * place, 10) for place in range(first, max(first, last) + 1)]


def _round_width(width: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten, at least so wide; 1 where all values are one."""
    if width <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next(power * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if power * factor >= width * (1 - 1e-9))


def _between(low: float | None, high: float | None) -> str:
    if low is None:
        return f"below {high:g}"
    return f"{low:g} and above" if high is None else f"{low:g} up to {high:g}"
