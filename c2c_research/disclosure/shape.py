"""From a table as written to one whose columns each hold one thing: turned round, or a compound column split.

A table of statistics by row ("N", "Mean", "SD") is turned. A column of "3.2 (7)", "7 (3.2%)" or "12 / 340" becomes two
columns; labels such as "Alder (n=7)" get a column of their counts. The table keeps where each cell came from, so that
findings name the cells of the file (`Table.place`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value, halves, parse, part_of
from c2c_research.disclosure.stacked import unstacked
from c2c_research.disclosure.tables import Role, Table

_LEFT = re.compile(r"[-\u2212]\d+")
_N_IN_LABEL = re.compile(r"\bn\s*=\s*([\d,]{1,12})\b", re.IGNORECASE)
_STATISTIC_ROWS = frozenset(
    ["n", "count", "obs", "observations", "nobs", "mean", "average", "std", "sd", "se", "std dev", "min", "max",
     "minimum", "maximum", "median", "variance", "var", "skew", "skewness", "kurtosis", "range", "iqr", "sum",
     "standard deviation", "standard error", "std err", "25%", "50%", "75%", "10%", "90%", "5%", "95%", "p10", "p25",
     "p50", "p75", "p90", "q1", "q2", "q3", "unique", "top", "freq", "missing", "cv", "1st qu.", "3rd qu.", "sem"]
)  # fmt: skip
_N_AND_SHARE = re.compile(r"\bn(?:o\.?)?\s*,?\s*[(\[]\s*%|\bn,? ?%", re.IGNORECASE)
_SPREADS = frozenset(["mean", "sd", "median", "iqr", "se", "average", "range"])
_SAMPLE = 400


def shaped(table: Table) -> Iterator[Table]:
    """The table as rules should see it, and a table of the counts that stand in its header."""
    for one in unstacked(_upright(table)):
        yield _split(_turned(one) if _rows_are_statistics(one) else one)
    counts = [(label, match[1]) for label in table.header if (match := _N_IN_LABEL.search(label))]
    if counts:
        header_counts = Table(("group", "n"), tuple(counts), f"{table.where}, header".lstrip(", "))
        yield replace(header_counts, columns=(-1, -1))


def _upright(table: Table) -> Table:
    """A pyramid: whole numbers below zero in every row, beside such above zero, are counts drawn to the left."""
    columns = [[row[column].strip() for row in table.rows] for column in range(table.width)]
    left = {place for place, texts in enumerate(columns) if len(texts) > 1 and all(map(_LEFT.fullmatch, texts))}
    right = any(place and all(text.isdigit() for text in texts) for place, texts in enumerate(columns) if texts)
    named = all(lexicon.is_category(table.header[place]) for place in left)
    if not left or not right or not (named or table.context.cells_are_counts):
        return table
    rows = tuple(tuple(t.strip()[1:] if c in left else t for c, t in enumerate(row)) for row in table.rows)
    return replace(table, rows=rows)


def _rows_are_statistics(table: Table) -> bool:
    """Are most rows named by a statistic, and the columns by something else?"""
    if table.width < 2 or len(table.rows) < 2:
        return False
    labels = [_plain(row[0]) for row in table.rows]
    named = sum(label in _STATISTIC_ROWS or _is_statistic(label) for label in labels)
    headers = sum(_plain(name) in _STATISTIC_ROWS for name in table.header[1:])
    return len(set(labels)) == len(labels) and named >= max(2, 0.6 * len(labels)) and headers == 0


def _is_statistic(label: str) -> bool:
    tokens = lexicon.words(label)
    return bool(tokens) and tokens[0] in (lexicon.MEAN | {"sd", "std", "number", "count", "median"})


def _plain(label: str) -> str:
    return re.sub(r"\s+", " ", label.strip().lower().strip(":").replace("_", " "))


def _turned(table: Table) -> Table:
    names = (table.header[0], *(row[0] for row in table.rows))
    rows = tuple((table.header[column], *(row[column] for row in table.rows)) for column in range(1, table.width))
    return replace(table, header=names, rows=rows, turned=True)


def _split(table: Table) -> Table:
    """Replace compound columns by their two parts."""
    parts = [_parts(table, column) for column in range(table.width)]
    if all(part is None for part in parts):
        return table
    header: list[str] = []
    lines: list[list[str]] = []
    columns: list[int] = []
    roles: dict[int, Role] = {}
    kept = table.given
    for column, part in enumerate(parts):
        if part is None:
            part = ([(table.header[column], None)], [[row[column] for row in table.rows]])
        for (name, role), line in zip(*part, strict=True):
            role = role or kept.get(column)
            if role is not None:
                roles[len(header)] = role
            header.append(name)
            lines.append(line)
            columns.append(column)
    rows = tuple(zip(*lines, strict=True)) if table.rows else ()
    return replace(table, header=tuple(header), rows=rows, columns=tuple(columns), given=roles)


Part = tuple[list[tuple[str, Role | None]], list[list[str]]]


def _parts(table: Table, column: int) -> Part | None:
    texts = [row[column] for row in table.rows]
    filled = [text for text in texts[:_SAMPLE] if text.strip()]
    compound = [found for text in filled if (found := halves(text))]
    if filled and len(compound) * 2 >= len(filled):
        return _compound(table, column, texts, compound)
    labels = [match for text in filled if (match := _N_IN_LABEL.search(text))]
    if filled and len(labels) * 2 >= len(filled) and all(parse(text).mark is Mark.TEXT for text in filled):
        counts = [match[1] if (match := _N_IN_LABEL.search(text)) else "" for text in texts]
        return [(table.header[column], Role.KEY), ("n", Role.COUNT)], [texts, counts]
    return None


def _compound(table: Table, column: int, texts: list[str], found: list[tuple[str, str, str]]) -> Part | None:
    name = table.header[column]
    first = [parse(pair[0]) for pair in found]
    second = [parse(pair[1]) for pair in found]
    roles = _roles(name, table.caption, found[0][2], first, second)
    if roles is None or roles == (Role.STATISTIC, Role.STATISTIC):
        counted = _rows_of_counts(table, column)
        if counted:
            return _mixed(name, texts, counted)
    if roles is None:
        return None
    of = found[0][2] == "of"
    sides = [halves(text) or (part_of(text) if of else None) or (text, "", "") for text in texts]
    names = _names(name)
    return (
        [(names[0], roles[0]), (names[1], roles[1])],
        [[side[0] for side in sides], [side[1] for side in sides]],
    )


def _rows_of_counts(table: Table, column: int) -> list[int]:
    """Rows of a descriptive table that show "n (%)" among rows that show "mean (SD)"."""
    base = next((parse(match[1]).number or 0 for match in [_N_IN_LABEL.search(table.header[column])] if match), 0)
    spoken = any(_N_AND_SHARE.search(row[0]) for row in (table.header, *table.rows))
    found = []
    for row, texts in enumerate(table.rows):
        pair = halves(texts[column])
        if pair is None or set(lexicon.words(texts[0])) & _SPREADS:
            continue
        count, share = parse(pair[0]), parse(pair[1])
        if count.number is None or not count.is_integer or share.number is None or not 0 <= share.number <= 100:
            continue
        fits = base > 0 and abs(100 * count.number / base - share.number) <= 0.6 * 10.0**-share.decimals
        if fits or (spoken and (share.decimals or share.percent)):
            found.append(row)
    return found


def _mixed(name: str, texts: list[str], counted: list[int]) -> Part:
    """Three columns: the counts, their percentages, and what the other rows show."""
    sides = [(halves(text) if row in counted else None) or ("", "", "") for row, text in enumerate(texts)]
    rest = ["" if row in counted else text for row, text in enumerate(texts)]
    return (
        [(name, Role.COUNT), (f"{name} %", Role.RATE), (name, Role.STATISTIC)],
        [[side[0] for side in sides], [side[1] for side in sides], rest],
    )


def _names(name: str) -> tuple[str, str]:
    """Names of the halves: "mean (n)" is a mean and an n; else both are called as the column."""
    match = re.match(r"^(.*?)\s*[(\[/]\s*(.*?)\s*[)\]]?$", name.strip())
    return (match[1] or name, match[2] or name) if match else (name, name)


def _roles(
    name: str, caption: str, joined: str, first: list[Value], second: list[Value]
) -> tuple[Role | None, Role | None] | None:
    """What the halves are; None for both where nothing says so (a coefficient with its standard error)."""
    tokens, inner = lexicon.words(_names(name)[0]), set(lexicon.words(_names(name)[1]))
    whole_first, whole_second = _whole(first), _whole(second)
    if joined == "of":
        return Role.COUNT, Role.COUNT
    if any(value.named_n for value in second) or (whole_second and inner & lexicon.COUNT_STRONG - {"#"}):
        return (Role.RATE if any(value.percent for value in first) else None), Role.COUNT
    percent = any(value.percent for value in second) or bool(inner & lexicon.RATE)
    statistic = set(tokens) | set(lexicon.words(caption))
    if percent and whole_first:
        return Role.COUNT, Role.RATE
    if statistic & (lexicon.STATISTIC - {"f", "t", "p", "z", "n"} | lexicon.MEAN) and not whole_second:
        return Role.STATISTIC, Role.STATISTIC
    if whole_second and any(value.percent for value in first):
        return Role.RATE, Role.COUNT
    if whole_second and any(value.decimals for value in first) and _spread(second):
        return None, Role.COUNT
    if whole_first and not whole_second and _shares(first, second):
        return Role.COUNT, Role.RATE
    return Role.STATISTIC, Role.STATISTIC


def _whole(values: list[Value]) -> bool:
    numbers = [value for value in values if value.number is not None]
    return bool(numbers) and all(value.is_integer and (value.number or 0) >= 0 for value in numbers)


def _spread(values: list[Value]) -> bool:
    return max((value.number or 0 for value in values), default=0) >= 11


def _shares(counts: list[Value], shares: list[Value]) -> bool:
    """Are the second numbers the first ones' percentages of one base?"""
    pairs = [(a.number, b.number) for a, b in zip(counts, shares, strict=True) if a.number and b.number]
    if len(pairs) < 2 or any(share > 100 for _, share in pairs):
        return False
    bases = [count / share for count, share in pairs]
    return max(bases) <= 1.1 * min(bases)
