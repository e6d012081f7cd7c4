"""# Figures: SVG and PDF

A figure's words and annotated numbers are read. A scatter plot draws persons; a line or bar chart draws groups. What a
viewer does not show (attachments, scripts, invisible or covered text) fails.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from c2c_research.disclosure import check_content
from tests.spec.rulebook import as_dict


def drawn(kind: str, draw: Callable[[Any], object]) -> bytes:
    figure, axes = plt.subplots()
    draw(axes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind)
    plt.close(figure)
    return buffer.getvalue()


def found(kind: str, content: bytes) -> dict[str, Any]:
    return as_dict(check_content(f"figure.{kind}", content))


def bars(axes: Any) -> None:
    axes.bar(["Alder", "Birch", "Cedar"], [61.5, 48.2, 55.0])
    axes.set_title("Graduation rate by district")


def lines(axes: Any) -> None:
    for shift in range(3):
        axes.plot(range(2010, 2020), [3 + 0.1 * ((year + shift) % 4) for year in range(10)], marker="o")


def scatter(axes: Any) -> None:
    axes.scatter([(17 * n) % 41 / 10 for n in range(40)], [(11 * n) % 37 for n in range(40)])


def heat_map(axes: Any) -> None:
    numbers = [[120, 64, 31], [88, 7, 40]]
    axes.imshow(numbers)
    axes.set_xticks(range(3), ["Asian", "Black", "White"])
    for row, line in enumerate(numbers):
        for column, number in enumerate(line):
            axes.text(column, row, str(number), color="white", ha="center")


@pytest.mark.parametrize("kind", ["svg", "pdf"])
@pytest.mark.parametrize("draw", [bars, lines])
def test_charts_of_groups_pass(kind: str, draw: Callable[[Any], object]) -> None:
    assert found(kind, drawn(kind, draw)) == {}


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_a_scatter_plot_of_persons_fails(kind: str) -> None:
    assert set(found(kind, drawn(kind, scatter))) == {"unit_record"}


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_the_counts_that_a_heat_map_writes_into_its_fields_are_read(kind: str) -> None:
    assert found(kind, drawn(kind, heat_map)) == {"min_cell": [(1, 2)]}


PLAIN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><text x="10" y="20">Graduation</text>{}</svg>'
HIDDEN_IN_SVG = {
    "a script": "<script>var rows=[[1,2]]</script>",
    "a page inside": "<foreignObject><p>41250</p></foreignObject>",
    "an event": '<rect onload="steal()" width="3" height="3"/>',
    "a data address": '<a href="data:text/csv;base64,aWQsbg=="><text x="1" y="9">x</text></a>',
    "a picture elsewhere": '<image href="https://example.org/p.png" width="3" height="3"/>',
    "an element that is not shown": '<text x="10" y="40" style="display:none">person 1: 41250</text>',
    "white text": '<text x="10" y="40" fill="#ffffff">person 1: 41250</text>',
    "text outside the figure": '<text x="10" y="4000">person 1: 41250</text>',
    "a comment with figures": "<!-- 1,41250 -->",
    "metadata with rows": "<metadata>" + "1,F,41250;" * 300 + "</metadata>",
    "loose text": "1,F,41250",
}


@pytest.mark.parametrize("name", HIDDEN_IN_SVG)
def test_what_an_svg_does_not_draw_fails(name: str) -> None:
    assert set(found("svg", PLAIN.format(HIDDEN_IN_SVG[name]).encode())) == {"hidden_content"}


def test_a_plain_svg_passes_and_entities_are_refused() -> None:
    assert found("svg", PLAIN.format("").encode()) == {}
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + PLAIN.format("&a;")
    assert set(found("svg", bomb.encode())) == {"unreadable"}


def pdf(change: Callable[[PdfWriter], object] | None = None, drawing: bytes = b"") -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn("pdf", bars))))
    if drawing:
        page = writer.pages[0]
        extra = DecodedStreamObject()
        extra.set_data(page.get_contents().get_data() + b"\n" + drawing)
        page[NameObject("/Contents")] = writer._add_object(extra)
    if change:
        change(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


HIDDEN_IN_PDF = {
    "an attachment": (lambda writer: writer.add_attachment("rows.csv", b"id,wage\n1,41250\n"), b""),
    "a script": (lambda writer: _run_at_opening(writer), b""),
    "invisible text": (None, b"q BT 3 Tr /F1 12 Tf 100 100 Td (person) Tj ET Q"),
    "white text": (None, b"q BT 1 g /F1 12 Tf 3 3 Td (person) Tj ET Q"),
    "text outside the page": (None, b"q BT 0 g /F1 12 Tf 4000 4000 Td (person) Tj ET Q"),
    "covered text": (None, b"q BT 0 g /F1 12 Tf 100 100 Td (person) Tj ET /A2 gs 0 g 90 90 200 40 re f Q"),
    "an object that no page shows": (lambda writer: writer._add_object(_stream()), b""),
    "metadata with rows": (lambda writer: writer.add_metadata({"/Subject": "1,F,41250;" * 90}), b""),
}


def _run_at_opening(writer: PdfWriter) -> None:
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    writer.root_object[NameObject("/OpenAction")] = action


def _stream() -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(b"id,wage\n1,41250\n")
    return stream


@pytest.mark.parametrize("name", HIDDEN_IN_PDF)
def test_what_a_pdf_does_not_show_fails(name: str) -> None:
    change, drawing = HIDDEN_IN_PDF[name]
    assert "hidden_content" in found("pdf", pdf(change, drawing))


def test_a_pdf_that_was_written_anew_passes() -> None:
    assert found("pdf", pdf()) == {}


def test_bytes_behind_a_pdf_fail_and_an_encrypted_one_is_refused() -> None:
    assert set(found("pdf", pdf() + b"PK\x03\x04 rows of persons")) == {"hidden_content"}
    assert set(found("pdf", pdf(lambda writer: writer.encrypt("secret", algorithm="RC4-128")))) == {"unreadable"}


def test_numbers_below_their_names_in_a_figure_are_read() -> None:
    label = '<text x="{0}" y="{1}">{2}</text><text x="{0}" y="{3}">{4}</text>'
    for number, rules in ((4, {"min_cell"}), (344, set[str]())):
        words = label.format(12, 45, "Alder", 60, 412) + label.format(72, 150, "Birch", 165, number)
        head = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><text x="9" y="15">Students</text>'
        svg = f"{head}{words}</svg>"
        assert set(found("svg", svg.encode())) == rules


def test_letters_too_small_to_be_read_fail() -> None:
    def tiny(axes: Any) -> None:
        bars(axes)
        axes.text(0, 30, "S40112233 gpa 2.10", fontsize=1)

    assert set(found("pdf", drawn("pdf", tiny))) == {"hidden_content"}
