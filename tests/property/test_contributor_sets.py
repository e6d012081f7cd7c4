"""No pair of nested statistics is missed: the store against brute force over plain Python sets."""

from __future__ import annotations

import hashlib
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from c2c_research.contributor_sets import Cell, CellSet, TableSets
from enclave.differencing.compare import compare
from enclave.differencing.store import ProjectSets

PERSONS = np.sort(np.random.default_rng(7).choice(2**62, 90, replace=False)).astype(np.int64)
Shape = dict[Cell, tuple[frozenset[int], bool]]


@st.composite
def tables(draw: st.DrawFn) -> Shape:
    """Two rows and up to three columns over a population that often is a few persons short of everybody."""
    everybody = set(range(len(PERSONS)))
    population = everybody - draw(
        st.sets(st.integers(0, len(PERSONS) - 1), max_size=draw(st.sampled_from([3, 12, 60])))
    )
    columns = draw(st.integers(1, 3))
    splits = draw(st.sampled_from([2, 3, 5, 7]))
    cells: Shape = {}
    for row in range(2):
        for column in range(columns):
            inside = frozenset(p for p in population if p % 2 == row and p // 2 % splits % columns == column)
            cells[row, column] = (inside, draw(st.booleans()) or draw(st.booleans()))
    return cells


def brute(cells: Shape) -> list[tuple[frozenset[int], frozenset[Cell]]]:
    """All statistics: shown cells, and sums of shown cells along rows, columns and over all."""
    shown = {cell: members for cell, (members, is_shown) in cells.items() if is_shown}
    lines = [[cell for cell in shown if cell[0] == row] for row in range(2)]
    lines += [[cell for cell in shown if cell[1] == column] for column in range(3)] + [list(shown)]
    found = [(members, frozenset([cell])) for cell, members in shown.items()]
    found += [(frozenset().union(*(shown[c] for c in line)), frozenset(line)) for line in lines if len(line) > 1]
    return [(members, where) for members, where in found if members]


def expected(every: dict[str, Shape], new: set[str]) -> set[tuple[str, str]]:
    pairs = set()
    for one, other in combinations(every, 2):
        for a, _ in brute(every[one]):
            for b, _ in brute(every[other]):
                if (a < b or b < a) and 1 <= abs(len(a) - len(b)) <= 10:
                    pairs |= {(one, other)} if one in new else set()
                    pairs |= {(other, one)} if other in new else set()
    return pairs


@settings(max_examples=120, deadline=None)
@given(st.lists(tables(), min_size=2, max_size=5), st.integers(1, 3))
def test_exactly_the_nested_pairs_are_found(drawn: list[Shape], fresh: int) -> None:
    every = {hashlib.sha256(str(n).encode()).hexdigest(): shape for n, shape in enumerate(drawn)}
    names = list(every)
    with tempfile.TemporaryDirectory() as folder:
        store = ProjectSets(Path(folder))
        for name, shape in every.items():
            store.put(name, sets_of(shape), PERSONS)
        found = compare(store, names[:fresh], names[fresh:])
    assert {(each.table, each.other) for each in found} == expected(every, set(names[:fresh]))


def sets_of(shape: Shape) -> TableSets:
    cells = tuple(
        CellSet((f"r{cell[0]}", f"c{cell[1]}"), cell, "persons", is_shown, BitMap(sorted(members)))
        for cell, (members, is_shown) in shape.items()
    )
    return TableSets("p", 1, "", "", cells)
