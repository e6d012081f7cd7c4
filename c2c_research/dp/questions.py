"""Asking: the statistics, SQL, the price, and the body of the question that goes to the portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from c2c_research import _http
from c2c_research.dp.answer import PrivateAnswer
from c2c_research.errors import BadUse

By = str | Sequence[str] | Mapping[str, Sequence[str | int] | None] | None
Where = Mapping[str, Any] | None
_OPERATORS = ("=", "in", "<", "<=", ">", ">=", "between")


def count(dataset: str, by: By = None, where: Where = None, *, of: str = "persons", **exactness: Any) -> PrivateAnswer:
    """How many persons (or `of="rows"`), by group."""
    if of not in ("persons", "rows"):
        raise BadUse("Only persons and rows are counted.", 'Write of="persons" or of="rows".')
    return ask(dataset, [{"kind": f"count_{of}"}], by, where, **exactness)


def sum(dataset: str, column: str, by: By = None, where: Where = None, **exactness: Any) -> PrivateAnswer:
    """The sum of a column within its public bounds; `error` is in the column's unit."""
    return ask(dataset, [{"kind": "sum", "column": column}], by, where, **exactness)


def mean(dataset: str, column: str, by: By = None, where: Where = None, **exactness: Any) -> PrivateAnswer:
    """The mean over rows of a column within its public bounds; `error` is that of the count behind it."""
    return ask(dataset, [{"kind": "mean", "column": column}], by, where, **exactness)


def variance(dataset: str, column: str, by: By = None, where: Where = None, **exactness: Any) -> PrivateAnswer:
    """The variance over rows (divided by n) of a column within its public bounds; `error` as for `mean`."""
    return ask(dataset, [{"kind": "variance", "column": column}], by, where, **exactness)


def stddev(dataset: str, column: str, by: By = None, where: Where = None, **exactness: Any) -> PrivateAnswer:
    """The standard deviation over rows: the root of `variance`. Asked together with it, both cost as much as one."""
    return ask(dataset, [{"kind": "stddev", "column": column}], by, where, **exactness)


def quantile(
    dataset: str, column: str, q: float | Sequence[float] = 0.5, by: By = None, where: Where = None, **exactness: Any
) -> PrivateAnswer:
    """One or several quantiles of a column; several cost as much as one."""
    wanted = [q] if isinstance(q, (int, float)) else list(q)
    measures = [{"kind": "quantile", "column": column, "q": each} for each in wanted]
    return ask(dataset, measures, by, where, **exactness)


def histogram(dataset: str, column: str, by: By = None, where: Where = None, **exactness: Any) -> PrivateAnswer:
    """Rows by public bins of a column."""
    return ask(dataset, [{"kind": "histogram", "column": column}], by, where, **exactness)


def ask(
    dataset: str, measures: Sequence[Mapping[str, Any]], by: By = None, where: Where = None, **exactness: Any
) -> PrivateAnswer:
    """Several measures of the same groups in one question, in the words of the HTTP body."""
    return _answer(body_of(dataset, measures, by, where, **exactness))


def sql(text: str, **exactness: Any) -> PrivateAnswer:
    """A question written in SQL; the portal reads it into the same question as `ask` would send.

        c2c.dp.sql("SELECT county_code, COUNT(DISTINCT person) FROM k12_completion GROUP BY county_code", error=30)

    One SELECT over one table: COUNT(DISTINCT person), COUNT(*), SUM, AVG, VARIANCE, STDDEV, MEDIAN, QUANTILE(column, q)
    and HISTOGRAM(column), with WHERE conditions joined by AND. Anything else is refused with what to write instead.
    """
    return _answer(written(text, **exactness))


def _answer(question: dict[str, Any]) -> PrivateAnswer:
    found = _http.post("/dp/queries", question)
    return PrivateAnswer(
        columns=tuple(found["columns"]),
        rows=tuple(found["rows"]),
        loss=found["loss"],
        remaining=found["remaining"],
        receipt=found["receipt"],
        cached=bool(found["cached"]),
        edition=str(found.get("edition", "")),
        question=question,
        rows_cut=tuple(found.get("rows_cut", ())),
    )


def cost(
    dataset: str,
    measures: Sequence[Mapping[str, Any]] = ({"kind": "count_persons"},),
    by: By = None,
    where: Where = None,
    **exactness: Any,
) -> dict[str, Any]:
    """What a question would cost and how exact it would be. Free, at once, and without touching data.

    `dataset` is a table's name, or a whole question in SQL (`cost("SELECT COUNT(*) FROM ps_award", error=30)`).
    """
    found: dict[str, Any] = _http.post("/dp/cost", stated(dataset, measures, by, where, **exactness))
    return found


def body_of(
    dataset: str, measures: Sequence[Mapping[str, Any]], by: By, where: Where, **exactness: Any
) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "where": [_condition(column, value) for column, value in (where or {}).items()],
        "by": _groups(by),
        "measures": [dict(measure) for measure in measures],
        **_exactness(**exactness),
    }


def stated(
    dataset: str, measures: Sequence[Mapping[str, Any]], by: By, where: Where, **exactness: Any
) -> dict[str, Any]:
    """The body of a question in words, or of one in SQL where `dataset` is a SELECT."""
    if len(dataset.split()) > 1:
        return written(dataset, **exactness)
    return body_of(dataset, measures, by, where, **exactness)


def written(text: str, **exactness: Any) -> dict[str, Any]:
    return {"sql": text, **_exactness(**exactness)}


def _exactness(
    *, error: float | None = None, epsilon: float | None = None, rho: float | None = None, purse: str = "explore"
) -> dict[str, Any]:
    given = {"error": error, "epsilon": epsilon, "rho": rho}
    loss = {name: value for name, value in given.items() if value is not None}
    if len(loss) != 1:
        raise BadUse("Say how exact the answer has to be.", "Give one of error=30, epsilon=0.5 or rho=0.01.")
    return {"loss": loss, "purse": purse}


def _condition(column: str, value: Any) -> dict[str, Any]:
    if isinstance(value, tuple) and value and value[0] in _OPERATORS:
        operator, *rest = value
        return {"column": column, "op": operator, "value": rest if operator == "between" else _plain(rest[0])}
    if isinstance(value, (list, tuple, set, range)):
        return {"column": column, "op": "in", "value": [_plain(each) for each in value]}
    return {"column": column, "op": "=", "value": _plain(value)}


def _groups(by: By) -> list[dict[str, Any]]:
    if by is None:
        return []
    if isinstance(by, str):
        return [{"column": by, "keys": None}]
    if isinstance(by, Mapping):
        return [{"column": name, "keys": list(map(_plain, keys)) if keys else None} for name, keys in by.items()]
    return [{"column": name, "keys": None} for name in by]


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's own; the portal takes nothing else."""
    return value.item() if hasattr(value, "item") else value
