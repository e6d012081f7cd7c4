"""An answer with noise: shows, plots, cites and saves itself."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


_NUMBERS = ("measure", "value", "half_width", "status")


@dataclass(frozen=True)
class PrivateAnswer:
    """An answer: one row a group and measure, with `value`, `half_width` (95 %) and `status`, and its receipt.

    Status `imprecise`: the half-width is more than half of the value; `too_few`: noise leaves no value; `<11`, `n<20`,
    `3/80`: a provider's own rule withholds the number. `frame` has numbers only; what is printed says `<11`.
    `rows_cut`: of each table, the share of rows beyond those of a person that count, with noise.
    `sources`: of an answer made consistent with others, the answers as they were given.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    loss: dict[str, float]
    remaining: dict[str, float]
    receipt: dict[str, Any]
    cached: bool = False
    edition: str = ""
    question: dict[str, Any] = field(default_factory=dict)
    rows_cut: tuple[dict[str, Any], ...] = ()
    sources: tuple[PrivateAnswer, ...] = field(default=(), repr=False)

    @property
    def frame(self) -> pd.DataFrame:
        """The answer as a pandas table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    @property
    def table(self) -> pd.DataFrame:
        """The answer as it is shown: text `<11` where a provider's rule withholds a count, empty where nothing is."""
        import pandas as pd

        from c2c_research.dp.files import shown

        rows = [{name: shown(row, name) for name in self.columns} for row in self.rows]
        return pd.DataFrame(rows, columns=list(self.columns), dtype=object)

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
            f"Kamath and Steinke 2020). {self._joined()}{self._learned()}{self._ruled()}{self._cut()}"
            f"Half-widths are of 95 % intervals for the noise. Receipt: {self.receipt['payload']['entry']}."
            + (
                " Counts were then made consistent by weighted least squares, at least 0 and whole."
                * bool(self.sources)
            )
        )

    def _ruled(self) -> str:
        said = self.receipt["payload"].get("provider_rules")
        return f"Providers' own rules were applied to the noisy numbers ({', '.join(said['names'])}). " if said else ""

    def _joined(self) -> str:
        rows = {"last": "the row of the latest period", "any": "a row drawn by a salted hash"}
        said = [f"{join['table']} ({rows[join['row']]})" for join in self.receipt["payload"].get("joins", ())]
        return f"Persons have their attributes from {' and '.join(said)}. " if said else ""

    def _cut(self) -> str:
        said = [
            f"{100 * each['share_cut']:.2f} % (within {100 * each['half_width']:.2f} points) of {each['table']}"
            for each in self.rows_cut
            if each["status"] == "ok"
        ]
        return f"Bounds on the rows of a person cut {' and '.join(said)}. " if said else ""

    def _learned(self) -> str:
        said = self.receipt["payload"].get("learned_keys")
        if said is None:
            return ""
        return (
            f"Groups were learned from the data: those with a noisy count of more than {said['threshold']} persons are "
            f"shown, at a delta of {said['femto_delta'] / 1e15:g}. "
        )

    @property
    def citation(self) -> str:
        """How the numbers are cited: data, edition, receipt and when they were answered."""
        said = self.receipt["payload"]
        return (
            f"California Cradle-to-Career Data System, edition {self.edition}, {said['dataset']} [differentially "
            f"private statistics]. Receipt {said['entry']}, answered {said['time'][:10]}."
        )

    def plot(self, measure: str | None = None) -> Figure:
        """Values with error bars (95 %), a bar a group, as a matplotlib figure."""
        from matplotlib.figure import Figure

        shown = [row for row in self.rows if row["value"] is not None and measure in (None, row["measure"])]
        if len({row["measure"] for row in shown}) > 1:
            raise BadUse("The answer has several measures.", "Name one: `.plot(measure=…)`.")
        if not shown:
            raise BadUse("The answer has no value to draw.", "Ask with a smaller error or larger groups.")
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes, places = figure.subplots(), range(len(shown))
        widths = [row["half_width"] for row in shown]
        axes.errorbar(places, [row["value"] for row in shown], yerr=widths, fmt="o", capsize=3)
        axes.set_xticks(list(places), [self._group(row) for row in shown], rotation=90 if len(shown) > 8 else 0)
        axes.set_ylabel(shown[0]["measure"])
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
        axes.set_title("Differentially private, 95 % intervals of the noise", loc="left", fontsize="medium")
        return figure

    def save(self, path: str | Path) -> Path:
        """Write the table as CSV with its receipt and sidecar beside it. Returns the table's path.

        `.dta` writes it for Stata and `.R` for R instead, each with the methods as a note. An answer made consistent
        has no receipt of its own: the answers that it comes from are written beside it, each with its receipt.
        """
        from c2c_research.dp import files

        return files.save(self, Path(path))

    def _only(self) -> dict[str, Any]:
        if len(self.rows) != 1:
            raise BadUse("The answer has several rows.", "Take them from `.frame`.")
        return self.rows[0]

    def _group(self, row: dict[str, Any]) -> str:
        keys = [str(row[name]) for name in self.columns if name not in _NUMBERS]
        return " · ".join(keys) or "all"

    def _note(self) -> str:
        paid = "asked before, free" if self.cached else f"cost ε {self.loss['epsilon']:.3f}"
        return f"{paid}; ε {self.remaining['epsilon']:.3f} left at δ {self.loss['delta']:g}"

    def __repr__(self) -> str:
        return f"{self.table!r}\n{self._note()}"

    def _repr_html_(self) -> str:
        return f"{self.table.to_html(index=False)}<p>{html.escape(self._note())}</p>"
