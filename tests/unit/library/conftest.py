"""A sandbox in small: an extract of Parquet files and the environment that names it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest


@pytest.fixture
def extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """600 students in five districts, of which two are small; wages of two persons in sixty rows."""
    folder = tmp_path / "data"
    folder.mkdir()
    connection = duckdb.connect()
    connection.execute(
        f"""COPY (SELECT 4611686018427387904 + i AS person_id, 2019 + i % 3 AS academic_year,
        CASE WHEN i % 50 = 0 THEN 'Elm' WHEN i % 17 = 0 THEN 'Dogwood'
        ELSE ['Alder','Birch','Cedar'][1 + i % 3] END AS district,
        CASE WHEN i % 29 = 0 THEN 'X' WHEN i % 2 = 0 THEN 'F' ELSE 'M' END AS sex, (i * 7919) % 9000 + 100 AS earnings,
        (i * 31) % 2 AS enrolled FROM range(600) t(i)) TO '{folder}/k12_completion.parquet' (FORMAT parquet)"""
    )
    connection.execute(
        f"""COPY (SELECT 4611686018427387904 + i % 2 AS person_id, 2019 AS year, 1 + i % 4 AS quarter, 100 * i AS wage
        FROM range(60) t(i)) TO '{folder}/ui_wage.parquet' (FORMAT parquet)"""
    )
    book = {"project": "pathways", "tables": {"ui_wage": {"label": "Wages", "columns": {"wage": {"label": "Wage"}}}}}
    (folder / "codebook.json").write_text(json.dumps(book))
    monkeypatch.setenv("C2C_PROJECT", "pathways")
    monkeypatch.setenv("C2C_USER", "alice")
    monkeypatch.setenv("C2C_DATA", str(folder))
    return folder
