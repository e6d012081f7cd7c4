"""Invented answers in the shape of real ones, so that code is written before anything is paid. No data is touched.

The numbers come from a generator seeded with the question, so that the same question has the same dummy; they say
nothing about anybody. Every row has the status DUMMY.
"""

from __future__ import annotations

import random
from itertools import product

from enclave.core.digests import canonical_json, sha256_hex
from enclave.dp.policy import TablePolicy
from enclave.dp.price import Plan, Statistic
from enclave.dp.questions import all_keys
from enclave.dp.shape import Table, shape
from enclave.dp.specification import specification_json
from enclave.dp.vectors import Answer, Noisy

STATUS = "DUMMY"
_PERSONS = (50, 5_000)


def dummy(plan: Plan, policy: TablePolicy) -> Table:
    """A table with the columns and rows that the answer will have."""
    cells = tuple(product(*all_keys(plan.specification, policy)))
    seed = sha256_hex(canonical_json(specification_json(plan.specification)))
    dice = random.Random(seed)  # noqa: S311 -- invented numbers, nothing secret
    noisy: Noisy = {}
    for statistic in sorted((item.statistic for item in plan.statistics), key=lambda each: each.kind == "centred"):
        noisy[(statistic.kind, statistic.column)] = _vector(dice, statistic, policy, len(cells), noisy)
    table = shape(Answer(cells, noisy), plan, policy)
    return Table(table.columns, tuple({**row, "status": STATUS} for row in table.rows))


def _vector(dice: random.Random, statistic: Statistic, policy: TablePolicy, cells: int, noisy: Noisy) -> list[int]:
    counts = [dice.randint(*_PERSONS) for _ in range(cells)]
    if statistic.kind not in ("sum", "centred", "bins"):
        return counts
    column = policy.column(statistic.column or "")
    if statistic.kind == "bins":
        return [dice.randint(*_PERSONS) for _ in range(cells * column.bins)]
    values = [dice.randint(column.low, column.high) for _ in range(cells)]
    if statistic.kind == "sum":
        return [count * value for count, value in zip(counts, values, strict=True)]
    filled = noisy[("filled", statistic.column)]
    return [count * (value - column.middle) for count, value in zip(filled, values, strict=True)]
