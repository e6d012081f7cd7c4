"""# Printed tables: what Stata, SAS, SPSS and R write to their logs

Columns that stand between two bars, cells that stack a count over its percentages, columns set apart by tabs, and the
command above a table that says what its numbers are.
"""

from __future__ import annotations

from tests.spec.rulebook import found

TAB = """
    . tab program completed

                   |     Completed
           Program |        No       Yes |     Total
    ---------------+---------------------+----------
        Nursing AS |       215       316 |       531
     Accounting AA |        22         1 |        23
    Dental Hygiene |        42        17 |        59
    ---------------+---------------------+----------
             Total |       279       334 |       613
"""


def test_columns_between_two_bars_are_read() -> None:
    assert "min_cell" in found(TAB, "t.txt")
    large = TAB.replace("  1 |        23", " 31 |        53").replace("334 |       613", "364 |       643")
    assert found(large, "t.txt") == {}


COLUMN_SHARES = """
    . tab county service, column

        County |  CalWORKs   Child care |     Total
    -----------+------------------------+----------
        Alpine |        62          336 |       398
               |     71.26        98.82 |     93.21
    -----------+------------------------+----------
          Inyo |        25            4 |        29
               |     28.74         1.18 |      6.79
    -----------+------------------------+----------
         Total |        87          340 |       427
               |    100.00       100.00 |    100.00
"""


def test_counts_over_their_percentages_are_read_as_counts() -> None:
    assert found(COLUMN_SHARES, "t.txt")["min_cell"] == [(2, 2)]
    more = COLUMN_SHARES.replace("       4 |        29", "      94 |       119")
    assert "min_cell" not in found(more, "t.txt")


FREQ = """
    The FREQ Procedure

    Frequency|
    Percent  |
    Row Pct  |
    Col Pct              |HS or less|Some coll.|  Total
    ---------------------+----------+----------+
    Construction         |       36 |      330 |    366
                         |     6.79 |    62.26 |  69.06
                         |     9.84 |    90.16 |
                         |    19.89 |    94.56 |
    ---------------------+----------+----------+
    Manufacturing        |      145 |        9 |    154
                         |    27.36 |     1.70 |  29.06
                         |    94.16 |     5.84 |
                         |    80.11 |     2.58 |
    ---------------------+----------+----------+
"""


def test_four_numbers_a_cell_of_proc_freq_are_told_apart() -> None:
    assert "min_cell" in found(FREQ, "t.txt")
    assert found(FREQ.replace("       9 |    154", "      90 |    235"), "t.txt") == {}


SPSS = (
    "Sector * Education Crosstabulation\n\t\tHS or less\tSome college\tTotal\n"
    "Retail\tCount\t145\t6\t151\n\t% within Sector\t96.0%\t4.0%\t100.0%\n"
    "Health\tCount\t46\t43\t89\n\t% within Sector\t51.7%\t48.3%\t100.0%\n"
)


def test_tabs_set_columns_apart_and_the_statistic_stands_in_a_column() -> None:
    assert found(SPSS, "t.txt")["min_cell"] == [(0, 3)]
    assert found(SPSS.replace("\t6\t151", "\t60\t205"), "t.txt") == {}


def test_the_command_above_a_table_says_that_it_counts() -> None:
    table = "> table(students$county)\n\n Alpine  Butte Colusa \n    528    473      9 \n"
    assert "min_cell" in found(table, "t.txt")
    assert "min_cell" not in found(table.replace("table(students$county)", "coef(model)"), "t.txt")


def test_a_header_above_a_blank_line_belongs_to_the_listing_below() -> None:
    listing = """
    The SAS System

    Obs    student_id  birth_year  sex     gpa   wage_q2

      1    084c46fe          2002  M      2.02  10838.32
      2    278173e4          1999  M      1.80   4577.05
      3    d30576c7          1996  F      2.26  13295.44
      4    c8f90a9c          2000  M      1.64   6619.88
      5    ebafc1d2          1999  M      2.67   7119.02
    """
    assert "unit_record" in found(listing, "t.txt")


BASELINE = """
    |                       | Treatment (N=691) | Comparison (N=487) |
    |:----------------------|:------------------|:-------------------|
    | Age, mean (SD)        | 21.7 (5.0)        | 23.9 (4.7)         |
    | Race/ethnicity, n (%) |                   |                    |
    | Black                 | 364 (52.7)        | 135 (27.7)         |
    | Hispanic              | 174 (25.2)        | 134 (27.5)         |
    | Pacific Islander      | 2 (0.3)           | 130 (26.7)         |
"""


def test_counts_among_means_of_a_descriptive_table_are_found() -> None:
    assert (4, 1) in found(BASELINE, "t.md")["min_cell"]
    assert found(BASELINE.replace("2 (0.3) ", "62 (9.0)"), "t.md") == {}


def test_a_model_beside_others_needs_its_own_degrees_of_freedom() -> None:
    models = ",(1),(2)\nFemale,0.917***,-0.156**\n,(0.166),(0.057)\nAge,-0.296*,-0.504**\n,(0.129),(0.156)\n"
    assert "model" in found(f'{models}Observations,11,"1,240"\n')
    assert found(f'{models}Observations,110,"1,240"\n') == {}


def test_a_rounding_that_is_said_of_money_is_not_asked_of_counts() -> None:
    table = "program,students,mean_earnings\nNursing,121,9300\nWelding,57,8100\n"
    table += "\nEarnings are rounded to the nearest 100.\n"
    assert found(table) == {}
    assert "rounding" in found(table.replace("Earnings are", "All numbers are"))


def test_amounts_by_rank_are_single_persons_unless_each_rank_has_a_name() -> None:
    ranks = "rank,quarterly_wage,sector\n1,82710.60,Trade\n2,52655.43,Health\n3,51048.29,Health\n4,46487.46,Trade\n"
    assert "unit_record" in found(ranks)
    assert found("rank,sector,wage\n1,Health,8271\n2,Trade,5265\n3,Mining,5104\n4,Farms,4648\n") == {}


def test_extremes_of_laws_places_and_samplers_are_nobodys_value() -> None:
    assert found("city,year,minimum_wage\nAlder,2016,10.00\nAlder,2017,10.50\nBirch,2016,11.25\n") == {}
    assert found("year,Lowest county,Median county,Highest county\n2012,2.1,5.0,14.2\n2013,2.4,4.8,13.9\n") == {}
    assert found("parameter,mean,sd,r_hat_max\nalpha,0.213,0.041,1.003\nbeta,-0.482,0.077,1.001\n") == {}


def test_schools_have_no_threshold_wherever_the_file_says_that_it_counts_schools() -> None:
    table = "county,2016,2017\nAlpine,2,3\nButte,41,40\nColusa,7,7\n"
    assert found(f"Number of high schools by county\n\n{table}", rows=["county"], counts="cells") == {}
    assert "min_cell" in found(f"Number of high school seniors\n\n{table}", rows=["county"], counts="cells")


def test_categories_that_add_to_a_total_are_counts_whatever_their_words_say() -> None:
    table = "Program,On aid,Not on aid,Unknown,Total\nNursing,83,152,47,282\nWelding,0,38,0,38\nHVAC,31,29,36,96\n"
    assert "group" in found(table)


def test_row_percentages_beside_their_counts_rest_on_the_rows_sum() -> None:
    table = "district,n women,n men,row_pct women,row_pct men\nAlder,30,290,9.4,90.6\nBirch,31,270,10.3,89.7\n"
    assert found(table) == {}


def test_totals_of_percentages_are_nobodys_number() -> None:
    assert found("race,Basic (%),Proficient (%),Total\nAsian,8.0,92.0,100.0\nBlack,44.1,55.9,100.0\n") == {}


def test_one_letter_among_counts_hides_a_count() -> None:
    table = "District,In,Out,Total\nAlder,59,148,207\nBrook,49,97,146\nCedar,30,D,35\nTotal,138,250,388\n"
    assert found(table)["secondary"] == [(2, 2)]


TABULATE = """
    ------------------------------------------------------
    |                      |             Sex             |
    |                      |-----------------------------|
    |                      |   Female     |     Male     |
    |                      |--------------+--------------|
    |                      |      N       |      N       |
    |----------------------+--------------+--------------|
    |County                |              |              |
    |----------------------|              |              |
    |Alpine                |             6|           120|
    |----------------------+--------------+--------------|
    |Butte                 |           340|           310|
    ------------------------------------------------------
"""


def test_a_box_of_proc_tabulate_is_one_table() -> None:
    assert "min_cell" in found(TABULATE, "t.txt")
    assert found(TABULATE.replace("  6|", " 96|"), "t.txt") == {}


def test_a_few_among_a_group_that_the_sentence_names_are_found() -> None:
    said = "Among Pacific Islander students, six did not return."
    assert "min_cell" in found(f"# Findings\n\n{said}\n", "t.md")
    assert found(f"# Findings\n\n{said.replace('six', '61')}\n", "t.md") == {}
