"""What changed between two versions of a file, as safe HTML: cells of tables, cells of notebooks, lines, pictures.

Rows of a table are matched by their first cell (and its turn, where it repeats), columns by their name; what moved and
did not change is not told. Every change has its word (changed, new, gone) beside its colour. A file that does not read
as what its name says is compared as text; what is too long to compare is said, never silently cut.
"""

from __future__ import annotations

import csv
import difflib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from output_review.policies import KINDS
from output_review.render.images import read_image
from output_review.render.markup import Html, joined, tag
from output_review.render.tables import MAX_TEXT, read_delimited, read_workbook
from output_review.render.texts import MAX_LINE, read_notebook

MAX_CHANGES = 400
MAX_LINES = 3000
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class RowChange:
    """One row that is not as it was: `cells` are (column, before, after) of what differs."""

    word: str
    label: str
    cells: tuple[tuple[str, str, str], ...]


def changes(name: str, before: bytes, after: bytes) -> Html:
    """What changed from `before` to `after`; the caller knows that the bytes differ."""
    suffix = PurePosixPath(name).suffix.lower()
    kind = KINDS.get(suffix, "text")
    try:
        if kind == "table":
            mark = "\t" if suffix == ".tsv" else ","
            return _table(name, read_delimited(before, mark), read_delimited(after, mark))
        if kind == "workbook":
            return _workbook(before, after)
        if kind == "notebook":
            return _notebook(before, after)
        if kind == "image":
            return _pictures(name, before, after)
    except (ValueError, OverflowError, MemoryError, LookupError, TypeError, UnicodeError, csv.Error):
        return joined(
            _note("It does not read as what its name says, now or before; compared as text."), _text(before, after)
        )
    return _text(before, after)


def row_changes(before: Rows, after: Rows) -> list[RowChange]:
    """The rows that differ, in the order of `after`, then what is gone."""
    old, new = _keyed(before), _keyed(after)
    found = []
    for key, cells in new.items():
        if key not in old:
            found.append(RowChange("new", key[0], tuple((column, "", value) for column, value in cells.items())))
        elif differing := _differing(old[key], cells):
            found.append(RowChange("changed", key[0], differing))
    gone = [(key, cells) for key, cells in old.items() if key not in new]
    return found + [
        RowChange("gone", key[0], tuple((c, value, "") for c, value in cells.items())) for key, cells in gone
    ]


def _keyed(rows: Rows) -> dict[tuple[str, int], dict[str, str]]:
    """(first cell, its how-manieth) → column → value."""
    header = _unique(rows[0]) if rows else []
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], dict[str, str]] = {}
    for row in rows[1:]:
        label = row[0] if row else ""
        names = header + [f"Column {number + 1}" for number in range(len(header), len(row))]
        found[(label, seen[label])] = dict(zip(names, row, strict=False))
        seen[label] += 1
    return found


def _unique(header: Sequence[str]) -> list[str]:
    """Names of columns; one that repeats or is empty gets its number."""
    counts = Counter(header)
    return [name if name and counts[name] == 1 else f"{name} (column {i + 1})".strip() for i, name in enumerate(header)]


def _differing(old: dict[str, str], new: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    columns = [*new, *(column for column in old if column not in new)]
    return tuple((c, old.get(c, ""), new.get(c, "")) for c in columns if old.get(c) != new.get(c))


def _table(name: str, before: Rows, after: Rows) -> Html:
    found = row_changes(before, after)
    if not found:
        return _note("No cell changed: only the order of rows or columns, the title row, or the way it is written.")
    lines = [line for change in found for line in _lines(change)]
    caption = f"{name}: {_many(found, 'changed')}, {_many(found, 'new')}, {_many(found, 'gone')}"
    head = tag("tr", *(tag("th", word, scope="col") for word in ("Row", "What", "Column", "Before", "Now")))
    grid = tag(
        "table", tag("caption", caption), tag("thead", head), tag("tbody", *lines[:MAX_CHANGES]),
        class_="usa-table usa-table--compact review-grid review-changes",
    )  # fmt: skip
    return joined(_scroll(grid, caption), _more(len(lines)))


def _lines(change: RowChange) -> Iterator[Html]:
    for column, old, new in change.cells:
        words = (change.word, column[:MAX_TEXT])
        sides = (tag("del", old[:MAX_TEXT]) if old else "—", tag("ins", new[:MAX_TEXT]) if new else "—")
        row = tag("th", change.label[:MAX_TEXT], scope="row")
        yield tag("tr", row, *(tag("td", each) for each in (*words, *sides)))


def _workbook(before: bytes, after: bytes) -> Html:
    old, new = dict(read_workbook(before)), dict(read_workbook(after))
    parts = [_table(sheet, old.get(sheet, []), rows) for sheet, rows in new.items() if old.get(sheet) != rows]
    gone = [_note(f"The sheet {sheet} is gone.") for sheet in old if sheet not in new]
    return joined(*parts, *gone) or _note("No stored value changed; what differs is how the workbook is made up.")


def _notebook(before: bytes, after: bytes) -> Html:
    """Cells are matched by what they hold; of a changed one the lines that differ, of source and outputs."""
    old, new = ([_cell(cell) for cell in read_notebook(data).cells] for data in (before, after))
    parts = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        for place in range(max(b - a, d - c)):
            was = old[a + place] if a + place < b else ""
            now = new[c + place] if c + place < d else ""
            parts.append(_cell_change(was, now, c + place + 1 if now else a + place + 1))
    return joined(*parts[:MAX_CHANGES], _more(len(parts))) or _note("No cell changed; what differs is its metadata.")


def _cell(cell: dict[str, Any]) -> str:
    """A cell as lines: its kind, its source, and its outputs without what changes at each run."""
    source = cell.get("source")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
    outputs = cell.get("outputs")
    kept = [
        {key: value for key, value in item.items() if key != "execution_count"}
        for item in (outputs if isinstance(outputs, list) else [])
        if isinstance(item, dict)
    ]
    told = f"\noutputs:\n{json.dumps(kept, indent=1, ensure_ascii=False)}" if kept else ""
    return f"{cell.get('cell_type', 'raw')}:\n{text}{told}"


def _cell_change(was: str, now: str, number: int) -> Html:
    word = "changed" if was and now else "new" if now else "gone"
    return tag(
        "section", tag("h4", f"Cell {number}: {word}"), _diff(was.splitlines(), now.splitlines()),
        class_="review-notebook__cell",
    )  # fmt: skip


def _pictures(name: str, before: bytes, after: bytes) -> Html:
    old, new = read_image(f"{name} before", before), read_image(f"{name} now", after)
    if old.data == new.data:
        return _note("The picture is drawn the same; only its metadata changed.")
    sides = (tag("div", tag("h4", word), view.html()) for word, view in (("Before", old), ("Now", new)))
    return tag("div", *sides, class_="review-sides")


def _text(before: bytes, after: bytes) -> Html:
    old, new = (data.decode("utf-8", errors="replace").splitlines() for data in (before, after))
    if max(len(old), len(new)) > MAX_LINES:
        return _note(f"It changed, and is longer than the {MAX_LINES} lines that are compared here: read all of it.")
    return _diff(old, new)


def _diff(old: Sequence[str], new: Sequence[str]) -> Html:
    """A unified diff; `+` and `-` before each line say what the colour says."""
    lines = list(difflib.unified_diff(old, new, "before", "now", lineterm="", n=2))[2:]
    if not lines:
        return _note("No line changed; what differs is how the lines end or how the text is encoded.")
    shown = (_line(line[:MAX_LINE]) for line in lines[: 4 * MAX_CHANGES])
    more = _note(f"{len(lines) - 4 * MAX_CHANGES} more lines differ.") if len(lines) > 4 * MAX_CHANGES else None
    return joined(
        tag("pre", *shown, class_="review-text", tabindex="0", role="region", aria_label="Changed lines"), more
    )


def _line(line: str) -> Html:
    name = {"+": "ins", "-": "del"}.get(line[:1])
    return joined(tag(name, line), "\n") if name else joined(line, "\n")


def _many(found: Sequence[RowChange], word: str) -> str:
    count = sum(change.word == word for change in found)
    return f"{count} row{'' if count == 1 else 's'} {word}"


def _more(count: int) -> Html | None:
    return (
        _note(f"{count - MAX_CHANGES} more changes are not shown: read the whole file.")
        if count > MAX_CHANGES
        else None
    )


def _note(sentence: str) -> Html:
    return tag("p", sentence, class_="review-note")


def _scroll(grid: Html, label: str) -> Html:
    return tag("div", grid, class_="usa-table-container--scrollable", tabindex="0", role="region", aria_label=label)
