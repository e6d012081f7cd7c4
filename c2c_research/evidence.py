"""Who stands behind the cells of a table: distinct units, the bases of rates, the largest contributors.

Counts are *distinct units*, never rows: sixty wage rows of two persons are two.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Label = tuple[Hashable, ...]


@dataclass(frozen=True)
class Behind:
    """Distinct units of each cell, each row, each column and of all, by labels."""

    cells: dict[tuple[Label, Label], int]
    rows: dict[Label, int]
    columns: dict[Label, int]
    everything: int
    largest: dict[tuple[Label, Label], tuple[float, float, float]] = field(default_factory=dict)
    of_rows: bool = False

    @property
    def unit(self) -> dict[str, str]:
        """What the sidecar says of the unit: rows were counted where nobody knew the persons."""
        return {"unit": "rows"} if self.of_rows else {}

    def of(self, row: Label | None, column: Label | None) -> int:
        """Units of a cell; None stands for the margin."""
        if row is not None and column is not None:
            return self.cells.get((row, column), 0)
        if row is not None:
            return self.rows.get(row, 0)
        return self.everything if column is None else self.columns.get(column, 0)


def count_behind(
    rows: Sequence[Any], columns: Sequence[Any], unit: Any | None, values: Any | None = None, top: bool = False
) -> Behind:
    """Count distinct units by row keys and column keys. Rows without a value or a key do not count.

    `top` also finds the total and the two largest contributors of each cell.
    """

    names = [*(f"r{i}" for i in range(len(rows))), *(f"c{i}" for i in range(len(columns)))]
    parts = dict(zip(names, [*rows, *columns], strict=True))
    if values is not None:
        parts["value"] = values
    if unit is not None:
        parts["unit"] = unit
    frame = aligned(parts)
    codes = _Codes(frame, names, unit is not None)
    keep = frame["value"].notna().to_numpy() if values is not None else None
    size = len(rows)
    cells = codes.distinct(names, keep)
    return Behind(
        cells={(label[:size], label[size:]): number for label, number in cells.items()},
        rows=codes.distinct(names[:size], keep) if columns else cells,
        columns=codes.distinct(names[size:], keep),
        everything=codes.distinct([], keep)[()],
        largest=codes.largest(frame["value"], names, size) if top and values is not None else {},
        of_rows=unit is None,
    )


class _Codes:
    """Keys and units as whole numbers, so that distinct units are counted without comparing texts."""

    def __init__(self, frame: pd.DataFrame, names: list[str], has_unit: bool) -> None:
        import pandas as pd

        self.keys = {name: pd.factorize(frame[name]) for name in names}
        self.unit = pd.factorize(frame["unit"])[0] if has_unit else None
        self.rows = len(frame)

    def distinct(self, names: list[str], keep: Any) -> dict[Label, int]:
        """Distinct units by these keys; of all rows where there is no key."""
        import numpy as np
        import pandas as pd

        code, known = self._coded(names)
        if keep is not None:
            known &= keep
        cells, uniques = pd.factorize(code[known])
        if self.unit is not None:
            # one number a (cell, unit) pair: rows of a person who was seen in the cell before count no more
            units = int(self.unit.max(initial=0)) + 1
            cells = pd.unique(cells.astype("int64") * units + self.unit[known]) // units
        numbers = np.bincount(cells, minlength=len(uniques))
        found = {self._label(int(each), names): int(n) for each, n in zip(uniques, numbers, strict=True)}
        return found if names else {(): sum(found.values())}

    def largest(
        self, values: Any, names: list[str], size: int
    ) -> dict[tuple[Label, Label], tuple[float, float, float]]:
        """(total, largest, second) of the absolute sums by unit, of each cell; rows are units where there is none."""
        import numpy as np
        import pandas as pd

        if not pd.api.types.is_numeric_dtype(values) or not names:
            return {}
        numbers = np.abs(values.to_numpy(dtype="float64", na_value=np.nan))
        code, known = self._coded(names)
        known &= ~np.isnan(numbers)
        code, numbers = code[known], numbers[known]
        if self.unit is not None:
            code, numbers = _summed(code, self.unit[known], numbers)
        cells, uniques = pd.factorize(code)
        totals = np.bincount(cells, weights=numbers, minlength=len(uniques))
        first = np.zeros(len(uniques))
        np.maximum.at(first, cells, numbers)
        # each cell's largest stands aside once; the largest of the others is the second
        tops = np.flatnonzero(numbers == first[cells])
        numbers[tops[np.unique(cells[tops], return_index=True)[1]]] = 0.0
        second = np.zeros(len(uniques))
        np.maximum.at(second, cells, numbers)
        labels = [self._label(int(each), names) for each in uniques]
        found = zip(labels, totals.tolist(), first.tolist(), second.tolist(), strict=True)
        return {(label[:size], label[size:]): (total, top, next_) for label, total, top, next_ in found}

    def _coded(self, names: list[str]) -> tuple[Any, Any]:
        """(one whole number a row for its keys, which rows have all keys and a unit)."""
        import numpy as np

        code, known = np.zeros(self.rows, dtype="int64"), np.ones(self.rows, dtype=bool)
        for name in self.keys:
            known &= self.keys[name][0] >= 0
        for name in names:
            code = code * len(self.keys[name][1]) + self.keys[name][0]
        if self.unit is not None:
            known &= self.unit >= 0
        return code, known

    def _label(self, code: int, names: list[str]) -> Label:
        parts: list[Any] = []
        for name in reversed(names):
            uniques = self.keys[name][1]
            code, place = divmod(code, len(uniques))
            parts.append(uniques[place])
        return tuple(reversed(parts))


def _summed(code: Any, unit: Any, numbers: Any) -> tuple[Any, Any]:
    """(cell, sum) of each pair of a cell and a unit."""
    import numpy as np
    import pandas as pd

    units = int(unit.max(initial=0)) + 1
    # cells anew from 0, so that the product with units stays small
    cells, uniques = pd.factorize(code)
    pairs, seen = pd.factorize(cells.astype("int64") * units + unit)
    return uniques[seen // units], np.bincount(pairs, weights=numbers, minlength=len(seen))


def aligned(parts: dict[str, Any]) -> pd.DataFrame:
    """One frame of Series and arrays, by position. Series of different indexes meet at common rows, as pandas does."""
    import pandas as pd

    indexes = [part.index for part in parts.values() if isinstance(part, pd.Series)]
    if any(not index.equals(indexes[0]) for index in indexes[1:]):
        common = indexes[0]
        for index in indexes[1:]:
            common = common.intersection(index)
        parts = {name: part.loc[common] if isinstance(part, pd.Series) else part for name, part in parts.items()}
    return pd.DataFrame({name: pd.Series(part).reset_index(drop=True) for name, part in parts.items()})
