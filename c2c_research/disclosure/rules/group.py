"""Zero and 100 %: a statement about every member of a group (0 %, 100 %, a 0/1 mean of 0 or 1, no spread at all).

Left alone: structural zeros (declared by the sidecar's `structural:`, or how most rows of the table are built), what is
100 % by definition (totals, the start of a curve, the end of a cumulative share, a reference category), the quality of
data (share missing, coverage), and universes of institutions.
"""

from __future__ import annotations

from collections.abc import Iterator

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.rate import flag_columns, proportion_columns, scale_of, shares
from c2c_research.disclosure.rules.shared import finding, many, rounding_base
from c2c_research.disclosure.tables import Role, Table

RARE = 0.2
_OF_DATA = frozenset(
    ["missing", "coverage", "imputed", "completeness", "nonmissing", "null", "nulls", "valid", "linked"]
)
_CUMULATIVE = frozenset(["cum", "cumulative", "cumul", "running"])
_TIME = frozenset(
    ["year", "term", "quarter", "month", "semester", "time", "period", "week", "day", "grade", "step",
     "years", "terms", "quarters", "months", "semesters", "weeks", "days", "duration", "timeline"]
)  # fmt: skip
_REFERENCE = frozenset(["ref", "reference", "baseline", "base"])
_NEGATIONS = frozenset(["not", "no", "non", "never", "without", "did", "didn", "neither", "none", "un"])
_LINKS = frozenset(["of", "in", "on", "the", "a", "an", "and", "or", "to", "by", "with", "at", "for", "from"])


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    mode = rule.word("mode", "fail")
    if mode == "show" or document.context.unit in ("schools", "employers"):
        return
    if set(lexicon.words(document.context.population)) & lexicon.INSTITUTIONS - {"employers"}:
        return
    status = Status.REVIEW if mode == "band" else rule.status
    for table in document.tables:
        share = rule.number("structural_share", 0.5)
        seen = [*_exact_rates(table, share), *_no_spread(table), *_all_zero(table)]
        cells = [cell for cell in seen if not _is_declared(table, cell)]
        if cells:
            saw = f"Statements about a whole group: {many(len(cells), 'cell')}."
            yield finding(rule, saw, table.where, cells, status)
        rows, part = _concentrated(table, share)
        rows = [cell for cell in rows if not _is_declared(table, cell)]
        if rows:
            saw = f"Groups of which everybody falls into one column: {many(len(rows), 'row')}."
            yield finding(
                rule, saw, table.where, rows, status if part <= RARE or len(rows) == 1 else min(status, Status.REVIEW)
            )


def _is_declared(table: Table, cell: Cell) -> bool:
    """Does the sidecar name the cell's column, one of its keys, or `key|column` as structural?"""
    named = table.context.structural
    if not named:
        return False
    column = table.header[cell[1]].strip().lower()
    keys = [table.rows[cell[0]][key].strip().lower() for key in table.columns_of(Role.KEY)]
    return column in named or any(key in named or f"{key}|{column}" in named for key in keys)


def _exact_rates(table: Table, structural_share: float) -> Iterator[Cell]:
    """Rates of exactly 0 or 100 %. Of a large group, a printed 0.0 % may hide members and says nothing."""
    known = {share.cell: share for share in shares(table)}
    for column in [*proportion_columns(table), *flag_columns(table)]:
        tokens = set(lexicon.words(table.header[column]))
        if tokens & _OF_DATA or _of_institutions(table.header[column]):
            continue
        scale, digits = scale_of(table, column)
        found = []
        for row, value in enumerate(table.column(column)):
            if value.number not in (0, scale) or row in table.total_rows or _by_definition(table, row, column, tokens):
                continue
            share = known.get((row, column))
            if share is None or share.low == share.high:
                if share is None and table.roles[column] is Role.MEAN and digits == 0:
                    continue
                found.append((row, column))
        if len(table.rows) < 4 or len(found) < structural_share * len(table.rows) or len(found) == 1:
            yield from found


def _of_institutions(header: str) -> bool:
    """A share of schools or districts, not of persons: "Percent of districts reporting"."""
    said = [word for word in lexicon.words(header) if word not in lexicon.RATE | {"of", "the", "all"}]
    return bool(said) and said[0] in lexicon.INSTITUTIONS - {"employers"}


def _by_definition(table: Table, row: int, column: int, tokens: set[str]) -> bool:
    """A total's 100 %, shares of nobody, where a curve begins, where a cumulative share ends, a reference category."""
    if lexicon.is_total(table.header[column]):
        return True
    counts = [table.values[row][place] for place in table.columns_of(Role.COUNT)]
    if bool(counts) and all(value.number == 0 for value in counts):
        return True
    keys = table.columns_of(Role.KEY)
    if any(set(lexicon.words(table.rows[row][key])) & _REFERENCE for key in keys):
        return True
    full = table.values[row][column].number != 0
    others = [set(lexicon.words(name)) for place, name in enumerate(table.header) if place != column]
    timed = any(words & _TIME for words in others)
    last = row == max(r for r in range(len(table.rows)) if r not in table.total_rows)
    return full and ((timed and row == 0) or (last and bool(tokens & _CUMULATIVE)))


def _no_spread(table: Table) -> Iterator[Cell]:
    """A standard deviation of 0: all members have the printed value."""
    for column in table.columns_of(Role.STATISTIC):
        if set(lexicon.words(table.header[column])) & lexicon.SPREAD and table.columns_of(Role.MEAN, Role.COUNT):
            for row, value in enumerate(table.column(column)):
                if value.mark is Mark.NUMBER and value.number == 0:
                    yield row, column


def _all_zero(table: Table) -> Iterator[Cell]:
    """A total of nothing, by the evidence of its contributors: each of them has nothing."""
    for item in table.context.evidence.contributions:
        row, column = item.cell
        if item.total == 0 and row < len(table.rows) and column < table.width and table.values[row][column].number == 0:
            yield item.cell


def _concentrated(table: Table, structural_share: float) -> tuple[list[Cell], float]:
    """Rows of a cross-table of counts whose whole total sits in one cell, unless that is how the table is built."""
    if rounding_base(table) >= 5:
        return [], 0.0
    columns = _divided(table)
    if len(columns) < 2:
        return [], 0.0
    cells: list[Cell] = []
    populated = 0
    for row, values in enumerate(table.values):
        parts = [values[column] for column in columns]
        if row in table.total_rows or any(part.mark is not Mark.NUMBER for part in parts):
            continue
        filled = [column for column in columns if values[column].number]
        populated += bool(filled)
        if len(filled) == 1:
            cells.append((row, filled[0]))
    share = len(cells) / populated if populated else 0.0
    return ([], share) if share >= structural_share else (cells, share)


def _divided(table: Table) -> list[int]:
    """The columns over which the persons of a row are divided: beside their total, or by their names.

    Names divide where one negates another ("Not enrolled", "Enrolled"), where each pairs a common word with another
    ("Tested negative", "Tested positive"), or where the sidecar says that the cells are counts of categories. Years
    and terms divide nobody: a group may be new.
    """
    counts = table.columns_of(Role.COUNT)
    columns = [column for column in counts if _is_category(table, column)]
    if any(table.is_total_column(column) for column in counts):
        return columns if len(columns) > 1 else _parts_of_total(table, counts)
    parts = [column for column in counts if not table.is_total_column(column)]
    if len(columns) < 2 and _negated([frozenset(lexicon.words(table.header[column])) for column in parts]):
        return parts
    names = [table.header[column].rpartition("|")[2] for column in columns]
    if len(names) < 2:
        names = [name for column in _whole_unknowns(table) for name in [table.header[column]]]
        columns = _whole_unknowns(table)
    said = [frozenset(lexicon.words(name)) for name in names]
    timed = any(words & _TIME or any(word.isdigit() for word in words) for words in said)
    if len(said) < 2 or timed:
        return []
    named = table.context.cells_are_counts and all(map(lexicon.is_category, names))
    return columns if named or _negated(said) or _in_common(said) else []


def _parts_of_total(table: Table, counts: list[int]) -> list[int]:
    """Counts that add to the total in every row divide its persons, whatever they are called."""
    totals = [column for column in counts if table.is_total_column(column)]
    parts = [column for column in counts if column not in totals]
    numbers = [([row[c].number for c in parts], row[totals[0]].number) for row in table.values]
    shown = [(some, whole) for some, whole in numbers if whole is not None and None not in some]
    adds = all(sum(part or 0 for part in some) == whole for some, whole in shown)
    return parts if len(totals) == 1 and len(parts) > 1 and len(shown) > 1 and adds else []


def _whole_unknowns(table: Table) -> list[int]:
    """Columns of whole numbers that are called after nothing the lexicon knows, where the table has no other."""
    unknown = table.columns_of(Role.UNKNOWN)
    plain = len(unknown) + len(table.columns_of(Role.KEY)) == table.width
    whole = all(v.is_integer and (v.number or 0) >= 0 for column in unknown for v in table.column(column))
    return unknown if plain and whole else []


def _negated(said: list[frozenset[str]]) -> bool:
    """Two columns of which one says that the other is not so."""
    if len(said) != 2:
        return False
    one, other = said
    only = [(one - other) & _NEGATIONS, (other - one) & _NEGATIONS]
    stems = [{word[:5] for word in words - _NEGATIONS - _LINKS} for words in said]
    return bool(only[0]) != bool(only[1]) and bool(stems[0]) and bool(stems[0] & stems[1])


def _in_common(said: list[frozenset[str]]) -> bool:
    """Columns that share a word of substance and differ in another."""
    shared = frozenset.intersection(*said) - _NEGATIONS - _LINKS
    return bool(shared) and all(words - shared - _LINKS for words in said)


def _is_category(table: Table, column: int) -> bool:
    """A column that stands for a category of a variable, not a count of its own name."""
    tokens = set(lexicon.words(table.header[column]))
    return not table.is_total_column(column) and not tokens & (
        lexicon.COUNT_STRONG | lexicon.COUNT_NOUNS - lexicon.OUTCOMES
    )
