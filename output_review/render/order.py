"""Which way a grid is sorted: by a column of one table of a file, asked for by a link and answered without a script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_ASKED = re.compile(r"(\w+)\.(\d{1,3})\.(\d{1,3})(-?)")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Order:
    """A column of a table (both from 0) and its direction."""

    table: int
    column: int
    descending: bool = False

    def rows(self, body: Sequence[Sequence[str]]) -> list[int]:
        """The rows' numbers in this order: numbers by size, then words; rows with nothing there stand last."""

        def shown(row: int) -> str:
            cells = body[row]
            return cells[self.column].strip() if self.column < len(cells) else ""

        filled = [row for row in range(len(body)) if shown(row)]
        filled.sort(key=lambda row: _key(shown(row)), reverse=self.descending)
        return filled + [row for row in range(len(body)) if not shown(row)]


@dataclass(frozen=True)
class Sorting:
    """How the grids of one file are sorted now, and where their links lead; `file` is the file's id."""

    file: str
    order: Order | None = None

    def of(self, table: int) -> Order | None:
        return self.order if self.order is not None and self.order.table == table else None

    def link(self, table: int, column: int) -> str:
        """The address that sorts by a column; by the same column again the other way round."""
        present = self.of(table)
        asked = Order(table, column)
        if present == asked:
            asked = replace(asked, descending=True)
        return f"?sort={self.file}.{table}.{column}{'-' if asked.descending else ''}#{self.file}"


def read_order(asked: str) -> tuple[str, Order] | None:
    """(file id, order) of a link's `sort`; None for what is none, so that a wrong address sorts nothing."""
    match = _ASKED.fullmatch(asked)
    if match is None:
        return None
    return match[1], Order(int(match[2]), int(match[3]), bool(match[4]))


def _key(value: str) -> tuple[int, float, str]:
    plain = value.replace(",", "").rstrip("%").lstrip("<>~≤≥ ").strip()
    return (0, float(plain), "") if _NUMBER.fullmatch(plain) else (1, 0.0, value.casefold())
