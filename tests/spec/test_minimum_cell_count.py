"""# Minimum cell count

No count of 1 to 10 persons is shown. Zero is shown. Employers: 3. The unit is a person, never a row.
"""

from __future__ import annotations

import pytest

from tests.spec.rulebook import found


def test_a_count_of_seven_students_fails_and_the_cell_is_named() -> None:
    table = """
        district,students
        Alder,120
        Birch,7
    """
    assert found(table) == {"min_cell": [(1, 1)]}


@pytest.mark.parametrize(("count", "fails"), [(0, False), (1, True), (10, True), (11, False)])
def test_one_to_ten_fail_and_zero_and_eleven_pass(count: int, fails: bool) -> None:
    assert ("min_cell" in found(f"district,n\nAlder,{count}\nBirch,200\n")) is fails


def test_another_pack_may_set_another_threshold() -> None:
    assert found("district,n\nAlder,10\nBirch,200\n", policy="adrf") == {}


def test_a_cross_table_of_counts_is_known_by_its_totals() -> None:
    table = """
        district,F,M,Total
        Alder,30,4,34
        Birch,20,21,41
        Total,50,25,75
    """
    assert found(table) == {"min_cell": [(0, 2)]}


def test_a_total_that_is_too_small_fails_too() -> None:
    table = """
        district,F,M,Total
        Alder,0,4,4
        Birch,20,21,41
        Total,20,25,45
    """
    assert found(table)["min_cell"] == [(0, 2), (0, 3)]


def test_thousands_separators_and_a_byte_order_mark_change_nothing() -> None:
    assert found('\ufeffdistrict,students\nAlder,"1,204"\nBirch,"7"\n') == {"min_cell": [(1, 1)]}


def test_a_semicolon_table_with_decimal_commas_is_read() -> None:
    assert found("district;n;mean\nAlder;120;3,25\nBirch;7;2,75\n") == {"min_cell": [(1, 1)]}


def test_a_sidecar_may_declare_which_column_counts() -> None:
    table = "district,x\nAlder,120\nBirch,7\n"
    assert found(table) == {}
    assert found(table, counts="x", kind="frequency", rows=["district"]) == {"min_cell": [(1, 1)]}


def test_a_sidecar_cannot_talk_a_shown_count_away() -> None:
    assert found("district,students\nAlder,120\nBirch,7\n", kind="summary", rows=["district", "students"]) == {
        "min_cell": [(1, 1)]
    }


def test_three_employers_may_be_shown() -> None:
    assert found("industry,n\nFarming,3\nMining,2\n", unit="employers") == {"min_cell": [(1, 1)]}


def test_schools_are_no_persons() -> None:
    assert found("county,n\nAlpine,1\nLos Angeles,2000\n", unit="schools", population="public schools") == {}


def test_a_heading_line_above_the_table_is_not_data() -> None:
    table = """
        Number of graduates by district,,
        district,2019,2020
        Alder,120,131
        Birch,7,12
    """
    assert found(table) == {"min_cell": [(1, 1)]}


def test_two_header_lines_as_pandas_writes_them_are_read() -> None:
    table = """
        sex,F,F,M,M,All
        race,Asian,White,Asian,White,
        district,,,,,
        Alder,21,30,6,50,107
        Birch,20,30,25,50,125
        All,41,60,31,100,232
    """
    assert found(table) == {"min_cell": [(0, 3)]}


def test_a_markdown_table_is_read() -> None:
    table = """
        # Graduates

        | district | students |
        |----------|---------:|
        | Alder    |      120 |
        | Birch    |        7 |
    """
    assert found(table, name="t1.md") == {"min_cell": [(1, 1)]}


def test_an_html_table_is_read() -> None:
    table = "<table><tr><th>district<th>students</tr><tr><td>Alder<td>120</tr><tr><td>Birch</td><td>7</td></tr></table>"
    assert "min_cell" in found(
        table.replace("<th>students", "</th><th>students</th>").replace("<td>120", "</td><td>120</td>"), name="t1.html"
    )


def test_records_in_json_are_read() -> None:
    assert found('[{"district":"Alder","n":120},{"district":"Birch","n":7}]', name="t1.json") == {"min_cell": [(1, 1)]}


def test_a_printed_pandas_table_in_a_log_is_read() -> None:
    log = """
        done in 3 s

          district  students
        0    Alder       120
        1    Birch         7
    """
    assert found(log, name="run.log") == {"min_cell": [(1, 2)]}


def test_counts_in_a_dictionary_of_groups_are_read() -> None:
    assert found('{"A": {"n": 5, "rate": 0.4}, "B": {"n": 50, "rate": 0.5}}', name="t1.json")["min_cell"] == [(0, 1)]


def test_a_printed_value_count_is_read() -> None:
    printed = "district\nA    120\nB      4\nName: count, dtype: int64\n"
    assert found(printed, name="run.txt") == {"min_cell": [(1, 1)]}


def test_a_tabulation_of_stata_is_read() -> None:
    printed = """
       race |      Freq.     Percent        Cum.
    --------+-----------------------------------
      Asian |        120       50.00       50.00
      White |          6        2.50       52.50
      Other |        114       47.50      100.00
    """
    assert found(printed, name="run.log")["min_cell"] == [(1, 1)]


def test_numbers_of_institutions_are_no_persons() -> None:
    assert found("segment,number of campuses\nUC,10\nCSU,23\n") == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "Of the 212 foster youth, only 4 students enrolled.",
        "Among American Indian students, n = 7 completed the pathway.",
        "In Alpine County 3 students were homeless.",
        "Seven of the 212 students left.",
    ],
)
def test_a_sentence_that_tells_what_a_few_persons_did_fails(sentence: str) -> None:
    assert set(found(sentence, name="a.txt")) == {"min_cell"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Two of five counties have no college.",
        "Grade 3 students were tested and title 1 students were eligible.",
        "Cells with fewer than 10 students were suppressed.",
        "9 of 10 students graduated.",
        "Chapter 4 students were listed over 3 years.",
        "A ratio of 5 students per teacher was kept.",
    ],
)
def test_numbers_of_grades_chapters_and_proportions_are_no_counts(sentence: str) -> None:
    assert "min_cell" not in found(sentence, name="a.txt")


def test_a_part_of_counted_persons_under_an_unknown_name_asks() -> None:
    assert set(found("site,students,DW\nA,889,47\nB,309,2\nC,440,23\n")) == {"min_cell?"}


def test_num_and_den_are_counts_where_both_stand_in_a_table() -> None:
    assert found("measure,den,num\nP1,212,64\nP2,140,4\n")["min_cell"] == [(1, 2)]
