"""Figures and the tables that they were drawn from: `x.png` and `x.table.csv` in the same folder of a request."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

_FIGURES = frozenset({".png", ".svg", ".jpg", ".jpeg"})


def table_behind(name: str, names: Collection[str]) -> str | None:
    """The table of a figure among these files; "" where the figure has none; None for what is no figure."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in _FIGURES:
        return None
    behind = str(path.with_name(f"{path.stem}.table.csv"))
    return behind if behind in names else ""
