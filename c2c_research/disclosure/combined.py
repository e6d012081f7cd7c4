"""What linked tables give away together: hidden counts that no table gives away alone.

The tables of a group are put into one system of equations, in which a count that any of them shows is known to all, and
each hidden count gets its bounds. What a table gives away by itself is the business of the rule for single tables; what
released tables give away without the new ones is out already. For the rest, tables are left out one after another as
long as the count is still given away: what remains are the tables that combine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from c2c_research.disclosure.bounds import bounds
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.equations import Equation, System
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.linked import Agreement, Line, Member
from c2c_research.disclosure.statements import Coordinates
from c2c_research.disclosure.suppression import gives_away

MAX_TABLES = 40
MAX_HIDDEN = 3_000
MAX_EXPLAINED = 25


@dataclass(frozen=True)
class Recovery:
    """Hidden groups that `tables` give away together: `exact` to at most two values, else to a few."""

    tables: tuple[Member, ...]
    groups: tuple[Coordinates, ...]
    exact: bool


@dataclass(frozen=True)
class Limits:
    """From how many persons a count is safe, and how few feasible values give a count away."""

    threshold: int
    fail_within: float = 2
    review_within: float = 4


@dataclass
class Group:
    """Tables that count the same population, the new ones first, with the equations between them."""

    members: list[Member]
    links: dict[tuple[int, int], Agreement]
    limits: Limits
    _known: dict[tuple[frozenset[int], float], frozenset[Coordinates]] = field(default_factory=dict)

    def recoveries(self) -> Iterator[Recovery]:
        """What is given away by several tables of which one at least is new."""
        told: set[Coordinates] = set()
        for within, exact in ((self.limits.fail_within, True), (self.limits.review_within, False)):
            fresh = self._fresh(within) - told
            told |= fresh
            found: dict[tuple[Member, ...], list[Coordinates]] = {}
            for group in sorted(fresh, key=sorted)[:MAX_EXPLAINED]:
                found.setdefault(self._combining(group, within, found), []).append(group)
            if len(fresh) > MAX_EXPLAINED and found:
                rest = sorted(fresh, key=sorted)[MAX_EXPLAINED:]
                found[next(iter(found))].extend(rest)
            yield from (Recovery(tables, tuple(groups), exact) for tables, groups in found.items())

    def _fresh(self, within: float) -> frozenset[Coordinates]:
        known = self._recovered(self.members, within)
        if not known:
            return known
        for member in self.members:
            known -= self._recovered([member], within)
        return known - self._recovered([member for member in self.members if not member.new], within)

    def _combining(self, group: Coordinates, within: float, found: Iterable[tuple[Member, ...]]) -> tuple[Member, ...]:
        """The fewest tables that still give the group away, as far as leaving out one after another finds them."""
        for tables in found:
            if group in self._recovered(tables, within):
                return tables
        left = list(self.members)
        # released tables are left out first, so that a finding names what its author can change
        for member in sorted(self.members, key=lambda each: (each.new, group in each.cells)):
            trial = [each for each in left if each is not member]
            if len(trial) > 0 and group in self._recovered(trial, within):
                left = trial
        return tuple(left)

    def _recovered(self, members: Sequence[Member], within: float) -> frozenset[Coordinates]:
        key = (frozenset(member.number for member in members), within)
        if key not in self._known:
            self._known[key] = self._solve(members, within)
        return self._known[key]

    def _solve(self, members: Sequence[Member], within: float) -> frozenset[Coordinates]:
        system, places = self._system(members)
        if not system.equations or not 0 < len(system.hidden) <= MAX_HIDDEN:
            return frozenset()
        intervals = bounds(system)
        return frozenset(
            places[cell] for cell, interval in intervals.items() if gives_away(interval, self.limits.threshold, within)
        )

    def _system(self, members: Sequence[Member]) -> tuple[System, dict[Cell, Coordinates]]:
        index: dict[Coordinates, Cell] = {}
        values: dict[Cell, Value] = {}
        lines = list(self._lines(members))
        shown = {line.total: members_value(members, line.total) for line in lines}
        for member in members:
            for at, entry in member.cells.items():
                cell = index.setdefault(at, (len(index), 0))
                values[cell] = _better(values.get(cell), entry.number, entry.upper)
        for at, number in shown.items():
            cell = index.setdefault(at, (len(index), 0))
            values[cell] = _better(values.get(cell), number, None)
        equations = {
            Equation(index[line.total], tuple(index[part] for part in line.parts)) for line in lines
        }  # fmt: skip
        return System(values, tuple(sorted(equations, key=lambda each: each.cells))), {
            cell: at for at, cell in index.items()
        }

    def _lines(self, members: Sequence[Member]) -> Iterator[Line]:
        numbers = {member.number for member in members}
        for member in members:
            yield from member.own_lines
        for (one, other), link in self.links.items():
            if one in numbers and other in numbers:
                yield from link.lines


def members_value(members: Sequence[Member], at: Coordinates) -> float | None:
    """The count of a group, from the first table that shows it or adds to it."""
    return next((value for member in members if (value := member.value(at)) is not None), None)


def _better(known: Value | None, number: float | None, upper: int | None) -> Value:
    """What is known of a group after one more table: a shown number, else the least upper bound."""
    if known is not None and known.mark is Mark.NUMBER:
        return known
    if number is not None:
        return Value(Mark.NUMBER, "", number)
    bounds_known = [bound for bound in (upper, known.upper if known else None) if bound is not None]
    return Value(Mark.SUPPRESSED, "", upper=min(bounds_known, default=None))
