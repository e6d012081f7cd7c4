"""The examples of the how-to on models and figures, and its tutorial, run from beginning to end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from c2c_research import outputs
from c2c_research.disclosure import check_paths

ROOT = Path(__file__).parents[3]
TUTORIAL = ROOT / "notebooks" / "tutorials" / "models-and-figures.ipynb"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    outputs.clear()
    return tmp_path


def students() -> pd.DataFrame:
    chance, size = np.random.default_rng(2), 1200
    frame = pd.DataFrame(
        {
            "person_id": np.arange(size),
            "region": chance.choice(["North", "South", "Valley"], size),
            "county": ["Yolo"] * 3 + list(chance.choice(["Kern", "Kings", "Lake"], size - 3)),
            "race": chance.choice(["White", "Filipino", "Pacific Islander"], size, p=[0.96, 0.03, 0.01]),
            "school": chance.integers(0, 30, size),
            "year": chance.choice([2021, 2022], size),
            "gpa": chance.normal(3, 0.5, size),
            "quarters": chance.exponential(9, size).round().clip(1, 16),
        }
    )
    frame["graduated"] = (frame.quarters < 16).astype(int)
    return frame.assign(earnings=np.exp(9 + 0.3 * frame.gpa + chance.normal(0, 0.5, size)).round())


def test_the_how_to_runs_and_all_that_it_saves_passes(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"students": students()}
    page = (ROOT / "docs" / "how-to" / "models-and-figures.md").read_text()
    for example in re.findall(r"```python\n(.*?)```", page, re.S):
        exec(compile(example, "how-to", "exec"), names)
    assert capsys.readouterr().out.splitlines()[:2] == ["fail", "pass"]
    assert [path.name for path in outputs.waiting()] == ["regions.svg", "regions.table.csv"]
    report = check_paths([room])
    assert {file.path: file.status.word for file in report.files if file.status.word == "fail"} == {}
    outputs.clear()


def test_the_tutorial_runs_and_all_that_it_saves_passes(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = room / "data"
    folder.mkdir()
    frame = pd.DataFrame({"person_id": 4611686018427387904 + np.arange(900)})
    number = np.arange(900)
    frame["academic_year"] = 2021 + number % 2
    frame["county_code"] = np.where(number % 41 == 0, "02", np.array(["01", "19", "37"])[number % 3])
    frame["race_ethnicity"] = np.array(["asian", "hispanic", "white", "two_or_more"])[number * 7 % 4]
    frame["gender"] = np.array(["F", "M"])[number % 2]
    frame.to_parquet(folder / "k12_completion.parquet")
    columns = {"academic_year": {"description": "Academic year by its spring"}}
    (folder / "codebook.json").write_text(json.dumps({"tables": {"k12_completion": {"columns": columns}}}))
    monkeypatch.setenv("C2C_PROJECT", "college-going")
    monkeypatch.setenv("C2C_DATA", str(folder))
    names: dict[str, Any] = {}
    for cell in json.loads(TUTORIAL.read_text())["cells"]:
        if cell["cell_type"] == "code" and "relay" not in cell["metadata"].get("tags", []):
            assert not cell["outputs"], "tutorials are stored without outputs"
            exec(compile("".join(cell["source"]), TUTORIAL.name, "exec"), names)
    saved = [path for path in room.iterdir() if path.suffix in (".csv", ".svg", ".tex")]
    assert len(saved) >= 4
    assert check_paths(saved).status.word == "pass"
