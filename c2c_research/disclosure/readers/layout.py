"""From texts with places on a page to lines, tables and annotated grids. Used by figures (SVG, PDF).

Places are in points, y grows upwards. A *cloud* is a set of equal marks, as a scatter plot draws them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from c2c_research.disclosure.cells import Mark, parse
from c2c_research.disclosure.document import Cloud
from c2c_research.disclosure.readers.text import tables_in
from c2c_research.disclosure.tables import Table

MAX_ITEMS = 20_000
_LINE_POINTS = 60
_LEVEL, _LEAST_STEPS = 0.01, 8
_GRID_PLACES = 40


@dataclass(frozen=True)
class Item:
    """A text and where it begins."""

    x: float
    y: float
    text: str
    size: float = 10.0


def read_items(items: Sequence[Item], where: str = "") -> tuple[list[Table], str]:
    """Tables and prose of a figure: texts side by side become lines; a grid of whole numbers becomes a table."""
    rows = _rows(items)
    grid = _annotated(rows, where) or _bars(rows, where)
    lines = [line for row in rows for line in _line(row)]
    tables = [grid] if grid is not None else tables_in("\n".join(lines), where)[0]
    return tables, "\n".join(item.text for item in items)


def _bars(rows: list[list[Item]], where: str) -> Table | None:
    # the module of bars knows items
    from c2c_research.disclosure.readers.bars import labelled_bars

    return labelled_bars(rows, where)


def cloud_of(points: Iterable[tuple[float, float]], where: str = "") -> Cloud:
    """A cloud of marks. It is `ordered` where its marks run from left to right in long runs, as along lines."""
    places = list(dict.fromkeys(points))
    steps = [b[0] - a[0] for a, b in pairwise(places)]
    runs = 1 + min(sum(step <= 0 for step in steps), sum(step >= 0 for step in steps))
    even = len({round(abs(step), 2) for step in steps}) <= 4
    ordered = runs * 4 <= max(len(places), 4) and (len(places) <= _LINE_POINTS * runs or even)
    return Cloud(len(places), ordered, where)


def stairs_of(corners: Sequence[tuple[float, float]]) -> Cloud | None:
    """The steps of a line that runs level and falls in turn, at places in no even distance; None for other lines."""
    falls: list[float] = []
    for (left, high), (right, low) in pairwise(corners):
        level, upright = abs(high - low) < _LEVEL, abs(right - left) < _LEVEL
        if not (level or upright) or right < left - _LEVEL or low > high + _LEVEL:
            return None
        if not level:
            falls.append(left)
    gaps = [later - earlier for earlier, later in pairwise(falls)]
    if len(falls) < _LEAST_STEPS or _on_grid(gaps):
        return None
    return Cloud(len(falls), ordered=True, stairs=True)


def _on_grid(gaps: Sequence[float]) -> bool:
    """Whether all distances are whole multiples of the smallest, on a grid of at most 40 places (terms, quarters)."""
    unit = min(gaps)
    if unit <= 0 or sum(gaps) / unit > _GRID_PLACES:
        return False
    return all(abs(gap / unit - round(gap / unit)) <= 0.1 for gap in gaps)


def _rows(items: Sequence[Item]) -> list[list[Item]]:
    """Items of one height, from top to bottom, each row from left to right."""
    rows: list[list[Item]] = []
    for item in sorted(items, key=lambda each: -each.y):
        if rows and abs(rows[-1][0].y - item.y) <= 0.3 * max(item.size, 4.0):
            rows[-1].append(item)
        else:
            rows.append([item])
    return [sorted(row, key=lambda each: each.x) for row in rows]


def _line(row: list[Item]) -> list[str]:
    """A row as a line of text whose columns stand where they stand on the page; lone texts are set apart."""
    if len(row) == 1:
        return ["", row[0].text, ""]
    step = 0.5 * max(min(item.size for item in row), 4.0)
    line = ""
    for item in row:
        gap = max(int(item.x / step) - len(line), 2 if line else 0)
        line += " " * min(gap, 400) + item.text
    return [line]


def _annotated(rows: list[list[Item]], where: str) -> Table | None:
    """The whole numbers that a heat map writes into its fields. Ticks of an axis run in equal steps and are none."""
    numbers = [[item for item in row if _is_whole(item.text)] for row in rows]
    filled = [row for row in numbers if len(row) > 1 and not _equal_steps(row)]
    columns = _columns(filled)
    if len(filled) < 2 or len(columns) < 2:
        return None
    body = [[_at(row, column) for column in columns] for row in filled]
    if sum(bool(text) for line in body for text in line) < 0.7 * len(body) * len(columns):
        return None
    header = next((row for row in reversed(rows) if _names(row, columns)), [])
    names = [_at(header, column, 0.5 * (columns[1] - columns[0])) or "field" for column in columns]
    lines = tuple((f"row {number}", *line) for number, line in enumerate(body, start=1))
    return Table(("", *names), lines, f"{where}, figure".lstrip(", "))


def _is_whole(text: str) -> bool:
    value = parse(text)
    return value.mark is Mark.SUPPRESSED or value.is_integer


def _equal_steps(row: list[Item]) -> bool:
    values = [parse(item.text).number or 0.0 for item in row]
    steps = {round(b - a, 6) for a, b in pairwise(values)}
    return len(values) > 2 and len(steps) == 1 and steps != {0.0}


def _columns(rows: list[list[Item]]) -> list[float]:
    """Places of columns that most rows share and that do not run in equal steps."""
    places: list[tuple[float, list[Item]]] = []
    for item in sorted((item for row in rows for item in row), key=lambda each: each.x):
        if places and item.x - places[-1][0] <= 2.5 * item.size:
            places[-1][1].append(item)
        else:
            places.append((item.x, [item]))
    kept = [(x, found) for x, found in places if 2 * len(found) >= len(rows)]
    return [x for x, found in kept if not _equal_steps(sorted(found, key=lambda each: each.y))]


def _at(row: list[Item], place: float, reach: float = 0.0) -> str:
    near = [item for item in row if abs(item.x - place) <= max(reach, 2.6 * item.size)]
    return min(near, key=lambda item: abs(item.x - place)).text if near else ""


def _names(row: list[Item], columns: list[float]) -> bool:
    texts = [item for item in row if not _is_whole(item.text)]
    return len(texts) == len(row) and len(row) in (len(columns), len(columns) + 1)
