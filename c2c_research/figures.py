"""Figures that can leave: drawn from a table that passes the check, and saved with it.

`c2c.bar` and `c2c.line` draw a `Result`; `c2c.histogram` counts persons in bins first. A figure shows exactly what its
table shows: hidden cells are gaps, totals are not drawn. `save("f.svg")` writes `f.svg` and `f.table.csv` with its
sidecar and evidence, so that a checker sees the numbers beside the picture; `c2c.outputs.add("f.svg")` takes both.
Files carry no date, no program's name and no data besides what is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse
from c2c_research.result import Result, as_number, without_totals

if TYPE_CHECKING:
    from c2c_research.disclosure.findings import FileReport
    from c2c_research.result import Tree

TABLE_SUFFIX = ".table.csv"
_FORMATS = (".svg", ".png")
_SIZE = (7.0, 4.2)
_NO_METADATA: dict[str, dict[str, None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
}
Draw = Callable[[Any, Result], None]


@dataclass(frozen=True)
class Figure:
    """A picture of `table`. `check`, `suppress`, `round` and `merge` are the table's; the picture follows."""

    table: Result
    draw: Draw
    title: str = ""
    label: str = ""

    def check(self) -> FileReport:
        """The check of the table behind the picture."""
        return self.table.check()

    def suppress(self) -> Figure:
        """The picture of the suppressed table."""
        return replace(self, table=self.table.suppress())

    def round(self, base: int = 5) -> Figure:
        """The picture of the rounded table."""
        return replace(self, table=self.table.round(base))

    def merge(self, tree: Tree) -> Figure:
        """The picture of the table with merged categories."""
        return replace(self, table=self.table.merge(tree))

    def save(self, path: str | Path) -> Path:
        """Write the picture (SVG or PNG) and its table beside it. Returns the picture's path."""
        target = Path(path)
        if target.suffix.lower() not in _FORMATS:
            raise BadUse("Figures are saved as SVG or PNG.", f"Use {target.with_suffix('.svg').name}.")
        content = self.rendered(target.suffix.lower())
        self.table.save(target.with_name(target.stem + TABLE_SUFFIX))
        target.write_bytes(content)
        return target

    def rendered(self, form: str = ".svg") -> bytes:
        """The picture's bytes."""
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Canvas

        # texts stay texts, so that a reader of the file finds them; the salt makes equal pictures equal files
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "c2c", "axes.spines.top": False,
                                    "axes.spines.right": False}):  # fmt: skip
            canvas = Canvas(figsize=_SIZE, layout="constrained")
            FigureCanvasAgg(canvas)
            axes = canvas.subplots()
            self.draw(axes, self.table)
            if self.title:
                axes.set_title(self.title, loc="left")
            if self.label:
                axes.set_ylabel(self.label)
            stream = io.BytesIO()
            canvas.savefig(stream, format=form.lstrip("."), dpi=150, metadata=_NO_METADATA[form])
        return stream.getvalue()

    def _ipython_display_(self) -> None:
        from IPython.display import Image, display

        display(Image(self.rendered(".png")))  # type: ignore[no-untyped-call]  # IPython has no types here
        display(self.table)  # type: ignore[no-untyped-call]  # as above


def bar(table: Result, *, title: str = "", label: str = "", stacked: bool = False) -> Figure:
    """Bars: one group a row of the table, one colour a column. Raises BadUse where the table does not pass."""
    return Figure(_safe(table), _Bars(stacked), title, label or _label(table))


def line(table: Result, *, title: str = "", label: str = "") -> Figure:
    """Lines over the table's rows; survival curves as steps. Raises BadUse where the table does not pass."""
    return Figure(_safe(table), _lines, title, label or _label(table))


def _safe(table: Any) -> Result:
    if not isinstance(table, Result):
        raise BadUse("A figure is drawn from a table of the library.", "Make it with `c2c.crosstab` or `c2c.groupby`.")
    report = table.check()
    if report.status.word == "fail":
        rules = ", ".join(dict.fromkeys(finding.rule for finding in report.findings))
        raise BadUse(
            f"The table behind the figure cannot leave as it is ({rules}).", "Draw its `.round()` or `.suppress()`."
        )
    return table


def _label(table: Result) -> str:
    kind = str(table.context.get("kind", ""))
    statistic = str(table.context.get("statistic", ""))
    return {"frequency": "persons", "rates": "share", "survival": "share without the event"}.get(kind, statistic)


@dataclass(frozen=True)
class _Bars:
    stacked: bool

    def __call__(self, axes: Any, table: Result) -> None:
        import numpy as np

        frame = without_totals(table)
        places, below = np.arange(len(frame)), np.zeros(len(frame))
        wide = 0.8 if self.stacked else 0.8 / max(1, frame.shape[1])
        for number, name in enumerate(frame.columns):
            heights = np.array([as_number(value) for value in frame[name]])
            offset = 0.0 if self.stacked else (number - (frame.shape[1] - 1) / 2) * wide
            axes.bar(places + offset, np.nan_to_num(heights), wide, below if self.stacked else 0, label=_text(name))
            below += np.nan_to_num(heights)
            for place in np.flatnonzero(np.isnan(heights)):
                # a hidden number is no zero
                text = str(frame[name].iloc[place])
                axes.text(place + offset, 0, text, ha="center", va="bottom", color="grey", fontsize=8)
        axes.set_xticks(places, [_text(name) for name in frame.index])
        _legend(axes, frame)


def _lines(axes: Any, table: Result) -> None:
    from c2c_research.curves import SURVIVAL, CurveResult

    frame = without_totals(table)
    is_curve = isinstance(table, CurveResult)
    if is_curve:
        names = [name for name in frame.columns if str(name).startswith(SURVIVAL)]
        frame = frame[names].rename(columns=lambda name: str(name).removeprefix(SURVIVAL).strip())
        axes.set_ylim(0, 1.02)
    along = [as_number(name) for name in frame.index]
    named = any(place != place for place in along)
    for name in frame.columns:
        numbers = [as_number(value) for value in frame[name]]
        places = list(range(len(frame))) if named else along
        axes.plot(places, numbers, drawstyle="steps-post" if is_curve else "default", marker="" if is_curve else "o",
                  label=_text(name))  # fmt: skip
    if named:
        axes.set_xticks(range(len(frame)), [_text(name) for name in frame.index])
    axes.set_xlabel(_text(frame.index.name or ""))
    _legend(axes, frame)


def _legend(axes: Any, frame: Any) -> None:
    if frame.shape[1] > 1:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))


def _text(name: Any) -> str:
    return ", ".join(map(str, name)) if isinstance(name, tuple) else str(name)
