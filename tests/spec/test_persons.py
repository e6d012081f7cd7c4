"""# Rows of persons, and identifiers"""

from __future__ import annotations

import pytest

from tests.spec.rulebook import found

IDS = ("4611686018427387904", "4611686018427387905", "4611686018427381111")


def test_a_column_of_pseudonyms_is_unit_records() -> None:
    assert set(found("person_id,sex,gpa\n" + "".join(f"{i},F,3.1\n" for i in IDS))) == {"unit_record"}


def test_a_printed_head_of_a_table_is_unit_records() -> None:
    text = "             person_id sex  birth_year\n" + "".join(
        f"{n}  {i}   F        2001\n" for n, i in enumerate(IDS)
    )
    assert set(found(text, name="notes.txt")) == {"unit_record"}


def test_rows_of_attributes_without_an_id_are_persons_all_the_same() -> None:
    rows = "".join(f"{sex},{race},{year},{gpa}\n" for sex, race, year, gpa in [
        ("F", "Asian", 2001, 3.1), ("M", "White", 2002, 2.7), ("F", "Asian", 2001, 3.9), ("M", "Black", 2001, 3.3),
        ("F", "White", 2002, 2.2), ("M", "White", 2002, 3.0),
    ])  # fmt: skip
    assert set(found("sex,race,birth_year,gpa\n" + rows)) == {"unit_record"}


def test_groups_with_attributes_and_counts_are_no_persons() -> None:
    table = "sex,race,grade,n\nF,Asian,9,120\nF,Asian,10,131\nM,Asian,9,140\nM,Asian,10,133\nF,White,9,99\n"
    assert found(table) == {}


def test_ids_of_groups_are_no_persons() -> None:
    assert found("id,county,n\n1,Alameda,900\n2,Alpine,40\n3,Kern,700\n") == {}


def test_a_pseudonym_in_text_asks_and_two_fail() -> None:
    assert set(found(f"Looked at {IDS[0]}.", name="a.txt")) == {"unit_record?"}
    assert set(found(f"Looked at {IDS[0]} and {IDS[1]}.", name="a.txt")) == {"unit_record"}


def test_two_identity_fields_in_a_row_fail() -> None:
    table = "first_name,date_of_birth,n\nAda,2001-03-04,12\nBea,2002-05-06,40\n"
    assert "identifier" in found(table)


def test_a_lone_telephone_column_asks() -> None:
    assert set(found("wave,phone,n\nA,916-555-0101,120\nB,916-555-0102,200\n")) == {"identifier?"}


@pytest.mark.parametrize(("number", "valid"), [("123-45-6789", True), ("000-45-6789", False), ("900-45-6789", False)])
def test_only_numbers_that_were_ever_given_out_are_social_security_numbers(number: str, valid: bool) -> None:
    assert ("identifier" in found(f"case,ref\nA,{number}\nB,{number}\n")) is valid


def test_names_of_schools_and_variables_are_no_names_of_persons() -> None:
    assert found("school_name,variable name,n\nAlder High,gpa,120\nBirch High,gpa,200\n") == {}


def test_a_directory_of_offices_names_no_person() -> None:
    table = "office,address,phone\nChico Office,112 Main St,916-555-0101\nYreka Office,208 Main St,916-555-0102\n"
    assert found(table) == {}


def test_addresses_of_students_of_a_district_fail_or_ask() -> None:
    assert "identifier?" in found("district,address\nA,100 Main St\nA,112 Main St\nB,124 Main St\n")


def test_a_list_of_names_and_days_of_birth_in_a_report_fails() -> None:
    text = "Students (name, date of birth):\n\n- Ana Ruiz, 2004-12-09\n- Mei Lopez, 2003-09-17\n"
    assert "identifier" in found(text, name="visits.md")
    dated = "Births, by county:\n\n- Fresno County, updated 2024-12-09\n- Kern County, updated 2024-12-09\n"
    assert found(dated, name="visits.md") == {}


def test_given_names_that_repeat_are_names_in_any_of_the_states_languages() -> None:
    table = "nombre,apellido,fecha_nacimiento\nAna,Ruiz,2001-12-18\nAna,Lopez,1999-08-23\nAna,Chen,1998-02-26\n"
    assert "identifier" in found(table)


@pytest.mark.parametrize("header", ["client_no,office,birth_year,status", "CaseID,Site,YOB,State", "ref,site,yob,open"])
def test_a_list_of_cases_is_unit_records(header: str) -> None:
    rows = "".join(f"{700000 + i * 37217 % 90000},{'ABC'[i % 3]},{1980 + i % 17},{i % 2}\n" for i in range(12))
    assert "unit_record" in found(f"{header}\n{rows}")


def test_numbers_of_schools_are_no_cases() -> None:
    assert found("school_no,school,students,rate\n123456,A,300,0.31\n123451,B,400,0.42\n123452,C,500,0.33\n") == {}


def test_a_name_with_a_day_of_birth_in_a_sentence_fails() -> None:
    assert set(found("Ana Ruiz (born 2004-12-09) was in foster care.", name="a.txt")) == {"identifier"}
    assert found("Contact: Ana Ruiz, aruiz@agency.example. Published 2024-12-09.", name="a.txt") == {}


def test_a_full_postal_code_beside_a_date_of_birth_names_somebody() -> None:
    rows = "zip,dob\n95814-2201,1999-04-12\n95616-4412,2000-11-30\n94704-1102,1998-07-01\n"
    assert "identifier" in found(rows)


def test_full_postal_codes_of_schools_are_quiet() -> None:
    assert found("school,zip\nAlder High,95814-2201\nBirch High,95616-4412\nCedar High,94704-1102\n") == {}
