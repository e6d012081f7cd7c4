"""The additive equations that a reader of a table knows: parts add to their total, in every direction.

A count is addressed by its coordinates: its row's keys and its column's label. Where a coordinate has a total label
("Total", "All", or as declared), the counts that share all other coordinates add to the total's. This one idea covers
cross-tables with margins, long tables with total rows, and tables of several keys.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.tables import Role, Table

Coordinate = tuple[str, ...]
TOTAL = "\x00total"


@dataclass(frozen=True)
class Equation:
    """`sum(parts) = total`, as cells of one table."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.total, *self.parts)


@dataclass(frozen=True)
class System:
    """The counts of a table with the equations between them."""

    values: dict[Cell, Value]
    equations: tuple[Equation, ...]

    @property
    def hidden(self) -> list[Cell]:
        """Suppressed and empty cells, in the order of the table."""
        return sorted(cell for cell, value in self.values.items() if value.mark is not Mark.NUMBER)

    @property
    def shows_zeros(self) -> bool:
        return any(value.number == 0 for value in self.values.values())


def system_of(table: Table, tolerance: float = 0.0) -> System:
    """Build a table's system. Equations that a fully shown line contradicts by more than rounding are left out."""
    values, places = _places(table)
    equations: list[Equation] = []
    for dimension in range(len(next(iter(places), ()))):
        lines = _lines(places, dimension)
        wrong = [line for line in lines if _contradicted(line, values, tolerance)]
        shown = [line for line in lines if all(values[cell].mark is Mark.NUMBER for cell in line.cells)]
        # categories that overlap, or a total over more than is listed: nobody can compute with such a direction
        if wrong and len(wrong) * 2 > len(shown):
            continue
        equations.extend(line for line in lines if line not in wrong)
    return System(values, tuple(equations))


def _places(table: Table) -> tuple[dict[Cell, Value], dict[Coordinate, Cell]]:
    keys = table.columns_of(Role.KEY)
    values: dict[Cell, Value] = {}
    places: dict[Coordinate, Cell] = {}
    for (row, column), value in table.counts():
        labels = [TOTAL if table.is_total_row(table.rows[row][key]) else table.rows[row][key].strip() for key in keys]
        labels.append(TOTAL if table.is_total_column(column) else f"{column}:{table.header[column]}")
        values[row, column] = value
        # a repeated coordinate is no cross-classification: the later row gets a place of its own
        coordinate = tuple(labels)
        if coordinate in places:
            coordinate = (*labels[:-1], f"{labels[-1]}#{row}")
        places[coordinate] = (row, column)
    return values, places


def _lines(places: dict[Coordinate, Cell], dimension: int) -> list[Equation]:
    groups: dict[Coordinate, dict[str, Cell]] = defaultdict(dict)
    for coordinate, cell in places.items():
        groups[coordinate[:dimension] + coordinate[dimension + 1 :]][coordinate[dimension]] = cell
    lines = []
    for group in groups.values():
        total = group.get(TOTAL)
        parts = tuple(cell for label, cell in group.items() if label != TOTAL)
        if total is not None and len(parts) > 1:
            lines.append(Equation(total, parts))
    return lines


def _contradicted(line: Equation, values: dict[Cell, Value], tolerance: float) -> bool:
    """A fully shown line that does not add; or one with hidden parts whose shown parts exceed the total."""
    total = values[line.total].number
    if total is None:
        return False
    parts = [values[part].number for part in line.parts]
    shown = [part for part in parts if part is not None]
    rest = total - sum(shown)
    slack = tolerance * (len(shown) + 1)
    return rest < -slack if len(shown) < len(parts) else abs(rest) > slack
