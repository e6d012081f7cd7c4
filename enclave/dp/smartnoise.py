"""The second engine: smartnoise-sql 1.0.10 releases variances and groups that are learned from data.

| it does | it never does |
|---|---|
| take a SELECT apart into the sums that need noise; this module wrote it from names of our own (`g`, `v0`, `r0`) | see a word of a researcher's, or a column's real name |
| ask a mechanism for each sum, row by row | choose or price one: each must stand in the plan, and the whole plan be asked for |
| drop groups at or below the mechanism's threshold | open a database: it is given exact sums of the bounded table |
|  | clamp, sample a person's rows or take rows for persons: the bounded table did (`row_privacy` stays off) |

Its own figures of loss are not used: it takes a delta of NaN, and says 0 after an error. Its scales end at 10,000,000
and its noise is of floats; here noise is the integer Gaussian of `engine`, and the threshold that of the plan.
"""  # noqa: E501

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pandas as pd
from snsql.sql.privacy import Mechanisms, Privacy
from snsql.sql.private_reader import PrivateReader
from snsql.sql.reader.pandas import PandasReader

from enclave.core.errors import Unavailable
from enclave.dp.noise import Noise
from enclave.dp.price import Plan, Priced
from enclave.dp.specification import MAX_CELLS
from enclave.dp.vectors import Answer, Cell, Noisy

Key = tuple[str, str | None]
TABLE = "dp.bounded"
_BOUNDS = {"lower": -1, "upper": 1}
"""Of every value, for its parser: sensitivities are the plan's."""


class Mechanism:
    """What smartnoise-sql calls for one sum: the noise that was charged for it, and the threshold of the plan.

    Noise is drawn once, as a vector over the rows; each call is answered with the next row's number, and refused when
    it is not about the next row.
    """

    def __init__(self, priced: Priced, noise: Noise, threshold: int | None = None) -> None:
        self.priced, self.threshold = priced, threshold
        self.sensitivity = priced.statistic.squared_sensitivity
        self.epsilon, self.delta = priced.loss.epsilon(), 0.0
        self._noise = noise
        self._drawn: Iterator[tuple[int, int]] = iter(())

    def draw(self, exact: list[int]) -> None:
        """Draw the noise of the rows that will be asked for, in their order."""
        self._drawn = iter(list(zip(exact, self._noise.add(exact, self.priced), strict=True)))

    def release(self, values: list[int]) -> list[int]:
        """The next numbers with noise."""
        return [self._next(int(value)) for value in values]

    def _next(self, value: int) -> int:
        exact, noisy = next(self._drawn, (None, 0))
        if exact != value:
            raise Unavailable("The second engine took a row out of turn.", "Report this to the data steward.")
        return noisy


class Reader(PrivateReader):  # type: ignore[misc]
    """smartnoise-sql's reader with the mechanisms of a plan in place of its own."""

    def __init__(self, plan: Plan, noise: Noise) -> None:
        self.sql, self.meaning = statement(plan)
        metadata = _metadata(plan, self.meaning)
        self._names: list[str] = []
        self._asked: list[Key | None] = []
        columns = list(metadata[""]["dp"]["bounded"])
        empty = PandasReader(pd.DataFrame(columns=columns), metadata)
        self._plan = plan
        self._mechanisms: dict[Key, Mechanism] = {
            (item.statistic.kind, item.statistic.column): Mechanism(
                item, noise, plan.threshold if item.statistic.kind == "persons" else None
            )
            for item in plan.statistics
        }
        super().__init__(empty, metadata, privacy=Privacy(epsilon=1.0, delta=0.0, mechanisms=_Unpriced()))

    def statistics(self) -> list[Key | None]:
        """Of each column that it takes the statement apart into: its statistic in the plan, None for the group.

        Unavailable when it wants a statistic that was not priced, or leaves one out that was.
        """
        symbols = self._rewrite(self.sql)[0]._select_symbols
        self._names = [symbol.name for symbol in symbols]
        found = self._asked = [self._statistic(symbol) for symbol in symbols]
        if {each for each in found if each} != set(self._mechanisms):
            raise Unavailable("The second engine leaves out what was priced.", "Report this to the data steward.")
        return found

    def release(self, rows: list[list[int]]) -> list[list[int]]:
        """Noisy rows of exact ones, less those at or below the threshold. After `statistics`."""
        self.draw(rows)
        return list(self.execute(self.sql, pre_aggregated=[self._names, *rows], postprocess=False))

    def draw(self, rows: list[list[int]]) -> None:
        """Draw the noise of every statistic for these rows."""
        for place, each in enumerate(self._asked):
            if each:
                self._mechanisms[each].draw([row[place] for row in rows])

    def _get_mechanisms(self, subquery: Any) -> list[Mechanism | None]:
        found = [self._statistic(symbol) for symbol in subquery._select_symbols]
        return [self._mechanisms[each] if each else None for each in found]

    def _statistic(self, symbol: Any) -> Key | None:
        text = str(symbol.expression)
        if text == f"{TABLE}.g":
            return None
        found = self.meaning.get(text)
        if found not in self._mechanisms:
            raise Unavailable("The second engine wants more than was priced.", "Report this to the data steward.")
        return found


class _Unpriced(Mechanisms):  # type: ignore[misc]
    """Makes no mechanism while a statement is taken apart: `Reader` has those of the plan."""

    def get_mechanism(self, sensitivity: Any, stat: str, t: str) -> Any:
        return lambda *_args, **_kwargs: _Nothing()


class _Nothing:
    delta = 0.0


def release(plan: Plan, cells: tuple[Cell, ...], exact: Noisy, noise: Noise) -> Answer:
    """Noisy statistics over the cells; of learned cells, those above the threshold, at most MAX_CELLS of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own mechanisms, which are not used
        reader = Reader(plan, noise)
        asked = reader.statistics()
        rows = [[exact[each][number] if each else number for each in asked] for number in range(len(cells))]
        shown = reader.release(rows)[:MAX_CELLS]
    group = asked.index(None) if None in asked else None
    kept = tuple(cells[row[group]] for row in shown) if group is not None else cells
    return Answer(kept, {each: [int(row[place]) for row in shown] for place, each in enumerate(asked) if each})


def statement(plan: Plan) -> tuple[str, dict[str, Key]]:
    """The SELECT for smartnoise-sql, and which statistic each sum is that it can be taken apart into."""
    columns = sorted({measure.column for measure in plan.specification.measures if measure.column})
    meaning: dict[str, Key] = {f"COUNT(DISTINCT {TABLE}.person)": ("persons", None), "COUNT(*)": ("rows", None)}
    for number, column in enumerate(columns):
        value, raw = f"{TABLE}.v{number}", f"{TABLE}.r{number}"
        meaning |= {
            f"COUNT({value})": ("filled", column), f"SUM({value})": ("centred", column),
            f"SUM({value} * {value})": ("squares", column), f"SUM({raw})": ("sum", column),
        }  # fmt: skip
    forms = {
        "count_persons": "COUNT(DISTINCT person)", "count_rows": "COUNT(*)", "sum": "SUM(r{})", "mean": "AVG(v{})",
        "variance": "VAR(v{})", "stddev": "STDDEV(v{})",
    }  # fmt: skip
    measures = plan.specification.measures
    select = [forms[each.kind].format(columns.index(each.column) if each.column else "") for each in measures]
    if plan.learns_keys:
        select.append(forms["count_persons"])
    named = [f"{text} AS m{number}" for number, text in enumerate(dict.fromkeys(select))]
    by = bool(plan.specification.by)
    return f"SELECT {'g, ' * by}{', '.join(named)} FROM {TABLE}{' GROUP BY g' * by}", meaning  # noqa: S608


def _metadata(plan: Plan, meaning: dict[str, Key]) -> dict[str, Any]:
    values = {text.split(".")[-1].rstrip(")") for text in meaning if text.startswith("SUM(")}
    table: dict[str, Any] = {
        "row_privacy": False, "sample_max_ids": False, "clamp_columns": False, "clamp_counts": False,
        "use_dpsu": False, "censor_dims": plan.learns_keys, "max_ids": plan.rows_per_person,
        "person": {"type": "int", "private_id": True}, "g": {"type": "int"},
        **{name: {"type": "int", **_BOUNDS} for name in sorted(values)},
    }  # fmt: skip
    return {"": {"dp": {"bounded": table}}}
