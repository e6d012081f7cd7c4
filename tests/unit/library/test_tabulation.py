"""Tables in pandas' signatures: the same numbers as pandas, evidence of persons, and what other tools break on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import c2c_research as c2c
from c2c_research.disclosure.findings import Status
from c2c_research.result import Result


@pytest.fixture
def students(extract: Path) -> pd.DataFrame:
    frame: pd.DataFrame = c2c.load("k12_completion")
    return frame


def rules(result: Result) -> set[str]:
    return {finding.rule for finding in result.check().findings}


def test_a_crosstab_is_pandas_own(students: pd.DataFrame) -> None:
    ours = c2c.crosstab(students.district, students.sex, margins=True)
    pd.testing.assert_frame_equal(ours.frame, pd.crosstab(students.district, students.sex, margins=True))
    assert ours.check().status is Status.FAIL


NORMALIZE: list[Any] = [True, "all", "index", "columns", 0, 1]


@pytest.mark.parametrize("normalize", NORMALIZE)
@pytest.mark.parametrize("margins", [False, True])
def test_shares_work_and_can_be_suppressed(students: pd.DataFrame, normalize: Any, margins: bool) -> None:
    options: dict[str, Any] = {"normalize": normalize, "margins": margins}
    ours = c2c.crosstab(students.district, students.sex, **options)
    pd.testing.assert_frame_equal(ours.frame, pd.crosstab(students.district, students.sex, **options))
    assert {"min_cell", "rate"} <= rules(ours), ours.context
    assert ours.suppress().check().status is Status.PASS


@pytest.mark.parametrize(
    "aggfunc", ["mean", "sum", "median", "nunique", "first", "std", ["mean", "count"], lambda part: part.sum()]
)
def test_any_function_or_list_of_functions_works(students: pd.DataFrame, aggfunc: Any) -> None:
    ours = c2c.crosstab(students.district, students.sex, values=students.earnings, aggfunc=aggfunc)
    hidden = ours.suppress()
    assert "min_cell" in rules(ours)
    assert hidden.frame.notna().any().any()
    assert hidden.check().status is Status.PASS


def test_a_category_that_is_called_like_the_row_variable_works(students: pd.DataFrame) -> None:
    renamed = students.assign(sex=students.sex.replace("X", "district"))
    assert c2c.crosstab(renamed.district, renamed.sex).suppress().check().status is Status.PASS


def test_several_keys_work_on_both_sides(students: pd.DataFrame) -> None:
    years = c2c.crosstab([students.district, students.academic_year], students.sex, margins=True)
    assert years.header[:2] == ("district", "academic_year")
    wide = c2c.crosstab(students.district, [students.sex, students.enrolled], margins=True)
    assert wide.header[1] == "F | 0"
    for result in (years, wide):
        assert result.suppress().check().status is not Status.FAIL


def test_sixty_wage_rows_of_two_persons_are_two_persons(extract: Path) -> None:
    wages = c2c.load("ui_wage")
    named = c2c.crosstab(wages.quarter, wages.year, unit=wages.person_id)
    assert named.frame.to_numpy().max() == 1
    assert "min_cell" in rules(named)
    # without `unit` cells count rows, as in pandas; the persons are found all the same
    found = c2c.crosstab(wages.quarter, wages.year)
    assert found.frame.to_numpy().max() == 15
    assert "min_cell" in rules(found)


def test_filtered_columns_find_their_persons_and_rebuilt_ones_say_that_rows_were_counted(extract: Path) -> None:
    wages = c2c.load("ui_wage")
    late = wages[wages.quarter > 1]
    assert "min_cell" in rules(c2c.crosstab(late.quarter, late.year))
    rebuilt = late.reset_index(drop=True)
    report = c2c.crosstab(rebuilt.quarter, rebuilt.year).check()
    assert [question.about for question in report.questions] == ["unit"]


def test_a_median_that_rests_on_one_value_among_many_rows_fails(students: pd.DataFrame) -> None:
    rare = students.assign(rare=students.earnings.where(students.index == 3))
    assert "min_cell" in rules(c2c.crosstab(rare.enrolled, rare.sex, values=rare.rare, aggfunc="median"))


def test_the_mean_of_a_zero_one_variable_that_is_one_fails(students: pd.DataFrame) -> None:
    sure = students.assign(enrolled=students.enrolled.where(students.district != "Alder", 1))
    result = c2c.crosstab(sure.district, sure.academic_year, values=sure.enrolled, aggfunc="mean")
    assert "group" in rules(result)
    assert result.suppress().check().status is Status.PASS


def test_one_large_earner_dominates_a_sum() -> None:
    frame = pd.DataFrame({"person_id": range(40), "county": ["a", "b"] * 20, "wage": [10.0] * 39 + [90000.0]})
    result = c2c.pivot_table(frame, values="wage", index="county", aggfunc="sum")
    assert "dominance" in rules(result)
    hidden = result.suppress()
    assert hidden.rows == (("a", "200"), ("b", "*"))


def test_a_pivot_table_is_pandas_own(students: pd.DataFrame) -> None:
    options: dict[str, Any] = {
        "values": ["earnings"],
        "index": "district",
        "columns": "sex",
        "aggfunc": ["mean", "sum"],
    }
    ours = c2c.pivot_table(students, margins=True, **options)
    pd.testing.assert_frame_equal(ours.frame, students.pivot_table(margins=True, observed=True, **options))
    assert "min_cell" in rules(ours)
    assert ours.suppress().check().status is Status.PASS


def test_groups_with_named_columns_hide_all_measures_of_a_small_group(students: pd.DataFrame) -> None:
    result = c2c.groupby(students, ["district", "sex"]).agg(
        n=("person_id", "nunique"), mean_earnings=("earnings", "mean"), enrolled=("enrolled", "mean")
    )
    assert result.context["counts"] == ["n"] and result.context["rates"] == ["enrolled"]
    hidden = result.suppress()
    assert hidden.check().status is not Status.FAIL
    assert ("Elm", "F", "*", "*", "*") in hidden.rows or ("Elm", "X", "*", "*", "*") in hidden.rows


def test_group_sizes_count_persons(extract: Path) -> None:
    wages = c2c.load("ui_wage")
    assert c2c.groupby(wages, "quarter").size().frame["n"].tolist() == [1, 1, 1, 1]


def test_rounding_keeps_the_table_adding_up(students: pd.DataFrame) -> None:
    result = c2c.crosstab(students.district, students.sex, margins=True).round()
    inner = result.frame.iloc[:-1, :-1]
    assert (result.frame % 5 == 0).all().all()
    assert (inner.sum(axis=1) == result.frame.iloc[:-1, -1]).all()
    assert result.check().status is Status.PASS


def test_a_saved_table_carries_sidecar_and_evidence_and_passes_the_command(
    students: pd.DataFrame, tmp_path: Path
) -> None:
    from c2c_research.disclosure import check_paths

    folder = tmp_path / "out"
    folder.mkdir()
    result = c2c.crosstab(students.district, students.sex, margins=True)
    result.save(folder / "raw.csv")
    result.suppress().save(folder / "safe.csv")
    report = check_paths([folder])
    assert {item.path: item.status for item in report.files} == {"raw.csv": Status.FAIL, "safe.csv": Status.PASS}
    assert len(list(folder.iterdir())) == 6


def test_a_result_shows_itself_with_its_findings(students: pd.DataFrame) -> None:
    result = c2c.crosstab(students.district, students.sex)
    assert "cannot leave as it is" in result._repr_html_()
    assert "passes" in repr(result.suppress())


small_numbers = st.integers(0, 40)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(small_numbers, small_numbers, small_numbers), min_size=2, max_size=5))
def test_a_suppressed_crosstab_passes_the_check(cells: list[tuple[int, int, int]]) -> None:
    records = [(f"r{i}", f"c{j}") for i, row in enumerate(cells) for j, n in enumerate(row) for _ in range(n)]
    if len(records) < 200 or len({row for row, _ in records}) < 3 or len({column for _, column in records}) < 3:
        return
    frame = pd.DataFrame(records, columns=["row", "column"])
    for margins in (False, True):
        hidden = c2c.crosstab(frame.row, frame.column, margins=margins).suppress()
        findings = [f for f in hidden.check().findings if f.rule != "group"]
        shown = [text for row in hidden.rows for text in row[1:] if text not in ("*", "0")]
        assert not findings or not shown, (hidden.to_csv(), findings)
