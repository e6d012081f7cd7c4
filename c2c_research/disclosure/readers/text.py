"""Plain text, logs and code: tables made of aligned columns, bars or boxes, and the prose around them."""

from __future__ import annotations

import re

from c2c_research.disclosure.cells import Mark, parse
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.grid import tables_from
from c2c_research.disclosure.tables import Table

_GAP = re.compile(r"\s{2,}|\t+")
_RULE = re.compile(r"^[\s\-=+|_:┌┐└┘├┤┬┴┼─━═╞╪╡│~]*$")
_SERIES_END = re.compile(r"^(?:Freq: \w+, )?(?:Name: (.*), )?(?:Length: \d+, )?dtype: \w+$")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read(kind: str, content: bytes) -> Document:
    text = decode(content)
    if kind == "code":
        return Document(kind, (), text)
    tables, prose = tables_in(text)
    return Document(kind, tuple(tables), prose)


def tables_in(text: str, where: str = "") -> tuple[list[Table], str]:
    """Find the tables in a text. A table is two or more neighbouring lines of the same number of columns."""
    tables: list[Table] = []
    prose: list[str] = []
    for block in _blocks(_ANSI.sub("", text)):
        grid = _grid(block)
        if grid is None:
            prose.extend(block)
            continue
        label = f"text table {len(tables) + 1}"
        found, rest = tables_from(grid, f"{where}, {label}".lstrip(", "))
        tables.extend(found)
        prose.append(rest)
    return tables, "\n".join(prose)


def _blocks(text: str) -> list[list[str]]:
    """Runs of lines without a blank or double rule between them; a table with bars is a run of its own."""
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() and not _RULE.match(line) and _changes(blocks[-1], line):
            blocks.append([])
        if line.strip() and not (_RULE.match(line) and "=" in line and len(blocks[-1]) > 2):
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _changes(block: list[str], line: str) -> bool:
    """Does a table with bars begin or end here?"""
    last = next((each for each in reversed(block) if not _RULE.match(each)), None)
    return last is not None and _has_bar(last) != _has_bar(line)


def _has_bar(line: str) -> bool:
    return "|" in line or "│" in line


def _grid(block: list[str]) -> list[list[str]] | None:
    lines = [line for line in block if not _RULE.match(line)]
    if len(lines) < 2:
        return None
    series = _series(block)
    if series is not None:
        return series
    bars = [line for line in lines if "|" in line or "│" in line]
    if len(bars) >= 2 and len(bars) >= 0.8 * len(lines):
        return [_split_bars(line) for line in bars]
    if all("," in line for line in lines) and len({line.count(",") for line in lines}) == 1:
        return [[part.strip() for part in line.split(",")] for line in lines] if _has_numbers(lines, ",") else None
    return _aligned(lines)


def _split_bars(line: str) -> list[str]:
    """Parts between bars. A line that has no bar at its sides may align further columns behind the first (Stata)."""
    parts = [part.strip() for part in re.split(r"[|│]", line.strip().strip("|│"))]
    if line.strip()[:1] in "|│" or len(parts) != 2:
        return parts
    return [parts[0], *_GAP.split(parts[1])]


def _series(block: list[str]) -> list[list[str]] | None:
    """A Series as pandas prints it: labels and values, then a line with its name and type."""
    match = _SERIES_END.match(block[-1].strip())
    if match is None:
        return None
    pairs = [line.rsplit(None, 1) for line in block[:-1]]
    rows = [pair for pair in pairs if len(pair) == 2]
    return [["", match[1] or "value"], *rows] if len(rows) > 1 else None


def _has_numbers(lines: list[str], delimiter: str) -> bool:
    return any(parse(part).mark is Mark.NUMBER for line in lines[1:] for part in line.split(delimiter))


def _aligned(lines: list[str]) -> list[list[str]] | None:
    """Columns set apart by blanks: the columns' right or left edges are where all lines have a blank."""
    width = max(len(line) for line in lines)
    padded = [line.expandtabs(8).ljust(width) for line in lines]
    width = max(len(line) for line in padded)
    padded = [line.ljust(width) for line in padded]
    blank = [all(line[column] == " " for line in padded) for column in range(width)]
    spans = _spans(blank)
    if len(spans) < 2:
        return None
    grid = [[line[start:end].strip() for start, end in spans] for line in padded]
    numbers = sum(parse(text).mark is Mark.NUMBER for row in grid[1:] for text in row)
    words = sum(parse(text).mark is Mark.TEXT for row in grid for text in row)
    return grid if numbers >= 2 and numbers * 4 >= words else None


def _spans(blank: list[bool]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for column, empty in enumerate([*blank, True]):
        if not empty and start is None:
            start = column
        elif empty and start is not None:
            spans.append((start, column))
            start = None
    return spans
