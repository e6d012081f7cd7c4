"""What can still be asked, and about what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from c2c_research import _http

if TYPE_CHECKING:
    import pandas as pd


def budget() -> pd.DataFrame:
    """What the project's purses hold: ε in all, used and left, at δ = 1e-6.

    `counts_at_30`: how many more counts with a half-width of 30 persons a purse pays for. How many questions like
    another one are left says its `cost(…)["questions_like_this"]`.
    """
    import pandas as pd

    found = _http.get("/dp/budget")
    rows = [{"purse": row["purse"], **_epsilons(row), "counts_at_30": row["counts_at_30"]} for row in found["purses"]]
    whole = {"purse": f"edition {found['edition']}", **_epsilons(found["edition_cap"]), "counts_at_30": None}
    return pd.DataFrame([*rows, whole]).astype({"counts_at_30": "Int64"})


def datasets() -> pd.DataFrame:
    """What can be asked about: a row a column, with its public keys and bounds.

    `attribute`: of the one row that stands for a person, so that other tables can be asked by it (`table.column`).
    """
    import pandas as pd

    rows = [
        {"dataset": table["table"], "column": name, **column, "attribute": name in _attributes(table)}
        for table in _http.get("/dp/datasets")
        for name, column in table["columns"].items()
    ]
    return pd.DataFrame(rows, columns=["dataset", "column", "type", "keys", "bounds", "width", "attribute"])


def _attributes(table: Mapping[str, Any]) -> list[str]:
    return list((table.get("person") or {}).get("columns", ()))


def _epsilons(row: Mapping[str, Any]) -> dict[str, float]:
    return {name: row[name]["epsilon"] for name in ("total", "charged", "remaining")}
