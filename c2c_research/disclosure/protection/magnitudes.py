"""Magnitudes (wages, sums): which cells too few make up, and how far a hidden one has to stay open on each side.

A rule says which cells are unsafe; its *protection level* says how far above and below its value a hidden cell has to
look possible, so that nobody estimates a contributor more closely than the rule allows in a shown cell. Contributors
are those of the evidence: the total, the largest, the second largest. Sources: tau-ARGUS manual 4.1, section 2.3;
Handbook on Statistical Disclosure Control, table 4.3.

| rule | unsafe where | level |
|---|---|---|
| (n,k), n = 1 or 2 | top n > k · total | top n / k − total |
| p % | total − largest − second < p % · largest | p % · largest − (total − largest − second) |
| employers | largest >= k · total | largest / k − total |
| too few units | units below the threshold | p % of the cell's value |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from c2c_research.disclosure.cells import Value
from c2c_research.disclosure.context import Contribution
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.protection.structure import Structure, build
from c2c_research.disclosure.protection.system import Line
from c2c_research.disclosure.rules.dominance import breaks, proven_by_top_code
from c2c_research.disclosure.tables import Role, Table

USUAL_PERCENT = 10.0
_ROUNDING = 0.01
_ALONE = 1e-9
_NO_SUMS = (Role.KEY, Role.MEAN, Role.RATE, Role.EXTREME, Role.IDENTIFIER)


def p_percent_level(top: Contribution, percent: float) -> float:
    """How far a magnitude must stay open under the p % rule; 0 or less where the cell is safe."""
    return percent / 100 * top.largest - (top.total - top.largest - top.second)


def share_level(top: Contribution, contributors: int, share: float) -> float:
    """The same under the (n,k) rule: beyond it, the top n hold no more than their share of what looks possible."""
    held = top.largest + (top.second if contributors >= 2 else 0.0)
    return held / share - top.total


def level(top: Contribution, rule: Rule, of_employers: bool = False) -> float:
    """The widest level that any of a pack's dominance rules asks for."""
    levels = [0.0]
    if rule.number("p", USUAL_PERCENT) > 0:
        levels.append(p_percent_level(top, rule.number("p", USUAL_PERCENT)))
    if rule.number("n", 2) > 0:
        levels.append(share_level(top, int(rule.number("n", 2)), rule.number("k", 0.9)))
    if of_employers:
        levels.append(share_level(top, 1, rule.number("employers_k", 0.8)))
    return max(levels)


def levels_of(table: Table, structure: Structure, policy: Policy, threshold: int) -> dict[Cell, tuple[float, float]]:
    """(down, up) of every magnitude cell that has to be hidden: dominated, or of too few units."""
    rule = policy.rule("dominance")
    margin = (rule.number("p", USUAL_PERCENT) if rule else 0.0) or USUAL_PERCENT
    evidence = table.context.evidence
    found: dict[Cell, float] = {
        cell: margin / 100 * (structure.values[cell].number or 0.0)
        for cell in structure.measured
        if 0 < evidence.counts.get(cell, 0) < threshold
    }
    for top in evidence.contributions:
        if rule and top.cell in structure.measured and _is_unsafe(table, top, rule):
            asked = level(top, rule, table.context.unit == "employers") or margin / 100 * top.total
            found[top.cell] = max(found.get(top.cell, 0.0), asked)
    return {cell: (width, width) for cell, width in found.items()}


def _is_unsafe(table: Table, top: Contribution, rule: Rule) -> bool:
    return breaks(table, top, rule) and not proven_by_top_code(table, top, rule)


def alone_in(table: Table) -> frozenset[Cell]:
    """Cells of one contributor, who knows them: by the number of units, or because the largest holds all."""
    evidence = table.context.evidence
    by_count = {cell for cell, units in evidence.counts.items() if units == 1}
    by_share = {top.cell for top in evidence.contributions if 0 < top.total <= top.largest + _ALONE * abs(top.total)}
    return frozenset(by_count | by_share)


def magnitude_structure(table: Table) -> Structure:
    """The additive cells of a magnitude table; shown totals are exact where they add exactly, else rounded as printed.

    A total that is off by more than rounding still narrows its parts: its line is kept with the room by which it is
    off, where that is at most 1 %.
    """
    columns = [column for column in range(table.width) if table.roles[column] not in _NO_SUMS]
    values = {(row, column): cells[column] for column in columns for row, cells in enumerate(table.values)}
    structure = build(values, table)
    if structure.broken:
        structure = build(values, table, min(0.5 * 10.0**-value.decimals for value in values.values()))
    counts = set(table.columns_of(Role.COUNT))
    counts = set() if counts == set(columns) else counts
    return Structure(
        structure.values, structure.places, structure.dimensions, (*structure.lines, *_loose(structure)),
        structure.broken, structure.slack, structure.empties_are_zero,
        frozenset(cell for cell in values if cell[1] not in counts),
    )  # fmt: skip


def _loose(structure: Structure) -> list[Line]:
    found = []
    for line in structure.broken:
        off = abs(sum(sign * _number(structure.values, cell) for cell, sign in line.terms))
        *parts, total = line.keys
        if off <= _ROUNDING * abs(_number(structure.values, total)):
            found.append(Line.sums(total, parts, off + structure.slack * len(line.terms)))
    return found


def _number(values: Mapping[Cell, Value], cell: object) -> float:
    return values[cell].number or 0.0  # type: ignore[index]  # keys of one table's lines are cells


def misses(structure: Structure) -> Collection[Cell]:
    """The totals that their parts do not add to."""
    return sorted({line.keys[-1] for line in structure.broken})  # type: ignore[misc]  # as above
