"""What the policy says about a question: columns, operators, types, keys, size, and one person's rows in it."""

from __future__ import annotations

from math import prod

from enclave.core.errors import TooMany, Unprocessable
from enclave.dp.joins import is_attribute
from enclave.dp.policy import Column, TablePolicy
from enclave.dp.policy.tables import Key
from enclave.dp.specification import MAX_CELLS, Condition, Group, Measure, Specification

LEARNABLE = frozenset({"count_persons", "count_rows", "sum", "mean", "variance", "stddev"})
ORDERED = frozenset({"<", "<=", ">", ">=", "between"})


def check(specification: Specification, policy: TablePolicy) -> None:
    """Refuse what the policy does not open; says which kind of thing is wrong, never repeats a value."""
    for condition in specification.where:
        _check_condition(condition, policy.column(condition.column))
    names = [group.column for group in specification.by]
    if len(set(names)) != len(names):
        raise Unprocessable("A column is grouped twice.", "Name each column of by once.")
    for group in specification.by:
        _check_group(group, policy.column(group.column))
    for measure in specification.measures:
        _check_measure(measure, policy)
    if len(set(specification.measures)) != len(specification.measures):
        raise Unprocessable("A measure is asked twice.", "Name each measure once.")
    if learns_keys(specification, policy) and not {item.kind for item in specification.measures} <= LEARNABLE:
        raise Unprocessable(
            "Quantiles and histograms have no groups that are learned from data.",
            "Name the keys of each group, or ask for counts, sums, means, variances or standard deviations.",
        )
    cell_count(specification, policy)


def learns_keys(specification: Specification, policy: TablePolicy) -> bool:
    """Whether some group names no keys and has none in public: its keys are learned from data, at a delta."""
    return any(is_learned(group, policy.column(group.column)) for group in specification.by)


def is_learned(group: Group, column: Column) -> bool:
    return group.keys is None and column.groupable and column.public_keys is None


def rows_per_person(specification: Specification, policy: TablePolicy) -> int:
    """How many rows of one person the question can meet: fewer when its conditions name the periods."""
    rows = policy.rows
    if rows.per_period is None:
        return rows.per_person
    periods = [_periods(item) for item in specification.where if item.column == rows.period]
    known = [count for count in periods if count is not None]
    return min([rows.per_person, *(rows.per_period * count for count in known)])


def groups_per_person(specification: Specification, rows: int) -> int:
    """In how many groups a person can be: one, where all groups are by attributes of persons; else as many as rows."""
    return rows if any(not is_attribute(group.column) for group in specification.by) else 1


def one_row_a_cell(specification: Specification, policy: TablePolicy) -> bool:
    """Whether no cell can hold two rows of a person, so that persons can be counted as rows."""
    by_period = any(group.column == policy.rows.period for group in specification.by)
    rows = rows_per_person(specification, policy)
    return rows == 1 or (by_period and policy.rows.per_period == 1)


def keys_of(group: Group, column: Column) -> tuple[Key, ...]:
    """The cells of one grouping: those named, else all public keys. A key is never learned from data."""
    public = column.public_keys
    if group.keys is None:
        if public is None:
            raise Unprocessable(f"{group.column} has too many keys to take them all.", "Name the keys that you want.")
        return public
    if public is not None and not set(group.keys) <= set(public):
        raise Unprocessable(
            f"A key of {group.column} is not among its public keys.", "Take the keys from the codebook."
        )
    return tuple(dict.fromkeys(key for key in group.keys if not isinstance(key, float)))


def all_keys(specification: Specification, policy: TablePolicy) -> list[tuple[Key, ...]]:
    """The keys of every grouping, in order. Unprocessable where some are learned from data."""
    return [keys_of(group, policy.column(group.column)) for group in specification.by]


def cell_count(specification: Specification, policy: TablePolicy) -> int:
    """How many numbers the largest statistic has, groups that are learned counted as one; refused above the limit."""
    public = [group for group in specification.by if not is_learned(group, policy.column(group.column))]
    keys = [keys_of(group, policy.column(group.column)) for group in public]
    widths = [
        policy.column(item.column or "").bins if item.kind in ("histogram", "quantile") else 1
        for item in specification.measures
    ]
    cells = prod(len(values) for values in keys) * max(widths)
    if cells > MAX_CELLS:
        raise TooMany(f"The question has more than {MAX_CELLS} cells.", "Group by fewer columns or name fewer keys.")
    return cells


def _periods(condition: Condition) -> int | None:
    """How many periods a condition on the period column leaves, or None when it sets no limit."""
    if condition.op == "=":
        return 1
    if condition.op == "in" and isinstance(condition.value, tuple):
        return len(set(condition.value))
    if condition.op == "between" and isinstance(condition.value, tuple):
        low, high = (int(value) for value in condition.value)
        return max(1, high - low + 1)
    return None


def _check_condition(condition: Condition, column: Column) -> None:
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    many = isinstance(condition.value, tuple)
    if many != (condition.op in ("in", "between")) or (condition.op == "between" and len(values) != 2):
        raise Unprocessable(
            f"The condition on {condition.column} has the wrong number of values.",
            "Give a list for in, two numbers for between, one value otherwise.",
        )
    if condition.op in ORDERED and not column.numeric:
        raise Unprocessable(
            f"{condition.column} holds codes and cannot be compared by size.", "Use = or in with its codes."
        )
    _check_types(condition.column, values, column)


def _check_types(name: str, values: tuple[object, ...], column: Column) -> None:
    wanted: tuple[type, ...] = (int, float) if column.scale > 1 else (int,)
    if not column.numeric:
        wanted = (str,)
    if any(isinstance(value, bool) or not isinstance(value, wanted) for value in values):
        kind = "text" if not column.numeric else "whole numbers" if column.scale == 1 else "numbers"
        raise Unprocessable(f"Values of {name} must be {kind}.", "Compare with the codebook.")


def _check_group(group: Group, column: Column) -> None:
    if not column.groupable:
        raise Unprocessable(f"{group.column} has no public keys.", "Group by another column.")
    if group.keys is not None:
        _check_types(group.column, group.keys, column)


def _check_measure(measure: Measure, policy: TablePolicy) -> None:
    if measure.kind in ("count_persons", "count_rows"):
        if measure.column is not None or measure.q is not None:
            raise Unprocessable("A count takes no column.", "Leave out column and q.")
        return
    if measure.column is None:
        raise Unprocessable(f"The measure {measure.kind} needs a column.", "Name a column with public bounds.")
    column = policy.column(measure.column)
    if not column.measurable:
        raise Unprocessable(f"{measure.column} has no public bounds.", "Measure another column.")
    if measure.kind in ("quantile", "histogram") and column.width is None:
        raise Unprocessable(f"{measure.column} has no public bins.", "Ask for its sum or mean.")
    if (measure.kind == "quantile") != (measure.q is not None):
        raise Unprocessable("Only a quantile has a q, and it needs one.", "Give q between 0.01 and 0.99.")
