"""Minima, maxima and quantiles that are one person's value."""

from __future__ import annotations

import numpy as np

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import LABELS, people
from tests.corpus.table import COUNT, KEY, MONEY, NUMBER, Table, table


def groups(draw: Draw, least: int, greatest: int = 10**6, by: str = "") -> tuple[str, list[tuple[object, np.ndarray]]]:
    frame = people()
    for _ in range(100):
        name = by or draw.pick(["industry", "race", "sector", "program", "cohort"])
        some = frame[frame["county"] == draw.pick(["Los Angeles", "Fresno", "Kern", "Merced", "Shasta"])]
        rows = [(k, g["wage"].to_numpy()) for k, g in some.groupby(name) if least <= len(g) <= greatest]
        if len(rows) >= 3:
            return name, rows
    raise RuntimeError("no groups fit")


def three_digits(value: float) -> int:
    """Rounded to three significant digits."""
    return int(float(f"{value:.3g}"))


@cases(6)
def minimum_and_maximum(draw: Draw) -> Case:
    by, rows = groups(draw, 40)
    words = draw.cycle(
        [
            ("min", "max"),
            ("Min.", "Max."),
            ("Minimum", "Maximum"),
            ("Lowest wage", "Highest wage"),
            ("wage_min", "wage_max"),
            ("amin", "amax"),
        ]
    )
    body = [[k, len(v), float(v.mean()), float(v.min()), float(v.max())] for k, v in rows]
    one = table(
        [(LABELS[by], KEY), ("N", COUNT), ("Mean", MONEY), (words[0], MONEY, 2), (words[1], MONEY, 2)],
        body,
        "Wages",
        kind="summary",
    )
    return draw.disclosive("order_statistic", "exact minimum and maximum of wages", draw.files(one))


@cases(3)
def describe_printed(draw: Draw) -> Case:
    frame = people()
    some = frame[frame["county"] == draw.cycle(["Fresno", "Kern", "Shasta"])][["wage", "gpa", "days_absent"]].describe()
    if draw.turn == 0:
        data = formats.notebook([formats.code_cell("df.describe()", formats.stdout(some.to_string() + "\n"))])
        return draw.disclosive("order_statistic", "describe() prints min and max", {"describe.ipynb": data})
    text = some.to_csv() if draw.turn == 1 else f">>> df.describe()\n{some.to_string()}\n"
    return draw.disclosive(
        "order_statistic",
        "describe() prints min and max",
        {draw.cycle(["", "describe.csv", "describe.log"]): text.encode()},
    )


@cases(4)
def quantiles_of_few(draw: Draw) -> Case:
    by, rows = groups(draw, 12, 70)
    heads = draw.cycle([("P10", "P90"), ("p5", "p95"), ("10th percentile", "90th percentile"), ("q05", "q95")])
    q = 0.1 if "10" in heads[0] else 0.05
    body = [[k, len(v), float(np.quantile(v, q)), float(np.median(v)), float(np.quantile(v, 1 - q))] for k, v in rows]
    columns = [(LABELS[by], KEY), ("n", COUNT), (heads[0], MONEY, 2), ("median", MONEY, 2), (heads[1], MONEY, 2)]
    return draw.disclosive(
        "order_statistic",
        "exact outer quantiles of fewer than 70 persons",
        draw.files(table(columns, body, "Wage distribution", kind="summary")),
    )


@cases(3)
def medians_of_few(draw: Draw) -> Case:
    by, rows = groups(draw, 11, 60)
    body = [[k, int(min(len(v), 15 + i)), float(np.sort(v)[len(v) // 2])] for i, (k, v) in enumerate(rows)]
    one = table(
        [
            (LABELS[by], KEY),
            (draw.cycle(["n", "Workers", "N"]), COUNT),
            (draw.cycle(["Median wage", "median", "P50"]), MONEY, 2),
        ],
        body,
        "Median wages",
        kind="summary",
    )
    return draw.disclosive("order_statistic", "exact medians of fewer than 22 persons", draw.files(one))


@cases(2)
def median_of_one_value(draw: Draw) -> Case:
    rows = [["Mining", 100, 1, 41_877], ["Utilities", 88, 2, 63_410], ["Retail Trade", 2_412, 2_190, 29_300]]
    heads = draw.cycle([("rows", "non-missing wages"), ("N", "n_nonmissing")])
    one = table(
        [("Industry", KEY), (heads[0], COUNT), (heads[1], COUNT), ("Median wage", MONEY)],
        rows,
        "Median wages",
        kind="summary",
        counts=heads[1],
    )
    return draw.disclosive(
        "order_statistic min_cell", "a median rests on one non-missing wage among a hundred rows", draw.files(one)
    )


@cases(2)
def oldest_participants(draw: Draw) -> Case:
    text = draw.cycle([
        "# Participants\n\n| Site | n | Mean age | Range |\n|---|---:|---:|---|\n| Fresno | 212 | 24.1 | 16–67 |\n| Kern | 148 | 23.8 | 16–71 |\n",
        "Wages ranged from $312.40 to $418,220.17 (n = 2,114 workers); the mean was $38,400.\n",
    ])  # fmt: skip
    return draw.disclosive(
        "order_statistic",
        "ranges give the extreme persons' values",
        {draw.cycle(["ages.md", "wages.txt"]): text.encode()},
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(8)
def rounded_quantiles_of_many(draw: Draw) -> Case:
    by, rows = groups(draw, 150, by=draw.cycle(["", "industry", "sector", "cohort"]))
    heads = draw.cycle(
        [
            ("P25", "Median", "P75"),
            ("25th percentile", "50th percentile", "75th percentile"),
            ("q25", "q50", "q75"),
            ("Lower quartile", "Median", "Upper quartile"),
        ]
    )
    body = [[k, len(v), *(three_digits(float(np.quantile(v, q))) for q in (0.25, 0.5, 0.75))] for k, v in rows]
    one: Table = table(
        [(LABELS[by], KEY), ("N", COUNT), *((h, MONEY) for h in heads)],
        body,
        "Wages, rounded to three digits",
        kind="summary",
    )
    return draw.harmless("order_statistic", "quartiles of 150 and more, rounded to three digits", draw.files(one))


@cases(3)
def neighbouring_percentiles(draw: Draw) -> Case:
    by, rows = groups(draw, 300, by="industry")
    body = [[k, len(v), three_digits((np.quantile(v, 0.45) + np.quantile(v, 0.55)) / 2)] for k, v in rows]
    one = table(
        [
            (LABELS[by], KEY),
            ("Workers", COUNT),
            (draw.cycle(["Median (mean of P45 and P55)", "Fuzzy median", "Pseudo-median"]), MONEY),
        ],
        body,
        "Medians",
        kind="summary",
    )
    return draw.harmless("order_statistic", "medians as the mean of P45 and P55", draw.files(one))


@cases(3)
def binned_distributions(draw: Draw) -> Case:
    wages = people()["wage"]
    edges = [0, 15_000, 25_000, 35_000, 50_000, 75_000, 100_000, 10**9]
    names = [
        "under $15,000",
        "$15,000–24,999",
        "$25,000–34,999",
        "$35,000–49,999",
        "$50,000–74,999",
        "$75,000–99,999",
        "$100,000 or more",
    ]
    rows = [[k, int(((wages >= a) & (wages < b)).sum())] for k, a, b in zip(names, edges[:-1], edges[1:], strict=True)]
    one = table([("Annual wage", KEY), ("Workers", COUNT)], rows, "Wage distribution", kind="frequency")
    return draw.harmless("order_statistic min_cell", "bins of many persons, the last one open", draw.files(one))


@cases(2)
def maxima_of_rules(draw: Draw) -> Case:
    rows = [["Cal Grant A", 12_630, 4.0], ["Cal Grant B", 1_648, 4.0], ["Chafee", 5_000, 2.0]]
    one = table(
        [("Award", KEY), ("Maximum award by law ($)", NUMBER, 0), ("Maximum years", NUMBER, 0)],
        rows,
        "Award rules",
        kind="summary",
        counts=[],
    )
    return draw.harmless(
        "order_statistic", "maxima set by law are nobody's values", draw.files(one, kind=draw.cycle(["md", "csv"]))
    )


@cases(2)
def means_with_deviations(draw: Draw) -> Case:
    by, rows = groups(draw, 60)
    body = [[k, len(v), round(float(v.mean()), -2), round(float(v.std()), -2)] for k, v in rows]
    return draw.harmless(
        "order_statistic",
        "means and deviations only",
        draw.files(table([(LABELS[by], KEY), ("n", COUNT), ("mean", MONEY), ("std", MONEY)], body, kind="summary")),
    )
