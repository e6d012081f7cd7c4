"""# Hidden content: what a program finds in a file and a reader of it does not see

Files here are made by the libraries that researchers use. What those libraries write of themselves (names of programs,
times, kernels) is quiet.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import nbformat
import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from c2c_research.disclosure import check_content
from tests.spec.rulebook import as_dict

Change = Callable[[Any, Any], Any]


def kinds(name: str, content: bytes) -> set[str]:
    return set(as_dict(check_content(name, content)))


# ------------------------------------------------------------- workbooks


def workbook(change: Change = lambda book, sheet: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["district", "students"], ["Alder", 120], ["Birch", 240], ["Cedar", 310]]:
        sheet.append(row)
    change(book, sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cell(sheet: Any, place: str, value: Any, **style: Any) -> None:
    sheet[place] = value
    for name, given in style.items():
        setattr(sheet[place], name, given)


def sheet_named(book: Any, state: str) -> None:
    book.create_sheet("raw").append(["person", 41250])
    book["raw"].sheet_state = state


HIDING_WORKBOOKS: dict[str, Change] = {
    "a hidden sheet": lambda book, sheet: sheet_named(book, "hidden"),
    "a very hidden sheet": lambda book, sheet: sheet_named(book, "veryHidden"),
    "a hidden row": lambda book, sheet: setattr(sheet.row_dimensions[3], "hidden", True),
    "a row of no height": lambda book, sheet: setattr(sheet.row_dimensions[3], "height", 0.5),
    "a hidden column": lambda book, sheet: setattr(sheet.column_dimensions["B"], "hidden", True),
    "a column of no width": lambda book, sheet: setattr(sheet.column_dimensions["B"], "width", 0.1),
    "a comment": lambda book, sheet: setattr(sheet["B2"], "comment", Comment("7 of them", "me")),
    "a format that shows nothing": lambda book, sheet: cell(sheet, "H9", 41250, number_format=";;;"),
    "white letters": lambda book, sheet: cell(sheet, "H9", 41250, font=Font(color="FFFFFFFF")),
    "letters of no size": lambda book, sheet: cell(sheet, "H9", 41250, font=Font(size=1)),
    "a hidden name": lambda book, sheet: book.defined_names.add(DefinedName("x", attr_text="Sheet!$B$2", hidden=True)),
    "a name that holds values": lambda book, sheet: book.defined_names.add(DefinedName("x", attr_text="{7,3,12}")),
    "a description with data": lambda book, sheet: setattr(book.properties, "description", "Alder: 7; Birch: 3"),
}


@pytest.mark.parametrize("change", HIDING_WORKBOOKS.values(), ids=HIDING_WORKBOOKS.keys())
def test_what_a_workbook_hides_fails(change: Change) -> None:
    assert "hidden_content" in kinds("t.xlsx", workbook(change))


def dressed(book: Any, sheet: Any) -> None:
    """What ordinary workbooks have: a title, an author, a dark header with white letters, unused hidden columns."""
    book.properties.title, book.properties.creator = "Table 2. Graduation by district, 2019-20", "Institute, 2026"
    cell(sheet, "A1", "district", font=Font(color="FFFFFFFF", bold=True), fill=PatternFill("solid", fgColor="FF1F4E78"))
    sheet.column_dimensions["K"].hidden = True
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    book.defined_names.add(DefinedName("counts", attr_text="Sheet!$B$2:$B$4"))


def test_what_ordinary_workbooks_carry_is_quiet() -> None:
    assert kinds("t.xlsx", workbook(dressed)) == set()


def repacked(content: bytes, added: dict[str, bytes], comment: bytes = b"") -> bytes:
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, body in added.items():
            archive.writestr(name, body)
        archive.comment = comment
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name",
    ["xl/externalLinks/externalLink1.xml", "xl/pivotCache/pivotCacheRecords1.xml", "xl/embeddings/a.bin",
     "xl/vbaProject.bin", "xl/media/image1.png", "customXml/item1.xml", "rows.csv", "xl/data.xml"],
)  # fmt: skip
def test_parts_of_a_workbook_that_no_sheet_shows_fail(name: str) -> None:
    assert kinds("t.xlsx", repacked(workbook(), {name: b"<x>7</x>"})) == {"hidden_content"}


def test_bytes_around_the_parts_of_a_workbook_fail() -> None:
    assert kinds("t.xlsx", repacked(workbook(), {}, b"Alder 7")) == {"hidden_content"}
    assert kinds("t.xlsx", workbook() + b"Alder 7") == {"hidden_content"}
    inner = repacked(b"", {"rows.csv": b"person,wage"})
    assert kinds("t.xlsx", inner + workbook()) == {"hidden_content"}


def test_a_value_under_a_merged_cell_fails() -> None:
    content = workbook(lambda book, sheet: sheet.merge_cells("D1:E1"))
    text = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target, zipfile.ZipFile(io.BytesIO(content)) as source:
        for info in source.infolist():
            body = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                at = text.index("</row>")
                body = f'{text[:at]}<c r="E1"><v>41250</v></c>{text[at:]}'.encode()
            target.writestr(info.filename, body)
    assert kinds("t.xlsx", buffer.getvalue()) == {"hidden_content"}


def test_a_merged_key_stands_in_each_of_its_lines() -> None:
    def merged(book: Any, sheet: Any) -> None:
        sheet.delete_rows(1, 9)
        for row in [["county", "race", "students"], ["Alpine", "A", 120], [None, "B", 7], ["Butte", "A", 98]]:
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    assert as_dict(check_content("t.xlsx", workbook(merged))) == {"min_cell": [(1, 2)]}


def test_formulas_without_values_are_looked_at() -> None:
    report = check_content("t.xlsx", workbook(lambda book, sheet: cell(sheet, "B5", "=SUM(B2:B4)")))
    assert [(finding.rule, finding.status.word) for finding in report.findings] == [("unreadable", "review")]


# ------------------------------------------------------------- pictures


def picture(kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((61, 47), 60).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


def exif(**tags: str) -> Image.Exif:
    made = Image.Exif()
    made[0x0131], made[0x0132], made[0x010F] = "Adobe Photoshop 24.1 (Windows)", "2026:11:20 10:11:12", "Canon"
    if "description" in tags:
        made[0x010E] = tags["description"]
    return made


def test_what_programs_write_into_pictures_is_quiet() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    info = PngInfo()
    info.add_text("Software", "Matplotlib version3.11.2, https://matplotlib.org/")
    info.add_text("Title", "Figure 3. Graduation by county, 2019-20", zip=True)
    info.add_itxt("Author", "José García")
    assert kinds("f.png", picture(pnginfo=info, exif=exif(), dpi=(300, 300), icc_profile=profile)) == set()
    remark = b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90"
    assert kinds("f.jpg", picture("JPEG", exif=exif(), icc_profile=profile, comment=remark)) == set()
    assert kinds("f.jpg", picture("JPEG", progressive=True)) == set()


def test_words_with_data_in_a_picture_fail() -> None:
    info = PngInfo()
    info.add_text("Title", "Alder 7, Birch 3", zip=True)
    assert kinds("f.png", picture(pnginfo=info)) == {"hidden_content"}
    for kind, name in (("PNG", "f.png"), ("JPEG", "f.jpg")):
        assert kinds(name, picture(kind, exif=exif(description="person 481920331: 41250"))) == {"hidden_content"}
    assert kinds("f.jpg", picture("JPEG", comment=b"Alder 7")) == {"hidden_content"}


def test_a_second_picture_behind_the_first_fails() -> None:
    assert kinds("f.jpg", picture("JPEG") + picture("JPEG")) == {"hidden_content"}
    assert kinds("f.png", picture() + picture()) == {"hidden_content"}


def test_pixels_behind_the_last_line_fail() -> None:
    content = picture()
    header = content[12:16] + content[16:20] + (20).to_bytes(4, "big") + content[24:29]
    cut = content[:12] + header + zlib.crc32(header).to_bytes(4, "big") + content[33:]
    assert kinds("f.png", cut) == {"hidden_content"}


# ------------------------------------------------------------- pages and texts


@pytest.mark.parametrize("remark", ["table 1", "begin section 2.3", "Generated by pandas 2.1.0 on 2026-11-20 10:11",
                                    "end of col-md-6", "Figure 2: by year, 2019-20", "[if lt IE 9]"])  # fmt: skip
def test_ordinary_comments_are_quiet(remark: str) -> None:
    assert kinds("p.html", f"<p>Graduation rose.</p><!-- {remark} -->".encode()) == set()
    assert kinds("p.md", f"# Results\n\n<!-- {remark} -->\n\nGraduation rose.\n".encode()) == set()


@pytest.mark.parametrize("remark", ["n=7", "Alder,7\nBirch,12", "person 481920331 earned 41250.55", "x" * 700])
def test_comments_with_data_fail(remark: str) -> None:
    assert kinds("p.html", f"<p>Graduation rose.</p><!-- {remark} -->".encode()) == {"hidden_content"}
    assert kinds("p.md", f"# Results\n\n<!-- {remark} -->\n\nGraduation rose.\n".encode()) == {"hidden_content"}


@pytest.mark.parametrize("element", [
    '<p style="display: none">41250</p>', '<p style="color:#fff">41250</p>', '<p style="font-size:0">41250</p>',
    '<p style="position:absolute;left:-9999px">41250</p>', "<p hidden>41250</p>",
    "<style>.raw {display:none}</style><p class=raw>41250</p>",
    '<p data-rows="[[481920331, 41250], [552010338, 39120], [1, 2]]">Results</p>',
    '<input type="hidden" value="41250">',
])  # fmt: skip
def test_elements_that_are_not_shown_fail(element: str) -> None:
    assert kinds("p.html", f"<h1>Results</h1>{element}".encode()) == {"hidden_content"}


def test_styles_of_ordinary_pages_are_quiet() -> None:
    page = (
        '<head><meta name="viewport" content="width=device-width, initial-scale=1.0"><style>.menu{display:none}'
        'th{background:#123;color:#fff}</style></head><p style="color:#fff;background:#123">Results</p>'
    )
    assert kinds("p.html", page.encode()) == set()


def test_code_in_a_text_is_no_script() -> None:
    assert kinds("p.md", b"# How\n\n```html\n<script>go()</script>\n```\n\nUse `<iframe>` rarely.\n") == set()


def test_cells_over_several_lines_and_columns_of_a_page_stand_in_each() -> None:
    page = (
        "<table><tr><th colspan=3>Table 1. Students by county</th></tr><tr><th>county</th><th>race</th>"
        "<th>students</th></tr><tr><td rowspan=2>Alpine</td><td>A</td><td>120</td></tr><tr><td>B</td><td>7</td></tr>"
        "<tr><td>Butte</td><td>A</td><td>98</td></tr></table>"
    )
    assert as_dict(check_content("p.html", page.encode())) == {"min_cell": [(1, 2)]}


def test_characters_without_width_that_carry_data_fail_and_single_ones_do_not() -> None:
    secret = "".join("\u200b" if bit == "0" else "\u200c" for bit in f"{41250:020b}")
    assert "hidden_content" in kinds("t.csv", f"district,students\nAlder{secret},120\nBirch,240\n".encode())
    assert "hidden_content" in kinds("t.txt", "Results for Alder \u202e41250\u202c".encode())
    assert kinds("t.csv", "district,students\nAl\u200dder,120\nBirch,240\n".encode()) == set()


def test_a_count_between_characters_without_width_is_read() -> None:
    assert as_dict(check_content("t.csv", "district,students\nAlder,120\nBirch,\u200b7\n".encode())) == {
        "min_cell": [(1, 1)]
    }
    assert as_dict(check_content("t.csv", "district,students\nAlder,120\nBirch,\uff17\n".encode())) == {
        "min_cell": [(1, 1)]
    }


def test_a_name_that_stands_twice_in_json_fails() -> None:
    assert "hidden_content" in kinds("t.json", b'{"title": "Results", "title": "raw rows"}')


def test_programs_are_texts() -> None:
    assert kinds("a.sas", b"proc freq data=work.a; tables sector*cohort; run;\n") == set()
    assert kinds("a.jl", b"using CSV\nx = mean(df.wage)\n") == set()


# ------------------------------------------------------------- notebooks


def notebook(change: Callable[[Any], Any] = lambda book: None) -> bytes:
    book = nbformat.v4.new_notebook()
    book.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book.metadata.language_info = {"name": "python", "version": "3.11.4"}
    output = nbformat.v4.new_output("stream", text="done\n")
    cell_ = nbformat.v4.new_code_cell("fit()", outputs=[output], execution_count=1)
    cell_.metadata.execution = {"iopub.execute_input": "2026-11-20T10:11:12.123456Z"}
    book.cells = [nbformat.v4.new_markdown_cell("# Results"), cell_]
    change(book)
    return nbformat.writes(book).encode()


HIDING_NOTEBOOKS: dict[str, Callable[[Any], Any]] = {
    "an attachment": lambda book: book.cells[0].update(attachments={"a.png": {"image/png": "AAAA"}}),
    "widget state": lambda book: book.metadata.update(widgets={"x": {"state": {}}}),
    "properties with data": lambda book: book.metadata.update(rows=[[481920331, 41250]]),
    "a cell's properties with data": lambda book: book.cells[1].metadata.update(rows=[[481920331, 41250]]),
    "a folded output": lambda book: book.cells[1].metadata.update(jupyter={"outputs_hidden": True}),
    "an output that is not shown": lambda book: book.cells[1].outputs.append(
        nbformat.v4.new_output("display_data", data={"application/json": {"a": 7}})
    ),
}


@pytest.mark.parametrize("change", HIDING_NOTEBOOKS.values(), ids=HIDING_NOTEBOOKS.keys())
def test_what_a_notebook_hides_fails(change: Callable[[Any], Any]) -> None:
    assert "hidden_content" in kinds("n.ipynb", notebook(change))


def test_what_jupyter_writes_into_notebooks_is_quiet() -> None:
    assert kinds("n.ipynb", notebook()) == set()


def test_a_printed_twin_that_says_more_than_the_shown_table_is_read() -> None:
    shown = "<table><tr><th>district</th><th>students</th></tr><tr><td>Alder</td><td>120</td></tr></table>"
    printed = "  district  students\n0    Alder       120\n1    Birch         7\n"
    output = nbformat.v4.new_output("execute_result", data={"text/html": shown, "text/plain": printed})
    assert "min_cell" in kinds("n.ipynb", notebook(lambda book: book.cells[1].outputs.append(output)))


# ------------------------------------------------------------- two files in one


def archive() -> bytes:
    return repacked(b"", {"rows.csv": b"person,wage\n1,41250\n"})


@pytest.mark.parametrize(("name", "content"), [
    ("f.png", picture() + archive()), ("f.jpg", picture("JPEG") + archive()), ("f.png", picture() + b"%PDF-1.4 %%EOF"),
    ("f.jpg", picture("JPEG", comment=b"<script>go()</script>")), ("t.csv", b"a,b\n%PDF-1.4,2\n%%EOF,3\n"),
    ("t.csv", b"<html><body>rows</body></html>"), ("t.txt", b"<!DOCTYPE html><p>rows</p>"),
    ("t.json", b'{"a": "%PDF-1.4"}'),
])  # fmt: skip
def test_a_file_that_is_a_second_file_at_once_fails(name: str, content: bytes) -> None:
    assert any("second file" in finding.message for finding in check_content(name, content).findings)


@pytest.mark.parametrize("content", [b"GIF89a,b\n1,2", b"\x7fELF\x02\x01\x01", b"MZ\x90\x00", b"%PDF-1.4",
                                     b"{\\rtf1 x}", b"a,b\n1,2\n" + archive(), b"%!PS-Adobe"])  # fmt: skip
@pytest.mark.parametrize("name", ["t.csv", "t.txt", "t.md", "t.json", "t.html", "t.tex", "a.py"])
def test_another_kind_under_the_name_of_a_text_is_refused(name: str, content: bytes) -> None:
    assert kinds(name, content) == {"file_kind"}


def test_the_place_where_a_picture_was_taken_fails() -> None:
    block = Image.Exif()
    block.get_ifd(0x8825).update({1: "N", 2: (38.0, 34.0, 53.1), 3: "W", 4: (121.0, 29.0, 40.2)})
    assert kinds("photo.jpg", picture("JPEG", exif=block.tobytes())) == {"hidden_content"}


def test_codes_of_persons_in_a_comment_fail() -> None:
    def remark(text: str) -> Change:
        return lambda book, sheet: setattr(sheet["B2"], "comment", Comment(text, "ben"))

    assert kinds("t1.xlsx", workbook(remark("students S40112233 and S40112891"))) == {"hidden_content"}
    assert kinds("t1.xlsx", workbook(remark("compare with IMG_20190412 and with last year"))) == set()
