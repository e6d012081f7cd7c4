"""A small edition on disk, made the way the vault publishes one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from enclave.dp.policy import Shown, TablePolicy

EDITION = "2025r1"
Row = dict[str, Any]


def unruled(policy: TablePolicy) -> TablePolicy:
    """The policy without its providers' rules, to see every number."""
    fields = {name: getattr(policy, name) for name in TablePolicy.model_fields}
    return TablePolicy(**{**fields, "shown": Shown()})


def completions(people: int = 400) -> list[Row]:
    """One completion a person, in two years; person 0 has three rows in 2023, two beyond the bound."""
    rows = [
        {
            "person_key": person,
            "academic_year": 2023 if person % 2 else 2024,
            "county_code": "19" if person % 4 else "01",
            "district_code": f"{person % 3:07d}",
            "completion_type": "diploma",
            "gpa": 2.0 + (person % 20) / 10,
            "gender": "F" if person % 2 else "M",
        }
        for person in range(1, people)
    ]
    return [*rows, *({**rows[0], "person_key": 0, "academic_year": 2023, "gpa": 9.9} for _ in range(3))]


def publish(root: Path, rows: list[Row], table: str = "k12_completion", provider: str = "cde") -> Path:
    """Write one table of an edition and a manifest; returns the editions folder."""
    folder = root / "research" / "editions" / EDITION / provider
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / f"{table}.parquet")
    (folder.parent / "manifest.json").write_text(json.dumps({"edition": EDITION}))
    return folder.parent.parent
