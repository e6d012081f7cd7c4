"""After a repair of a table of the library no check fails, and who solves its equations learns no more than it says.

The attacker here is scipy's linear programming over everything the repaired table shows, margins included.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import c2c_research as c2c
from c2c_research.errors import BadUse
from c2c_research.result import Result
from tests.scale import examples

THRESHOLD = 11


def persons_of(counts: np.ndarray[Any, Any]) -> pd.DataFrame:
    """One row a person, for a table of counts."""
    rows = [(f"r{r}", f"c{c}") for (r, c), count in np.ndenumerate(counts) for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["row", "column"])
    return frame.assign(person_id=range(len(frame)))


def counts() -> st.SearchStrategy[np.ndarray[Any, Any]]:
    number = st.one_of(st.integers(0, 12), st.integers(11, 70), st.integers(30, 300))
    shape = st.tuples(st.integers(2, 4), st.integers(2, 4))
    return shape.flatmap(
        lambda size: st.lists(number, min_size=size[0] * size[1], max_size=size[0] * size[1]).map(
            lambda cells: np.array(cells).reshape(size)
        )
    )


def whole(given_counts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """No empty row or column: pandas leaves those out."""
    assume((given_counts.sum(axis=0) > 0).all() and (given_counts.sum(axis=1) > 0).all())
    return given_counts


def range_of(
    place: int, low: list[float], high: list[float], sums: list[tuple[list[int], float]]
) -> tuple[float, float]:
    """The least and the greatest value of one unknown that fit boxes and sums."""
    matrix = np.zeros((len(sums), len(low)))
    for number, (parts, _) in enumerate(sums):
        matrix[number, parts] = 1.0
    cost = np.zeros(len(low))
    cost[place] = 1.0
    ends = []
    for sign in (1, -1):
        done = linprog(
            sign * cost, A_eq=matrix if sums else None, b_eq=[total for _, total in sums] or None,
            bounds=list(zip(low, high, strict=True)), method="highs",
        )  # fmt: skip
        assert done.status == 0, done.message
        ends.append(sign * done.fun)
    return ends[0], ends[1]


def fails(result: Result) -> list[str]:
    return [finding.rule for finding in result.check().findings if finding.status.word == "fail"]


def interval(text: str) -> tuple[float, float] | None:
    """What a cell of the banded table says of its share."""
    numbers = [float(number) / 100 for number in re.findall(r"\d+(?:\.\d+)?", text)]
    if text == "*":
        return 0.0, 1.0
    if text.startswith("<="):
        return 0.0, numbers[0]
    if text.startswith(">="):
        return numbers[0], 1.0
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    return (numbers[0] - 0.0005, numbers[0] + 0.0005) if numbers else None


@settings(max_examples=examples(60, 2_000), deadline=None)
@given(counts(), st.booleans(), st.sampled_from(["index", "columns"]))
def test_bands_cannot_be_narrowed_by_the_rest_of_their_line(numbers: Any, margins: bool, way: str) -> None:
    frame = persons_of(whole(numbers))
    table = c2c.crosstab(frame.row, frame.column, normalize=way, margins=margins, unit=frame.person_id)
    banded = table.band()
    assert not fails(banded)
    grid = banded.frame if way == "index" else banded.frame.T
    people = numbers if way == "index" else numbers.T
    assert grid.shape == people.shape, "no margin is left that would say more"
    for texts, line in zip(grid.to_numpy(), people, strict=True):
        boxes = [interval(str(text)) for text in texts]
        known = [box for box in boxes if box is not None]
        assert len(known) == len(line)
        for place, count in enumerate(line):
            if str(texts[place])[0].isdigit() and "-" not in str(texts[place]):
                assert min(count, line.sum() - count) >= THRESHOLD
                continue
            least, most = range_of(place, *map(list, zip(*known, strict=True)), [(list(range(len(line))), 1.0)])
            assert least == pytest.approx(known[place][0], abs=1e-6)
            assert most == pytest.approx(known[place][1], abs=1e-6)
            assert texts[place] == "*" or (most - least) * line.sum() >= THRESHOLD - 1e-6


@settings(max_examples=examples(40, 1_000), deadline=None)
@given(st.lists(st.tuples(st.integers(1, 200), st.integers(0, 200)), min_size=1, max_size=6))
def test_bands_of_rates_hold_at_least_as_many_persons_as_the_threshold(groups: list[tuple[int, int]]) -> None:
    rows = [(f"g{g}", int(n < part)) for g, (size, part) in enumerate(groups) for n in range(size)]
    frame = pd.DataFrame(rows, columns=["group", "went"])
    frame["person_id"] = range(len(frame))
    table = c2c.groupby(frame, "group").agg(rate=("went", "mean"))
    try:
        banded = table.band()
    except BadUse:
        assert abs(table.frame["rate"].sum() - 1) < 1e-6
        return
    assert not fails(banded)
    if len(groups) > 1 and abs(table.frame["rate"].sum() - 1) < 1e-6:
        return
    for text, (size, part) in zip(banded.frame["rate"], groups, strict=True):
        box = interval(str(text))
        assert box is not None
        outer = min(min(part, size), size - min(part, size)) < THRESHOLD
        assert not outer or text == "*" or (box[1] - box[0]) * size >= THRESHOLD - 1e-6


@settings(max_examples=examples(40, 1_000), deadline=None)
@given(counts())
def test_rounded_totals_say_nothing_that_the_rounded_cells_do_not(numbers: Any) -> None:
    frame = persons_of(whole(numbers))
    rounded = c2c.crosstab(frame.row, frame.column, margins=True, unit=frame.person_id).round()
    shown = rounded.frame.to_numpy()
    assert not fails(rounded)
    assert (shown % 5 == 0).all()
    assert (np.abs(shown[:-1, :-1] - numbers) <= 2).all()
    assert (shown[-1, :-1] == shown[:-1, :-1].sum(axis=0)).all()
    assert (shown[:, -1] == shown[:, :-1].sum(axis=1)).all()


@settings(max_examples=examples(30, 1_000), deadline=None)
@given(counts())
def test_merged_categories_count_each_person_once_and_no_cell_gets_smaller(numbers: Any) -> None:
    frame = persons_of(whole(numbers))
    twice = pd.concat([frame, frame.assign(row="r1")], ignore_index=True)  # everybody is in r1 too
    table = c2c.crosstab(twice.row, twice.column, unit=twice.person_id)
    merged = table.merge({"row": {"joined": ["r0", "r1"]}})
    assert (merged.frame.loc["joined"] >= table.frame.loc[["r0", "r1"]].max()).all()
    assert (merged.frame.loc["joined"] == numbers.sum(axis=0)).all()
    again = c2c.crosstab(twice.row.replace({"r0": "joined", "r1": "joined"}), twice.column, unit=twice.person_id)
    assert merged.check().status == again.check().status
    assert merged.to_csv() == again.to_csv()


@pytest.mark.timeout(1200)  # some hundred searches, each with a limit of its own
@settings(max_examples=examples(30, 1_000), deadline=None)
@given(counts())
def test_hidden_counts_of_a_suppressed_table_stay_wide(numbers: Any) -> None:
    frame = persons_of(whole(numbers))
    suppressed = c2c.crosstab(frame.row, frame.column, margins=True, unit=frame.person_id).suppress()
    assert not fails(suppressed)
    grid = suppressed.frame.to_numpy()
    hidden = [(r, c) for (r, c), value in np.ndenumerate(grid) if isinstance(value, str)]
    at = {cell: place for place, cell in enumerate(hidden)}
    high, wide = numbers.shape
    lines = [[(r, c) for c in range(wide + 1)] for r in range(high + 1)] + [
        [(r, c) for r in range(high + 1)] for c in range(wide + 1)
    ]
    # unknowns: the hidden cells; a line's total enters with the other sign
    matrix, right = [], []
    for line in lines:
        row, shown = np.zeros(len(hidden)), 0.0
        for sign, cell in [*((1.0, each) for each in line[:-1]), (-1.0, line[-1])]:
            if cell in at:
                row[at[cell]] += sign
            else:
                shown += sign * float(grid[cell])
        matrix.append(row)
        right.append(-shown)
    full = np.block(
        [[numbers, numbers.sum(axis=1, keepdims=True)], [numbers.sum(axis=0, keepdims=True), numbers.sum()]]
    )
    for cell, place in at.items():
        if not 0 < full[cell] < THRESHOLD:
            continue
        cost = np.eye(len(hidden))[place]
        ends = [
            linprog(sign * cost, A_eq=matrix, b_eq=right, bounds=[(1, 2_000)] * len(hidden)).fun for sign in (1, -1)
        ]
        assert -ends[1] - ends[0] > 4, f"{cell} lies between {ends[0]} and {-ends[1]}"
