"""First steps on a system: known cells become constants, lines narrow their cells, and what is left falls apart.

Narrowing uses that counts are whole, so it can be tighter than a linear programme; it is sound at any point it stops.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from c2c_research.disclosure.protection.system import Key, System

TINY = 1e-6
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One line over the cells that are still unknown, by their places in a part."""

    places: tuple[int, ...]
    coefficients: tuple[float, ...]
    low: float
    high: float


@dataclass
class Part:
    """A connected part of a system: cells that lines tie together, and nothing else."""

    keys: list[Key]
    low: list[float]
    high: list[float]
    whole: list[bool]
    rows: list[Row] = field(default_factory=list)

    def copy(self) -> Part:
        return Part(self.keys, list(self.low), list(self.high), self.whole, self.rows)

    def unlimited(self) -> Part:
        """The same cells with nothing known of each alone, but that counts are not negative."""
        low = [min(0.0, end) for end in self.low]
        return Part(self.keys, low, [math.inf] * len(self.keys), self.whole, self.rows)


class Contradiction(ValueError):
    """No values fit all lines; `keys` are the cells of the line that showed it."""

    def __init__(self, keys: tuple[Key, ...]) -> None:
        super().__init__("No values fit these equations.")
        self.keys = keys


def unknowns(system: System) -> Part:
    """The cells that are not known already, with their lines. Lines of known cells alone say nothing more."""
    index: dict[Key, int] = {}
    part = Part([], [], [], [])
    variables = system.variables
    for line in system.lines:
        for key, _ in line.terms:
            variable = variables[key]
            if key not in index and variable.high - variable.low > TINY:
                index[key] = len(part.keys)
                part.keys.append(key)
                part.low.append(_up(variable.low, variable.whole))
                part.high.append(_down(variable.high, variable.whole))
                part.whole.append(variable.whole)
    for line in system.lines:
        constant, terms = 0.0, dict[int, float]()
        for key, coefficient in line.terms:
            if key in index:
                terms[index[key]] = terms.get(index[key], 0.0) + coefficient
            else:
                constant += coefficient * variables[key].low
        if terms:
            places, coefficients = zip(*terms.items(), strict=True)
            part.rows.append(Row(places, coefficients, line.low - constant, line.high - constant))
    return part


def narrow(part: Part) -> None:
    """Narrow every cell by each of its lines until nothing moves; raises Contradiction where nothing fits."""
    users: list[list[int]] = [[] for _ in part.keys]
    for number, row in enumerate(part.rows):
        for place in row.places:
            users[place].append(number)
    waiting, queued = deque(range(len(part.rows))), [True] * len(part.rows)
    budget = _ROUNDS * len(part.rows) + 1000
    while waiting and budget > 0:
        budget -= 1
        number = waiting.popleft()
        queued[number] = False
        for place in _narrow_by(part, part.rows[number]):
            for user in users[place]:
                if not queued[user]:
                    queued[user] = True
                    waiting.append(user)


def _narrow_by(part: Part, row: Row) -> list[int]:
    """Narrow the cells of one line; the places that moved. What moved counts from the line's next turn."""
    low, high = part.low, part.high
    ends = [
        (c * low[place], c * high[place]) if c > 0 else (c * high[place], c * low[place])
        for place, c in zip(row.places, row.coefficients, strict=True)
    ]
    least, most = _Sum([end[0] for end in ends]), _Sum([end[1] for end in ends])
    if least.value > row.high + TINY * 10 or most.value < row.low - TINY * 10:
        raise Contradiction(tuple(part.keys[place] for place in row.places))
    moved = []
    for place, coefficient, (first, second) in zip(row.places, row.coefficients, ends, strict=True):
        one, other = (row.low - most.without(second)) / coefficient, (row.high - least.without(first)) / coefficient
        new_low, new_high = (one, other) if coefficient > 0 else (other, one)
        new_low, new_high = _up(new_low, part.whole[place]), _down(new_high, part.whole[place])
        if new_low > low[place] + TINY or new_high < high[place] - TINY:
            low[place], high[place] = max(low[place], new_low), min(high[place], new_high)
            if low[place] > high[place] + TINY * 10:
                raise Contradiction(tuple(part.keys[place] for place in row.places))
            high[place] = max(low[place], high[place])
            moved.append(place)
    return moved


class _Sum:
    """A sum of bounds of which some may be infinite, and the same without one of them."""

    __slots__ = ("finite", "infinite", "infinity")

    def __init__(self, ends: list[float]) -> None:
        self.finite = math.fsum(end for end in ends if math.isfinite(end))
        infinite = [end for end in ends if math.isinf(end)]
        self.infinite, self.infinity = len(infinite), infinite[0] if infinite else 0.0

    @property
    def value(self) -> float:
        return self.infinity if self.infinite else self.finite

    def without(self, own: float) -> float:
        if math.isinf(own):
            return self.finite if self.infinite == 1 else self.infinity
        return self.infinity if self.infinite else self.finite - own


def parts(whole: Part) -> list[Part]:
    """The connected parts of what is still open after narrowing, each with its own places."""
    open_places = [place for place in range(len(whole.keys)) if whole.high[place] - whole.low[place] > TINY]
    group = {place: place for place in open_places}
    rows = [_folded(whole, row) for row in whole.rows]
    for row in rows:
        for place in row.places[1:]:
            one, other = _root(group, row.places[0]), _root(group, place)
            group[other] = one
    members: dict[int, list[int]] = {}
    for place in open_places:
        members.setdefault(_root(group, place), []).append(place)
    found, home = {}, {}
    for root, places in members.items():
        home.update({place: number for number, place in enumerate(places)})
        found[root] = Part(
            [whole.keys[p] for p in places],
            [whole.low[p] for p in places],
            [whole.high[p] for p in places],
            [whole.whole[p] for p in places],
        )
    for row in rows:
        if row.places:
            local = tuple(home[place] for place in row.places)
            found[_root(group, row.places[0])].rows.append(Row(local, row.coefficients, row.low, row.high))
    return list(found.values())


def _folded(part: Part, row: Row) -> Row:
    """A line without the cells that narrowing has fixed."""
    constant, places, coefficients = 0.0, [], []
    for place, coefficient in zip(row.places, row.coefficients, strict=True):
        if part.high[place] - part.low[place] > TINY:
            places.append(place)
            coefficients.append(coefficient)
        else:
            constant += coefficient * part.low[place]
    return Row(tuple(places), tuple(coefficients), row.low - constant, row.high - constant)


def _root(group: dict[int, int], place: int) -> int:
    while group[place] != place:
        group[place] = group[group[place]]
        place = group[place]
    return place


def _up(value: float, whole: bool) -> float:
    return float(math.ceil(value - TINY)) if whole and math.isfinite(value) else value


def _down(value: float, whole: bool) -> float:
    return float(math.floor(value + TINY)) if whole and math.isfinite(value) else value
