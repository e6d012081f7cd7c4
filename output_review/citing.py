"""Short codes of released numbers: from a printed number back to its release, file, table and cell, for good.

    01kaxq3v9m2d4-3fa94c2b             a released file
    01kaxq3v9m2d4-3fa94c2b-1.12.3      its first table, row 12, column 3

A code is derived, never stored: the beginning of the release's id (its millisecond and 15 random bits), of the file's
SHA-256, and the cell. Rows count below the header and columns from the left, both from 1, as the page shows them;
tables of a workbook in the order of its sheets. A revoked release keeps its codes, which say so and show no value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.core.errors import NotFound
from output_review import store
from output_review.model import ReleaseRequest
from output_review.policies import KINDS
from output_review.render.tables import read_delimited, read_workbook
from output_review.states import ReleaseState

_CODE = re.compile(r"([0-9a-z]{13})-([0-9a-f]{8})(?:-([1-9]\d{0,2})\.([1-9]\d{0,6})\.([1-9]\d{0,3}))?", re.ASCII)
_START = slice(4, 17)
_PREFIX = "rel_"
CITABLE = (ReleaseState.RELEASED, ReleaseState.REVOKED)
PUBLISHER = "Cradle-to-Career research enclave"


@dataclass(frozen=True)
class Cell:
    """A place in a file's tables; each number begins with 1."""

    table: int
    row: int
    column: int


@dataclass(frozen=True)
class Cited:
    """What a code stands for: the request, its signed record, the file's entry in it, and the cell if one is meant."""

    code: str
    request: ReleaseRequest
    payload: Mapping[str, Any]
    manifest_sha256: str
    file: Mapping[str, Any]
    cell: Cell | None

    @property
    def revoked(self) -> bool:
        return self.request.state == ReleaseState.REVOKED


@dataclass(frozen=True)
class Sheet:
    """A table of a released file: its header and the rows below it."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def code_of(release: str, sha256: str, cell: Cell | None = None) -> str:
    """The code of a file, or of a cell of it."""
    place = f"-{cell.table}.{cell.row}.{cell.column}" if cell else ""
    return f"{release[_START]}-{sha256[:8]}{place}"


def find(session: Session, code: str) -> Cited:
    """What was released under a code; NotFound for anything else."""
    parts = _CODE.fullmatch(code.lower())
    if parts is None:
        raise _nothing()
    start, digest = parts[1], parts[2]
    low = f"{_PREFIX}{start}"
    query = select(ReleaseRequest).where(
        ReleaseRequest.id >= low, ReleaseRequest.id < f"{low}~", ReleaseRequest.state.in_(CITABLE)
    )
    for request in session.scalars(query):
        kept = store.record_of(session, request.id)
        payload = kept.envelope["payload"] if kept else {"files": []}
        for file in payload["files"]:
            if kept and file["leaves"] and file["sha256"].startswith(digest):
                cell = Cell(int(parts[3]), int(parts[4]), int(parts[5])) if parts[3] else None
                return Cited(code.lower(), request, payload, kept.manifest_sha256, file, cell)
    raise _nothing()


def sheets(name: str, data: bytes) -> list[Sheet]:
    """The tables whose cells can be cited; none for files of other kinds."""
    suffix = PurePosixPath(name).suffix.lower()
    kind = KINDS.get(suffix, "text")
    try:
        if kind == "table":
            found = [(name, read_delimited(data, "\t" if suffix == ".tsv" else ","))]
        elif kind == "workbook":
            found = list(read_workbook(data))
        else:
            return []
    except (ValueError, csv.Error):
        return []
    return [Sheet(title, rows[0], rows[1:]) for title, rows in found if rows]


def value_at(tables: Sequence[Sheet], cell: Cell) -> str:
    """The text of a cell; NotFound where the file has none."""
    if cell.table > len(tables) or cell.row > len(tables[cell.table - 1].rows):
        raise _nothing()
    row = tables[cell.table - 1].rows[cell.row - 1]
    if cell.column > len(row):
        raise _nothing()
    return row[cell.column - 1]


def header_at(tables: Sequence[Sheet], cell: Cell) -> str:
    """The words above a cell."""
    header = tables[cell.table - 1].header
    return header[cell.column - 1] if cell.column <= len(header) else ""


def keys_beside(tables: Sequence[Sheet], cell: Cell) -> dict[str, str]:
    """What the row is about: its other cells that are words, by the words above them."""
    table = tables[cell.table - 1]
    row = table.rows[cell.row - 1]
    return {
        table.header[i] or f"Column {i + 1}": text
        for i, text in enumerate(row[: len(table.header)])
        if i != cell.column - 1 and text.strip() and not _is_number(text)
    }


def citation(cited: Cited, link: str, column: str = "", value: str = "") -> str:
    """One line for a list of references; the enclave is the author, as on the public page."""
    place = f", row {cited.cell.row}, column “{column or cited.cell.column}”: {value}" if cited.cell else ""
    day = str(cited.payload["released_at"])[:10]
    state = " Revoked." if cited.revoked else ""
    return (
        f"{PUBLISHER}. {cited.payload['title']}. {cited.file['name']}{place}. "
        f"Release {cited.request.id}, {day}.{state} {link}"
    )


def bibtex(cited: Cited, link: str, column: str = "", value: str = "") -> str:
    """The same for BibTeX."""
    place = f", row {cited.cell.row}, column {column or cited.cell.column}: {value}" if cited.cell else ""
    fields = {
        "author": f"{{{_tex(PUBLISHER)}}}",
        "title": f"{{{_tex(str(cited.payload['title']))}}}",
        "year": str(cited.payload["released_at"])[:4],
        "note": _tex(f"{'Revoked. ' if cited.revoked else ''}{cited.file['name']}{place}. Release {cited.request.id}"),
        "url": link,
    }
    lines = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items())
    return f"@misc{{c2c-{cited.code.replace('.', '-')},\n{lines}}}\n"


def _tex(text: str) -> str:
    """Text with TeX's own characters made harmless; line breaks become blanks."""
    words = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    marks = {mark: f"\\{mark}" for mark in "{}$&#_%"}
    return "".join((words | marks).get(letter, letter) for letter in " ".join(text.split()))


def _is_number(text: str) -> bool:
    return not re.search(r"[^\W\d_]", text)


def _nothing() -> NotFound:
    return NotFound("No released number has this code.", "Copy the whole link from the page of the released file.")
