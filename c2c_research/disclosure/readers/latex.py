"""LaTeX: the tables of a source file (tabular and its relatives), and the prose around them."""

from __future__ import annotations

import re
from dataclasses import replace

from c2c_research.disclosure.document import Document
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.grid import tables_from
from c2c_research.disclosure.readers.text import tables_in
from c2c_research.disclosure.tables import Table

_KINDS = r"(?:tabular\*?|tabularx|tabulary|longtable|tabu|array|tblr|supertabular)"
_TABLE = re.compile(rf"\\begin\{{({_KINDS})\}}(.*?)\\end\{{\1\}}", re.DOTALL)
_CAPTION = re.compile(r"\\caption\*?(?:\[[^\]]*\])?\{([^{}]{0,400})")
_RULE = re.compile(
    r"\\(?:toprule|midrule|bottomrule|hline|endhead|endfirsthead|endfoot|endlastfoot|centering|addlinespace"
    r"|noalign\{[^{}]*\}|c(?:mid|)(?:rule|line)(?:\([a-z]*\))?\{[^{}]*\})(?:\[[^\]]{0,20}\])?"
)
_SPANNED = re.compile(r"\\multi(column|row)\{(\d{1,2})\}\{[^{}]*\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?(?:\[[^\]]{0,40}\])?\{([^{}]*)\}")
_ARGUMENTS = re.compile(r"^\s*(?:\[[^\]]{0,40}\])?(?:\{(?:[^{}]|\{[^{}]*\})*\})+")


def read(kind: str, content: bytes) -> Document:
    """Read a source file. Text outside tables is read as plain text."""
    tables, prose = latex_tables(decode(content))
    return Document(kind, tuple(tables), prose)


def latex_tables(text: str, where: str = "") -> tuple[list[Table], str]:
    """The tables of a LaTeX text and what is left of it."""
    found: list[Table] = []
    rest: list[str] = []
    place = 0
    for match in _TABLE.finditer(text):
        around = text[place : match.start()]
        rest.append(around)
        caption = _caption(around) or _caption(text[match.end() : match.end() + 400].partition("\\end{table}")[0])
        label = f"{where}, table {len(found) + 1}".lstrip(", ")
        tables, notes = tables_from(_grid(match[2]), label)
        found.extend(tables if not caption else _captioned(tables, caption))
        rest.append(notes)
        place = match.end()
    rest.append(text[place:])
    others, prose = tables_in("\n".join(rest), where)
    return [*found, *others], prose


def _captioned(tables: list[Table], caption: str) -> list[Table]:
    return [replace(table, caption=caption) for table in tables]


def _caption(text: str) -> str:
    found = _CAPTION.findall(text)
    return _plain(found[-1]) if found else ""


def _grid(body: str) -> list[list[str]]:
    body = _ARGUMENTS.sub("", body, count=1)
    lines = [_RULE.sub("", line).strip() for line in re.split(r"\\\\(?:\[[^\]]{0,20}\])?|\\tabularnewline", body)]
    return [_cells(line) for line in lines if line]


def _cells(line: str) -> list[str]:
    cells: list[str] = []
    for part in re.split(r"(?<!\\)&", line):
        span = _SPANNED.search(part)
        wide = int(span[2]) if span and span[1] == "column" else 1
        cells.extend([_plain(_SPANNED.sub(r"\3", part)), *[""] * (wide - 1)])
    return cells


def _plain(text: str) -> str:
    for _ in range(4):
        text = _COMMAND.sub(r"\1", text)
    text = re.sub(r"\\([%$_&#{}])", r"\1", text).replace("\\,", "").replace("~", " ").replace("--", "-")
    text = re.sub(r"\^\{?([*†‡a-z0-9]{1,3})\}?", r"\1", text.replace("$", "")) if "$" in text else text
    return " ".join(re.sub(r"\\[a-zA-Z]+\s?|[{}]", "", text).split())
