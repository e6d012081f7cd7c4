"""What each way of protection does to a table of yours: what suppression hides, what rounding moves, what noise shows.

    c2c.dp.compare(c2c.crosstab(frame.county, frame.completer, unit=frame.person_id), error=30)

Made in the sandbox from the table's own counts; it asks nothing and costs nothing. The column `dp` is drawn afresh
each time: it shows how an answer with that half-width would look, and is no answer. The comparison holds exact
counts, so it stays here: release the table itself.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse
from c2c_research.result import Result

if TYPE_CHECKING:
    import pandas as pd

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Comparison:
    """`frame`: a row a cell with `exact`, `suppressed` (empty where hidden), `rounded` and `dp`.

    `error`: the 95 % half-width of the noise; `base`: the base of rounding; `persons`: all persons in the cells.
    """

    frame: pd.DataFrame
    error: float
    base: int

    @property
    def summary(self) -> pd.DataFrame:
        """For each way: cells shown, share of the total in them, mean absolute error and bias of what is shown."""
        import pandas as pd

        exact = self.frame["exact"]
        rows = []
        for way in ("suppressed", "rounded", "dp"):
            shown = self.frame[way].notna()
            errors = (self.frame.loc[shown, way] - exact[shown]).astype(float)
            rows.append({
                "way": way, "shown": int(shown.sum()), "hidden": int((~shown).sum()),
                "share_shown": float(exact[shown].sum() / exact.sum()) if exact.sum() else 1.0,
                "mean_absolute_error": float(errors.abs().mean()), "bias": float(errors.mean()),
            })  # fmt: skip
        return pd.DataFrame(rows)

    def plot(self) -> Any:
        """Exact counts against what each way shows, as a matplotlib figure for your own eyes."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes = figure.subplots()
        places = range(len(self.frame))
        axes.bar(places, self.frame["exact"], color="#dfe1e2", label="exact")
        axes.errorbar(places, self.frame["dp"], yerr=self.error, fmt="o", ms=4, capsize=2, label=f"DP ± {self.error:g}")
        axes.plot(places, self.frame["rounded"], "_", ms=12, label=f"rounded to {self.base}")
        hidden = [place for place, value in zip(places, self.frame["suppressed"], strict=True) if value != value]
        axes.plot(hidden, [0] * len(hidden), "kx", label="suppressed")
        axes.set_xticks(list(places), [str(name) for name in self.frame["cell"]], rotation=90)
        axes.legend()
        return figure

    def __repr__(self) -> str:
        return f"{self.frame!r}\n\n{self.summary.to_string(index=False)}\n{_NOTE}"

    def _repr_html_(self) -> str:
        tables = self.frame.to_html(index=False) + self.summary.to_html(index=False)
        return f"{tables}<p>{html.escape(_NOTE)}</p>"


_NOTE = "Exact counts stand here: this comparison stays in the sandbox. The column dp is drawn, not answered."


def compare(table: Result, *, error: float = 30, base: int = 5) -> Comparison:
    """Compare the ways of protection on a table of counts. Raises BadUse for other tables and for an error below 1."""
    import pandas as pd

    if not isinstance(table, Result) or table.context.get("counts") != "cells" or not table.units:
        raise BadUse("Only tables of counts are compared.", "Make one with `c2c.crosstab(…)`.")
    if not error >= 1:
        raise BadUse("The error is a half-width of at least one person.", "30 is usual.")
    hidden, rounded = table.suppress(), table.round(base)
    rows = [
        {
            "cell": _name(table, row, column),
            "exact": _number(table.rows[row][column]),
            "suppressed": _number(hidden.rows[row][column]),
            "rounded": _number(rounded.rows[row][column]),
        }
        for row, column in sorted(table.units)
        if _number(table.rows[row][column]) is not None
    ]
    frame = pd.DataFrame(rows).astype({"exact": "int64", "suppressed": "float64", "rounded": "float64"})
    return Comparison(frame.assign(dp=_drawn(frame["exact"], error)), error, base)


def _name(table: Result, row: int, column: int) -> str:
    keys = [table.rows[row][place] for place in range(len(table.header)) if (row, place) not in table.units]
    return " · ".join([*keys, table.header[column]])


def _number(text: str) -> int | None:
    plain = text.replace(",", "").strip()
    return int(float(plain)) if plain.replace(".", "", 1).isdigit() else None


def _drawn(exact: pd.Series[int], error: float) -> Any:
    """Normal noise of the half-width, rounded, at least 0: what an answer looks like, for this purpose near enough."""
    import numpy as np

    noise = np.random.default_rng().normal(0.0, (error + 0.5) / Z95, len(exact))
    return np.maximum(0, np.rint(exact.to_numpy() + noise)).astype("int64")
