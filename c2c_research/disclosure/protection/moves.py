"""Moves: changes of a table that leave every total as it is, and that a reader cannot rule out.

Along one key, a move raises one label and lowers another (with the subtotals between). The product of one such move
along every key is a move of the whole table: the four corners of a rectangle, the eight of a box. A hidden cell whose
move has room for `need` steps up and down, in whole numbers, is proven to take so many values. This is the hypercube
method of suppression. Source: Giessing and Repsilber, Inference Control in Statistical Databases (2002).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.structure import TOTAL, Dimension, Structure

FORBIDDEN = 1e12
_TRIED = 60
MOST_PATHS = 400
MOST_BOXES = 400_000
Path = tuple[tuple[int, int], ...]
Move = dict[Cell, int]


def paths_through(dimension: Dimension, label: str) -> list[Path]:
    """The moves along one key that change `label`, as (place of label, sign); the label itself goes up.

    Where a key adds up in several ways, what moves a label moves the subtotals of all of them.
    """
    place = {each: number for number, each in enumerate(dimension.labels)}
    above: dict[str, set[str]] = {}
    for tree in dimension.trees:
        for parent in (each for each in tree if each in place):
            for child in dimension.parts_of(parent, tree):
                above.setdefault(child, set()).add(parent)
    if not above:
        # nothing adds up along this key: a cell moves alone
        return [((place[label], 1),)]
    parents = set().union(*above.values())
    chains = {leaf: _chain(leaf, above) for leaf in dimension.labels if leaf not in parents}
    through = [leaf for leaf, chain in chains.items() if label in chain][:20]
    found: list[Path] = []
    for up in through:
        for down, other in chains.items():
            common = set(chains[up]) & set(other)
            if down == up or label in common:
                continue
            signs = [(place[each], 1) for each in chains[up] if each not in common]
            signs += [(place[each], -1) for each in other if each not in common]
            found.append(tuple(signs))
        if TOTAL in place or label == TOTAL:
            found.append(tuple((place[each], 1) for each in chains[up]))
    return found[:MOST_PATHS]


def _chain(label: str, above: dict[str, set[str]]) -> list[str]:
    """A label and all that it is a part of."""
    chain = [label]
    for each in chain:
        chain.extend(sorted(above.get(each, set()) - set(chain)))
    return chain


@dataclass
class Grid:
    """The cells of a structure as an array over its keys; cells that the table lacks cannot move."""

    structure: Structure

    def __post_init__(self) -> None:
        self.dimensions = self.structure.dimensions
        shape = tuple(len(dimension.labels) for dimension in self.dimensions)
        index = [{label: place for place, label in enumerate(each.labels)} for each in self.dimensions]
        self.at: dict[Cell, tuple[int, ...]] = {}
        self.cell: dict[tuple[int, ...], Cell] = {}
        self.value = np.zeros(shape)
        self.usable = np.zeros(shape, dtype=bool)
        for coordinate, cell in self.structure.places.items():
            place = tuple(index[number][label] for number, label in enumerate(coordinate))
            self.at[cell], self.cell[place] = place, cell
            self.value[place] = self.structure.values[cell].number or 0.0
            self.usable[place] = True
        self._paths: dict[tuple[int, int], list[Path]] = {}

    def paths(self, number: int, place: int) -> list[Path]:
        if (number, place) not in self._paths:
            dimension = self.dimensions[number]
            self._paths[number, place] = paths_through(dimension, dimension.labels[place])
        return self._paths[number, place]

    def cheapest(self, cell: Cell, cost: np.ndarray, room: Room, least_gain: float = FORBIDDEN) -> Move | None:
        """The cheapest move of a cell with room enough, below `least_gain`; None where there is none."""
        place = self.at[cell]
        choices = [self.paths(number, each) for number, each in enumerate(place)]
        if not all(choices) or np.prod([len(paths) for paths in choices]) > MOST_BOXES:
            return None
        totals = cost
        for number, paths in enumerate(choices):
            totals = _contracted(totals, paths, number)
        flat = totals.ravel()
        limit = min(least_gain, FORBIDDEN)
        order = (
            np.argpartition(flat, min(_TRIED, flat.size - 1))[:_TRIED] if flat.size > _TRIED else np.arange(flat.size)
        )
        for each in order[np.argsort(flat[order], kind="stable")]:
            if flat[each] >= limit:
                return None
            picked = [paths[step] for paths, step in zip(choices, np.unravel_index(each, totals.shape), strict=True)]
            move = self._move(picked)
            if room.enough(cell, move):
                return move
        return None

    def _move(self, picked: list[Path]) -> Move:
        found: Move = {}
        for corner in product(*picked):
            sign = 1
            for _, each in corner:
                sign *= each
            found[self.cell[tuple(step for step, _ in corner)]] = sign
        return found


def _contracted(cost: np.ndarray, paths: list[Path], axis: int) -> np.ndarray:
    """Costs of all paths along one axis: the sum over the labels of each."""
    longest = max(len(path) for path in paths)
    moved = np.moveaxis(cost, axis, 0)
    padded = np.concatenate([moved, np.zeros((1, *moved.shape[1:]))])
    total = np.zeros((len(paths), *moved.shape[1:]))
    for step in range(longest):
        places = [path[step][0] if step < len(path) else len(moved) for path in paths]
        total += padded[places]
    return np.moveaxis(total, 0, axis)


@dataclass(frozen=True)
class Room:
    """How far cells may move: hidden counts stay at `least` or above, `measured` cells at 0.

    `need` is how far a count must move up and down together; `up` and `down` are what a magnitude must reach on each
    side.
    """

    value: dict[Cell, float]
    least: float
    need: float
    up: dict[Cell, float]
    down: dict[Cell, float]
    measured: frozenset[Cell] = frozenset()

    def enough(self, cell: Cell, move: Move) -> bool:
        """Can this move raise and lower the cell far enough, in whole steps?"""
        ahead = min((self.spare(each) for each, sign in move.items() if sign < 0), default=FORBIDDEN)
        back = min((self.spare(each) for each, sign in move.items() if sign > 0), default=FORBIDDEN)
        if min(ahead, back) < 0:
            return False
        if cell in self.measured:
            # below nothing there is nothing to be hidden
            return ahead >= self.up.get(cell, 0.0) and back >= min(self.down.get(cell, 0.0), self.value[cell])
        return ahead + back >= self.need

    def spare(self, cell: Cell) -> float:
        return self.value[cell] - (0.0 if cell in self.measured else self.least)

    def fall(self, cell: Cell) -> float:
        """How far a cell may fall, as a share of what is needed."""
        if cell in self.measured or not self.need:
            return 1.0
        return min(1.0, max(0.0, self.spare(cell)) / self.need)
