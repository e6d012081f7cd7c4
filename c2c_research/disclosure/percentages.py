"""Percentages without their bases, and the tables of the request or of earlier releases that give these bases.

A percentage of one table and the size of the same group in another give a count back, as they would side by side. The
tables are joined by proof, never by a name alone: every percentage has to leave a whole number of persons of the size
that the other table shows. A percentage to within ±h of n persons does so by chance with a probability of 2nh; the
*bits* of a join are the logarithm of that chance over all cells. Tables whose sidecars name one population need none.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy
from c2c_research.disclosure.rules.rate import RESOLVED, is_distribution, proportion_columns, scale_of, shares
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.statements import Entry, Statement, StatementSet, plain, years_in
from c2c_research.disclosure.tables import Role, Table

Group = frozenset[str]
LEAST_GROUPS = 3
PROVEN, POSSIBLE = 10.0, 5.0
MAX_PAIRS = 4_000


@dataclass(frozen=True)
class Join:
    """The counts that percentages give back with another table's sizes, and how sure it is that these are theirs."""

    cells: tuple[Cell, ...]
    bits: float
    same_population: bool

    @property
    def status(self) -> Status:
        if self.same_population or self.bits >= PROVEN:
            return Status.FAIL
        return Status.REVIEW if self.bits >= POSSIBLE else Status.PASS


def percentages_of(table: Table) -> Iterator[Statement]:
    """The percentages of a table whose base it does not show, as shares of 1."""
    keys = table.columns_of(Role.KEY)
    if not keys or table.context.kind in ("regression", "survival"):
        return
    known = {share.cell for share in shares(table)}
    names = tuple(plain(table.header[key]) for key in keys)
    for column in proportion_columns(table):
        if is_distribution(table, column) or table.is_total_column(column):
            continue
        scale, digits = scale_of(table, column)
        entries = [
            Entry(tuple(_label(table, row, key) for key in keys), table.place((row, column)) or (row, column),
                  (value.number or 0) / scale)
            for row, value in enumerate(table.column(column))
            if value.number is not None and (row, column) not in known
        ]  # fmt: skip
        if len(entries) >= LEAST_GROUPS:
            yield Statement(
                plain(table.header[column]), names, tuple(entries), table.where, plain(table.context.population),
                plain(table.caption or table.title), table.context.unit, half=0.5 * 10.0**-digits / scale,
            )  # fmt: skip


def _label(table: Table, row: int, key: int) -> str | None:
    text = table.rows[row][key]
    return None if table.is_total_row(text) else plain(text)


def check_percentages(
    files: Sequence[StatementSet], released: Sequence[StatementSet], policy: Policy
) -> Iterator[tuple[str, Finding]]:
    """(path, finding) for each table of percentages that another table gives its bases."""
    rule = policy.rule("rate")
    if rule is None:
        return
    everything = [(source, statement) for source in (*files, *released) for statement in source.statements]
    rates = [(source, each) for source, each in everything if each.half]
    sizes = [(source, each) for source, each in everything if not each.half and each.rounding < 5]
    by_table: dict[tuple[str, str, str], list[tuple[StatementSet, Statement]]] = defaultdict(list)
    for source, rate in rates:
        by_table[source.release, source.path, rate.where].append((source, rate))
    tried = 0
    for columns in by_table.values():
        source = columns[0][0]
        best: tuple[Join, StatementSet] | None = None
        for other, size in sizes:
            if (source.release and other.release) or (tried := tried + 1) > MAX_PAIRS:
                continue
            join = _together([joined(rate, size, policy.threshold(rate.unit)) for _, rate in columns])
            if join and join.cells and (best is None or join.status > best[0].status):
                best = join, other
        if best is not None and best[0].status > Status.PASS:
            join, other = best
            new, partner = (source, other) if not source.release else (other, source)
            saw = f"Percentages that give back small counts with the sizes of groups in {partner.name}: "
            cells = list(join.cells) if new is source else []
            where = columns[0][1].where if new is source else ""
            yield new.path, finding(rule, f"{saw}{many(len(join.cells), 'cell')}.", where, cells, join.status)


def _together(columns: Sequence[Join | None]) -> Join | None:
    """The columns of one table: their bits add where each of them fits; else each speaks for itself."""
    fitting = [join for join in columns if join is not None]
    telling = [join for join in fitting if join.cells]
    if not telling:
        return None
    bits = [join.bits for join in fitting]
    sure = sum(bits) if len(fitting) == len(columns) else max(join.bits for join in telling)
    cells = tuple(cell for join in telling for cell in join.cells)
    return Join(cells, sure, any(join.same_population for join in telling))


def joined(rate: Statement, size: Statement, threshold: int) -> Join | None:
    """What the percentages give back of groups of these sizes; None where they cannot be shares of them."""
    if rate.unit != size.unit or threshold < 2 or _exclude_each_other(rate, size):
        return None
    numbers = _groups(size)
    bits, cells, met = 0.0, list[Cell](), set[Group]()
    for entry in rate.entries:
        group = frozenset(label for label in entry.labels if label is not None)
        base = numbers.get(group)
        if base is None or not base or entry.number is None:
            continue
        low = math.ceil(base * (entry.number - rate.half) - 1e-9)
        high = math.floor(base * (entry.number + rate.half) + 1e-9)
        if low > high:
            return None
        met.add(group)
        bits -= math.log2(min(1.0, 2 * base * rate.half + 1e-9))
        if low > 0 and high < threshold and high - low + 1 <= RESOLVED:
            cells.append(entry.cell)
    if len(met) < LEAST_GROUPS or 2 * len(met) < len(rate.entries):
        return None
    return Join(tuple(cells), bits, bool(rate.population) and rate.population == size.population)


def _groups(size: Statement) -> dict[Group, float]:
    """Shown counts by the labels of their group; a group that occurs twice is left out."""
    labelled = [
        (frozenset(label for label in entry.labels if label is not None), entry.number) for entry in size.entries
    ]
    times = Counter(group for group, _ in labelled)
    return {group: number for group, number in labelled if number is not None and times[group] == 1 and group}


def _exclude_each_other(rate: Statement, size: Statement) -> bool:
    if rate.population and size.population and rate.population != size.population:
        return True
    if set(lexicon.words(size.measure)) & lexicon.INSTITUTIONS:
        return True
    a, b = (years_in(each.population, each.caption) for each in (rate, size))
    return bool(a) and bool(b) and not a & b
