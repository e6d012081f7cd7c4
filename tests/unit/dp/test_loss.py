"""Privacy losses add exactly and are rounded against the spender."""

from __future__ import annotations

import math

import pytest

from enclave.core.errors import BadInput
from enclave.dp.loss import DELTA, NANO, Loss, from_epsilon, from_rho


def test_losses_add_exactly_where_floats_would_not() -> None:
    tenth = from_rho(0.1)
    assert sum([tenth] * 10, Loss(0)) == from_rho(1)


def test_a_rho_between_two_steps_is_charged_as_the_larger_one() -> None:
    assert from_rho(1.5e-9) == Loss(2)
    assert from_rho(1e-15) == Loss(1)


def test_shares_never_cost_more_than_the_whole() -> None:
    assert Loss(10).parts(3) == Loss(3)


@pytest.mark.parametrize("epsilon", [0.01, 0.5, 1, 4, 10.0])
def test_an_epsilon_buys_the_largest_loss_that_stays_within_it(epsilon: float) -> None:
    loss = from_epsilon(epsilon)
    assert loss.epsilon() <= epsilon + 1e-6
    assert Loss(loss.nano_rho + 2_000).epsilon() > epsilon - 1e-6


@pytest.mark.parametrize("rho", [1e-4, 0.002, 0.1, 1.0, 5.0])
def test_epsilon_shown_is_never_below_that_of_dp_accounting(rho: float) -> None:
    import dp_accounting

    orders = [1 + 10 ** (step / 500) for step in range(-1500, 4000)]
    accountant = dp_accounting.rdp.RdpAccountant(orders)
    accountant.compose(dp_accounting.GaussianDpEvent(1 / math.sqrt(2 * rho)))
    theirs = accountant.get_epsilon(DELTA)
    assert theirs * (1 - 1e-5) <= from_rho(rho).epsilon() <= theirs * 1.0001 + 1e-6


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -1, 0, -0.0, True, "1", None, [1], {"a": 1}, 1e300, 10**400]
)
def test_what_is_no_sensible_loss_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        from_epsilon(value)
    with pytest.raises(BadInput):
        from_rho(value)


def test_a_loss_is_a_whole_number_of_nano_rho() -> None:
    for wrong in (-1, 0.5, True):
        with pytest.raises(ValueError, match="nano-rho"):
            Loss(wrong)  # type: ignore[arg-type]
    assert Loss(NANO).rho == 1


def test_a_delta_of_its_own_adds_and_is_taken_from_the_delta_of_the_statement() -> None:
    plain, keyed = Loss(NANO // 10), Loss(NANO // 10, 10**8)
    assert keyed + keyed == Loss(NANO // 5, 2 * 10**8)
    assert keyed.epsilon() == plain.epsilon(DELTA - 1e-7) > plain.epsilon()
    assert plain.within(keyed)
    assert not keyed.within(plain)
    assert not Loss(1, 2).within(Loss(2, 1))
    with pytest.raises(ValueError, match="femto-delta"):
        Loss(1, -1)
