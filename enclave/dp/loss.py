"""Privacy loss: how much an answer may reveal about one person, in exact arithmetic.

*Rho* is the parameter of zero-concentrated differential privacy (zCDP; Bun and Steinke 2016,
arXiv:1605.02065). It adds up over questions, so the ledger keeps it as an integer of *nano-rho* (10^-9),
rounded up: against the spender. *Epsilon at delta* is what people compare; it is derived for display and for
entry only, by the conversion of Canonne, Kamath and Steinke 2020 (arXiv:2004.00010, proposition 12), which
is the one that `dp-accounting` uses too.

A question whose groups are learned from data may show a group of one person with a probability: it has a *delta of
its own*, kept in whole femto-delta (10^-15), and is *approximate* zCDP (Bun and Steinke 2016, definition 8.1). Both
parts add (lemma 8.2). Such a delta is taken from the delta of the statement before rho is converted.

Limit: every other mechanism here is pure zCDP; there delta enters with the conversion alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from enclave.core.errors import BadInput

NANO = 10**9
FEMTO = 10**15
DELTA = 1e-6
LARGEST_RHO = 100
LARGEST_EPSILON = 100.0


@dataclass(frozen=True, order=True)
class Loss:
    """A loss of `nano_rho` * 10^-9 zCDP, approximate by `femto_delta` * 10^-15. Never negative; adds exactly."""

    nano_rho: int
    femto_delta: int = 0

    def __post_init__(self) -> None:
        if type(self.nano_rho) is not int or self.nano_rho < 0:
            raise ValueError("a privacy loss is a whole number of nano-rho, zero or more")
        if type(self.femto_delta) is not int or self.femto_delta < 0:
            raise ValueError("a delta of its own is a whole number of femto-delta, zero or more")

    def __add__(self, other: Loss) -> Loss:
        return Loss(self.nano_rho + other.nano_rho, self.femto_delta + other.femto_delta)

    def __sub__(self, other: Loss) -> Loss:
        return Loss(max(0, self.nano_rho - other.nano_rho), max(0, self.femto_delta - other.femto_delta))

    def within(self, other: Loss) -> bool:
        """Whether both parts are at most those of another loss."""
        return self.nano_rho <= other.nano_rho and self.femto_delta <= other.femto_delta

    @property
    def rho(self) -> Fraction:
        return Fraction(self.nano_rho, NANO)

    def epsilon(self, delta: float = DELTA) -> float:
        """The (epsilon, delta) statement that this loss implies; rounded up in the sixth digit."""
        return math.ceil(_epsilon_of(self.nano_rho, delta - self.femto_delta / FEMTO) * 1e6) / 1e6

    def parts(self, count: int) -> Loss:
        """One of `count` equal shares, rounded down, so that the shares never cost more than the whole."""
        return Loss(self.nano_rho // count)

    def as_json(self, delta: float = DELTA) -> dict[str, float]:
        said = {"rho": self.nano_rho / NANO, "epsilon": self.epsilon(delta), "delta": delta}
        return said | ({"delta_of_keys": self.femto_delta / FEMTO} if self.femto_delta else {})


NOTHING = Loss(0)


def from_rho(value: object) -> Loss:
    """The loss for a rho given by a person; rounded up to whole nano-rho."""
    rho = checked_number(value, "rho", LARGEST_RHO)
    return Loss(math.ceil(Fraction(repr(rho)) * NANO))


def from_epsilon(value: object, delta: float = DELTA) -> Loss:
    """The largest loss whose epsilon at `delta` is still within the epsilon given by a person."""
    return _from_epsilon(checked_number(value, "epsilon", LARGEST_EPSILON), delta)


@lru_cache(maxsize=1024)
def _from_epsilon(epsilon: float, delta: float) -> Loss:
    low, high = 0, LARGEST_RHO * NANO
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _epsilon_of(middle, delta) <= epsilon else (low, middle)
    if low == 0:
        raise BadInput("This epsilon is too small to be used.", "Give an epsilon of 0.001 or more.")
    return Loss(low)


def checked_number(value: object, name: str, largest: float) -> float:
    """A finite number in (0, largest]; booleans, text, NaN and infinities are refused."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadInput(f"{name} must be a number.", f'Write for example {{"loss": {{"{name}": 1}}}}.')
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput(f"{name} must be a finite number.", "Leave out NaN and infinities.")
    if not 0 < value <= largest:
        raise BadInput(f"{name} must be above 0 and at most {largest:g}.", "Choose a value in that range.")
    return float(value)


@lru_cache(maxsize=8192)
def _epsilon_of(nano_rho: int, delta: float) -> float:
    """min over alpha of rho*alpha + (log(1/delta) + (alpha-1)*log(1-1/alpha) - log(alpha)) / (alpha-1).

    Any alpha gives a valid bound, so a search that stops early only overstates the loss.
    """
    if not 0 < delta < 1:
        raise ValueError("delta must lie between 0 and 1")
    if nano_rho == 0:
        return 0.0
    rho, log_delta = nano_rho / NANO, math.log(delta)
    golden = (math.sqrt(5) - 1) / 2
    low, high = math.log(1e-4), math.log(1e8)

    def bound(log_offset: float) -> float:
        offset = math.exp(log_offset)
        alpha = 1 + offset
        return rho * alpha + (-log_delta + offset * math.log1p(-1 / alpha) - math.log(alpha)) / offset

    for _ in range(48):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if bound(left) < bound(right) else (left, high)
    return max(0.0, bound((low + high) / 2))
