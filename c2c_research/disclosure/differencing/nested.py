"""Categories that lie in each other: "18-24" in "18-25", "within one year" in "within two years".

Their counts are additive and of one population, so the difference of two of them is a count as well, and obeys the
count rule. Rows are nested where ranges begin alike and end differently; columns where their names agree but for one
number and a word says that it is a limit ("within", "by", "up to", "cumulative").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.tables import Role, Table

_RANGE = re.compile(r"^\D{0,12}?(\d{1,4})\s*(?:-|–|—|to)\s*(\d{1,4})\D{0,12}$", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?:\b|_)(?:within|up[ _]to|in[ _]the[ _]first|cumulative(?:ly)?|cum|by[ _](?:year|term|age))(?=\b|_)", re.I
)
_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "eight": "8", "ten": "10"}
_NUMBER = re.compile(r"\d{1,3}")


def nested_categories(table: Table, threshold: int) -> list[Cell]:
    """The larger cells of pairs that differ by 1 to `threshold` − 1 persons."""
    return sorted({*_rows(table, threshold), *_columns(table, threshold)})


def _rows(table: Table, threshold: int) -> Iterator[Cell]:
    keys = table.columns_of(Role.KEY)
    for key in keys:
        alike: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
        for row, texts in enumerate(table.rows):
            if found := _RANGE.match(texts[key].strip()):
                others = tuple(texts[other] for other in keys if other != key)
                alike[(found[1], *others)].append((int(found[2]), row))
        for ends in alike.values():
            for (_, inner), (_, outer) in pairwise(sorted(ends)):
                for column in table.columns_of(Role.COUNT):
                    if _few(table, (inner, column), (outer, column), threshold):
                        yield outer, column


def _columns(table: Table, threshold: int) -> Iterator[Cell]:
    alike: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for column in table.columns_of(Role.COUNT):
        name = " ".join(_WORDS.get(word, word) for word in table.header[column].lower().replace("_", " ").split())
        numbers = _NUMBER.findall(name)
        if _LIMIT.search(name) and len(numbers) == 1:
            alike[_NUMBER.sub("#", name).replace("years", "year").replace("terms", "term")].append(
                (int(numbers[0]), column)
            )
    for limits in alike.values():
        for (_, inner), (_, outer) in pairwise(sorted(limits)):
            rows = range(len(table.rows))
            pairs = [(table.values[row][inner].number, table.values[row][outer].number) for row in rows]
            if all(one is None or other is None or one <= other for one, other in pairs):
                yield from ((row, outer) for row in rows if _few(table, (row, inner), (row, outer), threshold))


def _few(table: Table, inner: Cell, outer: Cell, threshold: int) -> bool:
    one, other = (table.values[row][column] for row, column in (inner, outer))
    shown = one.mark is Mark.NUMBER and other.mark is Mark.NUMBER
    return shown and 0 < (other.number or 0) - (one.number or 0) < threshold
