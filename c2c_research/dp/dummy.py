"""Invented answers: code for tables and figures is written on them before anything is paid.

    draft = c2c.dp.dummy("k12_completion", by="county_code", error=30)
    draft.frame["value"].sum()      # works like the answer, and prints as DUMMY

Every value is a number that prints and writes itself as `DUMMY 123`, so that none can be taken for a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from c2c_research import _http
from c2c_research.dp.questions import By, Where, stated
from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import pandas as pd


class Dummy(float):
    """A number that cannot be taken for a result: `DUMMY 123`. Arithmetic with it gives plain numbers."""

    def __repr__(self) -> str:
        return f"DUMMY {float(self):g}"

    __str__ = __repr__

    def __format__(self, form: str) -> str:
        return f"DUMMY {float(self):{form}}"


@dataclass(frozen=True)
class DummyAnswer:
    """Columns and rows as the answer will have them; every value, half-width and status says DUMMY."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    loss: dict[str, float]

    @property
    def frame(self) -> pd.DataFrame:
        """The invented answer as a pandas table; numbers are `Dummy`."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns), dtype=object)

    def save(self, path: object) -> None:
        """Refused: an invented table has no place among outputs."""
        raise BadUse("A dummy is not saved.", "Ask the question with c2c.dp.ask, count, … and save its answer.")

    def __repr__(self) -> str:
        return f"{self.frame!r}\nDUMMY: invented numbers; the answer would cost ε {self.loss['epsilon']:.3f}"

    def _repr_html_(self) -> str:
        return f"<p><strong>DUMMY</strong>: invented numbers</p>{self.frame.to_html(index=False)}"


def dummy(
    dataset: str,
    measures: Sequence[Mapping[str, Any]] = ({"kind": "count_persons"},),
    by: By = None,
    where: Where = None,
    **exactness: Any,
) -> DummyAnswer:
    """An invented answer to a question in words or in SQL. Free, checked like the question, made without data."""
    found = _http.post("/dp/dummy", stated(dataset, measures, by, where, **exactness))
    rows = tuple({name: _marked(name, value) for name, value in row.items()} for row in found["rows"])
    return DummyAnswer(tuple(found["columns"]), rows, found["loss"])


def _marked(name: str, value: Any) -> Any:
    return Dummy(value) if name in ("value", "half_width") and value is not None else value
