"""Cells that stack several numbers: a count over its percentages, as PROC FREQ, `tab, row col` and SPSS print them.

The counts become a table of their own. Their percentages say nothing more, unless a count is hidden: then they become a
second table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.tables import Role, Table

_COUNTED = frozenset(["count", "frequency", "freq", "n", "observed", "observed count"])
_NUMBERS = (Mark.NUMBER, Mark.SUPPRESSED)


def unstacked(table: Table) -> Iterator[Table]:
    """The table of the counts, and that of the percentages where counts are hidden; else the table as it is."""
    counted, keys = _counted(table)
    if not counted:
        yield table
        return
    values = range(keys, table.width)
    yield _selected(table, counted, dict.fromkeys(values, Role.COUNT), [row[0] for row in _pick(table, counted)])
    hidden = any(table.values[row][column].mark is Mark.SUPPRESSED for row in counted for column in values)
    rest = [row for row in range(len(table.rows)) if row not in counted and _has_numbers(table, row, keys)]
    if hidden and rest:
        labels = [table.rows[max((at for at in counted if at < row), default=row)][0] for row in rest]
        yield _selected(table, rest, dict.fromkeys(values, Role.RATE), labels)


def _counted(table: Table) -> tuple[list[int], int]:
    """The rows that hold counts, and how many columns are labels; no rows where nothing is stacked."""
    if table.width < 2 or len(table.rows) < 4:
        return [], 0
    for key in (1, 0):
        named = [row for row, texts in enumerate(table.rows) if texts[key].strip().lower() in _COUNTED]
        shares = [row for row, texts in enumerate(table.rows) if _says_share(texts[key])]
        if len(named) > 1 and len(shares) >= len(named) and _are_whole(table, named, key + 1):
            return named, key + 1
    labelled = [row for row, texts in enumerate(table.rows) if texts[0].strip()]
    blank = [row for row in range(len(table.rows)) if row not in labelled]
    stacked = (
        len(labelled) > 1
        and len(blank) >= len(labelled) - 1
        and all(row - 1 in labelled or row - 1 in blank for row in blank)
    )
    if stacked and _are_whole(table, labelled, 1) and _are_shares(table, blank):
        return labelled, 1
    return [], 0


def _says_share(text: str) -> bool:
    return bool(set(lexicon.words(text)) & lexicon.RATE)


def _are_whole(table: Table, rows: list[int], keys: int) -> bool:
    values = [value for row in rows for value in table.values[row][keys:] if value.mark is not Mark.EMPTY]
    whole = all(value.mark is Mark.SUPPRESSED or (value.is_integer and (value.number or 0) >= 0) for value in values)
    return bool(values) and whole


def _are_shares(table: Table, rows: list[int]) -> bool:
    """Numbers from 0 to 100 with decimals or a sign of per cent; a number in brackets is a standard error."""
    values = [value for row in rows for value in table.values[row] if value.mark is not Mark.EMPTY]
    return any(value.decimals or value.percent for value in values) and all(map(_is_share, values))


def _is_share(value: Value) -> bool:
    return value.mark in _NUMBERS and not value.text.startswith("(") and 0 <= (value.number or 0) <= 100


def _has_numbers(table: Table, row: int, keys: int) -> bool:
    return any(value.mark in _NUMBERS for value in table.values[row][keys:])


def _pick(table: Table, rows: list[int]) -> list[tuple[str, ...]]:
    return [table.rows[row] for row in rows]


def _selected(table: Table, rows: list[int], given: dict[int, Role], labels: list[str]) -> Table:
    """Some rows of a table under the labels of the groups that they describe."""
    picked = tuple((label, *texts[1:]) for label, texts in zip(labels, _pick(table, rows), strict=True))
    places = tuple(table.lines[row] if table.lines else row for row in rows)
    return replace(table, rows=picked, lines=places, given={**table.given, **given})
