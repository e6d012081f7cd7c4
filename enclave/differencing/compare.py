"""The findings of a comparison: which cells of a new table differ from which tables by 1 to 10 persons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from c2c_research.contributor_sets import Cell, TableSets
from enclave.differencing.nested import FEWEST, MOST
from enclave.differencing.statistics import Statistic, years_overlap
from enclave.differencing.store import Kept, ProjectSets


@dataclass(frozen=True)
class Overlap:
    """Cells of `table` that differ from statistics of `other` by a few persons. No persons, no sizes."""

    table: str
    other: str
    cells: tuple[Cell, ...]


def compare(store: ProjectSets, new: Sequence[str], released: Collection[str]) -> list[Overlap]:
    """Compare new tables with released ones and with each other, never a table with itself.

    Rounded tables are not compared; editions of one registered measure follow the rule for revisions elsewhere.
    """
    found: dict[tuple[str, str], set[Cell]] = {}
    index = store.index([binding for binding in released if store.holds(binding)])
    tables = {binding: store.kept(binding) for binding in new}
    loaded = {binding: list(table.as_new()) for binding, table in tables.items() if table.rounding < 5}
    for binding, statistics in loaded.items():
        for each in statistics:
            for known in index.nested_with(each):
                if known.table != binding and not _one_measure(tables[binding], store.kept(known.table)):
                    found.setdefault((binding, known.table), set()).update(each.cells)
    for one in loaded:
        for other in loaded:
            if one < other and not _one_measure(tables[one], tables[other]):
                _pair(one, loaded[one], other, loaded[other], found)
    return [Overlap(table, other, tuple(sorted(cells))) for (table, other), cells in sorted(found.items())]


def misfits(sets: TableSets, counts: dict[Cell, int]) -> list[Cell]:
    """Cells whose set has another number of persons than the table's evidence says."""
    return [
        each.cell
        for each in sets.cells
        if each.members is not None and each.cell in counts and len(each.members) != counts[each.cell]
    ]


def _one_measure(one: Kept, other: Kept) -> bool:
    return bool(one.revision_of) and one.revision_of == other.revision_of


def _pair(
    one: str, mine: Sequence[Statistic], other: str, theirs: Sequence[Statistic],
    found: dict[tuple[str, str], set[Cell]],
) -> None:  # fmt: skip
    for a in mine:
        for b in theirs:
            apart = len(a.members) - len(b.members)
            if a.measure != b.measure or not FEWEST <= abs(apart) <= MOST or not years_overlap(a.years, b.years):
                continue
            if a.members.issuperset(b.members) if apart > 0 else a.members.issubset(b.members):
                found.setdefault((one, other), set()).update(a.cells)
                found.setdefault((other, one), set()).update(b.cells)
