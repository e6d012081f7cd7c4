# ruff: noqa: S608 -- identifiers come from the policy (a-z, 0-9, _), values are parameters
"""The one path from a priced question to noisy numbers: server-written SQL over the bounded table, then noise.

Every statistic is computed exactly over all cells of the public keys, absent cells being 0, and gets integer
Gaussian noise once, as a vector (`noise`). Where groups are learned from data the cells are those that somebody is in,
and the second engine, `smartnoise`, drops the small ones. What follows, in `shape`, reads noisy numbers and public
policy only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from enclave.dp.bounded import connect, quoted
from enclave.dp.noise import GaussianNoise, Noise, measurement
from enclave.dp.policy import Column, TablePolicy
from enclave.dp.policy.tables import Key
from enclave.dp.price import WITH_COUNT, Plan, Statistic
from enclave.dp.questions import all_keys, is_learned, keys_of, one_row_a_cell
from enclave.dp.specification import Condition, Group
from enclave.dp.vectors import Answer, Cell, Noisy

__all__ = ["GaussianNoise", "Noise", "answer", "counted", "warm"]


def warm() -> None:
    """Load OpenDP and the second engine now (some seconds), so that the first answers take no longer than others."""
    from enclave.dp import smartnoise  # noqa: F401

    measurement(1.0)


NONE: Mapping[str, Path] = MappingProxyType({})


def answer(plan: Plan, policy: TablePolicy, table: Path, noise: Noise, attributes: Mapping[str, Path] = NONE) -> Answer:
    """Run a priced question over a bounded table, joined with the attributes of persons in other tables."""
    if plan.second_engine:
        from enclave.dp import smartnoise  # heavy, and only for what it serves

        return smartnoise.release(plan, *counted(plan, policy, table, attributes), noise)
    cells, exact = counted(plan, policy, table, attributes)
    noisy: Noisy = {
        (item.statistic.kind, item.statistic.column): noise.add(
            exact[(item.statistic.kind, item.statistic.column)], item
        )
        for item in plan.statistics
    }
    return Answer(cells, noisy)


def counted(
    plan: Plan, policy: TablePolicy, table: Path, attributes: Mapping[str, Path] = NONE
) -> tuple[tuple[Cell, ...], Noisy]:
    """The exact statistics over all cells. Cells that are learned from data are as secret as the statistics."""
    source = _Source(policy, table, attributes)
    learned = plan.learns_keys
    cells = _learned(plan, policy, source) if learned else tuple(product(*all_keys(plan.specification, policy)))
    return cells, _exact(plan, policy, source, cells)


class _Source:
    """What stands after FROM, and its parameters: the bounded table, each row with its person's attributes."""

    def __init__(self, policy: TablePolicy, table: Path, attributes: Mapping[str, Path]) -> None:
        self.sql, self.values = "read_parquet(?)", [str(table)]
        for name, join in policy.joins.items():
            named = ", ".join(f'j.{quoted(column)} AS "{name}.{column}"' for column in join.columns)
            self.sql = f"(SELECT t.*, {named} FROM {self.sql} t JOIN read_parquet(?) j ON t.person = j.person)"
            self.values.append(str(attributes[name]))


def _learned(plan: Plan, policy: TablePolicy, table: _Source) -> tuple[Cell, ...]:
    """The cells that somebody is in, in the order of their keys: codes, and of public groups their public keys."""
    groups = plan.specification.by
    allowed = [
        None if is_learned(group, policy.column(group.column)) else set(keys_of(group, policy.column(group.column)))
        for group in groups
    ]
    where, values = _where(plan, policy)
    with _database(os.getpid()).cursor() as database:
        rows = _grouped(database, table, [quoted(group.column) for group in groups], ["count(*)"], where, values)
    cells = (row[: len(groups)] for row in rows)
    found = [cell for cell in cells if all(_is_key(key, keys) for key, keys in zip(cell, allowed, strict=True))]
    return tuple(sorted(found))


def _is_key(value: Any, keys: set[Key] | None) -> bool:
    return _CODE.match(str(value)) is not None and value is not None if keys is None else value in keys


_CODE = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")
"""What a key looks like that is learned from data: a code, no free text."""


def _exact(plan: Plan, policy: TablePolicy, table: _Source, cells: tuple[Cell, ...]) -> Noisy:
    position = {cell: index for index, cell in enumerate(cells)}
    plain = [item.statistic for item in plan.statistics if item.statistic.kind != "bins"]
    binned = [item.statistic for item in plan.statistics if item.statistic.kind == "bins"]
    groups = [quoted(group.column) for group in plan.specification.by]
    where, values = _where(plan, policy)
    exact: Noisy = {}
    with _database(os.getpid()).cursor() as database:
        if plain:
            one = one_row_a_cell(plan.specification, policy)
            measures = [_measure_sql(item, policy, one) for item in plain]
            rows = _grouped(database, table, groups, measures, where, values)
            for offset, item in enumerate(plain):
                exact[(item.kind, item.column)] = _vector(rows, position, len(groups), offset)
        for item in binned:
            column = policy.column(item.column or "")
            bin_sql = _bin_sql(item.column or "", column)
            rows = _grouped(database, table, [*groups, bin_sql], ["count(*)"], where, values)
            exact[(item.kind, item.column)] = _bin_vector(rows, position, len(groups), column.bins)
    return exact


@lru_cache(maxsize=1)
def _database(_process: int) -> duckdb.DuckDBPyConnection:
    """One database in memory a process, with one limit of memory for all questions; each asks over a cursor of its own.
    Opening one a question took as long as counting a million rows."""
    return connect()


def _grouped(
    database: duckdb.DuckDBPyConnection,
    table: _Source,
    groups: list[str],
    measures: list[str],
    where: str,
    values: list[object],
) -> list[tuple[Any, ...]]:
    grouping = f" GROUP BY {', '.join(groups)}" if groups else ""
    statement = f"SELECT {', '.join([*groups, *measures])} FROM {table.sql}{where}{grouping}"
    return database.execute(statement, [*table.values, *values]).fetchall()


def _measure_sql(statistic: Statistic, policy: TablePolicy, one_row_a_cell: bool) -> str:
    if statistic.kind == "persons":  # counted as rows where that is the same, ten times as fast
        return "count(*)" if one_row_a_cell else "count(DISTINCT person)"
    if statistic.kind == "rows":
        return "count(*)"
    name = quoted(statistic.column or "")
    if statistic.kind == "filled":
        return f"count({name})"
    offset = policy.column(statistic.column or "").middle if statistic.kind in WITH_COUNT else 0
    power = f" * ({name} - {offset})" if statistic.kind == "squares" else ""
    return f"coalesce(sum(({name} - {offset}){power}), 0)"


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
