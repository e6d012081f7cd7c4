"""Joined tables: the measures of one table, by attributes that persons have in others.

A **person's attribute** is a column of the one row that stands for a person in a table; the table's public policy says
which row that is (`person`). A question names it `table.column`, in `where` and `by`. Each row of the dataset meets at
most one row of each joined table, so a person changes as many rows as without the join, and the price is the same.
Persons who are not in a joined table are in no group of its attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from enclave.core.errors import Unprocessable
from enclave.dp.policy import Join, Shown, TablePolicy, load_policies, policy_for
from enclave.dp.specification import Specification, asked_columns

MOST = 3
"""Joined tables of a question."""


def policy_of(specification: Specification) -> TablePolicy:
    """The policy of a question: that of its dataset, with the attributes that it names in other tables."""
    policy, wanted = policy_for(specification.dataset), attributes(specification)
    if not wanted:
        return policy
    if len(wanted) > MOST:
        raise Unprocessable(f"More than {MOST} tables are joined.", "Ask with attributes of fewer tables.")
    tables = {name: _joinable(name, specification.dataset) for name in wanted}
    columns = {f"{name}.{column}": tables[name].column(column) for name in wanted for column in wanted[name]}
    return TablePolicy(
        table=policy.table, title=policy.title, providers=policy.providers, rows=policy.rows,
        columns={**policy.columns, **columns}, person=policy.person, shown=_shown(policy, tables.values()),
        joins={name: _join(tables[name], wanted[name]) for name in wanted},
    )  # fmt: skip


def _shown(policy: TablePolicy, joined: Iterable[TablePolicy]) -> Shown:
    """The rules of all providers; public cells of a joined table are those of its own columns, and named so."""
    found = policy.shown
    for table in joined:
        cells = tuple(tuple((f"{table.table}.{column}", key) for column, key in cell) for cell in table.shown.blank)
        found = found.beside(table.shown.model_copy(update={"blank": cells}))
    return found


def attributes(specification: Specification) -> dict[str, tuple[str, ...]]:
    """The columns that a question names in other tables, by table, in order."""
    named = {name for name in asked_columns(specification) if is_attribute(name)}
    found: dict[str, tuple[str, ...]] = {}
    for table, column in sorted((name.split(".")[0], name.split(".")[1]) for name in named):
        found[table] = (*found.get(table, ()), column)
    return found


def tables_named(specification: Mapping[str, Any]) -> set[str]:
    """The dataset and the joined tables of a question as the ledger keeps it."""
    columns = [item["column"] for item in (*specification.get("where", ()), *specification.get("by", ()))]
    return {str(specification.get("dataset")), *(name.split(".")[0] for name in columns if is_attribute(name))}


def is_attribute(column: str) -> bool:
    return "." in column


def joinable() -> Iterable[str]:
    """The tables that can be joined."""
    return sorted(name for name, policy in load_policies().items() if policy.person is not None)


def _joinable(name: str, dataset: str) -> TablePolicy:
    if name == dataset:
        raise Unprocessable("A column of the dataset is named with its table.", "Name the column alone.")
    policy = load_policies().get(name)
    if policy is None or policy.person is None:
        raise Unprocessable("A table of the question cannot be joined.", f"Tables to join: {', '.join(joinable())}.")
    return policy


def _join(policy: TablePolicy, columns: tuple[str, ...]) -> Join:
    person = policy.person
    if person is None or not set(columns) <= set(person.columns):
        open_ = ", ".join(person.columns) if person else ""
        raise Unprocessable(f"A column is no attribute of a person in {policy.table}.", f"Attributes there: {open_}.")
    return Join(choose=person.choose, columns=columns, policy=policy.digest)
