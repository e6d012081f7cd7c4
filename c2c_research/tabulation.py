"""Tables in pandas' own signatures plus `unit=`: pandas computes them, the evidence of distinct persons goes along.

Whatever pandas accepts works here: `normalize=`, lists and lambdas as `aggfunc`, a label equal to a variable's name.
Safety does not come from knowing the function: it comes from counting who stands behind each cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from c2c_research.contributors import PERSONS, Backing
from c2c_research.errors import BadUse
from c2c_research.evidence import Behind, Label, count_behind
from c2c_research.mending import check_tree, merged_key
from c2c_research.result import Result, flat_rows, key_text
from c2c_research.units import UNIT, units_of_frame, units_of_series, years_of_frame, years_of_series

if TYPE_CHECKING:
    import pandas as pd

    from c2c_research.disclosure.findings import Cell
    from c2c_research.result import Tree

_COUNTING = ("count", "size", "len")
_ADDING = ("sum", "mean", "average", "<lambda>")


def crosstab(
    index: Any,
    columns: Any,
    values: Any = None,
    rownames: Any = None,
    colnames: Any = None,
    aggfunc: Any = None,
    margins: bool = False,
    margins_name: str = "All",
    dropna: bool = True,
    normalize: Any = False,
    *,
    unit: Any = None,
) -> Result:
    """`pandas.crosstab`, with evidence. `unit` is the person of each row (a Series or array, or `person_id`).

    With `unit` given, cells count distinct persons. Without it, cells count rows as pandas does, and persons are still
    found for columns of a table from `c2c.load`. Raises what pandas raises.
    """
    rows, cols = _as_list(index), _as_list(columns)
    options: dict[str, Any] = {
        "rownames": rownames, "colnames": colnames, "dropna": dropna, "margins": margins, "margins_name": margins_name,
    }  # fmt: skip
    crossing = _Crossing(
        tuple(rows), tuple(cols), values, aggfunc, normalize, options, units_of_series([*rows, *cols], unit),
        unit is not None, years_of_series([*rows, *cols]),
    )  # fmt: skip
    return crossing.table()


@dataclass(frozen=True)
class _Crossing:
    """What a cross-table is made of, so that it can be made again with merged categories."""

    rows: tuple[Any, ...]
    cols: tuple[Any, ...]
    values: Any
    aggfunc: Any
    normalize: Any
    options: dict[str, Any]
    persons: Any
    of_persons: bool
    years: Any

    def table(self) -> Result:
        """Compute it."""
        return _crossed(self)

    def merged(self, tree: Tree) -> Result:
        """The same with categories put together."""
        names = _key_names(self.rows, self.options["rownames"], "row")
        across = _key_names(self.cols, self.options["colnames"], "col")
        keys = dict(zip([*names, *across], [*self.rows, *self.cols], strict=True))
        check_tree(tree, {name: _labels(key) for name, key in keys.items()})
        done = [merged_key(key, tree.get(name)) for name, key in keys.items()]
        return replace(self, rows=tuple(done[: len(names)]), cols=tuple(done[len(names) :])).table()


def _key_names(keys: Sequence[Any], given: Any, prefix: str) -> list[str]:
    if given is not None:
        return [str(name) for name in given]
    named = [getattr(key, "name", None) for key in keys]
    return [str(name) if name is not None else f"{prefix}_{place}" for place, name in enumerate(named)]


def _labels(key: Any) -> set[str]:
    import pandas as pd

    return set(pd.Series(key).dropna().unique().astype(str))


def _crossed(given: _Crossing) -> Result:
    import pandas as pd

    rows, cols, values, aggfunc = list(given.rows), list(given.cols), given.values, given.aggfunc
    persons, normalize, options = given.persons, given.normalize, given.options
    margins, margins_name = options["margins"], options["margins_name"]
    shares = _shares(normalize)
    if given.of_persons and values is None and not shares:
        frame = pd.crosstab(rows, cols, values=persons, aggfunc="nunique", **options)
        frame = frame.fillna(0).astype("int64")
    else:
        frame = pd.crosstab(rows, cols, values=values, aggfunc=aggfunc, normalize=normalize, **options)
    behind = count_behind(rows, cols, persons, values, top=_adds(aggfunc))
    shape = _Shape(frame, len(rows), len(cols), margins_name if margins else None)
    units = {cell: behind.of(row, column) for cell, row, column, _ in shape.cells()}
    kind = _kind(values, aggfunc, shares)
    context = shape.context(kind, counts="cells" if kind == "frequency" else None)
    context |= behind.unit | _statistic(aggfunc, shares)
    bases = _bases(shape, behind, shares) if kind == "rates" and values is None else {}
    if kind == "rates" and values is not None and (persons is None or not pd.Series(persons).duplicated().any()):
        bases = dict(units)
    return Result(
        frame,
        shape.header,
        shape.rows,
        context,
        units,
        bases,
        _contributions(shape, behind) if values is not None else {},
        backings=_backings(shape, rows, cols, persons, values, aggfunc, given.years) if not shares else (),
        remake=given.merged,
    )


def pivot_table(
    data: pd.DataFrame,
    values: Any = None,
    index: Any = None,
    columns: Any = None,
    aggfunc: Any = "mean",
    fill_value: Any = None,
    margins: bool = False,
    dropna: bool = True,
    margins_name: str = "All",
    observed: bool = True,
    sort: bool = True,
    *,
    unit: Any = None,
) -> Result:
    """`pandas.pivot_table`, with evidence. `unit` names the person's column (`person_id` where the table has it)."""
    import pandas as pd

    rows, cols = _names(index), _names(columns)
    if not rows:
        raise BadUse("`index` is missing.", "Name the columns that make the rows.")
    frame = pd.pivot_table(
        data, values=values, index=index, columns=columns, aggfunc=aggfunc, fill_value=fill_value, margins=margins,
        dropna=dropna, margins_name=margins_name, observed=observed, sort=sort,
    )  # fmt: skip
    measured = _names(values) or [name for name in data.columns if name not in [*rows, *cols]]
    shape = _Shape(frame, len(rows), len(cols), margins_name if margins else None)
    behind = _behind_each(data, rows, cols, measured, unit)
    rates = [name for name in measured if _is_binary(data[name])] if _only_means(aggfunc) else []
    result = _measured_result(frame, shape, behind, measured, aggfunc, rates)

    def remake(tree: Tree) -> Result:
        return pivot_table(
            _merged_frame(data, [*rows, *cols], tree), values, index, columns, aggfunc, fill_value, margins, dropna,
            margins_name, observed, sort, unit=unit,
        )  # fmt: skip

    return replace(result, backings=_measured_backings(shape, data, rows, cols, measured, unit, aggfunc), remake=remake)


class Grouped:
    """Groups of a table, waiting for `agg`."""

    def __init__(self, data: pd.DataFrame, by: Any, unit: Any, options: dict[str, Any]) -> None:
        self._data = data
        self._by = _names(by)
        self._unit = unit
        self._options = options

    def agg(self, func: Any = None, **named: Any) -> Result:
        """`DataFrameGroupBy.agg`, with evidence: a function, a list, a mapping, or `name=(column, function)`."""
        grouped = self._data.groupby(self._by, observed=True, **self._options)
        frame = grouped.agg(func, **named) if func is not None else grouped.agg(**named)
        sources = {name: spec[0] for name, spec in named.items()}
        functions = {name: _name_of(spec[1]) for name, spec in named.items()}
        if func is not None:
            measured = list(func) if isinstance(func, dict) else [n for n in self._data.columns if n not in self._by]
        else:
            measured = list(dict.fromkeys(sources.values()))
        shape = _Shape(frame, len(self._by), 0, None, sources)
        behind = _behind_each(self._data, self._by, [], measured, self._unit)
        counting = [n for n, f in functions.items() if f in _COUNTING or (f == "nunique" and sources[n] == UNIT)]
        rates = [n for n, f in functions.items() if f == "mean" and _is_binary(self._data[sources[n]])]
        if func is not None and _only_means(func):
            rates = [name for name in measured if _is_binary(self._data[name])]
        result = _measured_result(frame, shape, behind, measured, func or list(functions.values()), rates, counting)
        said = func if func is not None else functions
        backings = _measured_backings(shape, self._data, self._by, [], measured, self._unit, said)
        return replace(result, backings=backings, remake=lambda tree: self._merged(tree).agg(func, **named))

    def size(self) -> Result:
        """Distinct units of each group."""
        units = units_of_frame(self._data, self._unit)
        counted = self._data.assign(n=units if units is not None else range(len(self._data)))
        frame = counted.groupby(self._by, observed=True, **self._options)[["n"]].nunique()
        shape = _Shape(frame, len(self._by), 0, None)
        counts = frame["n"].tolist()
        evidence = {cell: int(counts[cell[0]]) for cell, _, _, _ in shape.cells()}
        context = shape.context("frequency", counts=["n"])
        cells = tuple((cell, row, column) for cell, row, column, _ in shape.cells())
        keys = tuple(self._data[name] for name in self._by)
        backing = Backing(PERSONS, cells, keys, (), units, None, years_of_frame(self._data))
        backings = (backing,) if units is not None else ()
        return Result(
            frame, shape.header, shape.rows, context, evidence, backings=backings,
            remake=lambda tree: self._merged(tree).size(),
        )  # fmt: skip

    def _merged(self, tree: Tree) -> Grouped:
        return Grouped(_merged_frame(self._data, self._by, tree), self._by, self._unit, self._options)


def groupby(data: pd.DataFrame, by: Any, *, unit: Any = None, **options: Any) -> Grouped:
    """`DataFrame.groupby`, with evidence. `unit` names the person's column (`person_id` where the table has it)."""
    return Grouped(data, by, unit, options)


def _merged_frame(data: pd.DataFrame, keys: list[Any], tree: Tree) -> pd.DataFrame:
    """The data with categories of its keys put together."""
    check_tree(tree, {str(name): _labels(data[name]) for name in keys})
    return data.assign(**{name: merged_key(data[name], part) for name, part in tree.items()})


class _Shape:
    """Where the labels of a pandas table stand in the flat table that is saved."""

    def __init__(
        self, frame: Any, keys: int, levels: int, margin: str | None, sources: dict[str, str] | None = None
    ) -> None:
        self.frame = frame
        self.keys = frame.index.nlevels
        self.levels = levels
        self.margin = margin
        self.sources = sources or {}
        self.names = tuple(str(name) if name is not None else f"row_{i}" for i, name in enumerate(frame.index.names))
        self.header = (*self.names, *(_flat(label) for label in frame.columns))
        self.rows = flat_rows(frame)

    def cells(self) -> list[tuple[Cell, Label | None, Label | None, Any]]:
        """(cell, row label, column label, source column); a label is None on the margin."""
        rows = [self._row(label) for label in self.frame.index]
        columns = [self._column(label) for label in self.frame.columns]
        return [
            ((row, self.keys + place), row_label, column_label, source)
            for row, row_label in enumerate(rows)
            for place, (column_label, source) in enumerate(columns)
        ]

    def _row(self, label: Any) -> Label | None:
        parts = label if isinstance(label, tuple) else (label,)
        return None if self.margin is not None and parts[0] == self.margin else parts

    def _column(self, label: Any) -> tuple[Label | None, Any]:
        parts = label if isinstance(label, tuple) else (label,)
        key = parts[len(parts) - self.levels :] if self.levels else ()
        before = parts[: len(parts) - self.levels]
        if self.sources and label in self.sources:
            return (), self.sources[label]
        # (function, value, keys…) or (value, keys…); groupby puts the value before the function
        source = before if self.levels else parts
        if self.levels and self.margin is not None and key and key[0] == self.margin:
            return None, source
        return key, source

    def context(self, kind: str, counts: Any = None, rates: Sequence[str] = ()) -> dict[str, Any]:
        """The sidecar."""
        context: dict[str, Any] = {"rows": list(self.names), "kind": kind}
        if counts:
            context["counts"] = counts
        if rates:
            context["rates"] = list(rates)
        if self.margin is not None:
            sides = {"rows": any(self._row(label) is None for label in self.frame.index),
                     "columns": any(self._column(label)[0] is None for label in self.frame.columns)}  # fmt: skip
            context["totals"] = {side: self.margin for side, there in sides.items() if there}
        return context


def _backings(
    shape: _Shape, rows: list[Any], cols: list[Any], persons: Any, values: Any, aggfunc: Any, years: Any
) -> tuple[Backing, ...]:
    """Who stands behind counts, sums and means; other statistics are not additive."""
    additive = values is None or _name_of(aggfunc) in (*_COUNTING, "sum", "mean", "average", "nunique")
    if persons is None or not additive:
        return ()
    counted = values is None or _name_of(aggfunc) in (*_COUNTING, "nunique")
    measure = PERSONS if counted else f"value:{getattr(values, 'name', None) or 'value'}"
    cells = tuple((cell, row, column) for cell, row, column, _ in shape.cells())
    return (Backing(measure, cells, tuple(rows), tuple(cols), persons, values, years),)


def _measured_backings(
    shape: _Shape, data: Any, rows: list[Any], cols: list[Any], measured: list[Any], unit: Any, functions: Any
) -> tuple[Backing, ...]:
    """The same for each column of a table of several measures; columns of other statistics have no sets."""
    persons = units_of_frame(data, unit)
    if persons is None:
        return ()
    columns: dict[tuple[str, str], list[tuple[Cell, Label | None, Label | None]]] = {}
    for cell, row, column, source in shape.cells():
        name = str(_source(source, measured))
        function = _function_of(shape.frame.columns[cell[1] - shape.keys], name, functions)
        counted = function in _COUNTING or (function == "nunique" and name == UNIT)
        if counted or function in ("sum", "mean", "average"):
            columns.setdefault((PERSONS if counted else f"value:{name}", name), []).append((cell, row, column))
    keys, across = tuple(data[name] for name in rows), tuple(data[name] for name in cols)
    years = years_of_frame(data)
    return tuple(
        Backing(measure, tuple(cells), keys, across, persons, data[name], years)
        for (measure, name), cells in columns.items()
    )


def _function_of(label: Any, source: str, functions: Any) -> str:
    """The function behind a column: told by the column itself, by its source, or the only one there is."""
    if isinstance(functions, dict):
        functions = functions.get(label, functions.get(source, ""))
    if isinstance(functions, list):
        parts = label if isinstance(label, tuple) else (label,)
        return next((name for name in map(_name_of, functions) if name in parts), "")
    return _name_of(functions)


def _measured_result(
    frame: Any, shape: _Shape, behind: dict[Any, Behind], measured: list[Any], functions: Any, rates: list[Any],
    counting: Sequence[str] = (),
) -> Result:  # fmt: skip
    units: dict[Cell, int] = {}
    contributions = {}
    adds = _adds(functions)
    for cell, row, column, source in shape.cells():
        found = behind[_source(source, measured)]
        units[cell] = found.of(row, column)
        if adds and row is not None and column is not None and (row, column) in found.largest:
            contributions[cell] = found.largest[row, column]
    columns = {cell[1]: _source(source, measured) for cell, _, _, source in shape.cells()}
    rate_headers = [shape.header[c] for c, name in columns.items() if name in rates or shape.header[c] in rates]
    counts = [shape.header[c] for c in columns if _is_counting(shape.header[c], counting)]
    contributions = {
        cell: numbers
        for cell, numbers in contributions.items()
        if shape.header[cell[1]] not in [*counts, *rate_headers]
    }
    context = shape.context("summary", counts=counts, rates=rate_headers) | behind[measured[0]].unit
    context |= _statistic(functions, "")
    return Result(frame, shape.header, shape.rows, context, units, {}, contributions)


def _behind_each(data: Any, rows: list[Any], cols: list[Any], measured: list[Any], unit: Any) -> dict[Any, Behind]:
    persons = units_of_frame(data, unit)
    row_keys, column_keys = [data[name] for name in rows], [data[name] for name in cols]
    return {name: count_behind(row_keys, column_keys, persons, data[name], top=True) for name in measured}


def _source(source: Any, measured: list[Any]) -> Any:
    """Which measured column a result's column comes from; the first where pandas left its name out."""
    parts = source if isinstance(source, tuple) else (source,)
    return next((part for part in parts if part in measured), measured[0])


def _bases(shape: _Shape, behind: Behind, shares: str) -> dict[Cell, int]:
    """The denominators of shares: of the row, the column, or all."""
    found = {}
    for cell, row, column, _ in shape.cells():
        if shares == "index":
            found[cell] = behind.of(row, None)
        elif shares == "columns":
            found[cell] = behind.of(None, column)
        else:
            found[cell] = behind.everything
    return found


def _contributions(shape: _Shape, behind: Behind) -> dict[Cell, tuple[float, float, float]]:
    return {
        cell: behind.largest[row, column]
        for cell, row, column, _ in shape.cells()
        if row is not None and column is not None and (row, column) in behind.largest
    }


def _shares(normalize: Any) -> str:
    """What `normalize` stands for in pandas: 0 and 1 are axes, True is all."""
    if isinstance(normalize, bool):
        return "all" if normalize else ""
    return {0: "index", 1: "columns"}.get(normalize, str(normalize))


def _kind(values: Any, aggfunc: Any, shares: str) -> str:
    if shares:
        return "rates"
    if values is None or _name_of(aggfunc) in _COUNTING:
        return "frequency"
    if _only_means(aggfunc) and _is_binary(values):
        return "rates"
    return "magnitude" if _name_of(aggfunc) == "sum" else "summary"


def _statistic(function: Any, shares: str) -> dict[str, str]:
    """What one known function makes of the values; nothing for shares, counts, lists and functions without a name."""
    name = function if isinstance(function, str) else _name_of(function)
    return {"statistic": name} if name and name.isidentifier() and not shares and name not in _COUNTING else {}


def _is_binary(values: Any) -> bool:
    import pandas as pd

    known = pd.Series(values).dropna()
    return bool(len(known)) and bool(known.isin([0, 1]).all())


def _only_means(aggfunc: Any) -> bool:
    return _name_of(aggfunc) in ("mean", "average")


def _adds(aggfunc: Any) -> bool:
    """Could a cell be dominated by its largest contributors? Sums, means, and functions that we do not know."""
    names = [_name_of(part) for part in (aggfunc if isinstance(aggfunc, list) else [aggfunc])]
    if isinstance(aggfunc, dict):
        names = [_name_of(part) for part in aggfunc.values()]
    return any(name in _ADDING for name in names)


def _is_counting(header: str, counting: Sequence[str]) -> bool:
    return header in counting or bool({"count", "size"} & set(header.split(" | ")))


def _name_of(function: Any) -> str:
    return function if isinstance(function, str) else str(getattr(function, "__name__", ""))


def _flat(label: Any) -> str:
    if isinstance(label, tuple):
        return " | ".join(text for text in map(key_text, label) if text)
    return key_text(label)


def _names(given: Any) -> list[Any]:
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def _as_list(given: Any) -> list[Any]:
    """One key or several, as `pandas.crosstab` tells them apart: a list of arrays is several."""
    several = isinstance(given, list) and bool(given) and not isinstance(given[0], str | int | float)
    return list(given) if several or isinstance(given, tuple) else [given]
