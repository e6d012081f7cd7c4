"""One more complement: masked counts of one line that are all 3 or less, or that add to fewer than a cell must have.

Two masked cells are proven apart and still speak of a few persons together: the total less what is shown tells how many
they are. Then one more cell of the line is masked. Source: CalHHS Data De-Identification Guidelines, edition 2.0,
section 4.4. Limit: that all are 3 or less is known where their numbers are, or where their marker says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.structure import Structure, cells_of

SMALL = 3


def thin_lines(structure: Structure, hidden: Collection[Cell], threshold: int) -> Iterator[tuple[Cell, ...]]:
    """The masked cells of each line whose shown total leaves too few persons for them."""
    for line in structure.lines:
        *parts, total = cells_of(line)
        masked = tuple(part for part in parts if part in hidden)
        if masked and total not in hidden and _is_thin(structure, masked, parts, total, threshold):
            yield masked


def next_complement(
    structure: Structure, hidden: Collection[Cell], threshold: int, shown: Collection[Cell] = ()
) -> Cell | None:
    """The smallest shown count of a thin line, to be masked besides; None where no line is thin or none is left."""
    for masked in thin_lines(structure, hidden, threshold):
        beside = [part for part in _line_of(structure, masked) if part not in hidden and part not in shown]
        usable = [(number, part) for part in beside if (number := structure.values[part].number or 0) > 0]
        if usable:
            return min(usable)[1]
    return None


def _line_of(structure: Structure, masked: tuple[Cell, ...]) -> list[Cell]:
    lines = (cells_of(line)[:-1] for line in structure.lines)
    return next(list(parts) for parts in lines if set(masked) <= set(parts))


def _is_thin(
    structure: Structure, masked: tuple[Cell, ...], parts: Collection[Cell], total: Cell, threshold: int
) -> bool:
    values = structure.values
    if all(_at_most(values[cell].number, values[cell].upper) <= SMALL for cell in masked):
        return True
    known = [values[part].number for part in parts if part not in masked]
    whole = values[total].number
    if whole is None or any(number is None for number in known):
        return False
    return 0 < whole - sum(number or 0 for number in known) < threshold


def _at_most(number: float | None, upper: float | None) -> float:
    if number is not None:
        return number
    return float("inf") if upper is None else float(upper)
