"""Repairs: what can be done to a file that does not pass, each tried and checked again before it is offered.

In order: rounding of counts to 5 with totals of the rounded cells; banding of outer percentages; merging of categories
by the tree that the sidecar declares (`merge:`); suppression with proof; a twin without hidden content. A repaired
table is written as CSV. What does not pass afterwards is not offered, so that a file may have no repair at all.

Each repair says which cells it changed, so that an author sees the difference before they take it.

Limit: tables are repaired where a file holds exactly one, as it stands in the file. A merged count is the sum of its
parts: where one person may stand in several of them, make the table again with `Result.merge`, which counts persons.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import yaml

from c2c_research.disclosure import readers
from c2c_research.disclosure.answers import Answers, answered
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.context import BadContext, Context, parse_context
from c2c_research.disclosure.document import RefusedKind, Unreadable
from c2c_research.disclosure.engine import check_content, statements_in
from c2c_research.disclosure.findings import Cell, FileReport, Status
from c2c_research.disclosure.policy import DEFAULT_PACK, Policy, load_pack
from c2c_research.disclosure.protection.request import BadRequest, Wishes, masked_rows, suppress_table
from c2c_research.disclosure.protection.structure import Structure, cells_of, structure_of
from c2c_research.disclosure.protection.suppression import MARKER
from c2c_research.disclosure.rules.rate import proportion_columns, scale_of
from c2c_research.disclosure.rules.shared import many
from c2c_research.disclosure.statements import StatementSet
from c2c_research.disclosure.tables import Role, Table
from c2c_research.disclosure.twins import stripped

BASE = 5
BAND = 0.05
SECONDS = 5.0


@dataclass(frozen=True)
class ChangedCell:
    """One cell that a repair changed: its place in the table, what stands at its row and above it, and its texts."""

    row: int
    column: int
    label: str
    before: str
    after: str

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Repair:
    """One offer: the new file with its sidecar and evidence, what was changed, and the check that it passes.

    `cells` are the changed cells where the table kept its shape; else the new file speaks for itself.
    """

    kind: str
    name: str
    content: bytes
    sidecar: str
    evidence: str
    changed: str
    report: FileReport
    cells: tuple[ChangedCell, ...] = ()

    def statements(self) -> StatementSet:
        """What the repaired file says in numbers."""
        return StatementSet(self.name, statements_in(self.name, self.content, self.sidecar, self.evidence))

    def write(self, folder: Path) -> Path:
        """Write the file into a folder, its sidecar and evidence beside it."""
        target = folder / self.name
        target.write_bytes(self.content)
        for suffix, text in ((".context.yaml", self.sidecar), (".evidence.json", self.evidence)):
            if text:
                target.with_name(target.name + suffix).write_text(text, encoding="utf-8")
        return target


@dataclass(frozen=True)
class _Change:
    """A table after a repair: its texts, what its sidecar says besides, and which cells keep their evidence."""

    rows: list[list[str]]
    said: dict[str, Any]
    sentence: str
    gone: frozenset[Cell] = frozenset()
    keeps_evidence: bool = True
    header: tuple[str, ...] | None = None


def repairs(
    name: str,
    content: bytes,
    policy: str | Policy = DEFAULT_PACK,
    context: str = "",
    evidence: str = "",
    *,
    answers: Answers | None = None,
    anyway: bool = False,
) -> tuple[Repair, ...]:
    """The repairs of a file that pass the check, best first; none where nothing was found.

    Where a file passes with advice, such as a percentage near 100, the repairs that answer it are given. `anyway` looks
    for all: a file may pass alone and fail beside others. `answers` is what the author said of columns.
    """
    pack = load_pack(policy) if isinstance(policy, str) else policy
    known = answers or Answers()
    before = check_content(name, content, pack, context, evidence, known)
    if not anyway and not before.findings:
        return ()
    found = []
    table = _one_table(name, content, context, evidence, known)
    if table is not None:
        for kind, make in _MAKERS.items():
            change = make(table, pack)
            if change is not None and (change.header is not None or change.rows != [list(row) for row in table.rows]):
                found.append(_table_repair(kind, name, change, table, context, evidence, pack))
    twin = stripped(name, content)
    if twin is not None and twin != content:
        report = check_content(name, twin, pack, context, evidence, known)
        found.append(Repair("stripped", name, twin, context, evidence, "Made anew from what is visible.", report))
    only_advice = before.status is Status.PASS and not anyway
    return tuple(
        each
        for each in found
        if each.report.status is Status.PASS and not (only_advice and len(each.report.findings) >= len(before.findings))
    )


def write_repairs(
    files: Iterable[tuple[str, bytes, str, str]], folder: Path, policy: str | Policy = DEFAULT_PACK
) -> list[tuple[str, Repair, Path]]:
    """Write all repairs of all files (name, bytes, sidecar, evidence) into a folder: `(original, repair, path)` each.

    Files of one name in several folders do not overwrite each other: a later one gets a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content, context, evidence in files:
        for repair in repairs(PurePath(name).name, content, policy, context, evidence):
            stem, suffix = PurePath(repair.name).stem, PurePath(repair.name).suffix
            names = (f"{stem}{'' if n == 1 else f'-{n}'}.{repair.kind}{suffix}" for n in range(1, 1000))
            free = next(each for each in names if not (folder / each).exists())
            written.append((name, repair, replace(repair, name=free).write(folder)))
    return written


def _one_table(name: str, content: bytes, context: str, evidence: str, answers: Answers) -> Table | None:
    try:
        sidecar = parse_context(context, evidence) if context.strip() or evidence.strip() else Context()
        document = readers.read(name, content).with_context(answered(sidecar, answers, name))
    except (BadContext, RefusedKind, Unreadable):
        return None
    usable = len(document.tables) == 1 and not document.tables[0].reshaped and bool(document.tables[0].rows)
    return document.tables[0] if usable else None


def _table_repair(
    kind: str, name: str, change: _Change, table: Table, context: str, evidence: str, policy: Policy
) -> Repair:
    target = f"{PurePath(name).stem}.csv"
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(change.header or table.header)
    writer.writerows(change.rows)
    content = buffer.getvalue().encode()
    said = {**(yaml.safe_load(context) if context.strip() else _declared(table)), "table": target, **change.said}
    sidecar = str(yaml.safe_dump(said, sort_keys=False, allow_unicode=True))
    left = _evidence_without(evidence, change)
    report = check_content(target, content, policy, sidecar, left)
    return Repair(kind, target, content, sidecar, left, change.sentence, report, tuple(_changed_cells(table, change)))


def _changed_cells(table: Table, change: _Change) -> Iterator[ChangedCell]:
    if change.header is not None or len(change.rows) != len(table.rows):
        return
    keys = table.columns_of(Role.KEY) or (0,)
    for number, (old, new) in enumerate(zip(table.rows, change.rows, strict=True)):
        for column, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                named = ", ".join(old[key].strip() for key in keys if key != column)
                yield ChangedCell(number, column, f"{named}: {table.header[column]}", before, after)


def _declared(table: Table) -> dict[str, Any]:
    """A sidecar for a table that has none: what the check took its columns for."""
    named = {role: [table.header[c] for c in table.columns_of(role)] for role in (Role.KEY, Role.COUNT, Role.RATE)}
    said: dict[str, Any] = {"rows": named[Role.KEY]}
    if named[Role.COUNT]:
        said["counts"] = named[Role.COUNT]
    if named[Role.RATE]:
        said["rates"] = named[Role.RATE]
    return said


def _evidence_without(evidence: str, change: _Change) -> str:
    """The evidence of cells that still show what it speaks of."""
    if not evidence.strip() or not change.keeps_evidence:
        return ""
    data = json.loads(evidence)
    for part in ("counts", "bases", "contributions"):
        if part in data:
            data[part] = [each for each in data[part] if (each[0], each[1]) not in change.gone]
    return json.dumps(data)


def _rounded(table: Table, policy: Policy) -> _Change | None:
    """Counts to the nearest 5, totals as sums of rounded cells."""
    structure = structure_of(table)
    if not structure.values or table.rounding_base >= BASE:
        return None
    done = _rounded_cells(structure)
    rows = [list(row) for row in table.rows]
    for (row, column), number in done.items():
        rows[row][column] = str(number)
    return _Change(
        rows, {"rounding": {"base": BASE}}, f"Counts are rounded to {BASE}; totals are sums of the rounded counts."
    )


def _rounded_cells(structure: Structure) -> dict[Cell, int]:
    """New numbers of all shown counts. A total follows its parts in a line that is fully shown."""
    shown = {cell: value.number for cell, value in structure.values.items() if value.number is not None}
    lines = [cells_of(line) for line in structure.lines]
    whole = {line[-1]: line[:-1] for line in reversed(lines) if all(cell in shown for cell in line)}
    done: dict[Cell, int] = {}

    def number_of(cell: Cell, above: frozenset[Cell]) -> int:
        if cell not in done:
            parts = whole.get(cell, ())
            follows = bool(parts) and not above.intersection(parts)
            done[cell] = sum(number_of(part, above | {cell}) for part in parts) if follows else _nearest(shown[cell])
        return done[cell]

    for cell in shown:
        number_of(cell, frozenset())
    return done


def _nearest(number: float) -> int:
    return int(BASE * ((number + BASE / 2) // BASE))


def _banded(table: Table, policy: Policy) -> _Change | None:
    """Percentages near 0 and 100 as bands."""
    columns = proportion_columns(table)
    rows, changed = [list(row) for row in table.rows], set[Cell]()
    for column in columns:
        scale, _ = scale_of(table, column)
        sign = "%" if scale == 100 and any(value.percent for value in table.column(column)) else ""
        for row, value in enumerate(table.column(column)):
            band = _band(value.number / scale, scale) if value.number is not None else ""
            if band and row not in table.total_rows and value.mark is Mark.NUMBER:
                rows[row][column] = band + sign
                changed.add((row, column))
    if not changed:
        return None
    return _Change(rows, {}, f"Shown as bands: {many(len(changed), 'percentage')} near 0 or 100.", frozenset(changed))


def _band(share: float, scale: float) -> str:
    if share <= BAND:
        return f"<={BAND * scale:g}"
    if share >= 1 - BAND:
        return f">={(1 - BAND) * scale:g}"
    return ""


def _merged(table: Table, policy: Policy) -> _Change | None:
    """Categories of a key joined as the sidecar's tree says; counts are added."""
    keys, counts = table.columns_of(Role.KEY), table.columns_of(Role.COUNT)
    trees = {table.header.index(name): tree for name, tree in table.context.merge.items() if name in table.header}
    numbers = all(table.values[row][column].number is not None for row in range(len(table.rows)) for column in counts)
    if not trees or not counts or not numbers or len(keys) + len(counts) < table.width or not set(trees) <= set(keys):
        return None
    into = {column: {part: name for name, parts in tree.items() for part in parts} for column, tree in trees.items()}
    sums: dict[tuple[str, ...], list[int]] = {}
    for texts, values in zip(table.rows, table.values, strict=True):
        label = tuple(into.get(key, {}).get(texts[key].strip(), texts[key]) for key in keys)
        before = sums.setdefault(label, [0] * len(counts))
        for place, column in enumerate(counts):
            before[place] += int(values[column].number or 0)
    if len(sums) == len(table.rows):
        return None
    header = tuple(table.header[column] for column in (*keys, *counts))
    rows = [[*label, *map(str, numbers)] for label, numbers in sums.items()]
    sentence = f"{len(table.rows)} lines became {len(rows)}, by the declared categories."
    return _Change(rows, {}, sentence, keeps_evidence=False, header=header)


def _suppressed(table: Table, policy: Policy) -> _Change | None:
    """Small counts hidden, and others so that they stay hidden."""
    try:
        done = suppress_table(table, policy, Wishes(seconds=SECONDS))
    except BadRequest:
        return None
    if done.exposed or not done.hidden:
        return None
    marked = {"suppressed": [MARKER]}
    return _Change(masked_rows(table, done.masked), marked, done.sentence, done.masked)


_MAKERS: dict[str, Callable[[Table, Policy], _Change | None]] = {
    "rounded": _rounded, "banded": _banded, "merged": _merged, "suppressed": _suppressed,
}  # fmt: skip
