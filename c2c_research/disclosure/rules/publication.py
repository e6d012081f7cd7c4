"""The publication score: may a public table show counts below 11? From events, population, age, race, place, time.

A table whose smallest count is at least 11 (zeros are shown) in a population of at least 20,000 needs no score. Else
points are added; up to 12 all is released unmasked, above it counts of 1 to 10 are masked. High-risk groups are always
masked below 11. Source: CalHHS Data De-Identification Guidelines, edition 2.0, section 6.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from c2c_research.disclosure.context import Publication

_Steps = Sequence[tuple[float, int]]

# (from this size on, points), largest first
EVENTS: _Steps = ((1000, 2), (100, 3), (11, 5), (0, 7))
AGE_RANGE: _Steps = ((30, 1), (11, 2), (6, 3), (3, 5), (1, 7))
RACE_GROUPS: _Steps = ((6, 3), (1, 2))
# (more persons than this live there, points)
GEOGRAPHY: _Steps = (
    (2_000_000, -5), (1_000_000, -3), (560_000, -1), (250_000, 0), (100_000, 1), (50_000, 3), (20_000, 4), (4_000, 5),
    (-1, 7),
)  # fmt: skip
MONTHS: _Steps = ((60, -5), (24, -3), (12, 0), (6, 3), (3, 4), (0, 5))
MORE_VARIABLES = {1: 1, 2: 2, 3: 4}
FEW_VARIABLES: _Steps = ((5, -5), (3, -3), (0, 0))


def score(smallest: int, said: Publication) -> int:
    """The sum of all points. `smallest` is the least count above zero of the table; every field has to be declared."""
    return sum(points(smallest, said).values())


def points(smallest: int, said: Publication) -> dict[str, int]:
    """Points by field, as the guidelines' worksheet lists them."""
    return {
        "events": _from(EVENTS, smallest),
        "age range": _from(AGE_RANGE, said.age_range) if said.age_range > 0 else 0,
        "race groups": _from(RACE_GROUPS, said.race_groups) if said.race_groups > 0 else 0,
        "geography": next(each for size, each in GEOGRAPHY if said.geography > size),
        "time": _from(MONTHS, said.months),
        "interactions": _interactions(smallest, said.interactions),
    }


def _interactions(smallest: int, further: int) -> int:
    """Events, time and place alone take points away, the more the larger the least count; further variables add."""
    return MORE_VARIABLES[min(further, 3)] if further > 0 else _from(FEW_VARIABLES, smallest)


def _from(steps: _Steps, size: float) -> int:
    return next((each for least, each in steps if size >= least), steps[-1][1])
