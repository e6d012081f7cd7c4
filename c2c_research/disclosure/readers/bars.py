"""The numbers that a figure writes at its bars or points, as a table of the categories below them.

Ticks of the upright axis stand left of the first category and are none. The name of the numbers is a lone text that
names a count (an axis, a title).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, parse
from c2c_research.disclosure.readers.layout import Item
from c2c_research.disclosure.tables import Table

_NAMES = lexicon.COUNT_STRONG | lexicon.COUNT_NOUNS | lexicon.PERSON_COUNTS | lexicon.RATE | lexicon.MEAN


def labelled_bars(rows: Sequence[Sequence[Item]], where: str) -> Table | None:
    """The table of a bar chart with numbers at its bars; None where the figure writes none."""
    place = next((at for at in reversed(range(len(rows))) if _are_categories(rows[at])), None)
    if place is None:
        return _paired(rows, where)
    categories = rows[place]
    step = min(b.x - a.x for a, b in pairwise(categories))
    left = categories[0].x - 0.6 * step
    above = [item for row in rows[:place] for item in row if item.x >= left and _is_value(item.text)]
    found: list[list[Item]] = [[] for _ in categories]
    for item in above:
        nearest = min(range(len(categories)), key=lambda at: abs(categories[at].x - item.x))
        if abs(categories[nearest].x - item.x) <= 0.6 * step:
            found[nearest].append(item)
    most = max(map(len, found))
    if not most or most > 6 or sum(map(bool, found)) < max(2, (len(categories) + 1) // 2):
        return None
    title = _title(rows, categories)
    names = [title] if most == 1 else [f"{title} | series {number}" for number in range(1, most + 1)]
    body = tuple(
        (category.text, *_texts(items, most)) for category, items in zip(categories, found, strict=True) if items
    )
    return Table(("", *names), body, f"{where}, figure".lstrip(", "))


def _paired(rows: Sequence[Sequence[Item]], where: str) -> Table | None:
    """Names and whole numbers in pairs, each number right below or above its name: labels at bars of unequal height."""
    items = [item for row in rows for item in row]
    names = [item for item in items if not _is_value(item.text)]
    pairs = [
        (name, number)
        for number in (item for item in items if _is_value(item.text) and parse(item.text).is_integer)
        for name in names
        if abs(name.x - number.x) <= 0.5 * number.size and abs(name.y - number.y) <= 2.0 * number.size
    ]
    title = _title(rows, [name for name, _ in pairs])
    below = {name.y > number.y for name, number in pairs}
    alone = len({id(name) for name, _ in pairs}) == len({id(number) for _, number in pairs}) == len(pairs)
    if len(pairs) < 2 or not alone or len(below) > 1 or len({round(name.x) for name, _ in pairs}) < len(pairs):
        return None
    return Table(
        ("", title), tuple((name.text, number.text) for name, number in pairs), f"{where}, figure".lstrip(", ")
    )


def _texts(items: list[Item], width: int) -> list[str]:
    texts = [item.text for item in sorted(items, key=lambda each: each.x)]
    return texts + [""] * (width - len(texts))


def _is_value(text: str) -> bool:
    return parse(text).mark in (Mark.NUMBER, Mark.SUPPRESSED)


def _are_categories(row: Sequence[Item]) -> bool:
    """Texts or years side by side, each in a place of its own."""
    if len(row) < 2 or any(b.x - a.x < 1.0 for a, b in pairwise(row)):
        return False
    # "Not reported" is a category here, and no mark of suppression
    return all(parse(item.text).mark is not Mark.NUMBER or _is_year(item.text) for item in row)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdecimal() and text[:2] in ("19", "20")


def _title(rows: Sequence[Sequence[Item]], categories: Sequence[Item]) -> str:
    texts = [item.text for row in rows for item in row if item not in categories and not _is_value(item.text)]
    return next((text for text in texts if set(lexicon.words(text)) & _NAMES), "value")
