"""The reference shelf: public tables, read-only in every sandbox, each with its source.

Codes are read as text so that leading zeros stay; only columns that the shelf's catalogue calls numbers become some.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse, NotInSandbox

if TYPE_CHECKING:
    import pandas as pd


def reference(name: str | None = None) -> pd.DataFrame:
    """The list of reference tables with their sources, or one of them as a pandas frame."""
    import pandas as pd

    tables = _catalogue()
    if name is None:
        shown = ("title", "rows", "source", "licence", "note")
        listed = [{"name": each, **{key: entry[key] for key in shown}} for each, entry in tables.items()]
        return pd.DataFrame(listed).set_index("name")
    if name not in tables:
        raise BadUse(f"The shelf has no table {name!r}.", f"It has: {', '.join(tables)}.")
    entry = tables[name]
    frame = pd.read_csv(_folder() / entry["file"], dtype=str, keep_default_na=False)
    for column in entry["numbers"]:
        frame[column] = pd.to_numeric(frame[column])
    return frame


def _folder() -> Path:
    return Path(os.environ.get("C2C_REFERENCE", "/reference"))


def _catalogue() -> dict[str, dict[str, Any]]:
    path = _folder() / "catalogue.json"
    if not path.is_file():
        raise NotInSandbox("There is no reference shelf here.", "Ask the office: the operator builds it once.")
    tables: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["tables"]
    return tables
