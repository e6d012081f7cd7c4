"""Prices follow from public policy alone, in whole numbers, and fit what the noise library says."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from enclave.core.errors import BadInput
from enclave.dp.loss import NANO, from_epsilon
from enclave.dp.noise import measurement
from enclave.dp.policy import load_policies, policy_for
from enclave.dp.price import Plan, price, price_at
from enclave.dp.specification import parse_request
from tests.unit.dp.world import count_body


def plan_of(**changes: Any) -> Plan:
    request = parse_request(count_body(**changes))
    return price(request.specification, policy_for(request.dataset), request.loss.stated())


def test_a_year_in_the_condition_makes_the_answer_cheaper() -> None:
    with_year, without = plan_of(), plan_of(where=[])
    assert (with_year.rows_per_person, without.rows_per_person) == (1, 2)
    assert with_year.loss < without.loss


def test_a_total_counts_each_person_once_whatever_the_rows() -> None:
    total = plan_of(where=[], by=[])
    assert total.statistics[0].statistic.squared_sensitivity == 1


def test_a_mean_is_charged_for_its_count_and_for_its_sum() -> None:
    plan = plan_of(measures=[{"kind": "mean", "column": "gpa"}])
    assert [item.statistic.kind for item in plan.statistics] == ["filled", "centred"]
    assert plan.of("centred", "gpa").statistic.squared_sensitivity == 250**2


def test_many_quantiles_of_a_column_share_one_charge() -> None:
    quantiles = [{"kind": "quantile", "column": "gpa", "q": q} for q in (0.25, 0.5, 0.75)]
    histogram = {"kind": "histogram", "column": "gpa"}
    assert plan_of(measures=[*quantiles, histogram]).loss == plan_of(measures=[histogram]).loss


@pytest.mark.parametrize("error", [2, 5, 10, 30, 100, 1000])
def test_an_error_target_is_met_and_not_overpaid(error: int) -> None:
    plan = plan_of(loss={"error": error})
    again = price_at(plan.specification, policy_for("k12_completion"), (plan.loss.nano_rho,))
    assert plan.statistics[0].half_width <= error
    assert again.statistics[0].half_width == plan.statistics[0].half_width >= error - 1


@pytest.mark.parametrize("loss", [{"error": 30}, {"epsilon": 1}, {"rho": 0.01}, {"rho": 1e-6}, {"epsilon": 20}])
def test_the_noise_librarys_own_bound_is_within_the_charge(loss: dict[str, float]) -> None:
    plan = plan_of(loss=loss, measures=[{"kind": "count_rows"}, {"kind": "sum", "column": "gpa"}])
    for item in plan.statistics:
        distance = math.sqrt(item.statistic.squared_sensitivity)
        assert measurement(item.sigma).map(distance) * NANO <= item.loss.nano_rho * (1 + 1e-9)
        exact = item.statistic.squared_sensitivity * NANO * 1024**2
        assert exact <= 2 * item.loss.nano_rho * round(item.sigma * 1024) ** 2


def test_epsilon_four_buys_at_least_118_counts_of_plus_minus_30() -> None:
    assert from_epsilon(4).nano_rho // plan_of(loss={"error": 30}).loss.nano_rho >= 118


def test_a_preview_takes_less_than_five_milliseconds() -> None:
    plan_of(loss={"epsilon": 1.2345})
    times = []
    for step in range(20):
        began = time.perf_counter()
        plan_of(loss={"epsilon": 1 + step / 1000})
        times.append(time.perf_counter() - began)
    assert sorted(times)[10] < 0.005


@pytest.mark.parametrize("loss", [{"rho": 99, "epsilon": 1}, {}, {"error": 0.2}, {"error": 1e13}, {"epsilon": 1e-9}])
def test_a_loss_must_be_stated_once_and_be_sensible(loss: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        plan_of(loss=loss)


def test_every_policy_loads_and_names_its_bounds() -> None:
    policies = load_policies()
    assert {"k12_enrollment", "ui_wage", "ps_enrollment"} <= set(policies)
    for policy in policies.values():
        assert policy.rows.per_person >= (policy.rows.per_period or 1)
        assert any(column.groupable for column in policy.columns.values())
