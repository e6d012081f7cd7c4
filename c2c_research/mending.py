"""Bands for percentages, and what would mend a table that does not pass.

A *band* is an interval of a fixed width that holds at least 11 persons of its group: "<=5%", "70-75%", ">=95%". Rates
of which 1 to 10 persons are above or below, and 0 or 100 %, become bands; groups too small for any band are hidden.
Where the rates of a line add to 100 %, all of the line become bands, so that the others do not give one back; margins
are left out for the same reason. The rest is written in percent with one digit.

Why a line's bands cannot be narrowed: all have one width w that divides 1, so the places of the true rates within their
bands, counted in w, add to a whole number M. Where M is neither 0 nor the number of cells, every rate can lie anywhere
in its band. M = 0 needs each rate on a lower edge; then one of them is put into the band below, which it also touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse, ResearchError

if TYPE_CHECKING:
    from c2c_research.disclosure.findings import Cell
    from c2c_research.result import Result

WIDTHS = (0.05, 0.1, 0.2, 0.25, 0.5)
HIDDEN = "*"
_TRIED_WITH_SUPPRESSION = 150
_SUMS = 1e-6


@dataclass(frozen=True)
class _Rates:
    """The rate cells of a result by place, each with its share and the persons of its group (-1: unknown)."""

    shares: dict[Cell, float]
    bases: dict[Cell, int]

    def lines(self) -> Iterator[list[Cell]]:
        """Cells whose shares add to 1: rows or columns; else each cell is a line of its own."""
        for way in (0, 1):
            lines: dict[int, list[Cell]] = {}
            for cell in self.shares:
                lines.setdefault(cell[way], []).append(cell)
            if all(
                len(line) > 1 and abs(sum(map(self.shares.__getitem__, line)) - 1) < _SUMS for line in lines.values()
            ):
                yield from lines.values()
                return
        if len(self.shares) > 1 and abs(sum(self.shares.values()) - 1) < _SUMS:
            raise BadUse(
                "Shares of the whole table cannot be banded.", 'Use `normalize="index"`, or `.suppress()` the counts.'
            )
        yield from ([cell] for cell in self.shares)


def banded(result: Result, threshold: int, width: float = 0.0) -> Result:
    """A result whose outer percentages are bands of at least `width`. Raises BadUse where it has no rates."""
    whole = without_margins(result)
    rates = _rates_of(whole)
    if not rates.shares:
        raise BadUse(
            "There are no rates to band.", "Use `.round()` or `.suppress()` for counts, `.merge()` for groups."
        )
    texts: dict[Cell, str] = {}
    for line in rates.lines():
        texts |= _line(line, rates, threshold, width)
    plain = {cell for cell, share in rates.shares.items() if cell not in texts}
    written = {cell: f"{100 * rates.shares[cell]:.1f}%" for cell in plain}
    markers = sorted({*whole.context.get("suppressed", ()), *({HIDDEN} if HIDDEN in texts.values() else ())})
    context = {**whole.context, **({"suppressed": markers} if markers else {})}
    return _with_texts(replace(whole, context=context), texts | written, set(texts))


def _line(line: Sequence[Cell], rates: _Rates, threshold: int, width: float) -> dict[Cell, str]:
    """Bands of one line; nothing where all of its cells can be shown."""
    base = min(rates.bases[cell] for cell in line)
    if 0 <= base * WIDTHS[-1] < threshold:
        return dict.fromkeys(line, HIDDEN)
    wide = next((each for each in WIDTHS if each >= width and (base < 0 or each * base >= threshold)), WIDTHS[-1])
    if not any(_is_outer(rates.shares[cell], base, threshold, wide) for cell in line):
        return {}
    steps = round(1 / wide)
    places = [min(int(rates.shares[cell] * steps + 1e-9), steps - 1) for cell in line]
    if len(line) > 1 and sum(places) == steps:
        # every rate stands on its lower edge: one of them touches the band below
        places[places.index(max(places))] -= 1
    return {cell: _band(place, steps) for cell, place in zip(line, places, strict=True)}


def _is_outer(share: float, base: int, threshold: int, width: float) -> bool:
    """Do so few persons stand above or below, or none at all?"""
    if base < 0:
        return not width < share < 1 - width
    return min(share, 1 - share) * base < threshold - 0.5


def _band(place: int, steps: int) -> str:
    low, high = 100 * place / steps, 100 * (place + 1) / steps
    if place == 0:
        return f"<={high:g}%"
    return f">={low:g}%" if place == steps - 1 else f"{low:g}-{high:g}%"


def _rates_of(result: Result) -> _Rates:
    named = result.context.get("rates") or ()
    every = result.context.get("kind") == "rates"
    first = len(result.header) - result.frame.shape[1]
    shares: dict[Cell, float] = {}
    bases: dict[Cell, int] = {}
    for row, texts in enumerate(result.rows):
        for column in range(first, len(texts)):
            if (every or result.header[column] in named) and (share := _share(texts[column])) is not None:
                shares[row, column] = share
                known = result.bases.get((row, column))
                bases[row, column] = result.units.get((row, column), -1) if known is None else known
    return _Rates(shares, bases)


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None


def without_margins(result: Result) -> Result:
    """The table without its total row and total column."""
    totals = result.context.get("totals") or {}
    if not totals:
        return result
    high = len(result.rows) - (1 if totals.get("rows") else 0)
    wide = len(result.header) - (1 if totals.get("columns") else 0)
    frame = result.frame.iloc[:high, : wide - (len(result.header) - result.frame.shape[1])]

    def inside(given: dict[Cell, Any]) -> dict[Cell, Any]:
        return {cell: value for cell, value in given.items() if cell[0] < high and cell[1] < wide}

    context = {name: value for name, value in result.context.items() if name != "totals"}
    return replace(
        result, frame=frame, header=result.header[:wide], rows=tuple(row[:wide] for row in result.rows[:high]),
        context=context, units=inside(result.units), bases=inside(result.bases),
        contributions=inside(result.contributions),
    )  # fmt: skip


def _with_texts(result: Result, texts: dict[Cell, str], without_evidence: set[Cell]) -> Result:
    """The result with these texts in its cells. Bands and hidden cells leave their evidence behind."""
    rows = tuple(
        tuple(texts.get((row, column), text) for column, text in enumerate(line))
        for row, line in enumerate(result.rows)
    )
    frame = result.frame.astype(object)
    first = len(result.header) - frame.shape[1]
    for (row, column), text in texts.items():
        frame.iat[row, column - first] = text

    def left(given: dict[Cell, Any]) -> dict[Cell, Any]:
        return {cell: value for cell, value in given.items() if cell not in without_evidence}

    return replace(
        result, frame=frame, rows=rows, units=left(result.units), bases=left(result.bases),
        contributions=left(result.contributions),
    )  # fmt: skip


def check_tree(tree: Any, labels: Mapping[str, set[str]]) -> None:
    """Raise BadUse unless `tree` is `{column: {new: [old, …]}}` with columns and labels of the table."""
    shaped = isinstance(tree, Mapping) and all(isinstance(part, Mapping) for part in tree.values()) and tree
    if not shaped:
        raise BadUse("The tree has another form.", 'Write `{"race": {"Other": ["Filipino", "Pacific Islander"]}}`.')
    for column, part in tree.items():
        if column not in labels:
            raise BadUse(f"The table has no key {column!r}.", f"Its keys are {', '.join(labels)}.")
        unknown = [str(old) for members in part.values() for old in members if str(old) not in labels[column]]
        if unknown:
            raise BadUse(f"{column} has no category {unknown[0]!r}.", f"It has {', '.join(sorted(labels[column]))}.")


def merged_key(key: Any, part: Mapping[str, Sequence[Any]] | None) -> Any:
    """A key column with some of its labels put together."""
    import pandas as pd

    if not part:
        return key
    into = {str(old): new for new, members in part.items() for old in members}
    column = pd.Series(key)
    texts = column.astype(str)
    return column.astype(object).where(~texts.isin(list(into)), texts.map(into)).rename(getattr(key, "name", None))


def mends(result: Result) -> Iterator[tuple[str, Result]]:
    """(call, what it makes) of the repairs that fit the table, tried."""
    calls: dict[str, Callable[[], Result]] = {".round()": result.round, ".band()": result.band}
    if len(result.rows) * len(result.header) <= _TRIED_WITH_SUPPRESSION:
        calls[".suppress()"] = result.suppress
    for call, make in calls.items():
        try:
            yield call, make()
        except ResearchError:
            continue


def advice(result: Result) -> list[str]:
    """What each repair would leave to be mended: sentences for the researcher."""
    found = []
    for call, made in mends(result):
        left = dict.fromkeys(f.rule for f in made.check().findings if f.status.word != "pass")
        found.append(f"`{call}` mends it." if not left else f"After `{call}` there remains: {', '.join(left)}.")
    return found
