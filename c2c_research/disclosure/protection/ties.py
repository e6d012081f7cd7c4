"""Cells that move together: a line with two unknown cells makes one of them a function of the other.

Patterns of hidden cells are full of such lines (a small cell and the one that protects it), so most cells of a part
are tied to a few. Programmes are solved for those few alone, and the intervals of the others follow.
"""

from __future__ import annotations

from dataclasses import dataclass

from c2c_research.disclosure.protection.presolve import TINY, Part, Row


@dataclass(frozen=True, slots=True)
class Tie:
    """`cell = sign · other + shift`, where the other is named by its place."""

    place: int
    sign: float
    shift: float

    def ends(self, low: float, high: float) -> tuple[float, float]:
        """The cell's ends from the other's."""
        if self.sign > 0:
            return low + self.shift, high + self.shift
        return self.shift - high, self.shift - low


def tied(part: Part) -> tuple[Part, list[Tie]]:
    """The same part over fewer cells, and each cell's tie to one of them.

    Only equal coefficients tie, so that whole numbers stay whole. A cell that is no count is never tied to one.
    """
    ties = [Tie(place, 1.0, 0.0) for place in range(len(part.keys))]
    members = [[place] for place in range(len(part.keys))]
    rows, merged = part.rows, True
    while merged:
        merged = False
        rows = [row for row in (_substituted(row, ties) for row in rows) if row.places]
        for row in rows:
            row = _substituted(row, ties)
            if len(row.places) == 2 and _ties(part, row):
                _merge(row, ties, members)
                merged = True
        if merged:
            rows = [row for row in rows if len(_substituted(row, ties).places)]
    return _renumbered(part, rows, ties)


def _ties(part: Part, row: Row) -> bool:
    one, other = row.places
    same_size = abs(abs(row.coefficients[0]) - abs(row.coefficients[1])) < TINY * abs(row.coefficients[0])
    return row.high - row.low < TINY and same_size and part.whole[one] == part.whole[other]


def _merge(row: Row, ties: list[Tie], members: list[list[int]]) -> None:
    """Tie the second cell of a line, and all that hang on it, to the first."""
    keep, drop = row.places
    if len(members[keep]) < len(members[drop]):
        keep, drop = drop, keep
    own = row.coefficients[row.places.index(keep)]
    sign = -own / row.coefficients[row.places.index(drop)]
    shift = row.low / row.coefficients[row.places.index(drop)]
    sign = 1.0 if sign > 0 else -1.0
    for place in members[drop]:
        tie = ties[place]
        ties[place] = Tie(keep, tie.sign * sign, tie.sign * shift + tie.shift)
    members[keep].extend(members[drop])
    members[drop] = []


def _substituted(row: Row, ties: list[Tie]) -> Row:
    """A line in terms of the cells that others are tied to."""
    terms: dict[int, float] = {}
    constant = 0.0
    for place, coefficient in zip(row.places, row.coefficients, strict=True):
        tie = ties[place]
        terms[tie.place] = terms.get(tie.place, 0.0) + coefficient * tie.sign
        constant += coefficient * tie.shift
    kept = {place: coefficient for place, coefficient in terms.items() if abs(coefficient) > TINY}
    return Row(tuple(kept), tuple(kept.values()), row.low - constant, row.high - constant)


def _renumbered(part: Part, rows: list[Row], ties: list[Tie]) -> tuple[Part, list[Tie]]:
    kept = sorted({tie.place for tie in ties})
    home = {place: number for number, place in enumerate(kept)}
    low, high = [part.low[place] for place in kept], [part.high[place] for place in kept]
    for place, tie in enumerate(ties):
        back = Tie(place, tie.sign, -tie.sign * tie.shift)
        first, second = back.ends(part.low[place], part.high[place])
        number = home[tie.place]
        low[number], high[number] = max(low[number], first), min(high[number], second)
    reduced = Part([part.keys[place] for place in kept], low, high, [part.whole[place] for place in kept])
    for row in rows:
        row = _substituted(row, ties)
        if row.places:
            reduced.rows.append(Row(tuple(home[p] for p in row.places), row.coefficients, row.low, row.high))
    return reduced, [Tie(home[tie.place], tie.sign, tie.shift) for tie in ties]
