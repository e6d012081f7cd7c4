# ruff: noqa: S608  (names come from provider schemas, checked against a pattern at load; paths are quoted)
"""Validation rules, written as SQL from a provider's schema.

Every cell is judged as trimmed text: `required`, `type`, `code`, `range`, `pattern`, `length`. Whole rows are
judged for `shape` (number of cells), `duplicate` (the table's key) and `unknown_record` (no such person in the
roster). A fault is named `column:rule`; no rule reports a value.
"""

from __future__ import annotations

from enclave.contributions.schema import Column, ColumnType, Table

SHAPE, DUPLICATE, UNKNOWN = ":shape", "record_id:duplicate", "record_id:unknown_record"
SQL_TYPES = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.CODE: "VARCHAR",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.DECIMAL: "DOUBLE",
    ColumnType.DATE: "DATE",
}
_FORMS = {
    ColumnType.INTEGER: r"[+-]?\d{1,18}",
    ColumnType.DECIMAL: r"[+-]?\d{1,15}(\.\d{1,15})?",
    ColumnType.DATE: r"\d{4}-\d{2}-\d{2}",
}


def judge_sql(table: Table, present: list[str], relation: str) -> str:
    """SELECT `line`, `faults` (blank-separated, empty for a good row) and the typed columns, from text columns.

    Columns that were not agreed are not `present`; they are taken as null and not judged.
    """
    columns = [table.column(name) for name in present]
    texts = ", ".join(f"nullif(trim({column.name}), '') AS {column.name}" for column in columns)
    values = ", ".join(f"{_value(column)} AS {_typed(column)}" for column in columns if column.type in _FORMS)
    faults = ", ".join(_fault(column) for column in columns)
    results = ", ".join(f"{_typed(column)} AS {column.name}" for column in columns)
    some = ", ".join(column.name for column in columns)
    return (
        f"WITH texts AS (SELECT line, {texts} FROM {relation}), "
        f"judged AS (SELECT * {',' if values else ''} {values} FROM texts WHERE coalesce({some}) IS NOT NULL) "
        f"SELECT line, concat_ws(' ', {faults}) AS faults, {results} FROM judged"
    )


def _typed(column: Column) -> str:
    """The name of the typed value beside the text; texts and codes are their own value."""
    return f"{column.name}__value" if column.type in _FORMS else column.name


def _value(column: Column) -> str:
    text = f"CASE WHEN regexp_full_match({column.name}, {quoted(_FORMS[column.type])}) THEN {column.name} END"
    return f"TRY_CAST({text} AS {SQL_TYPES[column.type]})"


def _fault(column: Column) -> str:
    def when(condition: str, rule: str) -> str:
        return f"WHEN {condition} THEN {quoted(f'{column.name}:{rule}')}"

    raw, value = column.name, _typed(column)
    empty = when(f"{raw} IS NULL", "required") if column.required else f"WHEN {raw} IS NULL THEN NULL"
    tests = [empty]
    if column.type in _FORMS:
        tests.append(when(f"{value} IS NULL", "type"))
    if column.codes:
        tests.append(when(f"{raw} NOT IN ({', '.join(quoted(code) for code in column.codes)})", "code"))
    tests += [when(f"{value} {sign} {_limit(column, limit)}", "range")
              for sign, limit in (("<", column.min), (">", column.max)) if limit is not None]  # fmt: skip
    if column.pattern is not None:
        tests.append(when(f"NOT regexp_full_match({raw}, {quoted(column.pattern)})", "pattern"))
    if column.type is ColumnType.TEXT:
        tests.append(when(f"length({raw}) > {column.max_length}", "length"))
    return f"CASE {' '.join(tests)} END"


def _limit(column: Column, limit: int | float | str) -> str:
    return f"DATE {quoted(str(limit))}" if column.type is ColumnType.DATE else str(float(limit))


def quoted(text: str) -> str:
    """A SQL text literal."""
    return "'" + text.replace("'", "''") + "'"
