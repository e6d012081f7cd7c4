"""Text, code and markup as their source; notebooks cell by cell."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from output_review.render.images import read_image
from output_review.render.markup import Html, joined, tag

MAX_LINES = 4000
MAX_LINE = 2000
_MAX_CELLS = 500


@dataclass(frozen=True)
class TextView:
    """Lines with numbers, escaped. `note` says what is special about the way it is shown."""

    data: bytes
    note: str = ""

    def html(self) -> Html:
        lines = self.data.decode("utf-8", errors="replace").splitlines()
        shown = "\n".join(line[:MAX_LINE] for line in lines[:MAX_LINES])
        more = len(lines) - MAX_LINES
        return joined(
            tag("p", self.note, class_="review-note") if self.note else None,
            tag("pre", shown, class_="review-text", tabindex="0"),
            tag("p", f"{more} more lines are not shown; return the file if you need them.", class_="review-note")
            if more > 0
            else None,
        )


@dataclass(frozen=True)
class NotebookView:
    """A notebook's cells in order: source, text output, and pictures rebuilt; rich output is named, not shown."""

    cells: Sequence[dict[str, Any]]

    def html(self) -> Html:
        parts = [self._cell(number, cell) for number, cell in enumerate(self.cells[:_MAX_CELLS], start=1)]
        return tag("div", *parts, class_="review-notebook")

    def _cell(self, number: int, cell: dict[str, Any]) -> Html:
        kind = str(cell.get("cell_type", "raw"))
        raw = cell.get("outputs")
        outputs = raw if isinstance(raw, list) else []
        return tag(
            "section",
            tag("h5", f"Cell {number} ({kind})"),
            tag("pre", _source(cell.get("source"))[:200_000], class_="review-text", tabindex="0"),
            *(_output(item) for item in outputs if isinstance(item, dict)),
            class_="review-notebook__cell",
        )


def read_notebook(data: bytes) -> NotebookView:
    """ValueError when it is not a notebook of format 4."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise ValueError("not a notebook") from problem
    cells = body.get("cells") if isinstance(body, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ValueError("not a notebook")
    return NotebookView(cells)


def _source(value: object) -> str:
    return "".join(str(line) for line in value) if isinstance(value, list) else str(value or "")


def _output(item: dict[str, Any]) -> Html:
    bundle = item.get("data")
    bundle = bundle if isinstance(bundle, dict) else {}
    parts: list[Html] = []
    if "text" in item:
        parts.append(tag("pre", _source(item["text"])[:200_000], class_="review-text", tabindex="0"))
    if item.get("output_type") == "error":
        trace = f"{item.get('ename', '')}: {item.get('evalue', '')}"
        parts.append(tag("pre", trace[:20_000], class_="review-text"))
    for media, value in bundle.items():
        parts.append(_media(str(media), value))
    return joined(*parts)


def _media(media: str, value: object) -> Html:
    if media == "text/plain":
        return tag("pre", _source(value)[:200_000], class_="review-text", tabindex="0")
    if media in ("image/png", "image/jpeg"):
        try:
            return read_image("output", base64.b64decode(_source(value))).html()
        except (ValueError, binascii.Error):
            return tag("p", "A picture here cannot be read.", class_="review-note")
    return joined(
        tag("p", f"Output of type {media[:80]}, as its source:", class_="review-note"),
        tag("pre", _plain(value)[:50_000], class_="review-text", tabindex="0"),
    )


def _plain(value: object) -> str:
    return _source(value) if isinstance(value, str | list) else json.dumps(value, indent=1)
