"""The audit of the mechanism: it agrees with the real noise, and catches a broken one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from enclave.dp.engine import GaussianNoise
from enclave.dp.loss import Loss
from enclave.dp.mechanism import RHO, audit
from enclave.dp.policy import load_policies, policy_for
from enclave.dp.price import Priced

DRAWS = 100


def test_the_real_noise_stays_below_its_claim_and_near_it() -> None:
    found = audit(policy_for("k12_completion"), DRAWS, GaussianNoise())
    assert {each.statistic for each in found} >= {"persons", "rows", "sum of gpa", "centred of gpa", "bins of gpa"}
    assert "squares of gpa (second engine)" in {each.statistic for each in found}
    assert [each for each in found if not each.holds] == []
    assert all(each.claimed == pytest.approx(RHO, rel=1e-6) for each in found)
    tight = {each.statistic: each.at_least for each in found}
    assert tight["sum of gpa"] > 0.05 * RHO, "the extra person moves a sum as far as the policy lets one move it"


class TooQuiet:
    """Half the noise that was paid for."""

    def add(self, values: list[int], priced: Priced) -> list[int]:
        return GaussianNoise().add(values, replace(priced, loss=Loss(priced.loss.nano_rho * 4)))


class Forgetful:
    """Noise for a person who has one row, where one has several."""

    def add(self, values: list[int], priced: Priced) -> list[int]:
        once = replace(priced.statistic, squared_sensitivity=max(1, priced.statistic.squared_sensitivity // 16))
        return GaussianNoise().add(values, replace(priced, statistic=once))


@pytest.mark.parametrize("broken", [TooQuiet(), Forgetful()], ids=["half the noise", "too small a sensitivity"])
def test_a_broken_mechanism_is_caught(broken: TooQuiet | Forgetful) -> None:
    found = audit(policy_for("k12_completion"), DRAWS, broken)
    caught = {each.statistic for each in found if not each.holds}
    assert "sum of gpa" in caught
    assert "squares of gpa (second engine)" in caught


@pytest.mark.parametrize("table", sorted(load_policies()))
def test_every_table_can_be_audited(table: str) -> None:
    found = audit(policy_for(table), 2, GaussianNoise())
    assert {each.table for each in found} == {table}
    assert len(found) >= 2
