"""Rounding: where a file states a base, all its counts keep to it; a pack may ask for steps by magnitude.

A file states its base in the sidecar (5, 10, `midpoint-6`, the steps of `drb`) or in words beside the table ("counts
are rounded to the nearest 5"). What does not conform is repaired: a rounded twin is offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Finding
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules import drb
from c2c_research.disclosure.rules.min_cell import EMPLOYERS
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Table

_STATED = re.compile(
    r"\brounded\s+(?:up |down |randomly )?(?:to\s+)?(?:the\s+)?(?:nearest\s+)?(?:multiples?\s+of\s+|base\s+)?"
    r"(3|5|6|10|20|50|100|three|five|six|ten|hundred)\b(?!\s*(?:decimal|digit|significant|%|percent|place))",
    re.IGNORECASE,
)  # fmt: skip
_WORDS = {"three": 3, "five": 5, "six": 6, "ten": 10, "hundred": 100}
_MIDPOINT = re.compile(r"\bmidpoint[ -]?(?:rounded )?(?:to )?(?:the )?(?:nearest )?(?:6|six)\b", re.IGNORECASE)


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    for table in document.tables:
        name, conforms = claim(document, table, rule.word("scheme", "none"))
        if conforms is None:
            continue
        off = [
            cell
            for cell, value in table.counts()
            if value.mark is Mark.NUMBER
            and value.number is not None
            and not conforms(value.number)
            and not set(lexicon.words(table.header[cell[1]])) & EMPLOYERS
        ]
        if off:
            saw = f"Counts that are not {name}: {many(len(off), 'cell')}. A rounded twin can be made in one step."
            yield finding(rule, saw, table.where, off)


def claim(document: Document, table: Table, demanded: str) -> tuple[str, Callable[[float], bool] | None]:
    """What the counts of a table have to be: in words, and as a test; None where nothing is claimed."""
    scheme = document.context.rounding_scheme or ("drb" if demanded == "drb" else "")
    if scheme == "drb":
        return "rounded by the steps of the Census Disclosure Review Board", drb.conforms
    base = document.context.rounding_base
    if base >= 2:
        return f"a multiple of {base}", lambda number: number % base == 0
    words = "\n".join([document.text, table.caption, *_notes(table)])
    if scheme == "midpoint-6" or _MIDPOINT.search(words):
        return "0, 3, 9, 15 … (midpoint-6)", lambda number: number == 0 or number % 6 == 3
    stated = _STATED.search(words)
    if stated is None:
        return "", None
    said = _WORDS.get(stated[1].lower()) or int(stated[1])
    return f"a multiple of {said}", lambda number: number % said == 0


def _notes(table: Table) -> Iterator[str]:
    """Rows that hold one long text: notes below a table."""
    for row in table.rows:
        filled = [text for text in row if text.strip()]
        if len(filled) == 1 and len(filled[0]) > 20:
            yield filled[0]
