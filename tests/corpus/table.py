"""A finished table before it becomes a file, and the sidecar that may travel with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import yaml

Cell = str | int | float | None
KEY, COUNT, RATE, MONEY, NUMBER = "key", "count", "rate", "money", "number"
"""Roles of a column: they decide how a writer formats it, nothing else. A rate is a share from 0 to 1."""


@dataclass(frozen=True)
class Column:
    name: str
    role: str = KEY
    digits: int = 1


@dataclass(frozen=True)
class Table:
    """Rows of plain values; strings (markers, ranges) are written as they stand in any column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        return [c.name for c in self.columns if c.role == KEY]

    def with_cell(self, row: int, col: int, value: Cell) -> Table:
        cells = [list(r) for r in self.rows]
        cells[row][col] = value
        return replace(self, rows=tuple(tuple(r) for r in cells))

    def small(self, limit: int = 10) -> list[list[int]]:
        """Positions of counts from 1 to `limit`."""
        roles = [c.role for c in self.columns]
        return [[i, j] for i, row in enumerate(self.rows) for j, v in enumerate(row)
                if roles[j] == COUNT and isinstance(v, int) and 0 < v <= limit]  # fmt: skip

    def sidecar(self, name: str) -> bytes:
        """The `.context.yaml` of a file of this name."""
        counts = [c.name for c in self.columns if c.role == COUNT]
        rows = {"rows": self.keys} if self.keys else {}
        said = {"table": name, **rows, "counts": counts[0] if len(counts) == 1 else counts} | self.context
        return yaml.safe_dump(
            {k: v for k, v in said.items() if v not in (None, [], {})}, sort_keys=False, allow_unicode=True
        ).encode()


def table(
    columns: list[tuple[str, str] | tuple[str, str, int]],
    rows: Any,
    title: str = "",
    notes: tuple[str, ...] = (),
    **context: Any,
) -> Table:
    """Shorthand: columns as (name, role[, digits]); everything else goes into the sidecar."""
    plain = tuple(tuple(v.item() if hasattr(v, "item") else v for v in row) for row in rows)
    return Table(tuple(Column(*c) for c in columns), plain, title, notes, context)
