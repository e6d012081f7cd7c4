"""Layouts of tables, as statistical tools print them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

PLAIN = (
    "csv",
    "titled_csv",
    "xlsx",
    "pandas_txt",
    "markdown",
    "html",
    "latex",
    "tsv",
    "semicolon",
    "records",
    "kable",
    "sas_print",
)


@dataclass(frozen=True)
class Grid:
    """A header and rows; text cells are printed as they stand. `keys` first columns name the row."""

    header: list[str]
    rows: list[list[Any]]
    keys: int = 1
    title: str = ""
    notes: tuple[str, ...] = ()

    @property
    def key_names(self) -> list[str]:
        return self.header[: self.keys]


def write(grid: Grid, style: str, stem: str = "table1") -> tuple[str, bytes]:
    """File name and bytes of a grid in one of `PLAIN`."""
    end = {"titled_csv": "csv", "semicolon": "csv", "pandas_txt": "txt", "markdown": "md", "kable": "md", "latex": "tex", "records": "json", "sas_print": "lst"}.get(style, style)  # fmt: skip
    if style == "sas_print":
        end = "txt"
    data = _WRITERS[style](grid)
    return f"{stem}.{end}", data if isinstance(data, bytes) else data.encode()


def _csv(grid: Grid, delimiter: str = ",", titled: bool = False, decimal: str = ".") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    if titled and grid.title:
        writer.writerow([grid.title])
        writer.writerow([])
    writer.writerow(grid.header)
    for row in grid.rows:
        writer.writerow([str(c).replace(".", decimal) if isinstance(c, float) else c for c in row])
    if titled:
        writer.writerow([])
        for note in grid.notes:
            writer.writerow([note])
    return out.getvalue()


def _frame(grid: Grid) -> pd.DataFrame:
    return pd.DataFrame(grid.rows, columns=grid.header)


def _xlsx(grid: Grid) -> bytes:
    return workbook({"Table": grid})


def workbook(sheets: dict[str, Grid]) -> bytes:
    """Each grid on a sheet: title, blank, header, rows, blank, notes."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, grid in sheets.items():
        sheet = book.create_sheet(name[:31])
        if grid.title:
            sheet.append([grid.title])
            sheet.append([])
        sheet.append(grid.header)
        for row in grid.rows:
            sheet.append([c.item() if hasattr(c, "item") else c for c in row])
        if grid.notes:
            sheet.append([])
            for note in grid.notes:
                sheet.append([note])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_table(grid: Grid) -> str:
    return _around(grid, _frame(grid).to_string(index=False))


def _around(grid: Grid, body: str) -> str:
    return "\n".join([*([grid.title, ""] if grid.title else []), body, "", *grid.notes]) + "\n"


def _markdown(grid: Grid) -> str:
    frame = _frame(grid)
    return _around(grid, frame.to_markdown(index=False, disable_numparse=True)).replace(
        grid.title, f"## {grid.title}", 1
    )


def _kable(grid: Grid) -> str:
    """R's kable: right-aligned pipes with a `Table:` line."""
    lines = [f"Table: {grid.title or 'results'}", "", "|" + "|".join(grid.header) + "|"]
    lines.append("|" + "|".join(":--" if i < grid.keys else "--:" for i in range(len(grid.header))) + "|")
    lines += [
        "|" + "|".join(f"{c:,}" if isinstance(c, int | np.integer) and c > 9999 else str(c) for c in row) + "|"
        for row in grid.rows
    ]
    return "\n".join([*lines, "", *grid.notes]) + "\n"


def _html(grid: Grid) -> str:
    caption = f"<h3>{grid.title}</h3>\n" if grid.title else ""
    return (
        "<html><body>\n"
        + caption
        + _frame(grid).to_html(index=False, border=1)
        + "\n"
        + "".join(f"<p>{n}</p>\n" for n in grid.notes)
        + "</body></html>\n"
    )


def _latex(grid: Grid) -> str:
    lines = [
        r"\begin{table}[ht]",
        r"\centering",
        rf"\caption{{{_tex(grid.title or 'Results')}}}",
        rf"\begin{{tabular}}{{{'l' * grid.keys + 'r' * (len(grid.header) - grid.keys)}}}",
        r"\toprule",
    ]
    lines += [" & ".join(_tex(c) for c in grid.header) + r" \\", r"\midrule"]
    lines += [" & ".join(_tex(c) for c in row) + r" \\" for row in grid.rows]
    lines += [r"\bottomrule", r"\end{tabular}", *[rf"\footnotesize{{{_tex(n)}}}" for n in grid.notes], r"\end{table}"]
    return "\n".join(lines) + "\n"


def _tex(value: Any) -> str:
    return (
        str(value)
        .replace("%", r"\%")
        .replace("&", r"\&")
        .replace("_", r"\_")
        .replace("<", "$<$")
        .replace(">", "$>$")
        .replace("#", r"\#")
    )


def _records(grid: Grid) -> str:
    rows = [
        {h: (c.item() if hasattr(c, "item") else c) for h, c in zip(grid.header, row, strict=True)} for row in grid.rows
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _sas_print(grid: Grid) -> str:
    """SAS listing: centred title, right-aligned columns, blank lines between."""
    widths = [max(len(str(x)) for x in [h, *[r[i] for r in grid.rows]]) + 2 for i, h in enumerate(grid.header)]
    head = "".join(
        h.ljust(w) if i < grid.keys else h.rjust(w) for i, (h, w) in enumerate(zip(grid.header, widths, strict=True))
    )
    lines = ["The SAS System".center(78), "", grid.title.center(78), "", head, ""]
    lines += [
        "".join(
            str(c).ljust(w) if i < grid.keys else str(c).rjust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in grid.rows
    ]
    return "\n".join([*lines, "", *grid.notes]) + "\n"


_WRITERS: dict[str, Any] = {
    "csv": _csv,
    "titled_csv": lambda g: _csv(g, titled=True),
    "tsv": lambda g: _csv(g, "\t"),
    "semicolon": lambda g: ("\ufeff" + _csv(g, ";", decimal=",")).encode(),
    "xlsx": _xlsx,
    "pandas_txt": _text_table,
    "markdown": _markdown,
    "kable": _kable,
    "html": _html,
    "latex": _latex,
    "records": _records,
    "sas_print": _sas_print,
}


# Two-way tables of counts in the printing of each tool.


@dataclass(frozen=True)
class TwoWay:
    """Counts of `row` by `column`."""

    row: str
    row_labels: Sequence[str]
    column: str
    column_labels: Sequence[str]
    n: np.ndarray

    @property
    def row_totals(self) -> np.ndarray:
        return self.n.sum(1)

    @property
    def column_totals(self) -> np.ndarray:
        return self.n.sum(0)

    def grid(self, margins: bool = True, word: str = "Total", title: str = "") -> Grid:
        rows = [[label, *map(int, line)] for label, line in zip(self.row_labels, self.n, strict=True)]
        if margins:
            rows = [[*r, int(t)] for r, t in zip(rows, self.row_totals, strict=True)]
            rows.append([word, *map(int, self.column_totals), int(self.n.sum())])
        return Grid([self.row, *self.column_labels, *([word] if margins else [])], rows, 1, title)

    def long(self, word: str = "n") -> Grid:
        rows = [
            [r, c, int(self.n[i, j])] for i, r in enumerate(self.row_labels) for j, c in enumerate(self.column_labels)
        ]
        return Grid([self.row, self.column, word], rows, 2)


TWO_WAY = ("stata_tab", "sas_freq", "r_table", "spss", "gtsummary", "pandas_all", "long", "two_header", "tabulate", "stata_col", "xlsx_merged", "tbl_cross_html")  # fmt: skip


def write_two_way(t: TwoWay, style: str, stem: str = "crosstab") -> tuple[str, bytes]:
    end = {
        "pandas_all": "csv",
        "long": "csv",
        "two_header": "csv",
        "xlsx_merged": "xlsx",
        "gtsummary": "html",
        "tbl_cross_html": "html",
        "tabulate": "md",
    }
    data = _TWO_WAY[style](t)
    return f"{stem}.{end.get(style, 'txt')}", data if isinstance(data, bytes) else data.encode()


def _stata(t: TwoWay, percent: bool = False) -> str:
    """`tab row column`, with `, column` also the column percentages in a second line."""
    wide = max(len(x) for x in [t.row, *t.row_labels, "Total"]) + 1
    cell = max(10, *(len(c) + 1 for c in t.column_labels))
    lines = [
        f". tab {t.row.lower().replace(' ', '_')} {t.column.lower().replace(' ', '_')}{', column' if percent else ''}",
        "",
    ]
    lines.append(" " * wide + "|" + t.column.center(cell * len(t.column_labels)))
    lines.append(
        t.row.rjust(wide - 1) + " |" + "".join(c.rjust(cell) for c in t.column_labels) + " |" + "Total".rjust(10)
    )
    rule = "-" * wide + "+" + "-" * (cell * len(t.column_labels)) + "-+" + "-" * 10
    everything = [*zip(t.row_labels, t.n, strict=True), ("Total", t.column_totals)]
    for label, line in everything:
        if label in ("Total", t.row_labels[0]) or percent:
            lines.append(rule)
        lines.append(
            label.rjust(wide - 1)
            + " |"
            + "".join(f"{v:,}".rjust(cell) for v in line)
            + " |"
            + f"{int(line.sum()):,}".rjust(10)
        )
        if percent:
            shares = 100 * line / np.maximum(t.column_totals, 1)
            lines.append(
                " " * wide
                + "|"
                + "".join(f"{v:.2f}".rjust(cell) for v in shares)
                + " |"
                + f"{100 * line.sum() / t.n.sum():.2f}".rjust(10)
            )
    return "\n".join(lines) + "\n"


def _sas_freq(t: TwoWay) -> str:
    """PROC FREQ: four stacked numbers a cell."""
    total, w = t.n.sum(), 11
    name = max(12, *(len(r) for r in t.row_labels)) + 1
    rule = "-" * name + "+" + ("-" * (w - 1) + "+") * (len(t.column_labels) + 1)
    head = [f"The FREQ Procedure\n\nTable of {t.row} by {t.column}\n", t.row.ljust(name) + t.column, ""]
    head += ["Frequency|", "Percent  |", "Row Pct  |"]
    lines = [
        *head,
        "Col Pct".ljust(name) + "|" + "".join(f"{c[: w - 2]:<{w - 1}}|" for c in t.column_labels) + "  Total",
        rule,
    ]
    for label, line in zip(t.row_labels, t.n, strict=True):
        lines.append(label.ljust(name) + "|" + "".join(f"{v:>{w - 2}} |" for v in line) + f"{line.sum():>7}")
        lines.append(
            " " * name
            + "|"
            + "".join(f"{100 * v / total:>{w - 2}.2f} |" for v in line)
            + f"{100 * line.sum() / total:>7.2f}"
        )
        lines.append(" " * name + "|" + "".join(f"{100 * v / line.sum():>{w - 2}.2f} |" for v in line))
        lines.append(
            " " * name
            + "|"
            + "".join(f"{100 * v / c:>{w - 2}.2f} |" for v, c in zip(line, t.column_totals, strict=True))
        )
        lines.append(rule)
    lines.append("Total".ljust(name) + " " + "".join(f"{v:>{w - 2}}  " for v in t.column_totals) + f"{total:>7}")
    lines.append(" " * name + " " + "".join(f"{100 * v / total:>{w - 2}.2f}  " for v in t.column_totals) + " 100.00")
    return "\n".join(lines) + "\n"


def _r_table(t: TwoWay) -> str:
    frame = pd.DataFrame(np.vstack([np.column_stack([t.n, t.row_totals]), [*t.column_totals, t.n.sum()]]))
    labels = [*t.row_labels, "Sum"]
    cell = max(len(str(x)) for x in [*t.column_labels, t.n.sum()]) + 1
    name = max(len(x) for x in [*labels, t.row])
    lines = [
        f"> addmargins(table(d${t.row.lower().replace(' ', '_')}, d${t.column.lower().replace(' ', '_')}))",
        " " * name + " " + t.column,
    ]
    lines.append(t.row.ljust(name) + "".join(c.rjust(cell + 1) for c in [*t.column_labels, "Sum"]))
    lines += [
        label.ljust(name) + "".join(str(v).rjust(cell + 1) for v in line)
        for label, line in zip(labels, frame.to_numpy(), strict=True)
    ]
    return "\n".join(lines) + "\n"


def _spss(t: TwoWay) -> str:
    """CROSSTABS as exported text: Count and % within."""
    out = [f"{t.row} * {t.column} Crosstabulation", "\t\t" + "\t".join([*t.column_labels, "Total"])]
    for label, line in [*zip(t.row_labels, t.n, strict=True), ("Total", t.column_totals)]:
        out.append(f"{label}\tCount\t" + "\t".join(map(str, [*line, line.sum()])))
        out.append(f"\t% within {t.row}\t" + "\t".join(f"{100 * v / line.sum():.1f}%" for v in [*line, line.sum()]))
    return "\n".join(out) + "\n"


def _gtsummary(t: TwoWay) -> str:
    """tbl_summary(by=column): n (%) cells, N in the header."""
    head = "".join(
        f"<th>{c}, N = {n:,}<sup>1</sup></th>" for c, n in zip(t.column_labels, t.column_totals, strict=True)
    )
    body = f"<tr><td>{t.row}</td>" + "<td></td>" * len(t.column_labels) + "</tr>\n"
    for label, line in zip(t.row_labels, t.n, strict=True):
        body += (
            f"<tr><td>    {label}</td>"
            + "".join(f"<td>{v:,} ({100 * v / c:.1f}%)</td>" for v, c in zip(line, t.column_totals, strict=True))
            + "</tr>\n"
        )
    return f"<!DOCTYPE html><html><body><table><thead><tr><th>Characteristic</th>{head}</tr></thead>\n<tbody>{body}</tbody><tfoot><tr><td colspan='{len(t.column_labels) + 1}'><sup>1</sup> n (%)</td></tr></tfoot></table></body></html>"


def _pandas_all(t: TwoWay) -> str:
    return _csv(t.grid(word="All"))


def _long(t: TwoWay) -> str:
    return _csv(t.long())


def _two_header(t: TwoWay) -> str:
    """A pivot's columns on two levels: counts and row shares."""
    columns = pd.MultiIndex.from_product([["n_students", "row_pct"], list(t.column_labels)], names=[None, t.column])
    body = np.column_stack([t.n.astype(object), np.round(100 * t.n / t.row_totals[:, None], 1).astype(object)])
    return pd.DataFrame(body, index=pd.Index(t.row_labels, name=t.row), columns=columns).to_csv()


def _tabulate(t: TwoWay) -> str:
    grid = t.grid()
    return _markdown(Grid(grid.header, grid.rows, 1, f"{t.row} by {t.column}"))


def _xlsx_merged(t: TwoWay) -> bytes:
    """A merged banner over the columns, a title above, a source line below."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Results"
    sheet.append([f"Table 2. {t.row} by {t.column}"])
    sheet.append([t.row, t.column])
    sheet.merge_cells(start_row=2, start_column=2, end_row=2, end_column=1 + len(t.column_labels))
    sheet.append(["", *t.column_labels, "Total"])
    for row in t.grid().rows:
        sheet.append(row)
    sheet.append(["Source: project extract, 2019 cohort."])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _tbl_cross_html(t: TwoWay) -> str:
    grid = t.grid()
    frame = pd.DataFrame([r[1:] for r in grid.rows], index=pd.Index([r[0] for r in grid.rows], name=t.row), columns=pd.MultiIndex.from_product([[t.column], grid.header[1:]]))  # fmt: skip
    return frame.to_html()


_TWO_WAY: dict[str, Any] = {
    "stata_tab": _stata,
    "stata_col": lambda t: _stata(t, True),
    "sas_freq": _sas_freq,
    "r_table": _r_table,
    "spss": _spss,
    "gtsummary": _gtsummary,
    "pandas_all": _pandas_all,
    "long": _long,
    "two_header": _two_header,
    "tabulate": _tabulate,
    "xlsx_merged": _xlsx_merged,
    "tbl_cross_html": _tbl_cross_html,
}
