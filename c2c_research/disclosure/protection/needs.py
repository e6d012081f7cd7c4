"""How wide a hidden cell has to stay, and whether it does.

Counts: more feasible whole values than the policy's `review_within`, unless the least of them is large enough to be
shown. Magnitudes: up and down as far as their protection levels (`magnitudes`) ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.protection.system import Interval


@dataclass(frozen=True)
class Needs:
    """What hidden cells need. `levels` are (down, up) of magnitude cells; `zeros_shown`: hidden counts are positive.

    `alone` are magnitude cells of one contributor, who knows them (a count of one says so itself).
    """

    threshold: int = 11
    within: float = 4
    levels: Mapping[Cell, tuple[float, float]] = field(default_factory=dict)
    zeros_shown: bool = True
    alone: frozenset[Cell] = frozenset()

    def exposed(self, cell: Cell, interval: Interval, value: float) -> bool:
        """Can a reader work this hidden cell out more closely than the policy allows?"""
        if cell in self.levels:
            down, up = self.levels[cell]
            near = 1e-6 * max(1.0, abs(value))
            high_enough = interval.high is None or interval.high >= value + up - near
            return not (high_enough and interval.low <= max(0.0, value - down) + near)
        return interval.whole and gives_away(interval, self.threshold, self.within)

    @property
    def least(self) -> float:
        return 1.0 if self.zeros_shown else 0.0


def gives_away(interval: Interval, threshold: int, within: float) -> bool:
    """Few feasible integers, not all zero, and some below the threshold."""
    if interval.high is None or interval.high == 0 or interval.low >= threshold:
        return False
    return interval.width <= within
