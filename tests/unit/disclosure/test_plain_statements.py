"""What files say without a sidecar: whole groups, flags, stated totals, numerators, parts, and sizes of models."""

from __future__ import annotations

import pytest

from c2c_research.disclosure import Status, check_content

FLAGS = "district,n,{name}\nA,212,0.213\nB,64,{value}\nC,133,0.308\nD,150,0.271\n"
STATA = """      Source |       SS           df       MS      Number of obs   =        {n}
-------------+----------------------------------   F(2, {dof})        =      4.10
    Residual |  1200.5000        {dof}   120.05000   R-squared       =    0.4210
"""


def said(name: str, text: str, sidecar: str = "") -> dict[str, Status]:
    report = check_content(name, text.encode(), "enclave-default", sidecar)
    return {finding.rule: finding.status for finding in report.findings}


@pytest.mark.parametrize("header", ["Not on probation,On probation", "Tested negative,Tested positive"])
def test_a_row_wholly_in_one_of_two_opposite_columns_fails(header: str) -> None:
    assert said("t.csv", f"District,{header}\nA,212,41\nB,0,64\nC,133,38\nD,187,52\n")["group"] is Status.FAIL


@pytest.mark.parametrize("header", ["Enrolled 2018,Enrolled 2019", "Hired,Left", "Fall term,Spring term"])
def test_columns_that_divide_nobody_may_hold_a_zero(header: str) -> None:
    assert "group" not in said("t.csv", f"District,{header}\nA,212,41\nB,0,64\nC,133,38\nD,187,52\n")


@pytest.mark.parametrize("value", ["1.0", "0.0"])
def test_a_flag_whose_mean_is_one_or_zero_fails_whatever_its_name(value: str) -> None:
    assert said("t.csv", FLAGS.format(name="on_probation", value=value))["group"] is Status.FAIL


@pytest.mark.parametrize("name", ["correlation", "kappa", "similarity"])
def test_a_coefficient_between_nothing_and_one_is_no_flag(name: str) -> None:
    assert "group" not in said("t.csv", FLAGS.format(name=name, value="1.0"))


def test_shares_of_a_total_that_the_text_states_give_back_small_counts() -> None:
    page = "# Sector (N = {n})\n\n| Sector | Percent |\n| --- | ---: |\n| A | 47.6% |\n| B | 47.6% |\n| C | 4.8% |\n"
    assert said("t.md", page.format(n=84))["rate"] is Status.FAIL
    assert "rate" not in said("t.md", page.format(n="8,400"))


def test_a_numerator_is_a_count_where_its_quotient_is_printed() -> None:
    rows = "measure;den;num;pct\nM1;212;64;30.2\nM2;140;{small};{rate}\nM3;98;31;31.6\n"
    assert said("t.csv", rows.format(small=4, rate=2.9))["min_cell"] is Status.FAIL
    assert not said("t.csv", rows.format(small=40, rate=28.6))


def test_parts_of_a_count_of_persons_are_counts_and_scores_are_not() -> None:
    served = "Site,Enrolled,Exited to job,DW\nA,558,176,4\nB,830,194,42\nC,364,88,50\n"
    scores = "Site,Enrolled,Fitness,Diet\nA,558,76,8\nB,830,94,42\nC,364,88,50\n"
    assert said("t.csv", served)["min_cell"] is Status.FAIL
    assert said("t.csv", scores).get("min_cell", Status.PASS) < Status.FAIL


@pytest.mark.parametrize(("persons", "dof", "fails"), [("12", "9", True), ("4,212", "4209", False)])
def test_the_degrees_of_freedom_of_stata_are_read(persons: str, dof: str, fails: bool) -> None:
    assert ("model" in said("t.log", STATA.format(n=persons, dof=dof))) is fails


def test_a_line_for_each_model_says_its_residual_degrees_of_freedom() -> None:
    assert said("t.csv", "model,nobs,df_resid,aic\nA,4211,4200,11.2\nB,411,3,10.9\n")["model"] is Status.FAIL
    assert "model" not in said("t.csv", "model,nobs,df_resid,aic\nA,4211,4200,11.2\nB,411,403,10.9\n")


def test_whole_numbers_written_with_decimals_are_sizes_of_a_model() -> None:
    rows = "\t(1)\nIntercept\t21400.00\nPine Ridge\t3118.50\nR-squared\t0.41\nDf residuals\t{}\n"
    assert "model" in said("t.csv", rows.format("0.00"))
    assert "model" not in said("t.csv", rows.format("812.00"))
