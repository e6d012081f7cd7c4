"""Magnitudes: dominance, exact values of single persons, and quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tests.corpus.case import Case
from tests.corpus.second.tables.kit import (
    COUNTIES,
    INDUSTRIES,
    PROGRAMS,
    RACES,
    Draw,
    ambiguous,
    beside,
    case,
    disclosive,
    harmless,
)
from tests.corpus.second.tables.styles import Grid, write

_FORMS = ("csv", "xlsx", "markdown", "pandas_txt", "latex", "html")


def _round3(value: float) -> int:
    digits = len(str(int(value))) - 3
    return int(round(float(value), -digits)) if digits > 0 else int(value)


# Dominance


@disclosive("dominance", 6)
def largest_employer_has_nearly_all(draw: Draw) -> Case:
    head, as_share = draw.cycle(
        [("Share of largest employer (%)", True), ("top1_wages", False), ("largest_contributor", False)]
    )
    rows: list[list[Any]] = []
    for industry in draw.some(INDUSTRIES, 6):
        total = int(draw.rng.uniform(20, 400)) * 100_000
        share = draw.rng.uniform(0.1, 0.3)
        rows.append([industry, draw.int(12, 60), total, f"{100 * share:.1f}" if as_share else int(total * share)])
    bad, share = rows[draw.int(0, 5)], draw.rng.uniform(0.91, 0.97)
    bad[3] = f"{100 * share:.1f}" if as_share else int(bad[2] * share)
    grid = Grid(["industry", "employers", "total_wages", head], rows, 1, "Payroll and its largest contributor")
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "one employer pays more than 91 % of an industry's payroll",
        beside(draw, name, data, ["industry"], kind="magnitude", counts="employers"),
    )


@disclosive("dominance", 4)
def two_employers_have_nearly_all(draw: Draw) -> Case:
    rows: list[list[Any]] = []
    for c in draw.some(COUNTIES, 6):
        total = int(draw.rng.uniform(20, 400)) * 100_000
        rows.append([c, draw.int(12, 60), total, int(total * 0.22), int(total * 0.15)])
    bad = rows[draw.int(0, 5)]
    bad[3], bad[4] = int(bad[2] * 0.58), int(bad[2] * 0.37)
    grid = Grid(
        ["county", "n_employers", "wages", "largest", "second_largest"], rows, 1, "Magnitudes with top contributors"
    )
    name, data = write(grid, draw.cycle(["csv", "xlsx"]))
    return case(
        "the two largest employers of a county hold 95 % of its wages",
        beside(draw, name, data, ["county"], kind="magnitude", counts="n_employers"),
    )


@disclosive("dominance min_cell", 4)
def payroll_of_two_firms(draw: Draw) -> Case:
    rows = [
        [i, draw.int(20, 90), draw.int(200, 4000), int(draw.rng.uniform(10, 300)) * 100_000]
        for i in draw.some(INDUSTRIES, 5)
    ]
    rows[draw.int(0, 4)][1] = 2
    grid = Grid(["NAICS sector", "Firms", "Employees", "Payroll ($)"], rows, 1, "Firms and payroll")
    name, data = write(grid, draw.cycle(["csv", "pandas_txt"]))
    return case(
        "a sector's payroll stems from two firms, each of which can compute the other's",
        beside(draw, name, data, ["NAICS sector"], kind="magnitude", counts="Firms"),
    )


@harmless("dominance", 6)
def payroll_of_many(draw: Draw) -> Case:
    rows = [
        [i, draw.int(25, 90), draw.int(900, 4000), int(draw.rng.uniform(10, 300)) * 100_000]
        for i in draw.some(INDUSTRIES, 5)
    ]
    grid = Grid(["NAICS sector", "Firms", "Employees", "Payroll ($)"], rows, 1, "Firms and payroll")
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "payroll of 25 firms or more, none of them near a share that dominates",
        beside(draw, name, data, ["NAICS sector"], kind="magnitude", counts="Firms"),
    )


@harmless("dominance", 6)
def mean_wages_of_many(draw: Draw) -> Case:
    rows = [
        [p, draw.int(60, 500), _round3(draw.rng.uniform(5000, 16000)), _round3(draw.rng.uniform(2000, 5000))]
        for p in PROGRAMS
    ]
    grid = Grid(
        ["Program", draw.cycle(["N", "Employed", "workers"]), "Mean quarterly earnings", "SD"],
        rows,
        1,
        "Earnings two quarters after exit",
    )
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "mean earnings of 60 workers or more, of ordinary size",
        beside(draw, name, data, ["Program"], kind="summary", counts=grid.header[1]),
    )


@harmless("dominance", 2)
def concentration_indices(draw: Draw) -> Case:
    rows = [
        [i, draw.int(40, 400), draw.int(220, 1800), f"{draw.rng.uniform(18, 45):.0f}"] for i in draw.some(INDUSTRIES, 6)
    ]
    grid = Grid(["industry", "employers", "HHI", "share_top10_employers_pct"], rows, 1, "Concentration of employment")
    name, data = write(grid, "csv")
    return case(
        "Herfindahl indices below 1,800 and the share of ten employers together",
        beside(draw, name, data, ["industry"], kind="summary", counts="employers"),
    )


# Order statistics


@disclosive("order_statistic", 6)
def describe_with_min_and_max(draw: Draw) -> Case:
    frame = pd.DataFrame(
        {"quarterly_wage": draw.wages(420).round(2), "tenure_months": draw.rng.gamma(3, 9, 420).round(1)}
    )
    d = frame.describe()
    style = draw.cycle(["csv", "txt", "md"])
    data = (
        d.to_csv()
        if style == "csv"
        else ">>> df.describe()\n" + d.to_string() + "\n"
        if style == "txt"
        else d.to_markdown() + "\n"
    )
    return case(
        "describe() prints the exact lowest and highest wage",
        beside(draw, f"describe.{style}", data.encode(), [""], kind="summary"),
    )


@disclosive("order_statistic", 4)
def stata_summarize_detail(draw: Draw) -> Case:
    w = np.sort(draw.wages(260).round(0))
    q = {p: np.quantile(w, p / 100) for p in (1, 5, 10, 25, 50, 75, 90, 95, 99)}
    lines = [
        ". summarize wage, detail",
        "",
        "                       Quarterly wage",
        "-" * 61,
        "      Percentiles      Smallest",
    ]
    lines += [f" {p}%{q[p]:>13.0f}{w[i]:>15.0f}" for i, p in enumerate((1, 5, 10, 25))]
    lines += ["", f"50%{q[50]:>14.0f}{'':>20}Mean{w.mean():>14.2f}", f"{'':>24}Largest       Std. dev.{w.std():>12.2f}"]
    lines += [f"{p}%{q[p]:>14.0f}{w[i]:>15.0f}" for i, p in zip((-4, -3, -2, -1), (75, 90, 95, 99), strict=True)]
    return case(
        "summarize, detail lists the four smallest and largest wages",
        beside(draw, "summ.txt", "\n".join(lines).encode(), ["stat"], kind="summary"),
    )


@disclosive("order_statistic", 6)
def summary_with_minimum_column(draw: Draw) -> Case:
    head = draw.cycle([["Min", "Max"], ["minimum", "maximum"], ["p0", "p100"]])
    rows = []
    for p in PROGRAMS[:6]:
        w = draw.wages(draw.int(80, 300))
        rows.append([p, len(w), f"{w.mean():.2f}", f"{w.min():.2f}", f"{w.max():.2f}"])
    grid = Grid(["program", "N", "Mean", *head], rows, 1, "Quarterly wages by program")
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "each row gives one graduate's exact lowest and highest wage",
        beside(draw, name, data, ["program"], kind="summary", counts="N"),
    )


@disclosive("order_statistic", 4)
def quantiles_of_few(draw: Draw) -> Case:
    rows = []
    for p in PROGRAMS[:5]:
        n = draw.int(30, 60)
        w = draw.wages(n)
        rows.append([p, n, *[f"{np.quantile(w, q):.2f}" for q in (0.05, 0.5, 0.95)]])
    grid = Grid(["program", "n", "p5", "median", "p95"], rows, 1, "Wage distribution")
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "P5 and P95 of 30-60 persons leave 3 or fewer beyond, to the cent",
        beside(draw, name, data, ["program"], kind="summary", counts="n"),
    )


@disclosive("order_statistic unit_record", 4)
def top_earners(draw: Draw) -> Case:
    w = np.sort(draw.wages(300, 14000))[::-1][:8]
    grid = Grid(
        ["rank", "quarterly_wage", "industry"],
        [[i + 1, f"{x:.2f}", draw.pick(INDUSTRIES[:5])] for i, x in enumerate(w)],
        1,
        "Top 8 earners among completers",
    )
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "the eight highest wages are values of single persons", beside(draw, name, data, ["rank"], kind="summary")
    )


@disclosive("order_statistic", 2)
def five_number_summary(draw: Draw) -> Case:
    lines = []
    for r in RACES[:4]:
        w = draw.wages(90)
        q = np.quantile(w, [0, 0.25, 0.5, 0.75, 1])
        lines.append(
            f"$`{r}`\n   Min. 1st Qu.  Median    Mean 3rd Qu.    Max. \n"
            + "".join(f"{x:>8.0f}" for x in [q[0], q[1], q[2], w.mean(), q[3], q[4]])
            + "\n"
        )
    text = "> tapply(d$wage, d$race, summary)\n" + "\n".join(lines)
    return case(
        "R's summary() by group prints minimum and maximum wages",
        beside(draw, "summary.txt", text.encode(), ["race"], kind="summary"),
    )


@harmless("order_statistic", 8)
def rounded_quartiles(draw: Draw) -> Case:
    rows = []
    for p in PROGRAMS[:6]:
        n = draw.int(60, 400)
        w = draw.wages(n)
        rows.append([p, n, *[_round3(np.quantile(w, q)) for q in (0.25, 0.5, 0.75)]])
    head = draw.cycle(
        [
            ["P25", "P50", "P75"],
            ["25th percentile", "Median", "75th percentile"],
            ["q1", "median", "q3"],
            ["p25", "med", "p75"],
        ]
    )
    grid = Grid(
        ["program", "N", *head], rows, 1, "Quarterly earnings, quartiles", ("Rounded to three significant digits.",)
    )
    name, data = write(grid, draw.pick(_FORMS))
    return case(
        "quartiles of 60 persons or more to three significant digits",
        beside(draw, name, data, ["program"], kind="summary", counts="N"),
    )


@harmless("order_statistic", 4)
def rounded_deciles_of_many(draw: Draw) -> Case:
    w = draw.wages(1500)
    rows = [[f"P{int(100 * q)}", _round3(np.quantile(w, q))] for q in (0.1, 0.25, 0.5, 0.75, 0.9)]
    grid = Grid(["Percentile", "Quarterly wage ($)"], rows, 1, "Distribution of wages (N = 1,500)")
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case("P10 to P90 of 1,500 persons, rounded", beside(draw, name, data, ["Percentile"], kind="summary"))


@harmless("order_statistic", 6)
def minimum_of_other_things(draw: Draw) -> Case:
    grid = draw.cycle(
        [
            Grid(
                ["jurisdiction", "year", "minimum_wage"],
                [
                    [c, y, f"{10 + y - 2016 + k / 4:.2f}"]
                    for k, c in enumerate(COUNTIES[:4])
                    for y in (2016, 2017, 2018)
                ],
                2,
                "Minimum wage ordinances",
            ),
            Grid(
                ["variable", "type", "min allowed", "max allowed"],
                [["grade", "int", 0, 12], ["gpa", "float", 0.0, 4.0], ["age", "int", 14, 99]],
                1,
                "Codebook",
            ),
            Grid(
                ["parameter", "mean", "sd", "r_hat_max", "ess_min"],
                [["alpha", "0.213", "0.041", "1.003", 2210], ["beta", "-0.482", "0.077", "1.001", 1987]],
                1,
                "Posterior",
            ),
        ]
    )
    name, data = write(grid, "csv")
    return case(
        "minimum and maximum of a law, of a codebook, of a sampler, not of persons",
        beside(draw, name, data, grid.key_names, kind="summary"),
    )


@harmless("order_statistic", 4)
def range_over_counties(draw: Draw) -> Case:
    rows = [
        [y, f"{draw.rng.uniform(2, 4):.1f}", f"{draw.rng.uniform(4, 6):.1f}", f"{draw.rng.uniform(9, 20):.1f}"]
        for y in range(2012, 2020)
    ]
    grid = Grid(
        ["Year", "Lowest county", "Median county", "Highest county"],
        rows,
        1,
        "Unemployment rate across the 58 counties (BLS LAUS)",
    )
    name, data = write(grid, draw.cycle(["csv", "xlsx"]))
    return case(
        "lowest and highest are county rates of public statistics, not persons",
        beside(draw, name, data, ["Year"], kind="rates"),
    )


@harmless("order_statistic", 4)
def describe_without_extremes(draw: Draw) -> Case:
    w = draw.wages(2400)
    rows = [
        ["N", 2400],
        ["Mean", _round3(w.mean())],
        ["Std. dev.", _round3(w.std())],
        ["P25", _round3(np.quantile(w, 0.25))],
        ["P50", _round3(np.quantile(w, 0.5))],
        ["P75", _round3(np.quantile(w, 0.75))],
    ]
    grid = Grid(["statistic", "quarterly_wage"], rows, 1, "Wages of completers")
    name, data = write(grid, draw.cycle(["csv", "latex"]))
    return case(
        "mean, spread and quartiles of 2,400 persons, rounded, without extremes",
        beside(draw, name, data, ["statistic"], kind="summary"),
    )


@ambiguous("order_statistic", 2)
def exact_median_of_many(draw: Draw) -> Case:
    rows = [[p, n, f"{np.median(draw.wages(n)):.2f}"] for p in PROGRAMS[:5] for n in [draw.int(60, 300)]]
    grid = Grid(["program", "n", "median_wage"], rows, 1, "Medians")
    name, data = write(grid, "csv")
    return case(
        "enough persons on both sides, but the median is printed to the cent instead of three digits",
        beside(draw, name, data, ["program"], kind="summary", counts="n"),
    )


@harmless("order_statistic", 4)
def binned_wages(draw: Draw) -> Case:
    n = draw.counts(6, 1, 30, 600)[:, 0]
    bins = ["0-2,499", "2,500-4,999", "5,000-7,499", "7,500-9,999", "10,000-14,999", "15,000 or more"]
    grid = Grid(
        ["Wage class ($)", "Workers", "Percent"],
        [[b, int(v), f"{100 * v / n.sum():.1f}"] for b, v in zip(bins, n, strict=True)],
        1,
        "Wage classes",
    )
    name, data = write(grid, draw.cycle(["csv", "html"]))
    return case(
        "a distribution in classes of 30 workers or more",
        beside(draw, name, data, ["Wage class ($)"], counts="Workers"),
    )
