"""The noise of every answer: OpenDP's integer Gaussian, drawn once a number (Canonne, Kamath and Steinke 2020)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Protocol

from enclave.core.errors import Unavailable
from enclave.dp.loss import NANO
from enclave.dp.price import Priced


class Noise(Protocol):
    """Adds noise to one vector for one priced statistic."""

    def add(self, values: list[int], priced: Priced) -> list[int]:
        """The values with noise of scale `priced.sigma`."""


class GaussianNoise:
    """OpenDP's integer Gaussian; refuses when OpenDP's own bound of the loss is above what was charged."""

    def add(self, values: list[int], priced: Priced) -> list[int]:
        drawn = measurement(priced.sigma)
        distance = math.nextafter(math.sqrt(priced.statistic.squared_sensitivity), math.inf)
        if drawn.map(distance) * NANO > priced.loss.nano_rho * (1 + 1e-9):
            raise Unavailable("The noise would not cover the charge.", "Report this to the data steward.")
        noisy: list[int] = drawn(values)
        return noisy


@lru_cache(maxsize=64)
def measurement(sigma: float) -> Any:
    import opendp.prelude as opendp  # heavy: loaded with the first answer, not with the module

    opendp.enable_features("contrib")
    space = opendp.vector_domain(opendp.atom_domain(T=opendp.i64)), opendp.l2_distance(T=opendp.f64)
    return opendp.m.make_gaussian(*space, scale=sigma)
