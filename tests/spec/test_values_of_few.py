"""# Values of few: dominance, extremes, percentiles, models, rounding"""

from __future__ import annotations

from c2c_research.disclosure import check_content
from tests.spec.rulebook import as_dict, found

MEANS = b"district,n,mean earnings\nA,40,51000\nB,50,42000\n"


def test_two_contributors_who_make_up_nearly_all_fail() -> None:
    evidence = '{"contributions": [[0, 2, 100000, 90000, 5000], [1, 2, 100000, 9000, 8000]]}'
    assert as_dict(check_content("t1.csv", MEANS, context="kind: summary", evidence=evidence)) == {
        "dominance": [(0, 2)]
    }


def test_a_top_code_proves_that_nobody_dominates() -> None:
    evidence = '{"contributions": [[0, 2, 1000000, 500000, 450000]]}'
    assert as_dict(check_content("t1.csv", MEANS, context="top_code: 400000", evidence=evidence)) == {}


def test_a_mean_that_rests_on_one_value_fails_though_many_rows_stand_behind_the_table() -> None:
    evidence = '{"counts": [[0, 2, 1], [1, 2, 50]]}'
    assert as_dict(check_content("t1.csv", MEANS, context="kind: summary", evidence=evidence)) == {"min_cell": [(0, 2)]}


def test_maxima_and_minima_fail_whatever_the_group_size() -> None:
    table = "district,n,max_wage,min_wage\nA,400,91250,120\nB,500,88100,95\n"
    assert found(table) == {"order_statistic": [(0, 2), (0, 3), (1, 2), (1, 3)]}


def test_the_same_bound_in_every_row_is_a_scale() -> None:
    assert found("item,mean score,max\na,3.1,5\nb,3.3,5\nc,2.9,5\n") == {}


def test_min_and_max_of_a_description_fail() -> None:
    table = ",wage\ncount,500\nmean,41250.5\nstd,8000.1\nmin,120.0\n50%,40100.0\nmax,91250.0\n"
    assert found(table)["order_statistic"] == [(3, 1), (5, 1)]


def test_a_median_of_twenty_has_only_ten_on_a_side() -> None:
    assert found("district,n,median wage\nA,20,41000\nB,60,42000\n") == {"order_statistic": [(0, 2)]}


def test_a_model_without_residual_degrees_of_freedom_fails() -> None:
    text = "No. Observations:   40   AIC: 9.7\nDf Residuals:   3   BIC: 9.9\n"
    assert set(found(text, name="model.txt")) == {"model"}


def test_a_file_that_claims_to_be_rounded_has_to_be() -> None:
    table = "district,n\nA,120\nB,47\n"
    assert found(table, rounding={"base": 5}, counts="n", rows=["district"]) == {"rounding": [(1, 1)]}


def test_small_counts_of_a_file_that_is_rounded_to_five_leave_five_values() -> None:
    assert found("district,n\nA,120\nB,5\n", rounding={"base": 5}, counts="n", rows=["district"]) == {}


def test_a_daily_survival_curve_fails_and_one_by_term_passes() -> None:
    daily = "Time,Surv prob,num at risk,num events\n0,0.998,600,1\n1,0.995,594,2\n40,0.31,9,1\n"
    assert found(daily) == {"survival": [(0, 3), (1, 3), (2, 2), (2, 3)]}
    assert found("term,surv prob,num at risk,num events\n1,0.91,600,54\n2,0.84,540,42\n") == {}
