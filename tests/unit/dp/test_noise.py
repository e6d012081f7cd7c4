"""The noise is what is declared: unbiased, of the stated scale, covering as stated."""

from __future__ import annotations

import math
import statistics

import pytest

from enclave.core.errors import Unavailable
from enclave.dp.engine import GaussianNoise
from enclave.dp.loss import Loss, from_rho
from enclave.dp.price import Priced, Statistic

DRAWS = 20_000


@pytest.mark.parametrize("sensitivity", [1, 3, 250])
def test_noise_is_unbiased_has_the_stated_scale_and_covers(sensitivity: int) -> None:
    priced = Priced(Statistic("rows", None, sensitivity**2), from_rho(sensitivity**2 / (2 * (20 * sensitivity) ** 2)))
    drawn = GaussianNoise().add([0] * DRAWS, priced)
    sigma, error = priced.sigma, 1 / math.sqrt(DRAWS)
    assert sigma == pytest.approx(20 * sensitivity, rel=1e-3)
    assert abs(statistics.fmean(drawn)) < 5 * sigma * error
    assert statistics.pstdev(drawn) == pytest.approx(sigma, rel=5 * error)
    covered = statistics.fmean(abs(value) <= priced.half_width for value in drawn)
    assert covered == pytest.approx(0.95, abs=5 * math.sqrt(0.95 * 0.05) * error + 0.5 * 0.12 / sigma)


def test_draws_differ_from_call_to_call() -> None:
    priced = Priced(Statistic("rows", None, 1), from_rho(0.0001))
    assert GaussianNoise().add([0] * 50, priced) != GaussianNoise().add([0] * 50, priced)


def test_noise_that_would_not_cover_the_charge_is_never_drawn() -> None:
    class TooSmall(Priced):
        sigma = 1.0

    with pytest.raises(Unavailable):
        GaussianNoise().add([0], TooSmall(Statistic("rows", None, 100), Loss(1_000)))
