"""Suppression: the cheapest further cells to hide so that no hidden cell can be worked out, with proof and gap.

First every small cell gets the cheapest move that hides it (`moves`); moves are exchanged for cheaper ones while that
helps. Then `lower_bound` proves how cheap any pattern could be, and its own patterns are taken where they are safe and
cheaper. Last, the pattern is audited (`audit`) for readers and for people alone in a cell of one; whatever is exposed
gets further cells. Where time runs out, the gap is larger, and `doubts` name what is not proven.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.audit import Audit, Doubt
from c2c_research.disclosure.protection.bounds import bounds
from c2c_research.disclosure.protection.lower_bound import Master
from c2c_research.disclosure.protection.moves import FORBIDDEN, Grid, Move, Room
from c2c_research.disclosure.protection.needs import Needs
from c2c_research.disclosure.protection.persons import Persons
from c2c_research.disclosure.protection.routes import Improvement, Pair, Routes
from c2c_research.disclosure.protection.structure import Structure, cell_bounds, cells_of
from c2c_research.disclosure.protection.system import Interval

MARKER = "*"
COSTS = ("count", "cells", "value")
_ROUNDS = 8
_SEARCH = 6_000
_INTERVALS = 0.15
_SINGLES_BOUNDED = 3_000
_ROUTED = 3_000


@dataclass(frozen=True)
class Suppression:
    """A safe pattern. `exposed` are hidden cells that no pattern of this table could protect.

    `doubts` are what the final audit could not prove. `levels` are what magnitudes need; `not_adding` are totals that
    their parts do not add to; `beside` are shares and means in the rows of hidden counts, which would give them away.
    `cost` is that of the secondary cells; `gap` is how much cheaper any pattern could be at most, as a share of it.
    """

    primary: tuple[Cell, ...]
    secondary: tuple[Cell, ...]
    intervals: dict[Cell, Interval]
    cost: float
    gap: float
    seconds: float
    exposed: tuple[Cell, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    levels: Mapping[Cell, tuple[float, float]] = field(default_factory=dict)
    not_adding: tuple[Cell, ...] = ()
    beside: tuple[Cell, ...] = ()

    @property
    def proven(self) -> bool:
        """Is every small hidden cell proven wide for readers and for people alone in a cell?"""
        return not self.exposed and not self.doubts

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        done = f"{len(self.primary)} cells hidden as too small, {len(self.secondary)} more so that they stay hidden"
        proof = f"cost {self.cost:g}; no safe pattern is more than {self.gap:.1%} cheaper"
        rest = f" {len(self.exposed)} hidden cells can still be narrowed: merge categories." if self.exposed else ""
        doubt = f" Not proven for {len(self.doubts)} cells: see `not_proven`." if self.doubts else ""
        off = (
            f" {len(self.not_adding)} totals are not the sum of their parts: see `not_adding`."
            if self.not_adding
            else ""
        )
        return f"{done}; {proof}.{rest}{doubt}{off}"

    @property
    def masked(self) -> frozenset[Cell]:
        """All cells that are not shown."""
        return self.hidden | frozenset(self.beside)

    @property
    def hidden(self) -> frozenset[Cell]:
        return frozenset((*self.primary, *self.secondary))


@dataclass
class Search:
    """The search for a pattern of one table.

    `costs` prices each cell (default: its number); `shown` cells stay shown; `primary` cells are hidden anyway.
    """

    structure: Structure
    primary: frozenset[Cell]
    needs: Needs
    costs: dict[Cell, float] = field(default_factory=dict)
    shown: frozenset[Cell] = frozenset()
    seconds: float = 20.0

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.value = {cell: value.number or 0.0 for cell, value in self.structure.values.items()}
        self.totals = {cells_of(line)[-1] for line in self.structure.lines}
        self.price = {cell: max(self.costs.get(cell, number), 1e-3) for cell, number in self.value.items()}
        inner = sum(price for cell, price in self.price.items() if cell not in self.totals)
        # totals are what a table is read for: they are hidden only where nothing else helps
        self.dear = max(10.0 * inner, 1.0)
        self.usable = [cell for cell, number in self.value.items() if number > 0 and cell not in self.shown]
        self.protected = [cell for cell in sorted(self.primary) if self._needs_room(cell)]
        self.moves: dict[Cell, Move] = {}
        self.candidates: list[set[Cell]] = []
        self.persons = Persons(self.structure, self.value, [cell for cell in self.value if self._is_of_one(cell)])
        self.hopeless: dict[tuple[Cell, Cell | None], bool] = {}

    def run(self) -> Suppression:
        hidden = self._by_moves()
        if self.routes is not None:
            # on two-way tables the bound soon proposes better patterns than a longer search from here would find
            hidden = self._improved(hidden, 0.92 if self._is_network() else 0.85)
        elif self._left() > 0.3 * self.seconds or len(self.value) < _SEARCH:
            hidden = self._grown(hidden, 0.5)
        hidden, bound = self._bounded(hidden)
        if self._full_cost(hidden) > bound + 1e-6:
            # nearly safe patterns are completed first, for they are cheap
            share = _INTERVALS if self._is_network() else 2 * _INTERVALS
            self.candidates = [self._improved(each, share) for each in self.candidates]
            hidden = self._improved(hidden, 0.75 * share)
        hidden, doubts = min(map(self._audited, [hidden, *self.candidates]), key=self._worth)
        intervals = self._intervals(hidden)
        exposed = [cell for cell in intervals if self._exposed(cell, intervals)]
        secondary = tuple(sorted(hidden - self.primary))
        cost = sum(self.price[cell] for cell in secondary)
        full = self._full_cost(hidden)
        gap = 0.0 if not secondary else max(0.0, full - bound) / max(cost, 1e-9)
        taken = time.monotonic() - self.began
        return Suppression(
            tuple(sorted(self.primary)),
            secondary,
            intervals,
            cost,
            min(gap, 1.0),
            taken,
            tuple(sorted(exposed)),
            tuple(doubts),
        )

    def _improved(self, hidden: set[Cell], share: float) -> set[Cell]:
        """The pattern made safe and cheaper by routes, while more than a share of the time is left."""
        if self.routes is None:
            return hidden
        search = Improvement(self.routes, self.primary, self._pairs())
        return search.improved(hidden, lambda: self._left() - share * self.seconds)

    def _pairs(self) -> list[Pair]:
        """Whom each small cell has to be protected from: any reader, and everybody who is alone in a cell."""
        alone = [*self.single, *(cell for cell in sorted(self.primary) if self._is_of_one(cell))]
        pairs: list[Pair] = [(cell, None) for cell in self.protected]
        return pairs + [
            (cell, single)
            for cell in self.protected
            for single in dict.fromkeys(alone)
            if not self.persons.is_own(cell, single)
        ]

    def _audited(self, hidden: set[Cell]) -> tuple[set[Cell], list[Doubt]]:
        """Hide more where the final audit finds a cell exposed, as long as there is time; and what stays in doubt."""
        deadline = time.monotonic() + max(0.5, self._left() - _INTERVALS * self.seconds)
        hidden, safe = set(hidden), set[tuple[Cell, Cell | None]]()
        while True:
            audit = Audit(
                self.structure,
                self.needs,
                frozenset(hidden),
                self.grid,
                self.room,
                self.moves,
                deadline,
                safe,
                self.persons,
            )
            doubts = audit.doubts()
            before = len(hidden)
            for doubt in doubts:
                hidden |= self._room_for(doubt, hidden) if time.monotonic() < deadline else set()
            if len(hidden) == before:
                return hidden, doubts

    def _worth(self, audited: tuple[set[Cell], list[Doubt]]) -> tuple[int, float]:
        hidden, doubts = audited
        return len(doubts), self._full_cost(hidden)

    def _room_for(self, doubt: Doubt, hidden: set[Cell]) -> set[Cell]:
        """The cheapest cells to hide that give a doubtful cell a move which its attacker does not know."""
        route = self.routes.cheapest(doubt.cell, doubt.against, hidden) if self.routes else None
        if route is not None and route - hidden:
            return set(route - hidden)
        if route is None and self._is_hopeless(doubt):
            return set()
        cost = np.full(self.grid.value.shape, FORBIDDEN)
        for cell in self.usable:
            if cell != doubt.against:
                cost[self.grid.at[cell]] = 0.0 if cell in hidden else self._cost(cell)
        move = self.grid.cheapest(doubt.cell, cost, self.room)
        if move is not None:
            return set(move) - hidden
        partner = self._partner(doubt.cell, hidden) if doubt.exposed else None
        return set() if partner is None else {partner}

    def _is_hopeless(self, doubt: Doubt) -> bool:
        """Would the cell stay exposed to this attacker whatever else were hidden?"""
        key = (doubt.cell, doubt.against)
        if key not in self.hopeless:
            system = self.structure.attacked({*self.usable, *self.primary}, self.needs.zeros_shown)
            if doubt.against is not None:
                system = system.knowing({doubt.against: self.value[doubt.against]})
            found = cell_bounds(bounds(system, seconds=max(0.1, self._left()), only=frozenset([doubt.cell])))
            interval = found.get(doubt.cell)
            self.hopeless[key] = interval is not None and self._exposed(doubt.cell, found)
        return self.hopeless[key]

    # --- by moves

    def _by_moves(self) -> set[Cell]:
        """Give every protected cell its cheapest move, then exchange moves while that makes the pattern cheaper."""
        self.grid = Grid(self.structure)
        self.room = Room(
            self.value,
            self.needs.least,
            self.needs.within,
            {cell: up for cell, (_, up) in self.needs.levels.items()},
            {cell: down for cell, (down, _) in self.needs.levels.items()},
            self.structure.measured,
        )
        self.array = np.full(self.grid.value.shape, FORBIDDEN)
        for cell in self.usable:
            self.array[self.grid.at[cell]] = self._cost(cell)
        prices = {cell: self._cost(cell) for cell in self.usable} | dict.fromkeys(self.primary, 0.0)
        self.routes = Routes(self.structure, prices, self.room) if len(self.value) <= _ROUTED else None
        self.uses = dict.fromkeys(self.primary, 1)
        for cell in self.primary:
            self.array[self.grid.at[cell]] = 0.0
        self.single = [cell for cell in self.protected if self._is_of_one(cell)]
        for cell in self.protected:
            self._give(cell, self._find(cell))
        for _ in range(_ROUNDS):
            if not sum(self._exchange(cell) for cell in self.protected):
                break
        return {cell for cell, uses in self.uses.items() if uses}

    def _find(self, cell: Cell) -> Move | None:
        """A move that uses no other cell of one person, or, where the table has none, any move."""
        if self._left() < 0.3 * self.seconds:
            return None
        others = [single for single in self.single if single != cell]
        for single in others:
            self.array[self.grid.at[single]] = FORBIDDEN
        move = self.grid.cheapest(cell, self.array, self.room)
        for single in others:
            self.array[self.grid.at[single]] = 0.0
        return move or (self.grid.cheapest(cell, self.array, self.room) if others else None)

    def _give(self, cell: Cell, move: Move | None) -> None:
        if move is None:
            return
        self.moves[cell] = move
        for each in move:
            self.uses[each] = self.uses.get(each, 0) + 1
            self.array[self.grid.at[each]] = 0.0

    def _take(self, cell: Cell) -> Move | None:
        move = self.moves.pop(cell, None)
        for each in move or ():
            self.uses[each] -= 1
            if not self.uses[each]:
                self.array[self.grid.at[each]] = self._cost(each)
        return move

    def _exchange(self, cell: Cell) -> bool:
        """Take a cell's move away and give it the cheapest again; did that save anything?"""
        old = self._take(cell)
        if old is None:
            return False
        before = sum(self.array[self.grid.at[each]] for each in old)
        new = self._find(cell) or old
        after = sum(self.array[self.grid.at[each]] for each in new)
        better = bool(after < before - 1e-9)
        self._give(cell, new if better else old)
        return better

    # --- by bounds

    def _grown(self, hidden: set[Cell], share: float) -> set[Cell]:
        """Hide one more cell at a time until nothing is exposed, nothing is left to hide, or time is up."""
        hidden = set(hidden)
        while self._left() > share * self.seconds * 0.5:
            intervals = self._intervals(hidden, quick=True)
            exposed = sorted(
                (cell for cell in intervals if self._exposed(cell, intervals) and not self._is_hopeless(Doubt(cell))),
                key=lambda cell: (intervals[cell].width, cell),
            )
            chosen = next((one for one in (self._partner(cell, hidden) for cell in exposed) if one is not None), None)
            if chosen is None:
                break
            hidden.add(chosen)
        return hidden

    def _partner(self, cell: Cell, hidden: set[Cell]) -> Cell | None:
        """The cheapest cell of the cell's emptiest line; where its lines are used up, of the lines next to them."""
        reached, seen = {cell}, set[Cell]()
        while reached - seen:
            lines = [cells_of(line) for line in self.structure.lines if reached & set(cells_of(line))]
            lines.sort(key=lambda line: sum(each in hidden for each in line))
            for line in lines:
                found = [each for each in line if each not in hidden and self._can_hide(each)]
                if found:
                    return min(found, key=lambda each: (self._cost(each), each))
            seen |= reached
            reached = {each for line in lines for each in line if each in hidden}
        return None

    def _can_hide(self, cell: Cell) -> bool:
        return self.value[cell] > 0 and cell not in self.shown

    def _pruned(self, hidden: set[Cell]) -> set[Cell]:
        """Show again, dearest first, every further cell without which the pattern stays as safe."""
        left = self._unsafe(hidden)
        for cell in sorted(hidden - self.primary, key=self._cost, reverse=True):
            if self._left() < 0.6 * self.seconds:
                break
            if self._unsafe(hidden - {cell}) <= left:
                hidden = hidden - {cell}
        return hidden

    # --- proof

    def _bounded(self, hidden: set[Cell]) -> tuple[set[Cell], float]:
        """The best pattern, and what any pattern costs at least."""
        if not self.protected or not hidden - self.primary or len(hidden) == len(self.usable):
            return hidden, 0.0
        if len(self.value) <= 300:
            hidden = self._pruned(hidden)
        cost = {cell: self._cost(cell) for cell in self.usable} | dict.fromkeys(self.primary, 0.0)
        worked = [cell for cell in self.protected if cell in self.moves or cell in self.needs.levels]
        falls = {cell: self.room.fall(cell) for cell in self.usable}
        alone = self.single if len(self.value) <= _SINGLES_BOUNDED else []
        master = Master(
            self.structure,
            cost,
            self.primary,
            worked,
            self._is_network(),
            falls,
            alone,
            self.needs.levels,
            self.value,
            self.persons,
        )
        end = time.monotonic() + max(0.0, self._left() - self._reserve() * self.seconds)
        while time.monotonic() < end and master.relax(max(0.01, end - time.monotonic())):
            if not master.cut(end):
                break
        return self._narrowed(hidden, master, end)

    def _narrowed(self, hidden: set[Cell], master: Master, end: float) -> tuple[set[Cell], float]:
        """Raise the bound in whole cells; its patterns, completed by routes, leave ever fewer cells to look at."""
        master, routes = self._focused(hidden, master)
        while time.monotonic() < end and master.bound < self._full_cost(hidden) - 1e-6:
            if not master.integrate(end - time.monotonic()):
                break
            found = master.pattern() | self.primary
            # cheap, and nearly safe: the audit completes it
            self.candidates = [found]
            added = master.cut(end)
            if routes is None:
                if not added:
                    break
                continue
            better = Improvement(routes, self.primary, self._pairs()).completed(found, end)
            if better is not None and self._full_cost(better) < self._full_cost(hidden) - 1e-6:
                hidden = better
                master, routes = self._focused(hidden, master)
            if not added:
                break
        return hidden, master.bound

    def _focused(self, hidden: set[Cell], master: Master) -> tuple[Master, Routes | None]:
        fewer = master.focused(self._full_cost(hidden))
        prices = {cell: self._cost(cell) for cell in fewer.cells} | dict.fromkeys(self.primary, 0.0)
        return fewer, Routes(self.structure, prices, self.room) if self.routes and self._is_network() else None

    def _reserve(self) -> float:
        return 0.35 if self._is_network() else (0.4 if len(self.value) <= _SINGLES_BOUNDED else 0.3)

    def _is_network(self) -> bool:
        """Two ways without subtotals: whole moves of one step then make up every move."""
        ways = [dimension for dimension in self.structure.dimensions if len(dimension.labels) > 1]
        return len(ways) <= 2 and all(len(tree) == 1 for way in ways for tree in way.trees)

    def _unsafe(self, hidden: Collection[Cell]) -> int:
        intervals = self._intervals(set(hidden), quick=True)
        return sum(self._exposed(cell, intervals) for cell in intervals) + self._unsafe_from_singles(set(hidden))

    def _unsafe_from_singles(self, hidden: set[Cell]) -> int:
        """Cells that somebody who is alone in a hidden cell could work out, where only such cells protect them."""
        doubtful = [cell for cell in self.single if cell in hidden]
        if not doubtful or len(self.value) > 300:
            return 0
        system = self.structure.attacked(hidden, self.needs.zeros_shown)
        found = 0
        for single in doubtful:
            enough = None if self.needs.levels else self.needs.within
            known = cell_bounds(bounds(system.knowing({single: self.value[single]}), enough=enough))
            found += sum(
                self._exposed(cell, known)
                for cell in known
                if cell in self.primary and not self.persons.is_own(cell, single)
            )
        return found

    def _intervals(self, hidden: Collection[Cell], quick: bool = False) -> dict[Cell, Interval]:
        system = self.structure.attacked(hidden, self.needs.zeros_shown)
        enough = self.needs.within if quick and not self.needs.levels else None
        found = cell_bounds(bounds(system, enough=enough, seconds=max(1.0, self._left())))
        free = {cell: Interval(0.0, None, False) for cell in hidden if cell in self.structure.measured}
        alone = {cell: free.get(cell, Interval(self.needs.least, None)) for cell in hidden if cell not in found}
        return {**alone, **{cell: each for cell, each in found.items() if cell in hidden}}

    def _exposed(self, cell: Cell, intervals: dict[Cell, Interval]) -> bool:
        return self.needs.exposed(cell, intervals[cell], self.value[cell])

    def _needs_room(self, cell: Cell) -> bool:
        if cell in self.structure.measured:
            return cell in self.needs.levels
        return 0 < self.value[cell] < self.needs.threshold

    def _is_of_one(self, cell: Cell) -> bool:
        return cell in self.needs.alone if cell in self.structure.measured else self.value[cell] == 1

    def _cost(self, cell: Cell) -> float:
        return self.price[cell] + (self.dear if cell in self.totals else 0.0)

    def _full_cost(self, hidden: Iterable[Cell]) -> float:
        return sum(self._cost(cell) for cell in hidden if cell not in self.primary)

    def _left(self) -> float:
        return self.seconds - (time.monotonic() - self.began)


def suppress(
    structure: Structure,
    primary: Iterable[Cell],
    needs: Needs,
    costs: dict[Cell, float] | None = None,
    shown: Iterable[Cell] = (),
    seconds: float = 20.0,
) -> Suppression:
    """The cheapest safe pattern that was found within about `seconds`, with its intervals and its gap."""
    return Search(structure, frozenset(primary), needs, costs or {}, frozenset(shown), seconds).run()
