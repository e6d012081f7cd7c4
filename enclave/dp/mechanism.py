"""An audit of the mechanism: neighbouring planted editions through the live path, and a lower bound of the loss.

One edition holds forty invented persons, its neighbour one more, who changes as much as the policy lets a person
change. Both are bounded, counted and noised by the code that answers questions. Of each statistic the noisy vector is
projected on the line along which the two differ; how far the two samples lie apart, in units of their scatter, is
what somebody who attacks the noise can use. For Gaussian noise of loss rho it is sqrt(2 rho) (Dong, Roth and Su 2022,
section 2: mu-GDP). Its lower confidence bound has to stay at or below the claim; a mechanism that adds too little
noise, or noise for too small a sensitivity, lies above it.

Limit: the bound says that the claim is not refuted, never that it is proven.
"""

from __future__ import annotations

import json
import math
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from enclave.dp.bounded import PERSON, ensure_bounded
from enclave.dp.engine import Noise, answer
from enclave.dp.policy import PROVIDER, Column, TablePolicy
from enclave.dp.price import Plan, Priced, price
from enclave.dp.specification import Group, Measure, Specification

RHO = 2.0
"""Of each statistic: the larger, the fewer draws tell too little noise from enough."""
PERSONS = 40
SECOND_DRAWS = 60
"""Of the second engine at most so many, which are dear: it takes its statement apart each time."""
CONFIDENCE = 3.9
"""Normal quantile of a one-sided 0.99995: one statistic cries wolf once in 20,000 times, sixty of all tables together
once in some 350 audits. An alarm is a reason to repeat the audit with more draws."""
_EDITION = "0001r1"
Row = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One statistic: what was claimed and at least lost, as rho."""

    table: str
    statistic: str
    claimed: float
    at_least: float

    @property
    def holds(self) -> bool:
        return self.at_least <= self.claimed

    def as_json(self) -> dict[str, Any]:
        """For results and the trail."""
        return {
            "table": self.table, "statistic": self.statistic, "claimed_rho": round(self.claimed, 6),
            "at_least_rho": round(self.at_least, 6), "holds": self.holds,
        }  # fmt: skip


class _Exact:
    """No noise: planted editions may be looked at."""

    def add(self, values: list[int], priced: Priced) -> list[int]:
        return values


def audit(policy: TablePolicy, draws: int, noise: Noise) -> list[Finding]:
    """A finding a statistic of a table and engine, from `draws` answers of each neighbour (SECOND_DRAWS at most)."""
    second = _second_plan(policy)
    found = _audited(policy, _plan(policy), draws, noise)
    return found + (_audited(policy, second, min(draws, SECOND_DRAWS), noise) if second else [])


def _audited(policy: TablePolicy, plan: Plan, draws: int, noise: Noise) -> list[Finding]:
    with tempfile.TemporaryDirectory(prefix="c2c-mechanism-") as place:
        tables = [_planted(Path(place) / name, policy, extra) for name, extra in (("without", False), ("with", True))]
        exact = [answer(plan, policy, table, _Exact()).noisy for table in tables]
        drawn = [[answer(plan, policy, table, noise).noisy for _ in range(draws)] for table in tables]
    findings = []
    for item in plan.statistics:
        key = (item.statistic.kind, item.statistic.column)
        line = [after - before for before, after in zip(exact[0][key], exact[1][key], strict=True)]
        samples = [[_along(each[key], line) for each in side] for side in drawn]
        name = (f"{key[0]} of {key[1]}" if key[1] else key[0]) + " (second engine)" * plan.second_engine
        findings.append(Finding(policy.table, name, float(item.loss.rho), _at_least(*samples)))
    return findings


def _along(vector: list[int], line: list[int]) -> float:
    length = math.sqrt(sum(step * step for step in line)) or 1.0
    return sum(value * step for value, step in zip(vector, line, strict=True)) / length


def _at_least(without: list[float], extra: list[float]) -> float:
    """The lower bound of rho: half the square of the lower bound of the standardised difference."""
    scatter = math.sqrt((statistics.variance(without) + statistics.variance(extra)) / 2)
    apart = (statistics.fmean(extra) - statistics.fmean(without)) / scatter if scatter else math.inf
    error = math.sqrt(2 / len(extra) + apart * apart / (4 * len(extra)))
    return max(0.0, apart - CONFIDENCE * error) ** 2 / 2


def _plan(policy: TablePolicy) -> Plan:
    """Every kind of statistic that the table answers, grouped by one of its columns."""
    group = next(name for name, column in policy.columns.items() if _groups(policy, name, column))
    measures = [Measure(kind="count_persons"), Measure(kind="count_rows")]
    measured = next((name for name, column in policy.columns.items() if column.measurable), None)
    if measured is not None:
        measures += [Measure(kind="sum", column=measured), Measure(kind="mean", column=measured)]
    binned = next((name for name, column in policy.columns.items() if column.measurable and column.width), None)
    if binned is not None:
        measures.append(Measure(kind="histogram", column=binned))
    by = Group(column=group, keys=tuple(_keys(policy.column(group))))
    asked = Specification(dataset=policy.table, by=(by,), measures=tuple(measures))
    parts = len(price(asked, policy, ("rho", RHO)).statistics)
    return price(asked, policy, ("rho", RHO * parts))


def _second_plan(policy: TablePolicy) -> Plan | None:
    """A variance, which the second engine releases; None where nothing is measured."""
    measured = next((name for name, column in policy.columns.items() if column.measurable), None)
    if measured is None:
        return None
    asked = Specification(dataset=policy.table, measures=(Measure(kind="variance", column=measured),))
    return price(asked, policy, ("rho", RHO * len(price(asked, policy, ("rho", RHO)).statistics)))


def _groups(policy: TablePolicy, name: str, column: Column) -> bool:
    return column.groupable and not column.numeric and name not in (PROVIDER, policy.rows.period)


def _keys(column: Column) -> list[str]:
    return [str(key) for key in (column.public_keys or ("x", "y"))[:2]]


def _planted(folder: Path, policy: TablePolicy, extra: bool) -> Path:
    rows = [_row(policy, person, 0, 0.5) for person in range(1, PERSONS + 1)]
    if extra:  # more rows than may count, each as large as may be, in one group
        rows += [_row(policy, 0, number, 1.0) for number in range(2 * policy.rows.per_person + 2)]
    source = folder / "editions" / _EDITION
    (source / policy.providers[0]).mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), source / policy.providers[0] / f"{policy.table}.parquet")
    (source / "manifest.json").write_text(json.dumps({"edition": _EDITION}))
    return ensure_bounded(folder / "editions", folder / "bounded", _EDITION, policy).file


def _row(policy: TablePolicy, person: int, number: int, share: float) -> Row:
    row: Row = {PERSON: person}
    for name, column in policy.columns.items():
        if name == PROVIDER:
            continue
        if name == policy.rows.period:
            row[name] = (column.public_keys or (2020,))[number % len(column.public_keys or (2020,))]
        elif column.measurable:
            row[name] = (column.low + share * (column.high - column.low)) / column.scale
        else:
            row[name] = _keys(column)[0] if not column.numeric else 1
    return row
