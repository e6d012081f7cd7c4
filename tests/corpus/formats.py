"""Tables as the files people hand in: dialects of CSV, workbooks, Markdown, HTML, LaTeX, printed text, JSON, notebooks."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.styles import Font

from tests.corpus.table import COUNT, KEY, MONEY, RATE, Cell, Column, Table

TABULAR = ["csv"] * 7 + ["xlsx"] * 4 + ["md", "md", "html", "html", "txt", "txt", "tsv", "json", "ipynb", "tex", "log"]
"""Formats by how often they are drawn."""


@dataclass(frozen=True)
class Style:
    """How numbers and files look. `percent` is one of '12.3%', '12.3', '0.123', '12.3 %'."""

    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8"
    newline: str = "\n"
    percent: str = "12.3%"
    quote_all: bool = False
    titled: bool = False
    indexed: bool = False
    variant: int = 0


def draw_style(rng: np.random.Generator) -> Style:
    """A style that hangs together: decimal commas come with semicolons."""
    base = [
        Style(),
        Style(thousands=","),
        Style(thousands=",", titled=True, newline="\r\n"),
        Style(encoding="utf-8-sig", newline="\r\n", percent="12.3"),
        Style(separator=";", decimal=",", percent="12.3 %", encoding="cp1252"),
        Style(separator=";", decimal=",", thousands=".", percent="12.3"),
        Style(separator="\t", encoding="utf-16"),
        Style(separator="|", percent="0.123"),
        Style(quote_all=True, percent="0.123"),
        Style(indexed=True, percent="0.123"),
        Style(thousands=" ", encoding="cp1252", separator=";"),
        Style(titled=True),
    ]
    return replace(base[int(rng.integers(len(base)))], variant=int(rng.integers(12)))


def number(value: float, digits: int, style: Style) -> str:
    text = f"{value:,.{digits}f}"
    return text.replace(",", "\0").replace(".", style.decimal).replace("\0", style.thousands)


def text(value: Cell, column: Column, style: Style) -> str:
    """One cell as it is printed."""
    if value is None:
        return ""
    if isinstance(value, str) or column.role == KEY:
        return str(value)
    if column.role == RATE:
        if style.percent == "0.123":
            return number(value, column.digits + 2, replace(style, thousands=""))
        return number(100 * value, column.digits, style) + style.percent[4:]
    if column.role == COUNT:
        return number(value, 0, style)
    if column.role == MONEY:
        return ("$" if style.variant % 3 == 0 and style.decimal == "." else "") + number(
            value, 0 if column.digits == 1 else column.digits, style
        )
    return number(value, column.digits, replace(style, thousands=""))


def grid(t: Table, style: Style) -> list[list[str]]:
    return [[c.name for c in t.columns]] + [
        [text(v, c, style) for v, c in zip(row, t.columns, strict=True)] for row in t.rows
    ]


def _delimited(t: Table, style: Style) -> bytes:
    lines = grid(t, style)
    if style.indexed:
        lines = [[str(i - 1) if i else "", *row] for i, row in enumerate(lines)]

    def quoted(cell: str) -> str:
        needs = style.quote_all or any(ch in cell for ch in (style.separator, '"', "\n"))
        return '"' + cell.replace('"', '""') + '"' if needs else cell

    out = [style.separator.join(quoted(c) for c in row) for row in lines]
    if style.titled and t.title:
        out = [
            quoted(t.title),
            "",
            *out,
            "",
            *(quoted(n) for n in t.notes or ("Source: linked administrative records.",)),
        ]
    return (style.newline.join(out) + style.newline).encode(style.encoding, errors="replace")


def _xlsx(t: Table, style: Style) -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator, book.properties.created = "Research analyst", datetime(2026, 3, 2, tzinfo=UTC)
    sheet = book.active
    sheet.title = ["Sheet1", "Table 1", "Results", "Data"][style.variant % 4]
    if style.variant % 2 and t.title:
        sheet.append([t.title])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(t.columns))
        sheet.append([])
    sheet.append([c.name for c in t.columns])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for row in t.rows:
        sheet.append(list(row))
        for cell, column in zip(sheet[sheet.max_row], t.columns, strict=True):
            if column.role == RATE:
                cell.number_format = "0.0%"
            elif column.role == MONEY:
                cell.number_format = "$#,##0"
            elif column.role == COUNT and style.thousands:
                cell.number_format = "#,##0"
    if style.variant % 3 == 0:
        sheet.append([])
        for note in t.notes:
            sheet.append([note])
    return save_book(book)


def save_book(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _markdown(t: Table, style: Style) -> bytes:
    lines = grid(t, style)
    align = [":---" if c.role == KEY else "---:" for c in t.columns]
    rows = ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in (lines[0], align, *lines[1:])]
    head = [f"# {t.title}", "", "Results of the linked analysis.", ""] if t.title else []
    return ("\n".join([*head, *rows, "", *(f"*{n}*" for n in t.notes)]) + "\n").encode()


def html_table(t: Table, style: Style, caption: bool = False) -> str:
    lines = grid(t, style)
    head = "".join(f"<th>{html.escape(c)}</th>" for c in lines[0])
    body = "\n".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in lines[1:])
    titled = f"<caption>{html.escape(t.title)}</caption>" if caption and t.title else ""
    return f'<table border="1" class="dataframe">{titled}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>'


def _html(t: Table, style: Style) -> bytes:
    if style.variant % 2:
        return html_table(t, style).encode()
    notes = "".join(f"<p><small>{html.escape(n)}</small></p>" for n in t.notes)
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(t.title)}</title>'
            f"<style>td {{ text-align: right }}</style></head>\n<body><h1>{html.escape(t.title or 'Results')}</h1>\n"
            f"{html_table(t, style, caption=True)}\n{notes}</body></html>\n").encode()  # fmt: skip


def _latex(t: Table, style: Style) -> bytes:
    def safe(cell: str) -> str:
        return cell.replace("&", "\\&").replace("%", "\\%").replace("#", "\\#").replace("$", "\\$").replace("_", "\\_")

    lines = [" & ".join(safe(c) for c in row) + " \\\\" for row in grid(t, style)]
    spec = "".join("l" if c.role == KEY else "r" for c in t.columns)
    return "\n".join(["\\begin{table}", f"\\caption{{{safe(t.title or 'Results')}}}", f"\\begin{{tabular}}{{{spec}}}", "\\toprule", lines[0],
                      "\\midrule", *lines[1:], "\\bottomrule", "\\end{tabular}", "\\end{table}", ""]).encode()  # fmt: skip


def padded(t: Table, style: Style) -> list[str]:
    """Columns aligned by blanks, as pandas and R print them."""
    lines = grid(t, style)
    widths = [max(len(r[i]) for r in lines) for i in range(len(t.columns))]
    return [
        "  ".join(
            c.ljust(w) if col.role == KEY else c.rjust(w) for c, w, col in zip(r, widths, t.columns, strict=True)
        ).rstrip()
        for r in lines
    ]


def _boxed(t: Table, style: Style) -> list[str]:
    lines = padded(t, style)
    rule = "-" * max(map(len, lines))
    return [rule, lines[0], rule, *lines[1:], rule]


def _stata(t: Table, style: Style) -> list[str]:
    lines = grid(t, style)
    widths = [max(len(r[i]) for r in lines) for i in range(len(t.columns))]
    rows = [
        r[0].rjust(widths[0]) + " | " + "  ".join(c.rjust(w) for c, w in zip(r[1:], widths[1:], strict=True))
        for r in lines
    ]
    rule = "-" * (widths[0] + 1) + "+" + "-" * (max(map(len, rows)) - widths[0] - 2)
    return [rows[0], rule, *rows[1:]]


def _text(t: Table, style: Style) -> bytes:
    one = style.separator not in " " and len(t.keys) <= 1
    body = [padded, _boxed, _stata if one else _boxed][style.variant % 3](
        t, replace(style, thousands="" if style.thousands == " " else style.thousands)
    )
    return ("\n".join([*([t.title, ""] if t.title else []), *body, "", *t.notes]) + "\n").encode()


def _log(t: Table, style: Style) -> bytes:
    plain = replace(style, thousands="" if style.thousands == " " else style.thousands)
    head = [
        [">>> print(out.to_string())"],
        [". use extract, clear", "(linked records)", ". list, clean noobs"],
        ["> print(tab, row.names = FALSE)"],
    ]
    return "\n".join(
        [
            "2026-02-11 09:14:02 INFO started",
            *head[style.variant % 3],
            *padded(t, plain),
            "2026-02-11 09:14:09 INFO finished",
            "",
        ]
    ).encode()


def plain(t: Table) -> pd.DataFrame:
    """The table as a frame, for tools of their own."""
    return pd.DataFrame([list(r) for r in t.rows], columns=[c.name for c in t.columns])


def _json(t: Table, style: Style) -> bytes:
    names = [c.name for c in t.columns]
    rows = [
        [round(v, c.digits + 2) if isinstance(v, float) else v for v, c in zip(r, t.columns, strict=True)]
        for r in t.rows
    ]
    records = [dict(zip(names, r, strict=True)) for r in rows]
    shapes: list[Any] = [
        records,
        {"title": t.title, "columns": names, "data": rows},
        {"schema": {"fields": [{"name": n} for n in names]}, "data": records},
        {"dashboard": {"title": t.title, "tiles": [{"type": "table", "rows": records}]}},
        {n: {str(i): r[j] for i, r in enumerate(rows)} for j, n in enumerate(names)},
    ]
    return json.dumps(
        shapes[style.variant % len(shapes)], indent=2 if style.variant % 2 else None, ensure_ascii=False
    ).encode()


def notebook(cells: list[dict[str, Any]]) -> bytes:
    meta = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "version": "3.11.4"},
    }
    return json.dumps({"cells": cells, "metadata": meta, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def markdown_cell(source: str) -> dict[str, Any]:
    return {
        "cell_type": "markdown",
        "id": f"m{len(source)}",
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }


def code_cell(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "id": f"c{len(source)}", "execution_count": 1, "metadata": {}, "source": source.splitlines(keepends=True),
            "outputs": list(outputs)}  # fmt: skip


def display(t: Table, style: Style | None = None) -> dict[str, Any]:
    """The stored output of a cell that ends in a frame."""
    look = style or Style()
    data = {"text/html": [html_table(t, look)], "text/plain": ["\n".join(padded(t, look))]}
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}


def stdout(printed: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": printed.splitlines(keepends=True)}


def _notebook(t: Table, style: Style) -> bytes:
    look = replace(style, thousands="" if style.thousands == " " else style.thousands)
    first = code_cell("import pandas as pd\ndf = pd.read_parquet('/data/linked.parquet')")
    return notebook(
        [markdown_cell(f"# {t.title or 'Analysis'}\nLinked records."), first, code_cell("out", display(t, look))]
    )


WRITERS: dict[str, Callable[[Table, Style], bytes]] = {
    "csv": _delimited, "tsv": lambda t, s: _delimited(t, replace(s, separator="\t")), "xlsx": _xlsx, "md": _markdown, "html": _html,
    "tex": _latex, "txt": _text, "log": _log, "json": _json, "ipynb": _notebook,
}  # fmt: skip


def write(t: Table, stem: str, kind: str, rng: np.random.Generator, **style: Any) -> tuple[str, bytes]:
    """(file name, bytes) of a table in a drawn style; keywords fix parts of the style."""
    return f"{stem}.{kind}", WRITERS[kind](t, replace(draw_style(rng), **style))
