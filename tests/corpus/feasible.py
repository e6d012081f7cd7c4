"""What an attacker can work out about hidden counts: the proof behind the labels of suppressed tables.

A table is a set of equations: every printed total equals the sum of its parts. A hidden count is an unknown integer within `low..high`;
its feasible values are found by integer programming, one value after the other where the range is short.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Pattern = list[list[int | None]]
"""A count table with its margins in the last row and column; None where a cell is hidden."""


def _equations(shape: tuple[int, int]) -> list[list[tuple[int, int, int]]]:
    """Sum of parts minus total, as (row, col, coefficient), for a table whose last row and column are totals."""
    rows, cols = shape
    lines = [[(i, j, 1) for j in range(cols - 1)] + [(i, cols - 1, -1)] for i in range(rows)]
    return lines + [[(i, j, 1) for i in range(rows - 1)] + [(rows - 1, j, -1)] for j in range(cols)]


def ranges(
    pattern: Pattern, low: int = 1, high: int = 10**6, known: dict[tuple[int, int], int] | None = None
) -> dict[tuple[int, int], tuple[int, int]]:
    """Least and greatest value of each hidden cell, given all shown ones and the cells an insider knows."""
    seen = [[(known or {}).get((i, j), v) for j, v in enumerate(r)] for i, r in enumerate(pattern)]
    hidden = [(i, j) for i, r in enumerate(seen) for j, v in enumerate(r) if v is None]
    if not hidden:
        return {}
    place = {cell: k for k, cell in enumerate(hidden)}
    matrix, right = [], []
    for equation in _equations((len(pattern), len(pattern[0]))):
        line, constant = np.zeros(len(hidden)), 0
        for i, j, sign in equation:
            if (i, j) in place:
                line[place[i, j]] += sign
            else:
                constant += sign * (seen[i][j] or 0)
        if line.any():
            matrix.append(line)
            right.append(-constant)
    rules = [LinearConstraint(np.array(matrix), right, right)] if matrix else []
    box = Bounds(np.full(len(hidden), low), np.full(len(hidden), high))
    found = {}
    for k, cell in enumerate(hidden):
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(hidden))
            goal[k] = sign
            answer = milp(goal, constraints=rules, bounds=box, integrality=np.ones(len(hidden)))
            if not answer.success:
                raise ValueError("no integer table fits the shown cells")
            ends.append(round(answer.x[k]))
        found[cell] = (ends[0], ends[1])
    return found


def widths(pattern: Pattern, low: int = 1, high: int = 10**6) -> dict[tuple[int, int], int]:
    """How many values (at most) each hidden cell may take."""
    return {cell: b - a + 1 for cell, (a, b) in ranges(pattern, low, high).items()}


def is_protected(truth: Sequence[Sequence[int]], hidden: set[tuple[int, int]], least: int = 6) -> bool:
    """Whether every hidden cell keeps `least` values against the strictest reading: all hidden are at most 10 if they are, a person who is a cell of their
    own knows it."""
    pattern: Pattern = [[None if (i, j) in hidden else v for j, v in enumerate(r)] for i, r in enumerate(truth)]
    highs = [10**6, 10] if all(truth[i][j] <= 10 for i, j in hidden) else [10**6]
    insiders: list[dict[tuple[int, int], int]] = [{}] + [{c: 1} for c in hidden if truth[c[0]][c[1]] == 1]
    return all(
        b - a + 1 >= least for high in highs for known in insiders for a, b in ranges(pattern, 1, high, known).values()
    )
