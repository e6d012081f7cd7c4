"""What linked tables give away together: hidden counts that no table gives away alone.

The tables of a group are put into one system of equations, in which a count that any of them shows is known to all, and
each hidden count gets its bounds. What a table gives away by itself is the business of the rule for single tables; what
released tables give away without the new ones is out already. For the rest, tables are left out one after another as
long as the count is still given away: what remains are the tables that combine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from c2c_research.disclosure.linked import Agreement, Line, Member
from c2c_research.disclosure.protection.needs import gives_away
from c2c_research.disclosure.protection.system import INFINITY, Interval, Key, System, Variable
from c2c_research.disclosure.protection.system import Line as Equation
from c2c_research.disclosure.statements import Coordinates

MAX_TABLES = 40
MAX_HIDDEN = 3_000
MAX_EXPLAINED = 25
SECONDS = 5.0


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
        for old, groups in self._shown_before():
            told.update(groups)
            yield Recovery((*self._hiding(groups), old), tuple(sorted(groups, key=sorted)), exact=True)
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

    def _shown_before(self) -> Iterator[tuple[Member, set[Coordinates]]]:
        """Small counts that a new table hides and a released one shows: nothing has to be worked out."""
        left = {at for each in self.members if each.new for at, entry in each.cells.items() if entry.number is None}
        for old in (each for each in self.members if not each.new):
            shown = {at for at in left if at in old.cells and 0 < (old.cells[at].number or 0) < self.limits.threshold}
            if shown:
                left -= shown
                yield old, shown

    def _hiding(self, groups: set[Coordinates]) -> list[Member]:
        """The new tables that hide one of these counts."""
        return [m for m in self.members if m.new and any(at in m.cells and m.cells[at].number is None for at in groups)]

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
        system = self._system(members)
        hidden = sum(variable.low < variable.high for variable in system.variables.values())
        if not system.lines or not 0 < hidden <= MAX_HIDDEN:
            return frozenset()
        # imported here, so that the engine starts without the solver
        from c2c_research.disclosure.protection.bounds import bounds

        intervals = cast(dict[Coordinates, Interval], bounds(system, enough=within, seconds=SECONDS))
        return frozenset(
            at for at, interval in intervals.items() if gives_away(interval, self.limits.threshold, within)
        )

    def _system(self, members: Sequence[Member]) -> System:
        lines = list(dict.fromkeys((line.total, tuple(line.parts)) for line in self._lines(members)))
        known: dict[Coordinates, float] = {}
        upper: dict[Coordinates, float] = {}
        for member in members:
            for at, entry in member.cells.items():
                if entry.number is not None:
                    known.setdefault(at, entry.number)
                upper[at] = min(upper.get(at, INFINITY), INFINITY if entry.upper is None else entry.upper)
        for total, _ in lines:
            upper.setdefault(total, INFINITY)
            number = members_value(members, total)
            if number is not None:
                known.setdefault(total, number)
        # where zeros are shown, what is hidden is none
        least = 1.0 if 0 in known.values() else 0.0
        variables: dict[Key, Variable] = {at: Variable(least, high) for at, high in upper.items()}
        variables.update((at, Variable.known(number)) for at, number in known.items())
        return System(variables, tuple(Equation.sums(total, parts) for total, parts in lines))

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
