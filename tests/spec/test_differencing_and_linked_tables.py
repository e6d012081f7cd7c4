"""# Differencing and linked tables

Tables of one request are read together, and with everything that the project has released. A hidden count that another
table gives back is not hidden; two tables of the same persons that differ by 1 to 10 of them show those few. Tables are
joined only where they agree too well for chance, and never over years or other populations.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import openpyxl
import pytest

from c2c_research.disclosure import check_paths
from c2c_research.disclosure.findings import CheckReport, Status
from tests.spec.rulebook import found as rules_of

HIDDEN = "district,F,M\nAlder,214,*\nBirch,*,309\nCedar,187,243\n"
TOTALS = "sex,n\nF,409\nM,557\n"
WHOLE = "district,F,M,Total\nAlder,214,231,445\nBirch,188,309,497\nCedar,187,243,430\n"


def request(folder: Path, **files: str) -> CheckReport:
    """Check a request of CSV files, its sidecar below ---; `released_<release>_<file>` was released before."""
    for name, text in files.items():
        place = folder / "new"
        if name.startswith("released_"):
            _, release, name = name.split("_", 2)
            place = folder / "released" / release
        place.mkdir(parents=True, exist_ok=True)
        table, _, sidecar = dedent(text).lstrip("\n").partition("---\n")
        (place / f"{name}.csv").write_text(table)
        if sidecar:
            (place / f"{name}.context.yaml").write_text(sidecar)
    released = folder / "released"
    return check_paths([folder / "new"], released=released if released.is_dir() else None)


def found(report: CheckReport) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """{file: {rule: cells}}; a rule that stays REVIEW has a question mark behind its name."""
    said: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for file in report.files:
        for finding in file.findings:
            mark = "?" if finding.status is Status.REVIEW else ""
            said.setdefault(file.path.removesuffix(".csv"), {}).setdefault(finding.rule + mark, []).extend(
                finding.cells
            )
    return said


def test_a_hidden_count_that_a_separate_total_gives_back_fails_and_names_the_total(tmp_path: Path) -> None:
    report = request(tmp_path, t1=HIDDEN, t2=TOTALS)
    assert found(report)["t1"] == {"secondary": [(0, 2), (1, 1)]}
    (finding,) = report.files[0].findings
    assert "t2.csv" in finding.where and "t2.csv" in finding.message


def test_margins_that_leave_hidden_counts_out_do_not_help_beside_a_separate_total(tmp_path: Path) -> None:
    table = "district,F,M,Total\nAlder,*,520,520\nBirch,630,*,630\nTotal,630,520,1150\n"
    assert "secondary" in found(request(tmp_path, t1=table, t2="sex,n\nF,632\nM,522\n"))["t1"]


def test_two_tables_of_the_same_persons_share_their_margins(tmp_path: Path) -> None:
    by_sex = "district,F,M,Total\nAlder,214,*,223\nBirch,188,309,497\nCedar,187,*,197\nTotal,589,328,917\n"
    by_race = (
        "district,race,n\nAlder,Asian,100\nAlder,White,123\nBirch,Asian,250\nBirch,White,247\n"
        "Cedar,Asian,87\nCedar,White,110\n"
    )
    alone = request(tmp_path / "alone", t1=by_sex.replace("223", "*").replace("197", "*"))
    assert "secondary" not in found(alone).get("t1", {})
    hidden = by_sex.replace("223", "*").replace(",197", ",*")
    assert found(request(tmp_path / "both", t1=hidden, t2=by_race))["t1"]["secondary"] == [(0, 2), (2, 2)]


def test_two_tables_of_whole_numbers_that_nobody_explains_and_that_differ_by_one_ask(tmp_path: Path) -> None:
    bare = "district,north,south\nAlder,214,231\nBirch,188,309\nCedar,187,243\n"
    assert set(found(request(tmp_path, t1=bare, t2=bare.replace("231", "230")))["t1"]) == {"differencing?"}


def test_two_crosstabs_that_differ_by_one_person_fail_both(tmp_path: Path) -> None:
    report = request(tmp_path, t1=WHOLE, t2=WHOLE.replace("231,445", "230,444"))
    assert found(report) == {"t1": {"differencing": [(0, 2)]}, "t2": {"differencing": [(0, 2)]}}


def test_a_released_table_of_one_person_more_fails_and_its_release_is_named(tmp_path: Path) -> None:
    report = request(tmp_path, t1=WHOLE, released_spring_t0=WHOLE.replace("231,445", "232,446"))
    (finding,) = report.files[0].findings
    assert (finding.rule, finding.status) == ("differencing", Status.FAIL)
    assert "spring: t0.csv" in finding.message


def test_a_hidden_count_that_a_released_total_gives_back_fails(tmp_path: Path) -> None:
    table = HIDDEN.replace("*,309", "195,309")
    report = request(tmp_path, t1=table, released_spring_t0="district,n\nAlder,223\nBirch,504\nCedar,430\n")
    assert found(report) == {"t1": {"secondary": [(0, 2)]}}
    assert "spring: t0.csv" in report.files[0].findings[0].message


def test_a_new_total_that_opens_a_released_table_fails(tmp_path: Path) -> None:
    table = HIDDEN.replace("*,309", "195,309")
    report = request(tmp_path, t2="district,n\nAlder,223\nBirch,504\nCedar,430\n", released_spring_t0=table)
    assert found(report) == {"t2": {"secondary": []}}


SAID = "---\npopulation: 2019 graduates\nrows: [{rows}]\nkind: frequency\ncounts: {counts}\n"
THREE_HIDDEN = "district,F,M\nAlder,*,*\nBirch,*,309\nCedar,187,243\n" + SAID.format(rows="district", counts="cells")
BY_SEX = "sex,n\nF,298\nM,764\n" + SAID.format(rows="sex", counts="n")
BY_RACE = (
    "district,race,n\nAlder,Asian,100\nAlder,White,121\nBirch,Asian,250\nBirch,White,161\nCedar,Asian,180\n"
    "Cedar,White,250\n" + SAID.format(rows="district, race", counts="n")
)


def secondary(report: CheckReport) -> dict[str, list[tuple[str, list[tuple[int, int]]]]]:
    """{file: [(the tables that combine, as the finding says it, cells)]}."""
    said: dict[str, list[tuple[str, list[tuple[int, int]]]]] = {}
    for file in report.files:
        for finding in (each for each in file.findings if each.rule == "secondary"):
            said.setdefault(file.path, []).append((finding.where, list(finding.cells)))
    return said


def test_three_tables_of_different_breakdowns_give_away_what_no_two_of_them_do(tmp_path: Path) -> None:
    """298 women leave 111 for Alder and Birch; by race, Birch has 411 persons, so 102 women: 9 are left for Alder."""
    tables = {"t1": THREE_HIDDEN, "t2": BY_SEX, "t3": BY_RACE}
    for left_out in tables:
        two = {name: text for name, text in tables.items() if name != left_out}
        assert secondary(request(tmp_path / left_out, **two)) == {}
    said = secondary(request(tmp_path / "all", **tables))
    assert said["t1.csv"] == [("with t2.csv, t3.csv", [(0, 1)])]
    assert said["t2.csv"] == [("with t1.csv, t3.csv", [])] and said["t3.csv"] == [("with t1.csv, t2.csv", [])]


def test_of_three_tables_the_released_ones_are_named_with_their_releases(tmp_path: Path) -> None:
    report = request(tmp_path, t1=THREE_HIDDEN, released_spring_t2=BY_SEX, released_summer_t3=BY_RACE)
    assert secondary(report) == {"t1.csv": [("with spring: t2.csv, summer: t3.csv", [(0, 1)])]}


def test_a_new_table_that_opens_a_released_one_with_another_names_both(tmp_path: Path) -> None:
    report = request(tmp_path, t3=BY_RACE, released_spring_t1=THREE_HIDDEN, released_summer_t2=BY_SEX)
    assert secondary(report) == {"t3.csv": [("with spring: t1.csv, summer: t2.csv", [])]}
    assert "1 hidden count of another table" in report.files[0].findings[0].message


def test_files_side_by_side_are_one_release(tmp_path: Path) -> None:
    (tmp_path / "released").mkdir()
    (tmp_path / "released" / "t0.csv").write_text(WHOLE.replace("231,445", "232,446"))
    (tmp_path / "t1.csv").write_text(WHOLE)
    report = check_paths([tmp_path / "t1.csv"], released=tmp_path / "released")
    assert "released: t0.csv" in report.files[0].findings[0].message


def test_what_was_given_away_by_releases_alone_is_not_blamed_on_a_new_table(tmp_path: Path) -> None:
    table = HIDDEN.replace("*,309", "195,309")
    report = request(
        tmp_path,
        t1="county,n\nNorth,1200\nSouth,1300\n",
        released_spring_t0=table,
        released_summer_t2="district,n\nAlder,223\nBirch,504\nCedar,430\n",
    )
    assert found(report) == {}


def test_the_same_table_again_is_no_finding(tmp_path: Path) -> None:
    assert found(request(tmp_path, t1=WHOLE, released_spring_t1=WHOLE)) == {}


def test_other_years_are_other_persons(tmp_path: Path) -> None:
    sidecar = "---\npopulation: {year} graduates\nkind: frequency\ncounts: cells\n"
    other = WHOLE.replace("231,445", "235,449") + sidecar.format(year=2018)
    assert found(request(tmp_path, t1=WHOLE + sidecar.format(year=2019), t2=other)) == {}


def test_tables_that_agree_nowhere_are_not_joined(tmp_path: Path) -> None:
    assert found(request(tmp_path, t1=HIDDEN, t2="sex,n\nF,4120\nM,5310\n")) == {}


def test_differences_of_rounded_tables_are_no_finding(tmp_path: Path) -> None:
    sidecar = "---\nrounding: {base: 5}\nkind: frequency\ncounts: cells\n"
    first = "district,F,M\nAlder,215,230\nBirch,190,310\nCedar,185,245\n"
    assert found(request(tmp_path, t1=first + sidecar, t2=first.replace("230", "235") + sidecar)) == {}


def test_a_coarser_table_of_the_same_persons_is_no_finding(tmp_path: Path) -> None:
    coarse = "district,n\nAlder,445\nBirch,497\nCedar,430\n"
    assert found(request(tmp_path, t1=WHOLE, t2=coarse)) == {}


def test_tables_of_schools_are_not_compared(tmp_path: Path) -> None:
    sidecar = "---\nunit: schools\nkind: frequency\ncounts: cells\n"
    assert found(request(tmp_path, t1=WHOLE + sidecar, t2=WHOLE.replace("231,445", "230,444") + sidecar)) == {}


def test_many_cells_that_differ_by_a_few_persons_each_fail(tmp_path: Path) -> None:
    """The second table leaves a small group out everywhere: each difference counts its members."""
    less = "district,F,M,Total\nAlder,210,228,438\nBirch,186,304,490\nCedar,180,242,422\n"
    assert "differencing" in found(request(tmp_path, t1=WHOLE, t2=less))["t1"]


@pytest.mark.parametrize(("moved", "fails"), [("231", False), ("243", False), ("234", True)])
def test_a_revision_stays_or_moves_by_as_many_persons_as_a_cell_must_have(
    tmp_path: Path, moved: str, fails: bool
) -> None:
    sidecar = "---\nrevision_of: graduation-by-district\nkind: frequency\ncounts: cells\n"
    new = WHOLE.replace("231,445", f"{moved},{214 + int(moved)}")
    report = request(tmp_path, t1=new + sidecar, released_spring_t0=WHOLE + sidecar)
    assert ("differencing" in found(report).get("t1", {})) is fails


def test_where_nobody_says_that_the_persons_are_the_same_the_author_is_asked(tmp_path: Path) -> None:
    """Two small counts that would fit could be chance: a question, not a finding, until the populations are said."""
    table, total = "district,F,M\nAlder,24,*\nBirch,*,39\n", "sex,n\nF,28\nM,43\n"
    report = request(tmp_path / "silent", t1=table, t2=total, t3="school,n\nOak,411\n")
    assert found(report) == {} and [item.about for item in report.files[0].questions] == ["population"]
    said = "---\npopulation: foster youth\nrows: [{key}]\nkind: frequency\ncounts: {counts}\n"
    sure = request(
        tmp_path / "said",
        t1=table + said.format(key="district", counts="cells"),
        t2=total + said.format(key="sex", counts="n"),
    )
    assert "secondary" in found(sure)["t1"]


def test_tables_inside_one_file_are_compared_too(tmp_path: Path) -> None:
    (tmp_path / "t1.csv").write_text(
        HIDDEN.replace("*,309", "195,309") + "\ndistrict,n\nAlder,223\nBirch,504\nCedar,430\n"
    )
    assert found(check_paths([tmp_path / "t1.csv"])) == {"t1": {"secondary": [(0, 2)]}}


ALL = "sector,students\nCSU,414\nCommunity college,1151\nPrivate,172\nUC,223\n"
FEWER = "sector,students\nCSU,413\nCommunity college,1120\nPrivate,172\nUC,220\n"


@pytest.mark.parametrize(
    "words", ["excluding foster youth", "except foster youth", "without foster youth", "other than foster youth"]
)
def test_a_table_that_says_whom_it_leaves_out_fails_even_where_one_group_is_many_persons_apart(
    tmp_path: Path, words: str
) -> None:
    report = request(tmp_path, t1=f"'Students, 2019 cohort'\n\n{ALL}", t2=f"'Students {words}, 2019 cohort'\n\n{FEWER}")
    assert found(report)["t1"] == {"differencing": [(0, 1), (3, 1)]}


def test_declared_populations_say_the_same_without_a_title(tmp_path: Path) -> None:
    said = "---\npopulation: {}\nrows: [sector]\nkind: frequency\ncounts: students\n"
    before = ALL + said.format("2019 cohort")
    report = request(tmp_path, t1=FEWER + said.format("2019 cohort, all but one county"), released_spring_t0=before)
    assert found(report)["t1"] == {"differencing": [(0, 1), (3, 1)]}


def test_columns_of_one_table_that_say_whom_they_leave_out_fail(tmp_path: Path) -> None:
    table = "sector,All students,All but migrant students\nCSU,414,413\nPrivate,172,172\nUC,223,181\n"
    assert found(request(tmp_path, t1=table))["t1"]["differencing"] == [(0, 1), (0, 2)]


def test_rows_of_one_table_that_say_whom_they_leave_out_fail(tmp_path: Path) -> None:
    table = "group,n,mean wage\nAll,67,57669.32\nAll but the outlier,66,56357.70\n"
    assert "differencing" in found(request(tmp_path, t1=table))["t1"]


def test_columns_of_one_table_that_count_other_things_are_not_compared(tmp_path: Path) -> None:
    table = "sector,students,applications\nCSU,414,419\nPrivate,172,172\nUC,223,230\n"
    assert "differencing" not in found(request(tmp_path, t1=table)).get("t1", {})


def test_titles_above_tables_name_years_and_other_years_are_other_persons(tmp_path: Path) -> None:
    report = request(tmp_path, t1=f"2016 cohort\n\n{ALL}", t2=f"2017 cohort\n\n{ALL.replace('414', '411')}")
    assert found(report) == {}


def test_counts_that_move_both_ways_are_not_nested_even_where_their_totals_are_close(tmp_path: Path) -> None:
    other = "sector,students\nCSU,420\nCommunity college,1146\nPrivate,177\nUC,221\n"
    assert found(request(tmp_path, t1=ALL, t2=other)) == {}


def test_tables_whose_counts_are_all_multiples_of_five_are_rounded_though_nobody_says_so(tmp_path: Path) -> None:
    table = "race,students\nAsian,510\nBlack,300\nFilipino,165\nWhite,1305\n"
    assert found(request(tmp_path, t1=table, released_spring_t0=table.replace("510", "505"))) == {}


def test_a_single_count_that_lies_near_another_is_asked_about(tmp_path: Path) -> None:
    """One count near another could be a coincidence: a reviewer looks, nothing fails."""
    report = request(tmp_path, t1="sex,n\nF,812\nM,904\n", t2="site,n\nNorth,911\nSouth,800\n")
    assert set(found(report)["t1"]) == {"differencing?"}


def test_tables_in_a_page_are_told_apart_by_the_headings_above_them(tmp_path: Path) -> None:
    table = "| sector | students |\n| --- | --- |\n| CSU | {} |\n| UC | 223 |\n"
    page = "# {}\n\n{}\n# {}\n\n{}"
    for name, first, second in (("a", "All, 2016", "Excluding migrant, 2016"), ("b", "Cohort 2016", "Cohort 2017")):
        (tmp_path / f"{name}.md").write_text(page.format(first, table.format(414), second, table.format(411)))
    assert found(check_paths([tmp_path / "a.md"])) == {"a.md": {"differencing": [(0, 1), (0, 1)]}}
    assert found(check_paths([tmp_path / "b.md"])) == {}


def test_sheets_and_files_named_after_whom_they_leave_out_fail(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "enrolled.csv").write_text(ALL)
    (tmp_path / "files" / "enrolled_no_foster.csv").write_text(FEWER)
    assert set(found(check_paths([tmp_path / "files"]))) == {"enrolled", "enrolled_no_foster"}
    book = openpyxl.Workbook()
    for name, text in (("All", ALL), ("Without foster", FEWER)):
        sheet = book.create_sheet(name)
        for key, number in (line.split(",") for line in text.splitlines()):
            sheet.append([key, int(number) if number.isdigit() else number])
    book.remove(book.worksheets[0])
    book.save(tmp_path / "t.xlsx")
    assert set(found(check_paths([tmp_path / "t.xlsx"]))["t.xlsx"]) == {"differencing"}


def test_a_sum_over_categories_that_overlap_is_no_larger_population(tmp_path: Path) -> None:
    report = request(
        tmp_path, t1="race,students\nAsian,700\nWhite,900\nTotal,1600\n", t2="program,students\nIT,811\nArts,794\n"
    )
    assert found(report) == {}


def test_persons_at_risk_over_time_are_not_compared(tmp_path: Path) -> None:
    lines = [(month, 190 - 6 * month) for month in range(12)]
    first, second = (
        "months,at risk,survival\n" + "".join(f"{m},{n - less},{n / 190:.2f}\n" for m, n in lines) for less in (0, 2)
    )
    assert found(request(tmp_path, t1=first, t2=second)) == {}


EXITERS = "District,Exiters\nAlder,286\nBrook,228\nCedar,349\nDry Lake,191\n"
STATUS = "District,Employed (%),In school (%)\nAlder,52.8,35.0\nBrook,71.9,1.8\nCedar,40.1,38.7\nDry Lake,33.0,47.6\n"


def test_percentages_of_one_file_and_group_sizes_of_another_give_a_count_back(tmp_path: Path) -> None:
    assert found(request(tmp_path / "a", exiters=EXITERS, status=STATUS)) == {"status": {"rate": [(1, 2)]}}
    assert found(request(tmp_path / "b", exiters=EXITERS, status=STATUS.replace("71.9,1.8", "71.9,25.0"))) == {}


def test_sizes_of_other_groups_give_percentages_no_count_back(tmp_path: Path) -> None:
    others = "District,Teachers\nAlder,87\nBrook,171\nCedar,163\nDry Lake,95\n"
    assert found(request(tmp_path, teachers=others, status=STATUS)) == {}


def test_row_totals_of_another_file_give_a_hidden_outcome_back(tmp_path: Path) -> None:
    outcomes = "District,Graduated,Transferred,Dropped out\nAlder,84,85,117\nBrook,127,*,94\nCedar,175,31,143\n"
    cohort = "District,Cohort\nAlder,286\nBrook,228\nCedar,349\n"
    assert found(request(tmp_path / "a", outcomes=outcomes, cohort=cohort))["outcomes"] == {"secondary": [(1, 2)]}
    assert found(request(tmp_path / "b", outcomes=outcomes, cohort=cohort.replace("286", "301"))) == {}


def test_ranges_that_lie_in_each_other_obey_the_count_rule_between_them() -> None:
    """18 to 25 less 18 to 24 are the persons of 25."""
    assert rules_of("age_range,students\n18-24,1204\n18-25,1211\n18-30,1702\n") == {"differencing": [(1, 1)]}
    assert rules_of("age_range,students\n18-24,1204\n18-25,1388\n18-30,1702\n") == {}
    assert rules_of("age_range,students\n18-24,1204\n25-29,1211\n30-34,1702\n") == {}


def test_within_one_year_lies_in_within_two_years() -> None:
    table = "district,graduates,enrolled_within_1_year,enrolled_within_2_years\nAlder,512,240,301\nBirch,344,201,{}\n"
    assert rules_of(table.format(206)) == {"differencing": [(1, 3)]}
    assert rules_of(table.format(231)) == {}


def test_a_small_count_that_was_shown_before_is_not_hidden(tmp_path: Path) -> None:
    hidden = "district,n\nAlder,212\nBirch,<11\nCedar,88\nDogwood,131\n"
    shown = hidden.replace("<11", "7")
    assert found(request(tmp_path, t=hidden, released_r1_t=shown)) == {"t": {"secondary": [(1, 1)]}}


def test_a_count_that_was_hidden_before_may_be_hidden_again(tmp_path: Path) -> None:
    hidden = "district,n\nAlder,212\nBirch,<11\nCedar,88\nDogwood,131\n"
    assert found(request(tmp_path, t=hidden, released_r1_t=hidden)) == {}
