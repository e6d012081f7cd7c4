"""From a file's name and bytes to what the checker sees."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from output_review.policies import KINDS
from output_review.render.bounds import bounds_in_words
from output_review.render.images import read_image
from output_review.render.markup import Html, joined, tag
from output_review.render.order import Sorting
from output_review.render.tables import Flags, TableView, read_delimited, read_workbook
from output_review.render.texts import TextView, read_notebook

_NOTES = {
    "markup": "Shown as its source: markup from a project is never run here.",
    "code": "Look for printed values, ids and file paths in literals.",
}


def render(name: str, data: bytes, findings: Sequence[dict[str, Any]] = (), sorting: Sorting | None = None) -> Html:
    """Safe HTML of a submitted file; one that cannot be read says so, and its bytes are shown as text.

    With `sorting` the headers of tables are links that sort them.
    """
    suffix = PurePosixPath(name).suffix.lower()
    kind = KINDS.get(suffix, "text")
    try:
        if kind == "table":
            rows = read_delimited(data, "\t" if suffix == ".tsv" else ",")
            return TableView(name, rows, flags_of(findings), sorting=sorting).html()
        if kind == "workbook":
            return _workbook(name, data, findings, sorting)
        if kind == "image":
            return read_image(name, data).html()
        if kind == "notebook":
            return read_notebook(data).html()
    except (ValueError, OverflowError, MemoryError, LookupError, TypeError, UnicodeError, csv.Error):
        return _unreadable(kind, data)
    return TextView(data, _NOTES.get(kind, "")).html()


def flags_of(findings: Sequence[dict[str, Any]], where: str | None = None) -> Flags:
    """The cells that findings name; of one sheet when `where` is given."""
    flags: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    for finding in findings:
        if where is not None and finding.get("where") not in ("", None, where):
            continue
        cells = finding.get("cells", [])
        message = str(finding.get("message", ""))
        told = f"{message} {bounds_in_words(message, len(cells))}".strip()
        for row, column in cells:
            if finding.get("status") != "pass":
                flags[(row, column)].append((str(finding["status"]), told))
    return flags


def _workbook(name: str, data: bytes, findings: Sequence[dict[str, Any]], sorting: Sorting | None) -> Html:
    sheets = read_workbook(data)
    if not sheets:
        raise ValueError("no sheet")
    views = (
        TableView(f"{name}, {sheet}", rows, flags_of(findings, sheet), number, sorting)
        for number, (sheet, rows) in enumerate(sheets)
    )
    return joined(*(view.html() for view in views))


def _unreadable(kind: str, data: bytes) -> Html:
    warning = tag(
        "p",
        f"This does not read as a {kind}. Do not release what you cannot see: ask for a simpler form.",
        class_="usa-alert__text review-warning",
    )
    return joined(warning, TextView(data[:20_000], "The beginning of its bytes, as text:").html())
