"""# Files: kinds that are reviewed, content that nobody sees, files that cannot be read"""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from typing import Any

import openpyxl
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from c2c_research.disclosure import check_content
from c2c_research.disclosure.findings import Status
from tests.spec.rulebook import as_dict


def found(name: str, content: bytes) -> dict[str, Any]:
    return as_dict(check_content(name, content))


def picture(text: str = "", kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    info = PngInfo()
    info.add_text("Software", "Matplotlib version3.11.2, https://matplotlib.org/")
    if text:
        info.add_text("Comment", text)
    options = {"pnginfo": info} if kind == "PNG" else {}
    Image.new("RGB", (40, 30), "white").save(buffer, kind, **options)
    return buffer.getvalue()


def workbook(**changes: Any) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["district", "students"], ["Alder", 120], ["Birch", 240]]:
        sheet.append(row)
    if changes.get("hidden_sheet"):
        book.create_sheet("raw").sheet_state = "hidden"
    if changes.get("hidden_row"):
        sheet.row_dimensions[3].hidden = True
    if changes.get("comment"):
        sheet["B2"].comment = openpyxl.comments.Comment("7 of them", "me")
    if changes.get("small"):
        sheet.append(["Cedar", 7])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def notebook(**cell: Any) -> bytes:
    code = {"cell_type": "code", "source": "1", "metadata": {}, "execution_count": 1, "outputs": []}
    return json.dumps({"cells": [code | cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.mark.parametrize(
    "name", ["model.pkl", "data.parquet", "all.zip", "model.joblib", "data.dta", "x.rds", "noending"]
)
def test_kinds_that_nobody_can_review_are_refused(name: str) -> None:
    assert set(found(name, b"anything")) == {"file_kind"}


def test_the_content_decides_and_not_the_name() -> None:
    assert set(found("t1.csv", pickle.dumps({"a": 1}))) == {"file_kind"}
    assert set(found("t1.csv", b"PAR1....PAR1")) == {"file_kind"}
    assert set(found("t1.png", b"district,n\nA,7\n")) == {"file_kind"}


def test_another_archive_with_the_name_of_a_workbook_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.csv", "a,b")
    assert set(found("t1.xlsx", buffer.getvalue())) == {"file_kind"}


def test_plain_pictures_pass() -> None:
    assert found("f.png", picture()) == {}
    assert found("f.jpg", picture(kind="JPEG")) == {}


def test_text_in_a_picture_that_is_not_drawn_fails() -> None:
    assert set(found("f.png", picture("person 1: 41250"))) == {"hidden_content"}


@pytest.mark.parametrize("name", ["f.png", "f.jpg"])
def test_bytes_behind_a_picture_fail(name: str) -> None:
    kind = "PNG" if name.endswith("png") else "JPEG"
    assert set(found(name, picture(kind=kind) + b"PK\x03\x04 rows of persons")) == {"hidden_content"}


def test_a_picture_that_is_cut_off_is_refused() -> None:
    assert set(found("f.png", picture()[:-20])) == {"unreadable"}


def test_a_plain_workbook_passes_and_its_counts_are_read() -> None:
    assert found("t1.xlsx", workbook()) == {}
    assert found("t1.xlsx", workbook(small=True)) == {"min_cell": [(2, 1)]}


@pytest.mark.parametrize("change", ["hidden_sheet", "hidden_row", "comment"])
def test_what_a_workbook_hides_fails(change: str) -> None:
    assert set(found("t1.xlsx", workbook(**{change: True}))) == {"hidden_content"}


def test_a_formula_in_a_text_cell_fails_and_signed_numbers_do_not() -> None:
    assert found("t1.csv", b'district,x\nA,"=HYPERLINK(""http://x"",""y"")"\nB,2.5\n') == {"hidden_content": [(0, 1)]}
    assert found("t1.csv", b"term,estimate\na,-1.5\nb,+2.5\n-c,3.5\n") == {}


def test_scripts_and_hidden_elements_of_a_page_fail() -> None:
    assert set(found("p.html", b"<p>ok</p><script>var d=[1,2]</script>")) == {"hidden_content"}
    assert set(found("p.html", b'<p style="display:none">41250</p>')) == {"hidden_content"}
    assert set(found("p.html", b'<img src="data:image/png;base64,AAAA">')) == {"hidden_content"}
    assert found("p.html", b"<h1>Results</h1><p>Graduation rose.</p>") == {}


def test_a_notebook_is_read_cell_by_cell() -> None:
    cells = [("th", "district", "students"), ("td", "A", "7"), ("td", "B", "70")]
    rows = [f"<tr><{tag}>{key}</{tag}><{tag}>{value}</{tag}></tr>" for tag, key, value in cells]
    html = f"<table>{''.join(rows)}</table>"
    output = {"output_type": "execute_result", "data": {"text/html": html, "text/plain": "x"}, "metadata": {}}
    report = check_content("n.ipynb", notebook(outputs=[output]))
    assert [(finding.rule, finding.where) for finding in report.findings] == [("min_cell", "cell 1")]


def test_attachments_and_scripts_of_a_notebook_fail() -> None:
    assert set(found("n.ipynb", notebook(attachments={"a.png": {}}))) == {"hidden_content"}
    script = {"output_type": "display_data", "data": {"application/javascript": "1"}, "metadata": {}}
    assert set(found("n.ipynb", notebook(outputs=[script]))) == {"hidden_content"}


def test_a_stream_of_a_notebook_is_read() -> None:
    stream = {
        "output_type": "stream",
        "name": "stdout",
        "text": "  district  students\n0    Alder       120\n1    Birch         7\n",
    }
    assert set(found("n.ipynb", notebook(outputs=[stream]))) == {"min_cell"}


def test_a_file_of_an_accepted_kind_that_is_damaged_does_not_pass() -> None:
    for name, content in [("a.json", b"{"), ("n.ipynb", b"{}"), ("t.xlsx", b"PK\x03\x04broken")]:
        assert check_content(name, content).status is Status.FAIL


def test_an_empty_file_passes_with_nothing_in_it() -> None:
    assert found("t1.csv", b"") == {}
