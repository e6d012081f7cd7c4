"""What is planted: effects that a researcher should find again, and cells that a disclosure check should catch.

All constants of the plan stand here; the other modules read them and `truth.json` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synthetic import places
from synthetic.population import NEVER, People

if TYPE_CHECKING:
    from synthetic.college import Spell
    from synthetic.schooling import Schooling
    from synthetic.tables import Rows

PROMISE_POINTS = 3.0
PROMISE_FIRST_YEAR = 2021
TK_SCORE_EFFECT = 12.0
EQUITY_GAP_SCORE = 22.0
EQUITY_GAP_COLLEGE_POINTS = 9.0
GENDER_PAY_GAP_LOG = 0.11

ALL_MET_YEAR = 2023
SINGLE_EMPLOYER_SPELLS = 12
ADULT_DIPLOMA, NO_DIPLOMA = 3, 4
TINY_STUDENTS, TINY_FOSTER, NEIGHBOUR_STUDENTS = 8, 2, 30


@cache
def promise_districts() -> NDArray[np.bool_]:
    """Districts that offer the College Promise to graduating classes from 2021: about half of those not small."""
    here = places.geography()
    rng = np.random.default_rng(1965)
    return (rng.random(len(here.district_county)) < 0.5) & ~here.district_small


def plant_tiny_district(folk: People, last_year: int) -> None:
    """Put a handful of the first people into Alpine county: eight in its tiny district, two of them in foster care.

    The county has one other district, so a county table minus a district table shows the tiny one.
    """
    here = slice(0, TINY_STUDENTS + NEIGHBOUR_STUDENTS)
    count = TINY_STUDENTS + NEIGHBOUR_STUDENTS
    year = last_year - 8 - np.arange(count) % 7
    folk.birth_year[here], folk.birth_month[here] = year, 3
    folk.born[here] = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + np.timedelta64(70, "D")
    folk.county[here] = places.ALPINE
    folk.district[here] = places.tiny_district() - 1
    folk.district[:TINY_STUDENTS] = places.tiny_district()
    folk.moved_year[here], folk.left_year[here] = NEVER, NEVER
    folk.arrived_year[here] = year
    folk.foster[here] = np.arange(count) < TINY_FOSTER


def plant_one_person(path: Schooling, last_year: int) -> None:
    """Give one completer of an early class the only adult diploma in the state: a dummy for one person."""
    candidates = np.flatnonzero((path.finish_year == last_year - 2) & (path.completion == 0))
    path.completion[candidates[-1:]] = ADULT_DIPLOMA


@dataclass
class Means:
    """Sums and counts of a measure in groups, over blocks."""

    total: NDArray[np.float64]
    count: NDArray[np.float64]

    @classmethod
    def of(cls, *shape: int) -> Means:
        return cls(np.zeros(shape), np.zeros(shape))

    def add(self, groups: tuple[NDArray[Any], ...], values: NDArray[Any]) -> None:
        where = tuple(group.astype(np.int64) for group in groups)
        np.add.at(self.total, where, values)
        np.add.at(self.count, where, 1)

    @property
    def mean(self) -> NDArray[np.float64]:
        return self.total / np.maximum(self.count, 1)


@dataclass
class Tally:
    """The planted effects as they came out in the clean population, before records and errors."""

    enrolled: Means = field(default_factory=lambda: Means.of(2, 2))
    enrolled_by_means: Means = field(default_factory=lambda: Means.of(2))
    score_by_means: Means = field(default_factory=lambda: Means.of(2))
    log_pay_by_sex: Means = field(default_factory=lambda: Means.of(2))

    def add(self, folk: People, path: Schooling, stays: Spell, scores: Rows, wages: Rows, last_year: int) -> None:
        """Count a block: classes whose fall after graduation is in the data, test scores, quarterly pay."""
        direct = np.zeros(len(folk), dtype=bool)
        first = stays.first_time & (stays.system == 0)
        person = stays.person[first]
        direct[person] = stays.first[first] == path.finish_year[person] + 1
        counted = (path.finish_year > last_year - 10) & (path.finish_year < last_year)
        rows = np.flatnonzero(counted & (path.completion != NO_DIPLOMA))
        offers = promise_districts()[path.home_district[rows]]
        self.enrolled.add((offers, path.finish_year[rows] >= PROMISE_FIRST_YEAR), direct[rows])
        self.enrolled_by_means.add((folk.disadvantaged[rows],), direct[rows])
        self.score_by_means.add((folk.disadvantaged[scores.person],), scores.columns["scale_score"])
        self.log_pay_by_sex.add((folk.female[wages.person],), np.log(wages.columns["earnings"]))

    def promise_points(self) -> float:
        """Difference in differences of direct enrolment in a community college, in points."""
        rate = 100 * self.enrolled.mean
        return float((rate[1, 1] - rate[1, 0]) - (rate[0, 1] - rate[0, 0]))


def _gap(means: Means, scale: float = 1.0) -> float:
    return round(float(means.mean[1] - means.mean[0]) * scale, 3)


def plan(
    persons: int, seed: int, years: list[int], tally: Tally, bad_rows: Mapping[tuple[str, int, str], int]
) -> dict[str, Any]:
    """The content of `truth.json`."""
    here = places.geography()
    tiny = places.tiny_district()
    return {
        "persons": persons, "seed": seed, "years": years,
        "effects": {
            "college_promise": {
                "points": PROMISE_POINTS, "realised_points": round(tally.promise_points(), 2),
                "outcome": "first enrolment in ccc in the academic year after grade 12",
                "design": "difference in differences: districts with promise_offered = Y in some year against others, "
                          f"classes before {PROMISE_FIRST_YEAR} against classes from {PROMISE_FIRST_YEAR}",
            },
            "kindergarten_cutoff": {
                "scale_points": TK_SCORE_EFFECT,
                "outcome": "k12_assessment.scale_score of children with a TK year",
                "design": "age cut-off: born from 2 September (85 % of those born to 2 December take TK) against born "
                          "before; kindergarten from academic year 2013 on",
            },
            "equity_gaps": {
                "scale_score": {"of": "economically_disadvantaged", "direct_effect": -EQUITY_GAP_SCORE,
                                "realised_difference": _gap(tally.score_by_means)},
                "enrolment_in_ccc_points": {"of": "economically_disadvantaged",
                                            "direct_effect": -EQUITY_GAP_COLLEGE_POINTS,
                                            "realised_difference": _gap(tally.enrolled_by_means, 100)},
                "log_earnings": {"of": "women", "direct_effect": -GENDER_PAY_GAP_LOG,
                                 "realised_difference": _gap(tally.log_pay_by_sex)},
            },
        },
        "traps": {
            "one_person_dummy": {"table": "k12_completion", "column": "completion_type", "value": "adult_diploma",
                                 "persons": 1},
            "foster_in_tiny_district": {"table": "k12_enrollment", "district_code": str(here.district_code[tiny]),
                                        "academic_year": years[-1], "students": TINY_STUDENTS, "foster": TINY_FOSTER},
            "linked_tables": {"table": "k12_enrollment", "county_code": str(places.COUNTIES[places.ALPINE]),
                              "district_codes": [str(here.district_code[tiny - 1]), str(here.district_code[tiny])],
                              "why": "the county's total minus the larger district's shows the tiny one"},
            "single_employer": {"table": "ui_wage", "naics": "21", "county_code": str(places.COUNTIES[places.TRINITY]),
                                "employers": 1},
            "hundred_percent_group": {"table": "k12_completion", "academic_year": ALL_MET_YEAR, "column": "a_g_met",
                                      "district_code": str(here.district_code[here.first_of_county[places.SAN_DIEGO]]),
                                      "among": "completion_type = diploma"},
        },
        "bad_rows": {"/".join(map(str, key)): count for key, count in sorted(bad_rows.items())},
    }  # fmt: skip
