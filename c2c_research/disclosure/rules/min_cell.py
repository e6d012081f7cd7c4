"""Minimum cell count: no shown count of 1 to (threshold - 1) distinct units; none behind any shown statistic either.

Columns that count employers have their own threshold. A pack for public tables may score the table instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.prose import clear_counts_in, small_counts_in
from c2c_research.disclosure.roles import likely_counts
from c2c_research.disclosure.rules.high_risk import is_high_risk
from c2c_research.disclosure.rules.publication import score
from c2c_research.disclosure.rules.shared import counts_institutions, finding, many, rounding_base
from c2c_research.disclosure.tables import Role, Table

EMPLOYERS = frozenset(
    ["employers", "employer", "firms", "establishments", "businesses", "companies", "worksites", "estabs", "empresas",
     "empleadores"]
)  # fmt: skip
_CUMULATIVE = frozenset(["cumulative", "cum", "cumul", "running", "accumulated"])
_NO_NAMES = ("", "value", "values", "0", "number", "y")
_OF_MODELS = frozenset(
    [
        "groups",
        "clusters",
        "iterations",
        "iteration",
        "df",
        "dof",
        "parameters",
        "covariates",
        "lags",
        "folds",
        "depth",
        "width",
        "height",
        "dpi",
        "size",
        "font",
        "margin",
    ]
)


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    unit = document.context.unit
    threshold = policy.threshold(unit)
    for table in document.tables:
        if unit != "employers":
            yield from _employers(table, rule, policy.threshold("employers"))
        if threshold < 2:
            continue
        shown = small_counts(table, threshold)
        noun = {"employers": "employer"}.get(unit, "person")
        if rule.word("method", "threshold") == "publication_score" and unit != "employers":
            yield from _scored(table, rule, shown, threshold)
        else:
            yield from _plain(table, rule, shown, threshold, noun)
        yield from _likely(table, rule, threshold, noun)
        yield from _labelled(table, rule, threshold, noun)
        yield from _steps(table, rule, threshold, noun)
    if unit != "employers" and threshold >= 2:
        yield from _sentences(document.text, rule, threshold)


def _sentences(text: str, rule: Rule, threshold: int) -> Iterator[Finding]:
    clear, possible = clear_counts_in(text, threshold), small_counts_in(text, threshold)
    if clear or possible:
        status = rule.status if clear else min(Status.REVIEW, rule.status)
        yield finding(rule, f"Small counts of persons in {many(clear or possible, 'sentence')}.", status=status)


def _likely(table: Table, rule: Rule, threshold: int, noun: str) -> Iterator[Finding]:
    likely = [
        (row, column)
        for column in likely_counts(table)
        if not _counts_employers(table, column) and not counts_institutions(table, column)
        for row, value in enumerate(table.column(column))
        if value.number is not None and 0 < value.number < threshold and not _counts_things(table, row)
    ]
    if likely:
        saw = f"Small whole numbers that may be counts of {noun}s: {many(len(likely), 'cell')}."
        sure = all(_is_part(table, column) or _is_outcome(table, column) for _, column in likely)
        yield finding(rule, saw, table.where, likely, rule.status if sure else Status.REVIEW)


def _steps(table: Table, rule: Rule, threshold: int, noun: str) -> Iterator[Finding]:
    """Steps of a cumulative count: each is the count of those who came in between."""
    small: list[Cell] = []
    for column in (*table.columns_of(Role.COUNT), *table.columns_of(Role.UNKNOWN)):
        values = table.column(column)
        if not set(lexicon.words(table.header[column])) & _CUMULATIVE or not all(value.is_integer for value in values):
            continue
        steps = [(row, (b.number or 0) - (a.number or 0)) for row, (a, b) in enumerate(pairwise(values), start=1)]
        if all(step >= 0 for _, step in steps):
            small.extend((row, column) for row, step in steps if 0 < step < threshold)
    if small:
        saw = f"Steps of a cumulative count of 1 to {threshold - 1} {noun}s: {many(len(small), 'cell')}."
        yield finding(rule, saw, table.where, small)


def _labelled(table: Table, rule: Rule, threshold: int, noun: str) -> Iterator[Finding]:
    """Pairs of a label and a number whose labels count persons ("Homeless students, Oak High": 3)."""
    keys, values = table.columns_of(Role.KEY), table.columns_of(Role.UNKNOWN)
    if not keys or len(values) != 1 or table.columns_of(Role.COUNT) or table.header[values[0]].lower() not in _NO_NAMES:
        return
    counted = [row for row in range(len(table.rows)) if any(_names_persons(table.rows[row][key]) for key in keys)]
    small = [
        (row, values[0])
        for row in counted
        if (value := table.values[row][values[0]]).is_integer and 0 < (value.number or 0) < threshold
    ]
    if small and 2 * len(counted) >= len(table.rows):
        yield finding(rule, f"Counts of 1 to {threshold - 1} {noun}s: {many(len(small), 'cell')}.", table.where, small)


def _names_persons(label: str) -> bool:
    """Does a label say a number of persons, and no rate, mean, amount or number of something else?"""
    tokens = lexicon.words(label)
    other = lexicon.RATE | lexicon.MEAN | lexicon.MONEY | lexicon.THINGS | lexicon.STATISTIC | {"per", "id"}
    return bool(set(tokens[:4]) & lexicon.PERSON_COUNTS) and not set(tokens) & (
        other - {"f", "t", "p", "z", "high", "low", "level"}
    )


def _counts_things(table: Table, row: int) -> bool:
    """Does a row's label count something else: the groups, iterations or parameters of a model?"""
    label = {word for key in table.columns_of(Role.KEY)[:1] for word in lexicon.words(table.rows[row][key])}
    return bool(label & (lexicon.THINGS | _OF_MODELS)) and not label & lexicon.PERSON_COUNTS


def _is_outcome(table: Table, column: int) -> bool:
    """Is the column called after what some of the row's persons did ("Expelled"), and never above their count?"""
    tokens = lexicon.words(table.header[column])
    counts = table.columns_of(Role.COUNT)
    pairs = [(row[column].number or 0, max((row[c].number or 0 for c in counts), default=0)) for row in table.values]
    return bool(tokens) and tokens[-1].endswith("ed") and bool(counts) and all(part <= whole for part, whole in pairs)


def _is_part(table: Table, column: int) -> bool:
    """Is the column a part of the row's persons? Its numbers are spread, and below the row's count in every row.

    Whole percentages and scores are no parts: another column without a known name has to exceed 100.
    """
    counts, unknown = table.columns_of(Role.COUNT), table.columns_of(Role.UNKNOWN)
    numbers = [value.number for value in table.column(column)]
    rows = [(number, values) for number, values in zip(numbers, table.values, strict=True) if number is not None]
    others = [values[place].number or 0 for place in unknown for values in table.values]
    below = all(number <= max((values[c].number or 0 for c in counts), default=0) for number, values in rows)
    return bool(counts) and len(rows) > 2 and below and len(unknown) > 1 and max(others) > 100


def _plain(table: Table, rule: Rule, shown: list[Cell], threshold: int, noun: str) -> Iterator[Finding]:
    if shown:
        saw = f"Counts of 1 to {threshold - 1} {noun}s: {many(len(shown), 'cell')}."
        yield finding(rule, saw, table.where, shown)
    behind = [cell for cell in small_evidence(table, threshold) if cell not in shown]
    if behind:
        saw = f"Values that rest on 1 to {threshold - 1} {noun}s: {many(len(behind), 'cell')}."
        yield finding(rule, saw, table.where, behind)


def small_counts(table: Table, threshold: int) -> list[Cell]:
    """Counts that are shown and too small. Counts rounded to 5 or more leave at least five feasible values."""
    if rounding_base(table) >= 5:
        return []
    return [
        cell
        for cell, value in table.counts()
        if value.number is not None
        and 0 < value.number < threshold
        and not _counts_employers(table, cell[1])
        and not counts_institutions(table, cell[1])
    ]


def small_evidence(table: Table, threshold: int) -> list[Cell]:
    """Shown cells whose evidence names too few distinct units (60 wage rows of 2 persons; a mean of one value)."""
    if rounding_base(table) >= 5:
        return []
    found = []
    for (row, column), units in table.context.evidence.counts.items():
        inside = row < len(table.rows) and column < table.width
        if inside and 0 < units < threshold and table.values[row][column].mark is Mark.NUMBER:
            found.append((row, column))
    return found


def _counts_employers(table: Table, column: int) -> bool:
    tokens = set(lexicon.words(table.header[column]))
    return bool(tokens & EMPLOYERS) and not tokens & (lexicon.RATE | lexicon.MEAN | lexicon.MONEY | {"size", "workers"})


def _employers(table: Table, rule: Rule, threshold: int) -> Iterator[Finding]:
    """Columns that count employers, whatever the table's unit is."""
    columns = [
        column
        for column in range(table.width)
        if _counts_employers(table, column) and table.roles[column] not in (Role.IDENTIFIER, Role.RATE)
    ]
    small = [
        (row, column)
        for column in columns
        for row, value in enumerate(table.column(column))
        if value.is_integer and 0 < (value.number or 0) < threshold
    ]
    if small:
        saw = f"Values that rest on 1 to {threshold - 1} employers: {many(len(small), 'cell')}."
        yield finding(rule, saw, table.where, small)


def _scored(table: Table, rule: Rule, shown: list[Cell], threshold: int) -> Iterator[Finding]:
    """Counts below the threshold where the publication score is above its limit, or cannot be computed."""
    risky = [cell for cell in shown if is_high_risk(table, *cell)]
    if risky:
        saw = f"Counts of 1 to {threshold - 1} of a high-risk group: {many(len(risky), 'cell')}."
        yield finding(rule, saw, table.where, risky)
    said = table.context.publication
    counts = [int(value.number) for _, value in table.counts() if value.number]
    if not counts or (min(counts) >= threshold and said.denominator >= rule.number("denominator", 20_000)):
        return
    rest = [cell for cell in shown if cell not in risky]
    if said.missing:
        fields = ", ".join(said.missing)
        saw = f"The publication score cannot be computed: the sidecar's `publication:` does not say {fields}."
        yield finding(rule, saw, table.where, rest, rule.status if rest else Status.REVIEW)
        return
    total = score(min(counts), said)
    if total > rule.number("score", 12) and rest:
        saw = f"Counts of 1 to {threshold - 1} in a table of publication score {total}: {many(len(rest), 'cell')}."
        yield finding(rule, saw, table.where, rest)
