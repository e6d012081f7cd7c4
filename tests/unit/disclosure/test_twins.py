"""Stripped twins: what is visible stays, what was hidden is gone."""

from __future__ import annotations

import io

import openpyxl
import pytest

from c2c_research.disclosure import check_content
from c2c_research.disclosure.twins import stripped
from tests.spec.test_figures import HIDDEN_IN_SVG, PLAIN, bars, drawn
from tests.spec.test_files import notebook, picture, workbook

HIDING = {
    "t.xlsx": workbook(hidden_sheet=True, hidden_row=True, comment=True),
    "f.png": picture("person 1: 41250") + b"PK\x03\x04 rows",
    "f.jpg": picture(kind="JPEG") + b"rows of persons",
    "t.csv": b'district,x\nA,"=HYPERLINK(""http://x"",""y"")"\nB,2.5\n',
    "p.html": b"<p>Graduation rose.</p><script>var d=[1,2]</script>",
    "n.ipynb": notebook(attachments={"a.png": {}}),
    "s.svg": PLAIN.format(HIDDEN_IN_SVG["a script"]).encode(),
}


@pytest.mark.parametrize("name", HIDING)
def test_a_twin_hides_nothing(name: str) -> None:
    def hidden(content: bytes) -> bool:
        return any(finding.rule == "hidden_content" for finding in check_content(name, content).findings)

    assert hidden(HIDING[name])
    twin = stripped(name, HIDING[name])
    assert twin is not None and not hidden(twin)


def test_a_workbooks_twin_keeps_the_values_that_were_shown() -> None:
    twin = stripped("t.xlsx", HIDING["t.xlsx"])
    assert twin is not None
    book = openpyxl.load_workbook(io.BytesIO(twin))
    assert [[cell.value for cell in row] for row in book.active] == [["district", "students"], ["Alder", 120]]


def test_what_a_page_and_a_figure_say_stays() -> None:
    assert b"Graduation rose." in (stripped("p.html", HIDING["p.html"]) or b"")
    assert b"Graduation" in (stripped("s.svg", HIDING["s.svg"]) or b"")


def test_a_pdf_has_no_twin_and_neither_has_what_cannot_be_read() -> None:
    assert stripped("f.pdf", drawn("pdf", bars)) is None
    assert stripped("t.xlsx", b"PK\x03\x04broken") is None
