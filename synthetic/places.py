"""Where things happen: 58 real counties, about 1,000 invented districts, schools, colleges and employers.

The map is the same for every seed, so that two synthetic Californias can be compared. County populations are rounded
shares of the state's; every district, school, college and employer is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Strings = NDArray[np.object_]


def _words(text: str) -> list[str]:
    return text.split()


# Thousands of inhabitants, rounded, in the order of the county codes 01 to 58.
_COUNTY_WEIGHT = np.array([
    1640, 1, 41, 208, 46, 22, 1160, 27, 191, 1010, 28, 135, 180, 19, 910, 152, 68, 31, 9830, 158, 258, 17, 90, 286, 9,
    13, 433, 136, 102, 3160, 412, 19, 2430, 1590, 66, 2190, 3280, 840, 787, 281, 745, 444, 1900, 268, 181, 3, 44,
    450, 485,    553, 99, 65, 16, 475, 55, 838, 217, 83,
], dtype=float)  # fmt: skip
COUNTIES: Strings = np.array([f"{code:02d}" for code in range(1, 59)], dtype=object)
COUNTY_SHARE: NDArray[np.float64] = _COUNTY_WEIGHT / _COUNTY_WEIGHT.sum()

_PLACE_STEMS = _words("""
    Alder Arroyo Bay Canyon Cedar Coast Creek Desert Eagle Foothill Golden Granite Harbor Hidden Juniper Lake
    Laurel Lupine Madrone Manzanita Meadow Mesa Mission Oak Olive Orchard Pacific Palm Pine Poppy Quail
    Redwood Ridge River Sage Sequoia Sierra Summit Sunset Sycamore Valley Vista Willow Vineyard""")
_PLACE_ENDINGS = _words("Flats Grove Heights Hills Hollow Junction Landing Park Point Springs Terrace View Verde Wells")
_STREETS = [f"{stem} {kind}" for kind in ("St", "Ave", "Rd", "Ln", "Dr", "Ct", "Way", "Blvd") for stem in _PLACE_STEMS]
STREETS: Strings = np.array(_STREETS, dtype=object)

ALPINE, SAN_DIEGO, TRINITY = 1, 36, 52  # positions of the counties that carry planted traps


@dataclass(frozen=True)
class Geography:
    """Districts and schools, by position: district → county, weight, schools."""

    district_county: Ints
    district_weight: NDArray[np.float64]
    district_code: Strings
    district_small: NDArray[np.bool_]
    first_of_county: Ints
    cities: Strings
    zips: Ints
    schools: Ints


@cache
def geography() -> Geography:
    """The map: each county has one district at least, the rest by population; half of all are small."""
    rng = np.random.default_rng(1850)
    extra = 972  # what makes 1,000 with one a county after rounding down
    count = 1 + np.floor(COUNTY_SHARE**0.72 / (COUNTY_SHARE**0.72).sum() * extra).astype(np.int64)
    count[ALPINE] = 2
    county = np.repeat(np.arange(58), count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    rank = np.arange(len(county)) - first[county]
    small = rank >= np.ceil(count[county] / 2)
    small |= (county == ALPINE) & (rank == 1)
    weight = np.where(small, 0.012, 1.0) / (rank + 1.5) * rng.uniform(0.7, 1.3, len(county))
    code = np.array([f"{c + 1:02d}{60000 + i * 7:05d}" for i, c in enumerate(county)], dtype=object)
    names = [f"{a} {b}" for b in _PLACE_ENDINGS for a in _PLACE_STEMS]
    cities = np.array([names[(i * 7) % len(names)] for i in range(len(county))], dtype=object)
    zips = 90001 + np.arange(len(county)) * 6
    schools = np.where(small, 2, np.clip(np.round(COUNTY_SHARE[county] * 400 / (rank + 2)), 3, 60)).astype(np.int64)
    return Geography(county, weight, code, small, first, cities, zips, schools)


def draw_district(rng: np.random.Generator, county: Ints) -> Ints:
    """A district of each county, by its weight."""
    places = geography()
    out = np.zeros(len(county), dtype=np.int64)
    for c in np.unique(county):
        rows = np.flatnonzero(county == c)
        members = np.flatnonzero(places.district_county == c)
        weights = places.district_weight[members]
        out[rows] = members[rng.choice(len(members), size=len(rows), p=weights / weights.sum())]
    return out


def tiny_district() -> int:
    """The position of the tiny district that carries the foster trap: the second of Alpine's two."""
    return int(geography().first_of_county[ALPINE]) + 1


COLLEGES = {
    "ccc": np.array([str(110000 + 11 * i) for i in range(116)], dtype=object),
    "csu": np.array([str(120000 + 13 * i) for i in range(23)], dtype=object),
    "uc": np.array([str(130000 + 17 * i) for i in range(9)], dtype=object),
    "nsc": np.array([str(140000 + 19 * i) for i in range(150)], dtype=object),
}
NSC_STATES: Strings = np.array(["CA"] * 60 + ["AZ", "NV", "OR", "WA", "TX", "NY", "UT", "CO", "MA"] * 10, dtype=object)

NAICS: Strings = np.array(_words("11 21 22 23 31 42 44 48 51 52 53 54 56 61 62 71 72 81 92"), dtype=object)
_NAICS_WEIGHT = np.array([3, 0.2, 0.5, 5, 8, 4, 11, 5, 3, 4, 2, 8, 7, 9, 13, 2, 11, 4, 5], dtype=float)
NAICS_PAY: NDArray[np.float64] = np.array(
    [-0.25, 0.3, 0.4, 0.1, 0.1, 0.1, -0.25, 0.0, 0.5, 0.35, 0.05, 0.4, -0.1, 0.0, 0.05, -0.2, -0.35, -0.15, 0.2]
)


@dataclass(frozen=True)
class Employers:
    """Employers by position: account number, industry, county, and a size that falls off as Zipf's law."""

    key: Strings
    naics: Ints
    county: Ints
    cumulative: NDArray[np.float64]


@cache
def employers(count: int) -> Employers:
    """`count` employers; the last one is the single mining employer of Trinity county."""
    rng = np.random.default_rng(1849)
    key = np.array([f"{20_000_000 + 37 * i:08d}" for i in range(count)], dtype=object)
    allowed = np.where(NAICS == "21", 0.0, _NAICS_WEIGHT)
    naics = rng.choice(len(NAICS), size=count, p=allowed / allowed.sum())
    county = rng.choice(58, size=count, p=COUNTY_SHARE)
    weight = 1.0 / (np.arange(count) + 2.0)
    naics[-1], county[-1] = int(np.flatnonzero(NAICS == "21")[0]), TRINITY
    weight[-1] = weight.sum() * 0.0008
    return Employers(key, naics, county, np.cumsum(weight) / weight.sum())


def draw_employer(rng: np.random.Generator, pool: Employers, size: int) -> Ints:
    """Positions of employers, by size."""
    return np.minimum(np.searchsorted(pool.cumulative, rng.random(size)), len(pool.key) - 1).astype(np.int64)
