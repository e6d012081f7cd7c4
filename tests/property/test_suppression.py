"""After a suppression nobody learns more than the policy allows: readers, and people alone in a cell of one.

The reader is written here on its own: whole numbers are tried one by one, line by line; no solver of ours is used.
"""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from c2c_research.disclosure.context import context_from
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.needs import Needs
from c2c_research.disclosure.protection.request import as_json
from c2c_research.disclosure.protection.structure import structure_of
from c2c_research.disclosure.protection.suppression import Suppression, suppress
from c2c_research.disclosure.tables import Table
from tests.scale import examples

Counts = dict[tuple[int, ...], int]


def table_of(counts: Counts, shape: tuple[int, ...]) -> Table:
    """A long table with all margins (index 0 along a key is its total)."""
    full = dict(counts)
    for way in range(len(shape)):
        for place, count in list(full.items()):
            total = (*place[:way], 0, *place[way + 1 :])
            full[total] = full.get(total, 0) + count
    names = [f"key{way}" for way in range(len(shape))]
    rows = [(*(f"c{each}" if each else "Total" for each in place), str(count)) for place, count in full.items()]
    return Table((*names, "n"), tuple(rows), context=context_from({"rows": names, "kind": "frequency", "counts": "n"}))


def sums(table: Table) -> list[tuple[list[int], int]]:
    """(rows of the parts, row of the total) of every line of a long table, found anew from its labels."""
    at = {row[:-1]: number for number, row in enumerate(table.rows)}
    found = []
    for labels, number in at.items():
        for way, label in enumerate(labels):
            if label == "Total":
                parts = [
                    other
                    for name, other in at.items()
                    if name[way] != "Total" and name[:way] + name[way + 1 :] == labels[:way] + labels[way + 1 :]
                ]
                found.append((parts, number))
    return found


def possible(table: Table, hidden: list[int], low: dict[int, int], high: dict[int, int]) -> dict[int, set[int]]:
    """The values of hidden rows over all whole tables within a box that fit the lines: search by lines, no solver."""
    lines, shown = sums(table), [int(row[-1]) for row in table.rows]
    values: dict[int, int] = {}
    found: dict[int, set[int]] = {row: set() for row in hidden}

    def fits() -> bool:
        for parts, total in lines:
            rows = [*parts, total]
            if all(row in values or row not in low for row in rows):
                numbers = [values.get(row, shown[row]) for row in rows]
                if sum(numbers[:-1]) != numbers[-1]:
                    return False
        return True

    def search(place: int) -> None:
        if place == len(hidden):
            for row in hidden:
                found[row].add(values[row])
            return
        row = hidden[place]
        for number in range(low[row], high[row] + 1):
            values[row] = number
            if fits():
                search(place + 1)
            del values[row]

    search(0)
    return found


def done(table: Table, seconds: float = 3.0) -> Suppression:
    structure = structure_of(table)
    primary = [cell for cell, value in structure.values.items() if 0 < (value.number or 0) < 11]
    return suppress(structure, primary, Needs(), seconds=seconds)


def truth(table: Table) -> dict[Cell, int]:
    return {(number, len(row) - 1): int(row[-1]) for number, row in enumerate(table.rows)}


@st.composite
def tables(draw: st.DrawFn, ways: int = 2) -> Table:
    """Small counts, zeros and large counts, mixed."""
    shape = tuple(draw(st.integers(3, 5 if ways == 2 else 3)) for _ in range(ways))
    number = st.one_of(st.integers(0, 12), st.integers(12, 60), st.integers(30, 300))
    places = list(product(*(range(1, size + 1) for size in shape)))
    return table_of({place: draw(number) for place in places}, shape)


def steps_prove(table: Table, outcome: Suppression, cell: Cell, still: set[Cell]) -> bool:
    """Can a cell take five values, by adding small whole steps around it, with `still` cells known to the reader?"""
    hidden = sorted(row for row, _ in outcome.hidden)
    counts = {row: int(table.rows[row][-1]) for row in hidden}
    known = {row for row, _ in still}
    low = {row: counts[row] if row in known else max(1, counts[row] - 4) for row in hidden}
    high = {row: counts[row] if row in known else counts[row] + 4 for row in hidden}
    return len(possible(table, hidden, low, high)[cell[0]]) > 4


@settings(max_examples=examples(60, 3_000), deadline=None)
@given(tables())
def test_no_reader_of_a_two_way_table_narrows_a_small_count(table: Table) -> None:
    outcome, counts = done(table), truth(table)
    small = {cell for cell, count in counts.items() if 0 < count < 11}
    assert small <= outcome.hidden
    assert not any(counts[cell] == 0 for cell in outcome.hidden), "zeros stay shown"
    for cell in outcome.hidden:
        interval = outcome.intervals[cell]
        assert interval.low <= counts[cell] and (interval.high is None or counts[cell] <= interval.high)
    if len(outcome.hidden) <= 9:
        for cell in small - set(outcome.exposed):
            assert steps_prove(table, outcome, cell, set())


@settings(max_examples=examples(15, 1_000), deadline=None)
@given(tables(ways=3))
def test_no_reader_of_a_three_way_table_narrows_a_small_count(table: Table) -> None:
    outcome, counts = done(table), truth(table)
    small = {cell for cell, count in counts.items() if 0 < count < 11}
    assert small <= outcome.hidden
    for cell in small - set(outcome.exposed):
        interval = outcome.intervals[cell]
        assert interval.width > 4 and interval.low <= counts[cell]


@settings(max_examples=examples(30, 2_000), deadline=None)
@given(tables())
def test_what_stays_exposed_is_what_no_pattern_could_hide(table: Table) -> None:
    """Where a cell stays exposed, hiding every positive count of the table would not have helped."""
    outcome, counts = done(table), truth(table)
    if outcome.exposed:
        everything = [cell for cell, count in counts.items() if count]
        assert set(everything) == set(outcome.hidden)


def cheapest_by_trying(table: Table) -> float:
    """The least cost of a safe pattern, over all patterns."""
    from itertools import combinations

    from c2c_research.disclosure.protection.bounds import bounds

    structure, counts = structure_of(table), truth(table)
    small = {cell for cell, count in counts.items() if 0 < count < 11}
    inner = [cell for cell in counts if "Total" not in table.rows[cell[0]] and counts[cell] >= 11]
    best = float("inf")
    for size in range(len(inner) + 1):
        for chosen in combinations(inner, size):
            cost = sum(counts[cell] for cell in chosen)
            if cost < best:
                found = bounds(structure.attacked(small | set(chosen), True))
                if all(found[cell].width > 4 for cell in small):
                    best = cost
    return best


@settings(max_examples=examples(6, 200), deadline=None)
@given(st.lists(st.integers(12, 60), min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 10))
def test_a_gap_of_nothing_is_the_cheapest_pattern_there_is(numbers: list[int], place: int, small: int) -> None:
    counts = {(place // 3 + 1, place % 3 + 1): number for place, number in enumerate(numbers)}
    counts[place // 3 + 1, place % 3 + 1] = small
    table = table_of(counts, (3, 3))
    outcome, least = done(table), cheapest_by_trying(table)
    assert outcome.cost * (1 - outcome.gap) <= least + 1e-6 <= outcome.cost + 2e-6


@settings(max_examples=examples(25, 2_000), deadline=None)
@given(tables(), st.data())
def test_what_is_called_proven_holds_against_everybody_alone_in_a_cell(table: Table, data: st.DataObject) -> None:
    outcome, counts = done(table), truth(table)
    alone = [cell for cell in sorted(outcome.hidden) if counts[cell] == 1]
    if not outcome.proven or not alone or len(outcome.hidden) > 9:
        return
    attacker = data.draw(st.sampled_from(alone))
    for cell, count in counts.items():
        if 0 < count < 11 and cell != attacker:
            assert steps_prove(table, outcome, cell, {attacker})


def test_a_pattern_that_cannot_be_safe_is_not_called_proven() -> None:
    table = table_of({(1, 1): 3, (1, 2): 40, (2, 1): 30, (2, 2): 50}, (2, 2))
    small = next(cell for cell, count in truth(table).items() if count == 3)
    others = [cell for cell in truth(table) if cell != small]
    outcome = suppress(structure_of(table), [small], Needs(), shown=others)
    assert outcome.exposed == (small,) and not outcome.proven
    assert outcome.doubts[0].cell == small
    answer = as_json(outcome)
    assert answer["proven"] is False
    assert answer["not_proven"] == [{"cell": list(small), "against": None}]


def test_somebody_alone_in_a_cell_does_not_unpick_its_line() -> None:
    table = table_of({(1, 1): 1, (1, 2): 7, (1, 3): 40, (2, 1): 30, (2, 2): 35, (2, 3): 50, (3, 1): 33, (3, 2): 44,
                      (3, 3): 60}, (3, 3))  # fmt: skip
    outcome = done(table)
    single = next(cell for cell, count in truth(table).items() if count == 1)
    other = next(cell for cell, count in truth(table).items() if count == 7)
    assert steps_prove(table, outcome, other, {single})
