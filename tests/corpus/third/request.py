"""A request of the third corpus: plain writers for each file kind and the sidecar; modules register their cases by name."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
import yaml

from tests.corpus.case import ARGUABLE, DISCLOSIVE, HARMLESS, Case

Rows = Sequence[Sequence[Any]]
Files = dict[str, bytes]
ALL: list[Case] = []


def _add(
    label: str, name: str, rule: str, why: str, files: Files, released: Files | None, cells: list[list[int]]
) -> None:
    first = next(iter(files))
    known = {first: cells} if cells else {}
    ALL.append(Case(name, label, tuple(rule.split()), why, files, released or {}, known, style="third"))


def bad(
    name: str, rule: str, why: str, files: Files, released: Files | None = None, cells: list[list[int]] | None = None
) -> None:
    _add(DISCLOSIVE, name, rule, why, files, released, cells or [])


def good(name: str, rule: str, why: str, files: Files, released: Files | None = None) -> None:
    _add(HARMLESS, name, rule, why, files, released, [])


def ask(name: str, rule: str, why: str, files: Files, released: Files | None = None) -> None:
    _add(ARGUABLE, name, rule, why, files, released, [])


def csv(rows: Rows, stem: str = "t1", sep: str = ",", encoding: str = "utf-8") -> Files:
    def cell(value: Any) -> str:
        text = str(value)
        return f'"{text}"' if sep in text else text

    text = "\n".join(sep.join(cell(v) for v in row) for row in rows) + "\n"
    return {f"{stem}.{'tsv' if sep == chr(9) else 'csv'}": text.encode(encoding)}


def xlsx(rows: Rows, stem: str = "t1", sheet: str = "Table 1") -> Files:
    book = openpyxl.Workbook()
    fill(book.active, rows, sheet)
    return {f"{stem}.xlsx": workbook(book)}


def fill(sheet: Any, rows: Rows, title: str) -> Any:
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return sheet


def workbook(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def records(rows: Rows, stem: str = "t1") -> Files:
    head, *body = rows
    return {f"{stem}.json": json.dumps([dict(zip(head, row, strict=True)) for row in body], indent=1).encode()}


def markdown(rows: Rows, stem: str = "t1", before: str = "", after: str = "") -> Files:
    head, *body = rows
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, ["---"] * len(head), *body)]
    return {f"{stem}.md": "\n".join([before, "", *lines, "", after, ""]).encode()}


def html(rows: Rows, stem: str = "t1", extra: str = "") -> Files:
    head, *body = rows
    top = "".join(f"<th>{v}</th>" for v in head)
    rest = "".join("<tr>" + "".join(f"<td>{v}</td>" for v in row) + "</tr>" for row in body)
    page = f"<!doctype html><html><head><title>Table</title></head><body><table><thead><tr>{top}</tr></thead><tbody>{rest}</tbody></table>{extra}</body></html>"
    return {f"{stem}.html": page.encode()}


def printed(rows: Rows, index: bool = True) -> str:
    """As a data frame prints itself."""
    head, *body = [[str(v) for v in row] for row in rows]
    if index:
        head, body = ["", *head], [[str(i), *row] for i, row in enumerate(body)]
    widths = [max(len(row[i]) for row in (head, *body)) for i in range(len(head))]
    return "\n".join("  ".join(v.rjust(w) for v, w in zip(row, widths, strict=True)) for row in (head, *body)) + "\n"


def text(content: str, name: str = "out.txt") -> Files:
    return {name: content.encode()}


def notebook(outputs: Sequence[str], source: str = "table", stem: str = "analysis", **extra: Any) -> Files:
    cells = [
        {"cell_type": "code", "execution_count": i, "metadata": {}, "source": [source],
         "outputs": [{"output_type": "execute_result", "execution_count": i, "metadata": {}, "data": {"text/plain": [out]}}]}
        for i, out in enumerate(outputs, 1)
    ]  # fmt: skip
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python", "version": "3.11.2"}}  # fmt: skip
    book = {"cells": cells + extra.pop("cells", []), "metadata": kernel | extra, "nbformat": 4, "nbformat_minor": 5}
    return {f"{stem}.ipynb": json.dumps(book, indent=1).encode()}


def side(files: Files, **says: Any) -> Files:
    """The same request with a sidecar beside its (first) file."""
    name = next(iter(files))
    stem = name.rsplit(".", 1)[0]
    context = {"table": name, **says}
    return {**files, f"{stem}.context.yaml": yaml.safe_dump(context, sort_keys=False).encode()}


def beside(*requests: Files) -> Files:
    return {name: data for files in requests for name, data in files.items()}


def cases() -> Iterator[Case]:
    """All of them, in the order of their modules."""
    from tests.corpus.third import amounts, content, counts, models, releases  # noqa: F401

    yield from ALL
