"""Layouts and words of health, wage, credential and student-aid offices: wide, long, percent-only, masked, linked, in prose."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from PIL import Image, PngImagePlugin

from tests.corpus.case import Case, Draw
from tests.corpus.fourth.twins import csv, html, large, one, pipe, small, twins

SEXES, YEARS = ["Female", "Male"], [2021, 2022, 2023]
SERVICES = ["Case management", "Respite care", "Outpatient therapy", "Residential treatment"]


def _workbook(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _several(draw: Draw, bad: bool, rules: str, why: str, files: dict[str, str], **rest: Any) -> Case:
    data = {name: text.encode() for name, text in files.items()}
    if draw.sidecar:
        data |= {f"{n.rsplit('.', 1)[0]}.context.yaml": json.dumps({"table": n, "kind": "frequency"} | rest).encode() for n in files}  # fmt: skip
    return (draw.disclosive if bad else draw.harmless)(rules, why, data)


@twins
def two_headers(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["Service", "2022", "", "2023", ""], ["", *SEXES, *SEXES]]
    rows += [[s, *(large(draw) for _ in range(4))] for s in SERVICES]
    if bad:
        rows[3][2] = small(draw)
    return one(draw, bad, "min_cell", "a handful of clients", "services.csv", "Clients served\n" + csv(rows), kind="frequency", counts="cells")  # fmt: skip


@twins
def long_measures(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["year", "service", "measure", "value"]]
    for year in YEARS:
        for service in SERVICES:
            n = small(draw) if bad and (year, service) == (2022, "Respite care") else large(draw)
            rows += [[year, service, "clients", n], [year, service, "avg_visits", round(draw.rng.uniform(2, 9), 1)]]
    return one(draw, bad, "min_cell", "a handful of clients", "long.csv", csv(rows))


@twins
def percent_only_with_bases(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["Institution type", "Pell recipients (%)", "Base (students)"]]
    for kind in ("University", "Community college", "Trade school"):
        base = 84 if bad and kind == "Trade school" else large(draw, 600, 2000)
        rows.append([kind, "4.8" if base == 84 else f"{draw.rng.uniform(30, 60):.1f}", base])
    return one(draw, bad, "rate", "4.8 percent of 84 students are 4", "pell.md", pipe(rows), kind="rates", counts="Base (students)")  # fmt: skip


@twins
def all_of_a_group(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["Group", "Youth", "On Medicaid (%)"], ["Foster care", 46, "100.0" if bad else "58.7"]]
    rows += [["Kinship care", 212, "71.2"], ["Group home", 98, "66.3"]]
    return one(draw, bad, "group", "every foster youth has the attribute", "foster.csv", csv(rows), kind="rates", counts="Youth")  # fmt: skip


@twins
def zero_one_mean(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["program", "n", "mean_incarcerated"], ["A", 64, "1.000" if bad else "0.391"]]
    rows += [["B", 140, "0.407"], ["C", 221, "0.317"]]
    return one(draw, bad, "group", "all persons of a program share the attribute", "means.csv", csv(rows), kind="summary", counts="n")  # fmt: skip


@twins
def masked_once(draw: Draw, bad: bool) -> Case:
    mark = draw.pick(["*", "<11", "s", "--", "(D)", "suppressed"])
    a, b, c, d, e = (large(draw) for _ in range(5))
    x = small(draw)
    if bad:
        rows: list[list[Any]] = [["Service", "Female", "Male", "Total"], ["Respite", mark, a, a + x], ["Therapy", b, c, b + c], ["Total", b + x, a + c, a + b + c + x]]  # fmt: skip
    else:
        rows = [["Service", "Female", "Male", "Total"], ["Respite", mark, mark, a + x], ["Therapy", mark, mark, b + c], ["Housing", d, e, d + e],
                ["Total", b + x + d, a + c + e, a + b + c + d + e + x]]  # fmt: skip
    return one(draw, bad, "secondary", "row and column give the hidden cell", "masked.csv", csv(rows), kind="frequency", rows=["Service"], counts="cells",
               totals={"rows": "Total", "columns": "Total"}, suppressed=[mark])  # fmt: skip


@twins
def hidden_here_total_there(draw: Draw, bad: bool) -> Case:
    a, b, x, y = large(draw), large(draw), small(draw), large(draw)
    first = csv([["award", "students"], ["Certificate", a], ["Associate", b], ["Apprenticeship", "<11"]] + ([] if bad else [["Bachelor", "*"]]))  # fmt: skip
    second = csv([["award", "students"], ["All awards", a + b + x + (0 if bad else y)]])
    return _several(draw, bad, "secondary", "the total of another file gives the hidden cell", {"awards.csv": first, "all_awards.csv": second},
                    counts="students", population="students of 2023", suppressed=["<11", "*"])  # fmt: skip


@twins
def with_and_without(draw: Draw, bad: bool) -> Case:
    values = [large(draw) for _ in SERVICES]
    less = [v - (int(draw.rng.integers(2, 6)) if bad and i == 1 else 0 if bad else int(draw.rng.integers(20, 60))) for i, v in enumerate(values)]  # fmt: skip
    files = {"all_clients.csv": csv([["service", "clients"], *map(list, zip(SERVICES, values, strict=True))]),
             "without_veterans.csv": csv([["service", "clients"], *map(list, zip(SERVICES, less, strict=True))])}  # fmt: skip
    return _several(
        draw, bad, "differencing", "the difference is a handful of veterans", files, counts="clients", rows=["service"]
    )


@twins
def rounding_claim(draw: Draw, bad: bool) -> Case:
    rows: list[list[Any]] = [["Credential", "Holders"], *([s, 5 * large(draw, 20, 200)] for s in ("Welding", "Nursing", "Coding", "Culinary"))]  # fmt: skip
    if bad:
        rows[2][1] += 2
    text = pipe(rows) + "\nNote: all counts are rounded to the nearest 5.\n"
    return one(draw, bad, "rounding", "a count that is no multiple of 5", "holders.md", text, kind="frequency", counts="Holders", rounding={"base": 5})  # fmt: skip


@twins
def largest_employer(draw: Draw, bad: bool) -> Case:
    rows = [["Industry", "Employers", "Total wages ($)", "Largest employer's share"]]
    rows += [["Mining", "9", "4,210,000", "88%" if bad else "31%"], ["Retail", "240", "91,400,000", "7%"], ["Hospitals", "38", "77,900,000", "19%"]]  # fmt: skip
    return one(draw, bad, "dominance", "one employer has 88 % of the wages", "wages.tsv", csv(rows, "\t"), kind="magnitude", counts="Employers")  # fmt: skip


@twins
def few_employers(draw: Draw, bad: bool) -> Case:
    rows = [["industry", "employers", "workers", "total_wages"], ["Mining", 2 if bad else 14, 410, 5120000]]
    rows += [["Retail", 212, 3910, 88300000], ["Hospitals", 37, 5230, 142000000]]
    return one(draw, bad, "dominance min_cell", "wages of two employers", "employers.csv", csv(rows), kind="magnitude", counts="workers")  # fmt: skip


@twins
def tail_quantiles(draw: Draw, bad: bool) -> Case:
    rows = [["county", "n", "p10", "p50", "p90"], ["Lake", 48 if bad else 480, 312, 705, 1210]]
    rows += [["Kern", 1900, 298, 688, 1330], ["Yolo", 730, 325, 721, 1290]]
    return one(draw, bad, "order_statistic", "the tenth percentile of 48 persons rests on 4", "wageq.csv", csv(rows), kind="summary", counts="n")  # fmt: skip


@twins
def memo(draw: Draw, bad: bool) -> Case:
    text = (f"To: Program director\nSubject: TANF exits\n\nIn 2023 {large(draw)} families left the program. "
            + (f"Of the 37 families in Colusa, {small(draw)} were sanctioned." if bad else f"Of the {large(draw, 2000, 3000):,} families in Fresno, 412 were sanctioned.")
            + "\nThe average stay fell by 12 days between 2021 and 2023.\n")  # fmt: skip
    return one(draw, bad, "min_cell", "a handful of families in a sentence", "memo.txt", text)


@twins
def roster(draw: Draw, bad: bool) -> Case:
    if bad:
        names = [("Maria Lopez", "1988-04-12"), ("John Petersen", "1991-11-03"), ("Aisha Khan", "1979-07-22"), ("Tom Becker", "1984-01-30")]  # fmt: skip
        rows: list[list[Any]] = [["client", "birth_date", "service"], *([n, d, "Respite care"] for n, d in names)]
    else:
        rows = [["case_manager_office", "clients", "avg_caseload"], ["North", 312, 24.1], ["South", 287, 22.8]]
    return one(draw, bad, "identifier unit_record", "names beside dates of birth", "roster.csv", csv(rows))


@twins
def ids_in_code(draw: Draw, bad: bool) -> Case:
    lines = ["import pandas as pd", "d = pd.read_parquet('claims.parquet')"]
    lines += ['drop = ["536-22-8726", "219-09-1423", "402-31-7788"]', "d = d[~d.ssn.isin(drop)]"] if bad else ["d = d[d.year.between(2019, 2023)]"]  # fmt: skip
    return one(draw, bad, "identifier", "social security numbers in a program", "clean.py", "\n".join([*lines, "print(d.groupby('county').size())"]))  # fmt: skip


@twins
def pseudonym_rows(draw: Draw, bad: bool) -> Case:
    if bad:
        rows = [["pid", "term", "units", "gpa"], *([f"{draw.rng.integers(16**12):012x}", "2023FA", int(draw.rng.integers(6, 18)), round(draw.rng.uniform(1.5, 4), 2)] for _ in range(25))]  # fmt: skip
    else:
        rows = [
            ["term", "students", "avg_units", "avg_gpa"],
            ["2022FA", 8120, 11.2, 2.91],
            ["2023FA", 8344, 11.4, 2.94],
        ]
    return one(draw, bad, "unit_record", "one row a student under a pseudonym", "terms.csv", csv(rows))


@twins
def hidden_sheet(draw: Draw, bad: bool) -> Case:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Service", "Clients"], *([s, large(draw)] for s in SERVICES)]:
        sheet.append(row)
    other = book.create_sheet("Notes")
    other.append(["Source", "Case system, 2023"])
    if bad:
        raw = book.create_sheet("raw")
        raw.sheet_state = "veryHidden"
        for i in range(20):
            raw.append([f"C{1000 + i}", int(draw.rng.integers(18, 70)), SERVICES[i % 4]])
    return one(draw, bad, "hidden_content", "a very hidden sheet of clients", "services.xlsx", _workbook(book), kind="frequency", counts="Clients")  # fmt: skip


@twins
def comment_or_group(draw: Draw, bad: bool) -> Case:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Credential", "Earners"], ["Nursing", large(draw)], ["Welding", large(draw)], ["Coding", large(draw)]]:
        sheet.append(row)
    if bad:
        sheet["B3"].comment = Comment("3 of these are M. Alvarez, J. Ortiz and K. Lam", "analyst")
    else:
        sheet.freeze_panes = "A2"
    return one(draw, bad, "hidden_content", "a comment names persons", "earners.xlsx", _workbook(book), kind="frequency", counts="Earners")  # fmt: skip


@twins
def page_with_script(draw: Draw, bad: bool) -> Case:
    rows = [["Service", "Clients"], *([s, large(draw)] for s in SERVICES)]
    raw = json.dumps([{"id": 4000 + i, "age": int(draw.rng.integers(18, 80)), "dx": "F32"} for i in range(15)])
    text = f"<html><body>{html(rows)}" + (f"<script type='application/json'>{raw}</script>" if bad else "<p>Source: case system</p>")  # fmt: skip
    return one(draw, bad, "hidden_content", "client records in a script", "page.html", text + "</body></html>")


@twins
def picture_chunk(draw: Draw, bad: bool) -> Case:
    info, out = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("Software", "Matplotlib version3.9.2, https://matplotlib.org/")
    if bad:
        info.add_text("Data", "client,age,dx\n" + "\n".join(f"{4000 + i},{20 + i},F32" for i in range(30)))
    Image.new("RGB", (160, 90), (240, 240, 240)).save(out, "PNG", pnginfo=info)
    return one(draw, bad, "hidden_content", "client records in a text chunk", "plot.png", out.getvalue())


@twins
def serialised(draw: Draw, bad: bool) -> Case:
    if bad:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("model/data.pkl", b"\x80\x04K\x01.")
        return one(draw, bad, "file_kind", "a serialised model", "model.pt" if draw.turn else "model.zip", out.getvalue())  # fmt: skip
    return one(draw, bad, "file_kind", "", "README.md", "# Aid study\n\nTables 1 to 4 were made with pandas 2.2 from the 2023 extract.\n")  # fmt: skip


@twins
def nested_json(draw: Draw, bad: bool) -> Case:
    tree = {str(y): {s: {"clients": large(draw)} for s in SERVICES} for y in YEARS}
    if bad:
        tree["2022"]["Respite care"]["clients"] = small(draw)
    return one(draw, bad, "min_cell", "a handful of clients", "nested.json", json.dumps(tree, indent=2))


@twins
def cut_short(draw: Draw, bad: bool) -> Case:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Service", "Clients"], *([s, large(draw)] for s in SERVICES)]:
        sheet.append(row)
    data = _workbook(book)
    return one(draw, bad, "unreadable", "half a workbook", "half.xlsx", data[: len(data) // 2] if bad else data, kind="frequency", counts="Clients")  # fmt: skip
