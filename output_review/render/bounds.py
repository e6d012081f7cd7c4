"""How well a hidden cell is hidden, in the words that a checker decides by.

The check says how narrow the narrowest of the cells is that it names, and this repeats it for the reader of one cell;
nothing is computed here. Where a finding names several cells, only the narrowest has known bounds.
"""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"between (\d+) and (\d+)\b")


def bounds_in_words(message: str, cells: int) -> str:
    """One sentence on the bounds that a finding tells; "" where it tells none."""
    match = _BETWEEN.search(message)
    if match is None:
        return ""
    low, high = int(match[1]), int(match[2])
    which = "This cell lies" if cells == 1 else f"The narrowest of these {cells} cells lies"
    return f"{which} between {low} and {high}: {_hidden(low, high)}."


def _hidden(low: int, high: int) -> str:
    return "hidden by nothing" if low == high else f"hidden among {high - low + 1} values"
