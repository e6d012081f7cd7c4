"""Honest tables of the simulated people, searched until they have the wanted property: some small cell, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from tests.corpus.case import Draw
from tests.corpus.population import BREADTH, LABELS, people
from tests.corpus.table import COUNT, KEY, Table, table

COUNT_WORDS = ["n", "N", "count", "students", "freq", "Number of students", "# enrolled", "headcount", "cohort_size", "n_students", "Students",
               "Total students", "persons", "N (unduplicated)", "num_students", "Enrollment", "Cohort Students", "Freq.", "Headcount", "clients"]  # fmt: skip
TOTALS = ["Total", "All", "Statewide", "State of California", "Sum", "Overall", "Grand Total", "All students"]
MARKERS = ["<11", "*", "s", "—", ".", "suppressed", "DS", "", "≤10", "**", "n<11"]
Fits = Callable[[pd.DataFrame], bool]


def values(series: pd.Series) -> pd.Series:
    """Flags as the words a report would print."""
    if series.dtype == bool:
        label = LABELS[str(series.name)]
        return series.map({True: label, False: f"Not {label[0].lower()}{label[1:]}"})
    return series


def subset(draw: Draw, narrow: bool) -> tuple[pd.DataFrame, str]:
    """A population of the state and how its table calls it."""
    frame = people()
    year = draw.pick(range(2014, 2022))
    options: list[tuple[pd.Series | None, str]] = [
        (None, "high school cohorts 2014 to 2021"),
        (frame["cohort"] == year, f"{year} high school cohort"),
        (frame["cohort"] >= 2018, "cohorts 2018 to 2021"),
    ]
    if narrow:
        flag = draw.pick(["foster", "homeless", "migrant", "swd"])
        county = draw.pick(["Fresno", "Kern", "Merced", "Shasta"])
        options += [
            (frame[flag], f"{LABELS[flag].lower()}, cohorts 2014 to 2021"),
            (frame["county"] == county, f"{county} County, cohorts 2014 to 2021"),
        ]
    mask, phrase = options[int(draw.rng.integers(len(options)))]
    return (frame if mask is None else frame[mask]), phrase


def is_large(counts: pd.DataFrame) -> bool:
    """No empty and no small cell."""
    return bool((counts >= 11).all().all())


def has_small(counts: pd.DataFrame) -> bool:
    """A few small cells among larger ones, as in real tables."""
    small = ((counts > 0) & (counts <= 10)).to_numpy().sum()
    return bool(1 <= small <= max(3, counts.size // 3))


def cross(draw: Draw, fits: Fits, variables: int = 2, low: int = 2, high: int = 24) -> tuple[pd.DataFrame, str]:
    """Counts (rows × columns; one column when `variables` is 1) of a drawn cross-tabulation that fits, and the population."""
    for _ in range(600):
        frame, phrase = subset(draw, narrow=fits is has_small)
        names = [str(v) for v in draw.rng.choice(BREADTH, variables, replace=False)]
        parts = [values(frame[v]) for v in names]
        counts = (
            pd.crosstab(parts[0], parts[1])
            if variables == 2
            else parts[0].value_counts(sort=False).sort_index().to_frame()
        )
        counts.index.name, counts.columns.name = names[0], names[-1]
        if (
            low <= len(counts) <= high
            and len(counts.columns) <= 12
            and fits(counts)
            and len(set(counts.to_numpy().ravel())) > 1
        ):
            return counts, phrase
    raise RuntimeError("no table fits")


def head(name: Any) -> str:
    return LABELS.get(str(name), str(name))


def wide(counts: pd.DataFrame, phrase: str, total: str | None = None, **context: Any) -> Table:
    """A cross-tabulation as people show it, optionally with both margins."""
    rows: list[list[Any]] = [[k, *map(int, r)] for k, r in zip(counts.index, counts.to_numpy(), strict=True)]
    columns = [str(c) for c in counts.columns]
    if total:
        rows = [[*r, sum(r[1:])] for r in rows]
        rows.append([total, *(sum(r[j] for r in rows) for j in range(1, len(columns) + 2))])
        columns.append(total)
        context = {"totals": {"rows": total, "columns": total}} | context
    return table([(head(counts.index.name), KEY), *((c, COUNT) for c in columns)], rows,
                 f"{head(counts.index.name)} by {head(counts.columns.name).lower()}, {phrase}",
                 kind="frequency", population=phrase, **({"counts": "cells"} | context))  # fmt: skip


def tall(counts: pd.DataFrame, phrase: str, word: str, total: str | None = None) -> Table:
    """The same in long form with one count column; zeros are left out, as by groupby."""
    if counts.shape[1] == 1:
        rows = [[k, int(v)] for k, v in counts.iloc[:, 0].items()]
        keys = [head(counts.index.name)]
    else:
        rows = [[i, j, int(counts.loc[i, j])] for i in counts.index for j in counts.columns if counts.loc[i, j]]
        keys = [head(counts.index.name), head(counts.columns.name)]
    context: dict[str, Any] = {}
    if total:
        rows.append([total, *[""] * (len(keys) - 1), sum(r[-1] for r in rows)])
        context["totals"] = {"rows": total}
    title = f"{word.capitalize() if word.islower() else word} by {' and '.join(k.lower() for k in keys)}, {phrase}"
    return table(
        [*((k, KEY) for k in keys), (word, COUNT)], rows, title, kind="frequency", population=phrase, **context
    )
