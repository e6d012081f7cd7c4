"""Order statistics: an exact minimum or maximum is a person's value; a quantile needs persons on its short side.

A quantile q of n persons passes where n·min(q, 1−q) is at least the threshold and it is rounded to three significant
digits, or where it is the mean of neighbouring percentiles. Scales, top-codes, limits, calendar values and extremes of
group statistics are no person's value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.rate import stated_base
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.tables import Role, Table

_NAMED = {"median": 0.5, "q1": 0.25, "q2": 0.5, "q3": 0.75}
_PERCENTILE = re.compile(r"^(?:p|pct|percentile)_?(\d{1,2})$|^(\d{1,2})(?:%|th|st|nd|rd)$")
# the last three are a box plot's ends and outliers
_MORE_EXTREMES = frozenset(["oldest", "youngest", "longest", "shortest", "whislo", "whishi", "fliers"])
_NO_PERSON = frozenset(
    ["year", "date", "grade", "term", "quarter", "cohort", "month", "possible", "allowed", "limit", "cap", "capacity",
     "bound", "bin", "iter", "iterations", "scale", "cell", "eligible", "required", "leverage", "likelihood",
     "theoretical", "threshold"]
)  # fmt: skip
_OF_A_RULE = frozenset(
    ["law", "rule", "rules", "legal", "statutory", "statute", "regulation", "policy", "permitted", "entitlement",
     "schedule", "ceiling", "payable", "allowable", "authorized", "published", "parameter", "hyperparameter",
     "setting", "option"]
)  # fmt: skip
_SETTINGS = frozenset(["param", "params", "parameter", "parameters", "hyperparameter", "hyperparameters", "config",
                       "settings", "options", "kwargs"])  # fmt: skip
# a list of variables tells the ends of their scales
_OF_A_DICTIONARY = frozenset(["type", "dtype", "format", "label", "description"])
_GRANTED = frozenset(["award", "awards", "grant", "benefit", "benefits", "aid", "units", "credits", "fee", "fees",
                      "tuition", "years", "terms", "subsidy", "voucher"])  # fmt: skip
_SPAN = re.compile(r"^\$?(\d[\d,]*(?:\.\d+)?)\s*(?:[-–—]|to)\s*\$?(\d[\d,]*(?:\.\d+)?)$")
_NO_SPAN = frozenset(
    ["interquartile", "iqr", "ci", "confidence", "conf", "interval", "percentile", "percentiles", "possible", "scale",
     "allowed", "theoretical", "eligible", "group", "band", "bracket", "category", "class", "bin", "years", "dates",
     "grades", "reference", "p5", "p10", "p25", "credible"]
)  # fmt: skip
_NEIGHBOURS = frozenset(["fuzzy", "smoothed", "pseudo", "neighbours", "neighbors", "binned", "dp"])
_RANGED = re.compile(
    r"(?P<before>(?:\w+\W+){0,3}?)\b(?P<what>wages?|earnings|salar(?:y|ies)|incomes?|ages?|gpas?)\s+(?:\w+\s+){0,3}?"
    r"rang(?:ed|es|ing|e)\s+(?:was\s+|is\s+|between\s+)?(?:from\s+)?\$?(?P<low>\d[\d,]*(?:\.\d+)?)"
    r"\s*(?:to|and|-|–|—)\s*\$?(?P<high>\d[\d,]*(?:\.\d+)?)(?!\s?(?:%|percent))", re.IGNORECASE
)  # fmt: skip
_GROUPED = re.compile(r"\b(?:mean|average|median|typical|percentile|eligible|expected|group)\b", re.IGNORECASE)
_SUMMARISED = re.compile(r"\b(?:mean|average|median|typical|percentile|expected)\b", re.IGNORECASE)
_ELDEST = re.compile(
    r"\b(?:oldest|youngest)\s+(?:\w+\s+){1,2}?(?:was|is|were|aged?)\s+(?:aged?\s+)?\d{1,3}\b", re.IGNORECASE
)
_EXACT_DIGITS = 3
_LONGEST_DESCRIPTION = 40
_NAMELESS = re.compile(r"<\s*(?:lambda\w*|function\b[^>]*)\s*>|(?:^|[|_ ])lambda(?:_\d+)?$", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:max(?:imum)?|min(?:imum)?|highest|lowest|largest|smallest)\s+(?:\w+\s+){0,2}?"
    r"(?:wages?|earnings?|salary|income|gpa|score|age|value|amount)\s*"
    r"(?:(?:in|of|for|among|at|within)\s+(?:\w+\s+){1,5}?(?:was|is)|was|is|of|=|:)\s*\$?\d", re.IGNORECASE
)  # fmt: skip


# sentences and codebooks that tell both ends of a measure (Stata: `range: [1204.17,412318.22]`)
# what SAS's UNIVARIATE and R's descriptions head their lists of single values with
_EXTREME_ROWS = re.compile(
    r"\bextreme (?:observations|values)\b.*\n(?:.*\n)?.*\b(?:lowest|highest|value)\b", re.IGNORECASE
)
_ENDS = re.compile(
    r"\b(?:highest|lowest|maximum|minimum)\s+(?:was|is|of|at)\s+\$\d[\d,]{3,}|\btopped out at\s+\$?\d[\d,]{3,}"
    r"|\b(?:wages?|earnings|incomes?|salar(?:y|ies)|ages?|gpas?|scores?)\b[^.\n]{0,20}\bmin(?:imum)?\W{1,3}\$?\d[\d,.]*"
    r"[^\n]{0,60}\bmax(?:imum)?\W{1,3}\$?\d"
    r"|\brange:?\s*\[\s*-?\d+\.\d+\s*,\s*-?\d+\.\d+\s*\]", re.IGNORECASE
)  # fmt: skip
_EARNER = re.compile(
    r"\b(?:highest|lowest|top|best|worst)[- ](?:earner|earning|paid)\w*\b"
    r"(?!\s+(?:quarter|group|decile|district|count|occupation|sector|industr|major|field|program))"
    r"[^.\n]{0,60}?\$?\d[\d,]{3,}", re.IGNORECASE
)  # fmt: skip


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    if document.context.unit in ("schools",):
        return
    least = int(rule.number("persons", 11))
    digits = int(rule.number("digits", 3))
    for table in document.tables:
        extremes = [*_extreme_columns(table), *_extreme_rows(table), *_declared_extremes(table), *_spans(table)]
        extremes = extremes or list(_listed_extremes(table))
        extremes = [] if extremes and _holds_rules(table) else extremes
        if extremes:
            yield finding(rule, f"Minima and maxima: {many(len(extremes), 'cell')}.", table.where, extremes)
        nameless = list(_nameless_aggregates(table))
        if nameless:
            precise = any(_is_exact(_value(table, cell), digits or _EXACT_DIGITS) for cell in nameless)
            saw = f"Values of a function without a name, which may be one person's: {many(len(nameless), 'cell')}."
            status = rule.status if precise else min(Status.REVIEW, rule.status)
            yield finding(rule, f"{saw} Give the function a name.", table.where, nameless, status)
        quantiles = list(_quantiles(table))
        thin = [cell for cell, share, base in quantiles if base and _short_side(base, share) < least]
        if thin:
            saw = f"Percentiles with fewer than {least} persons on one side: {many(len(thin), 'cell')}."
            yield finding(rule, saw, table.where, thin)
        exact = [cell for cell, _, _ in quantiles if cell not in thin and _is_exact(_value(table, cell), digits)]
        effect = rule.effect("exact", "fail")
        if exact and digits and effect > Status.PASS:
            saw = f"Percentiles with more than {digits} significant digits: {many(len(exact), 'cell')}."
            yield finding(rule, saw, table.where, exact, effect)
    if _EXTREME_ROWS.search(document.text):
        yield finding(rule, "Extreme observations are listed.")
    told = _tells_an_extreme(document.text) or any(
        pattern.search(document.text) for pattern in (_EARNER, _ENDS, _ELDEST)
    )
    if told or _tells_a_range(document.text):
        yield finding(rule, "The text tells a minimum or maximum.")


def _short_side(base: float, share: float) -> float:
    """Persons on the shorter side of a percentile, free of the last digits of floating numbers: 10 % of 110 are 11."""
    return round(base * min(share, 1 - share), 6)


def _tells_an_extreme(text: str) -> bool:
    """Does a sentence tell a person's highest or lowest value? The minimum wage, or the highest mean, is nobody's."""
    return any(
        not _SUMMARISED.search(match[0])
        and not set(lexicon.words(match[0])) & (_OF_A_RULE | _NO_PERSON)
        and not re.match(r"min(?:imum)?\s+wage\b", match[0], re.IGNORECASE)
        for match in _SAID.finditer(text)
    )


def _tells_a_range(text: str) -> bool:
    """Does a sentence say from where to where persons' values range? Rounded limits, ranges of means do not count."""
    for match in _RANGED.finditer(text):
        if _GROUPED.search(match["before"]) or _GROUPED.search(match[0][: match.start("low") - match.start()]):
            continue
        ends = [match[name].rstrip(",").replace(",", "") for name in ("low", "high")]
        ages = match["what"].lower().startswith("age")
        exact = any(len(end.replace(".", "").strip("0")) >= _EXACT_DIGITS for end in ends)
        if exact or "." in "".join(ends) or (ages and float(ends[1]) >= 30):
            return True
    return False


def _nameless_aggregates(table: Table) -> Iterator[Cell]:
    """Columns called `<lambda>` or `<lambda_0>`: pandas' name for an aggregate that nobody named."""
    for column in range(table.width):
        numbers = [(row, value.number) for row, value in enumerate(table.column(column)) if value.number is not None]
        if _NAMELESS.search(table.header[column]) and max((number or 0 for _, number in numbers), default=0) > 1:
            yield from ((row, column) for row, _ in numbers)


def _spans(table: Table) -> Iterator[Cell]:
    """A column "Range" of "17–64": the smallest and the largest value. Classes of values do not overlap; ranges do."""
    for column in range(1, table.width):
        tokens = set(lexicon.words(table.header[column]))
        if not tokens & {"range", "rango", "span"} and not {"min", "max"} <= tokens:
            continue
        if tokens & (_NO_SPAN | _NO_PERSON | lexicon.RATE | lexicon.MEAN) or not table.columns_of(
            Role.COUNT, Role.MEAN
        ):
            continue
        found = [(row, match) for row, texts in enumerate(table.rows) if (match := _SPAN.match(texts[column].strip()))]
        ends = [tuple(float(end.replace(",", "")) for end in match.groups()) for _, match in found]
        years = all(1900 <= end <= 2100 for pair in ends for end in pair)
        classes = len(ends) > 1 and all(b[0] >= a[1] for a, b in pairwise(sorted(ends)))
        if found and not years and not classes:
            yield from ((row, column) for row, _ in found)


def _holds_rules(table: Table) -> bool:
    """Does the table list what law or a programme allows? It says so, or grants whole amounts without any statistic."""
    named = [set(lexicon.words(text)) for text in (table.caption, table.where, *table.header)]
    if any(tokens & _SETTINGS for tokens in named):
        return True
    if table.columns_of(Role.COUNT, Role.MEAN):
        return False
    if any(tokens & _OF_A_RULE for tokens in named):
        return True
    columns = [c for c in range(table.width) if table.roles[c] is Role.EXTREME]
    if any(tokens & _OF_A_DICTIONARY for tokens in named[2:]) and not any(
        _is_exact(value, 1) for c in columns for value in table.column(c)
    ):
        return True
    granted = all(set(lexicon.words(table.header[c])) & _GRANTED for c in columns)
    numbers = [value for c in columns for value in table.column(c) if value.number is not None]
    return bool(columns) and granted and all(value.is_integer for value in numbers)


def _value(table: Table, cell: Cell) -> Value:
    return table.values[cell[0]][cell[1]]


def _is_exact(value: Value, digits: int) -> bool:
    """Does it show more significant digits than a rounded one has?"""
    if value.number is None or value.number == 0:
        return False
    return abs(float(f"{value.number:.{digits - 1}e}") - value.number) > 1e-9 * abs(value.number)


def _extreme_columns(table: Table) -> Iterator[Cell]:
    for column in range(table.width):
        tokens = set(lexicon.words(table.header[column]))
        named = table.roles[column] is Role.EXTREME or (table.roles[column] is not Role.KEY and tokens & _MORE_EXTREMES)
        if not named or tokens & (
            _NO_PERSON | lexicon.RATE | lexicon.MEAN | lexicon.COUNT_STRONG | {"sd", "std", "se"}
        ):
            continue
        shown = [(row, value) for row, value in enumerate(table.column(column)) if value.mark is Mark.NUMBER]
        # the same bound in every row is a scale's end or a top-code, not a person's value
        if len(shown) > 2 and len({value.number for _, value in shown}) == 1:
            continue
        if table.context.top_code and all(value.number == table.context.top_code for _, value in shown):
            continue
        yield from ((row, column) for row, _ in shown)


def _extreme_rows(table: Table) -> Iterator[Cell]:
    """The rows `min` and `max` of a description of variables."""
    keys = table.columns_of(Role.KEY)
    for row, texts in enumerate(table.rows):
        tokens = {word for key in keys for word in lexicon.words(texts[key])}
        if (
            tokens & (lexicon.EXTREME | _MORE_EXTREMES)
            and len(tokens) <= 3
            and not tokens & (_NO_PERSON | lexicon.RATE)
        ):
            for column, value in enumerate(table.values[row]):
                if column not in keys and value.mark is Mark.NUMBER and table.roles[column] is not Role.COUNT:
                    yield row, column


def _listed_extremes(table: Table) -> Iterator[Cell]:
    """Cells that say "Smallest" and "Largest" head the single values that Stata's `summarize, detail` lists."""
    lines = [table.header, *table.rows[:_LONGEST_DESCRIPTION]]
    said = {lexicon.words(text.rpartition("|")[2]) for line in lines for text in line if len(text) < 40}
    if {("smallest",), ("largest",)} & said and {("percentiles",), ("variance",)} & said:
        for row, values in enumerate(table.values):
            yield from ((row, column) for column, value in enumerate(values) if value.decimals > 0)


def _declared_extremes(table: Table) -> Iterator[Cell]:
    """All values of a table whose sidecar says that they are extremes."""
    if set(lexicon.words(table.context.statistic)) & lexicon.EXTREME:
        for column in table.columns_of(Role.UNKNOWN, Role.MAGNITUDE, Role.STATISTIC):
            yield from ((row, column) for row, value in enumerate(table.column(column)) if value.mark is Mark.NUMBER)


def _quantiles(table: Table) -> Iterator[tuple[Cell, float, float]]:
    """(cell, quantile, number of persons or 0) of all shown percentiles, in columns and in a description's rows."""
    keys = table.columns_of(Role.KEY)
    for column in table.columns_of(Role.STATISTIC, Role.MAGNITUDE, Role.UNKNOWN):
        share = quantile_of(table.header[column])
        share = quantile_of(table.context.statistic) if share is None else share
        for row, value in enumerate(table.column(column)):
            if share is not None and value.mark is Mark.NUMBER:
                yield (row, column), share, _persons(table, row, column)
    shares = [
        next((found for key in keys if (found := quantile_of(texts[key])) is not None), None) for texts in table.rows
    ]
    for row, share in enumerate(shares):
        if share is None or _are_codes(shares):
            continue
        for column, value in enumerate(table.values[row]):
            if column not in keys and value.mark is Mark.NUMBER and table.roles[column] is not Role.COUNT:
                yield (row, column), share, _described(table, column) or _persons(table, row, column)


def _are_codes(shares: list[float | None]) -> bool:
    """Rows P1, P2, P3 … are numbered things; nobody prints the first, second and third percentile in a row."""
    return len(shares) > 1 and all(
        share is not None and abs(share - (place + 1) / 100) < 1e-9 for place, share in enumerate(shares)
    )


def _persons(table: Table, row: int, column: int) -> float:
    """Distinct persons behind a percentile: the evidence, a count beside it, or what the label states."""
    known = table.context.evidence.counts.get((row, column))
    if known is not None:
        return known
    bases = [table.values[row][place].number for place in table.columns_of(Role.COUNT)]
    labels = [table.rows[row][key] for key in table.columns_of(Role.KEY)]
    said = [stated_base(text) for text in [*labels, table.header[column], table.caption]]
    return max((base for base in [*bases, *said] if base), default=0)


def _described(table: Table, column: int) -> float:
    """The row `count` of a description of variables."""
    for row, texts in enumerate(table.rows):
        if any(texts[key].strip().lower() in ("count", "n", "nobs") for key in table.columns_of(Role.KEY)):
            return table.values[row][column].number or 0
    return 0


def quantile_of(header: str) -> float | None:
    """Which quantile a header names, as a share; None for none, and for the mean of several."""
    lowered = header.lower()
    if set(lexicon.words(header)) & _NEIGHBOURS or len(lowered) > 60:
        return None
    ordinals = bool(re.search(r"perc|pct|quantile", lowered))
    found = []
    for word in re.findall(r"[a-z]+_?\d+|[a-z]+|\d+(?:%|th|st|nd|rd)", lowered):
        if word in _NAMED:
            found.append(_NAMED[word])
        match = _PERCENTILE.match(word)
        if match and (match[1] or word.endswith("%") or ordinals):
            found.append(int(match[1] or match[2]) / 100)
    return found[0] if len(found) == 1 else None
