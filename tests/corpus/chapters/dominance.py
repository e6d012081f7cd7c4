"""Sums and means of wages in which one employer or person dominates."""

from __future__ import annotations

import pandas as pd

from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import people
from tests.corpus.table import COUNT, KEY, MONEY, NUMBER, RATE, table


def payrolls(draw: Draw) -> pd.DataFrame:
    """Per county and industry: workers, employers, payroll, the two largest employers' payrolls."""
    frame = people()
    some = frame[(frame["cohort"] >= 2014 + draw.turn % 3) & frame["enrolled"].eq(draw.turn % 2 == 0)]
    by = some.groupby(["county", "industry", "employer"])["wage"].agg(["sum", "size"]).reset_index()
    rows = []
    for (county, industry), g in by.groupby(["county", "industry"]):
        tops = [*g["sum"].nlargest(2).tolist(), 0.0]
        rows.append([county, industry, int(g["size"].sum()), len(g), float(g["sum"].sum()), tops[0], tops[1]])
    return pd.DataFrame(rows, columns=["county", "industry", "workers", "employers", "payroll", "top1", "top2"]).query(
        "workers >= 25"
    )


def chosen(draw: Draw, dominated: bool) -> pd.DataFrame:
    """A dozen safe cells, with one or two dominated ones (over 85 % by one employer, yet three employers or more) on wish."""
    cells = payrolls(draw)
    safe = cells[
        (cells["employers"] >= 6)
        & (cells["top1"] < 0.45 * cells["payroll"])
        & (cells["top1"] + cells["top2"] < 0.7 * cells["payroll"])
    ]
    some = safe.sample(min(9, len(safe)), random_state=int(draw.rng.integers(10**6)))
    if dominated:
        some = some.copy()
        spot = some.index[int(draw.rng.integers(len(some)))]
        rest = some.loc[spot, "payroll"] * 0.08
        some.loc[spot, "top1"], some.loc[spot, "top2"] = some.loc[spot, "payroll"] - rest, rest * 0.5
    return some.sort_values(["county", "industry"])


@cases(4)
def largest_employers_printed(draw: Draw) -> Case:
    some = chosen(draw, dominated=True)
    words = draw.cycle(
        [("top1", "top2"), ("Largest employer payroll", "Second largest"), ("max1", "max2"), ("largest", "second")]
    )
    columns = [
        ("County", KEY),
        ("Industry", KEY),
        ("workers", COUNT),
        ("employers", NUMBER, 0),
        ("payroll", MONEY),
        (words[0], MONEY),
        (words[1], MONEY),
    ]
    one = table(columns, some.to_numpy(), "Payroll with the two largest employers", kind="magnitude", counts="workers")
    return draw.disclosive(
        "dominance order_statistic",
        "one employer pays 92 % of a cell's payroll, and its payroll is printed",
        draw.files(one, kind=draw.cycle(["csv", "xlsx", "csv", "tsv"])),
    )


@cases(4)
def share_of_the_largest(draw: Draw) -> Case:
    some = chosen(draw, dominated=True)
    rows = [[r.county, r.industry, r.workers, r.employers, r.payroll, r.top1 / r.payroll] for r in some.itertuples()]
    word = draw.cycle(["Largest employer share", "share_top1", "Top employer's share of payroll", "max_share"])
    columns = [
        ("County", KEY),
        ("Industry", KEY),
        ("Workers", COUNT),
        ("Employers", NUMBER, 0),
        ("Total wages", MONEY),
        (word, RATE),
    ]
    one = table(columns, rows, "Concentration of payroll", kind="magnitude", counts="Workers")
    return draw.disclosive("dominance", "a cell's largest employer has 92 % of the payroll", draw.files(one))


@cases(6)
def one_or_two_employers(draw: Draw) -> Case:
    some = chosen(draw, dominated=False)
    rows = [[r.county, r.industry, r.workers, r.employers, r.payroll] for r in some.itertuples()]
    for spot in (1, 4):
        rows[spot][2], rows[spot][3] = 64 + spot, 1 + spot % 3
    word = draw.cycle(["Employers", "n_employers", "Number of employers", "firms", "Establishments", "employer_count"])
    one = table([("County", KEY), ("Industry", KEY), ("Workers", COUNT), (word, NUMBER, 0), ("Total wages", MONEY)], rows, "Wages by county and industry",
                kind="magnitude", counts="Workers")  # fmt: skip
    return draw.disclosive("dominance min_cell", "wages of one or two employers", draw.files(one))


@cases(2)
def persons_who_dominate(draw: Draw) -> Case:
    """A sum of bonuses to which one person gave nearly all; the maximum stands beside it."""
    rows = [
        ["Oak Valley", 31, 1_204_000, 61_000],
        ["Pine Ridge", 22, 2_310_000, 2_190_000],
        ["Rio Seco", 45, 1_880_000, 74_500],
    ]
    one = table(
        [("District", KEY), ("n", COUNT), (draw.cycle(["sum", "Total earnings"]), MONEY), ("max", MONEY)],
        rows,
        "Earnings",
        kind="magnitude",
    )
    return draw.disclosive(
        "dominance order_statistic", "one person has 95 % of the sum; the maximum is printed", draw.files(one)
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(6)
def many_employers(draw: Draw) -> Case:
    some = chosen(draw, dominated=False)
    rows = [[r.county, r.industry, r.workers, r.employers + 11, round(r.payroll, -3)] for r in some.itertuples()]
    word = draw.cycle(["Employers", "n_employers", "Number of employers", "firms", "Establishments", "employer_count"])
    one = table([("County", KEY), ("Industry", KEY), ("Workers", COUNT), (word, NUMBER, 0), ("Total wages", MONEY)], rows, "Wages by county and industry",
                kind="magnitude", counts="Workers")  # fmt: skip
    return draw.harmless("dominance", "many employers in every cell", draw.files(one))


@cases(4)
def low_shares_of_the_largest(draw: Draw) -> Case:
    some = chosen(draw, dominated=False)
    rows = [
        [r.county, r.industry, r.workers, r.employers + 11, round(r.payroll, -3), round(r.top1 / r.payroll, 2)]
        for r in some.itertuples()
    ]
    columns = [
        ("County", KEY),
        ("Industry", KEY),
        ("Workers", COUNT),
        ("Employers", NUMBER, 0),
        ("Total wages", MONEY),
        ("Largest employer share", RATE, 0),
    ]
    return draw.harmless(
        "dominance",
        "no employer has half of a payroll",
        draw.files(table(columns, rows, "Concentration", kind="magnitude", counts="Workers")),
    )


@cases(4)
def mean_wages_of_many(draw: Draw) -> Case:
    frame = people()
    by = draw.cycle(["industry", "sector", "race", "cohort"])
    rows = [[k, len(g), round(float(g["wage"].mean()), -2)] for k, g in frame.groupby(by) if len(g) >= 150]
    one = table([(by, KEY), (draw.cycle(["n", "Workers", "N", "persons"]), COUNT), ("Mean annual wage", MONEY)], rows, "Mean wages (top-coded at $250,000)",
                ("Wages above $250,000 are top-coded.",), kind="magnitude")  # fmt: skip
    return draw.harmless("dominance", "means of hundreds of top-coded wages", draw.files(one))


@cases(2)
def employer_sizes(draw: Draw) -> Case:
    rows = [
        ["1 to 4 employees", 402_112, 1.7],
        ["5 to 9", 171_004, 6.6],
        ["10 to 19", 120_311, 13.4],
        ["20 to 49", 88_007, 30.1],
        ["50 or more", 51_990, 190.3],
    ]
    one = table(
        [("Size class", KEY), ("Employers", COUNT), ("Mean employees", NUMBER, 1)],
        rows,
        "Employers by size class",
        kind="summary",
    )
    return draw.harmless("dominance min_cell", "size classes and means of many employers", draw.files(one))
