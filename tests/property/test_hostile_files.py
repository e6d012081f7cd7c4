"""Whatever bytes are submitted, the engine answers with a verdict and never crashes."""

from __future__ import annotations

import io
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pypdf import PdfWriter

from c2c_research.disclosure.engine import check_content
from c2c_research.disclosure.findings import Status
from c2c_research.disclosure.policy import load_pack
from tests.scale import examples

PACK = load_pack("enclave-default")
CSV = b"district,students,rate\nAlder,1200,54.2%\nBirch,7,61.0%\nCedar,<11,*\nTotal,1220,\n"
NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
            {
                "cell_type": "code", "metadata": {}, "source": ["t"], "execution_count": 1,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": ["n 7\n"]}],
            },
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }
).encode()  # fmt: skip
MARKUP = b"<table><tr><th>county<th>n</tr><tr><td>Alpine<td>4</tr></table>"


def _workbook() -> bytes:
    book, stream = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["county", "n"])
    book.active.append(["Alpine", 4])
    book.save(stream)
    return stream.getvalue()


LINES = b"| a | n |\n|---|---|\n| x | 4 |\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><!-- 7 --><text x="1" y="2">n 7</text></svg>'
LATEX = b"\\begin{tabular}{lr}county & n \\\\ Alpine & 4 \\\\ \\end{tabular}"


def _pdf() -> bytes:
    writer, stream = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_attachment("rows.csv", b"id,n\n1,4\n")
    writer.write(stream)
    return stream.getvalue()


SEEDS = {
    "a.svg": SVG,
    "a.tex": LATEX,
    "a.pdf": _pdf(),
    "a.csv": CSV,
    "a.ipynb": NOTEBOOK,
    "a.html": MARKUP,
    "a.xlsx": _workbook(),
    "a.md": LINES,
}
HOSTILE = [b"\x00", b"\xff\xfe", b"1e999", b"-", b"\n\n"]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A real file, some of whose bytes were cut, doubled or overwritten; sometimes under another file's name."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    content = bytearray(SEEDS[draw(st.sampled_from(sorted(SEEDS)))] if draw(st.integers(0, 9)) == 0 else SEEDS[name])
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, max(0, len(content) - 1)))
        piece = draw(st.one_of(st.binary(max_size=12), st.sampled_from(HOSTILE)))
        end = place + draw(st.integers(0, 12))
        content[place:end] = piece
    return name, bytes(content)


@settings(max_examples=examples(150, 20_000), deadline=5_000, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_every_input_gets_a_verdict(case: tuple[str, bytes]) -> None:
    name, content = case
    report = check_content(name, content, PACK)
    assert report.status in set(Status)
    assert all(finding.message for finding in report.findings)
