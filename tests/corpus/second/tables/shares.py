"""Percentages, rates and groups that are all alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.corpus.case import Case
from tests.corpus.second.tables.kit import (
    COUNTIES,
    DISTRICTS,
    PROGRAMS,
    RACES,
    SERVICES,
    Draw,
    ambiguous,
    beside,
    case,
    context,
    disclosive,
    harmless,
)
from tests.corpus.second.tables.styles import PLAIN, Grid, write

_FORMS = ("csv", "xlsx", "markdown", "pandas_txt", "latex", "html")


def _rates(draw: Draw, small: bool) -> tuple[Grid, list[int]]:
    """A denominator and a percentage a row; the numerators behind."""
    size = [draw.int(120, 600) for _ in range(6)]
    hits = [draw.int(max(20, n // 5), n - max(20, n // 5)) for n in size]
    if small:
        hits[draw.int(0, 5)] = draw.int(1, 8)
    names, key = draw.pick([(DISTRICTS, "District"), (RACES, "Race"), (PROGRAMS, "Program"), (SERVICES, "Service")])
    head = draw.cycle(
        [
            ("N", "Graduation rate (%)"),
            ("Enrolled", "pct_completed"),
            ("Students", "% chronically absent"),
            ("n", "employment_rate"),
        ]
    )
    fraction = head[1] == "employment_rate"
    rows = [
        [a, n, f"{h / n:.3f}" if fraction else f"{100 * h / n:.1f}"] for a, n, h in zip(names, size, hits, strict=False)
    ]
    return Grid([key, *head], rows, 1, f"{head[1]} by {key.lower()}"), hits


@disclosive("rate", 8)
def percentage_implies_a_small_count(draw: Draw) -> Case:
    grid, _ = _rates(draw, True)
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "denominator times percentage gives a numerator of 1-8 persons",
        beside(draw, name, data, grid.key_names, kind="rates", counts=grid.header[1]),
    )


@harmless("rate", 8)
def percentages_of_large_counts(draw: Draw) -> Case:
    grid, _ = _rates(draw, False)
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "numerators and complements are all 20 persons or more",
        beside(draw, name, data, grid.key_names, kind="rates", counts=grid.header[1]),
    )


@disclosive("rate min_cell", 4)
def rate_over_a_small_denominator(draw: Draw) -> Case:
    grid, _ = _rates(draw, False)
    n = draw.int(4, 9)
    k = draw.int(2, n - 2)
    row = grid.rows[draw.int(0, 5)]
    row[1], row[2] = n, f"{k / n:.3f}" if grid.header[2] == "employment_rate" else f"{100 * k / n:.1f}"
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "a rate stands on 4-9 persons", beside(draw, name, data, grid.key_names, kind="rates", counts=grid.header[1])
    )


@disclosive("rate secondary", 6)
def denominators_in_another_file(draw: Draw) -> Case:
    """One file gives percentages, the other the sizes of the same groups."""
    size = [draw.int(150, 500) for _ in range(6)]
    share = np.array([draw.rng.dirichlet([6, 6, 6]) for _ in size])
    n = np.maximum(30, (share * np.array(size)[:, None]).round()).astype(int)
    k = draw.int(0, 5)
    n[k, 1] = draw.int(2, 6)
    size = n.sum(1).tolist()
    cols = ["Employed", "Enrolled elsewhere", "Unknown"]
    pct = Grid(
        ["District", *[c + " (%)" for c in cols]],
        [[d, *[f"{100 * v / s:.1f}" for v in line]] for d, line, s in zip(DISTRICTS, n, size, strict=False)],
        1,
        "Status after exit, percent",
    )
    base = Grid(
        ["District", "Exiters"], [[d, s] for d, s in zip(DISTRICTS, size, strict=False)], 1, "Exiters by district"
    )
    style = draw.pick(["csv", "xlsx", "titled_csv"])
    files = dict([write(pct, style, "status_pct"), write(base, style, "exiters")])
    if draw.sidecar:
        a, b = files
        files["status_pct.context.yaml"] = context(a, ["District"], "rates", population="2019 exiters")
        files["exiters.context.yaml"] = context(b, ["District"], counts="Exiters", population="2019 exiters")
    return case("percentages of one file times the group sizes of the other give 2-6 persons", files)


@harmless("rate secondary", 6)
def denominators_in_another_file_large(draw: Draw) -> Case:
    n = draw.counts(6, 3, 30, 300)
    size = n.sum(1).tolist()
    cols = ["Employed", "Enrolled elsewhere", "Unknown"]
    pct = Grid(
        ["District", *[c + " (%)" for c in cols]],
        [[d, *[f"{100 * v / s:.1f}" for v in line]] for d, line, s in zip(DISTRICTS, n, size, strict=False)],
        1,
        "Status after exit, percent",
    )
    base = Grid(
        ["District", "Exiters"], [[d, s] for d, s in zip(DISTRICTS, size, strict=False)], 1, "Exiters by district"
    )
    style = draw.pick(["csv", "xlsx", "titled_csv"])
    files = dict([write(pct, style, "status_pct"), write(base, style, "exiters")])
    if draw.sidecar:
        a, b = files
        files["status_pct.context.yaml"] = context(a, ["District"], "rates", population="2019 exiters")
        files["exiters.context.yaml"] = context(b, ["District"], counts="Exiters", population="2019 exiters")
    return case("every implied count is 30 persons or more", files)


@disclosive("rate", 4)
def denominators_in_the_header(draw: Draw) -> Case:
    """Percent columns whose N stands in the column's head."""
    sizes = [draw.int(150, 400) for _ in range(3)]
    rows = [
        [r, *[f"{draw.rng.uniform(15, 40):.1f}%" for _ in sizes]]
        for r in ("Full-time work", "Part-time work", "In school")
    ]
    j = draw.int(0, 2)
    rows.append(["Incarcerated", *[f"{100 * draw.int(20, 30) / s:.1f}%" for s in sizes]])
    rows[3][1 + j] = f"{100 * draw.int(1, 5) / sizes[j]:.1f}%"
    grid = Grid(
        ["Status at follow-up", *[f"Cohort {y} (n = {s})" for y, s in zip((2016, 2017, 2018), sizes, strict=True)]],
        rows,
        1,
        "Status of former foster youth",
    )
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "a column's N in its header times a percentage gives 1-5 persons",
        beside(draw, name, data, grid.key_names, kind="rates"),
    )


@harmless("rate", 4)
def denominators_in_the_header_large(draw: Draw) -> Case:
    sizes = [draw.int(250, 900) for _ in range(3)]
    rows = [
        [r, *[f"{draw.rng.uniform(15, 40):.1f}%" for _ in sizes]]
        for r in ("Full-time work", "Part-time work", "In school")
    ]
    grid = Grid(
        ["Status at follow-up", *[f"Cohort {y} (n = {s})" for y, s in zip((2016, 2017, 2018), sizes, strict=True)]],
        rows,
        1,
        "Status at follow-up",
    )
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case("the smallest implied count is 37 persons", beside(draw, name, data, grid.key_names, kind="rates"))


@disclosive("rate", 4)
def rate_per_thousand(draw: Draw) -> Case:
    rows = [[c, draw.int(900, 4000)] for c in draw.some(COUNTIES, 6)]
    rates = [1000 * draw.int(30, 90) / r[1] for r in rows]
    k = draw.int(0, 5)
    rates[k] = 1000 * draw.int(2, 7) / rows[k][1]
    full = [[*r, f"{x:.2f}"] for r, x in zip(rows, rates, strict=True)]
    grid = Grid(["county", "children", "entries_per_1000"], full, 1, "Foster care entries per 1,000 children")
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "entries per 1,000 times the number of children gives 2-7 children",
        beside(draw, name, data, ["county"], kind="rates", counts="children"),
    )


@harmless("rate", 4)
def rate_per_thousand_large(draw: Draw) -> Case:
    rows = [[c, n, f"{1000 * draw.int(30, 90) / n:.2f}"] for c in draw.some(COUNTIES, 6) for n in [draw.int(900, 4000)]]
    grid = Grid(["county", "children", "entries_per_1000"], rows, 1, "Foster care entries per 1,000 children")
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "each county has 30 entries or more", beside(draw, name, data, ["county"], kind="rates", counts="children")
    )


@harmless("rate", 4)
def percentages_alone(draw: Draw) -> Case:
    n = draw.counts(6, 3, 400, 3000)
    rows: list[list[Any]] = [
        [r, *[f"{100 * v / line.sum():.1f}" for v in line], "100.0"] for r, line in zip(RACES, n, strict=False)
    ]
    grid = Grid(["Race", "Below basic", "Basic", "Proficient or above", "Total"], rows, 1, "Row percentages")
    name, data = write(grid, draw.cycle(["csv", "latex"]))
    return case(
        "row percentages over thousands of students; the 100 % are the rows' definitional totals",
        beside(draw, name, data, ["Race"], kind="rates", totals={"columns": "Total"}),
    )


@ambiguous("rate", 2)
def small_complement(draw: Draw) -> Case:
    rows = [[d, n, f"{100 * (n - draw.int(30, 60)) / n:.1f}"] for d in DISTRICTS[:5] for n in [draw.int(200, 500)]]
    n = rows[2][1]
    rows[2][2] = f"{100 * (n - draw.int(3, 7)) / n:.1f}"
    grid = Grid(["District", "Students", "Graduation rate (%)"], rows, 1, "Graduation")
    name, data = write(grid, "csv")
    return case(
        "a complement of 3-7 students is implied by a rate alone: banded in one click, no failure",
        beside(draw, name, data, ["District"], kind="rates", counts="Students"),
    )


@harmless("rate", 4)
def banded_rates(draw: Draw) -> Case:
    rows = [[d, draw.int(60, 400), draw.pick([">=95%", "80-84%", "70-74%", "<=5%", "40-44%"])] for d in DISTRICTS[:6]]
    grid = Grid(["District", "Students", "Graduation rate"], rows, 1, "Banded rates")
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "rates are bands of at least five points, extremes are >=95 or <=5",
        beside(draw, name, data, ["District"], kind="rates", counts="Students"),
    )


@harmless("rate", 4)
def changes_in_points(draw: Draw) -> Case:
    rows = [
        [d, draw.int(400, 900), f"{draw.rng.uniform(-4, 4):+.1f}", f"{draw.rng.uniform(-3, 3):+.1f}"]
        for d in DISTRICTS[:6]
    ]
    grid = Grid(["District", "N", "Change in rate (pp)", "% change in mean wage"], rows, 1, "Changes 2018 to 2019")
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "percentage points and per cent of growth are no shares of the N persons",
        beside(draw, name, data, ["District"], kind="summary", counts="N"),
    )


@disclosive("group", 6)
def everybody_in_one_category(draw: Draw) -> Case:
    n = draw.counts(5, 3, 20, 200)
    n[draw.int(0, 4)] = [0, draw.int(25, 60), 0]
    cols = draw.cycle(
        [["Passed", "Failed", "Withdrew"], ["On aid", "Not on aid", "Unknown"], ["Felony", "None", "Misdemeanor"]]
    )
    rows = [[p, *map(int, line), int(line.sum())] for p, line in zip(PROGRAMS, n, strict=False)]
    grid = Grid(["Program", *cols, "Total"], rows, 1, "Students by program")
    name, data = write(grid, draw.pick(PLAIN))
    return case(
        "all of a program's 25-60 students fall into one category of an attribute",
        beside(draw, name, data, ["Program"], counts="cells", totals={"columns": "Total"}),
    )


@disclosive("group", 6)
def a_rate_of_all_or_none(draw: Draw) -> Case:
    grid, _ = _rates(draw, False)
    all_of_them = draw.turn % 4 < 2
    grid.rows[draw.int(0, 5)][2] = (
        ("1.000" if all_of_them else "0.000")
        if grid.header[2] == "employment_rate"
        else ("100.0" if all_of_them else "0.0")
    )
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "a group's rate is exactly 0 % or 100 %: everybody's attribute is told",
        beside(draw, name, data, grid.key_names, kind="rates", counts=grid.header[1]),
    )


@disclosive("group", 4)
def mean_of_an_indicator_is_one(draw: Draw) -> Case:
    rows = [
        [c, draw.int(30, 200), f"{draw.rng.uniform(0.2, 0.8):.3f}", f"{draw.rng.uniform(0.3, 0.5):.3f}"]
        for c in draw.some(COUNTIES, 6)
    ]
    rows[draw.int(0, 5)][2:] = ["1.000", "0.000"]
    grid = Grid(["county", "n", "received_benefits_mean", "received_benefits_sd"], rows, 1, "Benefit receipt")
    name, data = write(grid, draw.cycle(["csv", "pandas_txt"]))
    return case(
        "the mean of a 0/1 variable is 1 with SD 0 in one county",
        beside(draw, name, data, ["county"], kind="summary", counts="n"),
    )


@disclosive("group order_statistic", 2)
def all_values_equal(draw: Draw) -> Case:
    rows = [
        [p, draw.int(25, 80), f"{draw.rng.uniform(15, 30):.2f}", f"{draw.rng.uniform(1, 5):.2f}"] for p in PROGRAMS[:6]
    ]
    rows[3][2:] = ["17.50", "0.00"]
    grid = Grid(["Program", "n", "Mean hourly wage", "SD"], rows, 1, "Wages at placement")
    name, data = write(grid, "csv")
    return case(
        "a standard deviation of zero says that everyone earns the mean",
        beside(draw, name, data, ["Program"], kind="summary", counts="n"),
    )


@harmless("group", 4)
def definitional_hundred_per_cent(draw: Draw) -> Case:
    n = draw.counts(6, 1, 60, 400)[:, 0]
    rows = [
        [a, int(v), f"{100 * v / n.sum():.1f}", f"{100 * c / n.sum():.1f}"]
        for a, v, c in zip(RACES, n, n.cumsum(), strict=False)
    ]
    rows.append(["Total", int(n.sum()), "100.0", ""])
    grid = Grid(["Race", "Students", "Percent", "Cumulative percent"], rows, 1, "Composition")
    name, data = write(grid, draw.cycle(["csv", "xlsx"]))
    return case(
        "the 100 % are the total's and the cumulative column's, by definition",
        beside(draw, name, data, ["Race"], counts="Students", totals={"rows": "Total"}),
    )


@harmless("group", 4)
def reporting_institutions(draw: Draw) -> Case:
    rows = [[c, s, s, "100%"] for c in draw.some(COUNTIES, 5) for s in [draw.int(2, 40)]]
    rows[1][2:] = [0, "0%"]
    grid = Grid(
        ["County", "Schools", "Schools reporting", "Reporting rate"],
        rows,
        1,
        "Coverage of the data: schools that reported",
    )
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "0 % and 100 % of schools, a universe of institutions",
        beside(draw, name, data, ["County"], kind="rates", counts="Schools", population="schools"),
    )


@harmless("group", 4)
def ones_and_zeros_of_statistics(draw: Draw) -> Case:
    rows = [
        [
            v,
            f"{draw.rng.uniform(0.6, 1.7):.3f}",
            f"{draw.rng.uniform(0.01, 0.2):.3f}",
            draw.pick(["0.000", "0.012", "1.000"]),
        ]
        for v in ("age", "gpa", "female", "first_gen")
    ]
    rows.append(["reference: White", "1.000", "", ""])
    grid = Grid(["term", "odds_ratio", "std_error", "p_value"], rows, 1, "Logit of completion (N = 4,210)")
    name, data = write(grid, draw.cycle(["csv", "latex"]))
    return case(
        "p-values of 0.000 and 1.000 and a reference odds ratio of 1 are no groups",
        beside(draw, name, data, ["term"], kind="regression"),
    )


@harmless("group", 2)
def correlation_matrix(draw: Draw) -> Case:
    r = np.corrcoef(draw.rng.normal(size=(5, 40)))
    names = ["gpa", "wage", "age", "credits", "absences"]
    grid = Grid(
        ["", *names], [[a, *[f"{x:.2f}" for x in line]] for a, line in zip(names, r, strict=True)], 1, "Correlations"
    )
    name, data = write(grid, "csv")
    return case("the diagonal of a correlation matrix is 1", beside(draw, name, data, [""], kind="summary"))
