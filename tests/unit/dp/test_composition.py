"""What a purse says was lost is never less than what dp-accounting makes of the same answers, in any order."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from enclave.core.clock import FixedClock
from enclave.core.errors import BadInput, Conflict
from enclave.dp import purses, store
from enclave.dp.loss import DELTA, FEMTO, NOTHING, Loss, from_epsilon
from enclave.dp.policy import policy_for
from enclave.dp.price import Plan, price
from enclave.dp.specification import parse_request
from services.private_answers import answer_question
from tests.factories import OPERATOR
from tests.scale import examples
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT, World, count_body

ORDERS = [1 + 10 ** (step / 50) for step in range(-150, 300)]
TABLES = {
    "k12_completion": ("gpa", "academic_year", "county_code"),
    "ui_wage": ("earnings", "year", "naics"),
    "k12_enrollment": ("days_absent", "academic_year", "gender"),
}


def plan_of(body: dict[str, Any]) -> Plan | None:
    """The priced question; None where the exactness cannot be bought."""
    request = parse_request(body)
    try:
        return price(request.specification, policy_for(request.dataset), request.loss.stated())
    except BadInput:
        return None


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Any question of any kind, as exact as its asker likes."""
    dataset = draw(st.sampled_from(sorted(TABLES)))
    number, period, group = TABLES[dataset]
    kinds = draw(st.lists(st.sampled_from(["count_persons", "count_rows", "sum", "mean", "histogram"]), min_size=1,
                          max_size=3, unique=True))  # fmt: skip
    loss = draw(
        st.one_of(
            st.builds(lambda value: {"error": value}, st.integers(30, 5000)),
            st.builds(lambda value: {"rho": value}, st.floats(1e-6, 0.05)),
            st.builds(lambda value: {"epsilon": value}, st.floats(0.01, 1.5)),
        )
    )
    return {
        "dataset": dataset,
        "where": [{"column": period, "op": "=", "value": 2020}] if draw(st.booleans()) else [],
        "by": [{"column": group}] if draw(st.booleans()) else [],
        "measures": [{"kind": kind, **({"column": number} if "count" not in kind else {})} for kind in kinds],
        "loss": loss,
    }


@settings(max_examples=examples(8, 200), deadline=None)
@given(asked=st.lists(questions(), min_size=1, max_size=12), of_keys=st.integers(0, 20))
def test_a_sequence_of_answers_costs_at_least_what_dp_accounting_says(asked: list[Any], of_keys: int) -> None:
    """Two figures of theirs: by Rényi divergences over a grid of orders, and the exact one of Gaussians (Balle and Wang
    2018), which is a little smaller."""
    import dp_accounting

    plans = [plan for body in asked if (plan := plan_of(body)) is not None]
    assume(plans)
    keys = Loss(0, of_keys * FEMTO // 10**9)  # learned groups: a delta of 10^-9 each
    charged = sum((plan.loss for plan in plans), keys)
    statistics = [item for plan in plans for item in plan.statistics]
    accountant = dp_accounting.rdp.RdpAccountant(ORDERS)
    precision = 0.0
    for item in statistics:
        multiplier = item.sigma / math.sqrt(item.statistic.squared_sensitivity)
        accountant.compose(dp_accounting.GaussianDpEvent(multiplier))
        precision += 1 / multiplier**2
    left = DELTA - of_keys * 1e-9
    assert charged.epsilon() >= accountant.get_epsilon(left) * (1 - 2e-3)  # their orders are a grid
    assert charged.epsilon() >= dp_accounting.get_epsilon_gaussian(1 / math.sqrt(precision), left)


@settings(max_examples=examples(60, 2000), deadline=None)
@given(losses=st.lists(st.integers(1, 10**8), min_size=1, max_size=40), order=st.randoms())
def test_the_sum_is_exact_whatever_the_order_and_never_below_a_part(losses: list[int], order: Any) -> None:
    shuffled = list(losses)
    order.shuffle(shuffled)
    total = sum((Loss(each) for each in shuffled), NOTHING)
    assert total == Loss(sum(losses))
    assert total.epsilon() >= max(Loss(each).epsilon() for each in losses)


def test_epsilon_four_answers_at_least_118_counts_within_30(world: World, clock: FixedClock) -> None:
    """Through the real ledger, price and data service: distinct counts until the purse refuses the next one."""
    with world.database.write() as session:
        purses.grant(
            session, OPERATOR, clock, project=PROJECT, edition=EDITION, purse="explore", epsilon=4.0,
            reason="a hundred counts and some",
        )  # fmt: skip

    def count(number: int) -> float | None:
        where = [count_body()["where"][0], {"column": "gpa", "op": ">=", "value": number / 100}]
        body = count_body(where=where, by=[], loss={"error": 30})
        try:
            found = answer_question(world.database, world.client, world.alice, PROJECT, parse_request(body))
        except Conflict:
            return None
        assert not found["cached"]
        return float(found["rows"][0]["half_width"])

    with ThreadPoolExecutor(4) as pool:
        widths = [width for width in pool.map(count, range(160)) if width is not None]
    assert max(widths) <= 30
    assert len(widths) == from_epsilon(4).nano_rho // 2_065_261 >= 118
    with world.database.read() as session:
        spent = Loss(store.charged(session, PROJECT, EDITION))
    assert spent == Loss(2_065_261 * len(widths))
    assert spent.epsilon() <= 4
    assert count(159) is None


@pytest.mark.parametrize("delta", [1e-6, 1e-9])
def test_a_delta_of_learned_groups_makes_the_same_loss_dearer(delta: float) -> None:
    assert Loss(10**7, FEMTO // 10**7).epsilon(1e-6) > Loss(10**7).epsilon(1e-6)
    assert Loss(10**7).epsilon(delta) >= Loss(10**7).epsilon(1e-6)
