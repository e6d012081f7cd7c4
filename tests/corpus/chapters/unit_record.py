"""Tables whose rows are persons, and tables of districts, schools and codes that only look like it."""

from __future__ import annotations

import io
import json

import pandas as pd

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases
from tests.corpus.population import people
from tests.corpus.table import COUNT, KEY, MONEY, NUMBER, RATE, table

COLUMNS = ["district", "race", "gender", "cohort", "gpa", "graduated", "days_absent", "wage"]


def records(draw: Draw, rows: int, identified: bool = True) -> pd.DataFrame:
    some = people().sample(rows, random_state=int(draw.rng.integers(10**6)))
    frame = some[COLUMNS].reset_index(drop=True)
    if identified:
        name = draw.cycle(["person_id", "student_id", "pid", "ssid_hash", "id", "studyid"])
        ids = some["person_id"].to_numpy()
        frame.insert(0, name, [f"{i:x}a9c4e1f0b2"[:16] for i in ids] if "hash" in name else ids)
    return frame


@cases(6)
def dump_of_persons(draw: Draw) -> Case:
    frame = records(draw, 40 + 60 * draw.turn)
    kind = draw.cycle(["csv", "xlsx", "json", "csv", "tsv", "html"])
    if kind == "xlsx":
        buffer = io.BytesIO()
        frame.to_excel(buffer, index=False)
        data = buffer.getvalue()
    elif kind == "json":
        data = frame.to_json(orient="records").encode()
    elif kind == "html":
        data = frame.to_html(index=False).encode()
    else:
        data = frame.to_csv(index=False, sep="\t" if kind == "tsv" else ",").encode()
    files = {f"analysis_file.{kind}": data}
    if draw.sidecar:
        files["analysis_file.context.yaml"] = (
            f"table: analysis_file.{kind}\nkind: summary\npopulation: sample of students\n".encode()
        )
    return draw.disclosive("unit_record", "every row is a person", files)


@cases(3)
def dump_without_an_id(draw: Draw) -> Case:
    frame = records(draw, 200, identified=False)
    name = draw.cycle(["model_data.csv", "scatter.csv", "plot_data.txt"])
    return draw.disclosive(
        "unit_record", "one row a student, without an id", {name: frame.to_csv(index=False).encode()}
    )


@cases(4)
def head_printed(draw: Draw) -> Case:
    frame = records(draw, 5)
    printed = frame.to_string()
    if draw.turn % 4 == 0:
        output = formats.stdout(printed + "\n")
        return draw.disclosive(
            "unit_record",
            "head() prints persons",
            {"explore.ipynb": formats.notebook([formats.code_cell("df.head()", output)])},
        )
    if draw.turn % 4 == 1:
        output = {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": {"text/html": [frame.to_html()], "text/plain": [printed]},
        }
        return draw.disclosive(
            "unit_record",
            "head() shows persons",
            {"explore.ipynb": formats.notebook([formats.code_cell("df.head()", output)])},
        )
    text = (
        f">>> df = load('linked')\n>>> df.shape\n(41210, 9)\n>>> df.head()\n{printed}\n"
        if draw.turn % 4 == 2
        else f". list in 1/5\n\n{printed}\n"
    )
    return draw.disclosive(
        "unit_record",
        "the log prints persons",
        {draw.cycle(["a.log", "a.log", "build.log", "stata.log"]): text.encode()},
    )


@cases(2)
def longitudinal_records(draw: Draw) -> Case:
    some = people().sample(15, random_state=draw.turn)
    rows = [
        [f"P{i:05d}", y, q, round(w / 4 * (0.9 + 0.05 * q), 2)]
        for i, w in zip(some.index, some["wage"], strict=True)
        for y in (2019, 2020)
        for q in (1, 2, 3, 4)
    ]
    frame = pd.DataFrame(rows, columns=["pseudo_id", "year", "quarter", "wages"])
    return draw.disclosive(
        "unit_record",
        "quarterly wages of single persons",
        {
            draw.cycle(["wages_long.csv", "wages.json"]): (
                frame.to_csv(index=False) if not draw.turn else frame.to_json(orient="records")
            ).encode()
        },
    )


@cases(2)
def outliers_listed(draw: Draw) -> Case:
    top = people().nlargest(8, "wage")[["person_id", "county", "industry", "wage", "gpa"]]
    text = (
        f"# Data cleaning\n\nWe dropped these records:\n\n{markdown(top)}\n"
        if draw.turn
        else f"Dropped outliers:\n{top.to_string(index=False)}\n"
    )
    return draw.disclosive(
        "unit_record",
        "a list of single persons with their wages",
        {draw.cycle(["cleaning.txt", "cleaning.md"]): text.encode()},
    )


def markdown(frame: pd.DataFrame) -> str:
    lines = [
        "| " + " | ".join(map(str, r)) + " |"
        for r in [list(frame.columns), ["---"] * frame.shape[1], *frame.astype(str).to_numpy().tolist()]
    ]
    return "\n".join(lines)


@cases(2)
def scatter_of_persons(draw: Draw) -> Case:
    """An SVG scatter plot holds one marker a person, to the pixel."""
    import matplotlib
    from matplotlib.figure import Figure

    some = people().sample(300, random_state=5 + draw.turn)
    with matplotlib.rc_context({"svg.hashsalt": "corpus"}):
        figure = Figure(figsize=(5, 4))
        axes = figure.subplots()
        if draw.turn:
            axes.plot(some["gpa"], some["wage"], "o")
        else:
            axes.scatter(some["gpa"], some["wage"], s=8)
        axes.set_xlabel("GPA")
        axes.set_ylabel("Wage")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return draw.disclosive("unit_record", "a vector scatter plot of 300 persons", {"scatter.svg": buffer.getvalue()})


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(4)
def one_row_a_district(draw: Draw) -> Case:
    frame = people()
    rows = [[f"{10 + i:02d}{62000 + 7 * i}", d, len(g), round(float(g["gpa"].mean()), 2), float(g["sed"].mean())]
            for i, (d, g) in enumerate(frame.groupby("district")) if len(g) >= 300]  # fmt: skip
    columns = [
        ("CDS code", KEY),
        ("District", KEY),
        ("Enrollment", COUNT),
        ("Mean GPA", NUMBER, 2),
        ("Disadvantaged", RATE),
    ]
    one = table(columns, rows, "Districts", kind="summary")
    return draw.harmless("unit_record identifier", "rows are districts of hundreds", draw.files(one))


@cases(4)
def one_row_a_school_and_year(draw: Draw) -> Case:
    frame = people()
    rows = []
    for number, ((s, y), g) in enumerate(frame.groupby(["school", "cohort"])):
        if len(g) >= 150 and 11 <= g["graduated"].sum() <= len(g) - 11:
            rows.append(
                [
                    1_930_000 + 13 * number,
                    s,
                    int(y),
                    len(g),
                    int(g["graduated"].sum()),
                    round(float(g["wage"].mean()), -2),
                ]
            )
    columns = [
        ("school_id", KEY),
        ("School", KEY),
        ("Year", KEY),
        ("n", COUNT),
        ("Graduates", COUNT),
        ("Mean wage", MONEY),
    ]
    return draw.harmless(
        "unit_record",
        "rows are schools and years",
        draw.files(table(columns, rows, "Schools", kind="summary"), kind=draw.cycle(["csv", "xlsx", "tsv", "json"])),
    )


@cases(2)
def codes_and_labels(draw: Draw) -> Case:
    rows = [[f"{c:02d}.{d:04d}", t, lvl] for (c, d, t, lvl) in [(51, 3801, "Registered Nursing", "BA"), (52, 201, "Business Administration", "BA"), (11, 701, "Computer Science", "BA"),
            (42, 101, "Psychology", "BA"), (1, 1004, "Viticulture and Enology", "BS"), (46, 201, "Carpentry", "Certificate")]]  # fmt: skip
    one = table([("CIP code", KEY), ("Program title", KEY), ("Level", KEY)], rows, "Crosswalk of programs", counts=[])
    return draw.harmless(
        "unit_record", "a crosswalk of program codes", draw.files(one, kind=draw.cycle(["csv", "xlsx"]))
    )


@cases(3)
def monthly_series(draw: Draw) -> Case:
    months = pd.date_range("2018-01-01", periods=48, freq="MS")
    rows = [
        [m.strftime("%Y-%m"), int(21_000 + 900 * (i % 12) + 37 * i), round(0.201 + 0.001 * (i % 7), 3)]
        for i, m in enumerate(months)
    ]
    one = table(
        [("month", KEY), (draw.cycle(["recipients", "persons", "Caseload"]), COUNT), ("share_of_population", RATE)],
        rows,
        "CalFresh caseload by month",
        kind="summary",
    )
    return draw.harmless("unit_record", "rows are months", draw.files(one))


@cases(2)
def variable_list_with_examples(draw: Draw) -> Case:
    text = "# Variables\n\n| variable | meaning | type | source |\n|---|---|---|---|\n" + "".join(
        f"| {v} | {m} | {t} | {s} |\n"
        for v, m, t, s in [
            ("person_id", "pseudonym of the project", "int64", "C2C"),
            ("gpa", "grade point average", "float", "CDE"),
            ("wages", "quarterly wages", "float", "EDD"),
            ("naics", "industry code", "text", "EDD"),
        ]
    )
    return draw.harmless(
        "unit_record identifier",
        "names of variables, no values",
        {draw.cycle(["variables.md", "README.md"]): text.encode()},
    )


@cases(2)
def notebook_without_outputs(draw: Draw) -> Case:
    cells = [formats.markdown_cell("# Wages after graduation"), formats.code_cell("import pandas as pd"), formats.code_cell("df = pd.read_parquet('/data/ui_wage.parquet')\ndf.head(10)"),
             formats.code_cell("df.groupby('industry')['wages'].mean().round(-2)")]  # fmt: skip
    return draw.harmless(
        "unit_record hidden_content",
        "the notebook stores no output",
        {draw.cycle(["wages.ipynb", "analysis.ipynb"]): formats.notebook(cells)},
    )


@cases(2)
def dashboard_configuration(draw: Draw) -> Case:
    config = {"dashboard": {"id": 4812, "title": "College going", "filters": [{"id": 1, "name": "County"}, {"id": 2, "name": "Cohort"}],
                            "charts": [{"id": i, "type": "bar", "x": "sector", "y": "rate", "width": 6} for i in range(1, 6)]}}  # fmt: skip
    return draw.harmless(
        "unit_record",
        "a configuration with ids of charts",
        {draw.cycle(["dashboard.json", "config.json"]): json.dumps(config, indent=2).encode()},
    )
