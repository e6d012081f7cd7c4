"""Counts of persons and of employers: small ones, and numbers that only look like them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.corpus.case import Case
from tests.corpus.second.tables.kit import (
    COUNTIES,
    DISTRICTS,
    INDUSTRIES,
    OUTCOMES,
    PROGRAMS,
    RACES,
    SERVICES,
    Draw,
    beside,
    case,
    context,
    disclosive,
    harmless,
)
from tests.corpus.second.tables.styles import PLAIN, TWO_WAY, Grid, TwoWay, workbook, write, write_two_way

_WORD = {"pandas_all": "All", "r_table": "Sum"}


def two_way(draw: Draw, small: bool) -> TwoWay:
    row, rows, column, columns = draw.pick(
        [
            ("District", draw.some(DISTRICTS, 5), "Outcome", list(OUTCOMES)),
            ("Race", draw.some(RACES, 6), "Sex", ["Female", "Male"]),
            ("Program", draw.some(PROGRAMS, 5), "Completed", ["No", "Yes"]),
            ("County", draw.some(COUNTIES, 6), "Service", draw.some(SERVICES, 3)),
            ("Industry", draw.some(INDUSTRIES, 5), "Education", ["HS or less", "Some college", "BA or more"]),
        ]
    )
    n = draw.counts(len(rows), len(columns))
    if small:
        n[draw.int(0, len(rows) - 1), draw.int(0, len(columns) - 1)] = draw.int(1, 9)
    return TwoWay(row, rows, column, columns, n)


def _two_way_case(draw: Draw, small: bool) -> dict[str, bytes]:
    t, style = two_way(draw, small), draw.cycle(TWO_WAY)
    name, data = write_two_way(t, style)
    if style == "long":
        return beside(draw, name, data, [t.row, t.column], counts="n")
    rest: dict[str, Any] = (
        {}
        if style in ("two_header", "gtsummary")
        else {"totals": {"rows": _WORD.get(style, "Total"), "columns": _WORD.get(style, "Total")}}
    )
    return beside(draw, name, data, [t.row], counts="cells", **rest)


@disclosive("min_cell", 24)
def crosstab_with_a_small_cell(draw: Draw) -> Case:
    return case("one cell of the crosstab counts 1-9 students or workers and is printed", _two_way_case(draw, True))


@harmless("min_cell", 24)
def crosstab_of_large_cells(draw: Draw) -> Case:
    return case("every cell counts 14 or more persons, so does every complement", _two_way_case(draw, False))


def one_way(draw: Draw, small: bool) -> dict[str, bytes]:
    labels, name = draw.pick(
        [
            (draw.some(RACES, 6), "ethnicity"),
            (draw.some(PROGRAMS, 6), "program"),
            (draw.some(COUNTIES, 7), "county_of_residence"),
        ]
    )
    n = np.sort(draw.counts(len(labels), 1, 20, 900)[:, 0])[::-1]
    if small:
        n[-1] = draw.int(1, 10)
    total, style = n.sum(), draw.cycle(["stata", "value_counts", "sas", "r", "spss", "freq_csv"])
    if style == "stata":
        lines = [
            f". tabulate {name}",
            "",
            f"{name:>20} |      Freq.     Percent        Cum.",
            "-" * 21 + "+" + "-" * 35,
        ]
        lines += [
            f"{a:>20} |{v:>11,}{100 * v / total:>12.2f}{100 * c / total:>12.2f}"
            for a, v, c in zip(labels, n, n.cumsum(), strict=True)
        ]
        text = "\n".join([*lines, "-" * 21 + "+" + "-" * 35, f"{'Total':>20} |{total:>11,}{100:>12.2f}"])
    elif style == "value_counts":
        text = (
            f">>> df['{name}'].value_counts()\n{name}\n"
            + "\n".join(f"{a:<20}{v:>6}" for a, v in zip(labels, n, strict=True))
            + "\nName: count, dtype: int64"
        )
    elif style == "sas":
        lines = [
            "                        The FREQ Procedure",
            "",
            f"                                       Cumulative    Cumulative\n{name:<20}Frequency     Percent     Frequency      Percent",
            "-" * 72,
        ]
        lines += [
            f"{a:<20}{v:>9}{100 * v / total:>12.2f}{c:>14}{100 * c / total:>13.2f}"
            for a, v, c in zip(labels, n, n.cumsum(), strict=True)
        ]
        text = "\n".join(lines)
    elif style == "r":
        w = max(map(len, labels)) + 1
        text = (
            f"> table(students${name})\n\n"
            + "".join(a.rjust(w) for a in labels)
            + " \n"
            + "".join(str(v).rjust(w) for v in n)
        )
    elif style == "spss":
        lines = [f"{name}", "\t\tFrequency\tPercent\tValid Percent\tCumulative Percent"]
        lines += [
            f"{'Valid' if i == 0 else ''}\t{a}\t{v}\t{100 * v / total:.1f}\t{100 * v / total:.1f}\t{100 * c / total:.1f}"
            for i, (a, v, c) in enumerate(zip(labels, n, n.cumsum(), strict=True))
        ]
        text = "\n".join([*lines, f"\tTotal\t{total}\t100.0\t100.0\t"])
    else:
        rows = "".join(f"{a},{v},{100 * v / total:.1f}\n" for a, v in zip(labels, n, strict=True))
        return beside(draw, "freq.csv", f"{name},freq,pct\n{rows}".encode(), [name], counts="freq")
    return beside(draw, "freq.txt", (text + "\n").encode(), [name], counts="cells")


@disclosive("min_cell", 12)
def frequencies_with_a_rare_category(draw: Draw) -> Case:
    return case("the rarest category of the frequency table holds 1-10 persons", one_way(draw, True))


@harmless("min_cell", 12)
def frequencies_of_common_categories(draw: Draw) -> Case:
    return case("the rarest category of the frequency table holds 20 persons or more", one_way(draw, False))


def _means(draw: Draw, small: bool) -> Grid:
    rows: list[list[Any]] = []
    head = draw.cycle(["N", "students", "headcount", "Number of completers", "unique_persons", "Obs"])
    for program in draw.some(PROGRAMS, 5):
        for year in (2017, 2018):
            rows.append(
                [
                    program,
                    year,
                    draw.int(24, 400),
                    f"{draw.rng.uniform(2.1, 3.7):.2f}",
                    int(round(float(draw.rng.uniform(6000, 15000)), -2)),
                ]
            )
    if small:
        rows[draw.int(0, len(rows) - 1)][2] = draw.int(2, 8)
    return Grid(
        ["program", "year", head, "mean_gpa", "mean_quarterly_earnings"],
        rows,
        2,
        "Completers' grades and earnings by program",
        ("Earnings are rounded to the nearest 100 dollars.",),
    )


@disclosive("min_cell", 12)
def means_over_a_handful(draw: Draw) -> Case:
    grid = _means(draw, True)
    name, data = write(grid, draw.cycle(PLAIN))
    return case(
        "one program-year's means rest on 2-8 completers, and the count is printed",
        beside(draw, name, data, grid.key_names, kind="summary", counts=grid.header[2]),
    )


@harmless("min_cell", 12)
def means_over_many(draw: Draw) -> Case:
    grid = _means(draw, False)
    name, data = write(grid, draw.cycle(PLAIN))
    return case(
        "each mean rests on 24 completers or more",
        beside(draw, name, data, grid.key_names, kind="summary", counts=grid.header[2]),
    )


@disclosive("min_cell", 4)
def years_across_the_top(draw: Draw) -> Case:
    rows = [[d, *map(int, draw.counts(1, 4, 30, 300)[0])] for d in draw.some(DISTRICTS, 6)]
    rows[draw.int(0, 5)][draw.int(1, 4)] = draw.int(1, 7)
    grid = Grid(
        ["District", "2016", "2017", "2018", "2019"], rows, 1, "Number of foster youth enrolled, by district and year"
    )
    name, data = write(grid, draw.cycle(["titled_csv", "xlsx"]))
    return case(
        "a district's count of foster youth in a year is 1-7", beside(draw, name, data, ["District"], counts="cells")
    )


@harmless("min_cell", 4)
def institutions_by_year(draw: Draw) -> Case:
    rows = [[c, *[draw.int(1, 9) for _ in range(4)]] for c in draw.some(COUNTIES, 6)]
    grid = Grid(
        ["County", "2016", "2017", "2018", "2019"],
        rows,
        1,
        draw.cycle(["Number of high schools by county", "Community colleges offering the program, by county"]),
    )
    name, data = write(grid, draw.cycle(["titled_csv", "xlsx"]))
    rest = {"population": "institutions"}
    return case(
        "the small counts are of schools or colleges, which have no threshold",
        beside(draw, name, data, ["County"], counts="cells", **rest),
    )


@disclosive("min_cell", 6)
def small_count_in_a_sentence(draw: Draw) -> Case:
    n, district = draw.int(2, 8), draw.pick(DISTRICTS)
    words = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
    sentence = draw.cycle(
        [
            f"In {district}, only {words[n]} foster youth graduated in 2019.",
            f"Note: the mean for {district} is based on {n} students.",
            f"Of the 214 participants in {district}, {words[n]} left the program within a month.",
        ]
    )
    rows = [[d, draw.int(40, 300)] for d in DISTRICTS[:5]]
    grid = Grid(["District", "Graduates"], rows, 1, "Graduates by district", (sentence,))
    name, data = write(grid, draw.pick(["markdown", "html", "titled_csv"]))
    return case(
        "the note under a harmless table gives a count of 2-8 persons in words or figures",
        beside(draw, name, data, ["District"], counts="Graduates"),
    )


@harmless("min_cell", 6)
def numbers_in_a_sentence(draw: Draw) -> Case:
    sentence = draw.cycle(
        [
            "Four-year graduation rate; three districts did not report. See Table 3 and Appendix 2.",
            "Cells based on fewer than 11 students would be suppressed; none are.",
            "Earnings are measured two quarters after exit, in 2019 dollars, for students of grades 9 to 12 in 5 regions.",
        ]
    )
    rows = [[d, draw.int(40, 300)] for d in DISTRICTS[:5]]
    grid = Grid(["District", "Graduates"], rows, 1, "Graduates by district", (sentence,))
    name, data = write(grid, draw.pick(["markdown", "html", "titled_csv"]))
    return case(
        "the note speaks of years, districts, tables and the rule itself, not of a group of persons",
        beside(draw, name, data, ["District"], counts="Graduates"),
    )


@disclosive("min_cell dominance", 6)
def one_or_two_employers(draw: Draw) -> Case:
    rows = [[c, draw.int(5, 60), int(draw.rng.uniform(800, 9000)) * 1000] for c in draw.some(COUNTIES, 6)]
    rows[draw.int(0, 5)][1] = draw.int(1, 2)
    grid = Grid(
        ["county", draw.cycle(["employers", "n_firms", "Establishments"]), "total_wages"],
        rows,
        1,
        "Health care employers and their payroll by county",
    )
    name, data = write(grid, draw.pick(PLAIN))
    return case(
        "a county's payroll is that of one or two employers",
        beside(draw, name, data, ["county"], kind="magnitude", counts=grid.header[1]),
    )


@harmless("min_cell dominance", 6)
def a_few_employers(draw: Draw) -> Case:
    head = draw.cycle(["employers", "n_firms", "Establishments"])
    rows = [[c, draw.int(4, 60)] for c in draw.some(COUNTIES, 6)]
    grid = Grid(["county", head], rows, 1, "Employers that hired program completers, by county")
    name, data = write(grid, draw.pick(PLAIN))
    return case(
        "every county has four employers or more; employers' threshold is 3 and no value is shown",
        beside(draw, name, data, ["county"], counts=head),
    )


@disclosive("min_cell", 4)
def many_rows_few_persons(draw: Draw) -> Case:
    rows = []
    for i in draw.some(INDUSTRIES, 6):
        persons = draw.int(60, 300)
        rows.append([i, persons * draw.int(4, 9), persons, int(draw.rng.uniform(70, 130)) * 100])
    bad = rows[draw.int(0, 5)]
    bad[1], bad[2] = draw.int(40, 90), draw.int(2, 6)
    grid = Grid(["industry", "wage_records", "workers", "mean_wage"], rows, 1, "Quarterly wage records 2018-2019")
    name, data = write(grid, draw.pick(PLAIN))
    return case(
        "forty to ninety wage records of an industry belong to 2-6 workers",
        beside(draw, name, data, ["industry"], kind="summary", counts="workers"),
    )


@disclosive("min_cell", 6)
def table_one_with_small_groups(draw: Draw) -> Case:
    return case("a descriptive Table 1 prints 'n (%)' with a group of 1-9 persons", _table_one(draw, True))


@harmless("min_cell", 6)
def table_one_of_large_groups(draw: Draw) -> Case:
    return case(
        "each 'n (%)' of the descriptive Table 1 counts 15 or more, treated and comparison", _table_one(draw, False)
    )


def _table_one(draw: Draw, small: bool) -> dict[str, bytes]:
    arms = draw.rng.dirichlet([4, 4, 4, 4], 2)
    total = [draw.int(400, 900), draw.int(400, 900)]
    n = np.array([[max(15, round(t * p)) for p in arm] for t, arm in zip(total, arms, strict=True)])
    if small:
        n[draw.int(0, 1), draw.int(0, 3)] = draw.int(1, 9)
    size = n.sum(1)
    races = draw.some(RACES, 4)
    rows = [
        [
            "Age, mean (SD)",
            f"{draw.rng.uniform(16, 25):.1f} ({draw.rng.uniform(2, 5):.1f})",
            f"{draw.rng.uniform(16, 25):.1f} ({draw.rng.uniform(2, 5):.1f})",
            "0.21",
        ]
    ]
    rows += [["Race/ethnicity, n (%)", "", "", "0.034"]]
    rows += [
        ["  " + race, *[f"{n[a, i]} ({100 * n[a, i] / size[a]:.1f})" for a in (0, 1)], ""]
        for i, race in enumerate(races)
    ]
    grid = Grid(
        ["", f"Treatment (N={size[0]})", f"Comparison (N={size[1]})", "p-value"],
        rows,
        1,
        "Table 1. Characteristics at baseline",
    )
    name, data = write(grid, draw.cycle(["markdown", "csv", "latex"]), "table_one")
    return beside(draw, name, data, [""], kind="summary", counts="cells")


@disclosive("min_cell", 4)
def second_sheet_holds_the_small_cells(draw: Draw) -> Case:
    good = TwoWay("District", DISTRICTS[:5], "Outcome", OUTCOMES, draw.counts(5, 4))
    bad = TwoWay("Race", RACES[:5], "Outcome", OUTCOMES, draw.counts(5, 4))
    bad.n[draw.int(0, 4), draw.int(0, 3)] = draw.int(1, 6)
    data = workbook(
        {
            "Contents": Grid(["Sheet", "What"], [["T1", "by district"], ["T2", "by race"]]),
            "T1": good.grid(),
            "T2": bad.grid(),
        }
    )
    return case(
        "the workbook's third sheet has a cell of 1-6 students",
        beside(draw, "tables.xlsx", data, ["District"], counts="cells", totals={"rows": "Total", "columns": "Total"}),
    )


@harmless("min_cell", 4)
def workbook_of_large_cells(draw: Draw) -> Case:
    sheets = {
        "Read me": Grid(
            ["Sheet", "What"],
            [["T1", "by district"], ["T2", "by race"], ["T3", "by year"]],
            1,
            "Contents",
            ("Version 2 of 3 March 2020",),
        )
    }
    sheets["T1"] = TwoWay("District", DISTRICTS[:5], "Outcome", OUTCOMES, draw.counts(5, 4)).grid(
        title="Outcome by district"
    )
    sheets["T2"] = TwoWay("Race", RACES[:5], "Sex", ["Female", "Male"], draw.counts(5, 2)).grid(title="Sex by race")
    sheets["T3"] = TwoWay(
        "School year", ["2016-17", "2017-18", "2018-19"], "Outcome", OUTCOMES, draw.counts(3, 4)
    ).grid(title="Outcome by year")
    return case(
        "three sheets of tables, all counts 14 or more, beside a contents sheet",
        beside(
            draw,
            "tables.xlsx",
            workbook(sheets),
            ["District"],
            counts="cells",
            totals={"rows": "Total", "columns": "Total"},
        ),
    )


@disclosive("min_cell", 4)
def tabstat_with_small_n(draw: Draw) -> Case:
    rows = [
        (c, draw.int(30, 300), draw.rng.uniform(2, 3.6), draw.rng.uniform(0.3, 0.8)) for c in draw.some(COUNTIES, 6)
    ]
    k = draw.int(0, 5)
    rows[k] = (rows[k][0], draw.int(2, 7), rows[k][2], rows[k][3])
    text = (
        ". tabstat gpa, by(county) statistics(n mean sd)\n\nSummary for variables: gpa\nGroup variable: county\n\n"
        + f"{'county':>12} |{'N':>10}{'Mean':>10}{'SD':>10}\n"
        + "-" * 13
        + "+"
        + "-" * 30
        + "\n"
    )
    text += "".join(f"{a:>12} |{n:>10}{m:>10.4f}{s:>10.4f}\n" for a, n, m, s in rows)
    return case(
        "Stata's tabstat gives a mean over 2-7 students of a county",
        beside(draw, "tabstat.txt", text.encode(), ["county"], kind="summary", counts="N"),
    )


@harmless("min_cell", 4)
def tabstat_with_large_n(draw: Draw) -> Case:
    rows = [
        (c, draw.int(30, 300), draw.rng.uniform(2, 3.6), draw.rng.uniform(0.3, 0.8)) for c in draw.some(COUNTIES, 6)
    ]
    text = (
        ". tabstat gpa, by(county) statistics(n mean sd)\n\nSummary for variables: gpa\nGroup variable: county\n\n"
        + f"{'county':>12} |{'N':>10}{'Mean':>10}{'SD':>10}\n"
        + "-" * 13
        + "+"
        + "-" * 30
        + "\n"
    )
    text += "".join(f"{a:>12} |{n:>10}{m:>10.4f}{s:>10.4f}\n" for a, n, m, s in rows)
    return case(
        "Stata's tabstat with 30 students or more a county",
        beside(draw, "tabstat.txt", text.encode(), ["county"], kind="summary", counts="N"),
    )


@disclosive("min_cell", 4)
def cohort_flow(draw: Draw) -> Case:
    """A sample-restriction table: each step's loss is a count of persons."""
    start = draw.int(2000, 9000)
    lost = [draw.int(200, 500), draw.int(1, 6), draw.int(90, 180)]
    left = [start, start - lost[0], start - lost[0] - lost[1], start - sum(lost)]
    steps = ["All first-time students", "With a valid wage match", "Age 16 to 64", "Enrolled in fall 2016"]
    rows = [[s, a, b] for s, a, b in zip(steps, left, ["", *lost], strict=True)]
    grid = Grid(["Restriction", "Students remaining", "Students dropped"], rows, 1, "Sample construction")
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "one restriction drops 1-6 students, and their number is printed",
        beside(draw, name, data, ["Restriction"], counts=["Students remaining", "Students dropped"]),
    )


@harmless("min_cell", 4)
def cohort_flow_of_large_steps(draw: Draw) -> Case:
    left = np.cumsum([draw.int(2000, 9000), *[-draw.int(40, 400) for _ in range(3)]])
    steps = ["All first-time students", "With a valid wage match", "Age 16 to 64", "Enrolled in fall 2016"]
    grid = Grid(
        ["Restriction", "Students remaining"],
        [[s, int(a)] for s, a in zip(steps, left, strict=True)],
        1,
        "Sample construction",
    )
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "each restriction drops 40 students or more",
        beside(draw, name, data, ["Restriction"], counts="Students remaining"),
    )


@disclosive("min_cell", 2)
def provider_listing(draw: Draw) -> Case:
    rows = [[f"Provider {chr(65 + i)}", draw.int(18, 120), draw.int(16, 60)] for i in range(7)]
    rows[draw.int(0, 6)][1] = draw.int(1, 5)
    grid = Grid(["Child care provider", "Children served", "Capacity"], rows, 1, "Small providers")
    name, data = write(grid, "xlsx")
    return case(
        "a provider serves 1-5 subsidised children",
        beside(draw, name, data, [grid.header[0]], counts="Children served"),
    )


@harmless("min_cell", 2)
def request_with_readme(draw: Draw) -> Case:
    t = two_way(draw, False)
    name, data = write_two_way(t, "pandas_all")
    files = {
        name: data,
        "README.md": b"# Outputs\n\n1. `crosstab.csv`: counts, all cells above 10\n2. Made on 2020-03-04 with pandas 2.3\n",
        "variables.csv": b"variable,type,values\nsex,code,1=Female 2=Male\ngrade,int,9-12\n",
    }
    if draw.sidecar:
        files["crosstab.context.yaml"] = context(
            name, [t.row], counts="cells", totals={"rows": "All", "columns": "All"}
        )
    return case("a crosstab of large cells with a read-me and a list of variables", files)
