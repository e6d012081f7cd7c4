"""Totals that no word names: found because the numbers add.

A reader sees that 5,498 is the sum of the lines above it, whatever its label says. So do we: a label is taken as the
sum of its neighbours (all of them, or a block next to it) where its numbers say so in every column. The evidence is
counted in *bits*: a total of v that fits exactly is worth log2(v), because an unrelated number would fit about once in
v; where hidden parts leave room for w values, log2(v / w). What could be chance is not used. Blocks may nest, and stand
above or below their total. Several blocks that each add to one total ("by sex", "by race") are ways to split it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from c2c_research.disclosure import words
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.protection.hierarchies import Tree

MOST_LABELS = 150
LARGEST_HIDDEN = 10
_SURE = 8.0
_WHOLE_LIST = 5.0
_LIKE_THE_OTHERS = 4.0
_WORDS = 4.0
_PLACES = frozenset(
    ["total", "state", "statewide", "california", "county", "countywide", "region", "district", "districtwide", "all",
     "overall", "combined", "together", "entire", "whole", "sum", "everyone", "everybody", "university", "system",
     "systemwide", "national", "nation", "any", "altogether", "gesamt", "todos", "todas"]
)  # fmt: skip
Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Block:
    """What a run of labels adds to, in each column: the shown part, and what hidden parts may add."""

    shown: Numbers
    low: Numbers
    high: Numbers
    size: int

    def __add__(self, other: Block) -> Block:
        return Block(self.shown + other.shown, self.low + other.low, self.high + other.high, self.size + other.size)


class Lists:
    """The labels of one key with their values in every combination of the other keys."""

    def __init__(self, labels: Sequence[str], groups: Sequence[Mapping[str, Value]], slack: float) -> None:
        self.labels, self.slack = list(labels), slack
        self.blocks = {label: _block([group.get(label) for group in groups]) for label in labels}
        self.known = {label: np.array([_shown(group.get(label)) for group in groups]) for label in labels}

    def bits(self, total: str, block: Block) -> float:
        """How much speaks for `total` being the sum of the block; 0 where one column speaks against it."""
        whole = self.known[total]
        used = ~np.isnan(whole)
        room = self.slack * (block.size + 1)
        rest = whole[used] - block.shown[used]
        if not used.any() or (rest < block.low[used] - room - 1e-6).any() or (rest > block.high[used] + room).any():
            return 0.0
        window = block.high[used] - block.low[used] + 2 * room + 1
        return float(np.log2(np.maximum(1.0, whole[used] / window)).sum())


def nested_sums(lists: Lists) -> Tree:
    """The labels that are sums of others, with their parts; empty where nothing adds for sure."""
    if not 3 <= len(lists.labels) <= MOST_LABELS:
        return {}
    return max((_parsed(lists, labels) for labels in (lists.labels, lists.labels[::-1])), key=lambda each: each[1])[0]


def ways_to_split(lists: Lists, total: str) -> tuple[tuple[str, ...], ...]:
    """Runs of labels that each add to the total, and together are all labels; none where there are fewer than two."""
    runs: list[tuple[str, ...]] = []
    open_run: list[str] = []
    block: Block | None = None
    for label in (each for each in lists.labels if each != total):
        open_run.append(label)
        block = lists.blocks[label] if block is None else block + lists.blocks[label]
        if len(open_run) > 1 and lists.bits(total, block) >= _LIKE_THE_OTHERS:
            runs.append(tuple(open_run))
            open_run, block = [], None
    return tuple(runs) if len(runs) > 1 and not open_run else ()


def _parsed(lists: Lists, labels: list[str]) -> tuple[Tree, float]:
    """The tree of a list whose totals follow their parts, and its bits. Doubtful blocks count beside sure ones only."""
    tree, bits = _parse(lists, labels, frozenset())
    return _parse(lists, labels, frozenset(tree)) if tree else (tree, bits)


def _parse(lists: Lists, labels: list[str], sure: frozenset[str]) -> tuple[Tree, float]:
    tree: dict[str, tuple[str, ...]] = {}
    waiting: list[str] = []
    bits = 0.0
    for label in labels:
        size, found = _parts(lists, label, waiting, tree, label == labels[-1], bool(sure))
        if size:
            tree[label] = tuple(waiting[-size:])
            del waiting[-size:]
            bits += found
        waiting.append(label)
    return tree, bits


def _parts(
    lists: Lists, label: str, waiting: list[str], tree: Tree, last: bool, others_sure: bool
) -> tuple[int, float]:
    """How many of the last waiting labels add to this one, and how surely; (0, 0) for none."""
    best, best_bits, block = 0, 0.0, None
    loose = next((number for number, each in enumerate(reversed(waiting)) if each in tree), len(waiting))
    for size, each in enumerate(reversed(waiting), 1):
        block = lists.blocks[each] if block is None else block + lists.blocks[each]
        if size < 2 or not (found := lists.bits(label, block)):
            continue
        needed = _SURE + np.log2(len(waiting))
        if last and size == len(waiting):
            needed = _WHOLE_LIST
        elif others_sure and size == loose:
            needed = _LIKE_THE_OTHERS
        if _sounds_like_a_total(label):
            needed -= _WORDS
        if found >= needed and found > best_bits:
            best, best_bits = size, found
    return best, best_bits


def _sounds_like_a_total(label: str) -> bool:
    return bool(_PLACES & set(words.words(label)))


def _block(values: Sequence[Value | None]) -> Block:
    shown = np.array([0.0 if value is None else value.number or 0.0 for value in values])
    low = np.array([float(value is not None and value.mark is Mark.SUPPRESSED) for value in values])
    return Block(shown, low, np.array([_most(value) for value in values]), 1)


def _most(value: Value | None) -> float:
    if value is None or value.mark is Mark.NUMBER:
        return 0.0
    return float(LARGEST_HIDDEN if value.upper is None else value.upper)


def _shown(value: Value | None) -> float:
    return float("nan") if value is None or value.number is None else value.number
