"""Who is alone in which cells: a total that one contributor makes up is the same contributor's as its part.

A contributor who is alone in a cell knows it, and may use that against others; nobody is protected from themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.structure import Structure, cells_of

_NEAR = 1e-9


class Persons:
    """The cells of one contributor each, and which of them belong to the same one."""

    def __init__(self, structure: Structure, value: Mapping[Cell, float], alone: Collection[Cell]) -> None:
        self._same = {cell: cell for cell in alone}
        for line in structure.lines:
            *parts, total = cells_of(line)
            if total not in self._same:
                continue
            room = _NEAR * max(1.0, abs(value[total]))
            for part in parts:
                if part in self._same and value[part] > 0 and abs(value[part] - value[total]) <= room:
                    self._same[self._root(part)] = self._root(total)

    def _root(self, cell: Cell) -> Cell:
        while self._same[cell] != cell:
            cell = self._same[cell]
        return cell

    def is_own(self, cell: Cell, attacker: Cell | None) -> bool:
        """Is the cell the attacker's own?"""
        if attacker is None or cell == attacker:
            return attacker is not None
        return cell in self._same and attacker in self._same and self._root(cell) == self._root(attacker)
