"""Tables in the shapes of offices: pivots, notes on numbers, units, brackets, many headers, matrices, triangles."""

from __future__ import annotations

import io
import json

from openpyxl import Workbook

from tests.corpus.case import Case, Draw
from tests.corpus.fourth.twins import csv, html, large, one, pipe, small, twins

DISTRICTS = (
    "Alder Unified",
    "Basalt Elementary",
    "Cedar Union High",
    "Dunes Unified",
    "Elk Grove Joint",
    "Fern Valley",
)
PROGRAMS = ("Welding", "Nursing", "Culinary arts", "Automotive", "Early childhood")


@twins
def excel_pivot(draw: Draw, bad: bool) -> Case:
    book = Workbook()
    sheet = book.active
    sheet.title = "Pivot"
    sheet.append(["Row Labels", "Gender", "Count of Student", "Average of GPA"])
    total = 0
    for k, district in enumerate(DISTRICTS[:4]):
        for j, g in enumerate(("Female", "Male", "Nonbinary")):
            n = small(draw) if bad and (k, j) == (2, 2) else large(draw)
            total += n
            sheet.append([district if j == 0 else None, g, n, round(float(draw.rng.uniform(2, 3.5)), 2)])
    sheet.append(["Grand Total", None, total, 2.71])
    raw = io.BytesIO()
    book.save(raw)
    why = "a pivot's cell of fewer than 11 students under a blank key" if bad else "every cell of the pivot is large"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "pivot.xlsx",
        raw.getvalue(),
        kind="frequency",
        rows=["Row Labels", "Gender"],
        counts="Count of Student",
        totals={"rows": "Grand Total"},
    )


@twins
def years_across(draw: Draw, bad: bool) -> Case:
    rows = [["Program", *range(2016, 2021), "Total"]]
    for k, p in enumerate(PROGRAMS):
        counts = [large(draw) for _ in range(5)]
        if bad and k == 3:
            counts[2] = small(draw)
        rows.append([p, *counts, sum(counts)])
    rows.append(["Total", *(sum(r[c] for r in rows[1:]) for c in range(1, 7))])
    why = "one year's completers are fewer than 11" if bad else "every year's completers are many"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "completers_by_year.csv",
        csv(rows),
        kind="frequency",
        rows=["Program"],
        counts="cells",
        totals={"rows": "Total", "columns": "Total"},
        population="completers",
    )


@twins
def footnoted(draw: Draw, bad: bool) -> Case:
    rows = [["District", "Homeless students", "Graduates"]]
    for k, d in enumerate(DISTRICTS):
        a = f"{small(draw)}†" if bad and k == 1 else f"{large(draw)}{'ᵃ' if k == 4 else ''}"
        rows.append([d, a, f"{large(draw, 1000, 4000):,}"])
    text = pipe(rows) + "\nᵃ Includes charter schools. † Revised since the last edition.\n"
    why = "a count of fewer than 11 with a dagger" if bad else "footnote marks on large counts"
    return one(draw, bad, "min_cell", why, "homeless.md", text, kind="frequency", rows=["District"], counts="cells")


@twins
def header_bases(draw: Draw, bad: bool) -> Case:
    n = 37 if bad else 4_120
    pct = 8.1 if bad else 28.1
    rows = [["Outcome after one year", f"Women (N={n:,})", "Men (N=4,870)"], ["Employed full time", f"{100 - pct - 27.0:.1f}%", "58.3%"],
            ["Employed part time", "27.0%", "24.2%"], ["In jail or prison", f"{pct}%", "17.5%"]]  # fmt: skip
    why = "8.1 % of 37 women are 3" if bad else "all percentages are of thousands"
    return one(
        draw,
        bad,
        "rate",
        why,
        "outcomes.html",
        "<h2>Outcomes</h2>" + html(rows),
        kind="rates",
        rows=["Outcome after one year"],
    )


@twins
def bracketed(draw: Draw, bad: bool) -> Case:
    rows = [["Program", "Mean earnings, year 1 [n]", "Mean earnings, year 5 [n]"]]
    for k, p in enumerate(PROGRAMS):
        rows.append(
            [
                p,
                *(
                    f"{100 * large(draw, 280, 600):,} [{small(draw) if bad and (k, j) == (2, 1) else large(draw)}]"
                    for j in range(2)
                ),
            ]
        )
    why = "a mean of fewer than 11 persons, the number in brackets" if bad else "means of hundreds"
    return one(draw, bad, "min_cell", why, "earnings.md", pipe(rows), kind="summary", rows=["Program"])


@twins
def continental(draw: Draw, bad: bool) -> Case:
    rows = [["Bezirk", "Studierende", "Anteil weiblich"]]
    for k, d in enumerate(DISTRICTS):
        n = small(draw) if bad and k == 5 else large(draw, 1100, 9800)
        rows.append([d, f"{n:,}".replace(",", "."), f"{draw.rng.uniform(40, 60):.1f}".replace(".", ",")])
    if bad:
        rows[-1][2] = "50,0"
    why = "one district has fewer than 11 students" if bad else "thousands, written with points"
    return one(
        draw,
        bad,
        "min_cell rate",
        why,
        "bezirke.csv",
        csv(rows, ";"),
        kind="frequency",
        rows=["Bezirk"],
        counts="Studierende",
    )


@twins
def two_headers(draw: Draw, bad: bool) -> Case:
    body = [
        [p, *(small(draw) if bad and (k, j) == (1, 3) else large(draw) for j in range(4))]
        for k, p in enumerate(PROGRAMS)
    ]
    head = "<tr><th rowspan=2>Program</th><th colspan=2>2018</th><th colspan=2>2019</th></tr><tr><th>Female</th><th>Male</th><th>Female</th><th>Male</th></tr>"
    cells = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in r) + "</tr>" for r in body)
    text = f"<html><body><h3>Students enrolled, by sex and year</h3><table>{head}{cells}</table></body></html>"
    why = "a count of fewer than 11 under two header rows" if bad else "large counts under two header rows"
    return one(draw, bad, "min_cell", why, "enrolled.html", text, kind="frequency", rows=["Program"], counts="cells")


@twins
def transposed(draw: Draw, bad: bool) -> Case:
    rows = [["", *PROGRAMS], ["N students", *(small(draw) if bad and k == 4 else large(draw) for k in range(5))],
            ["Mean age", *(f"{x:.1f}" for x in draw.rng.uniform(22, 34, 5))], ["SD age", *(f"{x:.1f}" for x in draw.rng.uniform(4, 9, 5))]]  # fmt: skip
    why = "a column's N is below 11" if bad else "every column's N is large"
    return one(draw, bad, "min_cell", why, "ages.csv", csv(rows), kind="summary")


@twins
def units_row(draw: Draw, bad: bool) -> Case:
    rows = [["county", "claimants", "mean_benefit", "mean_duration"], ["", "(persons)", "(USD)", "(weeks)"]]
    rows += [
        [
            c,
            small(draw) if bad and c == "Sierra" else large(draw),
            10 * large(draw, 20, 45),
            f"{draw.rng.uniform(8, 20):.1f}",
        ]
        for c in ("Alpine", "Fresno", "Kern", "Sierra", "Yolo")
    ]
    why = "fewer than 11 claimants below a row of units" if bad else "many claimants below a row of units"
    return one(
        draw, bad, "min_cell", why, "claims.tsv", csv(rows, "\t"), kind="summary", rows=["county"], counts="claimants"
    )


@twins
def wage_quantiles(draw: Draw, bad: bool) -> Case:
    rows = [["industry", "n_persons", "p10", "p50", "p90"]]
    for k, i in enumerate(("Construction", "Health care", "Retail", "Manufacturing")):
        base = 100 * large(draw, 150, 250)
        rows.append([i, 40 if bad and k == 2 else large(draw, 1200, 9000), base, base * 2, 100 * round(base * 4 / 100)])
    for r in rows[1:]:
        r[2:] = [
            int(f"{v:.3g}".replace("e+04", "e4")) if "e" not in f"{v:.3g}" else int(float(f"{v:.3g}")) for v in r[2:]
        ]
    why = "P10 and P90 of 40 persons rest on four" if bad else "quantiles of thousands, three digits"
    return one(
        draw,
        bad,
        "order_statistic",
        why,
        "quantiles.csv",
        csv(rows),
        kind="summary",
        rows=["industry"],
        counts="n_persons",
    )


@twins
def transitions(draw: Draw, bad: bool) -> Case:
    states = ["Enrolled", "Working", "Both", "Neither"]
    rows = [["from \\ to", *states]]
    for k, s in enumerate(states):
        rows.append([s, *(small(draw) if bad and (k, j) == (3, 2) else large(draw) for j in range(4))])
    why = "fewer than 11 persons moved from neither to both" if bad else "hundreds in every transition"
    return one(draw, bad, "min_cell", why, "transitions.txt", "Transitions, persons, fall to spring\n\n" + "\n".join("".join(f"{c!s:<12}" for c in r) for r in rows) + "\n",
               kind="frequency", counts="cells")  # fmt: skip


@twins
def sankey(draw: Draw, bad: bool) -> Case:
    nodes = ["High school", "Community college", "University", "Work"]
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    links = [
        {"source": a, "target": b, "value": small(draw) if bad and (a, b) == (2, 3) else large(draw)} for a, b in pairs
    ]
    body = {"title": "Paths of the 2015 cohort (students)", "nodes": [{"name": x} for x in nodes], "links": links}
    why = "a flow of fewer than 11 students" if bad else "every flow has a hundred or more"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "sankey.json",
        json.dumps(body),
        kind="frequency",
        counts="value",
        population="2015 cohort, students",
    )


@twins
def crosswalk(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [
            ["research_id", "college_student_key"],
            *(
                [f"R{x}", f"{y:010d}"]
                for x, y in zip(draw.rng.integers(10**6, 10**7, 30), draw.rng.integers(10**8, 10**9, 30), strict=True)
            ),
        ]
        why = "pseudonyms of persons, a row each"
    else:
        rows = [["cip_code", "cip_title", "soc_code", "soc_title"], ["48.0508", "Welding Technology", "51-4121", "Welders and cutters"], ["51.3801", "Registered Nursing", "29-1141", "Registered nurses"],
                ["12.0503", "Culinary Arts", "35-1011", "Chefs and head cooks"], ["47.0604", "Automobile Mechanics", "49-3023", "Automotive mechanics"]]  # fmt: skip
        why = "a public crosswalk of programs and occupations"
    return one(draw, bad, "unit_record identifier", why, "crosswalk.csv", csv(rows))


@twins
def districts(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [
            ["CDS", "District", "Migrant students"],
            *(
                [f"{x:07d}", d, small(draw) if k % 3 == 1 else large(draw)]
                for k, (x, d) in enumerate(zip(draw.rng.integers(10**6, 7 * 10**6, 6), DISTRICTS, strict=True))
            ),
        ]
        why = "two small districts have fewer than 11 migrant students"
    else:
        rows = [
            ["CDS", "District", "ZIP", "Grades offered", "Schools", "Opened"],
            *(
                [f"{x:07d}", d, z, "K-8", k + 2, 1950 + 3 * k]
                for k, (x, d, z) in enumerate(
                    zip(
                        draw.rng.integers(10**6, 7 * 10**6, 6),
                        DISTRICTS,
                        draw.rng.integers(90001, 96000, 6),
                        strict=True,
                    )
                )
            ),
        ]
        why = "a public directory: codes, ZIP codes, grades, numbers of schools"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "districts.csv",
        csv(rows),
        rows=["CDS", "District"],
        **({"counts": "Migrant students", "kind": "frequency"} if bad else {}),
    )


@twins
def fewer_than(draw: Draw, bad: bool) -> Case:
    counts = {"Asian": 340, "Black": 212, "Hispanic": 1204, "Native": 5, "Pacific Islander": 8, "White": 890}
    hidden = ("Native",) if bad else ("Native", "Pacific Islander")
    if bad:
        counts["Pacific Islander"] = 28
    rows = [
        ["Race", "Graduates"],
        *([k, "fewer than 11" if k in hidden else v] for k, v in counts.items()),
        ["All", sum(counts.values())],
    ]
    why = (
        "the one hidden count is the total less the others"
        if bad
        else "two hidden counts add to 13: each may be 3 to 10"
    )
    return one(
        draw,
        bad,
        "secondary",
        why,
        "race.html",
        html(rows),
        kind="frequency",
        rows=["Race"],
        counts="Graduates",
        suppressed=["fewer than 11"],
        totals={"rows": "All"},
    )


@twins
def small_rate(draw: Draw, bad: bool) -> Case:
    rows = [
        ["school", "tested", "pct_expelled" if bad else "pct_met_standard"],
        *([f"School {c}", large(draw, 200, 800), f"{draw.rng.uniform(30, 70):.1f}"] for c in "ABCDE"),
    ]
    if bad:
        rows[3][1:] = [38, "5.3"]
    why = "5.3 % of 38 are two students" if bad else "shares of hundreds"
    return one(draw, bad, "rate", why, "rates.csv", csv(rows), kind="rates", rows=["school"], counts="tested")


@twins
def term_codes(draw: Draw, bad: bool) -> Case:
    rows = [["Term", "Term code", "Headcount", "Sections"]]
    for y in (2018, 2019, 2020):
        for name, code in (("Spring", 3), ("Summer", 5), ("Fall", 7)):
            rows.append(
                [
                    f"{name} {y}",
                    f"{y}{code}",
                    small(draw) if bad and (y, code) == (2020, 5) else large(draw),
                    int(draw.rng.integers(3, 9)),
                ]
            )
    why = "one summer's headcount is below 11" if bad else "term codes and sections beside large headcounts"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "terms.csv",
        csv(rows),
        kind="frequency",
        rows=["Term", "Term code"],
        counts="Headcount",
    )


@twins
def all_same(draw: Draw, bad: bool) -> Case:
    rows = [
        ["program", "n", "mean_employed", "mean_union"],
        *(
            [p, large(draw, 200, 800), f"{draw.rng.uniform(0.4, 0.8):.3f}", f"{draw.rng.uniform(0.2, 0.6):.3f}"]
            for p in PROGRAMS
        ),
    ]
    if bad:
        rows[2][1:] = [24, "1.000", "0.500"]
    why = "every one of 24 persons was employed" if bad else "means of dummies far from 0 and 1"
    return one(draw, bad, "group rate", why, "dummies.csv", csv(rows), kind="summary", rows=["program"], counts="n")


@twins
def employers(draw: Draw, bad: bool) -> Case:
    rows = [["county", "industry", "employers", "total_payroll", "top_employer_share"]]
    for k, c in enumerate(("Fresno", "Kern", "Inyo", "Yolo")):
        rows.append(
            [c, "Mining", large(draw, 20, 80), 1000 * large(draw, 2000, 9000), f"{draw.rng.uniform(0.1, 0.3):.2f}"]
        )
        if bad and k == 2:
            rows[-1][2:] = [2, 4_150_000, "0.88"]
    why = "two employers, one with 88 % of the payroll" if bad else "dozens of employers, none dominant"
    return one(
        draw,
        bad,
        "dominance min_cell",
        why,
        "payroll.csv",
        csv(rows),
        kind="magnitude",
        rows=["county", "industry"],
        counts="employers",
    )


@twins
def long_statistics(draw: Draw, bad: bool) -> Case:
    rows = [["group", "statistic", "value"]]
    for k, p in enumerate(PROGRAMS):
        rows += [
            [p, "n", small(draw) if bad and k == 1 else large(draw)],
            [p, "mean_wage", 100 * large(draw, 250, 500)],
            [p, "sd_wage", 100 * large(draw, 70, 120)],
        ]
    why = "one group's n is below 11" if bad else "every group's n is large"
    return one(draw, bad, "min_cell", why, "long.csv", csv(rows), kind="summary", rows=["group", "statistic"])


@twins
def triangle(draw: Draw, bad: bool) -> Case:
    rows = [["Cohort", "Start", "Year 1", "Year 2", "Year 3", "Year 4"]]
    for k, y in enumerate(range(2014, 2019)):
        left = [large(draw, 700, 900)]
        while len(left) < 5 - max(0, k - 1):
            left.append(left[-1] - int(draw.rng.integers(60, 120)))
        if bad and k == 0:
            left[-1] = small(draw)
        rows.append([f"Fall {y}", *left, *[""] * (5 - len(left))])
    why = (
        "fewer than 11 students are left after four years"
        if bad
        else "hundreds are left in every year; blanks are still to come"
    )
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "retention.csv",
        "Students still enrolled, by cohort\n" + csv(rows),
        kind="frequency",
        rows=["Cohort"],
        counts="cells",
    )


@twins
def survival(draw: Draw, bad: bool) -> Case:
    step, last = (1, 6) if bad else (90, 240)
    rows = [["day", "at_risk", "survival"]]
    for k in range(12):
        rows.append([k * step, last + (11 - k) * (3 if bad else 60), f"{1 - k * 0.04:.3f}"])
    why = "daily steps down to six at risk" if bad else "quarterly steps with hundreds at risk"
    return one(draw, bad, "survival", why, "km.csv", csv(rows), kind="survival", rows=["day"], counts="at_risk")
