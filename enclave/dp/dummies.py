"""Invented answers in the shape of real ones, so that code is written before anything is paid. No data is touched.

The numbers come from a generator seeded with the question, so that the same question has the same dummy; they say
nothing about anybody. Every row has the status DUMMY.
"""

from __future__ import annotations

import random
from itertools import product

from enclave.core.digests import canonical_json, sha256_hex
from enclave.dp.policy import TablePolicy
from enclave.dp.policy.tables import Key
from enclave.dp.price import WITH_COUNT, Plan, Statistic
from enclave.dp.questions import is_learned, keys_of
from enclave.dp.shape import Table, shape
from enclave.dp.specification import specification_json
from enclave.dp.vectors import Answer, Noisy

STATUS = "DUMMY"
LEARNED: tuple[Key, ...] = ("DUMMY-1", "DUMMY-2", "DUMMY-3")
_PERSONS = (50, 5_000)


def dummy(plan: Plan, policy: TablePolicy) -> Table:
    """A table with the columns and rows that the answer will have."""
    cells = tuple(product(*_keys(plan, policy)))
    seed = sha256_hex(canonical_json(specification_json(plan.specification)))
    dice = random.Random(seed)  # noqa: S311 -- invented numbers, nothing secret
    noisy: Noisy = {}
    for statistic in sorted((item.statistic for item in plan.statistics), key=lambda each: each.kind in WITH_COUNT):
        noisy[(statistic.kind, statistic.column)] = _vector(dice, statistic, policy, len(cells), noisy)
    table = shape(Answer(cells, noisy), plan, policy)
    return Table(table.columns, tuple({**row, "status": STATUS} for row in table.rows))


def _keys(plan: Plan, policy: TablePolicy) -> list[tuple[Key, ...]]:
    """The keys of every grouping; invented ones where they will be learned from data."""
    columns = [(group, policy.column(group.column)) for group in plan.specification.by]
    return [LEARNED if is_learned(group, column) else keys_of(group, column) for group, column in columns]


def _vector(dice: random.Random, statistic: Statistic, policy: TablePolicy, cells: int, noisy: Noisy) -> list[int]:
    counts = [dice.randint(*_PERSONS) for _ in range(cells)]
    if statistic.kind not in ("sum", "centred", "squares", "bins"):
        return counts
    column = policy.column(statistic.column or "")
    if statistic.kind == "bins":
        return [dice.randint(*_PERSONS) for _ in range(cells * column.bins)]
    values = [dice.randint(column.low, column.high) for _ in range(cells)]
    if statistic.kind == "sum":
        return [count * value for count, value in zip(counts, values, strict=True)]
    filled = noisy[("filled", statistic.column)]
    if statistic.kind == "squares":  # a spread of a quarter of the bounds around the mean of the dummy
        totals, quarter = noisy[("centred", statistic.column)], (column.high - column.low) // 4
        return [total**2 // count + count * quarter**2 for count, total in zip(filled, totals, strict=True)]
    return [count * (value - column.middle) for count, value in zip(filled, values, strict=True)]
