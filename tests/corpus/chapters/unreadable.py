"""Files that are broken, locked or cut off; and ones in unusual but readable encodings and shapes."""

from __future__ import annotations

import json

from tests.corpus import formats
from tests.corpus.case import Case, Draw, cases
from tests.corpus.chapters.min_cell import chart
from tests.corpus.formats import Style
from tests.corpus.table import COUNT, KEY, Table, table


def safe() -> Table:
    rows = [["Los Ángeles", 2_104], ["Fresno", 1_873], ["Cañada", 655], ["Kern", 1_240]]
    return table([("County", KEY), ("Students", COUNT)], rows, "Students by county", kind="frequency")


def broken() -> list[tuple[str, bytes, str]]:
    book = formats.WRITERS["xlsx"](safe(), Style())
    picture = chart({"A": 200, "B": 310})
    return [
        ("table.xlsx", book[: len(book) // 2], "a workbook cut in half"),
        ("table.json", json.dumps({"a": [1, 2, 3]}).encode()[:-3], "JSON that ends in the middle"),
        ("figure.png", b"\x89PNG\r\n\x1a\n" + bytes(60), "a PNG without its chunks"),
        ("report.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", "a PDF cut off"),
        (
            "locked.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1_500) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
            "an encrypted workbook",
        ),
        ("notebook.ipynb", b'{"cells": [{"cell_type": "code", "source": ["x"', "a notebook cut off"),
        ("table.csv", bytes((i * 73 + 41) % 256 for i in range(4_000)), "random bytes under the name of a table"),
        ("chart.svg", picture[: len(picture) // 2], "an SVG cut in half"),
        ("locked.pdf", _locked_pdf(), "a PDF that asks for a password"),
    ]


def _locked_pdf() -> bytes:
    import io

    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@cases(9)
def broken_or_locked(draw: Draw) -> Case:
    name, data, why = broken()[draw.turn]
    return draw.disclosive("unreadable file_kind", why, {name: data})


# --- harmless -------------------------------------------------------------------------------------------------------------------------

ENCODINGS = ["utf-8-sig", "utf-16", "cp1252", "utf-8", "utf-16-le", "latin-1"]


@cases(6)
def readable_encodings(draw: Draw) -> Case:
    code = draw.cycle(ENCODINGS)
    body = draw.files(
        safe(),
        kind="csv",
        encoding="utf-8-sig" if code == "utf-16-le" else code,
        thousands="",
        separator=draw.cycle([",", ";", "\t"]),
        decimal=".",
        titled=False,
        quote_all=False,
    )
    return draw.harmless("unreadable", f"a table in {code}", body)


@cases(4)
def empty_and_tiny(draw: Draw) -> Case:
    name, data = draw.cycle(
        [
            ("empty.csv", b"County,Students\n"),
            ("note.txt", b"No results: all models were dropped.\n"),
            ("empty.md", b"# Results\n\nNone yet.\n"),
            ("empty.json", b"[]"),
        ]
    )
    return draw.harmless("unreadable", "nothing in it", {name: data})


@cases(4)
def untidy_but_readable(draw: Draw) -> Case:
    name, data = draw.cycle([
        ("blank_lines.csv", b"\n\nCounty,Students\n\nFresno,1873\nKern,1240\n\n\n"),
        ("trailing.csv", b"County,Students,\nFresno,1873,\nKern,1240,\nMerced,655,\n"),
        ("quoted.csv", b'"County, state","Students"\n"Fresno, CA","1,873"\n"Kern, CA","1,240"\n'),
        ("cr.csv", b"County,Students\rFresno,1873\rKern,1240\r"),
    ])  # fmt: skip
    return draw.harmless("unreadable min_cell", "an untidy table of large counts", {name: data})
