"""# What a peer lets pass

ACRO 1.0.2 passes each of these outputs (seen on synthetic data, made by pandas and statsmodels as a researcher would).
Each has to be caught here (1 to 11; 12: an unknown analysis is looked at), and the six kinds of harmless work on which
ACRO breaks have to pass (harmless 1 to 6).
"""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import c2c_research as c2c
from c2c_research.disclosure import Status, check_content, check_paths
from tests.spec.rulebook import as_dict, found

RANDOM = np.random.default_rng(11)
SIZE = 400
PEOPLE = pd.DataFrame(
    {
        "person_id": np.arange(SIZE) + 10**9,
        "district": np.repeat(["A", "B", "C", "D"], SIZE // 4),
        "program": RANDOM.choice(["x", "y"], SIZE),
        "wage": RANDOM.normal(40_000, 9_000, SIZE).round(2),
        "grad": RANDOM.integers(0, 2, SIZE),
    }
)
TWO_AND_TWO = {("A", "x"): 2, ("A", "y"): 64, ("B", "x"): 2, ("B", "y"): 71, ("C", "x"): 90, ("C", "y"): 50}


def rules(result: c2c.Result) -> set[str]:
    return set(as_dict(result.check()))


def test_1_a_lambda_does_not_hide_how_few_stand_behind_a_cell() -> None:
    few = PEOPLE[(PEOPLE.district != "D") | (PEOPLE.index < 304)]
    table = c2c.crosstab(few.district, few.program, values=few.wage, aggfunc=lambda wages: wages.mean())
    assert "min_cell" in rules(table)


@pytest.mark.parametrize("function", ["max", "min"])
def test_2_maxima_and_minima_fail_though_every_cell_has_many(function: str) -> None:
    table = c2c.crosstab(PEOPLE.district, PEOPLE.program, values=PEOPLE.wage, aggfunc=function)
    assert "order_statistic" in rules(table)
    assert "order_statistic" not in rules(table.suppress())


def test_3_a_median_on_one_value_among_a_hundred_rows_fails() -> None:
    holes = PEOPLE.assign(wage=PEOPLE.wage.where((PEOPLE.district != "B") | (PEOPLE.index == 100)))
    assert "min_cell" in rules(c2c.groupby(holes, "district").agg(median=("wage", "median")))


def test_4_a_cell_in_which_all_have_the_same_value_fails() -> None:
    same = PEOPLE.assign(wage=PEOPLE.wage.where(PEOPLE.district != "C", 41_000.0))
    table = c2c.groupby(same, "district").agg(mean_wage=("wage", "mean"), sd=("wage", "std"), n=("wage", "count"))
    assert "group" in rules(table)


def test_5_the_mean_of_a_zero_one_variable_that_is_one_fails() -> None:
    every = PEOPLE.assign(grad=PEOPLE.grad.where(PEOPLE.district != "A", 1))
    assert "group" in rules(c2c.crosstab(every.district, every.program, values=every.grad, aggfunc="mean"))


def test_6_a_regression_with_a_dummy_of_one_person_fails() -> None:
    alone = PEOPLE.assign(district=["Z", *PEOPLE.district[1:]])
    text = smf.ols("wage ~ C(district) + C(program)", alone).fit().summary().as_text()
    assert "model" in found(text, name="model.txt")


def test_7_a_saturated_regression_fails() -> None:
    alone = PEOPLE.head(8).assign(person=list("abcdefgh"))
    text = smf.ols("wage ~ C(person)", alone).fit(method="qr").params.to_csv()
    summary = f"OLS Regression Results\nNo. Observations: 8\nDf Residuals: 0\n\n{text}"
    assert "model" in found(summary, name="model.txt")


def test_8_two_crosstabs_that_differ_by_one_person_fail(tmp_path: Path) -> None:
    c2c.crosstab(PEOPLE.district, PEOPLE.program).save(tmp_path / "all.csv")
    fewer = PEOPLE.drop(index=7)
    c2c.crosstab(fewer.district, fewer.program).save(tmp_path / "fewer.csv")
    report = check_paths([tmp_path])
    said = {finding.rule for file in report.files for finding in file.findings if finding.status is Status.FAIL}
    assert said == {"differencing"} and len([file for file in report.files if file.findings]) == 2


def test_9_margins_beside_a_suppressed_table_give_its_cells_back() -> None:
    table = "district,x,y,All\nA,2,60,62\nB,*,*,4\nC,40,50,90\nAll,44,112,156\n"
    assert found(table, suppressed=["*"], rows=["district"], counts="cells", totals={"rows": "All", "columns": "All"})


def test_9_a_total_that_is_made_separately_gives_two_hidden_pairs_back(tmp_path: Path) -> None:
    """2 and 2 hidden in one column: the table alone does not show them, the total beside it does."""
    people = pd.DataFrame(
        [(district, program) for (district, program), size in TWO_AND_TWO.items() for _ in range(size)],
        columns=["district", "program"],
    ).assign(person_id=range(10**6, 10**6 + sum(TWO_AND_TWO.values())))
    table = c2c.crosstab(people.district, people.program, unit=people.person_id)
    hidden = table.suppress()
    assert [row[1:] for row in hidden.rows] == [("*", "64"), ("*", "71"), ("90", "50")]
    assert hidden.check().status is Status.PASS
    hidden.save(tmp_path / "hidden.csv")
    c2c.groupby(people, "district").size().save(tmp_path / "total.csv")
    files = {file.path: {each.rule for each in file.findings} for file in check_paths([tmp_path]).files}
    assert "secondary" in files["hidden.csv"]


def test_10_sixty_wage_rows_of_two_persons_are_two_persons() -> None:
    rows = pd.DataFrame({"person_id": [1, 2] * 30 + list(range(10, 70)), "district": ["A"] * 60 + ["B"] * 60})
    table = c2c.crosstab(rows.district, pd.Series(["q"] * 120, name="quarter"), unit=rows.person_id)
    assert "min_cell" in rules(table)


def test_11_pickles_and_microdata_are_no_outputs(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"coefficients": [1, 2]}))
    PEOPLE.head(50).to_csv(tmp_path / "data.csv", index=False)
    assert [report.status for report in check_paths([tmp_path]).files] == [Status.FAIL, Status.FAIL]


def test_12_an_analysis_that_nothing_explains_is_looked_at() -> None:
    unknown = pd.crosstab(PEOPLE.district, PEOPLE.program, values=PEOPLE.wage, aggfunc="mean").to_csv()
    assert found(unknown) == {"unreadable?": []}


@pytest.mark.parametrize("normalize", ["index", "columns", "all"])
def test_harmless_1_shares_of_large_groups_pass(normalize: str) -> None:
    table = c2c.crosstab(PEOPLE.district, PEOPLE.program, normalize=normalize)
    assert table.check().status is Status.PASS


def test_harmless_2_suppression_with_several_functions_keeps_what_is_safe() -> None:
    few = PEOPLE[(PEOPLE.district != "D") | (PEOPLE.index < 304)]
    table = c2c.pivot_table(few, values="wage", index="district", columns="program", aggfunc=["mean", "std"]).suppress()
    assert "*" not in table.rows[0] and "*" in table.rows[3]


def test_harmless_3_a_curve_on_a_grid_passes_though_two_thousand_persons_leave_one_by_one() -> None:
    rows = "".join(f"{quarter},{2000 - 120 * quarter},{1 - 0.06 * quarter:.2f}\n" for quarter in range(12))
    assert found(f"quarter,at risk,survival\n{rows}") == {}


def test_harmless_4_a_label_that_equals_the_row_variable_is_a_label() -> None:
    named = pd.Series(np.where(PEOPLE.district == "A", "district", "other"), name="district")
    assert c2c.crosstab(named, PEOPLE.program).check().status is Status.PASS


@pytest.mark.parametrize("function", ["nunique", "first"])
def test_harmless_5_unusual_functions_do_not_break(function: str) -> None:
    table = c2c.crosstab(PEOPLE.district, PEOPLE.program, values=PEOPLE.wage, aggfunc=function)
    assert table.check().status >= Status.PASS and len(table.rows) == 4


def test_harmless_6_a_binned_histogram_with_an_outlier_passes() -> None:
    bins = "bin,students\n0-10000,40\n10000-20000,71\n20000 and above,12\n"
    assert check_content("histogram.csv", bins.encode()).status is Status.PASS
