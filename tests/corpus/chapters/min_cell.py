"""Counts of persons from 1 to 10, and the many small numbers that are none."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases
from tests.corpus.formats import Style
from tests.corpus.population import LABELS, people
from tests.corpus.table import COUNT, KEY, MONEY, NUMBER, RATE, table
from tests.corpus.tabulate import COUNT_WORDS, MARKERS, TOTALS, cross, has_small, is_large, tall, wide


@cases(8)
def long_table_with_small_counts(draw: Draw) -> Case:
    counts, phrase = cross(draw, has_small, variables=draw.cycle([1, 2]))
    one = tall(counts, phrase, draw.pick(COUNT_WORDS), draw.pick([None, *TOTALS]))
    files = draw.files(one)
    return draw.disclosive("min_cell", "counts from 1 to 10 are printed", files, cells={next(iter(files)): one.small()})


@cases(8)
def crosstab_with_small_counts(draw: Draw) -> Case:
    counts, phrase = cross(draw, has_small)
    one = wide(counts, phrase, draw.cycle([None, *TOTALS]))
    files = draw.files(one)
    return draw.disclosive(
        "min_cell", "cells of a crosstab are from 1 to 10", files, cells={next(iter(files)): one.small()}
    )


@cases(3)
def spanish_headers(draw: Draw) -> Case:
    counts, phrase = cross(draw, has_small, variables=1)
    word = draw.cycle(["Número de estudiantes", "Alumnos", "Estudiantes inscritos"])
    one = table(
        [("Distrito o grupo", KEY), (word, COUNT)],
        counts.reset_index().to_numpy(),
        "Estudiantes por grupo",
        kind="frequency",
        population=phrase,
    )
    return draw.disclosive(
        "min_cell",
        "counts from 1 to 10 under a Spanish header",
        draw.files(one, kind=draw.cycle(["csv", "xlsx", "html"]), encoding="utf-8"),
    )


@cases(4)
def count_and_percent_in_one_cell(draw: Draw) -> Case:
    counts, phrase = cross(draw, has_small, high=12)
    shares = counts / counts.sum()
    rows = [
        [k, *(f"{counts.iloc[i, j]:,} ({100 * shares.iloc[i, j]:.1f}%)" for j in range(counts.shape[1]))]
        for i, k in enumerate(counts.index)
    ]
    columns = [(f"{c}, n (%)" if draw.turn % 2 else str(c), COUNT) for c in counts.columns]
    one = table(
        [(LABELS[counts.index.name], KEY), *columns],
        rows,
        f"Table 1. Characteristics, n (%), {phrase}",
        kind="frequency",
        counts="cells",
        population=phrase,
    )
    return draw.disclosive(
        "min_cell rate",
        "the first number of 'n (%)' is from 1 to 10",
        draw.files(one, kind=draw.cycle(["md", "xlsx", "csv", "html"])),
    )


@cases(2)
def group_sizes_in_the_headers(draw: Draw) -> Case:
    frame = people()[people()["county"] == draw.cycle(["Glenn", "Inyo"])]
    sizes = frame[["foster", "migrant", "sed"]].sum()
    tight = {
        "Foster youth": min(int(sizes["foster"]), 8),
        "Migrant": min(int(sizes["migrant"]), 9),
        "Disadvantaged": int(sizes["sed"]),
    }
    columns = [("Outcome", KEY), *((f"{k} (n={v})", RATE) for k, v in tight.items())]
    one = table(
        columns,
        [["Graduated", 0.5, 0.667, 0.812], ["Enrolled", 0.5, 0.444, 0.534]],
        "Outcomes of small groups",
        kind="rates",
        counts=[],
    )
    return draw.disclosive(
        "min_cell rate",
        "column heads give n of 10 or fewer",
        draw.files(one, kind=draw.cycle(["md", "csv"]), percent="12.3%"),
    )


@cases(3)
def value_counts_in_a_log_or_notebook(draw: Draw) -> Case:
    counts, phrase = cross(draw, has_small, variables=1, low=4)
    series = counts.iloc[:, 0].sort_values(ascending=False)
    name = str(counts.index.name)
    printed = f"{name}\n" + "\n".join(f"{k!s:<36}{v}" for k, v in series.items()) + "\nName: count, dtype: int64\n"
    if draw.turn == 0:
        body = formats.notebook([formats.code_cell(f"df['{name}'].value_counts()", formats.stdout(printed))])
        return draw.disclosive("min_cell", "printed value_counts with small counts", {"explore.ipynb": body})
    log = f">>> df = load('enrollment')\n>>> len(df)\n{series.sum()}\n>>> df['{name}'].value_counts()\n{printed}>>> exit()\n"
    return draw.disclosive(
        "min_cell",
        f"printed value_counts with small counts, {phrase}",
        {draw.cycle(["", "session.log", "session.txt"]): log.encode()},
    )


@cases(3)
def second_table_of_a_file_is_small(draw: Draw) -> Case:
    first, phrase = cross(draw, is_large, variables=1)
    second, other = cross(draw, has_small, variables=2, high=12)
    tables = [tall(first, phrase, "Students"), wide(second, other)]
    kind = draw.cycle(["xlsx", "csv", "md"])
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for number, one in enumerate(tables):
            sheet = book.active if number == 0 else book.create_sheet(f"Table {number + 1}")
            sheet.append([c.name for c in one.columns])
            for row in one.rows:
                sheet.append(list(row))
        data = formats.save_book(book)
    else:
        data = b"\n".join(formats.WRITERS[kind](one, Style(titled=True)) for one in tables)
    return draw.disclosive("min_cell", "the second table of the file has small cells", {f"tables.{kind}": data})


@cases(2)
def small_counts_behind_two_header_rows(draw: Draw) -> Case:
    frame = people()[people()["cohort"] == 2016 + draw.turn]
    top = frame.groupby(["race", "graduated", "gender"]).size().unstack(["graduated", "gender"], fill_value=0)
    top = top[[c for c in top.columns if c[1] != "Nonbinary"]]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["", *("Graduated" if g else "Did not graduate" for g, _ in top.columns)])
    sheet.append(["Race/Ethnicity", *(x for _, x in top.columns)])
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("D1:E1")
    for key, row in zip(top.index, top.to_numpy().tolist(), strict=True):
        sheet.append([key, *row])
    if draw.turn:
        return draw.disclosive("min_cell", "small cells under a two-row header", {"grad.xlsx": formats.save_book(book)})
    top.columns.names = ["graduated", "gender"]
    return draw.disclosive("min_cell", "small cells under pandas' two header rows", {"grad.csv": top.to_csv().encode()})


@cases(3)
def counts_as_floats(draw: Draw) -> Case:
    counts, phrase = cross(draw, has_small, high=14)
    text = counts.astype(float).replace(0.0, float("nan")).to_csv()
    name = draw.cycle(["pivot.csv", "counts.csv", "out.csv"])
    files = {name: text.encode()}
    if draw.sidecar:
        said = wide(counts, phrase)
        files[name.replace(".csv", ".context.yaml")] = replace(
            said, context={**said.context, "rows": [str(counts.index.name)]}
        ).sidecar(name)
    return draw.disclosive("min_cell", "small counts printed as 7.0 by pandas", files)


@cases(3)
def persons_fewer_than_records(draw: Draw) -> Case:
    people_in, records = [2, 6, 14, 120, 380], [60, 148, 310, 2_410, 7_702]
    words = draw.cycle([("wage records", "persons"), ("n_rows", "n_persons"), ("Quarterly records", "Workers")])
    rows = list(
        zip(["Mining", "Utilities", "Information", "Construction", "Retail Trade"], records, people_in, strict=True)
    )
    one = table(
        [("Industry", KEY), (words[0], COUNT), (words[1], COUNT)],
        rows,
        "Records by industry",
        kind="frequency",
        counts=words[1],
    )
    return draw.disclosive("min_cell", "many wage records of 2 and 6 persons", draw.files(one))


@cases(2)
def small_counts_on_a_drawn_chart(draw: Draw) -> Case:
    counts, phrase = cross(draw, has_small, variables=1, low=4, high=9)
    return draw.disclosive(
        "min_cell",
        f"bars of an SVG carry their counts, some small ({phrase})",
        {"chart.svg": chart(counts.iloc[:, 0].to_dict())},
    )


def chart(bars: dict[object, int], ylabel: str = "Number of students") -> bytes:
    """A matplotlib bar chart as SVG with text kept as text."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "corpus"}):
        figure = Figure(figsize=(6, 3))
        axes = figure.subplots()
        drawn = axes.bar([str(k) for k in bars], list(bars.values()))
        axes.bar_label(drawn)
        axes.set_ylabel(ylabel)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


@cases(3)
def sentences_that_count_a_few(draw: Draw) -> Case:
    text = draw.cycle([
        "# Findings\n\nOf the 212 foster youth in the 2018 cohort, only 4 students enrolled in a UC campus.\nMost went to community colleges (61 %).\n",
        "Summary\n=======\n\nAmong American Indian students of the district, n = 7 completed the pathway; the others left.\n",
        "<html><body><h1>Brief</h1><p>In Alpine County 3 students were homeless in 2019, against 2,104 in Fresno.</p></body></html>",
    ])  # fmt: skip
    return draw.disclosive(
        "min_cell",
        "a sentence gives a count of persons from 1 to 10",
        {draw.cycle(["findings.md", "summary.txt", "brief.html"]): text.encode()},
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(8)
def long_table_of_large_counts(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large, variables=draw.cycle([1, 2]))
    return draw.harmless(
        "min_cell",
        "every count is 11 or more",
        draw.files(tall(counts, phrase, draw.pick(COUNT_WORDS), draw.pick([None, *TOTALS]))),
    )


@cases(8)
def crosstab_of_large_counts(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large)
    return draw.harmless(
        "min_cell", "every cell is 11 or more", draw.files(wide(counts, phrase, draw.cycle([None, *TOTALS])))
    )


@cases(6)
def small_counts_hidden_without_totals(draw: Draw) -> Case:
    counts, phrase = cross(draw, has_small)
    marker = draw.pick(MARKERS)
    one = wide(counts.where(counts > 0, other=3), phrase, suppressed=[marker])
    shown = tuple(
        tuple(marker if j and isinstance(v, int) and v <= 10 else v for j, v in enumerate(r)) for r in one.rows
    )
    return draw.harmless(
        "min_cell secondary", "all small cells are hidden and no total is printed", draw.files(replace(one, rows=shown))
    )


@cases(4)
def counts_of_institutions(draw: Draw) -> Case:
    what = draw.cycle(["Number of schools", "Districts", "Courses offered", "Campuses"])
    frame = people()
    rows = [[c, int(g["school"].nunique()), len(g)] for c, g in frame.groupby("county") if len(g) > 300]
    one = table(
        [("County", KEY), (what, NUMBER, 0), ("Students", COUNT)],
        rows,
        f"{what} by county",
        kind="frequency",
        counts="Students",
    )
    return draw.harmless("min_cell", "the small numbers count institutions; persons are many", draw.files(one))


@cases(6)
def codes_that_look_like_counts(draw: Draw) -> Case:
    frame = people()
    sizes = frame.groupby("grade").size()
    options = [
        ([("grade", KEY), ("n", COUNT)], [[g, v] for g, v in sizes.items()]),
        ([("Rank", KEY), ("District", KEY), ("Students", COUNT)],
         [[i, d, v] for i, (d, v) in enumerate(frame["district"].value_counts().head(10).items(), 1)]),
        ([("year", KEY), ("quarter", KEY), ("workers", COUNT), ("mean_wage", MONEY)],
         [[y, q, int(4_000 + 37 * q + y % 7 * 211), 9_100 + 120 * q] for y in (2019, 2020, 2021) for q in (1, 2, 3, 4)]),
        ([("FIPS", KEY), ("ZIP", KEY), ("Participants", COUNT)], [["06019", "93701", 1204], ["06029", "93301", 987], ["06047", "95340", 412], ["06089", "96001", 203]]),
        ([("naics2", KEY), ("Industry", KEY), ("n_persons", COUNT)], [[11, "Agriculture", 5_210], [23, "Construction", 3_911], [44, "Retail", 8_820], [62, "Health", 7_104]]),
        ([("Month", KEY), ("Term", KEY), ("Headcount", COUNT)], [[m, 1 + m // 7, 800 + 31 * m] for m in range(1, 13)]),
    ]  # fmt: skip
    columns, rows = draw.cycle(options)
    return draw.harmless(
        "min_cell",
        "small integers are codes, ranks, grades, quarters or months",
        draw.files(table(columns, rows, "Enrollment by code", kind="frequency")),
    )


@cases(4)
def small_averages(draw: Draw) -> Case:
    frame = people()
    by = draw.cycle(["race", "cohort", "grade", "sector"])
    groups = [(k, g) for k, g in frame.groupby(by) if len(g) >= 150]
    rows = [[k, len(g), round(float(g["days_absent"].mean()), 1), round(float(g["gpa"].mean()), 2)] for k, g in groups]
    one = table(
        [(LABELS[by], KEY), ("N", COUNT), ("Mean days absent", NUMBER, 1), ("Mean GPA", NUMBER, 2)],
        rows,
        "Absence and GPA",
        kind="summary",
    )
    return draw.harmless("min_cell", "small numbers are means of many persons", draw.files(one))


@cases(3)
def survey_items(draw: Draw) -> Case:
    items = [
        "I feel safe at school",
        "Adults here care about me",
        "I plan to go to college",
        "Classes are hard",
        "I like the food",
    ]
    rows = [[i, t, round(2.1 + 0.37 * i, 2), round(0.8 + 0.03 * i, 2), 1_812 - 9 * i] for i, t in enumerate(items, 1)]
    one = table(
        [("Item", KEY), ("Wording", KEY), ("Mean (1-5)", NUMBER, 2), ("SD", NUMBER, 2), ("Respondents", COUNT)],
        rows,
        "Likert items, 1 to 5",
        kind="summary",
    )
    return draw.harmless("min_cell", "item numbers and scale means are no counts", draw.files(one))


@cases(4)
def texts_with_numbers(draw: Draw) -> Case:
    text = draw.cycle([
        "# Methods\n\nWe follow students from grades 3 to 8 in 5 counties over 4 years. Cells below 11 are suppressed. Models use 3 lags and 7 covariates.\n",
        "README\n\n1. Run 01_build.py\n2. Run 02_tables.py\n\nPython 3.11, pandas 2.3. Tables 1 to 9 come from step 2. The 2019 cohort has 41,200 graduates.\n",
        "INFO load k12_enrollment: 5,812,004 rows, 24 columns\nINFO join wages: 4,310,112 matched, 1,501,892 left only\nINFO drop duplicates: 12,408 rows\nINFO 8 workers, 3 retries, 2 warnings\n",
        "<html><body><h2>Notes</h2><ul><li>Quarter 2 of 2020 is missing in 3 counties.</li><li>See chapter 4, table 7.</li><li>12 months follow-up.</li></ul></body></html>",
    ])  # fmt: skip
    name = draw.cycle(["methods.md", "README.txt", "build.log", "notes.html"])
    return draw.harmless("min_cell", "the numbers of the text are no counts of few persons", {name: text.encode()})


@cases(2)
def charts_of_large_groups(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large, variables=1, low=3, high=9)
    return draw.harmless(
        "min_cell", f"bars carry counts of 11 or more ({phrase})", {"chart.svg": chart(counts.iloc[:, 0].to_dict())}
    )


@cases(4)
def large_counts_with_percent_in_one_cell(draw: Draw) -> Case:
    counts, phrase = cross(draw, is_large, high=12)
    rows = [[k, *(f"{v:,} ({100 * v / counts[c].sum():.1f}%)" for c, v in counts.loc[k].items())] for k in counts.index]
    one = table(
        [(LABELS[counts.index.name], KEY), *((str(c), COUNT) for c in counts.columns)],
        rows,
        f"Table 1, n (%), {phrase}",
        kind="frequency",
        counts="cells",
    )
    return draw.harmless(
        "min_cell rate",
        "all counts of 'n (%)' are 11 or more",
        draw.files(one, kind=draw.cycle(["md", "xlsx", "csv", "html"])),
    )


@cases(2)
def data_dictionary(draw: Draw) -> Case:
    rows = [["grade", "integer", "Grade level", "9", "12", 0], ["race", "text", "Race/ethnicity", "", "", 9], ["foster", "0/1", "Foster youth", "0", "1", 2],
            ["quarter", "integer", "Calendar quarter", "1", "4", 4], ["naics2", "integer", "Industry", "11", "92", 20]]  # fmt: skip
    one = table(
        [
            ("variable", KEY),
            ("type", KEY),
            ("label", KEY),
            ("lowest code", KEY),
            ("highest code", KEY),
            ("number of codes", NUMBER, 0),
        ],
        rows,
        "Codebook",
        counts=[],
    )
    return draw.harmless(
        "min_cell order_statistic",
        "a codebook describes variables, no persons",
        draw.files(one, kind=draw.cycle(["csv", "xlsx"])),
    )
