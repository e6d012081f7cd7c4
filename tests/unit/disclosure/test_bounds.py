"""Bounds of hidden counts against brute force, and patterns that protect."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from c2c_research.disclosure.bounds import bounds
from c2c_research.disclosure.context import context_from
from c2c_research.disclosure.equations import System, system_of
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.suppression import gives_away, masked, protect
from c2c_research.disclosure.tables import Table

FREQUENCY = context_from({"rows": ["k"], "kind": "frequency", "counts": "cells"})


def two_way(cells: list[list[int]]) -> Table:
    """A table of counts with margins."""
    width = len(cells[0])
    rows = [[f"r{i}", *map(str, row), str(sum(row))] for i, row in enumerate(cells)]
    sums = [sum(row[column] for row in cells) for column in range(width)]
    rows.append(["Total", *map(str, sums), str(sum(sums))])
    header = ("k", *(f"c{i}" for i in range(width)), "Total")
    return Table(header, tuple(map(tuple, rows)), context=FREQUENCY)


def brute_force(system: System, hidden: list[Cell]) -> dict[Cell, tuple[int, int]]:
    """Least and greatest value of each hidden cell over all whole numbers that fit every equation."""
    low = 1 if system.shows_zeros else 0
    shown = {cell: int(value.number or 0) for cell, value in system.values.items() if cell not in hidden}
    found: dict[Cell, set[int]] = {cell: set() for cell in hidden}
    for guess in product(range(low, 16), repeat=len(hidden)):
        values = shown | dict(zip(hidden, guess, strict=True))
        if all(values[line.total] == sum(values[part] for part in line.parts) for line in system.equations):
            for cell, value in zip(hidden, guess, strict=True):
                found[cell].add(value)
    return {cell: (min(values), max(values)) for cell, values in found.items()}


small_tables = st.lists(st.lists(st.integers(1, 7), min_size=3, max_size=3), min_size=3, max_size=3)


@settings(max_examples=25, deadline=None)
@given(small_tables, st.sets(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=4))
def test_bounds_of_two_way_tables_are_exact(cells: list[list[int]], hidden: set[Cell]) -> None:
    system = masked(system_of(two_way(cells)), hidden)
    truth = brute_force(system, sorted(hidden))
    assert {cell: (interval.low, interval.high) for cell, interval in bounds(system).items()} == truth


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 60), min_size=4, max_size=4), min_size=3, max_size=5))
def test_a_protected_pattern_gives_no_hidden_count_away(cells: list[list[int]]) -> None:
    system = system_of(two_way(cells))
    primary = {cell for cell, value in system.values.items() if value.number and value.number < 11}
    hidden = protect(system, primary, 11) if primary else set()
    assert primary <= hidden
    shown_positive = [cell for cell, value in system.values.items() if value.number and cell not in hidden]
    exposed = [c for c, i in bounds(masked(system, hidden)).items() if gives_away(i, 11, 4)]
    # where a few counts are all there is, everything is hidden and only the design of the table can help
    assert not exposed or not shown_positive


def test_a_marker_that_lies_about_a_large_count_is_not_believed() -> None:
    table = Table(("k", "a", "b", "Total"), (("x", "<11", "12", "60"), ("y", "20", "5", "25")), context=FREQUENCY)
    interval = bounds(system_of(table))[0, 1]
    assert (interval.low, interval.high) == (48, 48)


def test_a_hidden_pattern_of_four_corners_protects_a_single_small_count() -> None:
    table = two_way([[3, 40, 50], [30, 45, 60], [33, 50, 70]])
    hidden = protect(system_of(table), {(0, 1)}, 11)
    assert len(hidden) == 4 and (0, 1) in hidden
