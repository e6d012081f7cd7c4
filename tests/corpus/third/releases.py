"""What tables give away together: margins, linked tables, earlier releases, populations that differ by few, claims of rounding."""

from __future__ import annotations

# fmt: off  (a case a line)
from typing import Any

import openpyxl

from tests.corpus.third.request import (
    Files,
    Rows,
    ask,
    bad,
    beside,
    csv,
    fill,
    good,
    html,
    markdown,
    records,
    side,
    text,
    workbook,
    xlsx,
)

SEC = "paragraph 'secondary disclosure'"
DIF = "paragraph 'differencing'"
RND = "paragraph 'rounding'"
FREQ: dict[str, Any] = {
    "rows": ["district"],
    "kind": "frequency",
    "counts": "cells",
    "population": "2019 graduates",
    "totals": {"rows": "Total", "columns": "Total"},
    "suppressed": ["*"],
}
ONE = [
    ["district", "female", "male", "Total"],
    ["Alder", 214, 131, 345],
    ["Birch", "*", 96, 102],
    ["Cedar", 342, 205, 547],
    ["Total", 562, 432, 994],
]
bad("one hidden cell", "secondary", f"one hidden cell between margins: 102 - 96; {SEC}", csv(ONE), cells=[[1, 1]])
bad(
    "one hidden cell, sidecar",
    "secondary",
    f"one hidden cell between margins; {SEC}",
    side(csv(ONE), **FREQ),
    cells=[[1, 1]],
)
bad(
    "one hidden cell in a workbook, sidecar",
    "secondary",
    f"one hidden cell between margins; {SEC}",
    side(xlsx(ONE), **FREQ),
)
bad("one hidden cell on a page", "secondary", f"one hidden cell between margins; {SEC}", html(ONE))
ROW = [
    ["district", "female", "male", "Total"],
    ["Alder", 214, 131, 345],
    ["Birch", "*", "*", 102],
    ["Cedar", 342, 205, 547],
    ["Total", 562, 432, 994],
]
bad("two in a row", "secondary", f"both cells of a row follow from the columns; {SEC}", csv(ROW))
bad("two in a row, sidecar", "secondary", f"both cells of a row follow from the columns; {SEC}", side(csv(ROW), **FREQ))
TWOS = [
    ["district", "yes", "no", "Total"],
    ["Alder", "*", "*", 2],
    ["Birch", "*", "*", 2],
    ["Cedar", 342, 205, 547],
    ["Total", 344, 207, 551],
]
bad(
    "two and two, sidecar",
    "secondary min_cell",
    f"margins of two: every hidden cell is one; {SEC}",
    side(csv(TWOS), **FREQ),
)
LIST = [["district", "n"], ["Alder", 212], ["Birch", "<11"], ["Cedar", 88], ["Dogwood", 131], ["Total", 438]]
bad("list with a total", "secondary", f"438 less the others is 7; {SEC}", csv(LIST))
bad(
    "list with a total, sidecar",
    "secondary",
    f"438 less the others is 7; {SEC}",
    side(
        csv(LIST),
        rows=["district"],
        kind="frequency",
        counts="n",
        totals={"rows": "Total"},
        suppressed=["<11"],
        population="graduates",
    ),
)
NOSUM = [["district", "n"], ["Alder", 212], ["Birch", "<11"], ["Cedar", 88], ["Dogwood", 131]]
SAYS: dict[str, Any] = {
    "rows": ["district"],
    "kind": "frequency",
    "counts": "n",
    "suppressed": ["<11"],
    "population": "2019 graduates",
}
bad(
    "total in another file",
    "secondary",
    f"the total stands in a second table of the request; {SEC}",
    beside(
        side(csv(NOSUM, "by_district"), **SAYS),
        side(
            csv([["state", "n"], ["All districts", 438]], "overall"),
            rows=["state"],
            kind="frequency",
            counts="n",
            population="2019 graduates",
        ),
    ),
)
bad(
    "released before",
    "secondary",
    f"the hidden cell was released before; {SEC}",
    side(csv(NOSUM), **SAYS),
    released={
        "r1/t1.csv": csv([["district", "n"], ["Alder", 212], ["Birch", 7], ["Cedar", 88], ["Dogwood", 131]])["t1.csv"]
    },
)
bad(
    "total released before",
    "secondary",
    f"the total was released before; {SEC}",
    side(csv(NOSUM), **SAYS),
    released={
        f"r1/{k}": v
        for k, v in side(csv(LIST[:1] + LIST[-1:], "total"), **(SAYS | {"totals": {"rows": "Total"}})).items()
    },
)
bad(
    "margins released before, no sidecar",
    "secondary",
    f"an earlier table gives the margins of hidden cells; {SEC}",
    csv([["district", "female", "male"], ["Alder", 214, 131], ["Birch", "*", 96], ["Cedar", 342, 205]]),
    released={
        "2019/t1.csv": csv([["district", "students"], ["Alder", 345], ["Birch", 102], ["Cedar", 547], ["Total", 994]])[
            "t1.csv"
        ]
    },
)
HIER = [
    ["region", "county", "n"],
    ["North", "Alpine", 112],
    ["North", "Butte", "*"],
    ["North", "Total", 118],
    ["South", "Kern", 240],
    ["South", "Inyo", 45],
    ["South", "Total", 285],
    ["Total", "Total", 403],
]
bad("regions and counties", "secondary", f"a region's total gives the county back; {SEC}", csv(HIER))
bad(
    "regions and counties, sidecar",
    "secondary",
    f"a region's total gives the county back; {SEC}",
    side(
        csv(HIER),
        rows=["region", "county"],
        kind="frequency",
        counts="n",
        totals={"rows": "Total"},
        suppressed=["*"],
        population="graduates",
    ),
)
bad(
    "percent gives it back",
    "secondary rate",
    f"6.9 % of 102 stands beside the hidden count; {SEC}",
    csv(
        [
            ["district", "graduates", "enrolled", "pct_enrolled"],
            ["Alder", 345, 214, 62.0],
            ["Birch", 102, "*", 6.9],
            ["Cedar", 547, 342, 62.5],
        ]
    ),
)
bad(
    "dropped row",
    "secondary",
    f"a category was dropped, the total kept: 5 persons are left; {SEC}",
    side(
        csv([["sex", "n"], ["Female", 612], ["Male", 589], ["Total", 1206]]),
        rows=["sex"],
        kind="frequency",
        counts="n",
        totals={"rows": "Total"},
        population="graduates",
    ),
)
_book = openpyxl.Workbook()
fill(_book.active, NOSUM, "By district")
fill(_book.create_sheet(), [["sex", "n"], ["Female", 220], ["Male", 218], ["Total", 438]], "By sex")
bad(
    "two sheets",
    "secondary",
    f"the other sheet's total gives the hidden cell back; {SEC}",
    {"t1.xlsx": workbook(_book)},
)
AB = [["district", "female", "male"], ["Alder", 214, 131], ["Birch", "*", "*"], ["Cedar", 342, 205]]
bad(
    "three linked tables",
    "secondary",
    f"sex totals and district totals together give both hidden cells; {SEC}",
    beside(
        side(
            csv(AB, "both"),
            rows=["district"],
            kind="frequency",
            counts="cells",
            suppressed=["*"],
            population="2019 graduates",
        ),
        side(
            csv([["district", "n"], ["Alder", 345], ["Birch", 102], ["Cedar", 547]], "district"),
            rows=["district"],
            kind="frequency",
            counts="n",
            population="2019 graduates",
        ),
        side(
            csv([["sex", "n"], ["female", 562], ["male", 432]], "sex"),
            rows=["sex"],
            kind="frequency",
            counts="n",
            population="2019 graduates",
        ),
    ),
)
RECT = [
    ["district", "yes", "no", "unknown", "Total"],
    ["Alder", "*", "*", 131, 142],
    ["Birch", "*", "*", 96, 107],
    ["Cedar", 342, 205, 40, 587],
    ["Total", 351, 218, 267, 836],
]
good("four hidden cells", "secondary", f"each hidden cell keeps eight values; {SEC}", csv(RECT))
good("four hidden cells, sidecar", "secondary", f"each hidden cell keeps eight values; {SEC}", side(csv(RECT), **FREQ))
good(
    "four hidden cells in a workbook, sidecar",
    "secondary",
    f"each hidden cell keeps eight values; {SEC}",
    side(xlsx(RECT), **FREQ),
)
good(
    "rounded margins, sidecar",
    "secondary",
    f"margins rounded to 5 leave the cell open; {SEC}",
    side(
        csv(
            [
                ["district", "female", "male", "Total"],
                ["Alder", 215, 130, 345],
                ["Birch", "*", 95, "*"],
                ["Cedar", 340, 205, 545],
            ]
        ),
        **(FREQ | {"rounding": {"base": 5}, "totals": {"columns": "Total"}}),
    ),
)
good(
    "another year released",
    "secondary",
    "an earlier release of another year says nothing of this one",
    side(csv(NOSUM), **SAYS),
    released={
        f"r1/{k}": v
        for k, v in side(
            csv([["district", "n"], ["Alder", 301], ["Birch", 144], ["Cedar", 97], ["Dogwood", 230]]),
            **(SAYS | {"population": "2012 graduates"}),
        ).items()
    },
)
good(
    "two hidden in a list",
    "secondary",
    f"two hidden counts that add to 12 keep nine values each; {SEC}",
    csv([["district", "n"], ["Alder", 212], ["Birch", "<11"], ["Cedar", 88], ["Dogwood", "<11"], ["Total", 312]]),
)
good(
    "consistent with the release",
    "secondary",
    "hidden in both tables, no margin",
    side(csv(NOSUM), **SAYS),
    released={f"r1/{k}": v for k, v in side(csv(NOSUM), **SAYS).items()},
)

# differencing


def list_of(*n: object, stem: str = "t1", population: str = "", sidecar: bool = True) -> Files:
    table = csv(
        [["district", "n"], *([d, v] for d, v in zip(("Alder", "Birch", "Cedar", "Dogwood"), n, strict=True))], stem
    )
    return side(table, rows=["district"], kind="frequency", counts="n", population=population) if sidecar else table


def before(files: Files, folder: str = "r1") -> Files:
    return {f"{folder}/{k}": v for k, v in files.items()}


bad(
    "all but transfers",
    "differencing",
    f"the same counts with and without three persons; {DIF}",
    beside(
        list_of(212, 107, 88, 131, stem="all", population="2019 graduates"),
        list_of(212, 104, 88, 131, stem="no_transfers", population="2019 graduates without transfers"),
    ),
)
bad(
    "all but transfers, no sidecar",
    "differencing",
    f"the same counts with and without three persons; {DIF}",
    beside(
        list_of(212, 107, 88, 131, stem="graduates_all", sidecar=False),
        list_of(212, 104, 88, 131, stem="graduates_excluding_transfers", sidecar=False),
    ),
)
bad(
    "a revision by two",
    "differencing",
    f"a new edition moves one cell by 2; {DIF}",
    list_of(212, 109, 88, 131, population="2019 graduates"),
    released=before(list_of(212, 107, 88, 131, population="2019 graduates")),
)
bad(
    "a revision by two, no sidecar",
    "differencing",
    f"a new edition moves one cell by 2; {DIF}",
    list_of(212, 109, 88, 131, sidecar=False),
    released=before(list_of(212, 107, 88, 131, sidecar=False)),
)
ONE_LESS = (
    [["sex", "Alder", "Birch"], ["female", 214, 96], ["male", 131, 88]],
    [["sex", "Alder", "Birch"], ["female", 213, 96], ["male", 131, 88]],
)
bad(
    "crosstabs differ by one",
    "differencing",
    "two crosstabs that differ by one person; the escapes",
    beside(csv(ONE_LESS[0], "full"), csv(ONE_LESS[1], "subset")),
)
bad(
    "crosstabs differ by one, sidecar",
    "differencing",
    "two crosstabs that differ by one person; the escapes",
    beside(
        side(csv(ONE_LESS[0], "full"), rows=["sex"], kind="frequency", counts="cells", population="2019 graduates"),
        side(
            csv(ONE_LESS[1], "subset"),
            rows=["sex"],
            kind="frequency",
            counts="cells",
            population="2019 graduates, continuing",
        ),
    ),
)
bad(
    "means with n",
    "differencing",
    f"means of 100 and of 99 persons of the same measure; {DIF}",
    beside(
        side(
            csv([["field", "n", "mean_wage"], ["Music", 100, 38210.5], ["Law", 412, 58120.25]], "a"),
            rows=["field"],
            kind="summary",
            counts="n",
            population="graduates",
        ),
        side(
            csv([["field", "n", "mean_wage"], ["Music", 99, 37001.2], ["Law", 412, 58120.25]], "b"),
            rows=["field"],
            kind="summary",
            counts="n",
            population="graduates, full year",
        ),
    ),
)
bad(
    "nested ages",
    "differencing",
    f"18-24 and 18-25 differ by 7 persons; {DIF}",
    csv([["age_range", "students"], ["18-24", 1204], ["18-25", 1211], ["18-30", 1702]]),
)
bad(
    "within one and two years",
    "differencing",
    f"within one year lies in within two years, five persons more; {DIF}",
    side(
        csv(
            [
                ["district", "graduates", "enrolled_within_1_year", "enrolled_within_2_years"],
                ["Alder", 512, 240, 301],
                ["Birch", 344, 201, 206],
            ]
        ),
        rows=["district"],
        kind="frequency",
        counts="cells",
        population="2017 graduates",
    ),
)
good(
    "a revision by twelve",
    "differencing",
    f"a new edition moves a cell by 12, the rest by 0; {DIF}",
    list_of(212, 119, 88, 131, population="2019 graduates"),
    released=before(list_of(212, 107, 88, 131, population="2019 graduates")),
)
good(
    "another year",
    "differencing",
    "another cohort's counts are no revision",
    list_of(215, 109, 91, 134, population="2019 graduates"),
    released=before(list_of(212, 107, 88, 131, population="2018 graduates")),
)
good(
    "released the same",
    "differencing",
    "the same table again",
    list_of(212, 107, 88, 131, population="2019 graduates"),
    released=before(list_of(212, 107, 88, 131, population="2019 graduates")),
)
good(
    "released the same, no sidecar",
    "differencing",
    "the same table again",
    list_of(212, 107, 88, 131, sidecar=False),
    released=before(list_of(212, 107, 88, 131, sidecar=False)),
)
good(
    "differs by forty",
    "differencing",
    f"with and without forty persons; {DIF}",
    beside(
        list_of(212, 107, 88, 131, stem="all", population="2019 graduates"),
        list_of(172, 62, 88, 131, stem="no_transfers", population="2019 graduates without transfers"),
    ),
)
good(
    "two measures",
    "differencing",
    "counts of two things are not differenced",
    beside(
        side(
            csv([["district", "teachers"], ["Alder", 212], ["Birch", 107], ["Cedar", 88]], "teachers"),
            rows=["district"],
            kind="frequency",
            counts="teachers",
            population="teachers 2019",
        ),
        side(
            csv([["district", "graduates"], ["Alder", 209], ["Birch", 111], ["Cedar", 92]], "graduates"),
            rows=["district"],
            kind="frequency",
            counts="graduates",
            population="2019 graduates",
        ),
    ),
)
good(
    "revision rounded to five",
    "differencing",
    f"a revision rounded to 5; {DIF}",
    side(
        csv([["district", "n"], ["Alder", 215], ["Birch", 110], ["Cedar", 90], ["Dogwood", 130]]),
        rows=["district"],
        kind="frequency",
        counts="n",
        population="2019 graduates",
        rounding={"base": 5},
    ),
    released=before(
        side(
            csv([["district", "n"], ["Alder", 210], ["Birch", 105], ["Cedar", 90], ["Dogwood", 130]]),
            rows=["district"],
            kind="frequency",
            counts="n",
            population="2019 graduates",
            rounding={"base": 5},
        )
    ),
)
good(
    "nested ages, far apart",
    "differencing",
    "nested ranges that differ by hundreds",
    csv([["age_range", "students"], ["18-24", 1204], ["18-25", 1388], ["18-30", 1702]]),
)

# rounding


def rounded(cell: int, total: int | None = None) -> Rows:
    return [
        ["district", "n"],
        ["Alder", 215],
        ["Birch", cell],
        ["Cedar", 90],
        ["Total", total if total is not None else 305 + cell],
    ]


BASE: dict[str, Any] = {
    "rows": ["district"],
    "kind": "frequency",
    "counts": "n",
    "totals": {"rows": "Total"},
    "population": "2019 graduates",
}
bad(
    "base 5 not kept, sidecar",
    "rounding",
    f"127 is no multiple of 5; {RND}",
    side(csv(rounded(127)), **BASE, rounding={"base": 5}),
    cells=[[1, 1]],
)
bad(
    "base 5 total not kept, sidecar",
    "rounding",
    f"the total 433 is no multiple of 5 though the cells are; {RND}",
    side(csv(rounded(125, 433)), **BASE, rounding={"base": 5}),
)
bad(
    "base 10 not kept, sidecar",
    "rounding",
    f"45 is no multiple of 10; {RND}",
    side(
        xlsx([["district", "n"], ["Alder", 210], ["Birch", 45], ["Cedar", 90]]),
        rows=["district"],
        kind="frequency",
        counts="n",
        population="2019 graduates",
        rounding={"base": 10},
    ),
)
bad(
    "base 5 in a note",
    "rounding",
    f"the note says base 5, the cells do not keep it; {RND}",
    markdown(rounded(127), after="Note: All counts are rounded to the nearest 5."),
)
bad(
    "base 10 in a note",
    "rounding",
    f"the note says base 10; {RND}",
    text("Graduates by district (counts rounded to base 10)\ndistrict,n\nAlder,210\nBirch,134\nCedar,90\n", "t1.csv"),
)
bad(
    "midpoint 6, sidecar",
    "rounding",
    f"14 is no value of midpoint-6 rounding (3, 9, 15, 21); {RND}",
    side(
        csv([["district", "n"], ["Alder", 213], ["Birch", 14], ["Cedar", 93]]),
        rows=["district"],
        kind="frequency",
        counts="n",
        population="2019 graduates",
        rounding={"base": "midpoint-6"},
    ),
)
bad(
    "census steps in a note",
    "rounding",
    f"1,237 is no value of the DRB steps (100 between 1,000 and 9,999); {RND}",
    markdown(
        [["County", "Workers"], ["Alpine", "350"], ["Butte", "1,237"], ["Colusa", "12,500"]],
        after="Counts are rounded following the Census DRB rounding rules.",
    ),
)
bad(
    "records with a base, sidecar",
    "rounding",
    f"88 is no multiple of 10; {RND}",
    side(
        records([["district", "n"], ["Alder", 210], ["Birch", 88]]),
        rows=["district"],
        kind="frequency",
        counts="n",
        population="2019 graduates",
        rounding={"base": 10},
    ),
)
good(
    "base 5 kept, sidecar",
    "rounding",
    f"all multiples of 5, totals of rounded; {RND}",
    side(csv(rounded(125)), **BASE, rounding={"base": 5}),
)
good(
    "base 10 kept, sidecar",
    "rounding",
    f"all multiples of 10; {RND}",
    side(
        xlsx([["district", "n"], ["Alder", 210], ["Birch", 40], ["Cedar", 90]]),
        rows=["district"],
        kind="frequency",
        counts="n",
        population="2019 graduates",
        rounding={"base": 10},
    ),
)
good(
    "base 5 in a note, kept",
    "rounding",
    f"all multiples of 5; {RND}",
    markdown(rounded(125), after="Note: All counts are rounded to the nearest 5."),
)
good(
    "midpoint 6 kept, sidecar",
    "rounding",
    f"all of 3, 9, 15, 21 and so on; {RND}",
    side(
        csv([["district", "n"], ["Alder", 213], ["Birch", 15], ["Cedar", 93]]),
        rows=["district"],
        kind="frequency",
        counts="n",
        population="2019 graduates",
        rounding={"base": "midpoint-6"},
    ),
)
good(
    "census steps kept",
    "rounding",
    f"every count keeps its step; {RND}",
    markdown(
        [["County", "Workers"], ["Alpine", "350"], ["Butte", "1,200"], ["Colusa", "12,500"]],
        after="Counts are rounded following the Census DRB rounding rules.",
    ),
)
good(
    "rounded percentages",
    "rounding",
    "a note on decimals is no claim on counts",
    markdown(
        [["District", "Students", "Percent"], ["Alder", "213", "51.2"], ["Birch", "203", "48.8"]],
        after="Note: percentages are rounded to one decimal.",
    ),
)
ask(
    "a rounded five",
    "rounding min_cell",
    "a cell of 5 under a declared base of 5 is what the first repair makes",
    side(csv(rounded(5)), **BASE, rounding={"base": 5}),
)
