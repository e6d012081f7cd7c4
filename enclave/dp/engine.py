# ruff: noqa: S608 -- identifiers come from the policy (a-z, 0-9, _), values are parameters
"""The one path from a priced question to noisy numbers: server-written SQL over the bounded table, then noise.

Every statistic is computed exactly over all cells of the public keys, absent cells being 0, and gets integer
Gaussian noise once, as a vector (Canonne, Kamath and Steinke 2020; OpenDP's `make_gaussian` on integers). What
follows, in `shape`, reads noisy numbers and public policy only.
"""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import duckdb

from enclave.core.errors import Unavailable
from enclave.dp.bounded import connect, quoted
from enclave.dp.loss import NANO
from enclave.dp.policy import Column, TablePolicy
from enclave.dp.price import Plan, Priced, Statistic
from enclave.dp.questions import all_keys
from enclave.dp.specification import Condition, Group
from enclave.dp.vectors import Answer, Cell, Noisy


class Noise(Protocol):
    """Adds noise to one vector for one priced statistic."""

    def add(self, values: list[int], priced: Priced) -> list[int]:
        """The values with noise of scale `priced.sigma`."""


class GaussianNoise:
    """OpenDP's integer Gaussian; refuses when OpenDP's own bound of the loss is above what was charged."""

    def add(self, values: list[int], priced: Priced) -> list[int]:
        measurement = _measurement(priced.sigma)
        distance = math.nextafter(math.sqrt(priced.statistic.squared_sensitivity), math.inf)
        if measurement.map(distance) * NANO > priced.loss.nano_rho * (1 + 1e-9):
            raise Unavailable("The noise would not cover the charge.", "Report this to the data steward.")
        noisy: list[int] = measurement(values)
        return noisy


def warm() -> None:
    """Load OpenDP now (some seconds), so that the first answer takes no longer than the others."""
    _measurement(1.0)


def answer(plan: Plan, policy: TablePolicy, table: Path, noise: Noise) -> Answer:
    """Run a priced question over a bounded table."""
    cells = tuple(product(*all_keys(plan.specification, policy)))
    exact = _exact(plan, policy, table, cells)
    noisy: Noisy = {
        (item.statistic.kind, item.statistic.column): noise.add(
            exact[(item.statistic.kind, item.statistic.column)], item
        )
        for item in plan.statistics
    }
    return Answer(cells, noisy)


@lru_cache(maxsize=64)
def _measurement(sigma: float) -> Any:
    import opendp.prelude as opendp  # heavy: loaded with the first answer, not with the module

    opendp.enable_features("contrib")
    space = opendp.vector_domain(opendp.atom_domain(T=opendp.i64)), opendp.l2_distance(T=opendp.f64)
    return opendp.m.make_gaussian(*space, scale=sigma)


def _exact(plan: Plan, policy: TablePolicy, table: Path, cells: tuple[Cell, ...]) -> Noisy:
    position = {cell: index for index, cell in enumerate(cells)}
    plain = [item.statistic for item in plan.statistics if item.statistic.kind != "bins"]
    binned = [item.statistic for item in plan.statistics if item.statistic.kind == "bins"]
    groups = [quoted(group.column) for group in plan.specification.by]
    where, values = _where(plan, policy)
    exact: Noisy = {}
    with connect() as database:
        if plain:
            measures = [_measure_sql(item, policy, plan.rows_per_person) for item in plain]
            rows = _grouped(database, table, groups, measures, where, values)
            for offset, item in enumerate(plain):
                exact[(item.kind, item.column)] = _vector(rows, position, len(groups), offset)
        for item in binned:
            column = policy.column(item.column or "")
            bin_sql = _bin_sql(item.column or "", column)
            rows = _grouped(database, table, [*groups, bin_sql], ["count(*)"], where, values)
            exact[(item.kind, item.column)] = _bin_vector(rows, position, len(groups), column.bins)
    return exact


def _grouped(
    database: duckdb.DuckDBPyConnection,
    table: Path,
    groups: list[str],
    measures: list[str],
    where: str,
    values: list[object],
) -> list[tuple[Any, ...]]:
    grouping = f" GROUP BY {', '.join(groups)}" if groups else ""
    statement = f"SELECT {', '.join([*groups, *measures])} FROM read_parquet(?){where}{grouping}"
    return database.execute(statement, [str(table), *values]).fetchall()


def _measure_sql(statistic: Statistic, policy: TablePolicy, rows_per_person: int) -> str:
    if statistic.kind == "persons":
        return "count(*)" if rows_per_person == 1 else "count(DISTINCT person)"
    if statistic.kind == "rows":
        return "count(*)"
    name = quoted(statistic.column or "")
    if statistic.kind == "filled":
        return f"count({name})"
    offset = policy.column(statistic.column or "").middle if statistic.kind == "centred" else 0
    return f"coalesce(sum({name} - {offset}), 0)"


def _bin_sql(name: str, column: Column) -> str:
    return f"least(({quoted(name)} - {column.low}) // {column.step}, {column.bins - 1})"


def _where(plan: Plan, policy: TablePolicy) -> tuple[str, list[object]]:
    parts: list[str] = []
    values: list[object] = []
    for condition in plan.specification.where:
        part, given = _condition_sql(condition, policy.column(condition.column))
        parts.append(part)
        values += given
    for group in plan.specification.by:
        names, given = _keys_sql(group)
        parts += names
        values += given
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), values


def _condition_sql(condition: Condition, column: Column) -> tuple[str, list[object]]:
    name = quoted(condition.column)
    if isinstance(condition.value, tuple):
        scaled = [_scaled(value, column) for value in condition.value]
        if condition.op == "between":
            return f"{name} BETWEEN ? AND ?", list(scaled)
        return f"{name} IN (SELECT unnest(?))", [scaled]
    return f"{name} {condition.op} ?", [_scaled(condition.value, column)]


def _keys_sql(group: Group) -> tuple[list[str], list[object]]:
    if group.keys is None:
        return [], []
    return [f"{quoted(group.column)} IN (SELECT unnest(?))"], [list(group.keys)]


def _scaled(value: object, column: Column) -> object:
    """A literal in the table's integers: 2.3 is 230 when there are 100 steps a unit, not 229.99…"""
    if not isinstance(value, (int, float)) or column.scale == 1:
        return value
    scaled = Decimal(repr(value)) * column.scale
    return int(scaled) if scaled == int(scaled) else float(scaled)


def _vector(rows: list[tuple[Any, ...]], position: dict[Cell, int], keys: int, offset: int) -> list[int]:
    vector = [0] * len(position)
    for row in rows:
        index = position.get(row[:keys])
        if index is not None:
            vector[index] = int(row[keys + offset])
    return vector


def _bin_vector(rows: list[tuple[Any, ...]], position: dict[Cell, int], keys: int, bins: int) -> list[int]:
    vector = [0] * (len(position) * bins)
    for row in rows:
        index = position.get(row[:keys])
        if index is not None and row[keys] is not None:
            vector[index * bins + int(row[keys])] = int(row[keys + 1])
    return vector
