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
    """The moves along one key that change `label`, as (place of label, sign); the label itself goes up."""
    if len(dimension.trees) > 1:
        return []
    place = {each: number for number, each in enumerate(dimension.labels)}
    tree = dimension.trees[0] if dimension.trees else {}
    above = {child: parent for parent in tree for child in dimension.parts_of(parent, tree) if parent in place}
    if not above:
        # nothing adds up along this key: a cell moves alone
        return [((place[label], 1),)]
    chains = {leaf: _chain(leaf, above) for leaf in dimension.labels if not _has_parts(dimension, leaf, tree)}
    through = [leaf for leaf, chain in chains.items() if label in chain][:20]
    found = []
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


def _has_parts(dimension: Dimension, label: str, tree: dict[str, tuple[str, ...]]) -> bool:
    return bool(dimension.parts_of(label, tree)) if label in tree else False


def _chain(label: str, above: dict[str, str]) -> list[str]:
    chain = [label]
    while chain[-1] in above:
        chain.append(above[chain[-1]])
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
    """How far cells may move: hidden counts stay at `least` or above. `need` is how far up and down together.

    `up` and `down` are what each cell must reach on its side alone (magnitudes).
    """

    value: dict[Cell, float]
    least: float
    need: float
    up: dict[Cell, float]
    down: dict[Cell, float]

    def enough(self, cell: Cell, move: Move) -> bool:
        """Can this move raise and lower the cell far enough, in whole steps?"""
        ahead = min((self.value[each] - self.least for each, sign in move.items() if sign < 0), default=FORBIDDEN)
        back = min((self.value[each] - self.least for each, sign in move.items() if sign > 0), default=FORBIDDEN)
        if min(ahead, back) < 0:
            return False
        sides = ahead >= self.up.get(cell, 0.0) and back >= self.down.get(cell, 0.0)
        return sides and ahead + back >= self.need

    def fall(self, cell: Cell) -> float:
        """How far a cell may fall, as a share of what is needed."""
        return min(1.0, max(0.0, self.value[cell] - self.least) / self.need) if self.need else 1.0
