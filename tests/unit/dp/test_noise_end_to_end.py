"""From question to answer the noise has the stated scale and the stated half-widths hold: 20,000 draws a kind, 5 SE."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from enclave.core.signing import open_envelope
from enclave.dp.bounded import ensure_bounded
from enclave.dp.engine import GaussianNoise, answer, counted
from enclave.dp.policy import policy_for
from enclave.dp.price import Priced, price
from enclave.dp.shape import shape
from enclave.dp.specification import parse_request
from enclave.dp.vectors import Answer
from services.private_answers import answer_question
from tests.unit.dp.editions import EDITION, completions, publish
from tests.unit.dp.world import PROJECT, World, count_body

POLICY = policy_for("k12_completion")
DRAWS, ROUNDS = 20_000, 2
KEYS = [f"{number:07d}" for number in range(100)]
CELLS = [{"column": "district_code", "keys": KEYS}, {"column": "school_code", "keys": KEYS}]
SE = 5 / math.sqrt(DRAWS)
HALF = 0.12
"""Density of the normal at its 97.5 % point, doubled and rounded up: what half a whole number may add to coverage."""
MEASURES: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("persons", {"kind": "count_persons"}, CELLS),
    ("rows", {"kind": "count_rows"}, CELLS),
    ("sum", {"kind": "sum", "column": "gpa"}, CELLS),
    ("mean", {"kind": "mean", "column": "gpa"}, CELLS),
    ("bins", {"kind": "histogram", "column": "gpa"}, [{"column": "district_code", "keys": [*KEYS, *(
        f"{number:07d}" for number in range(100, 500))]}]),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "by"), [row[1:] for row in MEASURES], ids=[row[0] for row in MEASURES])
def test_every_kind_of_statistic_gets_noise_of_the_stated_scale(
    tmp_path: Path, measure: dict[str, Any], by: list[Any]
) -> None:
    """Over all cells of the engine's answer less the exact one: unbiased, scale at least 20, covering 95 %."""
    file = ensure_bounded(publish(tmp_path, completions(2000)), tmp_path / "bounded", EDITION, POLICY).file
    request = parse_request(count_body(where=[], by=by, measures=[measure], loss={"rho": 0.002}))
    plan = price(request.specification, POLICY, request.loss.stated())
    _, exact = counted(plan, POLICY, file)
    drawn: dict[Any, list[int]] = {key: [] for key in exact}
    for _ in range(ROUNDS):
        noisy = answer(plan, POLICY, file, GaussianNoise()).noisy
        for key, values in noisy.items():
            drawn[key] += [after - before for after, before in zip(values, exact[key], strict=True)]
    for item in plan.statistics:
        check_noise(drawn[item.statistic.kind, item.statistic.column], item)


def check_noise(drawn: list[int], priced: Priced) -> None:
    sigma = priced.sigma
    assert len(drawn) >= DRAWS
    assert sigma >= 20
    assert abs(statistics.fmean(drawn)) < SE * sigma
    assert statistics.pstdev(drawn) == pytest.approx(sigma, rel=SE)
    covered = statistics.fmean(abs(value) <= priced.half_width for value in drawn)
    assert covered == pytest.approx(0.95, abs=SE * math.sqrt(0.95 * 0.05) + HALF / sigma)
    ahead = statistics.fmean(a * b for a, b in pairwise(drawn))
    assert abs(ahead) < SE * sigma**2  # one cell's noise says nothing of the next one's


def test_an_answer_through_ledger_and_data_service_has_the_noise_of_its_receipt(world: World) -> None:
    """10,000 cells with nobody in them, twice: what is shown of them is the upper tail of the noise."""
    shown: list[float] = []
    for rho in (0.00100, 0.00101):
        found = ask(world, by=CELLS, where=[{"column": "gpa", "op": "<", "value": -1}], loss={"rho": rho})
        said = open_envelope(found["receipt"], world.client.keyring, "dp.receipt", world.client.clock, {"data"})
        (statistic,) = said["statistics"]
        assert statistic["sigma"] == pytest.approx(math.sqrt(2 / (2 * rho)), rel=1e-3)
        assert statistic["half_width"] == math.ceil(1.96 * statistic["sigma"] - 0.5)
        assert {row["half_width"] for row in found["rows"]} <= {statistic["half_width"], None}  # None: below 11
        shown += [(row["value"] or 0) / statistic["sigma"] for row in found["rows"]]
    for height in (0.5, 1.0, 1.5, 1.96, 2.5, 3.0):
        tail = 1 - statistics.NormalDist().cdf(height)
        over = statistics.fmean(value > height for value in shown)
        assert over == pytest.approx(tail, abs=SE * math.sqrt(tail) + HALF / 30), height


def ask(world: World, **changes: Any) -> dict[str, Any]:
    return answer_question(world.database, world.client, world.alice, PROJECT, parse_request(count_body(**changes)))


def test_intervals_of_counts_sums_and_means_hold_where_the_truth_is_known(tmp_path: Path) -> None:
    """400 answers about one group: the exact value lies in at least 95 % of the intervals, less 5 SE."""
    file = ensure_bounded(publish(tmp_path, completions(4000)), tmp_path / "bounded", EDITION, POLICY).file
    measures = [{"kind": "count_persons"}, {"kind": "sum", "column": "gpa"}, {"kind": "mean", "column": "gpa"}]
    by = [{"column": "gender", "keys": ["F"]}]
    request = parse_request(count_body(by=by, measures=measures, loss={"rho": 0.01}))
    plan = price(request.specification, POLICY, request.loss.stated())
    cells, exact = counted(plan, POLICY, file)
    persons, total = exact["persons", None][0], exact["sum", "gpa"][0]
    truth = {"count_persons": persons, "sum(gpa)": total / 100, "mean(gpa)": total / 100 / exact["filled", "gpa"][0]}
    held: dict[str, list[bool]] = {name: [] for name in truth}
    for _ in range(400):
        noisy = {key: GaussianNoise().add(exact[key], plan.of(*key)) for key in exact}
        for row in shape(Answer(cells, noisy), plan, POLICY).rows:
            held[row["measure"]].append(abs(row["value"] - truth[row["measure"]]) <= row["half_width"])
    for name, inside in held.items():
        assert statistics.fmean(inside) >= 0.95 - 5 * math.sqrt(0.95 * 0.05 / 400), name
