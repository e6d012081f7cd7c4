"""Questions with differential privacy, on the whole edition instead of the project's extract.

    c2c.dp.count("k12_completion", by="county_code", where={"academic_year": 2023}, error=30)

*How exact* comes first: `error` is the 95 % half-width that you need, in persons (of a sum in the column's unit); the
price follows. `epsilon` or `rho` say the price instead. `cost` tells price and exactness before asking and touches no
data; the same question again has the same answer and costs nothing.

`where`: `{"academic_year": 2023, "gpa": (">=", 3.0), "county_code": ["01", "19"], "days": ("between", 5, 10)}`.
`by`: a column, several, or `{"county_code": ["01", "19"]}` to name the groups. Groups are public: those with nobody
in them are answered too.
"""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research import _http
from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import pandas as pd

By = str | Sequence[str] | Mapping[str, Sequence[str | int] | None] | None
Where = Mapping[str, Any] | None
_OPERATORS = ("=", "in", "<", "<=", ">", ">=", "between")


@dataclass(frozen=True)
class PrivateAnswer:
    """An answer: one row a group and measure, with `value`, `half_width` (95 %) and `status`, and its receipt.

    Status `imprecise`: the half-width is more than half of the value; `too_few`: noise leaves no value.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    loss: dict[str, float]
    remaining: dict[str, float]
    receipt: dict[str, Any]
    cached: bool = False
    edition: str = ""
    question: dict[str, Any] = field(default_factory=dict)

    @property
    def frame(self) -> pd.DataFrame:
        """The answer as a pandas table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    @property
    def value(self) -> float | int | None:
        """The value of an answer with one row."""
        value: float | int | None = self._only()["value"]
        return value

    @property
    def half_width(self) -> float | int | None:
        """The 95 % half-width of an answer with one row."""
        half_width: float | int | None = self._only()["half_width"]
        return half_width

    @property
    def methods(self) -> str:
        """A paragraph for the methods section."""
        sigmas = ", ".join(f"{item['sigma']:g}" for item in self.receipt["payload"]["statistics"])
        return (
            f"Estimates come from edition {self.edition} of the Cradle-to-Career data and are differentially private "
            f"with one person as the unit of privacy (rho = {self.loss['rho']:g} zero-concentrated differential "
            f"privacy, which implies epsilon = {self.loss['epsilon']:.3f} at delta = {self.loss['delta']:g}). Integer "
            f"Gaussian noise of standard deviation {sigmas} was added to the underlying counts and sums (Canonne, "
            f"Kamath and Steinke 2020). Half-widths are of 95 % intervals for the noise. Receipt: "
            f"{self.receipt['payload']['entry']}."
        )

    def save(self, path: str | Path) -> Path:
        """Write the table as CSV with its receipt and sidecar beside it. Returns the table's path."""
        target = Path(path)
        if target.suffix.lower() != ".csv":
            raise BadUse("Tables are saved as CSV.", f"Use {target.with_suffix('.csv').name}.")
        # Byte for byte what the receipt's digest is of; pandas would turn 12 beside an empty cell into 12.0.
        with target.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows([["" if row[name] is None else row[name] for name in self.columns] for row in self.rows])
        receipt = json.dumps(self.receipt, indent=2, sort_keys=True)
        target.with_name(f"{target.stem}.receipt.json").write_text(receipt, encoding="utf-8")
        target.with_name(f"{target.stem}.context.yaml").write_text(self._sidecar(target.name), encoding="utf-8")
        return target

    def _only(self) -> dict[str, Any]:
        if len(self.rows) != 1:
            raise BadUse("The answer has several rows.", "Take them from `.frame`.")
        return self.rows[0]

    def _sidecar(self, name: str) -> str:
        import yaml

        keys = [column for column in self.columns if column not in ("value", "half_width", "status")]
        context = {"table": name, "rows": keys, "kind": "summary", "population": self.methods}
        return str(yaml.safe_dump(context, sort_keys=False, allow_unicode=True))

    def _note(self) -> str:
        paid = "asked before, free" if self.cached else f"cost ε {self.loss['epsilon']:.3f}"
        return f"{paid}; ε {self.remaining['epsilon']:.3f} left at δ {self.loss['delta']:g}"

    def __repr__(self) -> str:
        return f"{self.frame!r}\n{self._note()}"

    def _repr_html_(self) -> str:
        return f"{self.frame.to_html(index=False)}<p>{html.escape(self._note())}</p>"


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
    return _answer(_body(dataset, measures, by, where, **exactness))


def sql(text: str, **exactness: Any) -> PrivateAnswer:
    """A question written in SQL; the portal reads it into the same question as `ask` would send.

        c2c.dp.sql("SELECT county_code, COUNT(DISTINCT person) FROM k12_completion GROUP BY county_code", error=30)

    One SELECT over one table: COUNT(DISTINCT person), COUNT(*), SUM, AVG, MEDIAN, QUANTILE(column, q) and
    HISTOGRAM(column), with WHERE conditions joined by AND. Anything else is refused with what to write instead.
    """
    return _answer(_written(text, **exactness))


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
    if len(dataset.split()) > 1:
        question = _written(dataset, **exactness)
    else:
        question = _body(dataset, measures, by, where, **exactness)
    found: dict[str, Any] = _http.post("/dp/cost", question)
    return found


def budget() -> pd.DataFrame:
    """What the project's purses hold: ε in all, used and left, at δ = 1e-6."""
    import pandas as pd

    found = _http.get("/dp/budget")
    rows = [{"purse": row["purse"], **_epsilons(row)} for row in found["purses"]]
    return pd.DataFrame([*rows, {"purse": f"edition {found['edition']}", **_epsilons(found["edition_cap"])}])


def datasets() -> pd.DataFrame:
    """What can be asked about: a row a column, with its public keys and bounds."""
    import pandas as pd

    rows = [
        {"dataset": table["table"], "column": name, **column}
        for table in _http.get("/dp/datasets")
        for name, column in table["columns"].items()
    ]
    return pd.DataFrame(rows, columns=["dataset", "column", "type", "keys", "bounds", "width"])


def _body(
    dataset: str, measures: Sequence[Mapping[str, Any]], by: By, where: Where, **exactness: Any
) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "where": [_condition(column, value) for column, value in (where or {}).items()],
        "by": _groups(by),
        "measures": [dict(measure) for measure in measures],
        **_exactness(**exactness),
    }


def _written(text: str, **exactness: Any) -> dict[str, Any]:
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


def _epsilons(row: Mapping[str, Any]) -> dict[str, float]:
    return {name: row[name]["epsilon"] for name in ("total", "charged", "remaining")}
