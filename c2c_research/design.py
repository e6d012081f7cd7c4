"""A formula on a frame: which rows are used, what stands in each column of the design, and whose rows they are.

Formulas are patsy's, as in statsmodels: `"earnings ~ C(region) + gpa"`. Rows with a missing value are left out, as
there. A *person* is a unit of `c2c_research.units`; without one, each row stands for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse
from c2c_research.units import units_of_frame

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Numbers = np.ndarray[Any, np.dtype[Any]]

_INTERCEPT = "Intercept"


@dataclass(frozen=True)
class Design:
    """`outcome` (n), `columns` (n × k, named), whole numbers `persons` (n) of distinct units, `rows` used of the frame.

    `levels` holds, for each categorical variable, a whole number a row; reference categories are levels too.
    """

    outcome: Numbers
    columns: Numbers
    names: tuple[str, ...]
    persons: Numbers
    rows: Numbers
    levels: dict[str, Numbers]
    of_rows: bool = False

    def without_intercept(self) -> Design:
        """The same, for models whose baseline is no coefficient."""
        keep = [place for place, name in enumerate(self.names) if name != _INTERCEPT]
        return Design(
            self.outcome, self.columns[:, keep], tuple(self.names[k] for k in keep), self.persons, self.rows,
            self.levels, self.of_rows,
        )  # fmt: skip

    def only(self, rows: Numbers) -> Design:
        """The same on fewer rows (a mask)."""
        levels = {name: codes[rows] for name, codes in self.levels.items()}
        return Design(
            self.outcome[rows], self.columns[rows], self.names, self.persons[rows], self.rows[rows], levels,
            self.of_rows,
        )  # fmt: skip


def design_of(formula: str, data: pd.DataFrame, unit: Any = None, also: tuple[str, ...] = ()) -> Design:
    """Read a formula on a frame. `also` names further columns that a row needs (clusters, fixed effects).

    Raises BadUse where the formula cannot be read, names what is not there, or leaves no row or no variation.
    """
    import numpy as np
    import patsy  # type: ignore[import-untyped]  # has no types

    for name in also:
        if name not in data.columns:
            raise BadUse(f"There is no column {name!r}.", "Name a column of the frame.")
    persons = units_of_frame(data, unit)
    plain = data.reset_index(drop=True)
    try:
        left, right = patsy.dmatrices(formula, plain, return_type="dataframe")
    except (patsy.PatsyError, NameError, KeyError) as problem:
        advice = "Formulas look like `earnings ~ C(region) + gpa`, with columns of the frame."
        raise BadUse(f"The formula cannot be used: {str(problem).splitlines()[0]}", advice) from problem
    if left.shape[1] != 1:
        raise BadUse(
            "The outcome has to be one column of numbers.", "Turn a text or a yes/no column into 0 and 1 first."
        )
    kept = right.index[plain.loc[right.index, list(also)].notna().all(axis=1)] if also else right.index
    if not len(kept):
        raise BadUse("No row has all the values that the formula needs.", "Look at `.isna().sum()` of its columns.")
    rows = kept.to_numpy()
    if len(kept) < len(right):
        left, right = left.loc[kept], right.loc[kept]
    return Design(
        left.to_numpy()[:, 0].astype(float), right.to_numpy().astype(float), tuple(right.columns),
        codes_of(persons.to_numpy()[rows]) if persons is not None else np.arange(len(rows)), rows,
        _levels(right), persons is None,
    )  # fmt: skip


def codes_of(values: Any) -> Numbers:
    """Whole numbers from 0 that stand for values; missing ones are one value of their own."""
    import pandas as pd

    codes: Numbers = pd.factorize(values, use_na_sentinel=False)[0]
    return codes


def same_rows(columns: Numbers) -> Numbers:
    """Whole numbers that are equal where rows of numbers are: rows are told apart by a random projection."""
    import numpy as np

    weights = np.random.default_rng(20).normal(size=columns.shape[1])
    return codes_of(columns @ weights)


def _levels(right: Any) -> dict[str, Numbers]:
    """The level of each row, by the columns of every categorical variable's own term; its coding does not matter."""
    info, found = right.design_info, {}
    for term in info.terms:
        kinds = [info.factor_infos[factor].type for factor in term.factors]
        if kinds == ["categorical"]:
            found[term.name()] = same_rows(right.iloc[:, info.slice(term)].to_numpy())
    return found
