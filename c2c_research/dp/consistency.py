"""Answers that add up: cells, margins, sub-areas and the total, made consistent after the noise.

    cells = c2c.dp.count("k12_completion", by=["county_code", "gender"], where=year, error=30)
    counties = c2c.dp.count("k12_completion", by="county_code", where=year, error=20)
    cells, counties = c2c.dp.consistent(cells, counties)

    districts, counties, state = c2c.dp.consistent(districts, counties, state)   # districts lie in counties

Post-processing of what was answered: it costs no privacy (Dwork and Roth 2014, proposition 2.1). Least squares with
the inverse variances as weights is the best linear unbiased estimate of the cells under the sums (Hay et al. 2010);
with `value >= 0` it is a bounded least squares problem. Cells are then rounded so that each stays within one of its
estimate and the total is kept; margins are the sums of the rounded cells, so that everything adds.

**Half-widths** are 95 % of the least squares estimate without the bound at 0, plus the rounding of each cell; the bound
only brings estimates nearer to counts, which are never negative, so an interval holds at least as often as it says. The
test measures it (`tests/unit/dp/test_consistency.py`). What was answered as at least 0 though noise was below stays so:
sums over many empty cells lie high by what was cut.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from c2c_research.dp.answer import PrivateAnswer
from c2c_research.dp.hierarchies import ADVICE, Within, groups, sums
from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Numbers = NDArray[np.float64]

Z95 = 1.959963984540054
_DENSE = 300
_EXACT_VARIANCES = 1_500
"""Up to so many cells the variance of each sum is computed; beyond, half-widths stay those of the answers."""


def consistent(
    *answers: PrivateAnswer, within: Within | None = None, whole: Collection[str] = ()
) -> tuple[PrivateAnswer, ...]:
    """The same answers with whole numbers of at least 0 that add up, and half-widths adjusted.

    One answer has all groups (the cells), the others some of them, larger areas in their place, or none (the total).
    `within`: of each key its larger area, by the two columns, where the shelf does not know. A sum is made of its parts
    where they are all there: a question named no keys, a directory says so, or `whole` names the group; else it may be
    more than its parts. Raises BadUse where a sum would not hold: other measures or conditions, keys that do not fit,
    or counts of persons who can be in several groups.
    """
    import numpy as np
    from scipy.sparse import vstack

    _check(answers)
    found = sums(answers, within, whole)
    members = [_members(places, len(answer.rows)) for answer, places in zip(answers, found.rows, strict=True)]
    matrix = vstack(members, format="csr")
    values = np.array([_answered(row) for answer in answers for row in answer.rows])
    sigmas = np.array([sigma for answer in answers for sigma in _sigmas(answer)])
    rounded = _rounded(_bounded(matrix.multiply(1 / sigmas[:, None]).tocsr(), values / sigmas))
    widths = _widths(matrix, sigmas)
    adjusted, start = [], 0
    for answer, part in zip(answers, members, strict=True):
        end = start + len(answer.rows)
        adjusted.append(_adjusted(answer, part @ rounded, widths[start:end], answers))
        start = end
    return tuple(adjusted)


def _check(answers: Sequence[PrivateAnswer]) -> None:
    if len(answers) < 2:
        raise BadUse("Several answers are made consistent with each other.", ADVICE)
    cells = max(answers, key=lambda answer: len(groups(answer)))
    for answer in answers:
        if _about(answer) != _about(cells):
            raise BadUse("The answers are not about the same thing.", ADVICE)
        statistic = answer.receipt["payload"]["statistics"][0]
        if statistic["kind"] == "persons" and statistic["sensitivity_squared"] > 1:
            raise BadUse(
                "A person can be in several of these groups, so counts of persons do not add up.",
                'Name one year in `where`, or count rows with of="rows".',
            )


def _about(answer: PrivateAnswer) -> tuple[Any, ...]:
    """Edition, dataset, conditions and the one measure; only counts add up."""
    said = answer.receipt["payload"]["specification"]
    measures = [measure["kind"] for measure in said["measures"]]
    if measures not in (["count_persons"], ["count_rows"]):
        raise BadUse("Only answers of one count are made consistent.", ADVICE)
    where = sorted(str(sorted(condition.items())) for condition in said["where"])
    return answer.edition, said["dataset"], tuple(where), tuple(measures)


def _members(places: Sequence[int | None], rows: int) -> csr_array:
    """A row an answered number, a column a cell: which cells it is the sum of."""
    import numpy as np
    from scipy.sparse import csr_array

    pairs = [(row, cell) for cell, row in enumerate(places) if row is not None]
    of_row, of_cell = [row for row, _ in pairs], [cell for _, cell in pairs]
    return csr_array((np.ones(len(pairs)), (of_row, of_cell)), shape=(rows, len(places)))


def _answered(row: Mapping[str, Any]) -> float:
    """The noisy count; half of the limit where a provider's rule withheld one below it."""
    if row["value"] is None and row["status"].startswith("<"):
        return float(row["status"][1:]) / 2
    return float(row["value"] or 0)


def _sigmas(answer: PrivateAnswer) -> Iterator[float]:
    """Of each row; infinite where a rule leaves it blank whatever it is."""
    sigma = float(answer.receipt["payload"]["statistics"][0]["sigma"])
    for row in answer.rows:
        yield math.inf if row["value"] is None and not row["status"].startswith("<") else sigma


def _bounded(matrix: csr_array, values: Numbers) -> Numbers:
    """The least squares estimate of the cells with every cell at least 0."""
    from scipy.optimize import lsq_linear

    small = matrix.shape[1] <= _DENSE
    found: Numbers = lsq_linear(
        matrix.toarray() if small else matrix, values, bounds=(0, math.inf), method="bvls" if small else "trf"
    ).x
    return found.clip(min=0)


def _rounded(cells: Numbers) -> Numbers:
    """Whole numbers, each within one of its estimate, that keep the rounded total (largest remainders)."""
    import numpy as np

    floors = np.floor(cells + 1e-9)
    more = round(float(cells.sum() - floors.sum()))
    order = np.argsort(-(cells - floors), kind="stable")
    floors[order[:more]] += 1
    return floors


def _widths(matrix: csr_array, sigmas: Numbers) -> Numbers:
    """95 % half-widths of the sums after adjustment; rounding adds a variance of 1/12 for each cell of a sum."""
    import numpy as np

    before = sigmas**2
    if matrix.shape[1] <= _EXACT_VARIANCES:
        dense = matrix.toarray()
        information = (dense / before[:, None]).T @ dense
        single = (dense.sum(axis=1) == 1) & np.isfinite(sigmas)
        answered = dense[single].any(axis=0).all()  # no rest among the cells
        inverse = np.linalg.inv(information) if answered else np.linalg.pinv(information, hermitian=True)
        before = np.minimum(before, np.einsum("ij,jk,ik->i", dense, inverse, dense))
    widths: Numbers = Z95 * np.sqrt(before + matrix.sum(axis=1) / 12)
    return widths


def _adjusted(
    answer: PrivateAnswer, values: Numbers, widths: Numbers, sources: tuple[PrivateAnswer, ...]
) -> PrivateAnswer:
    below = (answer.receipt["payload"].get("provider_rules") or {}).get("below") or 0
    adjusted = zip(answer.rows, values, widths, strict=True)
    rows = [_row(row, int(value), float(width), below) for row, value, width in adjusted]
    return replace(answer, rows=tuple(rows), sources=sources)


def _row(row: dict[str, Any], value: int, width: float, below: int) -> dict[str, Any]:
    """The adjusted number, as the provider's rule lets it be shown; what is blank whatever it is stays so."""
    if row["value"] is None and not row["status"].startswith("<"):
        return row
    if value < below:
        return {**row, "value": None, "half_width": None, "status": f"<{below}"}
    half_width = math.ceil(width)
    return {**row, "value": value, "half_width": half_width, "status": "ok" if 2 * half_width <= value else "imprecise"}
