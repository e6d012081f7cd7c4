"""Published tables with known answers. They are read from the shared test data, which is no part of the product."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from c2c_research.disclosure.context import Contribution, context_from
from c2c_research.disclosure.protection.bounds import bounds
from c2c_research.disclosure.protection.hierarchies import parse_hrc
from c2c_research.disclosure.protection.magnitudes import p_percent_level
from c2c_research.disclosure.protection.needs import Needs
from c2c_research.disclosure.protection.structure import TOTAL, build, structure_of
from c2c_research.disclosure.protection.suppression import suppress
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
    done = suppress(structure_of(table), [primary], Needs(threshold=4))
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
    done = suppress(structure, small, Needs(threshold=4))
    found = bounds(structure.attacked(done.hidden, True))
    assert not done.exposed and all(found[cell].width > 4 for cell in small)


def argus() -> tuple[Table, list[list[str]]]:
    rows = [[text.strip() for text in row] for row in read("tauargus/pp.tab", ";") if row]
    assert DATA is not None
    tree = {parent: list(parts) for parent, parts in parse_hrc((DATA / "tauargus/region2.hrc").read_text()).items()}
    context = context_from({"rows": ["size", "region"], "kind": "magnitude", "hierarchies": {"region": tree}})
    cells = tuple((row[0], row[1], row[2].replace(",", ".")) for row in rows)
    return Table(("size", "region", "value"), cells, context=context), rows


def test_tau_argus_margins_break_additivity_in_three_places_which_are_named_and_not_used() -> None:
    table, _ = argus()
    values = {(row, 2): cells[2] for row, cells in enumerate(table.values)}
    structure = build(values, table, slack=0.0)
    sizes = {line.keys[-1] for line in structure.broken}
    named = {tuple(table.rows[row][:2]) for row, _ in sizes}  # type: ignore[misc]
    assert len(structure.broken) == 3 and len(named) == 3
    assert all(line not in structure.lines for line in structure.broken)


def test_tau_argus_statuses_follow_from_the_contributors_in_all_but_one_cell() -> None:
    _, rows = argus()
    number = lambda text: float(text.replace(",", "."))  # noqa: E731
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
