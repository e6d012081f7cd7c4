"""Rounding: where a file states a base, all its counts keep to it; a pack may ask for steps by magnitude.

A file states its base in the sidecar (5, 10, `midpoint-6`, the steps of `drb`) or in words beside the table ("counts
are rounded to the nearest 5"). What does not conform is repaired: a rounded twin is offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules import drb
from c2c_research.disclosure.rules.min_cell import EMPLOYERS
from c2c_research.disclosure.rules.rate import is_distribution, proportion_columns, scale_of, stated_base
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Role, Table

_STATED = re.compile(
    r"\brounded\s+(?:up |down |randomly )?(?:to\s+)?(?:the\s+)?(?:nearest\s+)?(?:multiples?\s+of\s+|base\s+)?"
    r"(3|5|6|10|20|50|100|three|five|six|ten|hundred)\b(?!\s*(?:decimal|digit|significant|%|percent|place))",
    re.IGNORECASE,
)  # fmt: skip
_LEAST_CLAIMED = 3
_WORDS = {"three": 3, "five": 5, "six": 6, "ten": 10, "hundred": 100}
_MIDPOINT = re.compile(r"\bmidpoint[ -]?(?:rounded )?(?:to )?(?:the )?(?:nearest )?(?:6|six)\b", re.IGNORECASE)

_BOARD = r"(?:census )?(?:drb\b|disclosure review board)"
_BY_THE_BOARD = re.compile(rf"\bround[^.\n]{{0,60}}\b{_BOARD}|\b{_BOARD}[^.\n]{{0,30}}\bround", re.IGNORECASE)


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    for table in document.tables:
        undone = list(_exact_shares(table, document))
        if undone:
            saw = f"Percentages of exact counts undo the rounding of counts: {many(len(undone), 'cell')}."
            small = any(count < policy.threshold(document.context.unit) for _, count in undone)
            status = rule.status if small else min(Status.REVIEW, rule.status)
            yield finding(rule, saw, table.where, [cell for cell, _ in undone], status)
        name, conforms = claim(document, table, rule.word("scheme", "none"))
        if conforms is None:
            continue
        off = [
            cell
            for cell, value in _claimed(table, conforms)
            if value.mark is Mark.NUMBER
            and value.number is not None
            and not conforms(value.number)
            and not set(lexicon.words(table.header[cell[1]])) & EMPLOYERS
        ]
        if off:
            saw = f"Counts that are not {name}: {many(len(off), 'cell')}. A rounded twin can be made in one step."
            yield finding(rule, saw, table.where, off)


def _claimed(table: Table, conforms: Callable[[float], bool]) -> Iterator[tuple[Cell, Value]]:
    """The counts; where no column is known as one, columns of whole numbers most of which keep to the claim."""
    yield from table.counts()
    if table.columns_of(Role.COUNT):
        return
    for column in table.columns_of(Role.UNKNOWN):
        values = table.column(column)
        numbers = [value.number for value in values if value.number is not None]
        kept = sum(map(conforms, numbers))
        if len(numbers) >= _LEAST_CLAIMED and 3 * kept >= 2 * len(numbers) and all(v.is_integer for v in values):
            yield from (((row, column), value) for row, value in enumerate(values))


def claim(document: Document, table: Table, demanded: str) -> tuple[str, Callable[[float], bool] | None]:
    """What the counts of a table have to be: in words, and as a test; None where nothing is claimed."""
    scheme = document.context.rounding_scheme or ("drb" if demanded == "drb" else "")
    if scheme == "drb":
        return "rounded by the steps of the Census Disclosure Review Board", drb.conforms
    base = document.context.rounding_base
    if base >= 2:
        return f"a multiple of {base}", lambda number: number % base == 0
    words = "\n".join([document.text, table.caption, *(note for each in document.tables for note in _notes(each))])
    if scheme == "midpoint-6" or _MIDPOINT.search(words):
        return "0, 3, 9, 15 … (midpoint-6)", lambda number: number == 0 or number % 6 == 3
    if _BY_THE_BOARD.search(words):
        return "rounded by the steps of the Census Disclosure Review Board", drb.conforms
    stated = next((match for match in _STATED.finditer(words) if _is_about_counts(words, match)), None)
    if stated is None:
        return "", None
    said = _WORDS.get(stated[1].lower()) or int(stated[1])
    return f"a multiple of {said}", lambda number: number % said == 0


def _is_about_counts(words: str, match: re.Match[str]) -> bool:
    """Is the sentence about counts? "Earnings are rounded to the nearest 100 dollars" is about earnings only."""
    begin = max(words.rfind(mark, 0, match.start()) for mark in (". ", "\n", ";")) + 1
    end = min((at for mark in (". ", "\n", ";") if (at := words.find(mark, match.end())) >= 0), default=len(words))
    tokens = set(lexicon.words(words[begin:end]))
    others = tokens & (lexicon.MONEY | lexicon.MEAN | lexicon.RATE | {"means", "averages", "percentages", "medians"})
    return not others or bool(tokens & (lexicon.COUNT_STRONG | lexicon.COUNT_NOUNS | {"cells", "numbers", "all"}))


def _exact_shares(table: Table, document: Document) -> Iterator[tuple[Cell, float]]:
    """(cell, exact count) where a share of the column's total fits no rounded count but gives the count back.

    Holds for one column of rounded counts and shares that add to 100 %. The total is stated ("N = 412") or the sum.
    """
    counts, base = table.columns_of(Role.COUNT), _common_base(table)
    if len(counts) != 1 or base < 5:
        return
    rows = [row for row in range(len(table.rows)) if row not in table.total_rows]
    numbers = [table.values[row][counts[0]].number for row in rows]
    if any(number is None for number in numbers):
        return
    rounded = sum(number or 0 for number in numbers)
    stated = stated_base(table.caption) or stated_base(document.text) or stated_base(table.context.population)
    totals = {rounded, float(stated), *(table.values[row][counts[0]].number or 0 for row in table.total_rows)} - {0.0}
    for column in proportion_columns(table):
        if not is_distribution(table, column):
            continue
        scale, digits = scale_of(table, column)
        half = 0.5 * 10.0**-digits / scale
        for row, number in zip(rows, numbers, strict=True):
            share = (table.values[row][column].number or 0) / scale
            fits = any(abs((number or 0) / total - share) <= half + 1e-9 for total in totals)
            unsure = 2 * half * (stated or rounded) + (0 if stated else share * base * len(rows))
            if not fits and unsure < base / 2 and share > 0:
                yield (row, column), share * (stated or rounded)


def _common_base(table: Table) -> int:
    """10 or 5 where all counts that are shown are multiples of it, else 0."""
    numbers = [value.number for _, value in table.counts() if value.mark is Mark.NUMBER and value.number]
    return next((base for base in (10, 5) if len(numbers) > 2 and all(n % base == 0 for n in numbers)), 0)


def _notes(table: Table) -> Iterator[str]:
    """Rows that hold one long text: notes below a table."""
    for row in (table.header, *table.rows):
        filled = [text for text in row if text.strip()]
        if len(filled) == 1 and len(filled[0]) > 20:
            yield filled[0]
