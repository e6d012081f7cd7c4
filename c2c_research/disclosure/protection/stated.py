"""Totals that stand beside a table rather than in it: "858 families in all" in a caption, a note, a sentence.

A number is used only beside a word that calls it a total, only for a list that shows no total of its own, and only
where it exceeds what is shown by no more than the hidden cells may hold. Its evidence is counted as in `totals`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.structure import COLUMNS, TOTAL, Structure
from c2c_research.disclosure.protection.system import Line

_NUMBER = r"(\d{1,3}(?:[,\u00a0\u202f ]\d{3})+|\d+)(?![\d.,]*%)(?!\.\d)"
_BEFORE = re.compile(
    rf"\b(?:totals?|total(?:ed|led|ing|ling)|in all|overall|altogether|sum|combined|n)\b[^\d\n.]{{0,40}}?{_NUMBER}",
    re.I,
)
_BEHIND = re.compile(rf"{_NUMBER}(?: [a-z]+){{0,4}},? (?:in total|in all|altogether|overall|combined|total)\b", re.I)
_WITHIN = 20_000
_MOST_NUMBERS = 20
_LARGEST_HIDDEN = 10
_ENOUGH_BITS = 4.0


def stated_totals(text: str) -> tuple[float, ...]:
    """Whole numbers that a text calls a total."""
    found = [match[1] for pattern in (_BEFORE, _BEHIND) for match in pattern.finditer(text[:_WITHIN])]
    return tuple(dict.fromkeys(float(re.sub(r"\D", "", number)) for number in found))[:_MOST_NUMBERS]


def stated_lines(structure: Structure, text: str) -> list[Line]:
    """The equations that such totals give for the lists of a table that lack a total."""
    totals = stated_totals(text)
    return [line for cells in _lists(structure) for line in _line(structure, cells, totals)] if totals else []


def _lists(structure: Structure) -> Iterator[list[Cell]]:
    """The columns of a table with one key, and all its cells together where no column is a total of others."""
    if len(structure.dimensions) != 2 or structure.dimensions[0].name == COLUMNS or _sums_up(structure, 0):
        return
    columns: dict[str, list[Cell]] = {}
    for (_, across), cell in structure.places.items():
        columns.setdefault(across, []).append(cell)
    yield from columns.values()
    if len(columns) > 1 and not _sums_up(structure, 1):
        yield sorted(structure.values)


def _sums_up(structure: Structure, number: int) -> bool:
    dimension = structure.dimensions[number]
    return TOTAL in dimension.labels or any(parent != TOTAL for tree in dimension.trees for parent in tree)


def _line(structure: Structure, cells: list[Cell], totals: Iterable[float]) -> Iterator[Line]:
    hidden = [structure.values[cell] for cell in cells if structure.values[cell].mark is not Mark.NUMBER]
    if not hidden or len(cells) < 3 or structure.slack:
        return
    shown = sum(structure.values[cell].number or 0.0 for cell in cells)
    least = sum(value.mark is Mark.SUPPRESSED for value in hidden)
    most = sum(_LARGEST_HIDDEN if value.upper is None else value.upper for value in hidden)
    fitting = [total for total in totals if least <= total - shown <= most]
    if len(fitting) == 1 and math.log2(fitting[0] / (most - least + 1)) >= _ENOUGH_BITS:
        yield Line(tuple((cell, 1.0) for cell in cells), fitting[0], fitting[0], "stated total")
