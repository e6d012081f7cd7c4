"""# Values of few: dominance, extremes, percentiles, models, rounding"""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize(
    "name", ["max_share", "Top employer's share of payroll", "Largest employer share", "share_top1"]
)
def test_a_share_of_the_largest_employer_from_80_percent_fails_and_is_no_rate_of_persons(name: str) -> None:
    rows = "A,94,25,3239145,0.07\nB,73,19,4171902,0.92\nC,45,20,3333333,0.12\n"
    assert found(f"county,Workers,Employers,Total wages,{name}\n{rows}") == {"dominance": [(1, 4)]}


def test_a_sentence_may_name_the_share_before_the_employer() -> None:
    assert "dominance" in found("In mining, 92 % of the payroll is paid by one employer.", name="a.txt")


def test_a_range_is_a_minimum_and_a_maximum_but_a_class_is_not() -> None:
    assert found("site,n,Mean age,Range\nA,212,24.1,16–67\nB,148,23.8,17–71\n") == {"order_statistic": [(0, 3), (1, 3)]}
    assert found("site,Range,n,Mean age\nA,16–24,212,20.1\nA,25–44,148,33.8\n") == {}
    assert found("school,grade span,students\nA,9-12,300\nB,7-12,400\n") == {}


@pytest.mark.parametrize(
    ("sentence", "tells"),
    [
        ("Wages ranged from $312.40 to $418,220.17 among 2,114 workers.", True),
        ("Participants' ages ranged from 17 to 64.", True),
        ("The oldest participant was 71.", True),
        ("Median wages ranged from $31,120 to $45,310.", False),
        ("Wages ranged from about $30,000 to $45,000.", False),
        ("Ages range from 16 to 24.", False),
    ],
)
def test_sentences_that_tell_the_outermost_persons_values(sentence: str, tells: bool) -> None:
    assert ("order_statistic" in found(sentence, name="a.txt")) is tells


def test_what_a_rule_grants_at_most_is_nobodys_value() -> None:
    assert found("Award,Maximum award by law,Maximum years\nA,12630,4\nB,1648,4\nC,5000,2\n") == {}
    assert found("Award,Maximum award,Max units allowed\nA,12630,120\nB,1648,60\nC,5000,30\n") == {}
    assert found("course,Max units,Min units\nENGL 1A,4,3\nMATH 2,5,4\n") == {}
    assert found("parameter,min,max\nlearning rate,0.01,0.3\ndepth,2,8\n") == {}
    assert found("The maximum award was $12,630.", name="a.txt") == {}
    assert "order_statistic" in found("Award,recipients,Maximum award\nA,130,12630\nB,148,1648\nC,500,5120\n")


def test_a_function_without_a_name_may_be_a_maximum() -> None:
    assert found("industry,count,<lambda_0>\nA,135,172876.2\nB,20,70267.98\n") == {"order_statistic": [(0, 2), (1, 2)]}


def test_percentages_of_exact_counts_undo_the_rounding_of_the_counts_beside_them() -> None:
    exact = "race,students,percent\nA,240,57.77%\nB,110,26.46%\nC,50,10.92%\nD,10,3.16%\nE,10,1.70%\n"
    said = {"rounding": {"base": 10}, "counts": "students", "rows": ["race"], "population": "students, N = 412"}
    assert found(exact, **said) == {"rounding": [(0, 2), (1, 2), (2, 2), (3, 2), (4, 2)]}
    kept = "race,students,percent\nA,240,57.14%\nB,110,26.19%\nC,50,11.90%\nD,10,2.38%\nE,10,2.38%\n"
    assert found(kept, **said) == {}


@pytest.mark.parametrize("name", ["S(t)", "estimate", "probability still enrolled", "KM_estimate"])
def test_a_curve_that_steps_at_events_fails_under_any_name_and_one_on_a_grid_passes(name: str) -> None:
    days = [0, 3, 11, 12, 19, 31, 40, 44, 59, 71]
    curve = "".join(f"{day},{1 - place / 60:.4f}\n" for place, day in enumerate(days))
    assert set(found(f"day,{name}\n{curve}")) == {"survival"}
    grid = "".join(f"{30 * place},{1 - place / 60:.4f}\n" for place in range(10))
    assert found(f"day,{name}\n{grid}") == {}


@pytest.mark.parametrize("time", ["months", "days since entry", "terms since entry", "quarter"])
def test_where_a_curve_begins_all_are_there(time: str) -> None:
    rows = "".join(f"{30 * place},{1 - place / 30:.2f}\n" for place in range(10))
    assert found(f"{time},share still enrolled\n{rows}") == {}


def test_numbered_measures_are_no_percentiles() -> None:
    assert found("measure;den;num;pct\nP1;212;64;30.2\nP2;140;40;28.6\nP3;98;31;31.6\n") == {}
    described = "value,wage\ncount,40\nP1,12345\nP50,31200\nP99,98111\n"
    assert "order_statistic" in found(described)


def test_ten_percent_of_110_persons_are_eleven() -> None:
    assert found("field,n,p10,p50,p90\nMusic,110,12100,38200,81000\n") == {}
    assert found("field,n,p10,p50,p90\nMusic,109,12100,38200,81000\n") == {"order_statistic": [(0, 2), (0, 4)]}


def test_a_sentence_with_the_highest_wage_of_a_group_fails() -> None:
    assert found("The highest wage in the group was $187,231 last year.\n", "note.txt") == {"order_statistic": []}
    assert found("Wages\nThe highest wage of these graduates was $187,231 a year.\n", "note.txt") == {
        "order_statistic": []
    }


def test_the_highest_mean_and_the_minimum_wage_are_nobodys() -> None:
    assert found("The highest mean wage was $61,200, in nursing.\n", "note.txt") == {}
    assert found("The minimum wage in California was $12 in 2019.\n", "note.txt") == {}
