"""A reader's knowledge: cells with the values each may have, and linear equations between them.

A cell's key is anything hashable: (row, column) within a table, (table, row, column) across tables. A shown cell is a
variable of one value, a rounded one of a few, a hidden one of many. An equation bounds a weighted sum of cells.
Systems of several tables are put together with `joined`; cells that are the same thing under two keys are tied with
`same`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace

Key = Hashable
INFINITY = math.inf


@dataclass(frozen=True, slots=True)
class Variable:
    """The values that a cell may have before any equation is used. `whole` cells are counts."""

    low: float = 0.0
    high: float = INFINITY
    whole: bool = True

    @classmethod
    def known(cls, value: float, tolerance: float = 0.0) -> Variable:
        """A shown number; `tolerance` is half a rounding base."""
        return cls(value - tolerance, value + tolerance, float(value).is_integer())

    def meet(self, other: Variable) -> Variable:
        """What both say."""
        return Variable(max(self.low, other.low), min(self.high, other.high), self.whole or other.whole)


@dataclass(frozen=True, slots=True)
class Line:
    """`low <= sum(coefficient · cell) <= high`. `source` names where it comes from (a table, a release)."""

    terms: tuple[tuple[Key, float], ...]
    low: float = 0.0
    high: float = 0.0
    source: str = ""

    @classmethod
    def sums(cls, total: Key, parts: Iterable[Key], slack: float = 0.0, source: str = "") -> Line:
        """`parts` add to `total`, to within `slack`."""
        return cls((*((part, 1.0) for part in parts), (total, -1.0)), -slack, slack, source)

    @classmethod
    def same(cls, one: Key, other: Key, slack: float = 0.0, source: str = "") -> Line:
        """Two keys stand for one thing."""
        return cls(((one, 1.0), (other, -1.0)), -slack, slack, source)

    @property
    def keys(self) -> tuple[Key, ...]:
        return tuple(key for key, _ in self.terms)


@dataclass(frozen=True)
class System:
    """Cells and the equations between them. A key that stands in a line has to stand in `variables`."""

    variables: dict[Key, Variable]
    lines: tuple[Line, ...] = ()

    def joined(self, *others: System) -> System:
        """All that several systems say together; a cell in two of them has to fit both."""
        variables, lines = dict(self.variables), list(self.lines)
        for other in others:
            for key, variable in other.variables.items():
                variables[key] = variables[key].meet(variable) if key in variables else variable
            lines.extend(other.lines)
        return System(variables, tuple(lines))

    def knowing(self, values: Mapping[Key, float]) -> System:
        """The system of somebody who also knows these cells (a singleton contributor knows its own)."""
        known = {key: replace(self.variables[key], low=value, high=value) for key, value in values.items()}
        return System(self.variables | known, self.lines)

    def with_lines(self, lines: Iterable[Line]) -> System:
        return System(self.variables, (*self.lines, *lines))


@dataclass(frozen=True, slots=True)
class Interval:
    """What an unknown cell can be. `high` is None where nothing bounds it.

    `proven` is False where time ran out: the cell can be no wider than this, but may be narrower.
    """

    low: float
    high: float | None
    whole: bool = True
    proven: bool = True

    @property
    def width(self) -> float:
        """How many whole values there are; for magnitudes, how far the ends lie apart."""
        if self.high is None:
            return INFINITY
        return self.high - self.low + (1 if self.whole else 0)
