"""A question in SQL, read into a specification. The text itself goes nowhere: no database ever sees a part of it.

The subset: one `SELECT` of group columns and measures `FROM` one table, `WHERE` with conditions joined by `AND`, and
`GROUP BY`. `JOIN table USING (person)` brings persons' attributes of another table into groups and conditions, by
their name alone or with their table. Measures are `COUNT(DISTINCT person)`, `COUNT(*)`, `SUM`, `AVG`, `VARIANCE`,
`STDDEV`, `MEDIAN`, `QUANTILE(column, q)` and `HISTOGRAM(column)`; variances and deviations are those of n, not n - 1.
Everything else is refused with a sentence that says what to write instead. Groups that `WHERE` narrows by `=` or `IN`
become the keys of the answer.

Why so strict: smartnoise-sql 1.0.10 takes `\\` for an escape inside quotes and databases do not, so that a literal
can carry a second statement past it. Here a literal becomes a typed value or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlglot import errors, exp, parse

from enclave.core.errors import Unprocessable
from enclave.dp.policy import load_policies

Node = TypeVar("Node", bound=exp.Expression)
Json = dict[str, Any]

MAX_TEXT = 20_000
MAX_DEPTH = 40
PERSONS = frozenset({"person", "persons", "person_id", "person_key"})
_COMPARISONS: dict[type[exp.Expression], str] = {exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SHAPE = "Write one statement like SELECT county_code, COUNT(DISTINCT person) FROM k12_completion GROUP BY county_code."
_CLAUSES = {
    "having": ("HAVING is not in the subset", "Ask for all groups and keep rows of the answer afterwards."),
    "order": ("ORDER BY is not in the subset", "Sort the answer: .frame.sort_values(…)."),
    "limit": ("LIMIT is not in the subset", "Take rows of the answer: .frame.head(…)."),
    "distinct": ("SELECT DISTINCT is not in the subset", "Use GROUP BY; groups are public and always answered."),
    "with_": ("WITH is not in the subset", _SHAPE),
}  # fmt: skip
_READ = frozenset({"expressions", "from_", "joins", "where", "group", "kind", "hint"})


def read_question(text: object) -> Json:
    """`dataset`, `where`, `by` and `measures` of the HTTP body for a SELECT; Unprocessable with advice otherwise."""
    select = _one_select(text)
    for name, (problem, advice) in _CLAUSES.items():
        if select.args.get(name):
            raise Unprocessable(f"{problem} of SQL that is answered.", advice)
    if any(value for name, value in select.args.items() if name not in _READ) or select.args.get("hint"):
        raise _refusal("The statement has a part that is not answered.", _SHAPE)
    if select.args.get("joins"):
        _name_attributes(select, _table(select), _joined(select))
    columns, measures = _selected(select)
    groups = _grouped(select, columns)
    if set(columns) - set(groups):
        raise _refusal("A selected column is not grouped by.", "Name every selected column in GROUP BY.")
    conditions = _conditions(select.args.get("where"))
    return {"dataset": _table(select), "measures": measures, **narrowed(groups, conditions)}


def _refusal(problem: str, advice: str) -> Unprocessable:
    return Unprocessable(problem, advice)


def _one_select(text: object) -> exp.Select:
    if not isinstance(text, str) or not text.strip():
        raise _refusal("The SQL of the question is not a text.", _SHAPE)
    if len(text) > MAX_TEXT or _depth(text) > MAX_DEPTH:
        raise _refusal("The SQL of the question is too long or too deep.", "Name fewer values and drop parentheses.")
    try:
        found = [statement for statement in parse(text, dialect="duckdb") if statement is not None]
    except (errors.SqlglotError, RecursionError, ValueError):
        raise _refusal("The SQL of the question cannot be read.", _SHAPE) from None
    if len(found) != 1 or not isinstance(found[0], exp.Select):
        raise _refusal("Only one SELECT is answered.", _SHAPE)
    return found[0]


def _depth(text: str) -> int:
    deepest = depth = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _table(select: exp.Select) -> str:
    source = select.args.get("from_")
    table = source.this if isinstance(source, exp.From) else None
    if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier) and not _extras(table):
        return _lower(table.name)
    raise _refusal("The question is not about one table of the edition.", "Write FROM and the table's name alone.")


def _joined(select: exp.Select) -> list[str]:
    """The tables of JOIN … USING (person)."""
    found = []
    for join in select.args.get("joins") or []:
        table, using = join.this, join.args.get("using") or []
        plain = isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier) and not _extras(table)
        by_person = len(using) == 1 and _lower(str(using[0].name)) in PERSONS
        others = [name for name, value in join.args.items() if value and name not in ("this", "using")]
        if not plain or not by_person or others not in ([], ["kind"]) or join.kind not in ("", "INNER"):
            raise _refusal(
                "Tables are joined by person only.", "Write FROM ui_wage JOIN k12_enrollment USING (person)."
            )
        found.append(_lower(str(table.name)))
    return found


def _name_attributes(select: exp.Select, dataset: str, joined: Sequence[str]) -> None:
    """Give each column of a joined table the name `table.column`, whether its table was said or not."""
    tables = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or [])]
    called = {_lower(str(table.alias_or_name)): _lower(str(table.name)) for table in tables}
    used = set()
    for column in list(select.find_all(exp.Column)):
        table = called.get(_lower(str(column.table))) or _holder(_lower(str(column.name)), dataset, joined)
        if table not in joined or _lower(str(column.name)) in PERSONS:
            continue
        if isinstance(column.parent, (exp.AggFunc, exp.Anonymous, exp.Ordered)):
            raise _refusal(
                "A measure is of the table after FROM.",
                "Write that table after FROM, and the one with the person's attributes after JOIN.",
            )
        used.add(table)
        column.set("this", exp.to_identifier(f"{table}.{_lower(str(column.name))}"))
        column.set("table", None)
    if set(joined) - used:
        raise _refusal(
            "No group and no condition is about a joined table.",
            "Leave JOIN out, or name one of its columns in GROUP BY or WHERE.",
        )


def _holder(name: str, dataset: str, joined: Sequence[str]) -> str:
    """The table of a column that stands alone: the dataset's first, then the one joined table that has it."""
    policies = load_policies()
    if dataset in policies and name in policies[dataset].columns:
        return dataset
    holders = [table for table in joined if table in policies and name in policies[table].columns]
    if len(holders) > 1:
        raise _refusal("A column is in several joined tables.", "Write it with its table, like k12_enrollment.gender.")
    return holders[0] if holders else dataset


def _lower(name: str) -> str:
    """Names are ASCII: there are letters of other alphabets that become an a or a k in lower case, or look like one."""
    if not name.isascii():
        raise _refusal("A name has a letter that no name of the edition has.", "Type the name with a to z.")
    return name.lower()


def _extras(table: exp.Table) -> bool:
    return any(value for name, value in table.args.items() if name not in ("this", "alias"))


def _selected(select: exp.Select) -> tuple[list[str], list[Json]]:
    """Group columns and measures of the SELECT list, in its order."""
    columns: list[str] = []
    measures: list[Json] = []
    for item in select.expressions:
        plain = item.unalias()
        if isinstance(plain, exp.Column):
            columns.append(_column(plain))
        else:
            measures.append(_measure(plain))
    if not measures:
        raise _refusal("The question has no measure.", "Add COUNT(DISTINCT person), COUNT(*), SUM, AVG or MEDIAN.")
    return columns, measures


def _grouped(select: exp.Select, columns: Sequence[str]) -> list[str]:
    group = select.args.get("group")
    if group is None:
        return []
    if any(value for name, value in group.args.items() if name != "expressions"):
        raise _refusal("Only plain GROUP BY is answered.", "Ask for totals in a question of their own.")
    return [_group(item, select, columns) for item in group.expressions]


def _group(item: exp.Expression, select: exp.Select, columns: Sequence[str]) -> str:
    if isinstance(item, exp.Literal) and not item.is_string and item.this.isdigit():
        position = int(item.this) - 1
        chosen = select.expressions[position].unalias() if 0 <= position < len(select.expressions) else None
        item = chosen if isinstance(chosen, exp.Column) else item
    if not isinstance(item, exp.Column):
        raise _refusal("Groups are columns.", "Name columns with public keys in GROUP BY; see c2c.dp.datasets().")
    return _column(item)


def _column(node: exp.Expression) -> str:
    if not isinstance(node, exp.Column) or not isinstance(node.this, exp.Identifier):
        raise _refusal("A column is needed where the statement has something else.", "Write the column's name alone.")
    if node.args.get("db") or node.args.get("catalog"):
        raise _refusal("Columns of other databases are not answered.", "Write the column's name alone.")
    return _lower(node.name)


def _measure(node: exp.Expression) -> Json:
    for kind, read in _MEASURES.items():
        if isinstance(node, kind):
            return read(node)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() in _NAMED:
        return _NAMED[str(node.this).upper()](node)
    raise _refusal(
        "A selected expression is neither a group column nor a measure that is answered.",
        "Measures are COUNT(DISTINCT person), COUNT(*), SUM, AVG, VARIANCE, STDDEV, MEDIAN, QUANTILE(column, q) and "
        "HISTOGRAM(column).",
    )


def _count(node: exp.Expression) -> Json:
    if isinstance(node.this, exp.Star):
        return {"kind": "count_rows"}
    inner = node.this.expressions if isinstance(node.this, exp.Distinct) else []
    if len(inner) == 1 and isinstance(inner[0], exp.Column) and _column(inner[0]) in PERSONS:
        return {"kind": "count_persons"}
    raise _refusal("Only persons and rows are counted.", "Write COUNT(DISTINCT person) or COUNT(*).")


def _of_column(kind: str, q: float | None = None) -> Callable[[exp.Expression], Json]:
    def read(node: exp.Expression) -> Json:
        column = {"kind": kind, "column": _column(node.this)}
        return column if q is None else {**column, "q": q}

    return read


def _within(node: exp.Expression) -> Json:
    """`QUANTILE_CONT(q) WITHIN GROUP (ORDER BY column)`."""
    order = node.expression.expressions if isinstance(node.expression, exp.Order) else []
    if isinstance(node.this, (exp.PercentileCont, exp.PercentileDisc)) and len(order) == 1:
        return {"kind": "quantile", "column": _column(order[0].this), "q": _share(node.this.this)}
    raise _refusal("WITHIN GROUP is answered for quantiles only.", "Write QUANTILE(column, q).")


def _quantile(node: exp.Expression) -> Json:
    return {"kind": "quantile", "column": _column(node.this), "q": _share(node.args.get("quantile") or node.expression)}


def _histogram(node: exp.Expression) -> Json:
    if len(node.expressions) != 1:
        raise _refusal("HISTOGRAM takes one column.", "Bins are public; see c2c.dp.datasets().")
    return {"kind": "histogram", "column": _column(node.expressions[0])}


def _one_column(kind: str) -> Callable[[exp.Expression], Json]:
    def read(node: exp.Expression) -> Json:
        if len(node.expressions) != 1:
            raise _refusal("VAR and STD take one column.", "Write VARIANCE(column) or STDDEV(column).")
        return {"kind": kind, "column": _column(node.expressions[0])}

    return read


def _share(node: exp.Expression | None) -> float:
    value = _value(node)
    if isinstance(value, str) or not 0.01 <= value <= 0.99:
        raise _refusal("A quantile is a number from 0.01 to 0.99.", "Write QUANTILE(column, 0.5).")
    return float(value)


_MEASURES: dict[type[exp.Expression], Callable[[exp.Expression], Json]] = {
    exp.Count: _count,
    exp.Sum: _of_column("sum"),
    exp.Avg: _of_column("mean"),
    exp.Variance: _of_column("variance"),
    exp.VariancePop: _of_column("variance"),
    exp.Stddev: _of_column("stddev"),
    exp.StddevPop: _of_column("stddev"),
    exp.StddevSamp: _of_column("stddev"),
    exp.Median: _of_column("quantile", 0.5),
    exp.Quantile: _quantile,
    exp.PercentileCont: _quantile,
    exp.PercentileDisc: _quantile,
    exp.WithinGroup: _within,
}
_NAMED: dict[str, Callable[[exp.Expression], Json]] = {
    "HISTOGRAM": _histogram,
    "VAR": _one_column("variance"),
    "STD": _one_column("stddev"),
}


def _conditions(where: exp.Expression | None) -> list[Json]:
    """The conjuncts of WHERE; OR, NOT and functions are refused."""
    if where is None:
        return []
    waiting, found = [where.this], []
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Paren):
            waiting.append(node.this)
        elif isinstance(node, exp.And):
            waiting += [node.expression, node.this]
        else:
            found.append(_condition(node))
    return found


def _condition(node: exp.Expression) -> Json:
    if type(node) in _COMPARISONS:
        return _comparison(node, _COMPARISONS[type(node)])
    if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        return {"column": _column(node.this), "op": "in", "value": [_value(each) for each in node.expressions]}
    if isinstance(node, exp.Between) and not node.args.get("symmetric"):
        ends = [_value(node.args["low"]), _value(node.args["high"])]
        return {"column": _column(node.this), "op": "between", "value": ends}
    raise _refusal(
        "A condition is not of a form that is answered.",
        "Join conditions of the form column = value, <, <=, >, >=, IN (…) or BETWEEN … AND … by AND; "
        "write OR of one column as IN.",
    )


def _comparison(node: exp.Expression, operator: str) -> Json:
    if isinstance(node.this, exp.Column):
        return {"column": _column(node.this), "op": operator, "value": _value(node.expression)}
    return {"column": _column(node.expression), "op": _MIRRORED[operator], "value": _value(node.this)}


def _value(node: exp.Expression | None) -> int | float | str:
    """A literal as a typed value."""
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return -_number(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else _number(node)
    raise _refusal("Values are numbers and texts in quotes.", "Compute the value first and write it down.")


def _number(node: exp.Literal) -> int | float:
    text = str(node.this)
    if len(text) > 40:
        raise _refusal("A number is too long.", "Write numbers of at most 40 digits.")
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        raise _refusal("A number cannot be read.", "Write it in digits.") from None


def narrowed(groups: Sequence[str], conditions: list[Json]) -> Json:
    """Groups with the keys that the conditions leave; a condition that became keys is gone from `where`."""
    by: list[Json] = []
    for column in groups:
        narrowing = [each for each in conditions if each["column"] == column and each["op"] in ("=", "in")]
        if len(narrowing) == 1:
            value = narrowing[0]["value"]
            by.append({"column": column, "keys": value if isinstance(value, list) else [value]})
            conditions = [each for each in conditions if each is not narrowing[0]]
        else:
            by.append({"column": column, "keys": None})
    return {"where": conditions, "by": by}
