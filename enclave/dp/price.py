"""What a question costs and how exact its answer will be, computed from public policy alone.

A **statistic** is one vector of integers over all cells that gets integer Gaussian noise once. Its *sensitivity* is
the largest L2 distance that adding or removing one person can make, given the contribution bound; its *scale* is
the noise's sigma, a whole number of 1/1024, rounded up. For the Gaussian, rho = sensitivity² / (2 sigma²)
(Bun and Steinke 2016, proposition 6; discrete: Canonne, Kamath and Steinke 2020, theorem 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from enclave.core.errors import BadInput, Unprocessable
from enclave.dp import questions
from enclave.dp.loss import LARGEST_RHO, NANO, Loss, checked_number, from_epsilon, from_rho
from enclave.dp.policy import TablePolicy
from enclave.dp.specification import Measure, Specification

Z95 = 1.959963984540054
STEPS = 1024
LARGEST_ERROR = 1e12
StatisticKind = Literal["persons", "rows", "filled", "sum", "centred", "bins"]


@dataclass(frozen=True)
class Statistic:
    """One noisy vector: of distinct persons, rows, rows with a value, sums, centred sums or bin counts."""

    kind: StatisticKind
    column: str | None
    squared_sensitivity: int
    unit: int = 1

    def scale_steps(self, loss: Loss) -> int:
        """Sigma in 1/1024 for a loss, rounded up: never less noise than is paid for."""
        numerator = self.squared_sensitivity * NANO * STEPS**2
        return _ceil_sqrt(-(-numerator // (2 * loss.nano_rho)))

    def loss_for(self, half_width: float) -> Loss:
        """The smallest loss whose 95 % half-width is at most `half_width`, in the statistic's natural unit."""
        whole = math.floor(half_width * self.unit)
        if whole < 1:
            raise BadInput("This error is too small.", "Ask for an error of at least 1.")
        steps = math.floor((whole + 0.5) / Z95 * STEPS) - 1
        return Loss(-(-self.squared_sensitivity * NANO * STEPS**2 // (2 * steps**2)))


@dataclass(frozen=True)
class Priced:
    """A statistic with its share of the loss."""

    statistic: Statistic
    loss: Loss

    @property
    def sigma(self) -> float:
        return self.statistic.scale_steps(self.loss) / STEPS

    @property
    def half_width(self) -> int:
        """Half of the 95 % interval, in integers as they are noised."""
        return max(0, math.ceil(Z95 * self.sigma - 0.5))


@dataclass(frozen=True)
class Plan:
    """A priced question: every statistic once, and the loss of all."""

    specification: Specification
    statistics: tuple[Priced, ...]
    rows_per_person: int
    loss: Loss

    def of(self, kind: StatisticKind, column: str | None = None) -> Priced:
        return next(item for item in self.statistics if (item.statistic.kind, item.statistic.column) == (kind, column))


def price(specification: Specification, policy: TablePolicy, wanted: tuple[str, object]) -> Plan:
    """Check a question against the policy and price it. Touches no data."""
    questions.check(specification, policy)
    bound = questions.rows_per_person(specification, policy)
    statistics = _statistics(specification, policy, bound)
    name, value = wanted
    if name == "error":
        error = checked_number(value, "error", LARGEST_ERROR)
        shares = _shares_for_error(statistics, error)
    else:
        whole = from_rho(value) if name == "rho" else from_epsilon(value)
        shares = [whole.parts(len(statistics))] * len(statistics)
    return _plan(specification, statistics, shares, bound)


def price_at(specification: Specification, policy: TablePolicy, nano_rho: tuple[int, ...]) -> Plan:
    """The same plan again from its shares, as the research store rebuilds it from a signed job."""
    questions.check(specification, policy)
    bound = questions.rows_per_person(specification, policy)
    statistics = _statistics(specification, policy, bound)
    if len(nano_rho) != len(statistics):
        raise Unprocessable("The price does not fit the question.", "Ask for the price again.")
    return _plan(specification, statistics, [Loss(share) for share in nano_rho], bound)


def _plan(specification: Specification, statistics: tuple[Statistic, ...], shares: list[Loss], bound: int) -> Plan:
    total = sum(shares, Loss(0))
    if min(shares).nano_rho == 0 or total.nano_rho > LARGEST_RHO * NANO:
        raise BadInput("The wanted exactness cannot be bought.", "Choose a larger error or another epsilon.")
    priced = tuple(Priced(item, share) for item, share in zip(statistics, shares, strict=True))
    return Plan(specification, priced, bound, total)


def _statistics(specification: Specification, policy: TablePolicy, bound: int) -> tuple[Statistic, ...]:
    found: dict[tuple[str, str | None], Statistic] = {}
    for measure in specification.measures:
        for item in _of_measure(measure, policy, bound, grouped=bool(specification.by)):
            found.setdefault((item.kind, item.column), item)
    return tuple(found.values())


def _of_measure(measure: Measure, policy: TablePolicy, bound: int, grouped: bool) -> tuple[Statistic, ...]:
    if measure.kind == "count_persons":
        return (Statistic("persons", None, bound if grouped else 1),)
    if measure.kind == "count_rows":
        return (Statistic("rows", None, bound**2),)
    column = policy.column(measure.column or "")
    if measure.kind == "sum":
        largest = bound * max(abs(column.low), abs(column.high))
        return (Statistic("sum", measure.column, largest**2, column.scale),)
    if measure.kind == "mean":
        spread = bound * max(column.high - column.middle, column.middle - column.low)
        return (
            Statistic("filled", measure.column, bound**2),
            Statistic("centred", measure.column, spread**2, column.scale),
        )
    return (Statistic("bins", measure.column, bound**2),)


def _shares_for_error(statistics: tuple[Statistic, ...], error: float) -> list[Loss]:
    """Counts and sums get what the error needs; a centred sum as much as the count of its mean."""
    shares = {item: item.loss_for(error) for item in statistics if item.kind != "centred"}
    by_column = {item.column: loss for item, loss in shares.items() if item.kind == "filled"}
    return [shares.get(item) or by_column[item.column] for item in statistics]


def _ceil_sqrt(value: int) -> int:
    root = math.isqrt(value)
    return root if root * root == value else root + 1
