"""Suppressed tables whose hidden counts can be worked out, and ones that are proven safe."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from tests.corpus.case import Case, Draw, cases
from tests.corpus.feasible import Pattern, is_protected, widths
from tests.corpus.population import people
from tests.corpus.table import COUNT, KEY, NUMBER, RATE, Table, table
from tests.corpus.tabulate import MARKERS, TOTALS, cross, is_large, tall, wide


def some_small(counts: pd.DataFrame) -> bool:
    """Two to six small cells, none empty."""
    small = (counts <= 10).to_numpy().sum()
    return bool((counts > 0).all().all() and 2 <= small <= 6 and counts.size >= 9 and min(counts.shape) >= 3)


def with_margins(counts: pd.DataFrame) -> list[list[int]]:
    body = [[*map(int, r), int(sum(r))] for r in counts.to_numpy()]
    return [*body, [int(sum(c)) for c in zip(*body, strict=True)]]


def one_small(draw: Draw) -> tuple[pd.DataFrame, str]:
    """Counts of one variable in a district or county with exactly one small group."""
    frame = people()
    for _ in range(400):
        place, by = draw.pick(["district", "county"]), draw.pick(["race", "program", "major", "industry"])
        where, year = draw.pick(sorted(frame[place].unique())), int(draw.pick(range(2014, 2022)))
        counts = frame.loc[(frame[place] == where) & (frame["cohort"] == year), by].value_counts().sort_index()
        if len(counts) >= 4 and (counts <= 10).sum() == 1:
            counts.index.name = by
            return counts.to_frame(), f"{where}, {year} cohort"
    raise RuntimeError("no group fits")


def masked(one: Table, hidden: set[tuple[int, int]], marker: str) -> Table:
    """Body cells (row, column without the key) replaced by a marker."""
    rows = tuple(tuple(marker if (i, j - 1) in hidden else v for j, v in enumerate(r)) for i, r in enumerate(one.rows))
    return replace(one, rows=rows, context={**one.context, "suppressed": [marker]})


def primaries(truth: list[list[int]]) -> set[tuple[int, int]]:
    return {(i, j) for i, r in enumerate(truth[:-1]) for j, v in enumerate(r[:-1]) if v <= 10}


def pattern(truth: list[list[int]], hidden: set[tuple[int, int]]) -> Pattern:
    return [[None if (i, j) in hidden else v for j, v in enumerate(r)] for i, r in enumerate(truth)]


def protect(truth: list[list[int]]) -> set[tuple[int, int]] | None:
    """Primaries plus the cheapest few partners that leave every hidden cell six values or more; None if none is found soon."""
    rows, cols = len(truth) - 1, len(truth[0]) - 1
    hidden = primaries(truth)
    for _ in range(12):
        if is_protected(truth, hidden):
            return hidden
        weak = [c for c, w in widths(pattern(truth, hidden)).items() if w < 8] or sorted(hidden)
        i, j = weak[0]
        partners = []
        for k, m in ((k, m) for k in range(rows) for m in range(cols) if k != i and m != j):
            extra = {(i, m), (k, j), (k, m)} - hidden
            if extra:
                partners.append((sum(truth[a][b] for a, b in extra), extra))
        if not partners:
            return None
        hidden = hidden | min(partners, key=lambda p: (p[0], sorted(p[1])))[1]
    return None


@cases(8)
def hidden_cells_follow_from_margins(draw: Draw) -> Case:
    """Only the small cells are hidden; a line has just one of them."""
    for _ in range(200):
        counts, phrase = cross(draw, some_small, high=12)
        truth = with_margins(counts)
        hidden = primaries(truth)
        exact = [c for c, w in widths(pattern(truth, hidden)).items() if w == 1]
        if exact:
            break
    total = draw.cycle(TOTALS)
    one = masked(wide(counts, phrase, total), hidden, draw.pick(MARKERS[:8]))
    files = draw.files(one)
    return draw.disclosive(
        "secondary",
        "hidden counts follow exactly from the margins",
        files,
        cells={next(iter(files)): [[i, j + 1] for i, j in exact]},
    )


@cases(4)
def one_hidden_in_a_column_with_total(draw: Draw) -> Case:
    counts, phrase = one_small(draw)
    total = draw.cycle(TOTALS)
    marker = draw.pick(MARKERS)
    one = tall(counts, phrase, draw.pick(["Students", "n", "Headcount"]), total)
    spot = next(i for i, r in enumerate(one.rows) if isinstance(r[-1], int) and r[-1] <= 10)
    one = replace(one.with_cell(spot, 1, marker), context={**one.context, "suppressed": [marker]})
    files = draw.files(one)
    return draw.disclosive(
        "secondary", "one hidden count is the total minus the others", files, cells={next(iter(files)): [[spot, 1]]}
    )


@cases(4)
def hidden_count_with_its_percentage(draw: Draw) -> Case:
    """The count is masked and its percentage forgotten."""
    total = 640 + 10 * draw.turn
    parts = [331, 188, total - 331 - 188 - 8 - 5, 8, 5]
    names = ["Hispanic or Latino", "White", "Asian", "Filipino", "Pacific Islander"]
    marker = draw.cycle(["*", "<11", "s", "—"])
    rows = [[k, v if v > 10 else marker, v / total] for k, v in zip(names, parts, strict=True)] + [
        ["Total", total, 1.0]
    ]
    one = table(
        [("Race", KEY), ("Students", COUNT), ("Percent", RATE, 2)],
        rows,
        "Students by race",
        kind="frequency",
        suppressed=[marker],
        totals={"rows": "Total"},
    )
    return draw.disclosive("secondary rate", "the printed percentage and total give the masked counts", draw.files(one))


@cases(3)
def total_printed_in_another_table(draw: Draw) -> Case:
    """The margins are hidden in one table and shown in the next of the same request: 2 + 2 recovered."""
    counts, phrase = cross(
        draw, lambda c: bool((c <= 10).to_numpy().sum() == 1 and (c > 0).all().all() and c.size >= 6), high=10
    )
    marker = "*"
    body = wide(counts, phrase)
    truth = with_margins(counts)
    first = masked(body, primaries(truth), marker)
    second = tall(counts.sum(axis=1).to_frame(), phrase, "Students", "Total")
    third = tall(counts.sum().to_frame(), phrase, "Students", "Total")
    return draw.disclosive(
        "secondary differencing",
        "row totals stand in another table of the request",
        draw.files(first, second, third, kind=draw.cycle(["csv", "xlsx", "csv"])),
    )


@cases(3)
def total_released_earlier(draw: Draw) -> Case:
    counts, phrase = cross(
        draw, lambda c: bool((c <= 10).to_numpy().sum() == 1 and (c > 0).all().all() and c.size >= 6), high=10
    )
    truth = with_margins(counts)
    files = draw.files(masked(wide(counts, phrase), primaries(truth), "*"), kind="csv")
    margin = tall(counts.sum(axis=1).to_frame(), phrase, "Students", "Total")
    earlier = draw.files(margin, name="margin", kind="csv")
    return draw.disclosive(
        "secondary differencing",
        "row totals were released before",
        files,
        released={f"2026-01/{k}": v for k, v in earlier.items()},
    )


@cases(3)
def nested_regions(draw: Draw) -> Case:
    """Counties add to regions, regions to the state; one hidden county in a region."""
    counties = {
        "North": [("Shasta", 412), ("Tehama", 96), ("Glenn", 7)],
        "Valley": [("Fresno", 2_104), ("Kern", 1_873), ("Merced", 655)],
        "Coast": [("Humboldt", 233), ("Mendocino", 118)],
    }
    rows: list[list[object]] = []
    for region, parts in counties.items():
        rows += [[region, k, v + draw.turn if v > 10 else draw.cycle(["*", "<11", "s"])] for k, v in parts]
        rows.append([region, "All counties", sum(v + draw.turn if v > 10 else v for _, v in parts)])
    rows.append(["State", "All counties", sum(r[2] for r in rows if r[1] == "All counties")])
    one = table(
        [("Region", KEY), ("County", KEY), ("Students", COUNT)],
        rows,
        "Students by region and county",
        kind="frequency",
        suppressed=["*", "<11", "s"],
    )
    return draw.disclosive(
        "secondary",
        "Glenn is its region's total minus its neighbours",
        draw.files(one, kind=draw.cycle(["csv", "xlsx", "csv"])),
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(10)
def protected_table(draw: Draw) -> Case:
    """Secondary suppression found and proven by `feasible.py`."""
    for _ in range(200):
        counts, phrase = cross(draw, some_small, high=9)
        truth = with_margins(counts)
        hidden = protect(truth) if counts.size <= 60 else None
        if hidden:
            break
    else:
        raise RuntimeError("no protected table")
    marker = draw.pick(["*", "s", "—", "suppressed", "DS", ""])
    return draw.harmless(
        "secondary",
        "every hidden count keeps six values or more, insiders included",
        draw.files(masked(wide(counts, phrase, draw.cycle(TOTALS)), hidden, marker)),
    )


@cases(4)
def total_hidden_too(draw: Draw) -> Case:
    """A column with one small count and a hidden total."""
    counts, phrase = one_small(draw)
    one = tall(counts, phrase, "Students", "Total")
    rows = tuple((*r[:-1], "*" if r[-1] <= 10 or r[0] == "Total" else r[-1]) for r in one.rows)
    return draw.harmless(
        "secondary",
        "the total is hidden with the small count",
        draw.files(replace(one, rows=rows, context={**one.context, "suppressed": ["*"]})),
    )


@cases(3)
def rounded_totals(draw: Draw) -> Case:
    """Hidden small counts beside totals rounded to the next hundred."""
    shift = draw.turn * 20
    body = [
        ["Hispanic or Latino", 330 + shift],
        ["White", 190 + shift],
        ["Asian", 110],
        ["Pacific Islander", "<11"],
        ["Total (rounded to 100)", 700 if draw.turn else 600],
    ]
    one = table([("Race", KEY), ("Students", COUNT)], body, "Students by race", ("Counts are rounded to 10, the total to 100.",), kind="frequency", suppressed=["<11"],
                totals={"rows": "Total (rounded to 100)"}, rounding={"base": 10})  # fmt: skip
    return draw.harmless("secondary rounding", "the total's rounding hides the small count", draw.files(one))


@cases(3)
def stars_that_hide_nothing(draw: Draw) -> Case:
    rows = [
        ["Mean GPA", "2.91", "2.64", "0.27***"],
        ["Days absent", "6.8", "7.4", "-0.6*"],
        ["Share graduated", "0.91", "0.84", "0.07**"],
    ]
    one = table(
        [("Outcome", KEY), ("Treated", NUMBER), ("Control", NUMBER), ("Difference", NUMBER)],
        rows,
        "Balance (1,204 treated, 1,188 control)",
        kind="summary",
        counts=[],
    )
    return draw.harmless(
        "secondary group", "stars mark significance", draw.files(one, kind=draw.cycle(["md", "csv", "html"]))
    )


@cases(2)
def two_large_tables_of_one_population(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large, high=10)
    second = tall(counts.sum(axis=1).to_frame(), phrase, "Students", "Total")
    return draw.harmless(
        "secondary differencing",
        "a table and its own margin, all large",
        draw.files(wide(counts, phrase, "Total"), second, kind="csv"),
    )
