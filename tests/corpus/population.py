"""A small simulated state: students, their years after school, jobs and services.

Small groups arise by themselves: rare races, small districts, foster youth, small programmes. Everything is drawn with one fixed seed.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

SEED = 20261124
PERSONS = 48_000

COUNTIES = [
    "Los Angeles",
    "Fresno",
    "Kern",
    "Merced",
    "Shasta",
    "Humboldt",
    "Yolo",
    "Imperial",
    "Tehama",
    "Glenn",
    "Inyo",
    "Alpine",
]
TOWNS = ["Oak Valley", "Rio Seco", "Pine Ridge", "Del Sol", "Harbor View", "Mesa Verde", "San Anselm", "Clearwater", "Redwood", "Almond",
         "Santa Petra", "Lakeshore", "Copper Hill", "Willow Creek", "Buena Loma", "Sierra Vista", "Lone Oak", "Twin Rivers", "Foothill",
         "Bay Crest", "Palo Seco", "Cedar Flat"]  # fmt: skip
KINDS = ["Unified", "Union High", "Joint Unified", "City Schools"]
RACES = {"Hispanic or Latino": 0.55, "White": 0.215, "Asian": 0.09, "African American": 0.054, "Two or More Races": 0.045,
         "Filipino": 0.025, "Not Reported": 0.012, "American Indian or Alaska Native": 0.005, "Pacific Islander": 0.004}  # fmt: skip
PROGRAMS = ["Health Science", "Information Technology", "Agriculture", "Building Trades", "Hospitality", "Public Services", "Engineering",
            "Business & Finance", "Arts & Media", "Education", "Energy", "Fashion", "Marine Technology", "Transportation"]  # fmt: skip
MAJORS = ["Business", "Nursing", "Biology", "Psychology", "Computer Science", "Liberal Studies", "Kinesiology", "History", "Music",
          "Philosophy", "Viticulture", "Geology"]  # fmt: skip
INDUSTRIES = {"Accommodation and Food": 24_000, "Health Care": 46_000, "Retail Trade": 31_000, "Construction": 52_000,
              "Information": 88_000, "Manufacturing": 57_000, "Educational Services": 49_000, "Agriculture": 33_000,
              "Utilities": 93_000, "Mining": 81_000}  # fmt: skip
SECTORS = ["Community college", "CSU", "UC", "Private or out of state", "None found"]


def _spread(rng: np.random.Generator, names: list[str], power: float) -> np.ndarray:
    weights = 1.0 / np.arange(1, len(names) + 1) ** power
    return rng.choice(np.array(names, dtype=object), PERSONS, p=weights / weights.sum())


@cache
def people() -> pd.DataFrame:
    """One row a person; the columns are what a linked extract would hold."""
    rng = np.random.default_rng(SEED)
    districts = [f"{town} {KINDS[i % 4]}" for i, town in enumerate(TOWNS)]
    county_of = {d: COUNTIES[min(int(i**1.2 / 3), 11)] for i, d in enumerate(districts)}
    frame = pd.DataFrame({"person_id": 10**8 + rng.choice(9 * 10**8, PERSONS, replace=False)})
    frame["district"] = _spread(rng, districts, 1.05)
    frame["county"] = frame["district"].map(county_of)
    frame["school"] = (
        frame["district"].str.split().str[0] + " High " + pd.Series(rng.integers(1, 4, PERSONS)).astype(str)
    )
    frame["race"] = rng.choice(np.array(list(RACES), dtype=object), PERSONS, p=list(RACES.values()))
    frame["gender"] = rng.choice(["Female", "Male", "Nonbinary"], PERSONS, p=[0.492, 0.504, 0.004])
    frame["cohort"] = rng.choice(np.arange(2014, 2022), PERSONS)
    frame["grade"] = rng.integers(9, 13, PERSONS)
    for name, share in {
        "foster": 0.006,
        "homeless": 0.035,
        "migrant": 0.009,
        "sed": 0.58,
        "el": 0.17,
        "swd": 0.13,
        "calfresh": 0.21,
    }.items():
        frame[name] = rng.random(PERSONS) < share
    frame["program"] = _spread(rng, PROGRAMS, 1.1)
    frame["major"] = _spread(rng, MAJORS, 1.2)
    frame["industry"] = _spread(rng, list(INDUSTRIES), 0.9)
    frame["gpa"] = np.clip(rng.normal(2.85, 0.6, PERSONS), 0.4, 4.0).round(2)
    ready = 1 / (1 + np.exp(-(2.1 + 0.8 * (frame["gpa"] - 2.8) - 0.9 * frame["foster"] - 0.5 * frame["homeless"])))
    frame["graduated"] = rng.random(PERSONS) < ready
    frame["sector"] = rng.choice(SECTORS, PERSONS, p=[0.35, 0.13, 0.07, 0.06, 0.39])
    frame["enrolled"] = frame["sector"] != "None found"
    frame["wage"] = (
        frame["industry"].map(INDUSTRIES) * np.exp(rng.normal(0, 0.55, PERSONS)) * (1 + 0.12 * (frame["gpa"] - 2.8))
    ).round(2)
    frame["employer"] = (
        frame["industry"].str[:3].str.upper()
        + "-"
        + pd.Series((rng.pareto(0.75, PERSONS) * 3).astype(int).clip(0, 60)).astype(str)
    )
    frame["days_absent"] = rng.poisson(7, PERSONS)
    frame["months"] = np.minimum(rng.geometric(0.035, PERSONS), 72)
    return frame


LABELS = {"district": "District", "county": "County", "school": "School", "race": "Race/Ethnicity", "gender": "Gender", "cohort": "Cohort",
          "grade": "Grade", "program": "CTE pathway", "major": "Major", "industry": "Industry", "sector": "Postsecondary sector",
          "foster": "Foster youth", "homeless": "Homeless", "migrant": "Migrant", "sed": "Socioeconomically disadvantaged",
          "el": "English learner", "swd": "Students with disabilities", "graduated": "Graduated", "enrolled": "Enrolled in college",
          "calfresh": "CalFresh"}  # fmt: skip
"""How a report would head each variable."""

BREADTH = [
    "sed",
    "sector",
    "cohort",
    "grade",
    "gender",
    "el",
    "program",
    "race",
    "major",
    "industry",
    "county",
    "district",
    "school",
    "migrant",
    "foster",
]
"""Variables to cross, from broad groups to narrow ones."""
