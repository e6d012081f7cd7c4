"""From a grid of texts to tables: blocks between blank lines, titles above them, one or more header lines.

Row numbers of a table count its data rows, without the header lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from c2c_research.disclosure.cells import Mark, parse
from c2c_research.disclosure.document import Unreadable
from c2c_research.disclosure.tables import Table

Row = Sequence[str]
_ONLY_DECIMAL = re.compile(r"^\d{1,12}(?:\.\d{3})*,(?:\d{1,2}|\d{4,})\s*%?$")
MAX_ROWS = 100_000
LONGEST_TITLE = 200
TITLE_LINES = 3
_LONGEST_CODE = 31


def tables_from(grid: Sequence[Row], where: str = "", *, decimal_comma: bool = False) -> tuple[list[Table], str]:
    """Split a grid into tables; returns them and the prose found between them."""
    if len(grid) > MAX_ROWS:
        raise Unreadable(f"A table of more than {MAX_ROWS:,} lines cannot be reviewed.")
    decimal_comma = decimal_comma or has_decimal_comma(grid)
    tables: list[Table] = []
    prose: list[str] = []
    above = 0
    for number, block in enumerate(_blocks(grid)):
        lines_above = len(prose)
        lines, caption = _strip_titles(block, prose)
        table = _table(lines, caption, decimal_comma)
        if table is None:
            prose.extend(" ".join(filter(None, map(str.strip, row))) for row in lines)
            continue
        place = where if number == 0 else f"{where}, table {len(tables) + 1}".lstrip(", ")
        title = title_of(prose[above:lines_above])
        above = len(prose)
        tables.append(Table(table.header, table.rows, place, caption, decimal_comma, title=title))
    return tables, "\n".join(prose)


def title_of(lines: Iterable[str]) -> str:
    """The last lines above a table, as far as they are short enough for a title."""
    words = [text for line in lines if (text := line.strip().strip("#*_ ")) and len(text) <= LONGEST_TITLE]
    return " ".join(words[-TITLE_LINES:])


def titled(tables: Iterable[Table], lines: Iterable[str]) -> list[Table]:
    """Tables with what stands above them, where they have no title of their own."""
    title = title_of(lines)
    return [table if table.title or not title else replace(table, title=title) for table in tables]


def has_decimal_comma(grid: Sequence[Row]) -> bool:
    """Are commas decimal signs here? Every number with a comma can be read so, and one of them only so ("0,77")."""
    cells = [text.strip() for row in grid[:400] for text in row if "," in text and text.strip()[:1].isdigit()]
    numbers = [text for text in cells if not any(char.isalpha() for char in text)]
    return any(_ONLY_DECIMAL.match(text) for text in numbers) and all(
        parse(text, decimal_comma=True).mark is Mark.NUMBER for text in numbers
    )


def _blocks(grid: Sequence[Row]) -> list[list[Row]]:
    blocks: list[list[Row]] = [[]]
    for row in grid:
        if any(text.strip() for text in row):
            blocks[-1].append(row)
        elif blocks[-1]:
            # a blank line in a table of one column may be a hole; more than one column: a new block
            blocks.append([])
    return [block for block in blocks if block]


def _strip_titles(block: list[Row], prose: list[str]) -> tuple[list[Row], str]:
    lines = list(block)
    width = max(len(row) for row in lines)
    caption: list[str] = []
    while len(lines) > 1 and width > 1 and _filled(lines[0]) == 1 and not _has_number(lines[0]) and lines[0][0]:
        following = _filled(lines[1])
        if following == 1 and len(lines) > 2 and _filled(lines[2]) == 1:
            break
        caption.append(str(lines.pop(0)[0]).strip())
    while len(lines) > 2 and width > 1 and _filled(lines[-1]) == 1 and not _has_number(lines[-1]) and lines[-1][0]:
        note = str(lines.pop()[0]).strip()
        prose.append(note)
    prose.extend(caption)
    return lines, " ".join(caption)


def _table(lines: list[Row], caption: str, decimal_comma: bool) -> Table | None:
    if not lines:
        return None
    width = max(len(row) for row in lines)
    if all(_filled(row) <= 1 and not _has_number(row) for row in lines):
        # a title or a note that stands alone above or below its table
        return None
    padded = [tuple(str(text) for text in row) + ("",) * (width - len(row)) for row in lines]
    height = _header_height(padded)
    header = _join(padded[:height]) if height else tuple("" for _ in range(width))
    rows = tuple(padded[height:])
    if width < 2 and not any(parse(row[0]).mark is Mark.NUMBER for row in rows):
        return None
    return Table(header, _filled_down(rows), caption=caption)


def _header_height(rows: list[tuple[str, ...]]) -> int:
    """How many lines are header: the first, unless it is all numbers; more where pandas wrote several levels."""
    first = rows[0]
    if len(rows) == 1:
        return 1 if not all(parse(text).mark is Mark.NUMBER for text in first if text.strip()) else 0
    numbers = [parse(text).mark is Mark.NUMBER for text in first[1:]]
    if (
        numbers
        and all(numbers)
        and not _years(first[1:])
        and (parse(first[0]).mark is Mark.NUMBER or _looks_like_data(first, rows[1]))
    ):
        return 0
    named = _index_names(rows)
    if named:
        return named
    height = 1
    while height < min(4, len(rows) - 1) and _is_header_line(rows[height], rows[height + 1 :]):
        height += 1
    return height


def _index_names(rows: list[tuple[str, ...]]) -> int:
    """Header lines where pandas wrote the names of its index below the levels of its columns; 0 where it did not."""
    for height in range(1, min(5, len(rows) - 1)):
        below = rows[height + 1 : height + 6]
        numeric = [column for column in range(1, len(rows[0])) if any(_counts_up(line[column]) for line in below)]
        texts = [parse(rows[height][column]).mark for column in range(len(rows[0])) if column not in numeric]
        blank = all(not rows[height][column].strip() for column in numeric)
        if numeric and blank and Mark.TEXT in texts and texts[0] is Mark.TEXT:
            above = [rows[line][column].strip() for line in range(height) for column in numeric]
            # a key whose measures are all missing is no line of names: names are not repeated below
            if all(above) or height > 1 or any(above):
                return height + 1 if rows[height][0] not in {line[0] for line in below} else 0
    return 0


def _counts_up(text: str) -> bool:
    return parse(text).mark in (Mark.NUMBER, Mark.SUPPRESSED)


def _years(texts: Row) -> bool:
    return all(len(text.strip()) == 4 and text.strip().isdigit() and text.strip()[:2] in ("19", "20") for text in texts)


def _looks_like_data(first: Row, second: Row) -> bool:
    """A line of a text and numbers with fractions, or a text and numbers above such a line: no header."""
    marks = [parse(text) for text in first]
    if len(first) == 2 and marks[1].is_integer and (marks[1].number or 0) > _LONGEST_CODE:
        # nobody calls the only column of numbers "4120"
        return marks[0].mark is Mark.TEXT and parse(second[0]).mark is Mark.TEXT and parse(second[1]).is_integer
    return marks[0].mark is Mark.TEXT and any(value.decimals > 0 for value in marks[1:])


def _is_header_line(row: tuple[str, ...], below: list[tuple[str, ...]]) -> bool:
    """A second header line has no number where the lines below it have numbers."""
    values = [parse(text).mark for text in row]
    if Mark.NUMBER in values or Mark.SUPPRESSED in values or Mark.BANDED in values:
        return False
    numeric = [
        column for column in range(len(row)) if any(parse(line[column]).mark is Mark.NUMBER for line in below[:5])
    ]
    if not numeric:
        return False
    if values[0] is Mark.TEXT and all(mark is Mark.EMPTY for mark in values[1:]):
        # the line of index names that pandas writes below its column levels
        return True
    # a margin has no label on the lower level; one text over numbers may be a remark in a data row
    named = sum(values[column] is Mark.TEXT for column in numeric)
    blank = all(values[column] in (Mark.TEXT, Mark.EMPTY) for column in numeric)
    return blank and named > 1 and 2 * named >= len(numeric)


def _join(lines: list[tuple[str, ...]]) -> tuple[str, ...]:
    if len(lines) == 1:
        return lines[0]
    filled = [
        _fill_right(line, lines[level - 1] if level else None) if level < len(lines) - 1 else line
        for level, line in enumerate(lines)
    ]
    # a label that reaches over several header lines is said once
    return tuple(" | ".join(dict.fromkeys(text for text in (line[column].strip() for line in filled) if text))
                 for column in range(len(lines[0])))  # fmt: skip


def _fill_right(line: tuple[str, ...], above: tuple[str, ...] | None) -> tuple[str, ...]:
    """Repeat a label over the columns that it spans. A column that starts its own group above is not spanned."""
    filled: list[str] = []
    for column, text in enumerate(line):
        spanned = bool(filled) and not text.strip() and (above is None or not above[column].strip())
        filled.append(filled[-1] if spanned else text)
    return tuple(filled)


def _filled_down(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Repeat keys that a writer left out below themselves (merged cells), where a further text key follows them."""
    if len(rows) < 2 or len(rows[0]) < 3:
        return rows
    keys = 0
    while keys < len(rows[0]) - 2 and _has_gaps(rows, keys) and _is_text(rows, keys + 1):
        keys += 1
    filled: list[tuple[str, ...]] = []
    for row in rows:
        cells = list(row)
        for column in range(keys):
            # a gap is filled only below a gap: where an outer key is new, an empty inner one is empty
            if not cells[column].strip() and filled and (column == 0 or cells[column - 1] == filled[-1][column - 1]):
                cells[column] = filled[-1][column]
        filled.append(tuple(cells))
    return tuple(filled)


def _has_gaps(rows: tuple[tuple[str, ...], ...], column: int) -> bool:
    return bool(rows[0][column].strip()) and any(not row[column].strip() for row in rows)


def _is_text(rows: tuple[tuple[str, ...], ...], column: int) -> bool:
    texts = [row[column] for row in rows if row[column].strip()]
    return bool(texts) and (all(parse(text).mark is Mark.TEXT for text in texts) or _years(texts))


def _filled(row: Row) -> int:
    return sum(1 for text in row if text.strip())


def _has_number(row: Row) -> bool:
    return any(parse(text).mark is Mark.NUMBER for text in row)
