"""Answers that add up: cells, their margins and the total, made consistent after the noise.

    cells = c2c.dp.count("k12_completion", by=["county_code", "gender"], where=year, error=30)
    counties = c2c.dp.count("k12_completion", by="county_code", where=year, error=20)
    cells, counties = c2c.dp.consistent(cells, counties)

Post-processing of what was answered: it costs no privacy (Dwork and Roth 2014, proposition 2.1). Least squares with
the inverse variances as weights is the best linear unbiased estimate of the cells under the sums (Hay et al. 2010);
with `value >= 0` it is a bounded least squares problem. Cells are then rounded so that each stays within one of its
estimate and the total is kept; margins are the sums of the rounded cells, so that everything adds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from c2c_research.dp.answer import PrivateAnswer
from c2c_research.errors import BadUse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Numbers = NDArray[np.float64]

_ADVICE = (
    "Ask for the same count with the same conditions, one answer with all the groups and others with some of them."
)
Z95 = 1.959963984540054
_DENSE = 300
_EXACT_VARIANCES = 1_500
"""Up to so many cells the variance of each sum is computed; beyond, half-widths stay those of the answers."""
_OUTSIDE = ("value", "half_width", "status", "measure")


def consistent(*answers: PrivateAnswer) -> tuple[PrivateAnswer, ...]:
    """The same answers with whole numbers of at least 0 that add up, and half-widths adjusted.

    One answer has all groups (the cells), the others some of them or none (the total). Raises BadUse where a sum would
    not hold: other measures, other conditions, other keys, or counts of persons who can be in several groups.
    """
    import numpy as np
    from scipy.sparse import vstack

    cells = _finest(answers)
    place = {_key(row, _groups(cells)): number for number, row in enumerate(cells.rows)}
    sums = [(answer, _members(answer, place, _groups(cells))) for answer in answers]
    matrix = vstack([members for _, members in sums], format="csr")
    values = np.array([float(row["value"] or 0) for answer in answers for row in answer.rows])
    sigmas = np.concatenate([np.full(len(answer.rows), _sigma(answer)) for answer in answers])
    whole = _rounded(_bounded(matrix.multiply(1 / sigmas[:, None]).tocsr(), values / sigmas))
    widths = _widths(matrix, sigmas)
    found, start = [], 0
    for answer, members in sums:
        part = widths[start : start + len(answer.rows)]
        found.append(_adjusted(answer, members @ whole, part, answers))
        start += len(answer.rows)
    return tuple(found)


def _finest(answers: Sequence[PrivateAnswer]) -> PrivateAnswer:
    if len(answers) < 2:
        raise BadUse("Several answers are made consistent with each other.", _ADVICE)
    cells = max(answers, key=lambda answer: len(_groups(answer)))
    for answer in answers:
        if not set(_groups(answer)) <= set(_groups(cells)):
            raise BadUse("No answer has all the groups of the others.", _ADVICE)
        if _about(answer) != _about(cells):
            raise BadUse("The answers are not about the same thing.", _ADVICE)
    statistic = cells.receipt["payload"]["statistics"][0]
    if statistic["kind"] == "persons" and statistic["sensitivity_squared"] > 1:
        raise BadUse(
            "A person can be in several of these groups, so counts of persons do not add up.",
            'Name one year in `where`, or count rows with of="rows".',
        )
    return cells


def _about(answer: PrivateAnswer) -> tuple[Any, ...]:
    """Edition, dataset, conditions and the one measure; only counts add up."""
    said = answer.receipt["payload"]["specification"]
    measures = [measure["kind"] for measure in said["measures"]]
    if measures not in (["count_persons"], ["count_rows"]):
        raise BadUse("Only answers of one count are made consistent.", _ADVICE)
    where = sorted(str(sorted(condition.items())) for condition in said["where"])
    return answer.edition, said["dataset"], tuple(where), tuple(measures)


def _groups(answer: PrivateAnswer) -> tuple[str, ...]:
    return tuple(column for column in answer.columns if column not in _OUTSIDE)


def _key(row: dict[str, Any], groups: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in groups)


def _members(answer: PrivateAnswer, place: dict[tuple[Any, ...], int], groups: Sequence[str]) -> csr_array:
    """A row an answered number, a column a cell: which cells it is the sum of."""
    import numpy as np
    from scipy.sparse import csr_array

    own = _groups(answer)
    positions = [groups.index(name) for name in own]
    rows = {_key(row, own): number for number, row in enumerate(answer.rows)}
    of_cell = [rows.get(tuple(cell[position] for position in positions)) for cell in place]
    if None in of_cell or set(of_cell) != set(rows.values()):
        raise BadUse("The answers do not have the same keys.", "Name the same keys of a group in each question.")
    columns = list(place.values())
    return csr_array((np.ones(len(place)), (of_cell, columns)), shape=(len(rows), len(place)))


def _sigma(answer: PrivateAnswer) -> float:
    return float(answer.receipt["payload"]["statistics"][0]["sigma"])


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
        before = np.minimum(before, np.einsum("ij,jk,ik->i", dense, np.linalg.inv(information), dense))
    widths: Numbers = Z95 * np.sqrt(before + matrix.sum(axis=1) / 12)
    return widths


def _adjusted(
    answer: PrivateAnswer, values: Numbers, widths: Numbers, sources: tuple[PrivateAnswer, ...]
) -> PrivateAnswer:
    rows = []
    for row, value, width in zip(answer.rows, values, widths, strict=True):
        half_width = math.ceil(width)
        status = "ok" if 2 * half_width <= value else "imprecise"
        rows.append({**row, "value": int(value), "half_width": half_width, "status": status})
    return replace(answer, rows=tuple(rows), sources=sources)
