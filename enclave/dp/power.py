"""How large a difference a study of two groups can see, before anybody applies for data.

The normal approximation of a two-sided test (Cohen 1988, chapters 2 and 6; Fleiss, Levin and Paik 2003, section 4.2):
difference = (z of the level + z of the power) × standard error. Group sizes that carry noise should be taken at the
lower end of their intervals: what is seen then can be seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from enclave.core.errors import BadInput


@dataclass(frozen=True)
class Design:
    """Two groups of independent persons; `level` is two-sided. Raises BadInput for what is no design."""

    first: int
    second: int
    level: float = 0.05
    power: float = 0.8

    def __post_init__(self) -> None:
        if min(self.first, self.second) < 2:
            raise BadInput("A group has fewer than two persons.", "Choose larger groups.")
        if not (0 < self.level < 0.5 and 0.5 <= self.power < 1):
            raise BadInput("Level or power is out of range.", "Usual are 0.05 and 0.8.")

    @property
    def quantiles(self) -> float:
        """The sum of the two normal quantiles."""
        normal = NormalDist()
        return normal.inv_cdf(1 - self.level / 2) + normal.inv_cdf(self.power)


def smallest_difference(design: Design, deviation: float) -> float:
    """The smallest difference of two means that the test finds with the design's power, in units of `deviation`'s."""
    if not 0 < deviation < math.inf:
        raise BadInput("A standard deviation is a number above 0.", "Give that of the outcome within groups.")
    return design.quantiles * deviation * math.sqrt(1 / design.first + 1 / design.second)


def smallest_change(design: Design, share: float) -> float | None:
    """The smallest rise of a share (0–1) in the second group that the test finds; None: not even up to 1."""
    if not 0 < share < 1:
        raise BadInput("A share is between 0 and 1.", "Give the share in the first group, like 0.4.")
    low, high = 0.0, 1 - share
    if _needed(design, share, high) > high:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _needed(design, share, middle) <= middle else (middle, high)
    return high


def _needed(design: Design, share: float, change: float) -> float:
    """The difference that the standard error of a change asks for."""
    second = share + change
    variance = share * (1 - share) / design.first + second * (1 - second) / design.second
    return design.quantiles * math.sqrt(variance)
