"""People: who is born when, to whom, where they live, what they are called, and when that changes.

A block of people is a set of arrays, one entry a person. Households come first, so that siblings and twins share
surname, address and parent. Nothing here is dirty: the errors of files are made in `records`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic import names, places
from synthetic.numbers import social_security_numbers, statewide_student_identifiers

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

TWIN_RATE = 0.03
SIBLING_RATE = 0.22
MARRIED_NAME_RATE = 0.28
DOUBLE_SURNAME_RATE = 0.13
MOVED_RATE = 0.35
FOSTER_RATE = 0.006
DISABILITY_RATE = 0.13
NEVER = 9999


@dataclass
class People:
    """One block of people. `serial` numbers the person in the whole population: it is the true person."""

    serial: Ints
    household: Ints
    born: NDArray[np.datetime64]
    birth_year: Ints
    birth_month: Ints
    ethnicity: Ints
    female: Bools
    gender_x: Bools
    twin: Bools
    first: Ints
    middle: Ints
    last: Ints
    second_last: Ints
    married_last: Ints
    married_year: Ints
    suffix: names.Strings
    parent_first: Ints
    advantage: Floats
    ability: Floats
    disadvantaged: Bools
    moved_year: Ints
    county: Ints
    district: Ints
    moved_district: Ints
    house: Ints
    street: Ints
    moved_street: Ints
    ssn: Ints
    ssid: Ints
    phone: Ints
    arrived_year: Ints
    left_year: Ints
    foster: Bools
    disability: Bools

    def __len__(self) -> int:
        return len(self.serial)


def _birth_dates(rng: np.random.Generator, year: Ints, twin: Bools) -> NDArray[np.datetime64]:
    day = rng.integers(0, 365, len(year))
    dates: NDArray[np.datetime64] = year.astype("U4").astype("datetime64[D]") + day.astype("timedelta64[D]")
    follower = np.flatnonzero(twin)
    dates[follower] = dates[follower - 1]
    return dates


def _suffix(rng: np.random.Generator, female: Bools) -> names.Strings:
    suffix = np.array(["Jr", "II", "III"], dtype=object)[rng.integers(0, 3, len(female))]
    suffix[female | (rng.random(len(female)) >= 0.015)] = None
    return suffix


def people(rng: np.random.Generator, start: int, size: int, seed: int, last_year: int) -> People:
    """`size` people from serial number `start`, born in the 33 years that end four years before `last_year`."""
    draw = rng.random(size)
    twin = draw < TWIN_RATE / 2 / (1 - TWIN_RATE / 2)
    twin[0] = False
    twin[1:] &= ~twin[:-1]
    sibling = (draw < TWIN_RATE + SIBLING_RATE) & (np.arange(size) > 0)
    household = np.cumsum(~(sibling | twin)) - 1
    homes = int(household[-1]) + 1

    base_year = rng.integers(last_year - 36, last_year - 3, homes)[household]
    spread = np.where(sibling & ~twin, rng.integers(-5, 6, size), 0)
    year = np.clip(base_year + spread, last_year - 36, last_year - 4)
    born = _birth_dates(rng, year, twin)
    birth_year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    birth_month = born.astype("datetime64[M]").astype(np.int64) % 12 + 1

    home_ethnicity = rng.choice(len(names.ETHNICITIES), size=homes, p=names.ETHNICITY_SHARES)
    ethnicity = home_ethnicity[household]
    female = rng.random(size) < 0.49
    home_last = names.draw_last(rng, home_ethnicity)
    first = names.draw_first(rng, ethnicity, female)
    # Twins of one sex have two names: a second draw, and where it repeats, the middle name tells them apart.
    gap = np.array([0.0, 0.55, 0.65, 0.35, -0.15, -0.15, -0.05, 0.3, 0.0])[home_ethnicity]
    advantage = (gap + rng.normal(0, 1, homes))[household]
    disadvantaged = advantage + rng.normal(0, 0.4, size) < 0.35
    ability = 0.45 * advantage + rng.normal(0, 0.9, size)

    county = rng.choice(58, size=homes, p=places.COUNTY_SHARE)
    district = places.draw_district(rng, county)[household]
    county = county[household]
    moves = rng.random(size) < MOVED_RATE
    far = moves & (rng.random(size) < 0.4)
    new_county = np.where(far, rng.choice(58, size=size, p=places.COUNTY_SHARE), county)
    moved_district = np.where(moves, places.draw_district(rng, new_county), district)
    moved_year = np.where(moves, rng.integers(last_year - 10, last_year + 1, size), NEVER)

    marries = female & (rng.random(size) < MARRIED_NAME_RATE)
    married_year = np.where(marries, birth_year + rng.integers(22, 34, size), NEVER)
    double = (ethnicity == 0) & (rng.random(size) < DOUBLE_SURNAME_RATE / names.ETHNICITY_SHARES[0])
    serial = start + np.arange(size, dtype=np.int64)
    arrives = rng.random(size) < 0.15
    leaves = rng.random(size) < 0.10
    arrived_year = np.where(arrives, birth_year + rng.integers(3, 28, size), birth_year)
    return People(
        serial=serial, household=household + start, born=born, birth_year=birth_year, birth_month=birth_month,
        ethnicity=ethnicity, female=female, gender_x=rng.random(size) < 0.004, twin=twin,
        first=first, middle=names.draw_first(rng, ethnicity, female), last=home_last[household],
        second_last=np.where(double, names.draw_last(rng, ethnicity), -1),
        married_last=names.draw_last(rng, ethnicity), married_year=married_year,
        suffix=_suffix(rng, female),
        parent_first=names.draw_first(rng, home_ethnicity, np.ones(homes, dtype=bool))[household],
        advantage=advantage, ability=ability, disadvantaged=disadvantaged,
        moved_year=moved_year, county=county, district=district, moved_district=moved_district,
        house=rng.integers(1, 9900, homes)[household], street=rng.integers(0, len(places.STREETS), homes)[household],
        moved_street=rng.integers(0, len(places.STREETS), size),
        ssn=social_security_numbers(serial, seed), ssid=statewide_student_identifiers(serial, seed),
        phone=rng.integers(2_000_000, 9_999_999, homes)[household],
        arrived_year=arrived_year,
        left_year=np.where(leaves, np.maximum(arrived_year, birth_year + 5) + rng.integers(2, 20, size), NEVER),
        foster=rng.random(size) < FOSTER_RATE, disability=rng.random(size) < DISABILITY_RATE,
    )  # fmt: skip


def district_in(folk: People, person: Ints, year: Ints) -> Ints:
    """The district where a person lives in a year."""
    moved = year >= folk.moved_year[person]
    return np.where(moved, folk.moved_district[person], folk.district[person])


def present(folk: People, person: Ints, year: Ints) -> Bools:
    """Whether a person lives in California in a year: leavers are seen by their absence only."""
    return (year >= folk.arrived_year[person]) & (year < folk.left_year[person])
