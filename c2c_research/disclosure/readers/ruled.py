"""Text tables with bars that also align columns between their bars, as Stata and SAS print them.

`tab a b` writes all its numbers between two bars, `list` all variables; PROC FREQ names the numbers that it stacks in a
cell in lines of their own above the header.
"""

from __future__ import annotations

import re
from collections import Counter

from c2c_research.disclosure.cells import Mark, parse
from c2c_research.disclosure.readers.columns import columns

_BAR = re.compile(r"[|│‚]")


def barred(lines: list[str]) -> list[list[str]] | None:
    """The grid of lines with bars; None where bars alone set the cells apart."""
    parts = [_BAR.split(line.expandtabs(8)) for line in lines]
    usual = Counter(map(len, parts)).most_common(1)[0][0]
    body = [part for part in parts if len(part) == usual]
    if usual < 3 or len(body) < 2:
        return None
    several = [place for place in range(usual) if _holds_several([part[place] for part in body])]
    if not several and all(len(part) == usual for part in parts):
        return None
    cut = {place: columns([part[place] for part in body]) for place in several}
    rows, number = [], 0
    for part in parts:
        if len(part) != usual:
            # a banner above the columns, or the words that say what a cell stacks
            rows.append([text.strip() for text in part[: min(len(part), 2)]])
            continue
        rows.append(
            [cell for place, text in enumerate(part) for cell in (cut[place][number] if place in cut else [text])]
        )
        number += 1
    return _without_edges(_corner_joined(_banner_first(rows)))


def _banner_first(rows: list[list[str]]) -> list[list[str]]:
    """A first line that only names the variable over the columns stands as the table's title."""
    named = [text.strip() for text in rows[0] if text.strip()]
    if len(named) == 1 and not rows[0][0].strip() and parse(named[0]).mark is Mark.TEXT:
        return [[named[0], *[""] * (len(rows[0]) - 1)], *rows[1:]]
    return rows


def _holds_several(texts: list[str]) -> bool:
    """Do most lines have two numbers or more between the same two bars?"""
    split = [text.split() for text in texts if text.strip() and parse(text).mark is not Mark.NUMBER]
    numbers = [sum(parse(word).mark in (Mark.NUMBER, Mark.SUPPRESSED) for word in words) for words in split]
    return len(numbers) > 1 and 2 * sum(count > 1 for count in numbers) >= len(texts)


def _corner_joined(rows: list[list[str]]) -> list[list[str]]:
    """Lines above the header that hold one word each in their first cell are what the cells stack: one corner."""
    first = next((place for place, row in enumerate(rows) if sum(bool(text.strip()) for text in row) > 1), 0)
    words = [row[0].strip() for row in rows[:first]]
    if first < 2 or not all(words):
        return rows
    head = list(rows[first])
    head[0] = " ".join([*words, head[0].strip()])
    return [head, *rows[first + 1 :]]


def _without_edges(rows: list[list[str]]) -> list[list[str]]:
    """Without columns that are empty in every line, as the space outside a box is."""
    width = max(map(len, rows))
    padded = [[text.strip() for text in row] + [""] * (width - len(row)) for row in rows]
    used = [place for place in range(width) if any(row[place] for row in padded)]
    return [[row[place] for place in used] for row in padded]
