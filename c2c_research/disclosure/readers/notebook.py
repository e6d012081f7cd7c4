"""Notebooks: each cell's outputs by their kind; attachments, widget state and scripts as hidden content."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from c2c_research.disclosure.document import Document, Hidden, Unreadable
from c2c_research.disclosure.readers import image, markup, text
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.grid import titled

_SHOWN = ("text/html", "text/plain", "text/markdown", "text/latex", "image/png", "image/jpeg")


def read(kind: str, content: bytes) -> Document:
    try:
        book = json.loads(decode(content))
        cells = book["cells"]
        assert isinstance(cells, list)
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError) as problem:
        raise Unreadable("The notebook cannot be read; save it again in Jupyter.") from problem
    parts = [_cell(cell, number) for number, cell in enumerate(cells, start=1)]
    parts = [
        replace(part, tables=tuple(titled(part.tables, above)))
        for part, above in zip(parts, _above(cells), strict=True)
    ]
    hidden = [item for part in parts for item in part.hidden]
    if "widgets" in (book.get("metadata") or {}):
        hidden.append(Hidden("The notebook stores the state of widgets."))
    return Document(
        kind,
        tuple(table for part in parts for table in part.tables),
        "\n".join(part.text for part in parts),
        tuple(hidden),
    )


def _above(cells: list[dict[str, Any]]) -> Iterator[list[str]]:
    """For each cell the text cell that stands above it."""
    lines: list[str] = []
    for cell in cells:
        yield lines
        lines = _join(cell.get("source", "")).split("\n") if cell.get("cell_type") == "markdown" else lines


def _cell(cell: dict[str, Any], number: int) -> Document:
    where = f"cell {number}"
    source = _join(cell.get("source", ""))
    parts = (
        [markup.read_markdown(source, where)] if cell.get("cell_type") == "markdown" else [Document("code", (), source)]
    )
    hidden = []
    if cell.get("attachments"):
        hidden.append(Hidden("The cell carries attachments.", where))
    for output in cell.get("outputs", ()):
        parts.append(_output(output, where))
    return Document(
        "cell",
        tuple(table for part in parts for table in part.tables),
        "\n".join(part.text for part in parts),
        (*hidden, *(item for part in parts for item in part.hidden)),
    )


def _output(output: dict[str, Any], where: str) -> Document:
    if output.get("output_type") == "stream":
        return _plain(_join(output.get("text", "")), where)
    if output.get("output_type") == "error":
        return _plain("\n".join(map(str, output.get("traceback", []))), where)
    data = output.get("data") or {}
    hidden = [
        Hidden(f"The cell stores an output that is not shown ({mime}).", where)
        for mime in data
        if mime not in _SHOWN and not mime.startswith("application/vnd.c2c")
    ]
    if "text/html" in data:
        page = markup.read_html(_join(data["text/html"]), where)
        # pandas styles its tables; the plain twin of the same output is read only when the page has no table
        shown = page if page.tables else _plain(_join(data.get("text/plain", "")), where)
        return Document("output", shown.tables, page.text, (*hidden, *page.hidden))
    plain = _plain(_join(data.get("text/plain", data.get("text/markdown", ""))), where)
    for mime in ("image/png", "image/jpeg"):
        if mime in data:
            hidden.extend(_picture(mime, _join(data[mime]), where))
    return Document("output", plain.tables, plain.text, tuple(hidden))


def _picture(mime: str, encoded: str, where: str) -> list[Hidden]:
    try:
        content = base64.b64decode(encoded)
    except (ValueError, binascii.Error):
        return [Hidden("A picture of the cell cannot be decoded.", where)]
    found = image.read(mime.partition("/")[2], content)
    return [Hidden(item.message, where) for item in found.hidden]


def _plain(content: str, where: str) -> Document:
    tables, prose = text.tables_in(content, where)
    return Document("text", tuple(tables), prose)


def _join(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
