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
from synthetic.population import NEVER, Ints, People

if TYPE_CHECKING:
    from synthetic.college import Spell
    from synthetic.schooling import Schooling

PROMISE_POINTS = 3.0
PROMISE_FIRST_YEAR = 2021
TK_SCORE_EFFECT = 12.0
EQUITY_GAP_SCORE = 22.0
EQUITY_GAP_COLLEGE_POINTS = 9.0
GENDER_PAY_GAP_LOG = 0.11

ALL_MET_YEAR = 2023
SINGLE_EMPLOYER_SPELLS = 12
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


@dataclass
class Tally:
    """Counts over the clean population, by College Promise district and period: graduates, and how many enrolled."""

    graduates: Ints = field(default_factory=lambda: np.zeros((2, 2), dtype=np.int64))
    enrolled: Ints = field(default_factory=lambda: np.zeros((2, 2), dtype=np.int64))

    def add(self, folk: People, path: Schooling, stays: Spell, last_year: int) -> None:
        """Count the classes of a block whose fall after graduation is in the data."""
        direct = np.zeros(len(folk), dtype=bool)
        first = stays.first_time & (stays.system == 0)
        person = stays.person[first]
        direct[person] = stays.first[first] == path.finish_year[person] + 1
        rows = np.flatnonzero(
            (path.finish_year > last_year - 10) & (path.finish_year < last_year) & (path.completion != 4)
        )
        treated = promise_districts()[path.home_district[rows]].astype(np.int64)
        after = (path.finish_year[rows] >= PROMISE_FIRST_YEAR).astype(np.int64)
        np.add.at(self.graduates, (treated, after), 1)
        np.add.at(self.enrolled, (treated, after), direct[rows].astype(np.int64))

    def promise_effect(self) -> float:
        """Difference in differences of direct enrolment in a community college, in points."""
        rate = 100.0 * self.enrolled / np.maximum(self.graduates, 1)
        return float((rate[1, 1] - rate[1, 0]) - (rate[0, 1] - rate[0, 0]))


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
                "points": PROMISE_POINTS, "realised_points": round(tally.promise_effect(), 2),
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
                "scale_points_economically_disadvantaged": -EQUITY_GAP_SCORE,
                "college_points_economically_disadvantaged": -EQUITY_GAP_COLLEGE_POINTS,
                "log_earnings_women": -GENDER_PAY_GAP_LOG,
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
