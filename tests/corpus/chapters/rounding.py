"""Files that claim a rounding base and do not keep it; and files that do, with unrounded things beside."""

from __future__ import annotations

from dataclasses import replace

from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import people
from tests.corpus.table import COUNT, KEY, MONEY, NUMBER, RATE, Table, table
from tests.corpus.tabulate import cross, has_small, is_large, tall, wide


def to_base(v: int, base: int) -> int:
    return base * int(v / base + 0.5)


def rounded(one: Table, base: int) -> Table:
    """Counts to the base, with totals made of the rounded parts left to the caller."""
    roles = [c.role for c in one.columns]
    rows = tuple(
        tuple(to_base(v, base) if roles[j] == COUNT and isinstance(v, int) else v for j, v in enumerate(r))
        for r in one.rows
    )
    return replace(
        one,
        rows=rows,
        context={**one.context, "rounding": {"base": base}},
        notes=(f"Counts are rounded to the nearest {base}.",),
    )


def claimed(one: Table, base: int) -> Table:
    return replace(
        one,
        context={**one.context, "rounding": {"base": base}},
        notes=(f"All counts are rounded to the nearest {base}.",),
    )


@cases(6)
def claims_a_base_and_prints_exact_counts(draw: Draw) -> Case:
    """Every second turn without a sidecar: the claim stands in a note."""
    counts, phrase = cross(draw, has_small, high=14)
    one = claimed(wide(counts, phrase), draw.cycle([5, 10]))
    kind = draw.cycle(["csv", "md", "csv", "html", "xlsx", "txt"])
    return draw.disclosive(
        "rounding min_cell",
        "exact small counts in a table that claims to be rounded",
        draw.files(one, kind=kind, titled=True, variant=2 if kind == "html" else 0),
    )


@cases(4)
def one_column_left_exact(draw: Draw) -> Case:
    """Rounded cells, exact small counts in the last column."""
    counts, phrase = cross(draw, has_small, high=12)
    one = wide(counts.clip(lower=1), phrase)
    base = draw.cycle([5, 10])
    last = len(one.columns) - 1
    rows = [
        [to_base(v, base) + base if isinstance(v, int) and 0 < j < last else v for j, v in enumerate(r)]
        for r in one.rows
    ]
    for i in range(0, len(rows), 2):
        rows[i][last] = 3 + i % 7
    one = claimed(replace(one, rows=tuple(map(tuple, rows))), base)
    return draw.disclosive(
        "rounding min_cell",
        "one column kept its exact counts",
        draw.files(one, kind=draw.cycle(["csv", "xlsx", "md", "csv"]), titled=True, variant=3),
    )


@cases(4)
def rounded_counts_with_exact_percentages(draw: Draw) -> Case:
    """Counts rounded to 10, percentages of the exact counts with two digits: the exact small counts follow."""
    total = 412 + draw.turn
    parts = [238, 109, total - 238 - 109 - 13 - 7, 13, 7]
    names = ["Hispanic or Latino", "White", "Asian", "Filipino", "Pacific Islander"]
    rows = [[k, to_base(v, 10), v / total] for k, v in zip(names, parts, strict=True)]
    one = table([("Race", KEY), ("Students", COUNT), ("Percent", RATE, 2)], rows, f"Students by race, N = {total}", (f"Counts rounded to 10; N = {total}.",),
                kind="frequency", rounding={"base": 10})  # fmt: skip
    return draw.disclosive(
        "rounding rate",
        "exact percentages undo the rounding",
        draw.files(one, kind=draw.cycle(["csv", "md", "html", "csv"]), titled=True, percent="12.3%", variant=2),
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(8)
def rounded_table(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large)
    base = draw.cycle([5, 10, 5, 100])
    if base == 100:
        counts = counts + 400
    one = rounded(wide(counts, phrase), base)
    return draw.harmless("rounding", f"all counts are multiples of {base}", draw.files(one))


@cases(4)
def totals_of_rounded_parts(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large)
    counts = counts.map(lambda v: to_base(int(v), 5))
    total = draw.cycle(["Total", "All", "Grand Total", "Statewide"])
    return draw.harmless(
        "rounding",
        "totals are sums of rounded parts",
        draw.files(replace(wide(counts, phrase, total, rounding={"base": 5}), notes=("Rounded to 5.",))),
    )


@cases(3)
def totals_rounded_by_themselves(draw: Draw) -> Case:
    """Totals that are off by a few units of the base: no additivity, no harm."""
    counts, phrase = cross(draw, is_large, variables=1)
    one = tall(counts, phrase, "Students", "Total")
    return draw.harmless(
        "rounding secondary", "independently rounded totals do not add up", draw.files(rounded(one, 10))
    )


@cases(4)
def unrounded_companions(draw: Draw) -> Case:
    """Schools, years and means stay exact beside rounded counts."""
    frame = people()
    rows = [
        [int(y), int(g["school"].nunique()), to_base(len(g), 10), round(float(g["gpa"].mean()), 2)]
        for y, g in frame.groupby("cohort")
    ]
    columns = [
        ("Cohort", KEY),
        (draw.cycle(["Schools", "Number of schools", "High schools", "Campuses"]), NUMBER, 0),
        ("Students", COUNT),
        ("Mean GPA", NUMBER, 2),
    ]
    one = table(
        columns,
        rows,
        "Cohorts",
        ("Student counts are rounded to 10.",),
        kind="summary",
        counts="Students",
        rounding={"base": 10},
    )
    return draw.harmless("rounding min_cell", "only student counts are claimed to be rounded, and are", draw.files(one))


@cases(3)
def census_steps(draw: Draw) -> Case:
    rows = [
        ["Fresno", 2_100, 51_000],
        ["Kern", 850, 48_000],
        ["Merced", 250, 44_500],
        ["Shasta", 90, 46_000],
        ["Modoc", "N<15", "D"],
    ]
    one = table([("County", KEY), (draw.cycle(["N", "Workers", "n"]), COUNT), ("Mean wage", MONEY)], rows, "Workers (rounded by the Census steps)",
                ("Counts follow the rounding steps of the Census Bureau's disclosure review.",), kind="magnitude", suppressed=["N<15", "D"])  # fmt: skip
    return draw.harmless("rounding", "Census rounding steps", draw.files(one))


@cases(2)
def rates_of_rounded_counts(draw: Draw) -> Case:
    frame = people()
    rows = []
    for k, g in frame.groupby("sector"):
        n, x = to_base(len(g), 10), to_base(int(g["graduated"].sum()), 10)
        rows.append([k, n, x, x / n])
    one = table(
        [("Sector", KEY), ("Students", COUNT), ("Graduates", COUNT), ("Rate", RATE)],
        rows,
        "Rates of rounded counts",
        kind="rates",
        rounding={"base": 10},
    )
    return draw.harmless("rounding rate", "percentages are computed from rounded counts", draw.files(one))


@cases(2)
def noisy_counts(draw: Draw) -> Case:
    """Differentially private counts: negative and fractional numbers occur; a receipt is named."""
    counts = people()["county"].value_counts()
    rows = [[k, round(float(v + draw.rng.laplace(0, 12)), 1), 35.9] for k, v in counts.items() if v > 100]
    one = table(
        [("County", KEY), ("noisy_count", NUMBER, 1), ("half_width_95", NUMBER, 1)],
        rows,
        "Noisy counts (epsilon 0.25)",
        kind="summary",
        counts=[],
    )
    return draw.harmless(
        "rounding min_cell", "noisy counts with their half-width", draw.files(one, kind=draw.cycle(["csv", "md"]))
    )
