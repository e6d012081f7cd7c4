"""Plain text, logs and code: tables made of aligned columns, bars or boxes, and the prose around them."""

from __future__ import annotations

import re
from itertools import pairwise

from c2c_research.disclosure.cells import Mark, parse
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.readers.columns import columns, is_number
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.grid import tables_from, titled
from c2c_research.disclosure.readers.ruled import barred
from c2c_research.disclosure.tables import Table

_GAP = re.compile(r"\s{2,}|\t+")
_RULE = re.compile(r"^[\s\-=+|_:┌┐└┘├┤┬┴┼─━═╞╪╡│~]*$")
_SERIES_END = re.compile(r"^(?:Freq: \w+, )?(?:Name: (.*), )?(?:Length: \d+, )?dtype: \w+$")
_SIGNIFICANCE = re.compile(r"\|([tzZTF])\|")
# the types below the names of a tibble
_TYPES = re.compile(r"^\s*(?:<(?:chr|int|dbl|lgl|fct|ord|date|dttm|num|list)>\s*)+$")
_SHAPE = re.compile(r"^\[\d+ rows? x \d+ columns?\]$")
_PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.|In \[|Out\[|[.$>]\s|\(\d+, \d+\)|\d+\s*$)")
_STAMP = re.compile(r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ][\d:.,]+Z?\]?\s+)?\[?(?:INFO|DEBUG|WARNING|WARN|ERROR)\]?\b")
_NUMBERED = re.compile(r"^\s*\d{1,6}\.\s*[|│]")
# bars drawn with letters behind a number
_DRAWN = re.compile(r"(?<=\d)\s+(?:[#█▇▆▅▄▃▂▁■▌=]+|\*{4,})\s*$")
_POINT = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+(?=[A-Za-z0-9*_\"'(~<])")
_POINT_WORDS = 4
_LABELLED = re.compile(r"^(.*[^\s\d].*?)\s{2,}(\S+)$")
_LEAST_LINES = 3
_AROUND = 5
_DATA_RUN = 4
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read(kind: str, content: bytes) -> Document:
    text = decode(content)
    if kind == "code":
        return Document(kind, tuple(tables_in("\n".join(_data_lines(text)))[0]), text)
    tables, prose = tables_in(text)
    return Document(kind, tuple(tables), prose)


def _data_lines(text: str) -> list[str]:
    """Runs of lines in a program that are records and no code (`datalines`, a pasted table)."""
    found: list[str] = []
    run: list[str] = []
    for line in [*text.split("\n"), ""]:
        fields = [part for part in re.split(r"[,;\t| ]+", line.strip()) if part]
        numbers = sum(parse(part).mark is Mark.NUMBER for part in fields)
        if len(fields) > 1 and 2 * numbers >= len(fields) and not re.search(r"[=(){}\[\]<>]|;\s*$", line):
            run.append(line)
            continue
        if len(run) >= _DATA_RUN:
            found.extend(["", *run])
        run = []
    return found


def tables_in(text: str, where: str = "") -> tuple[list[Table], str]:
    """Find the tables in a text. A table is two or more neighbouring lines of the same number of columns."""
    tables: list[Table] = []
    prose: list[str] = []
    above = 0
    for block in _headed(_blocks(_SIGNIFICANCE.sub(r"¦\1¦", _ANSI.sub("", text)))):
        if _is_titled(block):
            prose.append(block[0])
            block = block[1:]
        grid = _grid(block)
        if grid is None:
            prose.extend(block)
            continue
        label = f"text table {len(tables) + 1}"
        found, rest = tables_from(grid, f"{where}, {label}".lstrip(", "))
        if not any(table.rows for table in found):
            # a title above one sentence with numbers: its words are prose, and are read as such
            prose.extend(block)
            continue
        tables.extend([*titled(found[:1], prose[above:]), *found[1:]])
        above = len(prose)
        prose.append(rest)
    return tables, "\n".join(prose)


def _blocks(text: str) -> list[list[str]]:
    """Runs of lines without a blank or double rule between them; a table with bars is a run of its own."""
    blocks: list[list[str]] = [[]]
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if _SHAPE.match(line.strip()) or _TYPES.match(line):
            continue
        if line.rstrip().endswith(" \\"):
            # pandas marks lines that go on below
            line = line.rstrip()[:-1]
        if _PROMPT.match(line) or _STAMP.match(line) or _is_point(line):
            # what was typed or logged is no line of the table below or above it
            blocks.extend([[line.rstrip()], []])
            continue
        rule = bool(_RULE.match(line))
        if line.strip() and not rule and _changes(blocks[-1], line):
            blocks.append([])
        boxed = line.lstrip()[:1] in ("|", "│")
        if rule and line.strip() and not boxed and blocks[-1] and _begins_another(lines[place + 1 : place + 3]):
            blocks.append([])
        if line.strip() and not (rule and "=" in line and len(blocks[-1]) > 2):
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _is_point(line: str) -> bool:
    """A sentence of a list of points ("- 62% of completers had a job"); a table's line has gaps."""
    match = _POINT.match(line)
    return match is not None and len(line.split()) > _POINT_WORDS and not _GAP.search(line.strip())


def _is_titled(block: list[str]) -> bool:
    """A first line of words without gaps above an indented line of names."""
    if len(block) < 3 or block[0][:1].isspace() or _GAP.search(block[0].strip()) or _has_bar(block[0]):
        return False
    names = _GAP.split(block[1].strip())
    return block[1].startswith("    ") and len(names) > 1 and not any(map(is_number, [*block[0].split(), *names]))


def _headed(blocks: list[list[str]]) -> list[list[str]]:
    """Blocks whose header stands above a blank line, as SAS prints it, with that header."""
    found = [list(block) for block in blocks]
    for above, below in pairwise(found):
        line = above[-1] if above else ""
        if len(below) < 2 or _has_bar(line) or len(_GAP.split(line.strip())) < 2 or any(map(is_number, line.split())):
            continue
        alone, together = _aligned(below), _aligned([line, *below])
        if alone is not None and together is not None and len(together[0]) >= len(alone[0]) and is_number(alone[0][-1]):
            below.insert(0, above.pop())
    return [block for block in found if block]


def _begins_another(following: list[str]) -> bool:
    """After a rule: a header between two rules, or pairs of a name with a colon and a value (parts of a summary)."""
    if not following or not following[0].strip() or _RULE.match(following[0]):
        return False
    first = following[0].split()
    headed = len(following) > 1 and bool(following[1].strip()) and bool(_RULE.match(following[1]))
    return first[0].endswith(":") or (headed and "+" not in following[1] and not any(is_number(t) for t in first))


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
    lines = [_DRAWN.sub("", line) for line in lines]
    bars = [line for line in lines if "|" in line or "│" in line]
    if bars and 2 * sum(bool(_NUMBERED.match(line)) for line in bars) >= len(bars):
        return _best_aligned([_between_bars(line) for line in bars])
    if len(bars) >= 2 and len(bars) >= 0.8 * len(lines):
        return barred(bars) or [_split_bars(line) for line in bars]
    if _is_captioned(lines):
        grid = _best_aligned(lines[1:])
        return [[lines[0].strip(), *[""] * (len(grid[0]) - 1)], *grid] if grid else None
    tabbed = [line for line in lines if "\t" in line.strip()]
    if len(tabbed) >= 2 and len(tabbed) >= 0.8 * len(lines) and _has_numbers(tabbed, "\t"):
        return [[part.strip() for part in line.split("\t")] for line in lines]
    if all("," in line for line in lines) and len({line.count(",") for line in lines}) == 1:
        return [[part.strip() for part in line.split(",")] for line in lines] if _has_numbers(lines, ",") else None
    return _best_aligned(lines)


def _between_bars(line: str) -> str:
    """A line that Stata's `list` numbers, without its number and its frame; its columns keep their places."""
    inside = _NUMBERED.sub(lambda match: " " * len(match[0]), line)
    return inside.replace("|", " ").replace("│", " ").rstrip()


def _is_captioned(lines: list[str]) -> bool:
    """A line of words without gaps over lines that are each a label and a number."""
    head, *rest = lines
    if len(rest) < 2 or _GAP.search(head.strip()) or any(map(is_number, head.split())) or len(head.split()) < 2:
        return False
    pairs = [_GAP.split(line.strip()) for line in rest]
    return all(len(pair) == 2 and not is_number(pair[0]) and is_number(pair[1]) for pair in pairs)


def _best_aligned(lines: list[str]) -> list[list[str]] | None:
    """The table in a block whose first or last lines may be a title, a prompt or a remark.

    Lines are left out where what stays then falls into more columns. They come back as lines of one text.
    """
    whole = _aligned(lines)
    best, width, cut = whole, len(whole[0]) if whole else 0, (0, len(lines))
    for first in range(min(_AROUND, len(lines) - 2) + 1):
        for last in range(len(lines), max(len(lines) - _AROUND, first + 2) - 1, -1):
            left_out = [*lines[:first], *lines[last:]]
            if not left_out or any(_GAP.search(line.strip()) for line in left_out):
                # a line with gaps of its own is a line of the table
                continue
            grid = _aligned(lines[first:last])
            if grid is not None and len(grid[0]) > width:
                best, width, cut = grid, len(grid[0]), (first, last)
    if best is None or cut == (0, len(lines)):
        return best
    pad = [""] * (width - 1)
    before = [[line.strip(), *pad] for line in lines[: cut[0]] if not _PROMPT.match(line)]
    after = [[line.strip(), *pad] for line in lines[cut[1] :] if not _PROMPT.match(line)]
    return [*before, *([[]] if len(before) > 1 else []), *best, *([[]] if after else []), *after]


def _split_bars(line: str) -> list[str]:
    """Parts between bars. A line that has no bar at its sides may align further columns behind the first (Stata)."""
    parts = [part.strip() for part in re.split(r"[|│]", line.strip().strip("|│"))]
    if line.strip()[:1] in "|│" or len(parts) != 2:
        return parts
    return [parts[0], *_GAP.split(parts[1])]


def _series(block: list[str]) -> list[list[str]] | None:
    """A Series as pandas prints it: labels and values, then a line with its name and type.

    Whole numbers without a name are what `groupby().size()` prints.
    """
    match = _SERIES_END.match(block[-1].strip())
    if match is None:
        return None
    name = match[1] or ("n" if block[-1].strip().endswith("int64") else "value")
    pairs = [(line.rstrip().rsplit(None, 1) if " " in line.strip() else [line, ""]) for line in block[:-1]]
    if not pairs:
        return None
    headed = parse(pairs[0][-1]).mark is not Mark.NUMBER
    lines = [block[0], *(pair[0] for pair in pairs[1:])] if headed else [pair[0] for pair in pairs]
    labels = columns([line.rstrip() for line in lines], 2) if headed else [[line.strip()] for line in lines]
    grid = [[*label, pair[1]] for label, pair in zip(labels, pairs, strict=True)]
    if headed:
        grid[0][-1] = name
    else:
        grid.insert(0, ["", name])
    return grid if len(grid) > 2 else None


def _has_numbers(lines: list[str], delimiter: str) -> bool:
    return any(parse(part).mark is Mark.NUMBER for line in lines[1:] for part in line.split(delimiter))


def _parted(grid: list[list[str]]) -> list[list[str]]:
    """A column in which every line is a label, a gap and a number, as two; its name belongs to the numbers."""
    for column in range(len(grid[0])):
        pairs = [_LABELLED.match(row[column]) for row in grid[1:]]
        named = bool(grid[0][column]) and not any(map(is_number, grid[0][column].split()))
        if named and len(pairs) >= _LEAST_LINES and all(pair and is_number(pair[2]) for pair in pairs):
            halves = [["", grid[0][column]], *([pair[1], pair[2]] for pair in pairs if pair)]
            return [[*row[:column], *half, *row[column + 1 :]] for row, half in zip(grid, halves, strict=True)]
    return grid


def _aligned(lines: list[str]) -> list[list[str]] | None:
    """Columns set apart by blanks: the columns' right or left edges are where all lines have a blank."""
    grid = columns(lines, 1)
    tokens = [line.split() for line in lines]
    widths = {len(line) for line in tokens[1:]}
    steady = len(widths) == 1 and len(tokens[0]) in (len(tokens[1]), len(tokens[1]) - 1)
    if steady and len(grid[0]) < max(widths) and all(is_number(word) for line in tokens[1:] for word in line[1:]):
        # every line has as many words: blanks alone set them apart, whatever the edges
        grid = [[""] * (max(widths) - len(line)) + line for line in tokens]
    grid = _parted(grid)
    if len(grid[0]) < 2:
        return None
    numbers = sum(is_number(text) for row in grid[1:] for text in row)
    words = sum(parse(text).mark is Mark.TEXT and not is_number(text) for row in grid for text in row)
    return grid if numbers >= 2 and numbers * 4 >= words else None
