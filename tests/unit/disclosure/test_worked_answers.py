"""Published tables with known answers, each with its named pack: the parameters of the tool that it comes from.

They are read from the shared test data, which is no part of the product.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from c2c_research.disclosure.context import Contribution, context_from
from c2c_research.disclosure.policy import Policy, load_pack
from c2c_research.disclosure.protection.bounds import bounds
from c2c_research.disclosure.protection.hierarchies import parse_hrc
from c2c_research.disclosure.protection.magnitudes import p_percent_level
from c2c_research.disclosure.protection.request import Wishes, suppress_table
from c2c_research.disclosure.protection.structure import TOTAL, build, structure_of
from c2c_research.disclosure.tables import Table

DATA = next(
    (
        folder / "shared" / "testdata"
        for folder in Path(__file__).resolve().parents
        if (folder / "shared" / "testdata").is_dir()
    ),
    None,
)
pytestmark = pytest.mark.skipif(DATA is None, reason="the shared test data are not beside this checkout")


BREAKS = (("Total", "4"), ("Total", "Os"), ("4", "Total"))


def pack(name: str, rule: str, **parameters: float) -> Policy:
    """The enclave's pack under another name, with one rule's parameters changed."""
    usual = load_pack()
    rules = (
        replace(each, parameters={**each.parameters, **parameters}) if each.kind == rule else each
        for each in usual.rules
    )
    return replace(usual, name=name, rules=tuple(rules))


SSBTOOLS = pack("ssbtools-maxn-3", "min_cell", persons=4)
SDCTABLE = pack("sdctable-freq-3", "min_cell", persons=4)
TAU_ARGUS = pack("tau-argus-p-15", "dominance", n=0, p=15)


def read(name: str, separator: str = ",") -> list[list[str]]:
    assert DATA is not None
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=separator))


def crossed(counts: dict[tuple[str, str], int], hierarchies: dict[str, object] | None = None) -> Table:
    """A long table of two keys with totals."""
    full: Counter[tuple[str, str]] = Counter()
    for (one, other), count in counts.items():
        for place in ((one, other), (one, "Total"), ("Total", other), ("Total", "Total")):
            full[place] += count
    rows = tuple((*place, str(count)) for place, count in full.items())
    context = {"rows": ["row", "column"], "kind": "frequency", "counts": "n", "hierarchies": hierarchies or {}}
    return Table(("row", "column", "n"), rows, context=context_from(context))


def place_of(table: Table, *labels: str) -> tuple[int, int]:
    return next((row, len(labels)) for row, texts in enumerate(table.rows) if texts[: len(labels)] == labels)


def test_sdctables_microdata_needs_three_further_cells_with_region_c() -> None:
    counts = Counter((row[0], row[1]) for row in read("sdctable/microdata1.csv")[1:])
    table = crossed(dict(counts))
    primary = place_of(table, "A", "female")
    done = suppress_table(table, SDCTABLE, Wishes())
    assert done.primary == (primary,) and len(table.rows) - len(done.hidden) == 11
    partners = {place_of(table, *labels) for labels in (("A", "male"), ("C", "female"), ("C", "male"))}
    assert (set(done.secondary), done.cost, done.gap, done.exposed) == (partners, 40, 0, ())


def z1() -> Table:
    return crossed({(row[0], row[1]): int(float(row[2])) for row in read("ssbtools/z1.csv")[1:]})


def test_ssbtools_z1_gives_its_three_small_cells_back_when_only_they_are_hidden() -> None:
    table = z1()
    small = [place_of(table, region, "arbeid") for region in "BDH"]
    found = bounds(structure_of(table).attacked(small, zeros_shown=False))
    assert [(found[cell].low, found[cell].high) for cell in small] == [(1, 1), (2, 2), (3, 3)]


def test_ssbtools_z1_hides_them_between_0_and_6_with_a_partner_in_each_row() -> None:
    table = z1()
    small = [place_of(table, region, "arbeid") for region in "BDH"]
    partners = [place_of(table, region, "annet") for region in "BDH"]
    found = bounds(structure_of(table).attacked([*small, *partners], zeros_shown=False))
    assert [(found[cell].low, found[cell].high) for cell in small] == [(0, 6)] * 3


def test_ssbtools_z2_is_protected_over_its_counties() -> None:
    rows = read("ssbtools/z2.csv")[1:]
    counts: Counter[tuple[str, str]] = Counter()
    groups: dict[str, list[str]] = {}
    for region, county, _, theme, number in rows:
        counts[region, theme] += int(float(number))
        groups.setdefault(f"county {county}", [])
        if region not in groups[f"county {county}"]:
            groups[f"county {county}"].append(region)
    table = crossed(dict(counts), {"row": groups})
    subtotals = [
        (
            county,
            theme,
            str(sum(counts[region, each] for region in regions for each in ([theme] if theme != "Total" else themes))),
        )
        for themes in [sorted({theme for _, theme in counts})]
        for county, regions in groups.items()
        for theme in [*themes, "Total"]
    ]
    table = Table(table.header, (*table.rows, *subtotals), context=table.context)
    structure = structure_of(table)
    assert not structure.broken
    small = [cell for cell, value in structure.values.items() if 0 < (value.number or 0) < 4]
    done = suppress_table(table, SSBTOOLS, Wishes(seconds=10))
    assert set(done.primary) == set(small) and done.proven
    found = bounds(structure.attacked(done.hidden, True))
    assert all(found[cell].width > 4 for cell in small)


Z3 = ("region", "fylke", "kostragr", "hovedint", "mnd", "mnd2", "ant")


def z3(keys: tuple[str, ...], groups: dict[str, tuple[str, ...]]) -> Table:
    """z3 added up over `keys` with totals; `groups` names, for a key, the columns that put its labels together."""
    rows = [dict(zip(Z3, row, strict=True)) for row in read("ssbtools/z3.csv")[1:]]
    full: Counter[tuple[str, ...]] = Counter()
    trees: dict[str, list[dict[str, list[str]]]] = {key: [] for key in groups}
    for key, outer in ((key, outer) for key, names in groups.items() for outer in names):
        pairs = sorted({(f"{outer} {row[outer]}", row[key]) for row in rows})
        trees[key].append({name: [part for each, part in pairs if each == name] for name, _ in pairs})
    for row in rows:
        above = [[row[key], "Total", *(f"{outer} {row[outer]}" for outer in groups.get(key, ()))] for key in keys]
        full.update(dict.fromkeys(product(*above), int(float(row["ant"]))))
    context = {"rows": list(keys), "kind": "frequency", "counts": "n", "hierarchies": trees}
    table = tuple((*place, str(count)) for place, count in full.items())
    return Table((*keys, "n"), table, context=context_from(context))


@pytest.mark.parametrize(
    ("keys", "groups", "persons", "cells", "small", "least"),
    [
        # 36 regions, 3 counties, 5 kinds of municipalities at once
        (("region", "hovedint"), {"region": ("fylke", "kostragr")}, 4, 225, 31, 240),
        (("region", "hovedint"), {"region": ("fylke",)}, 4, 200, 29, 145),
        (("fylke", "hovedint", "mnd"), {"mnd": ("mnd2",)}, 11, 120, 3, 144),
        (("kostragr", "hovedint", "mnd"), {"mnd": ("mnd2",)}, 4, 180, 17, 466),
    ],
)
def test_ssbtools_z3_is_protected_over_counties_kinds_and_months(
    keys: tuple[str, ...], groups: dict[str, tuple[str, ...]], persons: int, cells: int, small: int, least: float
) -> None:
    """`least` is the cost of the cheapest pattern, as the lower bound proves; in haste the search may stop above it."""
    table = z3(keys, groups)
    structure = structure_of(table)
    assert len(structure.values) == cells and not structure.broken
    done = suppress_table(table, pack("ssbtools-z3", "min_cell", persons=persons), Wishes(seconds=8))
    assert len(done.primary) == small == sum(0 < int(row[-1]) < persons for row in table.rows)
    assert done.proven and done.cost * (1 - done.gap) <= least + 1e-6 <= done.cost + 2e-6
    found = bounds(structure.attacked(done.hidden, True))
    assert all(found[cell].width > 4 for cell in done.primary)


def argus() -> tuple[Table, list[list[str]]]:
    rows = [[text.strip() for text in row] for row in read("tauargus/pp.tab", ";") if row]
    assert DATA is not None
    tree = {parent: list(parts) for parent, parts in parse_hrc((DATA / "tauargus/region2.hrc").read_text()).items()}
    context = context_from(
        {"rows": ["size", "region"], "kind": "magnitude", "hierarchies": {"region": tree}},
        {"contributions": [[at, 2, *(number(row[column]) for column in (2, 6, 7))] for at, row in enumerate(rows)]},
    )
    cells = tuple((row[0], row[1], row[2].replace(",", ".")) for row in rows)
    return Table(("size", "region", "value"), cells, context=context), rows


def number(text: str) -> float:
    return float(text.replace(",", "."))


def test_tau_argus_margins_break_additivity_in_three_places_which_are_named_and_not_used() -> None:
    table, _ = argus()
    values = {(row, 2): cells[2] for row, cells in enumerate(table.values)}
    structure = build(values, table, slack=0.0)
    totals = [line.keys[-1] for line in structure.broken]
    assert {table.rows[row][:2] for row, _ in totals} == {("4", "Total"), ("Total", "4"), ("Total", "Os")}  # type: ignore[misc]
    shown = {tuple(row[:2]): number(row[2]) for row in argus()[1]}
    sizes = ("2", "4", "5", "6", "7", "8", "9", "99")
    parts = {
        ("Total", "4"): [(size, "4") for size in sizes],
        ("Total", "Os"): [(size, "Os") for size in sizes],
        ("4", "Total"): [("4", group) for group in ("Nr", "Os", "Ws", "Zd", "99")],
    }
    # each total is one more than its parts make
    off = {place: round(shown[place] - sum(map(shown.__getitem__, parts[place])), 2) for place in BREAKS}
    assert off == dict.fromkeys(BREAKS, 1)
    assert (shown["4", "Total"], int(shown["Total", "4"]), int(shown["Total", "Os"])) == (25, 124_336, 3_703_896)
    assert all(line not in structure.lines for line in structure.broken)


def test_tau_argus_protection_levels_are_those_of_the_file() -> None:
    """LPL = UPL = 15 % of the largest, less what the others hold. Two values are 1 less than the file's own shadow."""
    table, rows = argus()
    done = suppress_table(table, TAU_ARGUS, Wishes(seconds=15))
    given = {(at, 2): number(row[9]) for at, row in enumerate(rows) if row[8] == "U"}
    assert {cell for cell in given if cell not in done.primary} == {place_of(table, "2", "6")}
    edited = {place_of(table, *place) for place in (("2", "4"), ("4", "Os"), ("4", "6"))}
    for cell, (down, up) in done.levels.items():
        assert down == up == pytest.approx(0.6 if cell in edited else given[cell])
    assert {table.rows[row][:2] for row, _ in done.not_adding} == set(BREAKS)
    assert done.proven and not done.exposed
    for cell in done.primary:
        value, interval = table.values[cell[0]][2].number or 0.0, done.intervals[cell]
        assert interval.low <= value - done.levels[cell][0] and (interval.high or 1e12) >= value + done.levels[cell][1]


def test_tau_argus_statuses_follow_from_the_contributors_in_all_but_one_cell() -> None:
    _, rows = argus()
    agree = 0
    for row in rows:
        value, freq, largest, second = number(row[2]), int(row[3]), number(row[6]), number(row[7])
        level = p_percent_level(Contribution((0, 0), value, largest, second), 15)
        status = "E" if freq == 0 else ("U" if level > 1e-9 else "S")
        agree += status == row[8]
    assert (agree, len(rows)) == (161, 162)


def test_a_total_label_of_a_hrc_file_is_its_parent() -> None:
    assert parse_hrc("North\n@a\n@b\nSouth\n@c\n@@d\n") == {"North": ("a", "b"), "South": ("c",), "c": ("d",)}
    assert TOTAL != "Total"
