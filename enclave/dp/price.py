"""What a question costs and how exact its answer will be, computed from public policy alone.

A **statistic** is one vector of integers over all cells that gets integer Gaussian noise once. Its *sensitivity* is
the largest L2 distance that adding or removing one person can make, given the contribution bound; its *scale* is
the noise's sigma, a whole number of 1/1024, rounded up. For the Gaussian, rho = sensitivity² / (2 sigma²)
(Bun and Steinke 2016, proposition 6; discrete: Canonne, Kamath and Steinke 2020, theorem 4).

A variance needs a count, a centred sum and a sum of squares. Groups that are learned from data need a count of
persons for the threshold, and a delta: one with k rows makes at most k new groups, each shown with at most delta/k.
Which engine releases the noise changes nothing here: both are charged by this module alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from enclave.core.errors import BadInput, Unprocessable
from enclave.dp import questions
from enclave.dp.loss import FEMTO, LARGEST_RHO, NANO, Loss, checked_number, from_epsilon, from_rho
from enclave.dp.policy import Column, TablePolicy
from enclave.dp.specification import Measure, Specification

Z95 = 1.959963984540054
STEPS = 1024
LARGEST_ERROR = 1e12
KEYS_DELTA = 1_000_000
"""Femto-delta of a question whose groups are learned from data: 10^-9."""
StatisticKind = Literal["persons", "rows", "filled", "sum", "centred", "squares", "bins"]
WITH_COUNT = frozenset({"centred", "squares"})
"""Statistics that get as much of an error target as the count of their mean."""


@dataclass(frozen=True)
class Statistic:
    """One noisy vector: of distinct persons, rows, rows with a value, sums, centred sums or squares, or bin counts."""

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
    learns_keys: bool = False

    @property
    def second_engine(self) -> bool:
        """Whether smartnoise-sql releases the answer: variances, and groups that are learned from data."""
        return self.learns_keys or any(item.kind in ("variance", "stddev") for item in self.specification.measures)

    @property
    def threshold(self) -> int | None:
        """Groups with a noisy count of persons above it are shown, where groups are learned from data.

        Of a group of one person it is passed with at most delta/k: the discrete Gaussian is above m at most as often
        as the continuous one is above m - 1 (Canonne, Kamath and Steinke 2020, proposition 25).
        """
        if not self.learns_keys:
            return None
        share = KEYS_DELTA / FEMTO / self.rows_per_person
        return 2 + math.ceil(self.of("persons").sigma * -NormalDist().inv_cdf(share))

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
    return _plan(specification, statistics, shares, bound, questions.learns_keys(specification, policy))


def price_at(specification: Specification, policy: TablePolicy, nano_rho: tuple[int, ...]) -> Plan:
    """The same plan again from its shares, as the research store rebuilds it from a signed job."""
    questions.check(specification, policy)
    bound = questions.rows_per_person(specification, policy)
    statistics = _statistics(specification, policy, bound)
    if len(nano_rho) != len(statistics):
        raise Unprocessable("The price does not fit the question.", "Ask for the price again.")
    shares = [Loss(share) for share in nano_rho]
    return _plan(specification, statistics, shares, bound, questions.learns_keys(specification, policy))


def _plan(
    specification: Specification, statistics: tuple[Statistic, ...], shares: list[Loss], bound: int, learns_keys: bool
) -> Plan:
    total = sum(shares, Loss(0, KEYS_DELTA if learns_keys else 0))
    if min(shares).nano_rho == 0 or total.nano_rho > LARGEST_RHO * NANO:
        raise BadInput("The wanted exactness cannot be bought.", "Choose a larger error or another epsilon.")
    priced = tuple(Priced(item, share) for item, share in zip(statistics, shares, strict=True))
    return Plan(specification, priced, bound, total, learns_keys)


def _statistics(specification: Specification, policy: TablePolicy, bound: int) -> tuple[Statistic, ...]:
    found: dict[tuple[str, str | None], Statistic] = {}
    groups = questions.groups_per_person(specification, bound)
    if questions.learns_keys(specification, policy):
        found["persons", None] = Statistic("persons", None, groups)
    for measure in specification.measures:
        for item in _of_measure(measure, policy, bound, groups):
            found.setdefault((item.kind, item.column), item)
    return tuple(found.values())


def _of_measure(measure: Measure, policy: TablePolicy, bound: int, groups: int) -> tuple[Statistic, ...]:
    if measure.kind == "count_persons":
        return (Statistic("persons", None, groups),)
    if measure.kind == "count_rows":
        return (Statistic("rows", None, bound**2),)
    column = policy.column(measure.column or "")
    if measure.kind == "sum":
        largest = bound * max(abs(column.low), abs(column.high))
        return (Statistic("sum", measure.column, largest**2, column.scale),)
    if measure.kind in ("mean", "variance", "stddev"):
        return tuple(_moments(measure, column, bound))
    return (Statistic("bins", measure.column, bound**2),)


def _moments(measure: Measure, column: Column, bound: int) -> Iterator[Statistic]:
    """The count, the centred sum and, of a variance, the sum of squares of a column."""
    spread = max(column.high - column.middle, column.middle - column.low)
    yield Statistic("filled", measure.column, bound**2)
    yield Statistic("centred", measure.column, (bound * spread) ** 2, column.scale)
    if measure.kind != "mean":
        yield Statistic("squares", measure.column, (bound * spread**2) ** 2, column.scale**2)


def _shares_for_error(statistics: tuple[Statistic, ...], error: float) -> list[Loss]:
    """Counts and sums get what the error needs; centred sums and squares as much as their count."""
    shares = {item: item.loss_for(error) for item in statistics if item.kind not in WITH_COUNT}
    by_column = {item.column: loss for item, loss in shares.items() if item.kind == "filled"}
    return [shares.get(item) or by_column[item.column] for item in statistics]


def _ceil_sqrt(value: int) -> int:
    root = math.isqrt(value)
    return root if root * root == value else root + 1
