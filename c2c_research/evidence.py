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
    import pandas as pd

    names = [*(f"r{i}" for i in range(len(rows))), *(f"c{i}" for i in range(len(columns)))]
    parts = dict(zip(names, [*rows, *columns], strict=True))
    if values is not None:
        parts["value"] = values
    if unit is not None:
        parts["unit"] = unit
    frame = aligned(parts)
    frame["unit"] = range(len(frame)) if unit is None else pd.factorize(frame["unit"])[0]
    frame = frame[frame.notna().all(axis=1) & (frame["unit"] >= 0)]
    row_names, column_names = names[: len(rows)], names[len(rows) :]
    cells = _distinct(frame, names)
    size = len(row_names)
    return Behind(
        cells={(label[:size], label[size:]): number for label, number in cells.items()},
        rows=_distinct(frame, row_names) if columns else cells,
        columns=_distinct(frame, column_names),
        everything=int(frame["unit"].nunique()),
        largest=_largest(frame, names, size) if top and values is not None else {},
        of_rows=unit is None,
    )


def _distinct(frame: pd.DataFrame, names: list[str]) -> dict[Label, int]:
    if not names:
        return {(): int(frame["unit"].nunique())}
    unique = frame[[*names, "unit"]].drop_duplicates()
    return {_label(key): int(size) for key, size in unique.groupby(names, observed=True).size().items()}


def _largest(frame: pd.DataFrame, names: list[str], size: int) -> dict[tuple[Label, Label], tuple[float, float, float]]:
    """(total, largest, second) of the absolute sums by unit."""
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(frame["value"]) or not names:
        return {}
    values = frame.assign(value=frame["value"].astype(float).abs())
    sums = values.groupby([*names, "unit"], observed=True)["value"].sum().reset_index()
    sums = sums.sort_values("value", ascending=False)
    groups = sums.groupby(names, observed=True)["value"]
    totals = {_label(key): float(total) for key, total in groups.sum().items()}
    tops: dict[Label, list[float]] = {}
    for *key, _, value in sums[groups.cumcount() < 2].itertuples(index=False):
        tops.setdefault(tuple(key), []).append(float(value))
    return {(label[:size], label[size:]): (totals[label], *_two(top)) for label, top in tops.items() if label in totals}


def _two(top: list[float]) -> tuple[float, float]:
    return top[0], top[1] if len(top) > 1 else 0.0


def _label(key: Any) -> Label:
    return key if isinstance(key, tuple) else (key,)


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
