"""Rows taken from a data set, names of clients, families in sentences, claims of rounding, years in keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from c2c_research.disclosure import Status, check_content
from c2c_research.disclosure.engine import check_paths

ROWS = """{command}

  +----------------------------------+
  |  clinic       award  age     pay |
  |----------------------------------|
  |   Birch        Loan   23  1056.9 |
  |   Cedar        Loan   28   763.1 |
  |   Alder       Grant   51   512.4 |
  |   Cedar       Grant   44  1060.9 |
  +----------------------------------+
"""
COLLAPSED = """. collapse (count) n=pay (mean) pay, by(clinic)
. list in 1/2

clinic      n    pay
Alder     612    898
Birch     588    911
"""
ROSTER = "Maria Lopez,1988-04-12,Respite\nJohn Petersen,1991-11-03,Respite\nAisha Khan,1979-07-22,Housing\n"
HOLDERS = """| Credential | {name} |
|---|---|
| Welding | 850 |
| Nursing | {second} |
| Coding | 690 |
| Culinary | 235 |

{note}
"""
CLAIM = "Note: all counts are rounded to the nearest 5."


def said(name: str, text: str) -> dict[str, Status]:
    return {finding.rule: finding.status for finding in check_content(name, text.encode(), "enclave-default").findings}


@pytest.mark.parametrize("command", [". list in 1/4", ". list clinic award age pay in 1/4, noobs", "> head(d)"])
def test_rows_that_a_command_takes_from_a_data_set_fail(command: str) -> None:
    assert said("a.log", ROWS.format(command=command))["unit_record"] is Status.FAIL


def test_a_list_of_collapsed_groups_is_no_list_of_persons() -> None:
    assert "unit_record" not in said("a.log", COLLAPSED)


@pytest.mark.parametrize("whose", ["client", "participant", "patient"])
def test_full_names_of_clients_beside_their_birth_dates_fail(whose: str) -> None:
    assert said("roster.csv", f"{whose},birth_date,service\n{ROSTER}")["identifier"] is Status.FAIL


@pytest.mark.parametrize("noun", ["families", "households", "beneficiaries"])
def test_a_few_families_in_a_sentence_fail(noun: str) -> None:
    assert said("memo.txt", f"Of the 37 {noun} in Colusa, 4 were sanctioned.")["min_cell"] is Status.FAIL


def test_many_families_in_a_sentence_pass() -> None:
    assert said("memo.txt", "Of the 2,137 families in Fresno, 412 were sanctioned.") == {}


def test_a_claim_about_all_counts_holds_for_a_column_that_nothing_else_explains() -> None:
    assert said("t.md", HOLDERS.format(name="Holders", second=177, note=CLAIM))["rounding"] is Status.FAIL
    assert "rounding" not in said("t.md", HOLDERS.format(name="Holders", second=175, note=CLAIM))
    assert "rounding" not in said("t.md", HOLDERS.format(name="Holders", second=177, note="Source: licences."))


def nested(first: str, second: str) -> str:
    """Two groups of clients by service, the second with three more at meals."""
    counts = {"Therapy": 443, "Respite": 690, "Housing": 475, "Meals": 673}
    one = {service: {"clients": n} for service, n in counts.items()}
    return json.dumps({first: one, second: one | {"Meals": {"clients": 676}}})


def test_years_that_stand_in_keys_are_other_persons_and_populations_are_not() -> None:
    assert "differencing" not in said("t.json", nested("2021", "2022"))
    assert "differencing" in said("t.json", nested("all", "without veterans"))


def test_a_list_of_groups_with_a_few_persons_each_fails() -> None:
    text = "# Reasons for leaving\n\n- Moved: 212 clients\n- Incarcerated: {} clients\n"
    assert said("reasons.md", text.format(4))["min_cell"] is Status.FAIL
    assert said("reasons.md", text.format(41)) == {}


def test_full_names_beside_addresses_fail_whatever_their_column_is_called_and_offices_do_not() -> None:
    text = "{},E-mail\nRuth Okafor,ruth@example.org\nLiam Novak,liam@example.org\n"
    assert said("list.csv", text.format("Apprentice"))["identifier"] is Status.FAIL
    assert said("list.csv", text.format("Coordinator")).get("identifier") is not Status.FAIL


@pytest.mark.parametrize("last", [94, 55])
def test_two_columns_of_one_noun_differ_by_whom_one_leaves_out(last: int) -> None:
    table = f"District,All borrowers,Borrowers without defaulters\nNorth,563,494\nEast,101,{last}\n"
    report = check_content("loans.csv", table.encode())
    assert (report.status is Status.FAIL) == (101 - last < 11)


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("The largest mill alone accounted for 91 percent of that sum.", Status.FAIL),
        ("A single hospital paid 95 % of all wages in the county.", Status.FAIL),
        ("The largest mill accounted for 40 percent of the payroll.", Status.PASS),
        ("The largest clinic served 91 percent of the county's zip codes.", Status.PASS),
        ("The mills paid 91 percent of the wages on time.", Status.PASS),
    ],
)
def test_one_contributors_share_of_a_sum_of_money_in_a_sentence(sentence: str, status: Status) -> None:
    text = f"The mills paid $41.2 million in wages. {sentence}\n"
    assert check_content("mills.txt", text.encode()).status is status


@pytest.mark.parametrize(
    ("row", "status"),
    [("579 | 1-10 | 586", Status.FAIL), ("1-10 | 1-10 | 519", Status.PASS), ("300 | 286 | 586", Status.PASS)],
)
def test_a_range_that_a_note_explains_hides_a_count(row: str, status: Status) -> None:
    text = f"""| Provider | Adults | Minors | All clients |
|---|---|---|---|
| County clinic | 150 | 386 | 536 |
| Contract agency | {row} |

1-10: suppressed, fewer than 11 clients or complementary
"""
    assert check_content("providers.md", text.encode()).status is status


@pytest.mark.parametrize(("total", "given"), [(1259, True), (1400, False)])
def test_women_and_men_side_by_side_are_worked_out_from_the_sums_of_another_file(
    total: int, given: bool, tmp_path: Path
) -> None:
    (tmp_path / "by_sex.csv").write_text("trade,women,men\nWelder,231,<11\nPlumber,821,438\n")
    (tmp_path / "by_trade.csv").write_text(f"trade,apprentices\nWelder,238\nPlumber,{total}\n")
    found = [finding for file in check_paths([tmp_path]).files for finding in file.findings]
    assert any(finding.rule == "secondary" for finding in found) == given


@pytest.mark.parametrize(("last", "status"), [(414, Status.FAIL), (454, Status.PASS)])
def test_steps_of_a_cumulative_count_are_counts(last: int, status: Status) -> None:
    table = f"year,cumulative graduates\n1,310\n2,410\n3,{last}\n"
    assert check_content("t.csv", table.encode()).status is status


@pytest.mark.parametrize(("small", "status"), [("6", Status.FAIL), ("26", Status.PASS)])
def test_a_label_and_its_count_in_one_column_of_text_are_two(small: str, status: Status) -> None:
    """As SPSS prints frequencies; the total's 100 % says nothing of a group."""
    text = f"""Statistics / Frequencies
                 Frequency   Percent   Valid Percent   Cumulative Percent
Valid  Enrolled        345      84.1            84.1                 84.1
       Stopped out     {small:>3}       6.3             6.3                 90.5
       Graduated        39       9.5             9.5                100.0
       Total           410     100.0           100.0
"""
    assert check_content("out.txt", text.encode()).status is status


def test_days_of_birth_beside_zip_code_and_sex_tell_persons_apart_and_years_do_not() -> None:
    rows = "birth_date,zip,gender,award\n1999-03-02,95814,F,AA\n2000-11-14,93721,M,BA\n1998-07-30,90012,F,BA\n"
    assert check_content("t.csv", rows.encode()).status is Status.FAIL
    assert check_content("t.csv", b"birth_year,gender,n\n1999,F,4120\n2000,M,3988\n").status is Status.PASS


def test_short_parts_of_a_whole_count_where_longer_ones_stand_in_the_column() -> None:
    assert check_content("t.csv", b"group,completed\nFoster,4/10\nOther,578/812\n").status is Status.FAIL
    assert check_content("t.csv", b"section,first day\nA,4/10\nB,5/12\n").status is Status.PASS


def test_a_few_events_behind_a_model_are_counts() -> None:
    text = "n= 1200, number of events= {}\n\n       coef se(coef)    z     p\ntreat  0.31     0.21 1.48 0.139\n"
    assert check_content("cox.txt", text.format(4).encode()).status is not Status.PASS
    assert check_content("cox.txt", text.format(340).encode()).status is Status.PASS


def test_columns_in_brackets_say_whom_another_file_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("county,students\nKern,410\nYolo,388\n")
    (tmp_path / "b.csv").write_text("county,students (no foster)\nKern,404\nYolo,370\n")
    found = [finding.rule for file in check_paths([tmp_path]).files for finding in file.findings]
    assert "differencing" in found
