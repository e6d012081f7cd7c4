"""Rows that are persons, identifiers, hidden content, file kinds, and what cannot be read."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import openpyxl
import pandas as pd

from tests.corpus.case import Case
from tests.corpus.second.tables.kit import (
    COUNTIES,
    DISTRICTS,
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
from tests.corpus.second.tables.styles import Grid, workbook, write

FIRST = ("Maria", "Kevin", "Thanh", "Olivia", "Jamal", "Sofia", "Wei", "Luis", "Aaliyah", "Ethan")
LAST = ("Gonzalez", "Nguyen", "Johnson", "Patel", "Ramirez", "Okafor", "Kim", "Schmidt", "Lopez", "Brown")


def people(draw: Draw, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "student_id": [f"{draw.rng.integers(16**8):08x}" for _ in range(n)],
            "birth_year": draw.rng.integers(1996, 2003, n),
            "sex": [draw.pick("FM") for _ in range(n)],
            "race": [draw.pick(RACES) for _ in range(n)],
            "gpa": draw.rng.uniform(1.5, 4.0, n).round(2),
            "wage_q2": draw.wages(n).round(2),
        }
    )


@disclosive("unit_record", 8)
def printed_head(draw: Draw) -> Case:
    p = people(draw, draw.int(5, 12))
    kind = draw.cycle(["pandas", "r", "stata", "sas"])
    if kind == "pandas":
        text = ">>> students.head(10)\n" + p.to_string() + "\n"
    elif kind == "r":
        text = "> head(students)\n" + p.rename(index=lambda i: str(i + 1)).to_string() + "\n"
    elif kind == "stata":
        rule = "     +" + "-" * 62 + "+\n"
        text = (
            ". list in 1/10\n\n"
            + rule
            + "     | student_id   birth_~r   sex               race    gpa   wage_q2 |\n     |"
            + "-" * 62
            + "|\n"
        )
        text += (
            "".join(
                f"{i + 1:>3}. |{r.student_id:>11}{r.birth_year:>11}{r.sex:>6}{r.race:>19}{r.gpa:>7}{r.wage_q2:>8.0f} |\n"
                for i, r in enumerate(p.itertuples())
            )
            + rule
        )
    else:
        text = (
            "The SAS System\n\n"
            + f"Obs    {'student_id':<12}{'birth_year':>10}  sex  {'race':<18}{'gpa':>5}{'wage_q2':>10}\n\n"
            + "".join(
                f"{i + 1:>3}    {r.student_id:<12}{r.birth_year:>10}  {r.sex}    {r.race:<18}{r.gpa:>5}{r.wage_q2:>10}\n"
                for i, r in enumerate(p.itertuples())
            )
        )
    return case(
        "the first rows of the student file are printed",
        beside(draw, "head.txt", text.encode(), ["student_id"], kind="summary"),
    )


@disclosive("unit_record", 6)
def rows_of_persons(draw: Draw) -> Case:
    p = people(draw, draw.int(30, 90))
    columns = draw.cycle(
        [list(p.columns), ["birth_year", "sex", "race", "gpa", "wage_q2"], ["student_id", "gpa", "wage_q2"]]
    )
    p = p[columns]
    if "student_id" not in p:
        p.insert(0, "row", range(1, len(p) + 1))
    grid = Grid(list(p.columns), p.astype(object).to_numpy().tolist(), 1, "Analysis file")
    name, data = write(grid, draw.pick(["csv", "xlsx", "records", "tsv", "pandas_txt"]), "analysis_file")
    return case(
        "each row is a student, with or without a pseudonym", beside(draw, name, data, [p.columns[0]], kind="summary")
    )


@disclosive("unit_record", 4)
def wage_rows(draw: Draw) -> Case:
    rows = [
        [f"W{draw.int(100000, 999999)}", y, q, f"{w:.2f}", draw.pick(INDUSTRIES)]
        for y in (2018, 2019)
        for q in (1, 2, 3, 4)
        for w in draw.wages(6)
    ]
    grid = Grid(["worker_key", "year", "quarter", "wages", "industry"], rows, 3, "UI wage records")
    name, data = write(grid, draw.cycle(["csv", "xlsx"]), "wages")
    return case(
        "rows are wage records of single workers under a pseudonym",
        beside(draw, name, data, ["worker_key", "year", "quarter"], kind="magnitude"),
    )


@disclosive("unit_record", 4)
def outliers_listed(draw: Draw) -> Case:
    p = people(draw, 8)
    rows = [[i, r.race, r.sex, int(r.birth_year), f"{r.wage_q2 * 6:.2f}"] for i, r in enumerate(p.itertuples(), 4411)]
    grid = Grid(["obs", "race", "sex", "birth_year", "wage"], rows, 1, "Outliers dropped from the analysis")
    name, data = write(grid, draw.cycle(["csv", "markdown"]), "outliers")
    return case("the outliers are listed person by person", beside(draw, name, data, ["obs"], kind="summary"))


@disclosive("unit_record", 2)
def matched_pairs(draw: Draw) -> Case:
    rows = [
        [f"{draw.int(1, 99999):05d}", f"{draw.int(1, 99999):05d}", f"{draw.rng.uniform(0, 0.05):.5f}"]
        for _ in range(40)
    ]
    grid = Grid(["treated_id", "control_id", "distance"], rows, 2, "Propensity matches")
    name, data = write(grid, "csv", "matches")
    return case("row-level ids of matched persons", beside(draw, name, data, ["treated_id"], kind="summary"))


@harmless("unit_record", 6)
def rows_of_institutions(draw: Draw) -> Case:
    rows = [
        [
            f"{draw.int(10, 58):02d}{draw.int(10000, 99999)}{draw.int(1000000, 9999999)}",
            f"{a} {b}",
            draw.pick(COUNTIES),
            draw.int(300, 2400),
            f"{draw.rng.uniform(70, 94):.1f}",
        ]
        for a in DISTRICTS
        for b in ("High", "Middle", "Academy")
    ]
    grid = Grid(["cds_code", "school", "county", "enrollment", "attendance_rate"], rows, 2, "Schools")
    name, data = write(grid, draw.pick(["csv", "xlsx", "tsv", "records"]), "schools")
    return case(
        "rows are schools of 300 students or more, under their public code",
        beside(draw, name, data, ["cds_code", "school"], kind="summary", counts="enrollment"),
    )


@harmless("unit_record", 4)
def long_table_of_groups(draw: Draw) -> Case:
    rows = [[c, y, s, draw.int(20, 900), _r100(draw)] for c in COUNTIES for y in range(2014, 2020) for s in ("F", "M")]
    grid = Grid(["county", "year", "sex", "n", "mean_wage"], rows, 3, "Workers")
    name, data = write(grid, draw.cycle(["csv", "records"]), "long")
    return case(
        "132 rows, each a group of 20 workers or more",
        beside(draw, name, data, ["county", "year", "sex"], kind="summary", counts="n"),
    )


def _r100(draw: Draw) -> int:
    return int(round(float(draw.rng.uniform(6000, 15000)), -2))


@harmless("unit_record", 8)
def public_reference_tables(draw: Draw) -> Case:
    grid = draw.cycle(
        [
            Grid(
                ["fips", "county", "population_2019", "median_household_income"],
                [
                    [f"06{2 * i + 1:03d}", c, draw.int(12000, 900000), 100 * draw.int(420, 980)]
                    for i, c in enumerate(COUNTIES)
                ],
                2,
                "Census ACS",
            ),
            Grid(
                ["date", "unemployment_rate", "cpi", "fed_funds"],
                [
                    [
                        f"{y}-{m:02d}-01",
                        f"{draw.rng.uniform(3, 10):.1f}",
                        f"{draw.rng.uniform(210, 260):.3f}",
                        f"{draw.rng.uniform(0, 2.4):.2f}",
                    ]
                    for y in (2015, 2016, 2017)
                    for m in range(1, 13)
                ],
                1,
                "FRED",
            ),
            Grid(
                ["naics", "title", "digits"],
                [
                    ["11", "Agriculture", 2],
                    ["1111", "Oilseed and grain farming", 4],
                    ["23", "Construction", 2],
                    ["611", "Educational services", 3],
                ],
                1,
                "Codes",
            ),
            Grid(
                ["soc_code", "occupation", "jobs_2019", "median_annual_wage"],
                [
                    [f"{a}-{draw.int(1000, 9999)}", o, 10 * draw.int(120, 9000), 100 * draw.int(280, 990)]
                    for a, o in (
                        (29, "Registered nurses"),
                        (47, "Electricians"),
                        (15, "Software developers"),
                        (25, "Teachers"),
                    )
                ],
                2,
                "OEWS",
            ),
        ]
    )
    name, data = write(grid, draw.pick(["csv", "xlsx", "markdown"]), "reference")
    return case(
        "a table of public statistics or codes",
        beside(draw, name, data, grid.key_names, kind="summary", population="public statistics"),
    )


@harmless("min_cell", 10)
def integers_that_count_nobody(draw: Draw) -> Case:
    grid = draw.cycle(
        [
            Grid(
                ["zip_code", "grade", "year", "index"],
                [[90000 + 7 * i, i % 5 + 8, 2015 + i % 4, f"{draw.rng.uniform(80, 120):.1f}"] for i in range(12)],
                3,
                "Price index by ZIP",
            ),
            Grid(
                ["rank", "program", "score"],
                [[i + 1, p, f"{draw.rng.uniform(3, 5):.2f}"] for i, p in enumerate(PROGRAMS)],
                2,
                "Ranking of programs",
            ),
            Grid(
                ["item", "mean (1-5)", "sd", "median"],
                [
                    [f"Q{i}", f"{draw.rng.uniform(2, 4.5):.2f}", f"{draw.rng.uniform(0.5, 1.2):.2f}", draw.int(2, 5)]
                    for i in range(1, 9)
                ],
                1,
                "Survey items, N = 1,480",
            ),
            Grid(
                ["semester", "start_date", "weeks", "units_required"],
                [
                    ["Fall 2018", "2018-08-27", 16, 12],
                    ["Spring 2019", "2019-01-22", 16, 12],
                    ["Summer 2019", "2019-06-10", 8, 6],
                ],
                1,
                "Academic calendar",
            ),
            Grid(
                ["variable", "missing_pct", "n_categories", "bytes"],
                [["sex", "0.4", 3, 1], ["race", "2.1", 8, 1], ["county", "0.9", 58, 2]],
                1,
                "Variables",
            ),
        ]
    )
    name, data = write(grid, draw.pick(["csv", "xlsx", "markdown"]), "misc")
    return case(
        "codes, grades, ranks, weeks and categories are small integers, none counts persons",
        beside(draw, name, data, grid.key_names, kind="summary"),
    )


# Identifiers


@disclosive("identifier", 6)
def social_security_numbers(draw: Draw) -> Case:
    form = draw.cycle(["{0:03d}-{1:02d}-{2:04d}", "{0:03d}{1:02d}{2:04d}", "{0:03d} {1:02d} {2:04d}"])
    rows = [
        [
            form.format(draw.int(100, 650), draw.int(10, 99), draw.int(1000, 9999)),
            draw.pick(PROGRAMS),
            draw.int(2016, 2019),
        ]
        for _ in range(14)
    ]
    grid = Grid([draw.cycle(["ssn", "SSN", "soc_sec_no"]), "program", "year"], rows, 1)
    name, data = write(grid, draw.pick(["csv", "xlsx", "tsv"]), "match_failures")
    return case("a column of social security numbers", beside(draw, name, data, [grid.header[0]], kind="summary"))


@disclosive("identifier unit_record", 6)
def names_and_births(draw: Draw) -> Case:
    kind = draw.cycle(["dob", "address", "email"])
    rows = []
    for _ in range(12):
        f, last = draw.pick(FIRST), draw.pick(LAST)
        more = {
            "dob": f"{draw.int(1990, 2004)}-{draw.int(1, 12):02d}-{draw.int(1, 28):02d}",
            "address": f"{draw.int(10, 990)} Oak St, Fresno",
            "email": f"{f}.{last}@example.org".lower(),
        }[kind]
        rows.append([f, last, more, draw.pick(PROGRAMS)])
    grid = Grid(
        [
            "first_name",
            "last_name",
            {"dob": "date_of_birth", "address": "street_address", "email": "email"}[kind],
            "program",
        ],
        rows,
        2,
    )
    name, data = write(grid, draw.pick(["csv", "xlsx", "html"]), "roster")
    return case("two identity fields in each row", beside(draw, name, data, ["first_name"], kind="summary"))


@disclosive("identifier", 6)
def identity_in_a_note(draw: Draw) -> Case:
    f, last = draw.pick(FIRST), draw.pick(LAST)
    ssn = f"{draw.int(100, 650)}-{draw.int(10, 99)}-{draw.int(1000, 9999)}"
    note = draw.cycle(
        [
            f"Record of {f} {last}, born {draw.int(1990, 2003)}-04-17, removed at the family's request.",
            f"Duplicate SSN {ssn} was merged into one record; so was 412-55-{draw.int(1000, 9999)}.",
            f"{f} {last} (DOB 03/12/{draw.int(1990, 2003)}, SSN {ssn}) appears twice in the file.",
        ]
    )
    grid = Grid(
        ["District", "Graduates"], [[d, draw.int(40, 300)] for d in DISTRICTS[:5]], 1, "Graduates by district", (note,)
    )
    name, data = write(grid, draw.pick(["titled_csv", "markdown", "xlsx", "html"]))
    return case(
        "a note names a person with birth date or social security number",
        beside(draw, name, data, ["District"], counts="Graduates"),
    )


@harmless("identifier", 8)
def numbers_like_identifiers(draw: Draw) -> Case:
    grid = draw.cycle(
        [
            Grid(
                ["school", "nces_id", "phone", "zip4"],
                [
                    [
                        f"{d} High",
                        f"06{draw.int(10**9, 10**10 - 1)}",
                        f"(559) 555-0{draw.int(100, 199)}",
                        f"937{draw.int(10, 99)}-{draw.int(1000, 9999)}",
                    ]
                    for d in DISTRICTS
                ],
                2,
                "School directory (public)",
            ),
            Grid(
                ["tract", "share_college", "median_rent"],
                [
                    [f"06019{draw.int(1000, 9999)}00", f"{draw.rng.uniform(0.1, 0.6):.3f}", 10 * draw.int(80, 240)]
                    for _ in range(15)
                ],
                1,
                "ACS tracts",
            ),
            Grid(
                ["cip_code", "title", "completers"],
                [[f"{draw.int(10, 52)}.{draw.int(1000, 9999)}", p, draw.int(40, 700)] for p in PROGRAMS],
                2,
                "Completers by CIP",
            ),
            Grid(
                ["reference", "doi", "year"],
                [
                    ["Smith and Lopez", f"10.1257/aer.2016{draw.int(1000, 9999)}", 2018],
                    ["Chetty et al.", f"10.3386/w{draw.int(20000, 29999)}", 2017],
                ],
                1,
                "Literature",
            ),
        ]
    )
    name, data = write(grid, draw.pick(["csv", "xlsx", "markdown"]), "directory")
    return case(
        "public codes of schools, tracts, programs and papers",
        beside(
            draw,
            name,
            data,
            grid.key_names,
            kind="summary",
            **({"counts": "completers"} if "completers" in grid.header else {}),
        ),
    )


@harmless("identifier", 4)
def names_of_places_and_models(draw: Draw) -> Case:
    rows = [
        [s, draw.int(60, 500), f"{draw.rng.uniform(60, 90):.1f}"]
        for s in (
            "Martin Luther King Jr. High",
            "Cesar Chavez Academy",
            "Abraham Lincoln Middle",
            "Susan B. Anthony Elementary",
            "Jackson County",
        )
    ]
    grid = Grid(
        ["School", "Students", "Attendance (%)"],
        rows,
        1,
        "Attendance",
        ("Method: Benjamini-Hochberg; Taylor series variance.",),
    )
    name, data = write(grid, draw.cycle(["csv", "markdown"]))
    return case(
        "persons' names are those of schools and methods",
        beside(draw, name, data, ["School"], kind="rates", counts="Students"),
    )


@ambiguous("identifier", 2)
def a_contact(draw: Draw) -> Case:
    grid = Grid(
        ["District", "Graduates"],
        [[d, draw.int(40, 300)] for d in DISTRICTS[:5]],
        1,
        "Graduates",
        ("Contact: Jane Whitfield, 916-555-0142",),
    )
    name, data = write(grid, "titled_csv")
    return case(
        "a lone name with a telephone number: at most one question",
        beside(draw, name, data, ["District"], counts="Graduates"),
    )


# Hidden content, kinds, unreadable


def _clean(draw: Draw) -> Grid:
    return Grid(["District", "Graduates"], [[d, draw.int(40, 300)] for d in DISTRICTS[:6]], 1, "Graduates by district")


@disclosive("hidden_content", 8)
def hidden_in_a_workbook(draw: Draw) -> Case:
    book = openpyxl.load_workbook(io.BytesIO(workbook({"Table": _clean(draw)})))
    sheet, kind = book["Table"], draw.cycle(["sheet", "row", "column", "comment"])
    p = people(draw, 20)
    if kind == "sheet":
        other = book.create_sheet("raw")
        for line in [list(p.columns), *p.astype(object).to_numpy().tolist()]:
            other.append([x.item() if hasattr(x, "item") else x for x in line])
        other.sheet_state = draw.pick(["hidden", "veryHidden"])
    elif kind == "row":
        sheet.insert_rows(6)
        sheet["A6"], sheet["B6"] = "Foster youth", 3
        sheet.row_dimensions[6].hidden = True
    elif kind == "column":
        for i in range(4, 10):
            sheet.cell(i, 3, draw.int(1, 9))
        sheet["C3"] = "Of which homeless"
        sheet.column_dimensions["C"].hidden = True
    else:
        sheet["B4"].comment = openpyxl.comments.Comment("3 of them in foster care: ids 4411, 4502, 4777", "analyst")
    out = io.BytesIO()
    book.save(out)
    return case(
        f"confidential data in a hidden {kind}",
        beside(draw, "graduates.xlsx", out.getvalue(), ["District"], counts="Graduates"),
    )


@disclosive("hidden_content", 4)
def hidden_in_html(draw: Draw) -> Case:
    rows = people(draw, 10)[["student_id", "wage_q2"]].to_json(orient="records")
    name, data = write(_clean(draw), "html")
    add = draw.cycle([f"<script>var raw = {rows};</script>", f"<div style='display:none'>{rows}</div>"])
    return case(
        "rows of students hide in the page",
        beside(draw, name, data.replace(b"</body>", add.encode() + b"</body>"), ["District"], counts="Graduates"),
    )


@harmless("hidden_content", 4)
def ordinary_workbook(draw: Draw) -> Case:
    book = openpyxl.load_workbook(io.BytesIO(workbook({"Table": _clean(draw)})))
    book.properties.creator, book.properties.title = "openpyxl", "Graduates by district"
    book["Table"].freeze_panes = "B4"
    book["Table"].column_dimensions["A"].width = 24
    out = io.BytesIO()
    book.save(out)
    return case(
        "document properties, frozen panes and widths are normal",
        beside(draw, "graduates.xlsx", out.getvalue(), ["District"], counts="Graduates"),
    )


@harmless("hidden_content", 4)
def styled_html(draw: Draw) -> Case:
    name, data = write(_clean(draw), "html")
    style = b"<style>table{border-collapse:collapse} td{text-align:right;padding:2px}</style><body>"
    return case(
        "a style sheet hides nothing",
        beside(draw, name, data.replace(b"<body>", style), ["District"], counts="Graduates"),
    )


@disclosive("file_kind", 10)
def kinds_that_do_not_leave(draw: Draw) -> Case:
    p = people(draw, 25)
    kind = draw.cycle(["parquet", "zip", "pkl", "dta", "npz"])
    out = io.BytesIO()
    if kind == "parquet":
        p.to_parquet(out)
    elif kind == "zip":
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("analysis.csv", p.to_csv())
    elif kind == "pkl":
        out.write(pickle.dumps({"coef": [0.1, 0.2], "x": p.to_dict()}))
    elif kind == "dta":
        p.to_stata(out)
    else:
        np.savez(out, x=p.wage_q2.to_numpy())
    return case(
        f"a .{kind} file holds the persons' rows and is no kind that is released",
        {f"results.{kind}": out.getvalue()} | _readme(draw),
    )


def _readme(draw: Draw) -> dict[str, bytes]:
    return dict([write(_clean(draw), "csv", "graduates")]) if draw.sidecar else {}


@disclosive("file_kind", 2)
def disguised(draw: Draw) -> Case:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("a.csv", people(draw, 20).to_csv())
    return case("an archive of persons' rows with the ending .csv", {"table.csv": out.getvalue()})


@disclosive("unreadable", 4)
def broken_files(draw: Draw) -> Case:
    _, data = write(_clean(draw), "xlsx")
    name, bad = draw.cycle(
        [("table.xlsx", data[: len(data) // 2]), ("table.json", b'[{"district": "Alder", "n": 31}, {"district":')]
    )
    return case("a file that cannot be read completely is refused", {name: bad})


@harmless("unreadable", 6)
def odd_but_readable(draw: Draw) -> Case:
    text = "District,Größe,Students\n" + "".join(
        f'"{d}, Unified",{draw.int(100, 900)},"{draw.int(1000, 9000):,}"\n' for d in DISTRICTS[:6]
    )
    data = draw.cycle(
        [text.encode("latin-1"), b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), text.encode("utf-16")]
    )
    return case(
        "another encoding, thousands separators and quoted commas",
        beside(draw, "table.csv", data, ["District"], counts=["Größe", "Students"]),
    )


@harmless("file_kind", 2)
def texts_beside(draw: Draw) -> Case:
    files = {
        "README.txt": b"Outputs of project 12.\nTable 1 shows graduates by district.\n",
        "codebook.md": b"| variable | meaning |\n|---|---|\n| district | name |\n",
    }
    name, data = write(_clean(draw), "csv", "graduates")
    return case(
        "a table with a read-me and a code book", files | beside(draw, name, data, ["District"], counts="Graduates")
    )
