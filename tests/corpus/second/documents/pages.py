"""Reports in HTML, Markdown, LaTeX, Word and slides: data behind charts, hidden parts, numbers in sentences."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import (
    COUNTIES,
    RACES,
    as_json,
    named,
    parcel,
    persons,
    records,
    safe_counts,
)


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>Report</title>{head}</head>\n<body><h1>Graduates</h1>\n{body}\n</body></html>\n"


@cases(4)
def chart_page_of_persons(d: Draw) -> Case:
    people = persons(d.rng, 110)
    points = as_json(records(people[["person_id", "gpa", "wage"]]), None)
    body = [f"<div id='v'></div><script>vegaEmbed('#v', {{\"data\": {{\"values\": {points}}}, \"mark\": \"point\"}});</script>",
            f"<div id='p'></div><script>Plotly.newPlot('p', [{{\"x\": {people.gpa.tolist()}, \"y\": {people.wage.tolist()}, \"mode\": \"markers\", \"type\": \"scatter\"}}], {{}});</script>",
            f"<div id='h'></div><script>Highcharts.chart('h', {{chart: {{type: 'scatter'}}, series: [{{name: 'students', data: {people[['gpa', 'wage']].to_numpy().tolist()}}}]}});</script>",
            f"<script type='application/json' id='island'>{points}</script><p>Interactive figure 3.</p>"][d.turn]  # fmt: skip
    return d.disclosive(
        "hidden_content unit_record", "one point a person in the page's script", parcel(d, "figure.html", page(body))
    )


@cases(7)
def hidden_in_a_page(d: Draw) -> Case:
    people = persons(d.rng, 20)
    rows = people.to_html(index=False)
    link = base64.b64encode(people.to_csv(index=False).encode()).decode()
    body = [f"<!--\n{people.to_csv(index=False)}\n--><p>See table 2.</p>", f"<div style='display:none'>{rows}</div><p>Summary.</p>", f"<details><summary>more</summary>{rows}</details>",
            f"<a download='d.csv' href='data:text/csv;base64,{link}'>download</a>", "<ul>" + "".join(f"<li data-person='{p.person_id}' data-wage='{p.wage}'>school {p.school}</li>" for p in people.itertuples()) + "</ul>",
            f"<template>{rows}</template><p>Summary.</p>", f"<textarea hidden>{people.to_csv(index=False)}</textarea><p>Summary.</p>"][d.turn]  # fmt: skip
    return d.disclosive(
        "hidden_content unit_record",
        "twenty persons hidden or folded in the page",
        parcel(d, "report.html", page(body)),
    )


@cases(3)
def small_counts_in_a_chart(d: Draw) -> Case:
    counts = [412, 318, 6, 904, 2]
    body = [f"<script>new Chart(c, {{type: 'bar', data: {{labels: {RACES}, datasets: [{{label: 'Number of students', data: {counts}}}]}}}});</script><canvas id='c'></canvas>",
            f"<script>Highcharts.chart('h', {{yAxis: {{title: {{text: 'students'}}}}, xAxis: {{categories: {RACES}}}, series: [{{type: 'column', name: 'students', data: {counts}}}]}});</script>",
            "<script type='application/json'>" + as_json([{"race": r, "students": n} for r, n in zip(RACES, counts, strict=True)]) + "</script>"][d.turn]  # fmt: skip
    return d.disclosive(
        "hidden_content min_cell",
        "bars of 6 and 2 students in the script",
        parcel(d, "chart.html", page(body), "frequency"),
    )


SMALL = [
    "Of the 412 graduates of Oak High only 3 were homeless.",
    "Four students in the county had been expelled (n = 4), against 61 elsewhere.",
    "Two of the seven foster youths enrolled in college.",
    "At Bayview High, 5 Native American students graduated in 2019.",
    "A single student at Mesa Union took part; she earned $18,200.",
    "All 8 English learners of the school failed the test.",
]


@cases(6)
def small_counts_in_prose(d: Draw) -> Case:
    text = f"Findings\n\nThe statewide rate was 84 percent. {SMALL[d.turn]} We return to this in section 5.\n"
    name, body = [("report.md", "# " + text), ("report.txt", text), ("report.html", page(f"<p>{text}</p>")), ("report.tex", "\\section{Findings}\n" + text.replace("percent", "\\%")), ("report.md", "# " + text), ("report.txt", text)][d.turn]  # fmt: skip
    return d.disclosive("min_cell group", "a sentence gives a count of fewer than 11 students", parcel(d, name, body))


@cases(4)
def persons_in_prose(d: Draw) -> Case:
    people = named(d.rng, 6)
    lines = [[f"{p.first_name} {p.last_name}, born {p.date_of_birth}, had a GPA of {p.gpa}." for p in people.itertuples()],
             [f"- {p.last_name}, {p.first_name} (DOB {p.date_of_birth}): absent {p.days_absent} days" for p in people.itertuples()],
             [f"Case {i}: {p.first_name} {p.last_name}; date of birth {p.date_of_birth}; {p.school}" for i, p in enumerate(people.itertuples(), 1)],
             [f"{p.first_name} {p.last_name} & {p.date_of_birth} & {p.gpa} \\\\" for p in people.itertuples()]][d.turn]  # fmt: skip
    return d.disclosive("identifier unit_record", "names with dates of birth", parcel(d, ["cases.md", "cases.md", "cases.txt", "cases.tex"][d.turn], "\n".join(lines) + "\n"))  # fmt: skip


@cases(3)
def latex_hidden(d: Draw) -> Case:
    people = persons(d.rng, 15)
    head = "\\documentclass{article}\n\\begin{document}\nWe study graduates.\n"
    body = ["\n".join("% " + line for line in people.to_csv(index=False).splitlines()), "\\iffalse\n" + people.to_csv(index=False) + "\\fi",
            "\\begin{tabular}{lrr}\nRace & Expelled & Students \\\\\n\\hline\nAsian & 2 & 412 \\\\\nBlack & 21 & 318 \\\\\nWhite & 7 & 811 \\\\\n\\end{tabular}"][d.turn]  # fmt: skip
    return d.disclosive(["hidden_content unit_record", "hidden_content unit_record", "min_cell"][d.turn], ["fifteen persons in comments", "fifteen persons in a part that is not typeset", "2 and 7 students expelled"][d.turn], parcel(d, "paper.tex", head + body + "\n\\end{document}\n"))  # fmt: skip


@cases(2)
def markdown_hidden(d: Draw) -> Case:
    people = persons(d.rng, 15)
    hidden = (
        f"<!--\n{people.to_csv(index=False)}-->"
        if d.turn
        else "```{r, include=FALSE}\n# " + people.to_csv(index=False).replace("\n", "\n# ") + "\n```"
    )
    return d.disclosive("hidden_content unit_record", "fifteen persons in a part that is not shown", parcel(d, "report.md" if d.turn else "report.Rmd", f"# Report\n\nText.\n\n{hidden}\n"))  # fmt: skip


def word(paragraphs: list[str], rows: list[list[Any]] | None = None, **parts: str) -> bytes:
    """A Word document; `parts` are added to the package."""
    from docx import Document

    doc = Document()
    for p in paragraphs:
        doc.add_paragraph(p)
    if rows:
        table = doc.add_table(len(rows), len(rows[0]))
        for i, row in enumerate(rows):
            for j, v in enumerate(row):
                table.cell(i, j).text = str(v)
    out = io.BytesIO()
    doc.save(out)
    if parts:
        with zipfile.ZipFile(out, "a") as z:
            for name, text in parts.items():
                z.writestr(name.replace("__", "/"), text)
    return out.getvalue()


@cases(4)
def word_report(d: Draw) -> Case:
    people = persons(d.rng, 10)
    if d.turn == 0:
        data, why, rule = (
            word(["Listing"], [list(people.columns), *people.to_numpy().tolist()]),
            "a table of ten persons",
            "unit_record file_kind",
        )
    elif d.turn == 1:
        data, why, rule = word(["Results", SMALL[0]]), "3 homeless students", "min_cell file_kind"
    elif d.turn == 2:
        data, why, rule = (
            word(["Results"], word__comments2=people.to_csv(index=False)),
            "ten persons in a part of the package",
            "hidden_content file_kind",
        )
    else:
        data, why, rule = (
            word(["Results by race"], [["Race", "Students"], ["Asian", 412], ["Native", 4], ["Pacific", 6]]),
            "4 and 6 students",
            "min_cell file_kind",
        )
    return d.disclosive(rule, why, parcel(d, "report.docx", data))


@cases(2)
def word_clean(d: Draw) -> Case:
    return d.arguable("file_kind", "a Word report without persons: read or refused by policy", parcel(d, "report.docx", word(["Methods", "We use linear models."], [["County", "Students"], ["Alder", 4120], ["Briar", 3215]])))  # fmt: skip


# --- harmless -----------------------------------------------------------------------------------------------------------------


@cases(4)
def chart_page_of_counties(d: Draw) -> Case:
    table = safe_counts(d.rng, COUNTIES)
    library = "<script>/*! charts v3.2.1 */!function(t,e){var n=[1,2,3,5,7,11],i=0x1f,r=2.5e-3;function o(t){return t&&t.length>3?t.slice(0,3):t}e.c=o}(this,{});</script>"
    body = [f"<div id='v'></div><script>vegaEmbed('#v', {{\"data\": {{\"values\": {as_json(records(table), None)}}}, \"mark\": \"bar\"}});</script>",
            f"<div id='p'></div><script>Plotly.newPlot('p', [{{\"x\": {table.county.tolist()}, \"y\": {table.students.tolist()}, \"type\": \"bar\", \"name\": \"students\"}}], {{\"height\": 450, \"margin\": {{\"t\": 5, \"l\": 7}}}});</script>",
            "<p>The rate rose by 4 points in 3 of 12 counties.</p>" + table.to_html(index=False), "<pre><code class='language-python'>for i in range(5):\n    fit(i)</code></pre><p>Version 1.2.3, built with 4 workers.</p>"][d.turn]  # fmt: skip
    if d.turn < 2:
        why = "counties only, but in a script, which the rules name among the places where data hides"
        return d.arguable("hidden_content", why, parcel(d, "report.html", page(body, library), "frequency"))
    return d.harmless("hidden_content", "counties with hundreds of students each", parcel(d, "report.html", page(body, library if d.turn < 2 else "<style>td{padding:3px}</style>"), "frequency"))  # fmt: skip


HARMLESS_PROSE = [
    "Between 2015 and 2019 the rate rose by 4 percentage points in 3 of 12 counties. Table 2 gives the 5 models; all 7 districts took part in both waves. The effect is 0.3 of a standard deviation (p = 0.02, 95% CI 0.1 to 0.5).",
    "We follow three cohorts for 8 quarters. Grade 9 and grade 10 are pooled. Two reviewers coded the 6 items (kappa = 0.81). See section 3, figure 4 and appendix B2.",
    "The sample has 48,210 students in 9 districts. Cells below 11 are suppressed; counts are rounded to 5. Mean GPA was 3.1 (SD 0.6); the median wage was about $31,000.",
    "Of the 4,210 graduates, 2,130 (51%) enrolled within 12 months; 1,180 stayed for 2 years. Five of the ten largest employers are hospitals and universities run by the state.",
    "Schools have 4 terms of 9 weeks. Students take 6 courses of 50 minutes. A 5-point scale was used, from 1 (never) to 5 (always).",
    "The instrument is distance in miles (mean 7, SD 3). F = 23 with 4 and 4,205 degrees of freedom. We drop 2 of 14 covariates.",
]


@cases(6)
def harmless_prose(d: Draw) -> Case:
    text = f"Results\n\n{HARMLESS_PROSE[d.turn]}\n"
    name, body = [("paper.md", "# " + text), ("paper.txt", text), ("paper.html", page(f"<p>{text}</p>")), ("paper.tex", "\\section{Results}\n" + text.replace("%", "\\%").replace("$", "\\$")), ("paper.md", "# " + text), ("paper.tex", "\\section{Results}\n" + text)][d.turn]  # fmt: skip
    return d.harmless("min_cell", "small numbers in the sentences count no persons", parcel(d, name, body))


@cases(6)
def reference_texts(d: Draw) -> Case:
    texts = [
        ("references.bib", "@article{lee2019,\n  author = {Lee, Ana and Ng, Tom},\n  title = {Wages after college},\n  journal = {J. Labor},\n  year = {2019}, volume = {7}, number = {3}, pages = {12--41},\n  doi = {10.1000/jl.2019.0034}\n}\n\n@book{ortiz2004,\n  author = {Ortiz, P.},\n  title = {Schools}, year = {2004}, isbn = {978-3-16-148410-0}\n}\n"),
        ("README.md", "# Replication package\n\n1. `01_clean.py` reads the extract (about 3 minutes).\n2. `02_fit.py` fits 6 models with 4 cores.\n3. `03_tables.py` writes tables 1 to 5.\n\nNeeds Python 3.11 and 8 GB of memory. Contact: pi@university.example, (555) 010-0199.\n"),
        ("codebook.md", "# Codebook\n\n| variable | code | meaning |\n|---|---|---|\n| race | 1 | Asian |\n| race | 2 | Black |\n| race | 3 | Hispanic |\n| el | 0 | no |\n| el | 1 | yes |\n| grade | 9 | ninth |\n| missing | -9 | not asked |\n"),
        ("CHANGES.md", "## 1.2.0 (2024-03-12)\n- 3 tables redrawn\n- grade 9 dropped from model 4\n\n## 1.1.0 (2024-01-02)\n- 2 typos\n"),
        ("dictionary.json", as_json([{"name": "gpa", "type": "float", "min": 0, "max": 4, "label": "Grade point average"}, {"name": "race", "type": "int", "values": {"1": "Asian", "2": "Black", "3": "Hispanic"}}, {"name": "quarter", "type": "int", "values": [1, 2, 3, 4]}])),
        ("preregistration.txt", "Pre-analysis plan\n\nH1. Wages of graduates exceed those of others after 4 quarters.\nPower: with 2 arms of 1,500 students each and alpha = 0.05 the smallest effect is 0.11.\nOutcomes: 3 primary, 5 secondary (Holm).\n"),
    ]  # fmt: skip
    name, text = texts[d.turn]
    return d.harmless("min_cell", "a text about the work, without results on persons", parcel(d, name, text))


@cases(2)
def latex_paper(d: Draw) -> Case:
    rows = "\n".join(
        f"{c} & {d.rng.integers(100, 900) * 10:,} & {d.rng.uniform(2.6, 3.3):.2f} \\\\" for c in COUNTIES[:8]
    )
    text = f"\\documentclass[11pt]{{article}}\n\\usepackage{{booktabs}}\n% compile twice, 2 passes\n\\begin{{document}}\n\\section{{Data}} \\label{{sec:3}}\nSee Table~\\ref{{t1}} and \\cite{{lee2019}}.\n\\begin{{table}}\\caption{{Students}}\\label{{t1}}\n\\begin{{tabular}}{{lrr}}\n\\toprule\nCounty & Students & Mean GPA \\\\\n\\midrule\n{rows}\n\\bottomrule\n\\end{{tabular}}\\end{{table}}\n\\end{{document}}\n"
    return d.harmless("min_cell", "eight counties of thousands", parcel(d, "paper.tex", text))


@cases(3)
def dashboard(d: Draw) -> Case:
    small = d.turn == 2
    cards = [
        {
            "id": i,
            "title": f"{c} county",
            "students": int(d.rng.integers(100, 900)) * 5 if not (small and i == 3) else 4,
            "position": {"row": i // 4, "col": i % 4},
        }
        for i, c in enumerate(COUNTIES)
    ]
    text = as_json({"title": "Graduates", "theme": {"font": 12, "columns": 4}, "cards": cards, "refresh_seconds": 5})
    if small:
        return d.disclosive("min_cell", "a card of four students", parcel(d, "dashboard.json", text, "frequency"))
    return d.harmless("min_cell", "cards of hundreds of students", parcel(d, "dashboard.json", text, "frequency"))


@cases(2)
def nested_results(d: Draw) -> Case:
    tree = {
        c: {
            r: {"students": int(d.rng.integers(50, 400)) * 5, "mean_gpa": round(float(d.rng.uniform(2, 4)), 2)}
            for r in RACES
        }
        for c in COUNTIES[:4]
    }
    tree["Briar"]["Asian"]["students"] = [5, 8][d.turn]
    return d.disclosive(
        "min_cell", "a group of five or eight students", parcel(d, "results.json", as_json(tree), "frequency")
    )


@cases(2)
def nested_results_clean(d: Draw) -> Case:
    tree = {
        c: {
            r: {"students": int(d.rng.integers(50, 400)) * 5, "mean_gpa": round(float(d.rng.uniform(2.5, 3.5)), 2)}
            for r in RACES
        }
        for c in COUNTIES[:4]
    }
    return d.harmless(
        "min_cell", "groups of hundreds of students", parcel(d, "results.json", as_json(tree), "frequency")
    )


@cases(2)
def event_lines(d: Draw) -> Case:
    people = persons(d.rng, 60)
    lines = [
        as_json(
            {"id": p.person_id, "event": "enrolled", "date": f"2019-0{i % 9 + 1}-1{i % 9}", "school": p.school}, None
        )
        for i, p in enumerate(people.itertuples())
    ]
    return d.disclosive(
        "unit_record",
        "sixty persons' events",
        parcel(d, "events.jsonl" if d.turn else "events.txt", "\n".join(lines) + "\n"),
    )
