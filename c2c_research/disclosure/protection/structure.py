"""The additive equations that a reader of a table knows: parts add to their total, along every key.

A count is addressed by its coordinates: a label along each key, and its column's label. A total label ("Total", "All",
or as declared) stands for the sum of the others; declared hierarchies and nested keys (districts within counties, in
two columns) put subtotals between. This one idea covers cross-tables with margins, long tables with total rows, and
tables of several keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.hierarchies import Tree
from c2c_research.disclosure.protection.system import INFINITY, Interval, Key, Line, System, Variable
from c2c_research.disclosure.tables import Role, Table

Coordinate = tuple[str, ...]
TOTAL = "\x00total"
COLUMNS = "columns"
_WITHIN = "\x1f"


@dataclass(frozen=True)
class Dimension:
    """One key: its labels, and the ways in which they add up (parent → children; TOTAL is the parent of the top)."""

    name: str
    labels: tuple[str, ...]
    trees: tuple[Tree, ...] = ()

    def parts_of(self, parent: str, tree: Tree) -> tuple[str, ...]:
        """The labels that add to a parent; one that the table does not list stands for its own parts."""
        found: list[str] = []
        for child in tree.get(parent, ()):
            found.extend([child] if child in self._present else self.parts_of(child, tree))
        return tuple(found)

    @cached_property
    def _present(self) -> frozenset[str]:
        return frozenset(self.labels)


@dataclass(frozen=True)
class Structure:
    """The counts (or magnitudes) of a table with the equations between them.

    `broken` are lines whose shown numbers do not add; they are not used. `slack` is how far off shown numbers may be.
    `measured` cells are magnitudes: hidden ones can be any number from zero up.
    """

    values: dict[Cell, Value]
    places: dict[Coordinate, Cell]
    dimensions: tuple[Dimension, ...]
    lines: tuple[Line, ...]
    broken: tuple[Line, ...] = ()
    slack: float = 0.0
    empties_are_zero: bool = False
    measured: frozenset[Cell] = frozenset()

    @property
    def hidden(self) -> list[Cell]:
        """Suppressed and empty cells, in the order of the table."""
        return sorted(cell for cell, value in self.values.items() if value.mark is not Mark.NUMBER)

    @property
    def shows_zeros(self) -> bool:
        return any(value.number == 0 for value in self.values.values())

    def attacked(self, hidden: Iterable[Cell] | None = None, zeros_shown: bool | None = None) -> System:
        """What a reader knows. With `hidden`, as if these cells, and only these, were hidden.

        Hidden counts are at least 1 where zeros are shown.
        """
        least = 1.0 if (self.shows_zeros if zeros_shown is None else zeros_shown) else 0.0
        if hidden is None:
            return System({cell: self._variable(value, least) for cell, value in self.values.items()}, self.lines)
        covered = set(hidden)
        seen: dict[Key, Variable] = {
            cell: self._unknown(cell, least) if cell in covered else self._known(value)
            for cell, value in self.values.items()
        }
        return System(seen, self.lines)

    def _unknown(self, cell: Cell, least: float) -> Variable:
        return Variable(0.0, whole=False) if cell in self.measured else Variable(least)

    def _variable(self, value: Value, least: float) -> Variable:
        if value.number is not None:
            return self._known(value)
        if value.mark is Mark.EMPTY and self.empties_are_zero:
            return Variable(0.0, 0.0)
        low = least if value.mark is Mark.SUPPRESSED else 0.0
        return Variable(low, INFINITY if value.upper is None else float(value.upper))

    def _known(self, value: Value) -> Variable:
        number = value.number or 0.0
        return Variable(max(0.0, number - self.slack), number + self.slack, not self.slack and number.is_integer())


def structure_of(table: Table, slack: float = 0.0) -> Structure:
    """The structure of a table's counts. Directions in which most shown lines do not add are left out."""
    return build(dict(table.counts()), table, slack)


def build(values: dict[Cell, Value], table: Table, slack: float = 0.0) -> Structure:
    """The structure of any additive cells of a table."""
    arranged, places = _arranged(values, table)
    dimensions = tuple(_completed(each, number, places, values, slack) for number, each in enumerate(arranged))
    lines: list[Line] = []
    broken: list[Line] = []
    for number, dimension in enumerate(dimensions):
        for group in _directions(places, number, dimension):
            wrong = [line for line in group if _contradicted(line, values, slack)]
            shown = [line for line in group if all(values[cell].mark is Mark.NUMBER for cell in cells_of(line))]
            broken.extend(line for line in wrong if line in shown)
            # categories that overlap, or a total over more than is listed: nobody can compute with such a direction
            if not (wrong and len(wrong) * 2 > len(shown)):
                lines.extend(line for line in group if line not in wrong)
    zero = _empties_are_zero(values, lines, slack)
    return Structure(values, places, dimensions, tuple(lines), tuple(broken), slack, zero)


def _completed(
    dimension: Dimension, number: int, places: Mapping[Coordinate, Cell], values: Mapping[Cell, Value], slack: float
) -> Dimension:
    """The dimension with the totals that only its numbers tell, where its words do not explain all of them."""
    if len(dimension.trees) != 1:
        return dimension
    (tree,) = dimension.trees
    named = TOTAL in dimension.labels
    if named and not any(_contradicted(line, values, slack) for line in _top_lines(places, number, dimension)):
        return dimension
    # imported here, so that the engine starts without numpy
    from c2c_research.disclosure.protection.totals import Lists, nested_sums, ways_to_split

    groups = [{label: values[cell] for label, cell in group.items()} for group in _grouped(places, number).values()]
    top = [label for label in tree[TOTAL] if label in dimension.labels]
    nested = nested_sums(Lists(top, groups, slack))
    if nested:
        return replace(dimension, trees=_rooted(dimension.labels, [{**_without_top(tree), **nested}]))
    for total in [TOTAL] if named else [*top[:1], *top[-1:]]:
        runs = ways_to_split(Lists([*(each for each in top if each != total), total], groups, slack), total)
        if runs:
            return replace(dimension, trees=tuple({**_without_top(tree), total: run} for run in runs))
    return dimension


def _without_top(tree: Tree) -> Tree:
    return {parent: parts for parent, parts in tree.items() if parent != TOTAL}


def _top_lines(places: Mapping[Coordinate, Cell], number: int, dimension: Dimension) -> list[Line]:
    lines = [line for group in _directions(places, number, dimension) for line in group]
    tops = {cell for coordinate, cell in places.items() if coordinate[number] == TOTAL}
    return [line for line in lines if cells_of(line)[-1] in tops]


def _arranged(values: dict[Cell, Value], table: Table) -> tuple[tuple[Dimension, ...], dict[Coordinate, Cell]]:
    """The dimensions, and where each coordinate's cell is."""
    keys = table.columns_of(Role.KEY)
    rows = {row: [_label(table, row, key) for key in keys] for row in {cell[0] for cell in values}}
    names = [table.header[key].strip() for key in keys]
    if len(keys) == 1:
        _tell_totals_apart(rows)
    names, rows, nested = _nested(names, rows)
    names.append(COLUMNS)
    places: dict[Coordinate, Cell] = {}
    for row, column in values:
        across = TOTAL if table.is_total_column(column) else table.header[column].strip()
        coordinate = (*rows[row], across)
        if coordinate in places:
            # a repeated coordinate is no cross-classification: the later cell gets a place of its own
            coordinate = (*rows[row], f"{across}#{row}.{column}")
        places[coordinate] = (row, column)
    dimensions = []
    for number, name in enumerate(names):
        labels = tuple(dict.fromkeys(coordinate[number] for coordinate in places))
        declared = (*table.context.hierarchies.get(name, ()), *([nested[name]] if name in nested else []))
        dimensions.append(Dimension(name, labels, _rooted(labels, declared)))
    return tuple(dimensions), places


def _tell_totals_apart(rows: dict[int, list[str]]) -> None:
    """A list with several totals holds subtotals: its numbers tell what each of them adds."""
    totals = [row for row, labels in rows.items() if labels == [TOTAL]]
    if len(totals) > 1:
        for row in totals:
            rows[row] = [f"total#{row}"]


def _label(table: Table, row: int, key: int) -> str:
    text = table.rows[row][key]
    return TOTAL if table.is_total_row(text) else text.strip()


def _nested(names: list[str], rows: dict[int, list[str]]) -> tuple[list[str], dict[int, list[str]], dict[str, Tree]]:
    """Make one key of two where each label of the second stands under one label of the first only."""
    trees: dict[str, Tree] = {}
    place = 0
    while place + 1 < len(names):
        pairs = {(labels[place], labels[place + 1]) for labels in rows.values()}
        if not _is_nested(pairs):
            place += 1
            continue
        tree: dict[str, list[str]] = {parent: list(parts) for parent, parts in trees.pop(names[place], {}).items()}
        for outer, inner in pairs:
            if inner != TOTAL:
                tree.setdefault(outer, []).append(f"{outer}{_WITHIN}{inner}")
        for labels in rows.values():
            outer, inner = labels[place : place + 2]
            labels[place : place + 2] = [outer if inner == TOTAL else f"{outer}{_WITHIN}{inner}"]
        names[place : place + 2] = [f"{names[place]}/{names[place + 1]}"]
        trees[names[place]] = {parent: tuple(parts) for parent, parts in tree.items()}
    return names, rows, trees


def _is_nested(pairs: set[tuple[str, str]]) -> bool:
    outers: dict[str, set[str]] = defaultdict(set)
    inners: dict[str, set[str]] = defaultdict(set)
    for outer, inner in pairs:
        if inner != TOTAL:
            outers[inner].add(outer)
            inners[outer].add(inner)
    several = sum(len(found) > 1 for found in inners.values())
    return several > 1 and TOTAL not in inners and all(len(found) == 1 for found in outers.values())


def _rooted(labels: tuple[str, ...], declared: Iterable[Tree]) -> tuple[Tree, ...]:
    """Each declared tree with the total on top; labels that it does not mention stand right below the total."""
    trees = list(declared) or [{}]
    groups = {parent for tree in trees for parent in tree}
    found: list[Tree] = []
    for tree in trees:
        below = {child for children in tree.values() for child in children}
        loose = [label for label in labels if label not in below and label not in groups and label != TOTAL]
        found.append({**tree, TOTAL: (*(parent for parent in tree if parent not in below), *loose)})
    return tuple(found)


def _directions(places: Mapping[Coordinate, Cell], number: int, dimension: Dimension) -> Iterator[list[Line]]:
    """The lines of one parent along one key, for each combination of the other keys."""
    groups = _grouped(places, number)
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for tree in dimension.trees:
        for parent in tree:
            parts = dimension.parts_of(parent, tree)
            if (parent, parts) in seen or parent not in dimension.labels:
                continue
            seen.add((parent, parts))
            lines = []
            for group in groups.values():
                cells = [group[part] for part in parts if part in group]
                if parent in group and len(cells) > (0 if parent != TOTAL else 1):
                    lines.append(Line.sums(group[parent], cells))
            yield lines


def _grouped(places: Mapping[Coordinate, Cell], number: int) -> dict[Coordinate, dict[str, Cell]]:
    """The cells by label along one key, for each combination of the others."""
    groups: dict[Coordinate, dict[str, Cell]] = defaultdict(dict)
    for coordinate, cell in places.items():
        groups[coordinate[:number] + coordinate[number + 1 :]][coordinate[number]] = cell
    return groups


def cell_bounds(found: Mapping[Key, Interval]) -> dict[Cell, Interval]:
    """The intervals of a system of one table, whose keys are cells."""
    return cast(dict[Cell, Interval], dict(found))


def cells_of(line: Line) -> tuple[Cell, ...]:
    """The cells of a line of one table, its total last."""
    return cast(tuple[Cell, ...], line.keys)


def _contradicted(line: Line, values: Mapping[Cell, Value], slack: float) -> bool:
    """A fully shown line that does not add; or one with hidden parts whose shown parts exceed the total."""
    *parts, total = cells_of(line)
    whole = values[total].number
    if whole is None:
        return False
    numbers = [values[part].number for part in parts]
    shown = [number for number in numbers if number is not None]
    rest = whole - sum(shown)
    allowed = slack * (len(shown) + 1) + 1e-9 * abs(whole)
    return rest < -allowed if len(shown) < len(parts) else abs(rest) > allowed


def _empties_are_zero(values: Mapping[Cell, Value], lines: Iterable[Line], slack: float) -> bool:
    """Do empty cells mean zero? Where hidden cells have their own marker, and lines add up without the empty ones."""
    if not any(value.mark is Mark.SUPPRESSED for value in values.values()):
        return False
    proofs = [
        line
        for line in lines
        if any(values[cell].mark is Mark.EMPTY for cell in cells_of(line))
        and all(values[cell].mark in (Mark.EMPTY, Mark.NUMBER) for cell in cells_of(line))
    ]
    return bool(proofs) and all(abs(_rest(line, values)) <= slack * len(line.terms) for line in proofs)


def _rest(line: Line, values: Mapping[Cell, Value]) -> float:
    *parts, total = cells_of(line)
    return (values[total].number or 0.0) - sum(values[part].number or 0.0 for part in parts)
