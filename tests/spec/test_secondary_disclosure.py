"""# Secondary disclosure

A hidden count that totals and neighbours give back is not hidden. Up to two feasible values fail, up to four ask.
Where zeros are shown, a hidden count is at least 1.
"""

from __future__ import annotations

from tests.spec.rulebook import found


def test_one_hidden_count_in_a_line_with_its_total_is_recovered() -> None:
    table = """
        district,F,M,Total
        A,12,<11,19
        B,30,44,74
        Total,42,51,93
    """
    assert found(table) == {"secondary": [(0, 2)]}


def test_an_empty_cell_is_a_hidden_count_too() -> None:
    assert found("district,F,M,Total\nA,12,,19\nB,30,44,74\nTotal,42,51,93\n") == {"secondary": [(0, 2)]}


def test_two_hidden_counts_whose_sum_leaves_two_values_fail() -> None:
    table = "district,F,M,X,Total\nA,*,*,30,33\nB,*,*,40,84\nC,0,30,60,90\nTotal,23,54,130,207\n"
    assert set(found(table)) == {"secondary"}


def test_two_hidden_counts_whose_sum_leaves_three_values_ask() -> None:
    table = "district,F,M,X,Total\nA,*,*,30,34\nB,*,*,40,84\nC,0,30,60,90\nTotal,24,54,130,208\n"
    assert set(found(table)) == {"secondary?"}


def test_a_large_count_that_is_recovered_gives_nobody_away() -> None:
    assert found("district,F,M,Total\nA,12,*,190\nB,30,44,74\nTotal,42,222,264\n") == {}


def test_a_long_table_with_total_rows_is_the_same_table() -> None:
    table = """
        county,sex,n
        A,F,12
        A,M,*
        A,Total,20
        B,F,20
        B,M,30
        B,Total,50
    """
    assert found(table) == {"secondary": [(1, 2)]}


def test_hidden_counts_without_totals_stay_hidden() -> None:
    assert found("county,sex,n\nA,F,12\nA,M,<11\nB,F,20\nB,M,30\n") == {}


def test_totals_over_more_than_is_listed_prove_nothing() -> None:
    table = "race,n\nAsian,40\nBlack,<11\nWhite,50\nTotal,300\n"
    assert found(table) == {}


def test_totals_of_rounded_counts_leave_room() -> None:
    table = "district,F,M,Total\nA,10,*,20\nB,30,45,75\nTotal,40,50,95\n"
    assert found(table, rounding={"base": 5}, kind="frequency", counts="cells") == {}


def test_three_primaries_in_a_hierarchy_are_recovered_and_a_second_pattern_protects_them() -> None:
    """The pattern of SSBtools' z1 (maxN 3): hiding only primaries of one column recovers all; partners protect."""
    only = "region,work,other,Total\nB,*,26,28\nD,*,30,33\nH,*,20,22\nTotal,7,76,83\n"
    assert sorted(found(only)["secondary"]) == [(0, 1), (1, 1), (2, 1)]
    partners = "region,work,other,Total\nB,*,*,28\nD,*,*,33\nH,*,*,22\nTotal,7,76,83\n"
    assert "secondary" not in found(partners)


def test_a_total_is_known_by_its_numbers_whatever_it_is_called() -> None:
    table = "office,families\nEl Centro,325\nEureka,40\nSalinas,#\nRedding,229\nThe five of them,600\n"
    assert found(table) == {"secondary": [(2, 1)]}
    assert found(table.replace("600", "720")) == {}


def test_a_total_may_stand_on_top() -> None:
    table = "office,families\nWhole agency,600\nEl Centro,325\nEureka,40\nSalinas,#\nRedding,229\n"
    assert found(table) == {"secondary": [(3, 1)]}


def test_columns_that_add_to_another_are_its_parts() -> None:
    table = """
        office,Students,Women,Men,Not stated
        Salinas,412,203,194,15
        Redding,388,190,180,18
        Chico,300,151,<11,142
    """
    assert found(table) == {"secondary": [(2, 3)]}


def test_regions_and_their_counties_in_one_column() -> None:
    counties = """
        area,students
        North,515
        Shasta,412
        Tehama,96
        Glenn,*
        Valley,4632
        Fresno,2104
        Kern,1873
        Merced,655
        California,5147
    """
    assert found(counties)["secondary"] == [(3, 1)]


def test_a_list_with_several_totals_holds_subtotals() -> None:
    table = """
        area,students
        Shasta,412
        Tehama,96
        Glenn,*
        Total,515
        Fresno,2104
        Kern,1873
        Merced,655
        Total,4632
        Total,5147
    """
    assert found(table)["secondary"] == [(2, 1)]


def test_one_total_may_be_split_in_several_ways() -> None:
    table = """
        group,students
        Total,640
        Women,312
        Men,328
        Asian,108
        White,188
        Hispanic,338
        Pacific Islander,*
    """
    assert found(table)["secondary"] == [(6, 1)]


def test_a_total_in_the_caption_or_a_note_counts_as_shown() -> None:
    note = "# Families\n\nAll offices served 858 families in all.\n\n"
    table = f"{note}|Office|Families|\n|---|---|\n|A|200|\n|B|*|\n|C|650|\n"
    assert found(table, "t1.md") == {"secondary": [(1, 1)]}
    assert found(table.replace("858", "958"), "t1.md") == {}


def test_a_note_explains_a_marker() -> None:
    table = "office,families\nA,200\nB,n.d.\nC,650\nCombined,858\n\nn.d. = fewer than 11 families\n"
    assert found(table) == {"secondary": [(1, 1)]}


LEFT_OUT = "sex,n\nFemale,612\nMale,589\nTotal,{}\n"


def test_a_total_that_counts_a_few_more_than_its_rows_shows_the_category_that_was_left_out() -> None:
    assert found(LEFT_OUT.format(1206), rows=["sex"], counts="n", totals={"rows": "Total"}) == {"secondary": [(2, 1)]}
    assert found(LEFT_OUT.format(1206)) == {"secondary?": [(2, 1)]}


def test_a_total_that_counts_no_more_or_many_more_shows_nobody() -> None:
    assert found(LEFT_OUT.format(1201)) == {}
    assert found(LEFT_OUT.format(1240)) == {}


def test_a_total_below_the_sum_of_categories_that_overlap_shows_nobody() -> None:
    assert found("service,students\nTutoring,612\nCounselling,589\nTotal,1196\n") == {}


def test_two_precise_rates_prove_which_count_they_are_of() -> None:
    table = "district,graduates,enrolled,pct_enrolled\nAlder,345,214,62.0\nBirch,102,*,6.9\nCedar,547,342,62.5\n"
    assert found(table) == {"secondary": [(1, 2)]}
