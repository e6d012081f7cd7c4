"""Linked tables: which tables count the same population, and what their equations say together.

Never join on chance. Two tables are joined where they agree on cells of equal coordinates, and the agreement is counted
in *bits*: an equal count v is worth log2(v), because an unrelated table would show that very number about once in v; a
hidden cell that fits between its bounds is worth what the bounds exclude. A pair is joined when its bits exceed what
chance could give among all pairs that are tried (see `needed`). One disagreement beyond rounding ends it.

Tables that are rounded to 5 or more join nothing: their margins leave room that equations cannot use.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.statements import PERSONS, Coordinates, Entry, Statement, StatementSet, years_in
from c2c_research.disclosure.tables import PROVING_COUNTS

Dimensions = frozenset[str]
MAX_DIMENSIONS = 5
SMALL = 10
SAME_POPULATION = 12.0
SAME_CAPTION = 4.0
_FLAGS = frozenset(["yes", "no", "true", "false", "0", "1", "y", "n"])


@dataclass(frozen=True)
class Line:
    """Cells of one table that add to the group `total`."""

    total: Coordinates
    parts: tuple[Coordinates, ...]
    shown: float
    hidden: int
    room: float

    @property
    def complete(self) -> bool:
        return self.hidden == 0


@dataclass(frozen=True)
class Member:
    """A statement on its way through a comparison, its dimensions named alike with those of the others."""

    number: int
    source: StatementSet
    statement: Statement
    dimensions: tuple[str, ...]

    @property
    def new(self) -> bool:
        return not self.source.release

    @property
    def name(self) -> str:
        """The table as a finding names it."""
        where = self.statement.where
        return f"{self.source.name} ({where})" if where else self.source.name

    @cached_property
    def years(self) -> frozenset[int]:
        """The years of its persons: as declared, else of its caption, its sheet or key, or the file's name."""
        texts = (self.statement.population, self.statement.caption, self.statement.where, self.source.path)
        return next((years for text in texts if (years := years_in(text))), frozenset())

    @cached_property
    def fives(self) -> int:
        """How many counts that are not 0 it shows, if all are multiples of 5; else 0."""
        numbers = [entry.number for entry in self.statement.entries if entry.number]
        return 0 if any(number % 5 for number in numbers) else len(numbers)

    @cached_property
    def _placed(self) -> dict[Coordinates, Entry]:
        placed: dict[Coordinates, Entry] = {}
        twice = set()
        for entry in self.statement.entries:
            at = coordinates(self.dimensions, entry.labels)
            if at in placed:
                twice.add(at)
            placed[at] = entry
        return {at: entry for at, entry in placed.items() if at not in twice}

    @cached_property
    def cells(self) -> dict[Coordinates, Entry]:
        """Cells by group, without groups that occur twice and totals that leave hidden cells out."""
        partial = self._partial_totals()
        return {at: entry for at, entry in self._placed.items() if at not in partial}

    @cached_property
    def levels(self) -> dict[Dimensions, list[Coordinates]]:
        """Cells by the dimensions on which they are no totals."""
        found: dict[Dimensions, list[Coordinates]] = defaultdict(list)
        for at in self.cells:
            found[_dimensions(at)].append(at)
        return found

    @cached_property
    def own_lines(self) -> tuple[Line, ...]:
        """The table's own equations, one dimension at a time; lines that do not add are left out."""
        lines: list[Line] = []
        for dimension in self.dimensions:
            direction = [line for line in self._along(dimension, self.cells) if line.total in self.cells]
            wrong = [line for line in direction if self._contradicted(line)]
            shown = [line for line in direction if line.complete and self.cells[line.total].number is not None]
            # categories that overlap, or a total over more than is listed
            if wrong and len(wrong) * 2 > len(shown):
                continue
            lines.extend(line for line in direction if line not in wrong)
        return tuple(lines)

    def sums(self, level: Dimensions) -> Mapping[Coordinates, Line]:
        """What the finest cells add to on a level that the table does not show."""
        return self._sums.get(level, {})

    @cached_property
    def _sums(self) -> dict[Dimensions, dict[Coordinates, Line]]:
        finest = frozenset(self.dimensions)
        leaves = self.levels.get(finest, [])
        if len(finest) != len(self.dimensions) or not 0 < len(finest) <= MAX_DIMENSIONS or len(leaves) < 2:
            return {}
        found = {}
        for size in range(len(finest)):
            for kept in map(frozenset, combinations(sorted(finest), size)):
                if kept not in self.levels:
                    groups: dict[Coordinates, list[Coordinates]] = defaultdict(list)
                    for leaf in leaves:
                        groups[frozenset(pair for pair in leaf if pair[0] in kept)].append(leaf)
                    found[kept] = {at: _line(at, parts, self.cells) for at, parts in groups.items()}
        return found

    @property
    def summed_levels(self) -> Iterable[Dimensions]:
        """Levels that the finest cells can be added to."""
        return self._sums.keys()

    def value(self, at: Coordinates) -> float | None:
        """The count of a group that the table shows, or that its shown cells add to."""
        entry = self.cells.get(at)
        if entry is not None:
            return entry.number
        line = self.sums(_dimensions(at)).get(at)
        return line.shown if line is not None and line.complete else None

    def _along(self, dimension: str, cells: Mapping[Coordinates, Entry]) -> Iterator[Line]:
        groups: dict[Coordinates, list[Coordinates]] = defaultdict(list)
        for at in cells:
            if dimension in _dimensions(at):
                groups[frozenset(pair for pair in at if pair[0] != dimension)].append(at)
        return (_line(total, parts, cells) for total, parts in groups.items() if len(parts) > 1)

    def _contradicted(self, line: Line) -> bool:
        total = self.cells[line.total].number
        if total is None:
            return False
        return line.shown > total + self._slack(line) or (line.complete and abs(line.shown - total) > self._slack(line))

    def _slack(self, line: Line) -> float:
        return self.statement.rounding / 2 * (len(line.parts) + 1)

    def _partial_totals(self) -> set[Coordinates]:
        """Totals that are the sum of the shown cells only: they count another group than their labels say."""
        found: set[Coordinates] = set()
        for dimension in self.dimensions:
            lines = [line for line in self._along(dimension, self._placed) if line.total in self._placed]
            holed = [line for line in lines if line.hidden and self._placed[line.total].number is not None]
            if holed and all(self._placed[line.total].number == line.shown for line in holed):
                found.update(line.total for line in holed)
        if found:
            found.update(at for at in self._placed if len(at) < min(map(len, found)))
        return found


def members_of(sets: Iterable[StatementSet]) -> list[Member]:
    """All statements of all files, with dimensions named alike."""
    pairs = [(source, statement) for source in sets for statement in source.statements if not statement.half]
    names = _Names([statement for _, statement in pairs])
    return [Member(number, source, statement, names.of(statement)) for number, (source, statement) in enumerate(pairs)]


def coordinates(dimensions: Sequence[str], labels: Sequence[str | None]) -> Coordinates:
    """The group of a cell; dimensions on which it is a total are left out."""
    return frozenset((name, label) for name, label in zip(dimensions, labels, strict=True) if label is not None)


def comparable(one: Member, other: Member) -> bool:
    """Could both count the same? Same unit, measures that do not exclude each other, years that do not either."""
    a, b = one.statement, other.statement
    same_measure = a.measure == b.measure or PERSONS in (a.measure, b.measure)
    same_time = not one.years or not other.years or bool(one.years & other.years)
    if a.unit != b.unit or not same_measure or not same_time or max(a.rounding, b.rounding) >= 5:
        return False
    return not _rounded_both(one, other)


def _rounded_both(one: Member, other: Member) -> bool:
    """Are the counts of both multiples of 5, and together so many that chance cannot explain it?"""
    return min(one.fives, other.fives) > 2 and one.fives + other.fives >= PROVING_COUNTS


def needed(pairs: int, within_request: bool) -> float:
    """Bits that a pair needs. Tables of one request are likelier to belong together than any two of a project."""
    return (2.0 if within_request else 8.0) + math.log2(max(pairs, 1))


@dataclass(frozen=True)
class Agreement:
    """How well two tables agree. `lines` are equations of one whose total the other shows."""

    bits: float
    contradicted: bool
    lines: tuple[Line, ...] = ()

    def joins(self, need: float) -> bool:
        return not self.contradicted and self.bits >= need


def agreement(one: Member, other: Member) -> Agreement:
    """Compare two tables on all levels that they share, shown or summed."""
    best, contradicted, lines = 0.0, False, list[Line]()
    for level in shared_levels(one, other):
        bits = 0.0
        if level in one.levels and level in other.levels:
            direct = _direct(one, other, level)
            contradicted |= direct is None
            bits = direct or 0.0
        else:
            for holder, shower in ((one, other), (other, one)):
                summed = _summed(holder, shower, level, _same_population(one, other))
                if summed is not None:
                    bits = max(bits, summed[0])
                    lines.extend(summed[1])
        best = max(best, bits)
    for level in _both_summed(one, other) if _same_population(one, other) else ():
        for holder, shower in ((one, other), (other, one)):
            summed = _summed(holder, shower, level, declared=True)
            if summed is not None and summed[0] > 0:
                best = max(best, summed[0])
                lines.extend(summed[1])
    if _same_population(one, other):
        best += SAME_POPULATION if best > 0 or lines else 0.0
    elif one.statement.caption and one.statement.caption == other.statement.caption:
        best += SAME_CAPTION if best > 0 else 0.0
    return Agreement(best, contradicted or _other_population(one, other), tuple(lines))


def shared_levels(one: Member, other: Member) -> list[Dimensions]:
    """Levels on which both have counts, shown or summed."""
    found = set(one.levels) & (set(other.levels) | set(other.summed_levels))
    return sorted(found | (set(other.levels) & set(one.summed_levels)), key=sorted)


def _both_summed(one: Member, other: Member) -> list[Dimensions]:
    """Levels that neither shows and both add up to: districts by sex, and districts by race."""
    return sorted(set(one.summed_levels) & set(other.summed_levels), key=sorted)


def _same_population(one: Member, other: Member) -> bool:
    return bool(one.statement.population) and one.statement.population == other.statement.population


def _other_population(one: Member, other: Member) -> bool:
    a, b = one.statement.population, other.statement.population
    return bool(a) and bool(b) and a != b


def _direct(one: Member, other: Member, level: Dimensions) -> float | None:
    """Bits of equal shown cells; None where one disagrees."""
    bits = 0.0
    slack = (one.statement.rounding + other.statement.rounding) / 2
    for at in one.levels[level]:
        mine, theirs = one.cells[at], other.cells.get(at)
        if theirs is None:
            continue
        if mine.number is not None and theirs.number is not None:
            if abs(mine.number - theirs.number) > slack:
                return None
            bits += _bits(mine.number, 2 * slack + 1)
        elif not _fits(mine, theirs) or not _fits(theirs, mine):
            return None
    return bits


def _fits(hidden: Entry, shown: Entry) -> bool:
    if hidden.number is not None or shown.number is None or hidden.upper is None:
        return True
    return shown.number <= hidden.upper


def _summed(
    holder: Member, shower: Member, level: Dimensions, declared: bool = False
) -> tuple[float, list[Line]] | None:
    """Bits and equations of the holder's sums against the shower's counts; None where they do not add to them.

    Hidden counts are taken as small, for the numbers alone would prove too little. Where both declare one population
    they may be large, as those are that protect others: such an equation holds without proving anything.
    """
    bits, lines = 0.0, []
    for at, line in holder.sums(level).items():
        total = shower.value(at)
        if total is None:
            continue
        slack = (holder.statement.rounding * len(line.parts) + shower.statement.rounding) / 2
        rest = total - line.shown
        if line.complete:
            if abs(rest) > slack:
                return None
            bits += _bits(total, 2 * slack + 1)
        elif declared and rest > line.room + slack and _may_be_large(holder, line):
            lines.append(line)
        elif not -slack <= rest <= line.room + slack:
            return None
        else:
            bits += _bits(total, line.room + 1)
            lines.append(line)
    return (bits, lines) if bits > 0 or (declared and lines) else None


def _may_be_large(holder: Member, line: Line) -> bool:
    """Does a hidden part have a marker that says nothing of its size?"""
    return any(holder.cells[part].number is None and holder.cells[part].upper is None for part in line.parts)


def _bits(count: float, among: float) -> float:
    return max(0.0, math.log2(max(count, 1.0) / among))


def _line(total: Coordinates, parts: Sequence[Coordinates], cells: Mapping[Coordinates, Entry]) -> Line:
    entries = [cells[part] for part in parts]
    hidden = [entry for entry in entries if entry.number is None]
    room = sum(SMALL if entry.upper is None else entry.upper for entry in hidden)
    return Line(total, tuple(parts), sum(entry.number or 0.0 for entry in entries), len(hidden), float(room))


def _dimensions(at: Coordinates) -> Dimensions:
    return frozenset(name for name, _ in at)


class _Names:
    """One name a dimension: an unnamed one takes the name of the dimension that has its categories."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._known: dict[str, set[str]] = defaultdict(set)
        self._unnamed: list[frozenset[str]] = []
        for statement in statements:
            for place, name in enumerate(statement.dimensions):
                if name:
                    self._known[name].update(_categories(statement, place))
        self._alike = self._same_categories()

    def of(self, statement: Statement) -> tuple[str, ...]:
        """The statement's dimensions by their common names, each once."""
        names: list[str] = []
        for place, given in enumerate(statement.dimensions):
            name = self._alike.get(given, given) if given else self._by_categories(_categories(statement, place), names)
            names.append(name if name not in names else f"{given or 'column'}#{place}")
        return tuple(names)

    def _by_categories(self, categories: frozenset[str], taken: Sequence[str]) -> str:
        best, most = "", max(1, len(categories) // 2)
        for name, known in sorted(self._known.items()):
            common = len(categories & known)
            if common > most or (common == len(categories) == 1):
                best, most = name, common
        best = self._alike.get(best, best)
        if best and best not in taken:
            return best
        for number, known_unnamed in enumerate(self._unnamed):
            if len(categories & known_unnamed) > len(categories) // 2:
                return f"column:{number}"
        self._unnamed.append(categories)
        return f"column:{len(self._unnamed) - 1}"

    def _same_categories(self) -> dict[str, str]:
        """Dimensions of other names and the same categories, such as `gender` and `sex`; not flags of yes and no."""
        first: dict[frozenset[str], str] = {}
        alike: dict[str, str] = {}
        for name, categories in sorted(self._known.items()):
            key = frozenset(categories)
            if len(key) > 1 and not key <= _FLAGS:
                alike[name] = first.setdefault(key, name)
        return alike


def _categories(statement: Statement, place: int) -> frozenset[str]:
    return frozenset(label for entry in statement.entries if (label := entry.labels[place]) is not None)


def cell_of(member: Member, at: Coordinates) -> Cell | None:
    """Where the table shows (or hides) a group."""
    entry = member.cells.get(at)
    return entry.cell if entry is not None else None
