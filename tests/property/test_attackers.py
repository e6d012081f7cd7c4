"""After a repair no attacker learns more than the pack allows: readers, and whoever is alone in a cell.

Hierarchies, three ways, shares beside counts, rounding and sums of money. The attackers are of `attackers`, or linear
programmes of another library; lines and levels are made here from the drawn table, not read from ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from c2c_research.disclosure.context import context_from
from c2c_research.disclosure.policy import load_pack
from c2c_research.disclosure.protection.request import Wishes, masked_rows, suppress_table
from c2c_research.disclosure.protection.suppression import Suppression
from c2c_research.disclosure.repairs import repairs
from c2c_research.disclosure.tables import Table
from tests.property.attackers import Reader, exposed
from tests.scale import examples

PACK = load_pack()
Place = tuple[str, ...]
Above = dict[str, list[str]]
COUNT = st.one_of(st.integers(0, 4), st.integers(1, 12), st.integers(12, 90))


def added_up(inner: dict[Place, int], above: list[Above]) -> tuple[dict[Place, int], list[tuple[list[Place], Place]]]:
    """All cells, and every sum (parts, total); `above` names for each key what a label is a part of, nearest first."""
    full: dict[Place, int] = defaultdict(int)
    for place, count in inner.items():
        for each in product(*([label, *above[way][label]] for way, label in enumerate(place))):
            full[each] += count
    sums: dict[Place, dict[int, list[Place]]] = defaultdict(lambda: defaultdict(list))
    for place, way in product(full, range(len(above))):
        for parent in above[way].get(place[way], [])[:1]:
            sums[(*place[:way], parent, *place[way + 1 :])][way].append(place)
    return dict(full), [(parts, total) for total, ways in sums.items() for parts in ways.values()]


def persons_in(inner: dict[Place, int], above: list[Above]) -> dict[Place, Place]:
    """For each cell that counts one person, where in the inner table that person stands."""
    found: dict[Place, list[Place]] = defaultdict(list)
    for place, count in inner.items():
        for each in product(*([label, *above[way][label]] for way, label in enumerate(place))):
            found[each] += [place] * count
    return {cell: places[0] for cell, places in found.items() if len(places) == 1}


def unsafe(
    full: dict[Place, int], sums: list[tuple[list[Place], Place]], one: dict[Place, Place], done: Suppression
) -> Iterator[tuple[Place, Place | None]]:
    """(cell, attacker): small cells that brute force narrows to four values or fewer. `one` says who is alone where."""
    at = {place: number for number, place in enumerate(full)}
    lines = [([at[each] for each in parts], at[total]) for parts, total in sums]
    truth = {at[place]: count for place, count in full.items()}
    places, hidden = list(full), frozenset(row for row, _ in done.hidden)
    small = [number for number in sorted(hidden) if 0 < truth[number] < 11]
    for attacker in (None, *(number for number in small if truth[number] == 1)):
        own = {each for each in small if attacker is not None and one.get(places[each], 0) == one[places[attacker]]}
        reader = Reader(truth, lines, hidden, known=frozenset(own))
        for cell in exposed(reader, [each for each in small if each not in own]):
            yield places[cell], None if attacker is None else places[attacker]


def suppressed(full: dict[Place, int], above: list[Above], seconds: float = 1.0) -> Suppression:
    keys = [f"key{way}" for way in range(len(above))]
    trees = {}
    for key, parents in zip(keys, above, strict=True):
        groups: dict[str, list[str]] = defaultdict(list)
        for label, chain in parents.items():
            if chain and chain[0] != "Total":
                groups[chain[0]].append(label)
        if groups:
            trees[key] = dict(groups)
    context = context_from({"rows": keys, "kind": "frequency", "counts": "n", "hierarchies": trees})
    rows = tuple((*place, str(count)) for place, count in full.items())
    return suppress_table(Table((*keys, "n"), rows, context=context), PACK, Wishes(seconds=seconds))


def flat(name: str, size: int) -> Above:
    return {f"{name}{number}": ["Total"] for number in range(size)}


def grouped(name: str, sizes: list[int]) -> Above:
    """Labels in groups, groups in the total."""
    labels = {f"{name}{g}{n}": [f"{name} group {g}", "Total"] for g, size in enumerate(sizes) for n in range(size)}
    return {**labels, **{f"{name} group {g}": ["Total"] for g in range(len(sizes))}}


@st.composite
def drawn(draw: st.DrawFn, shapes: st.SearchStrategy[list[Above]]) -> tuple[dict[Place, int], list[Above]]:
    above = draw(shapes)
    leaves = [[label for label in way if "group" not in label] for way in above]
    return {place: draw(COUNT) for place in product(*leaves)}, above


def holds(inner: dict[Place, int], above: list[Above]) -> None:
    full, sums = added_up(inner, above)
    done = suppressed(full, above)
    small = {number for number, count in enumerate(full.values()) if 0 < count < 11}
    assert small <= {row for row, _ in done.hidden}
    event(f"proven: {done.proven}")
    said = {(doubt.cell[0], None if doubt.against is None else doubt.against[0]) for doubt in done.doubts}
    at = {place: number for number, place in enumerate(full)}
    for cell, attacker in unsafe(full, sums, persons_in(inner, above), done):
        assert (at[cell], None if attacker is None else at[attacker]) in said, (cell, attacker)


TREES = st.builds(
    lambda sizes, columns: [grouped("r", sizes), flat("c", columns)],
    st.lists(st.integers(2, 3), min_size=2, max_size=2),
    st.integers(2, 3),
)
CUBES = st.builds(
    lambda one, two, three: [flat("a", one), flat("b", two), flat("c", three)],
    st.integers(2, 3), st.integers(2, 3), st.integers(2, 3),
)  # fmt: skip


@settings(max_examples=examples(40, 2_500), deadline=None)
@given(drawn(TREES))
def test_nobody_narrows_a_small_count_of_a_hierarchy(table: tuple[dict[Place, int], list[Above]]) -> None:
    holds(*table)


@settings(max_examples=examples(25, 1_500), deadline=None)
@given(drawn(CUBES))
def test_nobody_narrows_a_small_count_of_three_ways(table: tuple[dict[Place, int], list[Above]]) -> None:
    holds(*table)


# ---------------------------------------------------------------- shares beside counts


def share(count: int, base: int) -> str:
    return f"{100 * count / base:.1f}%" if base else ""


@settings(max_examples=examples(40, 1_500), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(11, 60)), min_size=3, max_size=6))
def test_shares_do_not_give_hidden_counts_back(pairs: list[tuple[int, int]]) -> None:
    """Graduates, students and the share, with a line of totals: shown shares must not help."""
    lines = [(count, count + others) for count, others in pairs]
    lines.append((sum(count for count, _ in lines), sum(base for _, base in lines)))
    names = [*(f"district {number}" for number in range(len(pairs))), "Total"]
    rows = tuple((name, str(n), str(base), share(n, base)) for name, (n, base) in zip(names, lines, strict=True))
    context = context_from({"rows": ["d"], "counts": ["graduates", "students"], "rates": ["share"]})
    table = Table(("d", "graduates", "students", "share"), rows, context=context)
    done = suppress_table(table, PACK, Wishes(seconds=2))
    shown = masked_rows(table, done.masked)
    size = len(lines)
    truth = {2 * row + way: numbers[way] for row, numbers in enumerate(lines) for way in (0, 1)}
    hidden = frozenset(2 * row + column - 1 for row, column in done.hidden)
    sums = [([2 * row + way for row in range(size - 1)], 2 * (size - 1) + way) for way in (0, 1)]
    fits = [
        ((2 * row, 2 * row + 1), lambda n, base, said=shown[row][3]: share(n, base) == said)
        for row in range(size)
        if shown[row][3] != "*"
    ]
    reader = Reader(truth, sums, hidden, least=1 if 0 in truth.values() else 0, fits=fits)
    small = [cell for cell in sorted(hidden) if 0 < truth[cell] < 11]
    assert list(exposed(reader, small)) == [] or done.doubts


# ---------------------------------------------------------------- rounding


@settings(max_examples=examples(60, 2_000), deadline=None)
@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=3, max_size=5), st.randoms())
def test_a_rounded_table_is_the_same_for_all_counts_that_round_alike(
    counts: list[list[int]], chance: np.random.Generator
) -> None:
    """Nothing beyond each cell's own band of five leaves: other counts in the same bands give the same file."""
    others = [[max(0, 5 * ((n + 2) // 5) + chance.randint(-2, 2)) for n in row] for row in counts]  # type: ignore[attr-defined]
    first, second = (rounded(each) for each in (counts, others))
    if first is not None and second is not None:
        assert first == second
        numbers = [[int(text) for text in line.split(",")[1:]] for line in first.splitlines()[1:]]
        pairs = [pair for line, row in zip(numbers, counts, strict=False) for pair in zip(line, row, strict=False)]
        assert all(abs(new - old) <= 2 and new % 5 == 0 for new, old in pairs)
        assert [sum(column) for column in zip(*numbers[:-1], strict=True)] == numbers[-1]
        assert all(sum(line[:-1]) == line[-1] for line in numbers)


def rounded(counts: list[list[int]]) -> str | None:
    rows = [[*row, sum(row)] for row in counts]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    names = [*(f"district {number}" for number in range(len(counts))), "Total"]
    text = "d,x,y,w,Total\n" + "".join(
        f"{name},{','.join(map(str, row))}\n" for name, row in zip(names, rows, strict=True)
    )
    context = "rows: [d]\nkind: frequency\ncounts: cells\ntotals: {rows: Total, columns: Total}\n"
    found = [each for each in repairs("t1.csv", text.encode(), context=context, anyway=True) if each.kind == "rounded"]
    return found[0].content.decode() if found else None


# ---------------------------------------------------------------- sums of money


@st.composite
def wages(draw: st.DrawFn) -> list[list[list[int]]]:
    """The contributions of every cell of a small table: mostly many alike, at times one large or a single one."""
    shape = draw(st.integers(3, 4)), draw(st.integers(3, 4))
    kinds = st.one_of(
        st.lists(st.integers(10, 60), min_size=12, max_size=14),
        st.lists(st.integers(10, 60), min_size=12, max_size=14),
        st.lists(st.integers(10, 20), min_size=11, max_size=12).map(lambda small: [*small, 2_000]),
        st.integers(50, 500).map(lambda one: [one]),
    )
    return [[draw(kinds) for _ in range(shape[1])] for _ in range(shape[0])]


@settings(max_examples=examples(30, 1_000), deadline=None)
@given(wages())
def test_nobody_estimates_a_contributor_more_closely_than_the_rules_allow(cells: list[list[list[int]]]) -> None:
    sums = [[sum(cell) for cell in row] for row in cells]
    done = money(cells, sums)
    if not done.proven:
        event("not proven")
        assert done.doubts or done.exposed
        return
    hidden = {(row, column - 1) for row, column in done.hidden}
    unsafe_cells = {
        (r, c): need for r, row in enumerate(cells) for c, cell in enumerate(row) if (need := asked(cell)) > 0
    }
    assert set(unsafe_cells) <= hidden
    alone = [place for place in hidden if place in unsafe_cells and len(cells[place[0]][place[1]]) == 1]
    for (row, column), need in unsafe_cells.items():
        for attacker in (None, *alone):
            if attacker != (row, column):
                low, high = attacked(sums, hidden, (row, column), attacker)
                value, near = sums[row][column], 1e-4 * sums[row][column]
                assert high >= value + need - near and low <= max(0.0, value - need) + near


def asked(cell: list[int]) -> float:
    """How far a cell has to stay open: p % = 10, (n,k) = (2, 90 %), and 10 % of the value of fewer than 11 persons."""
    top, total = sorted(cell, reverse=True), sum(cell)
    second = top[1] if len(top) > 1 else 0
    levels = [0.1 * top[0] - (total - top[0] - second), (top[0] + second) / 0.9 - total]
    return max([*levels, 0.1 * total if len(cell) < 11 else 0.0])


def money(cells: list[list[list[int]]], sums: list[list[int]]) -> Suppression:
    rows = [[*row, sum(row)] for row in sums]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    names = [*(f"district {number}" for number in range(len(sums))), "All"]
    places = [(r, c) for r, row in enumerate(cells) for c in range(len(row))]
    tops = [[r, c + 1, sums[r][c], *[*sorted(cells[r][c], reverse=True), 0][:2]] for r, c in places]
    units = [[r, c + 1, len(cells[r][c])] for r, c in places]
    header = ("d", *(f"sector {number}" for number in range(len(sums[0]))), "All")
    said = {"rows": ["d"], "kind": "magnitude", "totals": {"rows": "All", "columns": "All"}}
    context = context_from(said, {"contributions": tops, "counts": units})
    table = Table(header, tuple((name, *map(str, row)) for name, row in zip(names, rows, strict=True)), context=context)
    return suppress_table(table, PACK, Wishes(seconds=2))


def attacked(
    sums: list[list[int]], hidden: set[tuple[int, int]], cell: tuple[int, int], attacker: tuple[int, int] | None
) -> tuple[float, float]:
    """Least and greatest value of a cell by another library's linear programmes; totals are cells as well."""
    rows, columns = len(sums), len(sums[0])
    full = np.zeros((rows + 1, columns + 1))
    full[:rows, :columns] = sums
    full[rows] = full[:rows].sum(axis=0)
    full[:, columns] = full[:, :columns].sum(axis=1)
    number = np.arange(full.size).reshape(full.shape)
    equations = []
    for line in [*number, *number.T]:
        equation = np.zeros(full.size)
        equation[line[:-1]], equation[line[-1]] = 1.0, -1.0
        equations.append(equation)
    free = hidden - {attacker}
    limits = [(0, None) if divmod(n, columns + 1) in free else (value, value) for n, value in enumerate(full.ravel())]
    aim = np.zeros(full.size)
    aim[number[cell]] = 1.0
    found = [linprog(sign * aim, A_eq=equations, b_eq=np.zeros(len(equations)), bounds=limits) for sign in (1, -1)]
    assert found[0].success
    return float(found[0].fun), float(-found[1].fun) if found[1].success else float("inf")


def test_the_reader_of_these_tests_is_no_fool() -> None:
    """2 + 2 = 4 in a column: a reader who sees no zero can still only say 1 to 3; who knows one of them knows both."""
    lines = [([0, 1, 2], 3)]
    reader = Reader({0: 2, 1: 2, 2: 50, 3: 54}, lines, frozenset([0, 1]))
    assert reader.values_of(0, 9) == {1, 2, 3}
    assert Reader(reader.truth, lines, reader.hidden, known=frozenset([1])).values_of(0, 9) == {2}
    assert list(exposed(reader, [0])) == [0]
