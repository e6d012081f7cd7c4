"""Dominance: one or two contributors make up nearly all of a magnitude. (n,k) and p % rules.

A cell passes first by proof from public facts: with a top-code T, n contributors and a mean, at most 2T of n·mean can
belong to two of them; with a standard deviation, the sum of squared shares h bounds the largest share between h and √h.
Else its evidence decides, or what the table itself prints: a share of the largest, or the largest two beside the total.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.context import Contribution
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.min_cell import EMPLOYERS
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Role, Table

_FIRST = re.compile(
    r"^(?:top|max|largest|biggest)[ _]?(?:1|one)?$|\btop ?1\b|\blargest\b|\bbiggest\b|\bdominant\b"
    r"|\b(?:top|leading|main) (?:employer|firm|establishment|company|business|contributor|payer)\b"
)
_LEADS = frozenset(["max", "maximum", "top", "leading", "main", "highest", "cr1", "c1"])
_SECOND = re.compile(r"\btop ?2\b|\bsecond(?:[ _]largest)?\b|\b2nd\b")
_BOTH = re.compile(r"\b(?:top|largest) ?(?:2|two)\b")
_SAID = re.compile(
    r"\b(?:one|a single|the largest|the biggest|its largest|two)\s+"
    r"(?:employers?|firms?|contributors?|persons?|compan\w+)"
    r"[^.\n]{0,60}?\b(\d{2,3}(?:\.\d+)?)\s?(?:%|percent)", re.IGNORECASE
)  # fmt: skip
_SAID_LAST = re.compile(
    r"\b(\d{2,3}(?:\.\d+)?)\s?(?:%|percent)\s+of\s+(?:the|all|its|their)\b[^.\n]{0,60}?"
    r"\b(?:by|from|with|at|to)\s+(?:only |just )?(?:one|a single|the largest|the biggest|its largest|two)\s+"
    r"(?:employers?|firms?|contributors?|compan\w+)", re.IGNORECASE
)  # fmt: skip
# "The largest mill alone accounted for 91 percent of that sum": other contributors, where the sentence is about money
_OF_MONEY = re.compile(
    r"\b(?:one|a single|the (?:single )?(?:largest|biggest|top|leading|dominant)|its (?:largest|biggest)|two)\s+"
    r"(?:[a-z-]+\s+)?(?:mills?|plants?|factor(?:y|ies)|hospitals?|clinics?|farms?|growers?|winer(?:y|ies)|stores?"
    r"|retailers?|banks?|manufacturers?|contractors?|distributors?|warehouses?|business(?:es)?|establishments?"
    r"|enterprises?|corporations?|operators?|owners?|earners?|workers?|households?|payers?|donors?)\b"
    r"[^.\n]{0,60}?\b(\d{2,3}(?:\.\d+)?)\s?(?:%|percent|per cent)\s+of\s+[^.\n]{0,40}?"
    r"\b(?:wages?|wage bill|payroll|pay|earnings|income|sales|revenues?|turnover|sum|total|amount|value|profits?)\b",
    re.IGNORECASE,
)


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    for table in document.tables:
        by_evidence = {item.cell for item in table.context.evidence.contributions}
        cells = [
            item.cell
            for item in table.context.evidence.contributions
            if _is_shown(table, item.cell) and breaks(table, item, rule) and not proven_by_top_code(table, item, rule)
        ]
        cells += [*_printed_shares(table, rule), *_printed_parts(table, rule)]
        spread, unsure = _by_spread(table, rule)
        cells += [cell for cell in spread if cell not in by_evidence]
        if cells:
            saw = f"Values that one or two contributors dominate: {many(len(set(cells)), 'cell')}."
            yield finding(rule, saw, table.where, cells)
        unsure = [cell for cell in unsure if cell not in by_evidence and cell not in cells]
        unsure += [cell for cell in _few_employers(table, rule) if cell not in by_evidence]
        if unsure:
            saw = f"Values of few contributors, of whom one could dominate: {many(len(unsure), 'cell')}. "
            saw += "Say the largest two in the evidence, or a top-code in the sidecar."
            yield finding(rule, saw, table.where, unsure, min(Status.REVIEW, rule.status))
    said = [float(share) for pattern in (_SAID, _SAID_LAST, _OF_MONEY) for share in pattern.findall(document.text)]
    if any(share >= 100 * min(rule.number("employers_k", 0.8), rule.number("k", 0.9)) for share in said):
        yield finding(rule, "The text says that one or two contributors make up nearly all of a value.")


def breaks(table: Table, item: Contribution, rule: Rule) -> bool:
    """Is a value dominated under any of the rule's tests, those for employers included?"""
    of_employers = table.context.unit == "employers"
    return dominated(item, rule) or (of_employers and item.largest >= rule.number("employers_k", 0.8) * item.total > 0)


def dominated(item: Contribution, rule: Rule) -> bool:
    """(n,k): the top n hold more than k of the total. p %: the rest is less than p % of the largest."""
    if item.total <= 0 or item.largest <= 0:
        return False
    many_of = rule.number("n", 2)
    top = item.largest + (item.second if many_of >= 2 else 0)
    rest = item.total - item.largest - item.second
    by_share = many_of > 0 and top > rule.number("k", 0.9) * item.total
    # sums of floats differ in their last digits, by more than a contributor of nothing
    return by_share or rest < rule.number("p", 10) / 100 * item.largest - 1e-9 * item.total


def proven_by_top_code(table: Table, item: Contribution, rule: Rule) -> bool:
    """No two contributors can dominate when each holds at most the top-code."""
    top, share = table.context.top_code, rule.number("p", 10) / 100
    return top > 0 and 2 * top <= rule.number("k", 0.9) * item.total and item.total - 2 * top >= share * top


def _is_shown(table: Table, cell: Cell) -> bool:
    row, column = cell
    return row < len(table.rows) and column < table.width and table.values[row][column].mark is Mark.NUMBER


def _printed_shares(table: Table, rule: Rule) -> Iterator[Cell]:
    """A column that says which share the largest contributor holds, or the largest two."""
    for column, name in enumerate(table.header):
        tokens = set(lexicon.words(name))
        words = " ".join(lexicon.words(name))
        if not tokens & (lexicon.RATE | {"dominance", "concentration"}) or not (
            _FIRST.search(words) or _BOTH.search(words) or (tokens & _LEADS and _is_of_employers(table))
        ):
            continue
        limit = (
            rule.number("k", 0.9)
            if _BOTH.search(words)
            else min(rule.number("employers_k", 0.8), rule.number("k", 0.9))
        )
        numbers = [value.number or 0 for value in table.column(column)]
        scale = 100 if max(numbers, default=0) > 1 or any(v.percent for v in table.column(column)) else 1
        yield from ((row, column) for row, number in enumerate(numbers) if number >= limit * scale)


def _is_of_employers(table: Table) -> bool:
    """Is the table about what employers pay, so that "max share" is the largest employer's?"""
    said = {word for name in (*table.header, table.caption) for word in lexicon.words(name)}
    return table.context.unit == "employers" or bool(said & (EMPLOYERS | {"payroll", "employer"}))


def _printed_parts(table: Table, rule: Rule) -> Iterator[Cell]:
    """The largest (and second) contribution printed beside a total."""
    firsts = [c for c in range(table.width) if _names_part(table, c, _FIRST) and not _names_part(table, c, _SECOND)]
    totals = [c for c in table.columns_of(Role.MAGNITUDE, Role.UNKNOWN) if _is_sum(table, c) and c not in firsts]
    if len(firsts) != 1 or len(totals) != 1:
        return
    seconds = [c for c in range(table.width) if _names_part(table, c, _SECOND)]
    for row, values in enumerate(table.values):
        numbers = [values[c].number for c in (totals[0], firsts[0], *seconds[:1])]
        if any(number is None for number in numbers):
            continue
        total, first, *second = (float(number or 0) for number in numbers)
        if dominated(Contribution((row, totals[0]), total, first, second[0] if second else 0.0), rule):
            yield row, totals[0]


def _names_part(table: Table, column: int, pattern: re.Pattern[str]) -> bool:
    tokens = lexicon.words(table.header[column])
    return bool(pattern.search(" ".join(tokens))) and not set(tokens) & lexicon.RATE


def _is_sum(table: Table, column: int) -> bool:
    tokens = set(lexicon.words(table.header[column]))
    return bool(tokens & {"total", "sum", "value", "payroll"} or tokens & lexicon.MONEY) and not tokens & lexicon.MEAN


def _by_spread(table: Table, rule: Rule) -> tuple[list[Cell], list[Cell]]:
    """(cells that n, mean and standard deviation prove dominated, cells that they leave open)."""
    counts, means = table.columns_of(Role.COUNT), table.columns_of(Role.MEAN)
    spreads = [c for c in table.columns_of(Role.STATISTIC) if set(lexicon.words(table.header[c])) & {"std", "sd"}]
    proven: list[Cell] = []
    unsure: list[Cell] = []
    if len(counts) != 1 or len(means) != 1 or len(spreads) != 1:
        return proven, unsure
    limit, share = rule.number("k", 0.9), rule.number("p", 10) / 100
    for row, values in enumerate(table.values):
        squared = sum_of_squared_shares(values[counts[0]], values[means[0]], values[spreads[0]])
        if squared is None:
            continue
        if squared >= limit:
            proven.append((row, means[0]))
        elif math.sqrt(2 * squared) > limit or 1 - math.sqrt(2 * squared) < share * math.sqrt(squared):
            unsure.append((row, means[0]))
    return proven, unsure


def sum_of_squared_shares(count: Value, mean: Value, spread: Value) -> float | None:
    """Σ(x/total)² from n, mean and standard deviation; None where one is missing. Holds for values of one sign."""
    if count.number is None or mean.number is None or spread.number is None or count.number < 1 or mean.number <= 0:
        return None
    n, variation = count.number, (spread.number / mean.number) ** 2
    return min(1.0, ((n - 1) * variation + n) / (n * n))


def _few_employers(table: Table, rule: Rule) -> Iterator[Cell]:
    """Sums of few employers of which nothing says that none dominates."""
    least = rule.number("ask_below", 0)
    columns = [c for c, name in enumerate(table.header) if set(lexicon.words(name)) & EMPLOYERS]
    sums = [c for c in table.columns_of(Role.MAGNITUDE) if _is_sum(table, c)]
    if not sums or not columns or any(_FIRST.search(" ".join(lexicon.words(name))) for name in table.header):
        return
    for row, values in enumerate(table.values):
        number = values[columns[0]].number
        if number is not None and 3 <= number < least:
            yield from ((row, column) for column in sums if values[column].mark is Mark.NUMBER)
