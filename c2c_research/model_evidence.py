"""Who stands behind a model: persons behind each printed coefficient, its degrees of freedom, its most exposed person.

A coefficient *rests on* the persons for whom its column differs from its commonest value: those in a category, or those
outside it, or those who have a value at all. A design is *saturated* when it has as many distinct rows as coefficients:
then the coefficients are the means of its cells, and each cell has to bear being shown. A person's *leverage* is the
largest eigenvalue of their block of the hat matrix: at 1, a fitted value repeats what they said.

Limits: a leverage is that of the least squares problem behind the estimate (the last step of a likelihood's search);
for Cox models it is that of the covariates alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from c2c_research.design import Design, same_rows

if TYPE_CHECKING:
    from c2c_research.design import Numbers

_EXPOSED = 0.9
DOMINANT = 0.9
FEW = 11


@dataclass(frozen=True)
class ModelFacts:
    """What the maker of a model knows. `terms`: persons behind each coefficient that rests on a part of them.

    `levels` are reference categories and others that no coefficient is named after, with their persons; `separated`
    are categories in which everybody has the same outcome; `hidden` are the facts once neither is printed any more.
    """

    residual_dof: int
    persons: int
    observations: int
    terms: dict[str, int] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    separated: tuple[str, ...] = ()
    leverage: float = 0.0
    saturated: bool = False
    hidden: ModelFacts | None = None

    def as_evidence(self) -> dict[str, Any]:
        """The evidence's `model` part."""
        return {
            "residual_dof": self.residual_dof, "persons": self.persons, "terms": self.terms, "levels": self.levels,
            "separated": list(self.separated), "leverage": round(self.leverage, 4), "saturated": self.saturated,
        }  # fmt: skip


def facts_of(
    design: Design,
    residual_dof: int,
    weighted: Numbers | None = None,
    few: int = FEW,
    binary: bool = False,
    eventful: Numbers | None = None,
) -> ModelFacts:
    """The facts of one fitted model. `weighted`: the design of its least squares problem, where it is not the columns.

    `binary`: the outcome is 0 or 1, and shares of cells count too. `eventful` is 1 for rows with an event, where a
    category without any has no coefficient.
    """
    names = [(place, name) for place, name in enumerate(design.names) if name != "Intercept"]
    resting = {name: _persons(design, _differs(design.columns[:, place])) for place, name in names}
    separated = tuple(_separated(design, names, design.outcome, both=True)) if binary else ()
    if eventful is not None:
        separated = tuple(_separated(design, names, eventful, both=False))
    gone = frozenset(name for name, number in resting.items() if 0 < number < few).union(separated)
    squares = design.columns if weighted is None else weighted
    facts = ModelFacts(
        residual_dof=residual_dof,
        persons=count_persons(design.persons),
        observations=len(design.outcome),
        terms=resting,
        levels=dict(_small_levels(design, few, resting)),
        separated=separated,
        leverage=largest_leverage(squares, design.persons),
        saturated=_is_saturated(design, few, binary),
    )
    return replace(facts, hidden=_without(facts, design, squares, gone, few, binary)) if gone else facts


def _without(
    facts: ModelFacts, design: Design, squares: Numbers, gone: frozenset[str], few: int, binary: bool
) -> ModelFacts:
    """The facts when these coefficients are not printed: as if they were absorbed."""
    import numpy as np

    there = np.array([name in gone for name in design.names])
    hidden, shown = squares[:, there], squares[:, ~there]
    left = shown - hidden @ np.linalg.lstsq(hidden, shown, rcond=None)[0]
    apart = np.logical_or.reduce([_differs(design.columns[:, place]) for place in np.flatnonzero(there)])
    return replace(
        facts,
        terms={name: number for name, number in facts.terms.items() if name not in gone},
        separated=(),
        leverage=largest_leverage(left, design.persons),
        saturated=facts.saturated and _is_saturated(design.only(~apart), few, binary),
    )


def together(facts: Sequence[ModelFacts]) -> ModelFacts:
    """The facts of several models in one table: of each, the one that a reader should worry about."""
    names = list(dict.fromkeys(name for each in facts for name in each.terms))
    levels = list(dict.fromkeys(name for each in facts for name in each.levels))
    return ModelFacts(
        residual_dof=min(each.residual_dof for each in facts),
        persons=min(each.persons for each in facts),
        observations=min(each.observations for each in facts),
        terms={name: min(each.terms[name] for each in facts if name in each.terms) for name in names},
        levels={name: min(each.levels[name] for each in facts if name in each.levels) for name in levels},
        separated=tuple(dict.fromkeys(name for each in facts for name in each.separated)),
        leverage=max(each.leverage for each in facts),
        saturated=any(each.saturated for each in facts),
        hidden=together([each.hidden or each for each in facts]) if any(each.hidden for each in facts) else None,
    )


def largest_leverage(columns: Numbers, persons: Numbers) -> float:
    """The largest eigenvalue of a person's block of the hat matrix: at most 1.

    The trace of a block bounds it, and all traces together are the number of columns: so few persons need more.
    """
    import numpy as np

    if not columns.size:
        return 0.0
    scale = np.sqrt((columns**2).sum(axis=0))
    scaled = columns / np.where(scale > 0, scale, 1.0)
    root = np.linalg.pinv(np.linalg.cholesky(scaled.T @ scaled + 1e-12 * np.eye(scaled.shape[1])))
    whitened = scaled @ root.T
    traces = np.bincount(persons, weights=np.einsum("ij,ij->i", whitened, whitened))
    exposed = np.flatnonzero(traces >= _EXPOSED)
    if not len(exposed):
        return float(traces.max())
    rows = np.flatnonzero(np.isin(persons, exposed))
    rows = rows[np.argsort(persons[rows], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(persons[rows]) != 0])
    blocks = np.split(whitened[rows], starts[1:])
    return float(max(np.linalg.norm(block, 2) ** 2 for block in blocks))


def _differs(column: Numbers) -> Numbers:
    """Rows whose value is not the commonest one. A value that more than half of the rows have is the median."""
    import numpy as np

    differs: Numbers = column != np.partition(column, len(column) // 2)[len(column) // 2]
    return differs


def count_persons(persons: Numbers) -> int:
    """Distinct persons among whole numbers."""
    import numpy as np

    return int(np.count_nonzero(np.bincount(persons, minlength=1)))


def _persons(design: Design, rows: Numbers) -> int:
    return count_persons(design.persons[rows])


def _small_levels(design: Design, few: int, resting: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Categories with few persons that no coefficient names: the reference, and levels of other codings."""
    import numpy as np

    for name, codes in design.levels.items():
        sizes = [_persons(design, codes == level) for level in np.unique(codes)]
        named = {number for term, number in resting.items() if term.startswith(f"{name}[")}
        small = [number for number in sizes if number < few and number not in named]
        if small:
            yield f"{name}[reference]", min(small)


def _separated(
    design: Design, names: Iterable[tuple[int, str]], outcome: Numbers, *, both: bool
) -> Iterator[str]:  # fmt: skip
    """0/1 columns with only one outcome on one side; with `both` it may be either, else none of what happens."""
    for place, name in names:
        column = design.columns[:, place]
        if ((column == 0) | (column == 1)).all():
            sides = [outcome[column == side] for side in (0, 1)]
            if any(len(side) and (side.max() == 0 or (both and side.min() == 1)) for side in sides):
                yield name


def _is_saturated(design: Design, few: int, binary: bool) -> bool:
    """Are the coefficients means of cells of which some cannot be shown?"""
    cells = same_rows(design.columns)
    return int(cells.max(initial=-1)) < len(design.names) and not _bears_showing(design, cells, few, binary)


def _bears_showing(design: Design, cells: Numbers, few: int, binary: bool) -> bool:
    """Could the means of all cells be shown as a table? Enough persons, no dominant one, no small share."""
    import numpy as np

    for cell in range(int(cells.max()) + 1):
        inside = cells == cell
        sums = np.bincount(design.persons[inside], weights=np.abs(design.outcome[inside]))
        sums = np.sort(sums[np.bincount(design.persons[inside]) > 0])[::-1]
        if len(sums) < few or (not binary and sums[:2].sum() > DOMINANT * sums.sum() > 0):
            return False
        if binary and min(sums.sum(), len(sums) - sums.sum()) < few:
            return False
    return True
