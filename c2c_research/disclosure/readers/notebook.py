"""Notebooks: each cell's outputs by their kind; attachments, widget state and scripts as hidden content."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from c2c_research.disclosure.document import Document, Hidden, Unreadable
from c2c_research.disclosure.readers import image, markup, records, svg, text
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.grid import titled
from c2c_research.disclosure.readers.latex import latex_tables
from c2c_research.disclosure.readers.unseen import holds_data

_SHOWN = ("text/html", "text/plain", "text/markdown", "text/latex", "image/png", "image/jpeg")

# what JupyterLab draws from data
_CHARTS = ("application/vnd.vega", "application/vnd.plotly", "image/svg+xml")
MAX_PROPERTIES = 2_000
_BOOK = frozenset(["cells", "metadata", "nbformat", "nbformat_minor"])
_CELL = frozenset(["cell_type", "source", "metadata", "outputs", "execution_count", "id", "attachments"])
_OUTPUT = frozenset(["output_type", "data", "metadata", "execution_count", "name", "text", "ename", "evalue",
                     "traceback", "transient"])  # fmt: skip
_KNOWN_OF_BOOK = frozenset(["kernelspec", "language_info", "widgets", "toc", "toc-autonumbering", "vscode", "colab",
                            "accelerator", "varInspector", "hide_input", "interpreter"])  # fmt: skip
_KNOWN_OF_CELL = frozenset(["collapsed", "scrolled", "jupyter", "tags", "execution", "ExecuteTime", "slideshow",
                            "vscode", "editable", "deletable", "trusted", "id", "colab", "pycharm"])  # fmt: skip
_KNOWN_OF_OUTPUT = frozenset(["image/png", "image/jpeg", "needs_background", "isolated"])


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
    metadata = book.get("metadata") or {}
    if "widgets" in metadata:
        hidden.append(Hidden("The notebook stores the state of widgets."))
    if _carries_data(metadata, _KNOWN_OF_BOOK) or set(book) - _BOOK:
        hidden.append(Hidden("The notebook's properties hold data."))
    return replace(_merged(kind, parts), hidden=tuple(hidden))


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
    if _carries_data(cell.get("metadata") or {}, _KNOWN_OF_CELL) or set(cell) - _CELL:
        hidden.append(Hidden("The cell's properties hold data.", where))
    if cell.get("outputs") and _is_folded(cell.get("metadata") or {}):
        hidden.append(Hidden("The cell's output is folded away.", where))
    for output in cell.get("outputs", ()):
        parts.append(_output(output, where))
    return _merged("cell", parts, hidden)


def _output(output: dict[str, Any], where: str) -> Document:
    if output.get("output_type") == "stream":
        return _plain(_join(output.get("text", "")), where)
    if output.get("output_type") == "error":
        return _plain("\n".join(map(str, output.get("traceback", []))), where)
    data = output.get("data") or {}
    hidden = [
        Hidden(f"The cell stores an output that is not shown ({mime}).", where)
        for mime in data
        if mime not in _SHOWN and not mime.startswith(("application/vnd.c2c", *_CHARTS))
    ]
    drawn = [_drawn(mime, value, where) for mime, value in data.items() if mime.startswith(_CHARTS)]
    if drawn:
        rest = {mime: value for mime, value in data.items() if not mime.startswith(_CHARTS)}
        return _merged("output", [*drawn, _output({**output, "data": rest}, where)])
    if _carries_data(output.get("metadata") or {}, _KNOWN_OF_OUTPUT) or set(output) - _OUTPUT:
        hidden.append(Hidden("The output's properties hold data.", where))
    if "text/html" in data:
        page = markup.read_html(_join(data["text/html"]), where)
        # pandas styles its tables and prints them as text too: the plain twin is read where it says more
        twin = _plain(_join(data.get("text/plain", "")), where)
        more = not page.tables or _numbers(twin) - _numbers(page)
        return Document("output", (*page.tables, *(twin.tables if more else ())), page.text, (*hidden, *page.hidden))
    if "text/latex" in data and "text/plain" not in data:
        tables, prose = latex_tables(_join(data["text/latex"]), where)
        return Document("output", tuple(tables), prose, tuple(hidden))
    plain = _plain(_join(data.get("text/plain", data.get("text/markdown", ""))), where)
    parts = [plain]
    for mime in ("image/png", "image/jpeg"):
        if mime in data:
            parts.append(_picture(mime, _join(data[mime]), where))
    return _merged("output", parts, hidden)


def _drawn(mime: str, value: Any, where: str) -> Document:
    """A chart that the notebook shows: read like a figure of its own, or hidden where nothing of it can be read."""
    if mime == "image/svg+xml":
        try:
            return svg.read_svg(_join(value), where)
        except Unreadable:
            return Document("output", hidden=(Hidden("A figure of the cell cannot be read.", where),))
    chart = records.read_chart(value, where)
    silent = not chart.tables and not chart.clouds
    return replace(chart, hidden=(Hidden("The cell stores a chart that cannot be read.", where),)) if silent else chart


def _merged(kind: str, parts: list[Document], hidden: Iterable[Hidden] = ()) -> Document:
    return Document(
        kind,
        tuple(table for part in parts for table in part.tables),
        "\n".join(part.text for part in parts),
        (*hidden, *(item for part in parts for item in part.hidden)),
        clouds=tuple(cloud for part in parts for cloud in part.clouds),
    )


def _numbers(document: Document) -> set[float]:
    """The numbers of a document's tables, as far as a printed twin shows them."""
    values = (value for table in document.tables for row in table.values for value in row)
    return {round(value.number, 3) for value in values if value.number is not None}


def _is_folded(metadata: dict[str, Any]) -> bool:
    jupyter = metadata.get("jupyter") or {}
    return bool(metadata.get("collapsed") is True or (isinstance(jupyter, dict) and jupyter.get("outputs_hidden")))


def _carries_data(metadata: Any, known: frozenset[str]) -> bool:
    """Properties that no tool writes of itself and that hold data."""
    if not isinstance(metadata, dict):
        return bool(metadata)
    others = {key: value for key, value in metadata.items() if key not in known}
    text = json.dumps(others)
    return bool(others) and (len(text) > MAX_PROPERTIES or holds_data(text))


def _picture(mime: str, encoded: str, where: str) -> Document:
    try:
        content = base64.b64decode(encoded)
    except (ValueError, binascii.Error):
        return Document("output", hidden=(Hidden("A picture of the cell cannot be decoded.", where),))
    found = image.read(mime.partition("/")[2], content)
    hidden = tuple(Hidden(item.message, where) for item in found.hidden)
    return Document("output", hidden=hidden, clouds=tuple(replace(cloud, where=where) for cloud in found.clouds))


def _plain(content: str, where: str) -> Document:
    tables, prose = text.tables_in(content, where)
    return Document("text", tuple(tables), prose)


def _join(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
