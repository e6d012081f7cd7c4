"""How long an answer takes at the least, so that its time tells nothing of the data.

A filter that nobody passes is answered by the file's own statistics in milliseconds, one that everybody passes by a
walk through all rows. So a reply is held back until a walk through all rows would be over: *seconds* are measured on
each bounded table when it is built, and the floor follows from them, the question and the machine's load alone.

Limit: a machine that becomes busy within seconds may let a question pass its floor, which then ends at a later step.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from enclave.dp.policy import TablePolicy
from enclave.dp.price import Plan
from enclave.dp.questions import one_row_a_cell

AIR = 1.5
"""Floors stand so much above the measured seconds."""


@dataclass(frozen=True)
class Pace:
    """Seconds of a walk through all rows that sums them in groups, and of one that tells persons apart."""

    rows: float = 0.0
    persons: float = 0.0

    def floor(self, plan: Plan, policy: TablePolicy, slower: float = 1.0) -> float:
        """Seconds before which no answer to a question leaves; a join is a walk that tells persons apart."""
        binned = sum(item.statistic.kind == "bins" for item in plan.statistics)
        walks = binned + (binned < len(plan.statistics)) + plan.learns_keys
        persons = any(item.statistic.kind == "persons" for item in plan.statistics)
        apart = len(policy.joins) + (persons and not one_row_a_cell(plan.specification, policy))
        return AIR * slower * (walks * self.rows + apart * self.persons)


def slowdown() -> float:
    """How many times as long work takes now: processes that want to run, a core; not less than 1."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
