"""Shares and means that tie a table's counts together: rate = count / base within its rounding, mean · n = total.

Which columns belong together is not declared: a relation is used only where at least three fully shown rows fit it, or
two whose rates are so precise that chance cannot explain both, and none contradicts it. What cannot be proven so is not
used, so that a chance likeness gives no finding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations

from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.protection.structure import Structure
from c2c_research.disclosure.protection.system import Line
from c2c_research.disclosure.tables import Role, Table

_PROVING_ROWS = 3
_PROVING_BITS = 16.0


def rate_lines(table: Table, structure: Structure) -> list[Line]:
    """The equations that shown rates and means give for hidden counts."""
    counts = sorted({column for _, column in structure.values})
    rates = table.columns_of(Role.RATE)
    if len(counts) > 12 or len(rates) > 12:
        return []
    lines = [line for rate in rates for line in _of_rate(table, structure, rate, counts)]
    means, sums = table.columns_of(Role.MEAN), table.columns_of(Role.MAGNITUDE)
    return lines + [
        line for mean in means for total in sums for count in counts for line in _of_mean(table, mean, total, count)
    ]


def _of_rate(table: Table, structure: Structure, rate: int, counts: list[int]) -> Iterator[Line]:
    for scale in (100.0, 1.0):
        for count, base in permutations(counts, 2):
            if _proven_rate(table, rate, count, base, scale):
                for row, values in enumerate(table.values):
                    if values[rate].number is not None:
                        yield from _share(values[rate], (row, count), (row, base), scale)
                return


def _proven_rate(table: Table, rate: int, count: int, base: int, scale: float) -> bool:
    fits, bits = 0, 0.0
    for row in table.values:
        share, above, below = row[rate].number, row[count].number, row[base].number
        if share is None or above is None or not below:
            continue
        if abs(above / below * scale - share) > _half(row[rate]) * 1.02 + 1e-9:
            return False
        fits += 1
        bits -= math.log2(2 * _half(row[rate]) / scale)
    return fits >= _PROVING_ROWS or (fits > 1 and bits >= _PROVING_BITS)


def _share(value: Value, count: tuple[int, int], base: tuple[int, int], scale: float) -> Iterator[Line]:
    """`(rate - half) · base <= count <= (rate + half) · base`."""
    number, half = value.number or 0.0, _half(value) * 1.02 + 1e-9
    yield Line(((count, scale), (base, -(number - half))), 0.0, float("inf"), "rate")
    yield Line(((count, scale), (base, -(number + half))), float("-inf"), 0.0, "rate")


def _of_mean(table: Table, mean: int, total: int, count: int) -> Iterator[Line]:
    fits = 0
    for row in table.values:
        average, whole, number = row[mean].number, row[total].number, row[count].number
        if average is None or whole is None or number is None:
            continue
        if abs(average * number - whole) > _half(row[mean]) * 1.02 * number + _half(row[total]) + 1e-9 * abs(whole):
            return
        fits += 1
    if fits < _PROVING_ROWS:
        return
    for place, row in enumerate(table.values):
        average, whole = row[mean].number, row[total].number
        if row[count].mark is Mark.NUMBER or average is None or whole is None:
            continue
        half, slack = _half(row[mean]) * 1.02, _half(row[total])
        cell = (place, count)
        yield Line(((cell, average + half),), whole - slack, float("inf"), "mean")
        yield Line(((cell, average - half),), float("-inf"), whole + slack, "mean")


def _half(value: Value) -> float:
    return float(0.5 * 10.0**-value.decimals)
