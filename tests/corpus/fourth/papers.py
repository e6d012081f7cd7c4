"""Prose, pages, logs, notebooks, programs and pictures as offices make them."""

from __future__ import annotations

import json

import nbformat

from tests.corpus.case import Case, Draw
from tests.corpus.fourth.twins import csv, html, large, one, pipe, small, twins

FIRST = ("Maria", "James", "Linh", "Omar", "Elena", "Deshawn", "Priya", "Kevin", "Rosa", "Tomas", "Aiko", "Jorge")
LAST = (
    "Delgado",
    "Nguyen",
    "Okafor",
    "Schmidt",
    "Ramirez",
    "Carter",
    "Patel",
    "Kim",
    "Lopez",
    "Novak",
    "Tanaka",
    "Silva",
)


def _born(draw: Draw) -> str:
    return f"{draw.rng.integers(1985, 2004)}-{draw.rng.integers(1, 13):02d}-{draw.rng.integers(1, 29):02d}"


def _notebook(source: str, **data: str) -> str:
    cell = nbformat.v4.new_code_cell(
        source,
        execution_count=1,
        outputs=[
            nbformat.v4.new_output(
                "execute_result", data={k.replace("_", "/"): v for k, v in data.items()}, execution_count=1
            )
        ],
    )
    cell["id"] = "a1"
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))


@twins
def consort_text(draw: Draw, bad: bool) -> Case:
    k = small(draw) if bad else large(draw)
    text = f"""# Participants

Of 6,204 students assessed for eligibility, 1,310 did not meet the criteria and 412 declined. Of the 4,482 randomised students,
{k} students withdrew because of pregnancy and {large(draw)} moved out of the state. We analysed data of five cohorts (2014-2018) in 23 districts;
see section 4, table 2 and page 17. The effect was 0.08 SD (p = 0.03, 95 % CI 0.01-0.15).
"""
    why = "fewer than 11 students withdrew for pregnancy" if bad else "every number of students is large"
    return one(draw, bad, "min_cell", why, "participants.md", text, kind="summary", population="randomised students")


@twins
def consort_mermaid(draw: Draw, bad: bool) -> Case:
    k = small(draw) if bad else large(draw)
    text = f"""# Flow of participants

```mermaid
flowchart TD
  A[Assessed: n = 5,120] --> B[Randomised: n = 4,010]
  B --> C[Program: n = 2,008]
  B --> D[Control: n = 2,002]
  C --> E[Died during follow-up: n = {k}]
  D --> F[Lost: n = {large(draw)}]
```
"""
    why = "a box of the flow holds fewer than 11 persons" if bad else "every box of the flow is large"
    return one(draw, bad, "min_cell", why, "flow.md", text, kind="frequency")


@twins
def quotations(draw: Draw, bad: bool) -> Case:
    if bad:
        text = (
            "# What respondents said\n\n"
            + "\n\n".join(
                f'> "After I left {d} I had no place to stay and my caseworker never called back."\n>\n> Respondent {r}, {s}, {a}, {j}, {c}'
                for d, r, s, a, j, c in (
                    ("foster care", 1041, "female", 23, "welder", "Inyo County"),
                    ("Juvenile Hall", 2207, "male", 19, "cook", "Alpine County"),
                    ("the shelter", 3120, "female", 31, "nurse aide", "Modoc County"),
                )
            )
            + "\n"
        )
        why = "quotations of single respondents with age, job and county"
    else:
        text = '# What the literature says\n\n> "Dual enrolment raises college entry by several points."\n>\n> Author and Other (2019, p. 214)\n\n> "Time to degree varies more within than between colleges."\n>\n> Third and Fourth (2021, p. 7)\n'
        why = "quotations of published papers"
    return one(draw, bad, "unit_record identifier", why, "quotes.md", text)


@twins
def head_in_log(draw: Draw, bad: bool) -> Case:
    if bad:
        lines = [
            f"{i}  {draw.rng.integers(10**7, 10**8)}  {draw.pick(['F', 'M'])}  {_born(draw)}  {draw.rng.uniform(1, 4):.2f}  {draw.rng.integers(0, 90)}"
            for i in range(5)
        ]
        body = "   student_id sex         dob   gpa  units\n" + "\n".join(lines)
        why = "head() of a table of students"
    else:
        body = "      district  students  mean_gpa\n" + "\n".join(
            f"{i}  {d:>12}  {large(draw):>8}      {draw.rng.uniform(2, 3.6):.2f}"
            for i, d in enumerate(("Alder", "Basalt", "Cedar", "Dunes", "Fern"))
        )
        why = "head() of a table of district means, each of hundreds"
    text = f"2021-03-02 10:14:07 INFO read k12_enrollment in 3.2 s\n>>> print(df.head())\n{body}\n2021-03-02 10:14:09 INFO done, 4 workers, 0 errors\n"
    return one(draw, bad, "unit_record identifier", why, "run.log", text)


@twins
def value_counts(draw: Draw, bad: bool) -> Case:
    items = [(x, large(draw)) for x in ("Mexican", "Filipino", "Vietnamese", "Hmong")] + [
        ("Tongan", small(draw) if bad else large(draw))
    ]
    body = "\n".join(f"{k:<14}{v}" for k, v in items)
    text = f">>> students.ethnicity_detail.value_counts()\nethnicity_detail\n{body}\nName: count, dtype: int64\n"
    why = "fewer than 11 Tongan students" if bad else "hundreds of each"
    return one(draw, bad, "min_cell", why, "eth.txt", text, kind="frequency", counts="count")


@twins
def describe(draw: Draw, bad: bool) -> Case:
    n = large(draw, 3000, 9000)
    lines = [("count", f"{n}.000000"), ("mean", "31204.112000"), ("std", "18544.870000")]
    lines += (
        [
            ("min", "212.000000"),
            ("25%", "18231.440000"),
            ("50%", "28744.910000"),
            ("75%", "41022.370000"),
            ("max", "612345.670000"),
        ]
        if bad
        else [("25%", "18200"), ("50%", "28700"), ("75%", "41000")]
    )
    text = (
        ">>> wages.annual_wage.describe()\n"
        + "\n".join(f"{k:<8}{v:>16}" for k, v in lines)
        + "\nName: annual_wage, dtype: float64\n"
    )
    why = "exact minimum and maximum of persons' wages" if bad else "rounded quartiles of thousands, no extremes"
    return one(draw, bad, "order_statistic", why, "describe.txt", text, kind="summary")


@twins
def html_only_notebook(draw: Draw, bad: bool) -> Case:
    rows = [
        ["program", "students", "mean_gpa"],
        *(
            [p, small(draw) if bad and p == "Floristry" else large(draw), f"{draw.rng.uniform(2, 3.6):.2f}"]
            for p in ("Welding", "Nursing", "Floristry", "Cooking")
        ),
    ]
    why = (
        "fewer than 11 students in a program, in an HTML output alone"
        if bad
        else "large programs in an HTML output alone"
    )
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "programs.ipynb",
        _notebook("summary.style.format(precision=2)", text_html=html(rows, cls="dataframe")),
        kind="summary",
        rows=["program"],
        counts="students",
    )


@twins
def sampled_notebook(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [
            ["", "ssid", "last_name", "grade", "frpm"],
            *(
                [
                    draw.rng.integers(0, 90000),
                    draw.rng.integers(10**9, 10**10),
                    draw.pick(LAST),
                    draw.rng.integers(9, 13),
                    draw.pick([True, False]),
                ]
                for _ in range(6)
            ),
        ]
        why = "sample() of students, with names"
    else:
        rows = [
            ["column", "dtype", "missing"],
            ["ssid", "string", "0.0 %"],
            ["last_name", "string", "0.4 %"],
            ["grade", "int8", "0.0 %"],
            ["frpm", "boolean", "1.2 %"],
        ]
        why = "the columns' types and shares of missing values"
    return one(
        draw,
        bad,
        "unit_record identifier",
        why,
        "look.ipynb",
        _notebook("df.sample(6)" if bad else "schema(df)", text_html=html(rows, cls="dataframe")),
    )


@twins
def sql(draw: Draw, bad: bool) -> Case:
    if bad:
        ids = ",\n  ".join(
            f"'{draw.rng.integers(100, 700)}-{draw.rng.integers(10, 99)}-{draw.rng.integers(1000, 9999)}'"
            for _ in range(14)
        )
        text = f"-- who left the program early\nSELECT * FROM wages\nWHERE ssn IN (\n  {ids}\n);\n"
        why = "fourteen social security numbers as literals"
    else:
        text = """-- completers by program, 2016 to 2020
SELECT cip_code, fiscal_year, COUNT(DISTINCT person_id) AS n
FROM completions
WHERE fiscal_year BETWEEN 2016 AND 2020 AND cip_code IN ('48.0508', '51.3801', '12.0503')
  AND county_code IN (10, 15, 19, 37) AND zip NOT IN ('93501', '93505') AND age >= 18
GROUP BY 1, 2 HAVING COUNT(DISTINCT person_id) >= 11 LIMIT 500;
"""
        why = "a program: codes, years, places and a threshold as literals"
    return one(draw, bad, "identifier unit_record", why, "leavers.sql", text)


@twins
def word_page(draw: Draw, bad: bool) -> Case:
    def cell(x: object) -> str:
        return f"<td width=120 valign=top style='width:90.0pt;border:solid windowtext 1.0pt'><p class=MsoNormal><span style='font-size:10.0pt'>{x}<o:p></o:p></span></p></td>"

    rows = [["Region", "Probationers", "Completed"]]
    for k, r in enumerate(("North", "Bay", "Central", "South")):
        n = large(draw, 300, 900)
        rows.append([r, n, small(draw) if bad and k == 0 else n - large(draw, 120, 240)])
    text = (
        "<html xmlns:o='urn:schemas-microsoft-com:office:office'><body lang=EN-US><p class=MsoTitle>Annual report<o:p></o:p></p><table class=MsoTableGrid border=1>"
        + "".join("<tr>" + "".join(map(cell, r)) + "</tr>" for r in rows)
        + "</table></body></html>"
    )
    why = "fewer than 11 completed in one region" if bad else "all counts and what is left are large"
    return one(draw, bad, "min_cell", why, "report.html", text, kind="frequency", rows=["Region"], counts="cells")


@twins
def json_records(draw: Draw, bad: bool) -> Case:
    if bad:
        body: object = {
            "meta": {"version": 2},
            "records": [
                {
                    "pid": f"{x:016x}",
                    "birth_year": int(draw.rng.integers(1985, 2002)),
                    "sex": draw.pick(["F", "M"]),
                    "wage_q1": int(draw.rng.integers(900, 19000)),
                }
                for x in draw.rng.integers(0, 2**60, 20)
            ],
        }
        why = "a record a person under a pseudonym"
    else:
        body = {
            "seed": 20210302,
            "reps": 500,
            "learning_rate": 0.05,
            "max_depth": 6,
            "early_stopping": 10,
            "packages": {"pandas": "2.2.3", "duckdb": "1.1.0"},
            "grid": [{"depth": d, "auc": round(float(draw.rng.uniform(0.7, 0.8)), 3)} for d in (3, 5, 7, 9)],
        }
        why = "settings of a model and its scores by depth"
    return one(draw, bad, "unit_record", why, "run.json", json.dumps(body, indent=1))


@twins
def people(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [
            ["Name", "Date of birth", "City"],
            *(
                [f"{f} {n}", _born(draw), draw.pick(["Fresno", "Davis", "Chico"])]
                for f, n in zip(FIRST, LAST, strict=True)
            ),
        ]
        return one(
            draw,
            True,
            "identifier unit_record",
            "names and dates of birth",
            "list.md",
            "Interviews planned:\n\n" + pipe(rows),
        )
    text = (
        "# References\n\n"
        + "\n".join(
            f"{k}. {n}, {f[0]}. ({2005 + k}). Title of a study. *Journal of Results*, {k + 3}({k}), {100 + 7 * k}-{112 + 7 * k}. https://doi.org/10.1000/jr.{2005 + k}.{k:03d}"
            for k, (f, n) in enumerate(zip(FIRST, LAST, strict=True), 1)
        )
        + "\n"
    )
    return one(draw, False, "identifier", "a bibliography: authors, years, pages", "references.md", text)


@twins
def pipeline_log(draw: Draw, bad: bool) -> Case:
    k = small(draw) if bad else large(draw)
    text = f"""[INFO] 09:12:44 config seed=7 workers=4 batch=8
[INFO] 09:12:51 loaded 48,211 persons from 3 tables
[INFO] 09:13:02 excluded {k} persons with a cancer diagnosis
[INFO] 09:13:02 2 warnings, retry 1 of 3, epoch 5/10 loss=0.412
[INFO] 09:13:40 wrote 5 files in 7.2 s
"""
    why = "fewer than 11 persons with a diagnosis" if bad else "counts of steps, files and many persons"
    return one(draw, bad, "min_cell", why, "pipeline.log", text)


@twins
def cohort_definition(draw: Draw, bad: bool) -> Case:
    body: dict[str, object] = {
        "cohort": "transfer_2017",
        "include": {"age": [18, 24], "units_min": 12, "terms": [20173, 20175]},
        "exclude": {"visa": ["F1", "J1"], "grade": [1, 2, 3]},
    }
    if bad:
        body["members"] = [int(x) for x in draw.rng.integers(10**7, 10**8, 25)]
    why = "the members of a cohort by student number" if bad else "the definition of a cohort"
    return one(draw, bad, "unit_record identifier", why, "cohort.json", json.dumps(body, indent=2))


@twins
def comments(draw: Draw, bad: bool) -> Case:
    if bad:
        said = (
            "I dropped out when my mother was deported.",
            "The tutoring was fine.",
            "My parole officer chose the course.",
            "I have epilepsy and missed the exam.",
            "No comment.",
            "I was pregnant that term.",
            "It helped me get hired.",
            "Night classes only, please.",
            "I was sleeping in my car.",
            "Great teacher!",
            "Too far from home.",
            "The bus stopped running.",
        )
        rows = [
            ["resp_no", "age", "q12_comment"],
            *([k, draw.rng.integers(17, 60), f'"{s}"'] for k, s in enumerate(said, 1)),
        ]
        why = "a free-text answer a respondent, with age"
    else:
        rows = [
            ["theme", "responses", "share"],
            *(
                [t, n, f"{n / 2400:.1%}"]
                for t, n in (("Cost", 812), ("Housing", 433), ("Transport", 377), ("Health", 291), ("Other", 487))
            ),
        ]
        why = "themes of 2,400 comments, hundreds each"
    return one(draw, bad, "unit_record", why, "comments.csv", csv(rows))


@twins
def latex_counts(draw: Draw, bad: bool) -> Case:
    rows = [
        f"{p} & {draw.rng.uniform(0.3, 0.7):.2f} & ({small(draw) if bad and p == 'Floristry' else large(draw)}) \\\\"
        for p in ("Welding", "Nursing", "Floristry")
    ]
    text = (
        "\\begin{table}\\caption{Share hired within a year (number of completers in parentheses)}\n\\begin{tabular}{lrr}\n\\hline Program & Share & (N) \\\\ \\hline\n"
        + "\n".join(rows)
        + "\n\\hline\n\\end{tabular}\\end{table}\n"
    )
    why = "a share of fewer than 11 completers" if bad else "shares of hundreds"
    return one(draw, bad, "min_cell rate", why, "hired.tex", text, kind="rates", rows=["Program"])


def _svg(body: str) -> str:
    return f"<svg xmlns='http://www.w3.org/2000/svg' width='400' height='300'>{body}</svg>"


@twins
def heat_map(draw: Draw, bad: bool) -> Case:
    body = "<text x='10' y='15'>Students by grade and language</text>"
    for i, g in enumerate(("Grade 9", "Grade 10", "Grade 11")):
        body += f"<text x='5' y='{60 + 40 * i}'>{g}</text>"
        for j in range(4):
            n = small(draw) if bad and (i, j) == (2, 1) else large(draw)
            body += f"<rect x='{80 + 60 * j}' y='{40 + 40 * i}' width='60' height='40' fill='#9cf'/><text x='{100 + 60 * j}' y='{60 + 40 * i}'>{n}</text>"
    body += "".join(
        f"<text x='{95 + 60 * j}' y='30'>{x}</text>" for j, x in enumerate(("Spanish", "Hmong", "Farsi", "Other"))
    )
    why = "a cell of the heat map is fewer than 11 students" if bad else "every cell of the heat map is large"
    return one(draw, bad, "min_cell", why, "heat.svg", _svg(body), kind="frequency", counts="cells")


@twins
def bar_labels(draw: Draw, bad: bool) -> Case:
    body = "<text x='10' y='15'>Mean starting wage by credential</text>"
    for k, c in enumerate(("Certificate", "Associate", "Bachelor", "Apprentice")):
        n = small(draw) if bad and k == 3 else large(draw)
        body += f"<rect x='{30 + 80 * k}' y='100' width='40' height='150'/><text x='{30 + 80 * k}' y='270'>{c}</text><text x='{30 + 80 * k}' y='95'>n={n}</text>"
    why = "a bar of fewer than 11 persons" if bad else "bars of hundreds"
    return one(draw, bad, "min_cell", why, "wage_bars.svg", _svg(body), kind="summary")


@twins
def vega(draw: Draw, bad: bool) -> Case:
    if bad:
        values = [
            {
                "hs_gpa": round(float(draw.rng.uniform(1.5, 4)), 2),
                "first_year_units": int(draw.rng.integers(3, 40)),
                "sex": draw.pick(["F", "M"]),
            }
            for _ in range(60)
        ]
        mark, title = "point", "Units by high school GPA, one point a student"
    else:
        values = [
            {"gpa_band": b, "mean_units": round(float(draw.rng.uniform(15, 30)), 1), "students": large(draw)}
            for b in ("1.5-2.0", "2.0-2.5", "2.5-3.0", "3.0-4.0")
        ]
        mark, title = "bar", "Units by band of GPA"
    body = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": title,
        "mark": mark,
        "data": {"values": values},
    }
    why = "a scatter of students with its data" if bad else "a bar chart of bands, each of hundreds"
    return one(draw, bad, "unit_record", why, "chart.vl.json", json.dumps(body), kind="summary")


@twins
def plotly(draw: Draw, bad: bool) -> Case:
    if bad:
        k = 30
        trace = {
            "type": "scatter",
            "mode": "markers",
            "x": [int(x) for x in draw.rng.integers(18, 60, k)],
            "y": [int(x) for x in draw.rng.integers(9000, 99000, k)],
            "hovertext": [f"person {x:07d}" for x in draw.rng.integers(1, 10**6, k)],
        }
    else:
        trace = {"type": "bar", "x": ["2017", "2018", "2019"], "y": [large(draw, 1000, 9000) for _ in range(3)]}
    body = {
        "data": [trace],
        "layout": {"title": {"text": "Wage by age" if bad else "Completers by year"}, "width": 700},
    }
    why = "a scatter of persons with their numbers as hover text" if bad else "bars of thousands"
    return one(draw, bad, "unit_record", why, "figure.json", json.dumps(body), kind="summary")


@twins
def codebook(draw: Draw, bad: bool) -> Case:
    rows = [["value", "label", *(["frequency"] if bad else [])]]
    for v, label in enumerate(("In school", "Employed", "In custody", "Military", "Other", "Unknown"), 1):
        rows.append([v, label, *([small(draw) if v == 3 else large(draw)] if bad else [])])
    why = "a codebook with frequencies, one below 11" if bad else "values and labels, no frequencies"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "codebook.csv",
        csv(rows),
        rows=["value", "label"],
        **({"counts": "frequency", "kind": "frequency"} if bad else {}),
    )


@twins
def simulation(draw: Draw, bad: bool) -> Case:
    if bad:
        text = "Table A1. Robustness\n\n" + pipe(
            [["Sample", "Persons", "Effect"], ["Full", "12,340", "0.081"], ["Without switchers", "12,333", "0.079"]]
        )
        text += "\nThe second sample is the first without those who changed sex between years.\n"
        return one(
            draw,
            True,
            "differencing min_cell",
            "the two samples of one page differ by seven persons, and the page says who",
            "robust.md",
            text,
            kind="summary",
            counts="Persons",
        )
    rows = [
        ["design", "n", "reps", "bias", "coverage"],
        *(
            [f"DGP {k}", n, 1000, f"{draw.rng.normal(0, 0.01):.4f}", f"0.{draw.rng.integers(930, 960)}"]
            for k, n in enumerate((5, 10, 50, 200), 1)
        ),
    ]
    return one(
        draw,
        False,
        "min_cell",
        "a simulation: sample sizes of made-up data",
        "monte_carlo.md",
        "# Monte Carlo study (simulated data, seed 42)\n\n" + pipe(rows),
    )


@twins
def public_statistics(draw: Draw, bad: bool) -> Case:
    rows = [
        ["county", "population_2020", "students_in_extract"]
        if bad
        else ["county", "population_2020", "unemployment_rate"]
    ]
    for c in ("Alpine", "Fresno", "Kern", "Yolo"):
        rows.append(
            [
                c,
                large(draw, 1100, 990000),
                (small(draw) if c == "Alpine" else large(draw)) if bad else f"{draw.rng.uniform(3, 11):.1f}",
            ]
        )
    why = "students of one county fewer than 11, beside a public column" if bad else "published figures of counties"
    return one(
        draw,
        bad,
        "min_cell",
        why,
        "county.csv",
        csv(rows),
        rows=["county"],
        **({"counts": "students_in_extract"} if bad else {}),
    )


@twins
def slides(draw: Draw, bad: bool) -> Case:
    k = small(draw) if bad else large(draw)
    text = f"""---
title: Advisory board, 3 May
---
## What we found

- 62% of completers had a job within 6 months
- Only {k} of the {large(draw, 1000, 3000):,} completers with a disability were in training two years later
- 4 of 5 models agree; see slide 9
- Next meeting: 12 June, room 3
"""
    why = "a bullet with fewer than 11 persons" if bad else "bullets with hundreds of persons, meetings and rooms"
    return one(draw, bad, "min_cell rate", why, "board.md", text)


@twins
def tools(draw: Draw, bad: bool) -> Case:
    if bad:
        lines = "\n".join(f"    {draw.rng.integers(10**7, 10**8)}: {draw.rng.uniform(1, 4):.2f}," for _ in range(20))
        return one(
            draw,
            True,
            "unit_record",
            "a program with students' numbers and grades as a literal",
            "fix_gpa.py",
            f"# corrections sent by the college\nGPA_BY_STUDENT = {{\n{lines}\n}}\n\ndf['gpa'] = df.student_id.map(GPA_BY_STUDENT).fillna(df.gpa)\n",
        )
    text = '"""Shares by district."""\nimport pandas as pd\n\nTHRESHOLD, BASE, SEED = 11, 5, 1234\nYEARS = range(2015, 2021)\nCODES = {1: "Fresno", 2: "Kern", 3: "Yolo"}\n\n\ndef shares(df: pd.DataFrame) -> pd.DataFrame:\n    n = df.groupby("district").person_id.nunique()\n    return n[n >= THRESHOLD].round(-1)\n'
    return one(draw, False, "unit_record", "a program without data", "shares.py", text)
