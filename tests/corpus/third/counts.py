"""Counts, rates and groups: 10 beside 11, percentages that imply a count, a group that is all alike."""

from __future__ import annotations

# fmt: off  (a case a line)
from tests.corpus.third.request import ask, bad, csv, good, html, markdown, notebook, printed, records, side, text, xlsx

COUNTS = "paragraph 'minimum cell count'"
RATES = "paragraph 'rates, percentages'"
GROUPS = "paragraph 'zero and 100 %'"
FREQ = {"rows": ["district"], "kind": "frequency", "counts": "cells", "population": "2019 high school graduates"}


def crosstab(special: int) -> list[list[object]]:
    """Districts by where graduates went; one cell is given."""
    rows = [["Alder", 214, 131, 88], ["Birch", 187, 96, special], ["Cedar", 342, 205, 120], ["Dogwood", 95, 61, 43]]
    body = [[*row, sum(v for v in row[1:] if isinstance(v, int))] for row in rows]
    total = ["Total", *(sum(int(str(row[i])) for row in body) for i in range(1, 5))]
    return [["district", "four_year", "two_year", "none", "Total"], *body, total]


WITH_TOTALS = FREQ | {"totals": {"rows": "Total", "columns": "Total"}}
bad(
    "crosstab 10, sidecar",
    "min_cell",
    f"one cell of exactly 10 persons; {COUNTS}",
    side(csv(crosstab(10)), **WITH_TOTALS),
    cells=[[1, 3]],
)
bad("crosstab 10", "min_cell", f"one cell of exactly 10 persons; {COUNTS}", csv(crosstab(10)), cells=[[1, 3]])
bad(
    "crosstab 1, sidecar",
    "min_cell",
    f"one cell of one person; {COUNTS}",
    side(csv(crosstab(1)), **WITH_TOTALS),
    cells=[[1, 3]],
)
bad("workbook 3", "min_cell", f"one cell of three; {COUNTS}", xlsx(crosstab(3)))
bad("workbook 9, sidecar", "min_cell", f"one cell of nine; {COUNTS}", side(xlsx(crosstab(9)), **WITH_TOTALS))
bad(
    "markdown 4",
    "min_cell",
    f"one cell of four; {COUNTS}",
    markdown(crosstab(4), before="Destination of 2019 graduates, number of students"),
)
bad("page 5", "min_cell", f"one cell of five; {COUNTS}", html(crosstab(5)))
bad("print 8", "min_cell", f"one cell of eight in a printed frame; {COUNTS}", text(printed(crosstab(8), index=False)))
bad(
    "notebook 6",
    "min_cell",
    f"one cell of six in a notebook's output; {COUNTS}",
    notebook([printed(crosstab(6), index=False)], "pd.crosstab(df.district, df.destination, margins=True)"),
)
good(
    "crosstab 11, sidecar",
    "min_cell",
    f"the smallest cell is exactly 11; {COUNTS}",
    side(csv(crosstab(11)), **WITH_TOTALS),
)
good("crosstab 11", "min_cell", f"the smallest cell is exactly 11; {COUNTS}", csv(crosstab(11)))
good("workbook 12", "min_cell", f"no cell below 11; {COUNTS}", xlsx(crosstab(12)))
good("workbook 12, sidecar", "min_cell", f"no cell below 11; {COUNTS}", side(xlsx(crosstab(12)), **WITH_TOTALS))
good(
    "markdown 15",
    "min_cell",
    f"no cell below 11; {COUNTS}",
    markdown(crosstab(15), before="Destination of 2019 graduates, number of students"),
)
good("page 16", "min_cell", f"no cell below 11; {COUNTS}", html(crosstab(16)))
good("print 17", "min_cell", f"no cell below 11; {COUNTS}", text(printed(crosstab(17), index=False)))
good(
    "notebook 18",
    "min_cell",
    f"no cell below 11; {COUNTS}",
    notebook([printed(crosstab(18), index=False)], "pd.crosstab(df.district, df.destination, margins=True)"),
)


def long(special: object, header: str = "students") -> list[list[object]]:
    return [
        ["year", "grade", header],
        [2018, 9, 412],
        [2018, 10, 388],
        [2018, 11, special],
        [2019, 9, 431],
        [2019, 10, 379],
        [2019, 11, 365],
    ]


LONG = {
    "rows": ["year", "grade"],
    "kind": "frequency",
    "counts": "students",
    "population": "public high school students",
}
bad("long 7", "min_cell", f"seven students; {COUNTS}", csv(long(7)), cells=[[2, 2]])
bad("long 7, sidecar", "min_cell", f"seven students; {COUNTS}", side(csv(long(7)), **LONG), cells=[[2, 2]])
bad("long freq 2", "min_cell", f"header freq of the lexicon; {COUNTS}", csv(long(2, "freq")))
bad("records 9", "min_cell", f"nine persons in JSON records; {COUNTS}", records(long(9, "n")))
bad("long 10.0", "min_cell", f"a count written as float is a count; {COUNTS}", csv(long("10.0", "n")))
bad("semicolon tabs", "min_cell", f"another dialect; {COUNTS}", csv(long(6), sep="\t", encoding="utf-16"))
bad(
    "thousands",
    "min_cell",
    f"counts with thousands separators and one of 8; {COUNTS}",
    csv([["county", "count"], ["Alpine", "1,204"], ["Butte", "8"], ["Colusa", "3,411"]]),
    cells=[[1, 1]],
)
bad(
    "n in the cell",
    "min_cell",
    f"counts in brackets beside percentages, one of 7; {COUNTS}",
    csv([["race", "enrolled"], ["Asian", "61.2% (n=412)"], ["Black", "43.8% (n=7)"], ["White", "52.0% (n=871)"]]),
)
bad(
    "mean of ten",
    "min_cell",
    f"a mean of ten persons; {COUNTS}",
    side(
        csv([["field", "mean_wage", "n"], ["Nursing", 61200, 410], ["Music", 30900, 10], ["Law", 58800, 95]]),
        rows=["field"],
        kind="summary",
        counts="n",
        population="2015 graduates",
    ),
    cells=[[1, 2]],
)
bad(
    "sixty rows of two persons",
    "min_cell",
    "sixty wage rows of two persons; paragraph 'protected units' and the escapes",
    csv(
        [["industry", "wage_rows", "persons", "total_wages"], ["Retail", 5210, 640, 6120000], ["Mining", 60, 2, 410000]]
    ),
)
bad(
    "sixty rows of two persons, sidecar",
    "min_cell",
    "sixty wage rows of two persons; 'protected units'",
    side(
        csv([["industry", "wage_rows", "persons"], ["Retail", 5210, 640], ["Mining", 60, 2]]),
        rows=["industry"],
        kind="frequency",
        counts="persons",
        population="workers",
    ),
    cells=[[1, 2]],
)
bad(
    "two employers",
    "min_cell dominance",
    "two employers in a cell; 'protected units'",
    csv(
        [
            ["industry", "employers", "total_wages"],
            ["Retail", 48, 91200000],
            ["Mining", 2, 8100000],
            ["Fishing", 11, 9100000],
        ]
    ),
)
bad(
    "two employers, sidecar",
    "min_cell dominance",
    "two employers in a cell; 'protected units'",
    side(
        csv([["industry", "employers", "total_wages"], ["Retail", 48, 91200000], ["Mining", 2, 8100000]]),
        rows=["industry"],
        kind="magnitude",
        counts="employers",
        population="employers",
    ),
)
bad(
    "histogram bin 3",
    "min_cell",
    f"a bin of three persons; {COUNTS}",
    csv([["wage_bin", "count"], ["0-20k", 310], ["20-40k", 902], ["40-60k", 544], ["60-80k", 121], ["80k+", 3]]),
)
bad(
    "chart label 4",
    "min_cell",
    f"a bar labelled 4 students; {COUNTS}",
    {
        "bars.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><text x="10" y="15">Students by district</text><rect x="10" y="50" width="40" height="120"/><text x="12" y="45">Alder</text><text x="12" y="60">412</text><rect x="70" y="160" width="40" height="10"/><text x="72" y="150">Birch</text><text x="72" y="165">4</text></svg>'
    },
)
bad(
    "sentence",
    "min_cell",
    f"a sentence with a count of four persons; {COUNTS}",
    markdown(
        crosstab(40), before="Of the graduates of Birch, only 4 students enrolled in a nursing programme (n = 4)."
    ),
)
bad(
    "semicolons",
    "min_cell",
    f"European dialect; {COUNTS}",
    side(
        csv([["district", "n", "mean_gpa"], ["Alder", 210, "3,12"], ["Birch", 5, "2,98"]], sep=";"),
        rows=["district"],
        kind="summary",
        counts="n",
        population="graduates",
    ),
    cells=[[1, 1]],
)

good(
    "small grades",
    "min_cell",
    "grades, terms and ranks of 1 to 10 are not counts; 'what is a count'",
    csv([["grade", "rank", "students"], [1, 3, 412], [2, 2, 433], [3, 1, 450], [4, 4, 405], [5, 5, 391]]),
)
good("long, sidecar", "min_cell", f"no count below 11; {COUNTS}", side(csv(long(371)), **LONG))
good(
    "p-values",
    "min_cell",
    "test statistics, degrees of freedom and p-values are not counts",
    csv(
        [
            ["comparison", "chi2", "df", "p_value"],
            ["sex", 4.21, 1, 0.040],
            ["race", 11.7, 6, 0.069],
            ["region", 9.1, 5, 0.105],
        ]
    ),
)
good(
    "few schools",
    "min_cell",
    "schools have no threshold; 'protected units'",
    csv([["county", "schools", "students"], ["Alpine", 2, 214], ["Butte", 9, 4120], ["Colusa", 4, 1311]]),
)
good(
    "three employers",
    "min_cell",
    "three employers, none with 80 %; 'protected units'",
    side(
        csv(
            [
                ["industry", "employers", "largest_share", "total_wages"],
                ["Retail", 48, 0.11, 91200000],
                ["Mining", 3, 0.36, 8100000],
            ]
        ),
        rows=["industry"],
        kind="magnitude",
        counts="employers",
        population="employers",
    ),
)
good(
    "rows and persons",
    "min_cell",
    "60 wage rows of 25 persons",
    side(
        csv([["industry", "wage_rows", "persons"], ["Retail", 5210, 640], ["Mining", 60, 25]]),
        rows=["industry"],
        kind="frequency",
        counts="persons",
        population="workers",
    ),
)
good(
    "masked without totals, sidecar",
    "min_cell",
    "a masked cell and no margin that gives it back",
    side(
        csv([["district", "n"], ["Alder", 212], ["Birch", "<11"], ["Cedar", 88], ["Dogwood", 31]]),
        rows=["district"],
        kind="frequency",
        counts="n",
        suppressed=["<11"],
        population="graduates",
    ),
)
good(
    "masked without totals",
    "min_cell",
    "a masked cell and no margin that gives it back",
    csv([["district", "n"], ["Alder", 212], ["Birch", "<11"], ["Cedar", 88], ["Dogwood", 31]]),
)
good(
    "mean credits",
    "min_cell",
    "means of 3 to 9 are not counts",
    side(
        csv([["district", "mean_courses", "n"], ["Alder", 6.1, 412], ["Birch", 4.8, 133], ["Cedar", 7.2, 511]]),
        rows=["district"],
        kind="summary",
        counts="n",
        population="students",
    ),
)
good(
    "survey scale",
    "min_cell",
    "answers on a scale of 1 to 5",
    csv(
        [
            ["item", "scale_points", "mean_answer", "respondents"],
            ["Belonging", 5, 3.9, 1204],
            ["Safety", 5, 4.1, 1198],
            ["Support", 5, 3.6, 1187],
        ]
    ),
)
good(
    "months",
    "min_cell",
    "months and district numbers are not counts",
    csv([["district_id", "month", "enrolled"], [1, 9, 512], [1, 10, 508], [2, 9, 233], [2, 10, 240]]),
)
good(
    "chart labels",
    "min_cell",
    "bars labelled with large counts",
    {
        "bars.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><text x="10" y="15">Students by district</text><rect x="10" y="50" width="40" height="120"/><text x="12" y="45">Alder</text><text x="12" y="60">412</text><rect x="70" y="60" width="40" height="110"/><text x="72" y="50">Birch</text><text x="72" y="65">344</text></svg>'
    },
)

# rates


def rated(pct: object, n: int, header: str = "pct_enrolled") -> list[list[object]]:
    return [
        ["subgroup", "n", header],
        ["Asian", 412, 71.4],
        ["Black", 233, 55.8],
        ["Pacific Islander", n, pct],
        ["White", 871, 60.2],
    ]


PCT = {"rows": ["subgroup"], "kind": "rates", "counts": "n", "population": "2019 graduates"}
bad("3 of 47", "rate", f"6.4 % of 47 is 3 persons; {RATES}", csv(rated(6.4, 47)), cells=[[2, 2]])
bad("3 of 47, sidecar", "rate", f"6.4 % of 47 is 3 persons; {RATES}", side(csv(rated(6.4, 47)), **PCT), cells=[[2, 2]])
bad("10 of 61, sidecar", "rate", f"16.4 % of 61 is 10 persons; {RATES}", side(csv(rated(16.4, 61)), **PCT))
bad(
    "percent signs",
    "rate",
    f"6.4% of 47; {RATES}",
    csv([["subgroup", "Students", "Enrolled (%)"], ["Asian", 412, "71.4%"], ["Black", 47, "6.4%"]]),
)
bad("small denominator", "rate min_cell", f"50 % of 8; {RATES}", csv(rated(50.0, 8)))
bad(
    "fraction",
    "rate",
    f"0.0214 of 140 is 3; {RATES}",
    csv([["college", "n", "transfer_rate"], ["Foothill", 512, 0.3105], ["De Anza", 140, 0.0214]]),
    cells=[[1, 2]],
)
bad(
    "n in the header",
    "rate",
    f"7.9 % of N=38 in the header is 3; {RATES}",
    csv(
        [
            ["outcome", "Asian (N=412)", "Hispanic (N=38)"],
            ["Four-year", "52.2%", "7.9%"],
            ["Two-year", "30.1%", "55.3%"],
            ["None", "17.7%", "36.8%"],
        ]
    ),
)
bad(
    "n in the note",
    "rate",
    f"N = 47 in the note, 6.4 % is 3; {RATES}",
    markdown(
        [["Outcome", "Percent"], ["Enrolled", "63.8"], ["Employed", "29.8"], ["Neither", "6.4"]],
        after="Note: N = 47 students.",
    ),
)
bad(
    "per thousand",
    "rate",
    f"3.2 per 1,000 of 1,250 is 4; {RATES}",
    side(
        csv([["county", "population", "rate_per_1000"], ["Alpine", 1250, 3.2], ["Butte", 20800, 4.4]]),
        rows=["county"],
        kind="rates",
        counts="population",
        population="students",
    ),
)
bad(
    "normalised crosstab",
    "rate",
    f"2.5 % of a row of 40 is one person; {RATES}",
    csv(
        [
            ["district", "four_year", "two_year", "none", "N"],
            ["Alder", 0.495, 0.303, 0.202, 433],
            ["Birch", 0.6, 0.375, 0.025, 40],
        ]
    ),
)
bad(
    "normalised crosstab, sidecar",
    "rate",
    f"2.5 % of a row of 40 is one person; {RATES}",
    side(
        xlsx(
            [
                ["district", "four_year", "two_year", "none", "N"],
                ["Alder", 0.495, 0.303, 0.202, 433],
                ["Birch", 0.6, 0.375, 0.025, 40],
            ]
        ),
        rows=["district"],
        kind="rates",
        counts="N",
        population="graduates",
    ),
)
bad(
    "complement printed",
    "rate min_cell",
    f"98 % beside the one person who did not; {RATES}",
    csv(
        [
            ["subgroup", "graduates", "enrolled", "not_enrolled", "pct_enrolled"],
            ["Asian", 412, 301, 111, 73.1],
            ["Black", 50, 49, 1, 98.0],
        ]
    ),
)
bad(
    "foster youth",
    "rate",
    f"the complement of a high-risk group: 2 of 60 foster youth did not; {RATES}",
    side(
        csv([["group", "n", "pct_graduated"], ["All students", 4120, 88.1], ["Foster youth", 60, 96.7]]),
        rows=["group"],
        kind="rates",
        counts="n",
        population="grade 12 students",
    ),
)
bad(
    "two files",
    "rate",
    f"the denominator stands in the other file: 6.4 % of 47; {RATES}",
    {
        **csv([["subgroup", "students"], ["Asian", 412], ["Black", 47], ["White", 871]], "counts"),
        **csv([["subgroup", "pct_enrolled"], ["Asian", 71.4], ["Black", 6.4], ["White", 60.2]], "rates"),
    },
)
ask("complement", "rate", f"a small complement is banded, not failed; {RATES}", csv(rated(97.9, 47)))
good("11 of 47", "rate", f"23.4 % of 47 is exactly 11; {RATES}", csv(rated(23.4, 47)))
good("11 of 47, sidecar", "rate", f"23.4 % of 47 is exactly 11; {RATES}", side(csv(rated(23.4, 47)), **PCT))
good("banded", "rate", f"banded percentages; {RATES}", side(csv(rated(">=95%", 47)), **PCT))
good(
    "no denominator, sidecar",
    "rate",
    "shares of a large population without counts",
    side(
        csv([["region", "pct_enrolled"], ["North", 61.3], ["Central", 57.9], ["South", 60.4]]),
        rows=["region"],
        kind="rates",
        population="all 412,000 graduates of 2019",
    ),
)
good(
    "growth",
    "rate",
    "percent change is no rate of persons",
    csv([["year", "pct_change"], [2016, 2.1], [2017, -1.4], [2018, 0.9], [2019, 3.3]]),
)
good("large complement", "rate", "97.9 % of 1,400 leaves 29", csv(rated(97.9, 1400)))
good(
    "normalised, large",
    "rate",
    "every share implies at least 11",
    side(
        xlsx(
            [
                ["district", "four_year", "two_year", "none", "N"],
                ["Alder", 0.495, 0.303, 0.202, 433],
                ["Birch", 0.6, 0.35, 0.05, 400],
            ]
        ),
        rows=["district"],
        kind="rates",
        counts="N",
        population="graduates",
    ),
)
good(
    "note with a large N",
    "rate",
    "every share of 1,470 implies at least 11",
    markdown(
        [["Outcome", "Percent"], ["Enrolled", "63.8"], ["Employed", "29.8"], ["Neither", "6.4"]],
        after="Note: N = 1,470 students.",
    ),
)

# groups
bad("all enrolled", "group", f"100 % of a group of 34; {GROUPS}", csv(rated(100.0, 34)), cells=[[2, 2]])
bad(
    "all enrolled, sidecar",
    "group",
    f"100 % of a group of 34; {GROUPS}",
    side(csv(rated(100.0, 34)), **PCT),
    cells=[[2, 2]],
)
bad("none enrolled", "group", f"0 % of a group of 52; {GROUPS}", csv(rated("0.0%", 52)))
bad(
    "flag mean 1",
    "group",
    f"the mean of a 0/1 variable is 1; {GROUPS}",
    side(
        csv([["field", "n", "mean_employed"], ["Nursing", 30, 1.0], ["Music", 85, 0.62], ["Law", 120, 0.81]]),
        rows=["field"],
        kind="summary",
        counts="n",
        population="graduates",
    ),
)
bad(
    "flag mean 0",
    "group",
    f"the mean of a 0/1 variable is 0; {GROUPS}",
    records([["field", "n", "mean_employed"], ["Nursing", 310, 0.91], ["Music", 85, 0.0], ["Law", 120, 0.81]]),
)
bad(
    "all in one column",
    "group",
    f"everybody of a row is in one column; {GROUPS}",
    csv(
        [
            ["district", "enrolled", "not_enrolled", "Total"],
            ["Alder", 214, 131, 345],
            ["Birch", 45, 0, 45],
            ["Cedar", 342, 205, 547],
        ]
    ),
)
bad(
    "all in one column, sidecar",
    "group",
    f"everybody of a row is in one column; {GROUPS}",
    side(
        csv([["district", "enrolled", "not_enrolled"], ["Alder", 214, 131], ["Birch", 0, 45], ["Cedar", 342, 205]]),
        **FREQ,
    ),
)
bad(
    "no spread",
    "group",
    f"a standard deviation of 0: all have the same wage; {GROUPS}",
    csv([["field", "n", "mean_wage", "sd_wage"], ["Nursing", 310, 61200, 9100], ["Clerk", 15, 32000, 0]]),
)
bad(
    "no spread, sidecar",
    "group",
    f"a standard deviation of 0: all have the same wage; {GROUPS}",
    side(
        csv([["field", "n", "mean_wage", "sd_wage"], ["Nursing", 310, 61200, 9100], ["Clerk", 15, 32000, 0]]),
        rows=["field"],
        kind="summary",
        counts="n",
        population="graduates",
    ),
)
bad(
    "all in a share table",
    "group",
    f"a row of shares 100, 0, 0; {GROUPS}",
    markdown(
        [["Race", "Passed %", "Failed %", "N"], ["Asian", "88.1", "11.9", "412"], ["Black", "100.0", "0.0", "24"]]
    ),
)
good(
    "total column of 100",
    "group",
    f"definitional 100 %; {GROUPS}",
    side(
        csv(
            [
                ["district", "four_year", "two_year", "none", "Total"],
                ["Alder", 49.5, 30.3, 20.2, 100.0],
                ["Birch", 55.0, 25.0, 20.0, 100.0],
            ]
        ),
        rows=["district"],
        kind="rates",
        totals={"columns": "Total"},
        population="graduates",
    ),
)
good(
    "total row of 100",
    "group",
    f"definitional 100 %; {GROUPS}",
    csv(
        [
            ["sector", "students", "percent_of_total"],
            ["UC", 41200, 41.2],
            ["CSU", 48300, 48.3],
            ["CCC", 10500, 10.5],
            ["Total", 100000, 100.0],
        ]
    ),
)
good(
    "institutions",
    "group",
    f"a universe of institutions; {GROUPS}",
    csv(
        [
            ["county", "districts", "pct_districts_reporting"],
            ["Alpine", 12, 100.0],
            ["Butte", 24, 100.0],
            ["Colusa", 31, 93.5],
        ]
    ),
)
good(
    "banded 99",
    "group",
    f"banded; {GROUPS}",
    csv([["subgroup", "n", "pct_graduated"], ["Asian", 412, ">=99%"], ["Black", 233, "95.1%"]]),
)
good(
    "near all",
    "group",
    "99.1 % of 4,000 leaves 36",
    side(
        csv([["subgroup", "n", "pct_graduated"], ["Asian", 4000, 99.1], ["Black", 2330, 95.1]]),
        rows=["subgroup"],
        kind="rates",
        counts="n",
        population="graduates",
    ),
)
good(
    "z-scores",
    "group",
    "a mean of 0 and a deviation of 1 of a standardised score is no group's attribute",
    csv([["cohort", "n", "mean_z_score", "sd_z_score"], ["2018", 41200, 0.0, 1.0], ["2019", 41900, 0.02, 1.01]]),
)
good(
    "no change",
    "group",
    "a change of 0 %",
    csv([["year", "students", "pct_change_from_prior_year"], [2017, 41200, 0.0], [2018, 41900, 1.7]]),
)
