"""Magnitudes: dominance just over and under, order statistics of few and of enough persons."""

from __future__ import annotations

# fmt: off  (a case a line)
from tests.corpus.third.request import ask, bad, csv, good, html, markdown, notebook, records, side, text, xlsx

DOM = "paragraph 'dominance'"
ORD = "paragraph 'order statistics'"
MAG = {"rows": ["industry"], "kind": "magnitude", "counts": "n_persons", "population": "2019 workers"}


def shares(one: float, two: float, n: int = 14, head: str = "n_persons") -> list[list[object]]:
    return [
        ["industry", head, "total_wages", "top1_share", "top2_share"],
        ["Retail", 640, 18200000, 0.02, 0.04],
        ["Mining", n, 2100000, one, two],
    ]


def largest(total: int, one: int, two: int, n: int = 15, head: str = "n_persons") -> list[list[object]]:
    return [
        ["industry", head, "total_wages", "largest", "second_largest"],
        ["Retail", 640, 18200000, 240000, 231000],
        ["Mining", n, total, one, two],
    ]


bad("top two 0.93", "dominance", f"two persons hold 93 %; {DOM}", csv(shares(0.5, 0.93)))
bad("top two 0.93, sidecar", "dominance", f"two persons hold 93 %; {DOM}", side(csv(shares(0.5, 0.93)), **MAG))
bad(
    "top two 0.91, sidecar",
    "dominance",
    f"two persons hold 91 %, just over; {DOM}",
    side(csv(shares(0.46, 0.91)), **MAG),
)
bad(
    "values of the two",
    "dominance order_statistic",
    f"600,000 + 320,000 of 1,000,000; {DOM}",
    csv(largest(1000000, 600000, 320000)),
)
bad(
    "values of the two, sidecar",
    "dominance order_statistic",
    f"600,000 + 320,000 of 1,000,000; {DOM}",
    side(csv(largest(1000000, 600000, 320000)), **MAG),
)
bad(
    "employer of 82 %",
    "dominance",
    "an employer holds 82 % of a cell of five; 'protected units'",
    side(
        csv(
            [
                ["industry", "employers", "total_wages", "largest_share"],
                ["Retail", 48, 91200000, 0.11],
                ["Mining", 5, 8100000, 0.82],
            ]
        ),
        rows=["industry"],
        kind="magnitude",
        counts="employers",
        population="employers",
    ),
)
bad(
    "employer of 82 % in per cent",
    "dominance",
    "an employer holds 82 % of a cell of five; 'protected units'",
    csv(
        [
            ["industry", "employers", "total_wages", "Largest employer (%)"],
            ["Retail", 48, 91200000, 11],
            ["Mining", 5, 8100000, 82],
        ]
    ),
)
bad(
    "p percent in a workbook",
    "dominance",
    f"what the others leave is below a tenth of the largest; {DOM}",
    xlsx(largest(1000000, 900000, 60000, head="persons")),
)
good("top two 0.88", "dominance", f"two persons hold 88 %, just under; {DOM}", csv(shares(0.5, 0.88)))
good(
    "top two 0.88, sidecar",
    "dominance",
    f"two persons hold 88 %, just under; {DOM}",
    side(csv(shares(0.5, 0.88)), **MAG),
)
good(
    "employer of 78 %",
    "dominance",
    "the largest employer holds 78 %, two hold 87 %; 'protected units'",
    side(
        csv(
            [
                ["industry", "employers", "total_wages", "largest_share", "top2_share"],
                ["Retail", 48, 91200000, 0.11, 0.2],
                ["Mining", 5, 8100000, 0.78, 0.87],
            ]
        ),
        rows=["industry"],
        kind="magnitude",
        counts="employers",
        population="employers",
    ),
)
good(
    "top-coded mean",
    "dominance",
    f"with top-code 250,000, n = 500 and mean 42,000 it is proven; {DOM}",
    side(
        csv([["industry", "n_persons", "mean_wage"], ["Retail", 640, 28400], ["Mining", 500, 42000]]),
        **(MAG | {"kind": "summary"}),
    ),
)
good(
    "totals of thousands",
    "dominance",
    "wages of thousands of persons",
    csv([["county", "workers", "total_wages"], ["Alameda", 412000, 21400000000], ["Butte", 61200, 2510000000]]),
)
good(
    "totals of thousands, sidecar",
    "dominance",
    "wages of thousands of persons",
    side(
        csv([["county", "workers", "total_wages"], ["Alameda", 412000, 21400000000], ["Butte", 61200, 2510000000]]),
        rows=["county"],
        kind="magnitude",
        counts="workers",
        population="workers",
    ),
)
good(
    "employer shares in per cent",
    "dominance",
    "the largest employer holds 34 %",
    xlsx(
        [
            ["industry", "employers", "total_wages", "Largest employer (%)"],
            ["Retail", 48, 91200000, 11],
            ["Mining", 12, 8100000, 34],
        ]
    ),
)

# order statistics
SUM = {"rows": ["field"], "kind": "summary", "counts": "n", "population": "2015 graduates with wages"}


def stats(head: list[str], row: list[object], n: int) -> list[list[object]]:
    other: list[object] = [61200, 44100, 79900][: len(head)]
    return [["field", "n", *head], ["Nursing", 4100, *other], ["Music", n, *row]]


bad(
    "min and max",
    "order_statistic",
    f"exact minimum and maximum; {ORD}",
    csv(stats(["mean_wage", "min_wage", "max_wage"], [38210, 2104, 187231], 400)),
)
bad(
    "min and max, sidecar",
    "order_statistic",
    f"exact minimum and maximum; {ORD}",
    side(csv(stats(["mean_wage", "min_wage", "max_wage"], [38210, 2104, 187231], 400)), **SUM),
)
bad("median of 15", "order_statistic", f"15 x 0.5 is less than 11; {ORD}", csv(stats(["median_wage"], [38200], 15)))
bad(
    "median of 20, sidecar",
    "order_statistic",
    f"20 x 0.5 = 10 is less than 11; {ORD}",
    side(csv(stats(["median_wage"], [38200], 20)), **SUM),
)
bad(
    "P90 of 60", "order_statistic", f"60 x 0.1 = 6; {ORD}", csv(stats(["p10", "p50", "p90"], [12100, 38200, 81000], 60))
)
bad(
    "P25 of 40, sidecar",
    "order_statistic",
    f"40 x 0.25 = 10; {ORD}",
    side(csv(stats(["p25", "median", "p75"], [21000, 38200, 52300], 40)), **SUM),
)
bad(
    "P99 of 900",
    "order_statistic",
    f"900 x 0.01 = 9; {ORD}",
    markdown(
        [["Field", "N", "P50", "P99"], ["Nursing", "4100", "61200", "121000"], ["Music", "900", "38200", "99800"]]
    ),
)
bad(
    "quantiles of eight",
    "order_statistic min_cell",
    f"quartiles of 8 persons; {ORD}",
    records(
        [["field", "n", "q25", "q50", "q75"], ["Nursing", 410, 44100, 61200, 79900], ["Music", 8, 21000, 38200, 52300]]
    ),
)
bad(
    "exact median",
    "order_statistic",
    f"a median to the dollar is one person's wage; {ORD}",
    csv([["field", "n", "median_wage"], ["Nursing", 4101, 61237], ["Music", 401, 38213]]),
)
bad(
    "exact median, sidecar",
    "order_statistic",
    f"a median to the dollar is one person's wage; {ORD}",
    side(csv([["field", "n", "median_wage"], ["Nursing", 4101, 61237], ["Music", 401, 38213]]), **SUM),
)
DESCRIBE = "count      412.000000\nmean     38210.441748\nstd      21044.102933\nmin       1204.000000\n25%      22310.500000\n50%      36102.000000\n75%      51220.250000\nmax     187231.000000\nName: wage, dtype: float64\n"
bad("describe", "order_statistic", f"describe() prints minimum and maximum; {ORD}", text(DESCRIBE))
bad(
    "describe in a notebook",
    "order_statistic",
    f"describe() prints minimum and maximum; {ORD}",
    notebook([DESCRIBE], "df.wage.describe()"),
)
bad(
    "one value not missing",
    "order_statistic min_cell",
    "a median resting on one non-missing value among a hundred rows; the escapes",
    csv([["field", "rows", "n_nonmissing", "median_wage"], ["Nursing", 410, 388, 61200], ["Music", 100, 1, 38200]]),
)
bad(
    "highest wage",
    "order_statistic",
    f"the highest wage of a person in a sentence; {ORD}",
    html(
        [["field", "n", "mean_wage"], ["Nursing", 4100, 61200], ["Music", 400, 38200]],
        extra="<p>The highest wage in the group was $187,231 (maximum), the lowest $2,104 (minimum).</p>",
    ),
)
bad(
    "range",
    "order_statistic",
    f"the range is minimum and maximum; {ORD}",
    csv(
        [
            ["field", "n", "mean_wage", "range"],
            ["Nursing", 4100, 61200, "1204-312450"],
            ["Music", 400, 38200, "2104-187231"],
        ]
    ),
)
good(
    "P25 of 44",
    "order_statistic",
    f"44 x 0.25 = 11; {ORD}",
    csv(stats(["p25", "median", "p75"], [21000, 38200, 52300], 44)),
)
good(
    "P25 of 44, sidecar",
    "order_statistic",
    f"44 x 0.25 = 11; {ORD}",
    side(csv(stats(["p25", "median", "p75"], [21000, 38200, 52300], 44)), **SUM),
)
good(
    "median of 22, sidecar",
    "order_statistic",
    f"22 x 0.5 = 11; {ORD}",
    side(csv(stats(["median_wage"], [38200], 22)), **SUM),
)
good(
    "P10 of 110",
    "order_statistic",
    f"110 x 0.1 = 11; {ORD}",
    markdown(
        [
            ["Field", "N", "P10", "P50", "P90"],
            ["Nursing", "4100", "31200", "61200", "121000"],
            ["Music", "110", "12100", "38200", "81000"],
        ]
    ),
)
good(
    "minimum wage",
    "order_statistic",
    "the state's minimum wage is a law, no person's value",
    csv(
        [
            ["year", "state_minimum_wage", "mean_hourly_wage", "workers"],
            [2018, 11.0, 24.1, 412000],
            [2019, 12.0, 25.3, 418000],
        ]
    ),
)
good(
    "median grade",
    "order_statistic",
    "medians of grade points to three digits",
    side(
        csv([["field", "n", "median_gpa"], ["Nursing", 4100, 3.12], ["Music", 400, 3.05]]),
        rows=["field"],
        kind="summary",
        counts="n",
        population="graduates",
    ),
)
good(
    "largest possible score",
    "order_statistic",
    "the scale of a test is public",
    csv([["test", "max_possible_score", "mean_score", "n"], ["SAT", 1600, 1058, 41200], ["ACT", 36, 22.3, 12100]]),
)
ask(
    "wages of a dozen",
    "dominance",
    "small n and nothing known of the top: asked",
    csv([["industry", "n_persons", "total_wages"], ["Retail", 640, 18200000], ["Mining", 14, 2100000]]),
)
