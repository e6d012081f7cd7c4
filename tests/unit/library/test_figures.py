"""Figures of the library: drawn from tables that pass, saved with them, without anything that is not drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import c2c_research as c2c
from c2c_research import outputs
from c2c_research.disclosure import check_paths
from c2c_research.errors import BadUse
from c2c_research.histograms import merged
from tests.scale import examples

RANDOM = np.random.default_rng(5)
PERSONS = 900
STUDENTS = pd.DataFrame(
    {
        "person_id": np.arange(PERSONS),
        "region": RANDOM.choice(["North", "South", "Valley"], PERSONS),
        "year": RANDOM.choice([2019, 2020, 2021], PERSONS),
        "earnings": RANDOM.lognormal(10, 0.7, PERSONS),
        "quarters": RANDOM.exponential(9, PERSONS).round(1).clip(max=16),
    }
)
STUDENTS["graduated"] = (STUDENTS.quarters < 16).astype(int)
FEW = STUDENTS.assign(region=["Zone"] * 5 + list(STUDENTS.region[5:]))


def table(data: pd.DataFrame = STUDENTS) -> Any:
    return c2c.crosstab(data.region, data.year, margins=True, unit=data.person_id)


FIGURES = {
    "bar": lambda: c2c.bar(table(), title="Students"),
    "stacked": lambda: c2c.bar(table(), stacked=True),
    "line": lambda: c2c.line(c2c.crosstab(STUDENTS.year, STUDENTS.region, unit=STUDENTS.person_id)),
    "curve": lambda: c2c.line(c2c.survival("Surv(quarters, graduated) ~ region", STUDENTS)),
    "histogram": lambda: c2c.histogram(STUDENTS, "earnings"),
}


@pytest.mark.parametrize("ending", ["svg", "png"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_saved_figure_and_its_table_pass(name: str, ending: str, tmp_path: Path) -> None:
    FIGURES[name]().save(tmp_path / f"f.{ending}")
    report = check_paths([tmp_path])
    assert {file.path: file.status.word for file in report.files} == {f"f.{ending}": "pass", "f.table.csv": "pass"}


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_the_same_figure_is_the_same_file_and_names_no_program_and_no_day(ending: str, tmp_path: Path) -> None:
    first, second = (FIGURES["bar"]().save(tmp_path / f"{name}.{ending}").read_bytes() for name in "ab")
    assert first == second
    assert b"atplotlib v" not in first and b"tEXt" not in first and b"dc:date" not in first


def test_a_table_that_does_not_pass_is_not_drawn_and_its_suppression_is_with_gaps(tmp_path: Path) -> None:
    with pytest.raises(BadUse, match="min_cell") as refusal:
        c2c.bar(table(FEW))
    assert "suppress" in refusal.value.advice
    picture = c2c.bar(table(FEW).suppress()).save(tmp_path / "f.svg").read_text()
    assert "Zone" in picture
    assert check_paths([tmp_path]).status.word == "pass"


def test_totals_are_not_drawn() -> None:
    assert b">All<" not in c2c.bar(table()).rendered()
    assert b">Valley<" in c2c.bar(table()).rendered()


def test_a_figures_table_is_submitted_with_it(tmp_path: Path) -> None:
    outputs.clear()
    outputs.add(FIGURES["bar"]().save(tmp_path / "f.svg"))
    assert [path.name for path in outputs.waiting()] == ["f.svg", "f.table.csv"]
    assert "kind: frequency" in outputs._basket.files[tmp_path / "f.table.csv"]
    outputs.clear()


def test_a_histogram_has_open_ends_and_edges_that_are_nobodys_value() -> None:
    shown = c2c.histogram(STUDENTS, "earnings").table.frame
    assert str(shown.index[0]).startswith("below ") and str(shown.index[-1]).endswith(" and above")
    assert shown["n"].sum() == PERSONS and shown["n"].min() >= 11
    extremes = {f"{STUDENTS.earnings.min():g}", f"{STUDENTS.earnings.max():g}"}
    assert not extremes & {word for label in shown.index.astype(str) for word in label.split()}


def test_one_outlier_does_not_make_a_histogram_fail() -> None:
    outlier = STUDENTS.assign(earnings=[1e9, *STUDENTS.earnings[1:]])
    figure = c2c.histogram(outlier, "earnings")
    assert figure.check().status.word == "pass"
    assert len(figure.table.rows) >= 5


def test_a_histogram_counts_persons_and_not_rows() -> None:
    many = pd.concat([STUDENTS.head(3)] * 50).assign(earnings=5.0)
    with pytest.raises(BadUse, match="too few persons"):
        c2c.histogram(many, "earnings")


@settings(max_examples=examples(80, 3_000), deadline=None)
@given(st.lists(st.integers(0, 30), max_size=120), st.lists(st.integers(0, 30), min_size=1, max_size=9, unique=True))
def test_merged_bins_never_hold_one_to_ten_persons(values: list[int], edges: list[int]) -> None:
    numbers = np.array(values, dtype=float)
    try:
        left = merged(numbers, np.arange(len(values)), sorted(edges))
    except BadUse:
        return
    assert set(left) <= set(edges)
    sizes = np.bincount(np.searchsorted(left, numbers, side="right"), minlength=len(left) + 1)
    assert all(size == 0 or size >= 11 for size in sizes)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: c2c.bar(STUDENTS), "table of the library"),
        (lambda: c2c.histogram(STUDENTS, "region"), "column of numbers"),
        (lambda: c2c.histogram(STUDENTS, "earnings", bins=500), "between 2 and 60"),
        (lambda: c2c.bar(table()).save("f.pdf"), "SVG or PNG"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_says_what_to_do(call: Any, says: str) -> None:
    with pytest.raises(BadUse, match=says) as refusal:
        call()
    assert refusal.value.advice
