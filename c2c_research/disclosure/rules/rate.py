"""Rates and percentages: the count above and the count below a rate obey the count rule where they can be derived.

A rate of a group of n printed to d digits leaves the integers k with round(k/n, d) = rate. Where all of them are 1 to
10, the numerator is given away. A small complement (n - k) is banded, and fails for high-risk groups. The base n comes
from the evidence, a count beside the rate, or a "n = 45" in header, label, caption or population.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.high_risk import is_high_risk
from c2c_research.disclosure.rules.shared import counts_institutions, finding, many, rounding_base
from c2c_research.disclosure.tables import Role, Table

RESOLVED = 4
_STATED = re.compile(r"\b[nN]\s*(?:=|:)\s*(\d[\d,]*)")
_PER = re.compile(r"per[\s_]*(1[,_]?000|10[,_]?000|100[,_]?000|1k|100k)\b")
_POPULATION = frozenset(["population", "base", "denominator", "total", "size"])
_NO_SHARE = frozenset(
    [
        "change",
        "growth",
        "ratio",
        "diff",
        "difference",
        "effect",
        "odds",
        "hazard",
        "index",
        "tax",
        "largest",
        "max",
        "leading",
        "dominant",
        "employer",
        "employers",
        "firms",
        "top",
        "top1",
        "top2",
        "biggest",
        "concentration",
    ]
)

_NO_FLAG = frozenset(
    ["r", "rho", "correlation", "corr", "alpha", "kappa", "reliability", "similarity", "distance", "probability", "q",
     "loading", "communality", "entropy", "silhouette", "auc", "precision", "recall", "propensity", "scaled", "norm"]
)  # fmt: skip


@dataclass(frozen=True)
class Share:
    """One rate cell as a share of its base. `low` and `high` bound the count above it."""

    cell: Cell
    share: float
    base: int
    low: int
    high: int

    @property
    def resolved(self) -> bool:
        return self.high - self.low + 1 <= RESOLVED


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    threshold = policy.threshold(document.context.unit)
    if threshold < 2:
        return
    for table in document.tables:
        known = list(shares(table, _stated_in(document, table)))
        yield from _numerators(table, rule, known, threshold)
        yield from _complements(table, rule, known, threshold)
        yield from _banding(table, rule, known)
        zeros = [share.cell for share in known if share.low == 0 < share.high and share.high < threshold]
        if zeros and rule.effect("rounded_zero", "advice") > Status.PASS:
            saw = f"A 0 % that rounding made, of fewer than {threshold}: {many(len(zeros), 'cell')}."
            yield finding(rule, saw, table.where, zeros, rule.effect("rounded_zero", "advice"))


def _numerators(table: Table, rule: Rule, known: list[Share], threshold: int) -> Iterator[Finding]:
    cells = [share.cell for share in known if share.resolved and share.low > 0 and share.high < threshold]
    if cells:
        saw = f"Percentages that give back a count of 1 to {threshold - 1}: {many(len(cells), 'cell')}."
        yield finding(rule, saw, table.where, cells)


def _complements(table: Table, rule: Rule, known: list[Share], threshold: int) -> Iterator[Finding]:
    """The small rest on the other side of a large share: banded in one click; high-risk groups fail."""
    cells = [
        share.cell
        for share in known
        if share.resolved and threshold <= share.high < share.base and share.base - share.low < threshold
    ]
    risky = [cell for cell in cells if is_high_risk(table, *cell)]
    if risky:
        saw = (
            f"Percentages of a high-risk group with 1 to {threshold - 1} on the other side: {many(len(risky), 'cell')}."
        )
        yield finding(rule, saw, table.where, risky, rule.effect("high_risk", "fail"))
    plain = [cell for cell in cells if cell not in risky]
    if plain:
        saw = f"Percentages with 1 to {threshold - 1} on the other side: {many(len(plain), 'cell')}."
        yield finding(rule, saw, table.where, plain, rule.effect("complement", "advice"))


def _banding(table: Table, rule: Rule, known: list[Share]) -> Iterator[Finding]:
    """Packs that top- and bottom-code percentages by the size of the group."""
    steps = sorted(rule.parameters.get("bands", []), reverse=True)
    if not steps:
        return
    hidden_below = rule.number("hidden_below", 0)
    tiny = [share.cell for share in known if share.base < hidden_below]
    if tiny:
        yield finding(
            rule, f"Percentages of groups below {hidden_below:g}: {many(len(tiny), 'cell')}.", table.where, tiny
        )
    limits = {share.cell: next((limit for size, limit in steps if share.base >= size), 0) for share in known}
    outer = [
        share.cell
        for share in known
        if share.cell not in tiny and not limits[share.cell] / 100 < share.share < 1 - limits[share.cell] / 100
    ]
    if outer:
        saw = f"Percentages near 0 or 100 that are not shown as a band: {many(len(outer), 'cell')}."
        yield finding(rule, saw, table.where, outer)


def shares(table: Table, stated: int = 0) -> Iterator[Share]:
    """Rates whose base is known. `stated`: the total that the file's prose gives to shares which add to 100 %."""
    if rounding_base(table) >= 5:
        return
    for column in proportion_columns(table):
        scale, digits = scale_of(table, column)
        epsilon = 0.5 * 10.0**-digits / scale
        for row, values in enumerate(table.values):
            value = values[column]
            base = _base(table, row, column) or (stated if is_distribution(table, column) else 0)
            if value.number is None or not base or (row in table.total_rows and is_distribution(table, column)):
                continue
            share = value.number / scale
            low = max(0, math.ceil(base * (share - epsilon) - 1e-9))
            high = min(base, math.floor(base * (share + epsilon) + 1e-9))
            if low <= high:
                yield Share((row, column), share, base, low, high)


def _stated_in(document: Document, table: Table) -> int:
    """The one "N = 84" of a file with one table of numbers."""
    others = [each for each in document.tables if each is not table and len(each.columns_of(Role.KEY)) < each.width]
    sizes = {int(found.replace(",", "")) for found in _STATED.findall(document.text)}
    return sizes.pop() if len(sizes) == 1 and not others else 0


def flag_columns(table: Table) -> list[int]:
    """Columns that hold the mean of a 0/1 variable and are called after it: fractions beside the sizes of groups.

    An index that is scaled from its least to its greatest value has one 0 and one 1, and is none.
    """
    sizes = [column for column in table.columns_of(Role.COUNT) if not table.is_total_column(column)]
    found = []
    for column in table.columns_of(Role.UNKNOWN) if sizes and table.columns_of(Role.KEY) else ():
        values = [value for value in table.column(column) if value.number is not None]
        numbers = [value.number or 0 for value in values]
        inner = [value for value in values if 0 < (value.number or 0) < 1]
        scaled = 0 in numbers and 1 in numbers
        words = set(lexicon.words(table.header[column]))
        if inner and min(numbers) >= 0 and max(numbers) <= 1 and not scaled and not words & (_NO_SHARE | _NO_FLAG):
            found.append(column)
    return found


def proportion_columns(table: Table) -> list[int]:
    """Rate columns whose numbers all lie between nothing and all; growth, ratios and indices are no proportions."""
    found = []
    for column in table.columns_of(Role.RATE, Role.MEAN):
        tokens = set(lexicon.words(table.header[column]))
        numbers = [value.number for value in table.column(column) if value.number is not None]
        if not numbers or min(numbers) < 0 or tokens & _NO_SHARE:
            continue
        if table.roles[column] is Role.MEAN:
            if max(numbers) <= 1 and tokens & lexicon.MEAN and len(numbers) > 1:
                found.append(column)
        elif max(numbers) <= (_per(table.header[column]) or 100):
            found.append(column)
    return found


def scale_of(table: Table, column: int) -> tuple[float, int]:
    """(100, digits) for percentages, (1, digits) for fractions. Digits are the most that the column shows."""
    values = [value for value in table.column(column) if value.number is not None]
    fractions = all((value.number or 0) <= 1 and not value.percent for value in values)
    tokens = set(lexicon.words(table.header[column]))
    spelled = bool(tokens & {"%", "pct", "percent", "percentage"})
    whole = all(value.decimals == 0 for value in values)
    digits = max(value.decimals for value in values)
    per = _per(table.header[column])
    if per:
        return per, digits
    return (1.0 if fractions and not (spelled and whole) else 100.0), digits


def _per(header: str) -> float:
    """1,000 for a rate "per 1,000"; 0 for percentages and fractions."""
    match = _PER.search(header.lower())
    return float(re.sub(r"[,_]", "", match[1]).replace("k", "000")) if match else 0.0


def stated_base(text: str) -> int:
    """The group's size as a text states it: "n = 45"."""
    match = _STATED.search(text)
    return int(match[1].replace(",", "")) if match else 0


def _base(table: Table, row: int, column: int) -> int:
    evidence = table.context.evidence.bases.get((row, column))
    if evidence is not None:
        return evidence
    labels = [table.rows[row][key] for key in table.columns_of(Role.KEY)]
    said = stated_base(table.header[column]) or next(filter(None, map(stated_base, labels)), 0)
    if said:
        return said
    if is_distribution(table, column):
        return _whole(table, column)
    counts = table.columns_of(Role.COUNT)
    if counts and all(counts_institutions(table, place) for place in counts):
        return 0
    values = [table.values[row][place] for place in counts]
    shown = [int(value.number or 0) for value in values if _is_shown(value)]
    if len(shown) > 1 and _is_part_of_sum(table, row, column, shown):
        return sum(shown)
    if values:
        return max(shown, default=0) if len(shown) == len(values) else 0
    populations = [
        c
        for c, name in enumerate(table.header)
        if set(lexicon.words(name)) & _POPULATION and c != column and not _are_hundred(table, c)
    ]
    if len(populations) == 1 and table.values[row][populations[0]].is_integer:
        return int(table.values[row][populations[0]].number or 0)
    return _stated_by_table(table) if len(table.rows) == 1 or _is_one_distribution(table) else 0


def _is_part_of_sum(table: Table, row: int, column: int, counts: list[int]) -> bool:
    """Is the rate one of the row's counts over the sum of them, as row percentages beside their counts are?"""
    scale, digits = scale_of(table, column)
    share, total = (table.values[row][column].number or 0) / scale, sum(counts)
    return max(counts) * 2 != total and any(
        abs(count / total - share) <= 0.5 * 10.0**-digits / scale + 1e-9 for count in counts
    )


def _are_hundred(table: Table, column: int) -> bool:
    """The totals of percentages, 100 in every row, are nobody's number."""
    return {value.number for value in table.column(column) if value.number is not None} <= {100.0}


def _is_one_distribution(table: Table) -> bool:
    """Do the shares of the whole table add to 100 %, as `normalize=True` makes them?"""
    columns = [column for column in proportion_columns(table) if not table.is_total_column(column)]
    scales = {scale_of(table, column)[0] for column in columns}
    cells = [
        table.values[row][column].number or 0
        for row in range(len(table.rows))
        if row not in table.total_rows
        for column in columns
    ]
    return len(scales) == 1 and len(cells) > 1 and abs(sum(cells) - min(scales)) <= 0.005 * min(scales)


def _whole(table: Table, column: int) -> int:
    """Shares that add to 100 % down a column rest on the column's total: printed in a total row, or stated."""
    numbers = [
        int(table.values[row][place].number or 0)
        for row in table.total_rows
        for place in table.columns_of(Role.COUNT)
        if _is_shown(table.values[row][place])
    ]
    if numbers:
        return max(numbers)
    counts = table.columns_of(Role.COUNT)
    if len(counts) == 1 and column == counts[0] + 1:
        return sum(int(value.number or 0) for value in table.column(counts[0]) if _is_shown(value))
    return _stated_by_table(table)


def _stated_by_table(table: Table) -> int:
    return stated_base(table.caption) or stated_base(table.context.population)


def _is_shown(value: Value) -> bool:
    return value.mark is Mark.NUMBER and value.number is not None and value.number > 0


def is_distribution(table: Table, column: int) -> bool:
    """Shares of a column that add to 100 %: their base is the column's total, not the row's count."""
    scale, digits = scale_of(table, column)
    numbers = [value.number for row, value in enumerate(table.column(column)) if row not in table.total_rows]
    shown = [number for number in numbers if number is not None]
    slack = len(shown) * 0.5 * 10.0**-digits + 1e-9
    return len(shown) > 1 and abs(sum(shown) - scale) <= slack
