"""A table that knows what stands behind it: shows itself with its findings, checks, repairs and saves itself."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import pandas as pd

    from c2c_research.contributors import Backing
    from c2c_research.disclosure.findings import Cell, FileReport
    from c2c_research.disclosure.protection.suppression import Suppression
    from c2c_research.disclosure.tables import Table

Tree = Mapping[str, Mapping[str, Sequence[Any]]]
_VALUE_RULES = ("rate", "group", "dominance", "order_statistic")
_WORDS = {"pass": "passes", "review": "needs a reviewer's look", "fail": "cannot leave as it is"}


@dataclass(frozen=True)
class Result:
    """A finished table.

    `frame` is the pandas table. `header` and `rows` are the flat table that is saved (keys first). `units`, `bases`
    and `contributions` are its evidence by cell of the flat table. After `suppress`, `cost` is the sum of the further
    counts that were hidden, and `gap` how much cheaper any safe pattern could be at most, as a share of it.
    `remake` makes the table again with merged categories. Results do not change: repairs return new ones.
    """

    frame: pd.DataFrame
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    context: dict[str, Any]
    units: dict[Cell, int] = field(default_factory=dict)
    bases: dict[Cell, int] = field(default_factory=dict)
    contributions: dict[Cell, tuple[float, float, float]] = field(default_factory=dict)
    policy: str = "enclave-default"
    cost: float | None = None
    gap: float | None = None
    backings: tuple[Backing, ...] = field(default=(), repr=False, compare=False)
    remake: Callable[[Tree], Result] | None = field(default=None, repr=False, compare=False)

    speaks_always: ClassVar[bool] = False

    def check(self) -> FileReport:
        """Check the table as it would be saved, with the enclave's own engine."""
        from c2c_research.disclosure.engine import check_content

        return check_content(
            "table.csv", self.to_csv().encode(), self.policy, self._sidecar("table.csv"), self._evidence()
        )

    def suppress(self) -> Result:
        """Hide cells with too few persons, and others so that the hidden ones cannot be worked out.

        Rates of 0 and 100 %, values that one or two persons dominate, and exact extremes are hidden too.
        """
        from c2c_research.disclosure.protection.suppression import MARKER

        done = self._suppressed_sums() or self._suppressed_counts()
        hidden = self._with_rows(set(done.hidden))
        masked = self._masked({cell for cell in hidden if self._is_inside(cell)}, MARKER)
        masked = replace(masked, cost=done.cost, gap=done.gap)
        left = {cell for finding in masked.check().findings if finding.rule in _VALUE_RULES for cell in finding.cells}
        return masked._masked(left, MARKER) if left else masked

    def _suppressed_counts(self) -> Suppression:
        """By the persons behind the cells."""
        from c2c_research.disclosure.policy import load_pack
        from c2c_research.disclosure.protection.needs import Needs
        from c2c_research.disclosure.protection.structure import structure_of
        from c2c_research.disclosure.protection.suppression import suppress

        threshold = load_pack(self.policy).threshold("persons")
        behind = self._behind()
        primary = {cell for cell, value in behind.counts() if value.number is not None and 0 < value.number < threshold}
        return suppress(structure_of(behind), primary, Needs(threshold))

    def _suppressed_sums(self) -> Suppression | None:
        """By the largest contributors of sums; None for other tables, and for sums of which no protection is proven."""
        from c2c_research.disclosure.context import context_from
        from c2c_research.disclosure.policy import load_pack
        from c2c_research.disclosure.protection.request import BadRequest, Wishes, suppress_table
        from c2c_research.disclosure.tables import Table

        if self.context.get("kind") != "magnitude":
            return None
        context = context_from(self.context, json.loads(self._evidence()))
        try:
            return suppress_table(Table(self.header, self.rows, context=context), load_pack(self.policy), Wishes())
        except BadRequest:
            return None

    def round(self, base: int = 5) -> Result:
        """Round counts to a base; totals are the sums of the rounded cells, so that the table still adds up."""
        if self.context.get("kind") != "frequency" or self.context.get("counts") != "cells":
            raise BadUse("Only tables of counts can be rounded.", "Use `.suppress()` for rates and means.")
        if base < 2:
            raise BadUse("The base has to be 2 or more.", "5 is usual.")
        frame = _rounded(self.frame, base, self.context.get("totals") or {})
        rows = flat_rows(frame)
        context = {**self.context, "rounding": {"base": base}}
        return replace(self, frame=frame, rows=rows, context=context)

    def band(self, width: float = 0.0) -> Result:
        """Show percentages near 0 and 100 as bands such as ">=95%", at least `width` wide; margins are left out.

        Bands hold at least as many persons as the policy's threshold; where rates add to 100 %, a whole line is banded.
        """
        from c2c_research.disclosure.policy import load_pack
        from c2c_research.mending import banded

        return banded(self, load_pack(self.policy).threshold("persons"), width)

    def merge(self, tree: Tree) -> Result:
        """Make the table again with categories put together: `{"race": {"Other": ["Filipino", "Pacific Islander"]}}`.

        Persons are counted anew, so that one in two merged categories counts once.
        """
        if self.remake is None:
            raise BadUse("This table's categories cannot be merged.", "Merge them in the data and make it again.")
        return self.remake(tree)

    def save(self, path: str | Path) -> Path:
        """Write the table as CSV; sidecar, evidence and sealed contributor sets go beside it. Returns its path."""
        from c2c_research.contributors import sealed_sets, write_beside

        target = Path(path)
        text_of = self.texts().get(target.suffix.lower())
        if text_of is None:
            raise BadUse(f"This is saved as {' or '.join(self.texts())}.", f"Use {target.with_suffix('.csv').name}.")
        content = text_of()
        target.write_text(content, encoding="utf-8", newline="")
        # two forms of one table in a folder each have their own sidecar
        stem = target.stem if target.suffix.lower() == ".csv" else target.name
        target.with_name(f"{stem}.context.yaml").write_text(self._sidecar(target.name), encoding="utf-8")
        target.with_name(f"{stem}.evidence.json").write_text(self._evidence(), encoding="utf-8")
        write_beside(target, sealed_sets(self.backings, content.encode(), self._is_shown, self.context))
        return target

    def texts(self) -> Mapping[str, Callable[[], str]]:
        """The forms in which it is saved: ending of the file → its text."""
        return {".csv": self.to_csv}

    def advice(self) -> list[str]:
        """How to mend what is found, for the researcher's eyes: it may name small categories, and is not saved."""
        from c2c_research.mending import advice

        return advice(self)

    def _is_shown(self, cell: Cell) -> bool:
        from c2c_research.disclosure.cells import parse

        markers = frozenset(str(marker).lower() for marker in self.context.get("suppressed") or ())
        return self._is_inside(cell) and parse(self.rows[cell[0]][cell[1]], markers).number is not None

    def to_csv(self) -> str:
        """The flat table as CSV."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return buffer.getvalue()

    def _sidecar(self, name: str) -> str:
        import yaml

        return str(yaml.safe_dump({"table": name, **self.context}, sort_keys=False, allow_unicode=True))

    def _evidence(self) -> str:
        return json.dumps(self._evidence_parts())

    def _evidence_parts(self) -> dict[str, Any]:
        return {
            "counts": [[*cell, number] for cell, number in sorted(self.units.items())],
            "bases": [[*cell, number] for cell, number in sorted(self.bases.items())],
            "contributions": [[*cell, *numbers] for cell, numbers in sorted(self.contributions.items())],
        }

    def _behind(self) -> Table:
        """The table of distinct units behind the cells; rates get the totals that their 100 % gives away."""
        from c2c_research.disclosure.context import context_from
        from c2c_research.disclosure.tables import Table

        header, grid = list(self.header), [list(row) for row in self.rows]
        context = {**self.context, "kind": "frequency", "rates": []}
        for (row, column), number in self.units.items():
            grid[row][column] = str(number)
        if self.context.get("kind") == "rates" and self.units:
            header, grid, context["counts"] = _with_totals(header, grid, self.units, self.context.get("totals") or {})
        elif self.context.get("counts") != "cells":
            context["counts"] = sorted({self.header[column] for _, column in self.units})
        return Table(tuple(header), tuple(map(tuple, grid)), context=context_from(context))

    def _with_rows(self, hidden: set[Cell]) -> set[Cell]:
        """In a long table, a row's other measures rest on the same persons as its hidden count."""
        if self.context.get("counts") == "cells" or self.context.get("kind") == "rates":
            return hidden
        columns = {column for _, column in self.units}
        rows = {row for row, _ in hidden}
        return hidden | {(row, column) for row in rows for column in columns} if self.context.get("counts") else hidden

    def _is_inside(self, cell: Cell) -> bool:
        return cell[0] < len(self.rows) and cell[1] < len(self.header)

    def _masked(self, hidden: set[Cell], marker: str) -> Result:
        rows = tuple(
            tuple(marker if (index, column) in hidden else text for column, text in enumerate(row))
            for index, row in enumerate(self.rows)
        )
        frame = self.frame.astype(object)
        keys = len(self.header) - frame.shape[1]
        for row, column in hidden:
            frame.iat[row, column - keys] = marker
        context = {**self.context, "suppressed": [marker]}
        # the evidence of a hidden cell stays behind with it
        return replace(
            self,
            frame=frame,
            rows=rows,
            context=context,
            units={cell: number for cell, number in self.units.items() if cell not in hidden},
            bases={cell: number for cell, number in self.bases.items() if cell not in hidden},
            contributions={cell: top for cell, top in self.contributions.items() if cell not in hidden},
        )

    def _open_advice(self, report: FileReport) -> list[str]:
        """Advice where there is something to mend; curves say always which groups they leave out."""
        return self.advice() if report.status.word != "pass" or self.speaks_always else []

    def _repr_html_(self) -> str:
        report = self.check()
        lines = "".join(
            f"<li><b>{finding.status.word}</b> {html.escape(finding.rule)}: {html.escape(finding.message)}</li>"
            for finding in report.findings
        )
        verdict = f"<p>As an output, this table {_WORDS[report.status.word]}.</p>"
        mends = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self._open_advice(report))
        return f"{self.frame.to_html()}{verdict}<ul>{lines}{mends}</ul>"

    def __repr__(self) -> str:
        report = self.check()
        lines = [f"  {finding.status.word} {finding.rule}: {finding.message}" for finding in report.findings]
        lines += [f"  {sentence}" for sentence in self._open_advice(report)]
        return "\n".join([repr(self.frame), f"As an output, this table {_WORDS[report.status.word]}.", *lines])


def flat_rows(frame: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Keys and values of a frame as texts."""
    values = [[cell_text(value) for value in frame.iloc[:, place].tolist()] for place in range(frame.shape[1])]
    keys = [list(map(key_text, label if isinstance(label, tuple) else (label,))) for label in frame.index]
    return tuple((*key, *(column[row] for column in values)) for row, key in enumerate(keys))


def as_number(value: Any) -> float:
    """A shown value as a number; not a number where it is hidden, banded or empty."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def without_totals(table: Result) -> pd.DataFrame:
    """The frame without its margins."""
    totals = table.context.get("totals") or {}
    frame = table.frame
    frame = frame.iloc[:-1] if totals.get("rows") else frame
    return frame.iloc[:, :-1] if totals.get("columns") else frame


def key_text(label: Any) -> str:
    """A label as text; a margin's empty second level repeats nothing."""
    return "" if label is None else str(label)


def cell_text(value: Any) -> str:
    """A value as text; a missing one is empty; a whole float is written without its .0."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _with_totals(
    header: list[str], grid: list[list[str]], units: dict[Cell, int], totals: dict[str, str]
) -> tuple[list[str], list[list[str]], list[str]]:
    """(header, rows, count columns) of the persons behind rates, with totals that are never shown.

    A rate of 0 % is a statement about its group: it is treated as a small count, so that it is hidden with a partner.
    """
    first = min(column for _, column in units)
    last = len(header) - (1 if totals.get("columns") else 0)
    rows = grid[:-1] if totals.get("rows") else grid
    numbers = [[max(1, units.get((index, column), 0)) for column in range(first, last)] for index in range(len(rows))]
    wide = [[*row[:first], *map(str, line), str(sum(line))] for row, line in zip(rows, numbers, strict=True)]
    sums = [str(sum(line[place] for line in numbers)) for place in range(last - first)]
    wide.append([*["Total"] * first, *sums, str(sum(map(sum, numbers)))])
    names = [*header[:last], "Total"]
    return names, wide, names[first:]


def _rounded(frame: pd.DataFrame, base: int, totals: dict[str, str]) -> pd.DataFrame:
    rounded = frame.map(lambda value: int(base * ((int(value) + base / 2) // base)))
    if totals.get("rows"):
        rounded.iloc[-1, :] = rounded.iloc[:-1, :].sum().to_numpy()
    if totals.get("columns"):
        rounded.iloc[:, -1] = rounded.iloc[:, :-1].sum(axis=1).to_numpy()
    return rounded
