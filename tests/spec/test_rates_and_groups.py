"""# Rates, and statements about a whole group

A percentage and its base give back a count. 0 % and 100 % say the same of everybody in a group.
"""

from __future__ import annotations

from tests.spec.rulebook import found


def test_a_rate_and_its_base_give_the_numerator_away() -> None:
    assert found("school,n,dropout_rate\nA,50,4.0%\nB,400,5.3%\n") == {"rate": [(0, 2)]}


def test_a_rate_too_coarse_to_give_a_count_back_passes() -> None:
    assert found("school,n,dropout_rate\nA,5000,0.1%\n") == {}


def test_a_small_complement_is_advised_to_be_a_band() -> None:
    assert found("school,n,grad_rate\nA,120,95.0%\n") == {"rate!": [(0, 2)]}


def test_a_pack_may_fail_small_complements() -> None:
    assert found("school,n,grad_rate\nA,120,95.0%\n", policy="adrf") == {"rate": [(0, 2)]}


def test_a_band_in_place_of_the_rate_passes() -> None:
    assert found("school,n,grad_rate\nA,120,>=95%\n") == {}


def test_a_hundred_percent_of_a_group_fails() -> None:
    assert found("school,n,grad_rate\nA,33,100.0%\nB,500,60.0%\n") == {"group": [(0, 2)]}


def test_zero_percent_of_a_group_fails() -> None:
    assert found("school,n,grad_rate\nA,33,0.0%\nB,500,60.0%\n") == {"group": [(0, 2)]}


def test_a_rounded_zero_of_a_big_group_says_nothing() -> None:
    assert found("county,n,foster_rate\nA,90000,0.0%\nB,80000,1.3%\n") == {}


def test_a_mean_of_a_zero_one_variable_equal_to_one_fails() -> None:
    assert found("school,n,mean_enrolled\nA,40,1.0\nB,50,0.52\n") == {"group": [(0, 2)]}


def test_no_spread_means_that_all_have_the_mean() -> None:
    assert found("school,n,mean,std\nA,40,3.2,0.0\nB,50,2.9,0.6\n") == {"group": [(0, 3)]}


def test_a_row_whose_whole_total_is_in_one_column_fails() -> None:
    table = """
        district,passed,failed,Total
        A,33,0,33
        B,40,22,62
        C,51,31,82
        D,44,29,73
        Total,168,82,250
    """
    assert found(table) == {"group": [(0, 1)]}


def test_a_table_that_is_built_of_single_columns_is_structure() -> None:
    table = """
        district,north,south,Total
        A,33,0,33
        B,40,0,40
        C,0,31,31
        Total,73,31,104
    """
    assert found(table) == {}


def test_all_schools_of_a_county_are_no_group_of_persons() -> None:
    assert found("county,pct\nAlpine,100%\nKern,61%\n", population="public schools", kind="rates") == {}


def test_shares_that_add_to_one_are_rates_though_nothing_says_so() -> None:
    assert found("district,F,M,X\nA,0.52,0.48,0.0\nB,0.5,0.43,0.07\n") == {"group": [(0, 3)]}


def test_a_row_whose_persons_are_all_in_one_column_fails_whatever_its_columns_are_called() -> None:
    table = "district,enrolled,not_enrolled,Total\nAlder,214,131,345\nBirch,45,0,45\nCedar,342,205,547\n"
    assert found(table) == {"group": [(1, 1)]}
    plain = "district,enrolled,not_enrolled\nAlder,214,131\nBirch,0,45\nCedar,342,205\n"
    assert found(plain, rows=["district"], kind="frequency", counts="cells") == {"group": [(1, 2)]}


def test_all_districts_of_a_county_are_no_persons() -> None:
    assert found("county,districts,pct_districts_reporting\nAlpine,12,100.0\nColusa,31,93.5\n") == {}


def test_a_kind_of_college_is_no_year() -> None:
    """Shares by `four_year` and `two_year` beside the row's N imply counts like any other."""
    table = "district,four_year,two_year,none,N\nAlder,0.495,0.303,0.202,433\nBirch,0.6,0.375,0.025,40\n"
    assert found(table) == {"rate": [(1, 3)]}
