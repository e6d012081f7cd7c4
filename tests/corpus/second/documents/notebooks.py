"""Notebooks: what outputs, errors, widgets, attachments and metadata carry."""

from __future__ import annotations

import base64

import numpy as np
import pandas as pd

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import (
    COUNTIES,
    RACES,
    as_json,
    code,
    display,
    figure,
    notebook,
    parcel,
    persons,
    prose,
    records,
    safe_counts,
    shown,
    stream,
)  # fmt: skip

INTRO = "# Graduation and absence\n\nDraft of 12 March 2024, for section 3 of the paper."


@cases(4)
def frame_shown(d: Draw) -> Case:
    people = persons(d.rng, 800)
    call, frame = [
        ("df.head()", people.head()),
        ("df.sample(8, random_state=1)", people.sample(8, random_state=1)),
        ("df.nlargest(5, 'wage')[['school', 'race', 'wage']]", people.nlargest(5, "wage")[["school", "race", "wage"]]),
        ("df", people),
    ][d.turn]
    book = notebook(
        [prose(INTRO), code("import pandas as pd\ndf = pd.read_parquet('extract.parquet')"), code(call, shown(frame))]
    )
    return d.disclosive("unit_record", "the output prints rows of persons", parcel(d, "analysis.ipynb", book))


@cases(2)
def error_with_rows(d: Draw) -> Case:
    people = persons(d.rng, 6)
    if d.turn:
        value = f"AssertionError: duplicated persons:\n{people.to_string()}"
        trace = ["Traceback (most recent call last):", 'Cell In[4], line 2', "      1 dup = df[df.duplicated('person_id')]", "----> 2 assert dup.empty, dup.to_string()", value]  # fmt: skip
        error = {"output_type": "error", "ename": "AssertionError", "evalue": value, "traceback": trace}
    else:
        rows = "\n".join(
            f"    person_id {p.person_id}: school={p.school}, gpa={p.gpa}, wage={p.wage}" for p in people.itertuples()
        )
        error = {"output_type": "error", "ename": "ValueError", "evalue": f"rows outside the range:\n{rows}", "traceback": [f"\x1b[0;31mValueError\x1b[0m: rows outside the range:\n{rows}"]}  # fmt: skip
    book = notebook([prose(INTRO), code("validate(df)", error)])
    return d.disclosive(
        "unit_record", "the traceback lists six persons with their values", parcel(d, "validate.ipynb", book)
    )


@cases(2)
def widget_state(d: Draw) -> Case:
    people = persons(d.rng, 40)
    state = {f"{i:032x}": {"model_name": "HTMLModel", "model_module": "@jupyter-widgets/controls", "model_module_version": "2.0.0",
             "state": {"value": people.iloc[i * 10 : i * 10 + 10].to_html() if d.turn else as_json(records(people.iloc[i * 10 : i * 10 + 10]))}} for i in range(1, 4)}  # fmt: skip
    book = notebook([prose(INTRO), code("interact(show, county=counties)")],
                    widgets={"application/vnd.jupyter.widget-state+json": {"version_major": 2, "version_minor": 0, "state": state}})  # fmt: skip
    return d.disclosive(
        "hidden_content unit_record", "saved widget state holds thirty persons", parcel(d, "explore.ipynb", book)
    )


@cases(2)
def attachment(d: Draw) -> Case:
    people = persons(d.rng, 60)
    body = base64.b64encode(people.to_csv(index=False).encode()).decode()
    kind = ["text/csv", "application/octet-stream"][d.turn]
    cell = prose(INTRO + "\n\n[data](attachment:sample.csv)", attachments={"sample.csv": {kind: body}})
    return d.disclosive(
        "hidden_content unit_record", "an attachment holds sixty persons", parcel(d, "notes.ipynb", notebook([cell]))
    )


@cases(2)
def metadata_rows(d: Draw) -> Case:
    people = records(persons(d.rng, 12))
    if d.turn:
        book = notebook([prose(INTRO), code("x = 1")], variableInspector={"df": {"preview": people}})
    else:
        book = notebook([prose(INTRO), code("x = 1", metadata={"tags": ["parameters"], "dataframe": {"rows": people}})])
    return d.disclosive(
        "hidden_content unit_record", "metadata holds a preview of twelve persons", parcel(d, "params.ipynb", book)
    )


@cases(2)
def folded_crosstab(d: Draw) -> Case:
    table = pd.DataFrame(
        d.rng.integers(30, 400, (5, 3)), index=pd.Index(RACES, name="race"), columns=pd.Index([9, 10, 11], name="grade")
    )
    table.iloc[1, 2], table.iloc[4, 0] = 3, 7
    meta = [{"jupyter": {"outputs_hidden": True, "source_hidden": True}}, {"collapsed": True, "tags": ["hide-output"]}][
        d.turn
    ]
    book = notebook([prose(INTRO), code("pd.crosstab(df.race, df.grade)", shown(table), metadata=meta)])
    return d.disclosive("min_cell", "a folded output shows cells of 3 and 7 students", parcel(d, "folded.ipynb", book))


@cases(2)
def printed_value_counts(d: Draw) -> Case:
    counts = pd.Series(
        [4213, 3120, 877, 9, 4],
        index=pd.Index(["English", "Spanish", "Vietnamese", "Mixteco", "Hmong"], name="home_language"),
        name="count",
    )
    text = str(counts) if d.turn else "\n".join(f"{k:<12}{v:>6}" for k, v in counts.items())
    out = shown(counts) if d.turn else stream(f"students by home language\n{text}\n")
    return d.disclosive("min_cell", "9 and 4 students are printed", parcel(d, "languages.ipynb", notebook([prose(INTRO), code("df.home_language.value_counts()", out)])))  # fmt: skip


@cases(2)
def described(d: Draw) -> Case:
    people = persons(d.rng, 1200)
    table = people[["gpa", "wage"]].describe() if d.turn else people.groupby("county")["wage"].describe()
    return d.disclosive("order_statistic", "describe() prints the exact least and greatest wage", parcel(d, "describe.ipynb", notebook([prose(INTRO), code("df.describe()", shown(table))])))  # fmt: skip


@cases(3)
def chart_of_persons(d: Draw) -> Case:
    people = persons(d.rng, 150)
    points = records(people[["gpa", "wage", "school"]])
    spec: dict[str, object]
    if d.turn == 0:
        spec = {"application/vnd.plotly.v1+json": {"data": [{"type": "scatter", "mode": "markers", "x": people.gpa.tolist(), "y": people.wage.tolist(), "text": people.school.tolist()}], "layout": {"title": {"text": "Wage by GPA"}}}}  # fmt: skip
    elif d.turn == 1:
        spec = {"application/vnd.vegalite.v5+json": {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": points}, "mark": "point", "encoding": {"x": {"field": "gpa", "type": "quantitative"}, "y": {"field": "wage", "type": "quantitative"}}}}  # fmt: skip
    else:
        spec = {"image/svg+xml": figure(lambda a: (a.scatter(people.gpa, people.wage, s=8), a.set_xlabel("GPA of student"), a.set_ylabel("Wage")), "svg").decode()}  # fmt: skip
    return d.disclosive("unit_record hidden_content", "the chart carries one point a person", parcel(d, "chart.ipynb", notebook([prose(INTRO), code("plot(df)", display(spec))])))  # fmt: skip


@cases(4)
def aggregate_notebook(d: Draw) -> Case:
    table = safe_counts(d.rng, COUNTIES)
    table["mean_gpa"] = np.round(d.rng.uniform(2.6, 3.3, len(table)), 2)
    text = f"Twelve counties are shown. Since 2015 the rate rose by {d.rng.integers(2, 9)} percentage points (p = 0.0{d.rng.integers(1, 5)})."
    book = notebook([prose(INTRO), code("SEED = 7\nimport pandas as pd\nfrom pathlib import Path"), code("table", shown(table)), prose(text), code("print('done in 3.2 s')", stream("done in 3.2 s\n"))])  # fmt: skip
    return d.harmless("min_cell", "twelve counties with hundreds of students each", parcel(d, "report.ipynb", book))


@cases(2)
def cleared_notebook(d: Draw) -> Case:
    text = "THRESHOLD = 11\nQUARTERS = [1, 2, 3, 4]\ngroups = {'A': 1, 'B': 2, 'C': 3}\nfor k in range(5):\n    fit(k, alpha=0.05, seed=1234567890)\n"
    return d.harmless("file_kind", "code without outputs and without data", parcel(d, "pipeline.ipynb", notebook([prose(INTRO), code(text), code("df.groupby('county').gpa.mean()")])))  # fmt: skip


@cases(2)
def plain_error(d: Draw) -> Case:
    error = [
        {"output_type": "error", "ename": "NameError", "evalue": "name 'dff' is not defined", "traceback": ["\x1b[0;31mNameError\x1b[0m Traceback (most recent call last)", "Cell In[3], line 1\n----> 1 dff.shape", "NameError: name 'dff' is not defined"]},
        {"output_type": "error", "ename": "KeyError", "evalue": "'grad_rate'", "traceback": ['File /opt/venv/lib/python3.11/site-packages/pandas/core/indexes/base.py:3812, in Index.get_loc(self, key)\n   3805 try:\n-> 3812     return self._engine.get_loc(casted_key)', "KeyError: 'grad_rate'"]},
    ][d.turn]  # fmt: skip
    return d.harmless(
        "unit_record",
        "a traceback that names only code",
        parcel(d, "draft.ipynb", notebook([prose(INTRO), code("dff.shape", error)])),
    )


@cases(3)
def chart_of_counties(d: Draw) -> Case:
    table = safe_counts(d.rng, COUNTIES)
    spec: dict[str, object]
    if d.turn == 0:
        spec = {"application/vnd.vegalite.v5+json": {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": records(table)}, "mark": "bar", "encoding": {"x": {"field": "county"}, "y": {"field": "students", "type": "quantitative"}}}}  # fmt: skip
    elif d.turn == 1:
        spec = {"application/vnd.plotly.v1+json": {"data": [{"type": "bar", "x": table.county.tolist(), "y": table.students.tolist()}], "layout": {"title": {"text": "Students by county"}, "yaxis": {"title": {"text": "students"}}}}}  # fmt: skip
    else:
        png = base64.b64encode(figure(lambda a: a.bar(table.county, table.students), "png")).decode()
        return d.harmless("hidden_content", "a chart of counties and the table it draws", parcel(d, "bars.ipynb", notebook([code("table.plot.bar()", display({"image/png": png, "text/plain": ["<Axes: >"]})), code("table", shown(table))])))  # fmt: skip
    return d.harmless("hidden_content unit_record", "the chart carries one bar a county", parcel(d, "bars.ipynb", notebook([prose(INTRO), code("chart", display(spec))])))  # fmt: skip


@cases(2)
def shapes_and_types(d: Draw) -> Case:
    info = "<class 'pandas.core.frame.DataFrame'>\nRangeIndex: 48210 entries, 0 to 48209\nData columns (total 4 columns):\n #   Column       Non-Null Count  Dtype  \n---  ------       --------------  -----  \n 0   person_id    48210 non-null  int64  \n 1   county       48210 non-null  object \n 2   gpa          41730 non-null  float64\n 3   days_absent  39950 non-null  int64  \ndtypes: float64(1), int64(2), object(1)\nmemory usage: 1.5+ MB\n"
    types = pd.Series({"person_id": "int64", "county": "object", "gpa": "float64"})
    out = [
        code("df.info()", stream(info)),
        code("df.shape", display({"text/plain": ["(48210, 4)"]})),
        code("df.dtypes", shown(types)),
    ]
    return d.harmless(
        "unit_record min_cell",
        "types and sizes of a large frame, no rows",
        parcel(d, "schema.ipynb", notebook(out[: 2 + d.turn])),
    )
