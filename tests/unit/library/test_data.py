"""The extract through the library's eyes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import c2c_research as c2c
from c2c_research.errors import BadUse, NotInSandbox


def test_tables_and_codebook_say_what_there_is(extract: Path) -> None:
    assert c2c.tables() == ["k12_completion", "ui_wage"]
    assert c2c.codebook("ui_wage")["label"] == "Wages"
    assert c2c.codebook()["project"] == "pathways"


def test_load_takes_columns_and_a_condition(extract: Path) -> None:
    frame = c2c.load("ui_wage", columns=["person_id", "wage"], where="quarter = 1")
    assert list(frame.columns) == ["person_id", "wage"] and len(frame) == 15


@pytest.mark.parametrize(
    ("shape", "name"), [("arrow", "Table"), ("polars", "DataFrame"), ("duckdb", "DuckDBPyRelation")]
)
def test_load_gives_other_shapes(extract: Path, shape: str, name: str) -> None:
    assert type(c2c.load("ui_wage", as_=shape)).__name__ == name


def test_sql_runs_over_the_extract(extract: Path) -> None:
    assert c2c.sql("SELECT count(DISTINCT person_id) AS n FROM ui_wage")["n"].tolist() == [2]


def test_errors_say_what_to_do_next(extract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadUse, match="k12_completion"):
        c2c.load("wages")
    with pytest.raises(BadUse, match="codebook"):
        c2c.load("ui_wage", columns=['x" FROM secrets --'])
    with pytest.raises(BadUse, match="does not run"):
        c2c.sql("SELECT nothing")
    monkeypatch.delenv("C2C_PROJECT")
    with pytest.raises(NotInSandbox, match="portal"):
        c2c.tables()


def test_importing_the_library_is_quick_and_brings_no_pandas() -> None:
    code = "import sys, c2c_research; print('pandas' in sys.modules or 'duckdb' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match="crosstab"):
        _ = c2c.cross_tab
