"""What suppression hides, what rounding moves, what noise shows: on one table."""

from __future__ import annotations

import pandas as pd
import pytest

import c2c_research as c2c
from c2c_research.errors import BadUse


@pytest.fixture
def persons() -> pd.DataFrame:
    sizes = {
        ("01", "yes"): 120,
        ("01", "no"): 80,
        ("19", "yes"): 3,
        ("19", "no"): 60,
        ("37", "yes"): 44,
        ("37", "no"): 31,
    }
    rows = [(county, done) for (county, done), size in sizes.items() for _ in range(size)]
    return pd.DataFrame(rows, columns=["county", "completed"]).assign(person_id=range(sum(sizes.values())))


def test_a_comparison_says_what_each_way_hides_and_moves(persons: pd.DataFrame) -> None:
    table = c2c.crosstab(persons["county"], persons["completed"], unit=persons["person_id"])
    compared = c2c.dp.compare(table, error=20)
    frame = compared.frame.set_index("cell")
    assert frame["exact"].sum() == len(persons)
    assert pd.isna(frame.loc["19 · yes", "suppressed"])
    assert frame.loc["01 · yes", "rounded"] == 120
    assert (frame["rounded"] % 5 == 0).all()
    assert frame["dp"].notna().all()
    summary = compared.summary.set_index("way")
    assert summary.loc["suppressed", "hidden"] >= 1
    assert summary.loc["suppressed", "mean_absolute_error"] == 0
    assert summary.loc["dp", "share_shown"] == 1
    assert "stays in the sandbox" in repr(compared)
    assert compared.plot().axes


def test_only_tables_of_counts_are_compared(persons: pd.DataFrame) -> None:
    means = c2c.groupby(persons.assign(x=1.0), "county", unit="person_id").agg({"x": "mean"})
    with pytest.raises(BadUse, match="tables of counts"):
        c2c.dp.compare(means)
    table = c2c.crosstab(persons["county"], persons["completed"], unit=persons["person_id"])
    with pytest.raises(BadUse, match="at least one person"):
        c2c.dp.compare(table, error=0)
