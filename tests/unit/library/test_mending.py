"""Bands, merged categories, and what the library says would mend a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import c2c_research as c2c
from c2c_research.disclosure import check_content, check_paths
from c2c_research.errors import BadUse

PERSONS = 600
STUDENTS = pd.DataFrame(
    {
        "person_id": np.arange(PERSONS),
        "district": [["Alder", "Birch", "Cedar"][i % 3] for i in range(PERSONS)],
        "race": ["Filipino" if i % 97 == 0 else "Other" if i % 30 == 0 else "White" for i in range(PERSONS)],
        "went": [int(i % 40 > 0) for i in range(PERSONS)],
    }
)


def shares(**options: Any) -> Any:
    return c2c.crosstab(STUDENTS.district, STUDENTS.race, normalize="index", unit=STUDENTS.person_id, **options)


def counts() -> Any:
    return c2c.crosstab(STUDENTS.district, STUDENTS.race, margins=True, unit=STUDENTS.person_id)


def test_small_shares_become_bands_with_the_rest_of_their_line(tmp_path: Path) -> None:
    banded = shares(margins=True).band()
    assert list(banded.frame.loc["Birch"]) == ["<=10%", "<=10%", ">=90%"]
    assert "All" not in banded.frame.index
    banded.save(tmp_path / "t.csv")
    assert check_paths([tmp_path]).status.word == "pass"
    assert check_content("t.csv", banded.to_csv().encode()).status.word == "pass"


def test_rates_of_large_groups_stay_and_outer_ones_become_bands() -> None:
    rates = c2c.groupby(STUDENTS.assign(rare=(STUDENTS.index < 3).astype(int)), "district").agg(
        went=("went", "mean"), rare=("rare", "mean"), n=("went", "size")
    )
    banded = rates.band()
    assert list(banded.frame["rare"]) == ["<=10%"] * 3
    assert banded.frame["n"].tolist() == [200, 200, 200]
    assert banded.check().status.word == "pass"
    wide = rates.band(width=0.2)
    assert list(wide.frame["rare"]) == ["<=20%"] * 3


def test_merging_by_a_tree_makes_the_table_again_for_every_kind_of_table() -> None:
    tree = {"race": {"Other or Filipino": ["Other", "Filipino"]}}
    made = [
        counts(),
        c2c.groupby(STUDENTS, ["race"]).size(),
        c2c.groupby(STUDENTS, ["race"]).agg(n=("went", "size"), rate=("went", "mean")),
        c2c.pivot_table(STUDENTS, values="went", index="race", aggfunc="sum"),
    ]
    for table in made:
        text = table.merge(tree).to_csv()
        assert "Other or Filipino" in text and "Filipino," not in text.replace("Other or Filipino,", "")
    assert counts().check().status.word == "fail"
    expected = STUDENTS[STUDENTS.race != "White"].groupby("district").person_id.nunique()
    assert counts().merge(tree).frame["Other or Filipino"].tolist() == [*expected, expected.sum()]


def test_a_merged_table_can_be_merged_again() -> None:
    once = counts().merge({"race": {"Other": ["Other", "Filipino"]}})
    twice = once.merge({"district": {"North": ["Alder", "Birch", "Cedar"]}})
    assert twice.frame.index.tolist() == ["North", "All"]
    assert twice.check().status.word == "pass"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: counts().merge({"race": {"Other": ["Nobody"]}}), "no category"),
        (lambda: counts().merge({"colour": {"Other": ["White"]}}), "no key"),
        (lambda: counts().merge(["White"]), "another form"),
        (lambda: counts().band(), "no rates"),
        (lambda: c2c.crosstab(STUDENTS.district, STUDENTS.race, normalize=True).band(), "whole table"),
        (lambda: c2c.ols("went ~ 1", STUDENTS).merge({}), "cannot be merged"),
    ],
)  # fmt: skip
def test_what_cannot_be_mended_so_says_what_to_do(call: Any, says: str) -> None:
    with pytest.raises(BadUse, match=says) as refusal:
        call()
    assert refusal.value.advice


def test_a_table_shows_at_once_what_would_mend_it_and_what_would_remain() -> None:
    assert counts().advice() == ["`.round()` mends it.", "`.suppress()` mends it."]
    assert shares().advice() == ["`.band()` mends it.", "`.suppress()` mends it."]
    means = c2c.groupby(STUDENTS, ["race"]).agg(n=("person_id", "size"), rate=("went", "mean"))
    assert means.advice()[0].startswith("After `.band()` there remains: min_cell")
    assert "`.round()` mends it." in repr(counts())
    assert "mends it" not in repr(counts().round())
