"""What a researcher uploads is shown and never run."""

from __future__ import annotations

import io
import json
import zlib

import openpyxl
import pytest
from PIL import Image, PngImagePlugin

from output_review.render import render

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def _png(**text: str) -> bytes:
    extra = PngImagePlugin.PngInfo()
    for key, value in text.items():
        extra.add_text(key, value)
    stream = io.BytesIO()
    Image.new("RGB", (8, 6), "white").save(stream, "PNG", pnginfo=extra)
    return stream.getvalue()


def _notebook(*outputs: dict[str, object]) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": [ATTACK], "outputs": list(outputs)}]}).encode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", f"a,b\n{ATTACK},2\n".encode()),
        ("t.tsv", f"a\tb\n{ATTACK}\t2\n".encode()),
        ("t.html", ATTACK.encode()),
        ("t.svg", f"<svg onload=alert(1)>{ATTACK}</svg>".encode()),
        ("t.md", ATTACK.encode()),
        ("t.py", ATTACK.encode()),
        ("t.png", ATTACK.encode()),
        ("t.jpg", b"\xff\xd8" + ATTACK.encode()),
        ("t.xlsx", ATTACK.encode()),
        ("t.ipynb", _notebook({"output_type": "display_data", "data": {"text/html": [ATTACK]}})),
        ("t.ipynb", _notebook({"output_type": "stream", "text": ATTACK})),
        ("t.ipynb", _notebook({"output_type": "display_data", "data": {"image/svg+xml": ATTACK, ATTACK: "x"}})),
        ("t.ipynb", _notebook({"output_type": "error", "ename": ATTACK, "evalue": ATTACK})),
        ("t.ipynb", ATTACK.encode()),
        (f"{ATTACK}.csv", b"a\n1\n"),
    ],
)
def test_markup_in_a_file_is_text_on_the_screen(name: str, data: bytes) -> None:
    html = render(name, data, [{"status": "fail", "message": ATTACK, "where": "", "cells": [[0, 0]]}])
    assert "<script" not in html and "<img src=x" not in html and "<svg" not in html


def test_flagged_cells_are_marked_in_words_with_their_finding() -> None:
    finding = {"status": "fail", "message": "A count below 11.", "where": "", "cells": [[1, 1]]}
    html = render("t.csv", b"district,n\nA,25\nB,3\n", [finding])
    assert "FAIL" in html and "A count below 11." in html
    assert html.count("review-cell--fail") == 1


def test_a_flagged_row_is_shown_however_long_the_table() -> None:
    data = b"n\n" + b"25\n" * 2000
    html = render("t.csv", data, [{"status": "review", "message": "Look.", "where": "", "cells": [[1999, 0]]}])
    assert "REVIEW" in html and "rows without findings" in html


def test_a_picture_is_rebuilt_without_what_hides_in_it() -> None:
    secret = "ssn=123-45-6789"
    html = render("f.png", _png(Comment=secret) + b"trailing" + secret.encode())
    assert 'src="data:image/png;base64,' in html
    import base64

    shown = base64.b64decode(html.split("base64,")[1].split('"')[0])
    assert secret.encode() not in shown
    assert Image.open(io.BytesIO(shown)).size == (8, 6)


def test_a_photograph_is_rebuilt_too() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 6), "white").save(stream, "JPEG", comment=b"secret")
    html = render("f.jpg", stream.getvalue())
    import base64

    shown = base64.b64decode(html.split("base64,")[1].split('"')[0])
    assert b"secret" not in shown and Image.open(io.BytesIO(shown)).size == (8, 6)


def test_a_picture_of_impossible_size_is_not_shown() -> None:
    head = (100_000).to_bytes(4) + (100_000).to_bytes(4) + b"\x08\x02\x00\x00\x00"
    chunk = len(head).to_bytes(4) + b"IHDR" + head + zlib.crc32(b"IHDR" + head).to_bytes(4)
    assert "<img" not in render("f.png", b"\x89PNG\r\n\x1a\n" + chunk)


def test_a_workbook_shows_every_sheet_and_its_formulas() -> None:
    book = openpyxl.Workbook()
    book.active.append(["district", "n"])
    book.active.append(["Alpine", 25])
    book.create_sheet("more").append(["x", "=1+1"])
    stream = io.BytesIO()
    book.save(stream)
    html = render("t.xlsx", stream.getvalue())
    assert "Alpine" in html and "25" in html and "formula: =1+1" in html


def test_a_file_that_does_not_read_says_so() -> None:
    assert "Do not release what you cannot see" in render("t.xlsx", b"\x00\x01")


def test_notebooks_show_cells_and_pictures() -> None:
    import base64

    picture = base64.b64encode(_png()).decode()
    html = render("n.ipynb", _notebook({"output_type": "display_data", "data": {"image/png": picture}}))
    assert "Cell 1 (code)" in html and "data:image/png" in html
