"""A table of the extract as CSV, Stata and Feather: nothing is lost on the way."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from c2c_research.cli import main
from c2c_research.errors import BadUse
from c2c_research.transfer import read

LONG = 4611686018427387904  # needs 63 bits


@pytest.fixture
def extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    duckdb.connect().execute(
        f"""COPY (SELECT {LONG} + i AS person_id, 2021 + i % 2 AS academic_year, ['01', '19'][1 + i % 2] AS county_code,
        ['F', 'M'][1 + i % 2] AS gender, i * 0.5 AS gpa, CASE WHEN i > 0 THEN i END AS days,
        CASE WHEN i > 0 THEN 'é,"' || i END AS remark, DATE '2021-06-01' + i::INTEGER AS ended
        FROM range(5) t(i)) TO '{folder}/k12_completion.parquet' (FORMAT parquet)"""
    )
    columns = {
        "academic_year": {"description": "Academic year by its spring: " + "2019 is 2018-19, " * 9},
        "gender": {"description": "Gender reported", "codes": {"F": "Female", "M": "Male", "X": "Non-binary"}},
    }
    (folder / "codebook.json").write_text(json.dumps({"tables": {"k12_completion": {"columns": columns}}}))
    monkeypatch.setenv("C2C_PROJECT", "college-going")
    monkeypatch.setenv("C2C_DATA", str(folder))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_csv_keeps_long_codes_leading_zeros_and_awkward_text(extract: Path) -> None:
    frame = pd.read_csv(read("k12_completion", "t.csv"), dtype=str, keep_default_na=False)
    assert list(frame.person_id) == [str(LONG + i) for i in range(5)]
    assert list(frame.county_code[:2]) == ["01", "19"]
    assert list(frame.remark[:2]) == ["", 'é,"1']


def test_stata_gets_value_labels_variable_labels_and_text_for_long_codes(extract: Path) -> None:
    path = read("k12_completion", "t.dta")
    with pd.read_stata(path, iterator=True) as reader:
        labels, values, frame = reader.variable_labels(), reader.value_labels(), reader.read()
    assert labels["gender"] == "Gender reported"
    assert len(labels["academic_year"]) == 80
    assert list(frame.person_id) == [str(LONG + i) for i in range(5)]
    assert list(frame.gender[:2]) == ["Female", "Male"]
    assert set(values["gender"].values()) == {"Female", "Male"}
    assert list(frame.gpa) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert list(frame.county_code[:2]) == ["01", "19"]
    assert frame.ended[0] == pd.Timestamp("2021-06-01")
    assert frame.days.isna().sum() == 1


def test_feather_keeps_every_type(extract: Path) -> None:
    frame = pd.read_feather(read("k12_completion", "t.feather"))
    assert list(frame.person_id) == [LONG + i for i in range(5)]
    assert frame.remark.isna().sum() == 1


def test_the_command_chooses_columns_rows_and_kind(extract: Path) -> None:
    given = ["read", "k12_completion", "--columns", "gender,gpa", "--where", "academic_year = 2022"]
    assert main([*given, "--to", "csv", "-o", "t.txt"]) == 0
    assert pd.read_csv("t.txt").to_dict("list") == {"gender": ["M", "M"], "gpa": [0.5, 1.5]}


def test_the_command_prints_csv_when_no_file_is_named(extract: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["read", "k12_completion", "--columns", "gender"]) == 0
    assert capfdbinary.readouterr().out.split() == [b"gender", b"F", b"M", b"F", b"M", b"F"]


def test_what_cannot_be_written_is_refused_with_the_choices(extract: Path) -> None:
    with pytest.raises(BadUse, match="csv, dta, feather"):
        read("k12_completion", "t.xlsx")
    assert main(["read", "wages", "-o", "t.csv"]) == 2
    assert main(["read", "k12_completion", "--to", "dta"]) == 2
