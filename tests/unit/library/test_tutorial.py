"""The tutorial's cells run. Those that need the relay are run in a real sandbox by the browser test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

TUTORIAL = Path(__file__).parents[3] / "notebooks" / "tutorials" / "first-table.ipynb"


@pytest.fixture
def completions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    duckdb.connect().execute(
        f"""COPY (SELECT 4611686018427387904 + i AS person_id, 2022 + i % 2 AS academic_year,
        CASE WHEN i % 41 = 0 THEN '02' ELSE ['01', '19', '37'][1 + i % 3] END AS county_code,
        ['asian', 'hispanic', 'white', 'multiracial'][1 + (i * 7) % 4] AS race_ethnicity,
        ['F', 'M'][1 + i % 2] AS gender
        FROM range(900) t(i)) TO '{folder}/k12_completion.parquet' (FORMAT parquet)"""
    )
    columns = {name: {"label": name} for name in ("person_id", "academic_year", "county_code", "race_ethnicity")}
    (folder / "codebook.json").write_text(json.dumps({"tables": {"k12_completion": {"columns": columns}}}))
    monkeypatch.setenv("C2C_PROJECT", "college-going")
    monkeypatch.setenv("C2C_DATA", str(folder))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_tutorial_runs_and_ends_with_a_table_that_passes(completions: Path) -> None:
    from c2c_research import outputs

    names: dict[str, Any] = {}
    for cell in json.loads(TUTORIAL.read_text())["cells"]:
        if cell["cell_type"] == "code" and "relay" not in cell["metadata"].get("tags", []):
            exec(compile("".join(cell["source"]), TUTORIAL.name, "exec"), names)
    assert names["table"].check().status.word == "fail"
    assert names["suppressed"].check().status.word == "pass"
    assert outputs.check().status.word == "pass"
    outputs.clear()


def test_the_tutorial_is_stored_without_outputs() -> None:
    cells = json.loads(TUTORIAL.read_text())["cells"]
    assert all(not cell.get("outputs") for cell in cells)
