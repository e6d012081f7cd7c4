"""Statements: what a file says in numbers, reduced to what comparing files needs.

A *statement* is one measure of one table: its dimensions, and for each cell its place on them, the shown count or that
it is hidden, and the distinct units behind it where evidence says so. A *statement set* is all statements of one file,
with the file's path and the release it belongs to. Sets are small JSON values: they stand for released files wherever
a new request is compared with earlier ones, so that nobody has to open foreign bytes again.

A cell's *coordinates* name the group that it counts: pairs (dimension, category), without the dimensions on which the
cell is a total. Two tables that count the same group of the same population therefore have a cell of equal coordinates.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.tables import Role, Table

Coordinates = frozenset[tuple[str, str]]
PERSONS = "persons"
MAX_CELLS = 20_000
_GENERIC = frozenset(
    ["n", "count", "counts", "freq", "frequency", "headcount", "number", "students", "persons", "people", "individuals",
     "total", "n students", "num students", "number of students", "n persons", "cases", "obs", "unique persons"]
)  # fmt: skip
EXCEPT = re.compile(
    r"\b(?:excluding|exclud(?:es|ed)|excl|without|except(?:ing)?(?: for)?|all but|but not|other than|omitting"
    r"|not (?:counting|including)|leaving out|minus|less(?! than)|outside(?: of)?)\b|\bw/o\b|(?<=\()no(?= )",
    re.IGNORECASE,
)
_FULL = frozenset(
    ["full", "full sample", "whole sample", "everyone", "everybody", "complete", "all cases", "full cohort"]
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEARS = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:-|–|to|through|until)\s*((?:19|20)\d\d)(?!\d)")
_ALL = re.compile(r"\(?\ball\b\)?")
_AROUND = " ,;:.()[]|-–—"
_SHORT_SPAN = re.compile(r"(?<!\d)((?:19|20)\d)\d[-–/](\d\d)(?!\d)")


@dataclass(frozen=True)
class Entry:
    """One cell: a category a dimension (None: a total), the shown number, or a hidden one with its upper bound."""

    labels: tuple[str | None, ...]
    cell: Cell
    number: float | None = None
    upper: int | None = None
    units: int | None = None


@dataclass(frozen=True)
class Statement:
    """One measure of one table. `rounding` is the base to which *all* its counts are proven to be rounded, else 0.

    `half` is above 0 for percentages of an unknown base: numbers are shares of 1, printed to within ± `half`.
    `assumed` where nothing says that the whole numbers are counts: only agreement with another table can prove it.
    """

    measure: str
    dimensions: tuple[str, ...]
    entries: tuple[Entry, ...]
    where: str = ""
    population: str = ""
    caption: str = ""
    unit: str = "persons"
    rounding: int = 0
    revision_of: str = ""
    assumed: bool = False
    half: float = 0.0

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "measure": self.measure,
            "dimensions": list(self.dimensions),
            "cells": [
                [list(each.labels), *each.cell, each.number, each.upper, each.units] for each in self.entries
            ],
        }  # fmt: skip
        rest = {"where": self.where, "population": self.population, "caption": self.caption, "unit": self.unit,
                "rounding": self.rounding, "revision_of": self.revision_of, "assumed": self.assumed,
                "half": self.half}  # fmt: skip
        data.update({name: value for name, value in rest.items() if value})
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Statement:
        """Rebuild a statement. Raises ValueError, KeyError or TypeError on another shape."""
        size = len(data["dimensions"])
        entries = []
        for labels, row, column, number, upper, units in data["cells"][:MAX_CELLS]:
            if len(labels) != size:
                raise ValueError("A cell has another number of labels than there are dimensions.")
            entries.append(
                Entry(
                    tuple(None if label is None else str(label) for label in labels),
                    (int(row), int(column)),
                    None if number is None else float(number),
                    None if upper is None else int(upper),
                    None if units is None else int(units),
                )
            )
        texts = {name: str(data.get(name, "")) for name in ("where", "population", "caption", "revision_of")}
        return cls(
            str(data["measure"]), tuple(map(str, data["dimensions"])), tuple(entries),
            unit=str(data.get("unit", "persons")), rounding=int(data.get("rounding", 0)),
            assumed=bool(data.get("assumed", False)), half=float(data.get("half", 0.0)), **texts,
        )  # fmt: skip


@dataclass(frozen=True)
class StatementSet:
    """All statements of one file. `release` is empty for a file of the request that is being checked."""

    path: str
    statements: tuple[Statement, ...] = field(default=())
    release: str = ""

    @property
    def name(self) -> str:
        """How a finding names the file."""
        return f"{self.release}: {self.path}" if self.release else self.path

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "release": self.release,
            "statements": [statement.to_json() for statement in self.statements],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StatementSet:
        """Rebuild a set; a statement of another shape is an error of the whole set, never silently left out."""
        statements = tuple(Statement.from_json(item) for item in data["statements"])
        return cls(str(data["path"]), statements, str(data.get("release", "")))


def statements_of(document: Document) -> tuple[Statement, ...]:
    """The statements of a file as it was read."""
    # the module of percentages knows statements
    from c2c_research.disclosure.percentages import percentages_of

    counts = (
        statement
        for table in document.tables
        for whole in _statements(table)
        for statement in (whole, *_exceptions(whole))
    )
    return (*counts, *(statement for table in document.tables for statement in percentages_of(table)))


def years_in(*texts: str) -> frozenset[int]:
    """The years that texts name: "2018-19" are two, "2014 to 2021" are eight."""
    found: set[int] = set()
    for text in texts:
        for first, last in _YEARS.findall(text):
            found.update(range(int(first), int(last) + 1))
        found.update(int(year) for year in _YEAR.findall(text))
        found.update(int(century[:2] + last) for century, last in _SHORT_SPAN.findall(text))
    return frozenset(found)


def plain(text: str) -> str:
    """A name as it is compared: lower case, one blank between words, no underscores."""
    return re.sub(r"[\s_]+", " ", text.strip().lower()).strip(" :.")


def measure_named(header: str) -> str:
    """A measure by its column's name; every way to say "number of persons" is one.

    "Students", "All students" and "Students without foster youth" are one measure of three populations.
    """
    name = _ALL.sub("", exception(header)[0]).strip(_AROUND)
    return PERSONS if name in _GENERIC or not name else name


def exception(label: str) -> tuple[str, str]:
    """What a label names, and whom it leaves out: "All but foster youth" are all, less foster youth."""
    name = plain(label)
    match = EXCEPT.search(name)
    if match is None:
        return name, ""
    base = f"{name[: match.start()]} {'all' if match[0].startswith('all') else ''}"
    return base.strip(_AROUND), name[match.end() :].strip(_AROUND)


def _statements(table: Table) -> Iterator[Statement]:
    counts = sorted([*table.columns_of(Role.COUNT), *_wholes(table)]) or _possible_counts(table)
    if not counts or not table.rows or not _additive(table):
        return
    if _are_categories(table, counts):
        yield _statement(table, PERSONS, counts, [*_key_names(table), _column_name(table)])
        return
    if _may_divide(table, counts):
        yield _statement(table, PERSONS, counts, [*_key_names(table), _column_name(table)])
    for column in counts:
        header = table.header[column]
        statement = _statement(table, measure_named(header), [column], _key_names(table))
        yield _leaving_out(statement, exception(header)[1])


def _leaving_out(statement: Statement, whom: str) -> Statement:
    return replace(statement, population=f"{statement.population} without {whom}".strip()) if whom else statement


def _exceptions(statement: Statement) -> Iterator[Statement]:
    """Rows and columns that say whom they leave out, as counts of the whole in a smaller population."""
    found: dict[tuple[int, str], list[Entry]] = defaultdict(list)
    named = {_unqualified(label): label for entry in statement.entries for label in entry.labels if label}
    for entry in statement.entries:
        for place, label in enumerate(entry.labels):
            base, whom = exception(label or "")
            if whom:
                whole = not base or lexicon.is_total(base) or base in _FULL or _unqualified(base) in _GENERIC
                # "Borrowers without defaulters" are borrowers, as "All borrowers" are
                like = named.get(_unqualified(base), base)
                labels = (*entry.labels[:place], None if whole else like, *entry.labels[place + 1 :])
                found[place, whom].append(replace(entry, labels=labels))
    for (_, whom), entries in found.items():
        yield _leaving_out(replace(statement, entries=tuple(entries)), whom)


def _unqualified(label: str) -> str:
    """A label without its "all"."""
    return _ALL.sub("", label).strip(_AROUND)


def _additive(table: Table) -> bool:
    """Are the counts of groups of persons? Persons at risk at a time, or under a model, are not compared."""
    risk = any(set(lexicon.words(header)) & {"risk", "hazard", "survival", "censored"} for header in table.header)
    return table.context.kind not in ("regression", "survival") and not risk


def _wholes(table: Table) -> list[int]:
    """Unexplained columns called "All students" beside columns that say whom they leave out: the whole of them."""
    if not any(exception(table.header[column])[1] for column in table.columns_of(Role.COUNT)):
        return []
    return [column for column in table.columns_of(Role.UNKNOWN) if measure_named(table.header[column]) == PERSONS]


def _possible_counts(table: Table) -> list[int]:
    """Columns of whole numbers that nothing explains, where there is no other number in the table."""
    unknown = table.columns_of(Role.UNKNOWN)
    if not table.columns_of(Role.KEY) or len(unknown) + len(table.columns_of(Role.KEY)) < table.width:
        return []
    values = [value for column in unknown for value in table.column(column)]
    numbers = [value for value in values if value.number is not None]
    banded = any(value.mark is Mark.BANDED for value in values)
    return (
        unknown
        if numbers and not banded and all(each.is_integer and (each.number or 0) >= 0 for each in numbers)
        else []
    )


def _are_categories(table: Table, counts: Sequence[int]) -> bool:
    """Do the count columns divide one count, or are they counts of their own?"""
    if table.context.cells_are_counts:
        return True
    if len(counts) == 1:
        header = table.header[counts[0]]
        return not _says_count(header) and header.strip() not in table.context.counts and not _is_size(header)
    if any(table.is_total_column(column) and not _says_count(table.header[column]) for column in counts):
        return True
    return not any(_says_count(table.header[column]) for column in counts)


def _may_divide(table: Table, counts: Sequence[int]) -> bool:
    """Outcomes side by side, one of them hidden ("Graduated", "Transferred", "Dropped out"): they may divide a count.

    Whether they do, the sums of the rows that are shown have to prove.
    """
    outcomes = all(lexicon.is_category(table.header[column]) for column in counts)
    hidden = any(value.number is None for column in counts for value in table.column(column))
    return outcomes and hidden and len(counts) > 1


def _is_size(header: str) -> bool:
    return "cohort" in lexicon.words(header)


def _says_count(header: str) -> bool:
    tokens = set(lexicon.words(header))
    return bool(tokens & (lexicon.COUNT_STRONG | lexicon.COUNT_NOUNS - {"total"}))


def _key_names(table: Table) -> list[str]:
    return [plain(table.header[column]) for column in table.columns_of(Role.KEY)]


def _column_name(table: Table) -> str:
    """The dimension that lies over the columns; empty where the file does not name it."""
    return plain(" ".join(table.context.across))


def _statement(table: Table, measure: str, columns: Sequence[int], dimensions: Iterable[str]) -> Statement:
    names = tuple(dimensions)
    keys = table.columns_of(Role.KEY)
    wide = len(names) > len(keys)
    units = table.context.evidence.counts
    entries = []
    for row, values in enumerate(table.values):
        labels = tuple(_label(table, row, key) for key in keys)
        for column in columns:
            above = (_column_label(table, column),) if wide else ()
            # a table that was turned round for the rules has its cells elsewhere in the file
            place = table.place((row, column)) or (row, column)
            entries.append(_entry((*labels, *above), place, values[column], units.get((row, column))))
    return Statement(
        measure, names, tuple(entries[:MAX_CELLS]), table.where, plain(table.context.population),
        plain(table.caption or table.title),
        table.context.unit, table.rounding_base, plain(table.context.revision_of),
        assumed=not table.columns_of(Role.COUNT),
    )  # fmt: skip


def _entry(labels: tuple[str | None, ...], cell: Cell, value: Value, units: int | None) -> Entry:
    if value.mark is Mark.NUMBER and value.number is not None:
        return Entry(labels, cell, value.number, None, units)
    return Entry(labels, cell, None, value.upper, units)


def _label(table: Table, row: int, key: int) -> str | None:
    text = table.rows[row][key]
    return None if table.is_total_row(text) or plain(text) in _FULL else plain(text)


def _column_label(table: Table, column: int) -> str | None:
    return None if table.is_total_column(column) else plain(table.header[column])
