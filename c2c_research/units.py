"""Which person does a row belong to? Rows of wages or enrolments hold many rows a person; safety counts persons.

A frame loaded from the extract carries its persons along in `attrs`. A Series taken from it (also filtered) finds
them again by its index; that is believed only where the Series still equals the loaded column at these rows, so a
frame that was re-indexed or recomputed is never matched to wrong persons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import pandas as pd

UNIT = "person_id"
_KEY = "c2c_loaded"


class _Loaded:
    """A loaded frame. Compared by identity and never copied: pandas copies attrs deeply on every step."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def __deepcopy__(self, memo: Any) -> _Loaded:
        return self


def remember(frame: pd.DataFrame) -> pd.DataFrame:
    """Let a loaded frame carry its persons."""
    if UNIT in frame.columns:
        frame.attrs[_KEY] = _Loaded(frame.copy(deep=False))
    return frame


def units_of_frame(frame: pd.DataFrame, unit: Any) -> pd.Series | None:
    """The unit of each row: the named column, a Series or array, else `person_id` where the frame has it."""
    import pandas as pd

    if isinstance(unit, str):
        if unit not in frame.columns:
            raise BadUse(f"There is no column {unit!r} for `unit`.", "Name a column of the table, such as person_id.")
        return frame[unit]
    if unit is not None:
        return pd.Series(unit, index=None if isinstance(unit, pd.Series) else frame.index)
    return frame[UNIT] if UNIT in frame.columns else None


def units_of_series(parts: list[Any], unit: Any) -> Any:
    """The unit of each element of the Series that a cross-table is made of; None where nobody can tell."""
    import pandas as pd

    if isinstance(unit, str):
        found = _recall([part for part in parts if isinstance(part, pd.Series)], unit)
        if found is None:
            raise BadUse(
                "`unit` is a name, and the columns are not those of a loaded table.", "Give the unit's own column."
            )
        return found
    if unit is not None:
        return unit
    return _recall([part for part in parts if isinstance(part, pd.Series)], UNIT)


def years_of_series(parts: list[Any]) -> Any:
    """The year of each element of the Series of a loaded table; None where the table has none."""
    series = [part for part in parts if isinstance(part, _series())]
    for column in ("academic_year", "year"):
        found = _recall(series, column)
        if found is not None:
            return found
    return None


def years_of_frame(frame: pd.DataFrame) -> Any:
    """The year of each row; None where the frame has none."""
    return next((frame[column] for column in ("academic_year", "year") if column in frame.columns), None)


def _series() -> Any:
    import pandas as pd

    return pd.Series


def _recall(parts: list[Any], column: str) -> pd.Series | None:
    """The unit of each row, where every part that has a name in the loaded frame equals it there."""
    loaded = next((found for part in parts if (found := getattr(part, "attrs", {}).get(_KEY)) is not None), None)
    if loaded is None or column not in loaded.frame.columns or not loaded.frame.index.is_unique:
        return None
    index = parts[0].index
    named = [part for part in parts if part.name in loaded.frame.columns]
    if not named or not all(part.index.equals(index) for part in parts) or not index.isin(loaded.frame.index).all():
        return None
    rows = loaded.frame[list(dict.fromkeys([*(part.name for part in named), column]))]
    if not index.equals(rows.index):
        rows = rows.loc[index]
    return rows[column] if all(rows[part.name].equals(part) for part in named) else None
