"""From birth to grade 12: early learning, enrolment by year, tests and completion.

California's rule of age: a child who turns five by 1 September starts kindergarten; one born from 2 September to
2 December may start transitional kindergarten (TK) instead and kindergarten a year later. TK carries a planted effect
on test scores (see `truths`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic import places
from synthetic.names import ETHNICITIES
from synthetic.numbers import padded
from synthetic.population import Bools, Floats, Ints, People, district_in, present
from synthetic.tables import Rows, coded, spans, yes_no
from synthetic.truths import (
    ALL_MET_YEAR,
    EQUITY_GAP_SCORE,
    NO_DIPLOMA,
    PROMISE_FIRST_YEAR,
    TK_SCORE_EFFECT,
    promise_districts,
)

GRADES = ["TK", "KG", *[f"{g:02d}" for g in range(1, 13)]]
GRADUATE, GED, CERTIFICATE = range(3)  # then ADULT_DIPLOMA, NO_DIPLOMA of `truths`
COMPLETIONS = ["diploma", "ged", "certificate", "adult_diploma", "none"]
INCOME_BANDS = ["0-25", "25-50", "50-75", "75-85"]
EXITS = ["completed_year", "transferred", "left_state", "dropped_out", "graduated"]


@dataclass
class Schooling:
    """What school did for each person of a block: years are academic years, by their spring."""

    kindergarten_year: Ints
    tk: Bools
    first_year: Ints
    last_year: Ints
    dropped: Bools
    finish_year: Ints
    completion: Ints
    gpa: Floats
    a_g: Bools
    promise: Bools
    home_district: Ints


def ethnic_labels(folk: People, person: Ints) -> Any:
    return coded(list(ETHNICITIES), folk.ethnicity[person])


def gender_labels(folk: People, person: Ints) -> Any:
    return coded(["F", "M", "X"], np.where(folk.gender_x[person], 2, np.where(folk.female[person], 0, 1)))


def schooling(rng: np.random.Generator, folk: People) -> Schooling:
    """When each person starts, where the path ends, and with what."""
    size = len(folk)
    month_day = (folk.born - folk.born.astype("datetime64[Y]")).astype(np.int64)
    late = month_day >= 244  # after 1 September
    kindergarten = folk.birth_year + 6 + late
    tk = (month_day >= 244) & (month_day <= 336) & (rng.random(size) < 0.85) & (kindergarten >= 2013)
    retained = rng.random(size) < 0.03
    senior = kindergarten + 12 + retained
    first = np.maximum(kindergarten - tk, folk.arrived_year + 1)
    risk = 1 / (1 + np.exp(2.9 + 1.1 * folk.ability))
    dropped = rng.random(size) < risk
    end = np.where(dropped, senior - rng.integers(0, 3, size), senior)
    district = district_in(folk, np.arange(size), senior)
    ends_here = (end < folk.left_year) & (first <= senior)
    draw = rng.random(size)
    completion = np.where(draw < 0.955, GRADUATE, np.where(draw < 0.98, CERTIFICATE, GED))
    completion = np.where(dropped, NO_DIPLOMA, completion)
    gpa = np.clip(2.85 + 0.45 * folk.ability + rng.normal(0, 0.35, size), 0.6, 4.3).round(2)
    a_g = (completion == GRADUATE) & (rng.random(size) < 1 / (1 + np.exp(-1.6 * (gpa - 2.85))))
    a_g |= (
        (completion == GRADUATE)
        & (district == places.geography().first_of_county[places.SAN_DIEGO])
        & (senior == ALL_MET_YEAR)
    )
    promise = promise_districts()[district] & (senior >= PROMISE_FIRST_YEAR) & (completion != NO_DIPLOMA)
    return Schooling(
        kindergarten, tk, first, np.minimum(end, folk.left_year - 1), dropped, np.where(ends_here, senior, -1),
        completion, gpa, a_g, promise, district,
    )  # fmt: skip


def _school(district: Ints, level: Ints, person: Ints) -> Ints:
    """The school number in a district: levels are elementary, middle and high, people keep to one school a level."""
    count = places.geography().schools[district]
    share = np.array([3, 1, 1])[level]
    number: Ints = (person * 2654435761 // 65536) % np.maximum(count * share // 5, 1) * 3 + level
    return number


def school_codes(district: Ints, number: Ints) -> Any:
    code = (places.geography().district_county[district] + 1) * 10**12 + (60000 + district * 7) * 10**7
    return padded(code + 1_000_000 + district * 200 + number, 14)


def district_codes(district: Ints) -> Any:
    return coded(list(places.geography().district_code), district)


def county_codes(county: Ints) -> Any:
    return coded(list(places.COUNTIES), county)


def enrollment(rng: np.random.Generator, folk: People, path: Schooling, since: int, until: int) -> Rows:
    """k12_enrollment: a row a person and year; 4 % of years have a second row after a transfer within the year."""
    owner, year = spans(np.maximum(path.first_year, since), np.minimum(path.last_year, until))
    keep = present(folk, owner, year)
    owner, year = owner[keep], year[keep]
    grade = np.clip(year - path.kindergarten_year[owner], -1, 12)
    transfer = rng.random(len(owner)) < 0.04
    rows = np.concatenate([np.arange(len(owner)), np.flatnonzero(transfer)])
    second = np.concatenate([np.zeros(len(owner), dtype=bool), np.ones(int(transfer.sum()), dtype=bool)])
    owner, year, grade, moved = owner[rows], year[rows], grade[rows], transfer[rows]

    district = district_in(folk, owner, year)
    level = np.where(grade <= 5, 0, np.where(grade <= 8, 1, 2))
    school = _school(district, level, folk.serial[owner]) + 90 * (moved & ~second)
    start = (year - 1).astype("U4").astype("datetime64[D]") + (225 + rng.integers(0, 12, len(rows))).astype("m8[D]")
    middle = start + rng.integers(60, 150, len(rows)).astype("m8[D]")
    entry = np.where(second, start + np.timedelta64(155, "D"), start)
    exit_date = np.where(moved & ~second, middle, start + np.timedelta64(295, "D"))
    last = year == path.last_year[owner]
    reason = np.where(moved & ~second, 1, np.where(last & path.dropped[owner], 3, np.where(grade == 12, 4, 0)))
    reason = np.where((year + 1 == folk.left_year[owner]) & (reason == 0), 2, reason)
    days = np.where(second, 70, np.where(moved, 90, 180))
    poor = folk.disadvantaged[owner]
    absence = rng.gamma(1.6, np.where(poor, 0.034, 0.022))
    learner = _english(rng, folk, grade, owner)
    return Rows(owner, year, {
        "academic_year": year, "school_code": school_codes(district, school), "district_code": district_codes(district),
        "county_code": county_codes(places.geography().district_county[district]),
        "grade_level": coded(GRADES, grade + 1),
        "entry_date": entry, "exit_date": exit_date, "exit_reason": coded(EXITS, reason),
        "birth_year": folk.birth_year[owner], "birth_month": folk.birth_month[owner],
        "race_ethnicity": ethnic_labels(folk, owner), "gender": gender_labels(folk, owner),
        "english_learner": learner, "economically_disadvantaged": yes_no(poor),
        "homeless": yes_no(rng.random(len(rows)) < np.where(poor, 0.055, 0.006)),
        "foster": yes_no(folk.foster[owner]), "disability": yes_no(folk.disability[owner]),
        "days_enrolled": days, "days_absent": np.minimum((absence * days).astype(np.int64), days),
    })  # fmt: skip


def _english(rng: np.random.Generator, folk: People, grade: Ints, owner: Ints) -> Any:
    chance = np.array([0.42, 0.03, 0.30, 0.18, 0.02, 0.03, 0.12, 0.03, 0.1])[folk.ethnicity]
    learner = rng.random(len(folk)) < chance
    fluent = rng.random(len(folk)) < 0.06
    reclassified = 2 + rng.geometric(0.22, len(folk))
    status = np.where(fluent, 1, 0)[owner]
    status = np.where(learner[owner], np.where(grade >= reclassified[owner], 3, 2), status)
    return coded(["EO", "IFEP", "EL", "RFEP"], status)


def assessment(rng: np.random.Generator, folk: People, path: Schooling, since: int, until: int) -> Rows:
    """k12_assessment: English and mathematics in grades 3 to 8 and 11; nobody in 2020, six in ten in 2021."""
    owner, year = spans(np.maximum(path.first_year, since), np.minimum(path.last_year, until))
    grade = np.clip(year - path.kindergarten_year[owner], -1, 12)
    tested = (((grade >= 3) & (grade <= 8)) | (grade == 11)) & present(folk, owner, year) & (year != 2020)
    tested &= rng.random(len(owner)) < np.where(year == 2021, 0.6, 0.96)
    owner, year, grade = (np.repeat(values[tested], 2) for values in (owner, year, grade))
    subject = np.tile([0, 1], len(owner) // 2)
    loss = np.where(year >= 2021, -6.0, 0.0)
    score = 2400 + 14 * grade + 55 * folk.ability[owner] + np.where(subject == 1, -12, 0) + loss
    score = score - EQUITY_GAP_SCORE * folk.disadvantaged[owner] + TK_SCORE_EFFECT * path.tk[owner]
    score = np.clip(np.rint(score + rng.normal(0, 35, len(owner))), 2114, 2862).astype(np.int64)
    cut = 2400 + 14 * grade
    band = 1 + (score > cut - 45).astype(np.int64) + (score > cut + 5) + (score > cut + 60)
    district = district_in(folk, owner, year)
    level = np.where(grade <= 5, 0, np.where(grade <= 8, 1, 2))
    return Rows(owner, year, {
        "academic_year": year, "subject": coded(["ELA", "MATH"], subject), "grade_level": coded(GRADES, grade + 1),
        "school_code": school_codes(district, _school(district, level, folk.serial[owner])),
        "district_code": district_codes(district), "scale_score": score, "achievement_level": band,
    })  # fmt: skip


def completion(folk: People, path: Schooling, since: int, until: int) -> Rows:
    """k12_completion: how grade 12 ended, for everybody who reached it or should have."""
    owner = np.flatnonzero((path.finish_year >= since) & (path.finish_year <= until))
    owner = owner[present(folk, owner, path.finish_year[owner])]
    district, year = path.home_district[owner], path.finish_year[owner]
    school = _school(district, np.full(len(owner), 2), folk.serial[owner])
    return Rows(owner, year, {
        "academic_year": year, "school_code": school_codes(district, school), "district_code": district_codes(district),
        "county_code": county_codes(places.geography().district_county[district]),
        "completion_type": coded(COMPLETIONS, path.completion[owner]), "a_g_met": yes_no(path.a_g[owner]),
        "gpa": path.gpa[owner], "promise_offered": yes_no(path.promise[owner]),
        "race_ethnicity": ethnic_labels(folk, owner), "gender": gender_labels(folk, owner),
        "economically_disadvantaged": yes_no(folk.disadvantaged[owner]),
    })  # fmt: skip


def early_learning(rng: np.random.Generator, folk: People, since: int, until: int) -> Rows:
    """early_learning: subsidised care at three and four, mostly for the disadvantaged."""
    takes = rng.random(len(folk)) < np.where(folk.disadvantaged, 0.42, 0.04)
    first = folk.birth_year + 4 + rng.integers(0, 2, len(folk))
    last = np.where(takes, folk.birth_year + 5, 0)
    owner, year = spans(np.maximum(first, since), np.minimum(last, until))
    keep = present(folk, owner, year)
    owner, year = owner[keep], year[keep]
    size = len(owner)
    county = places.geography().district_county[district_in(folk, owner, year)]
    start = (year - 1).astype("U4").astype("datetime64[D]") + rng.integers(190, 330, size).astype("m8[D]")
    return Rows(owner, year, {
        "academic_year": year, "program_type": coded(["CSPP", "CCTR", "CAPP", "HEADSTART"],
                                                     rng.choice(4, size=size, p=[0.5, 0.15, 0.2, 0.15])),
        "agency_code": padded(700000 + county * 40 + folk.district[owner] % 12, 6),
        "county_code": county_codes(county), "entry_date": start,
        "months_enrolled": rng.integers(2, 11, size), "hours_per_week": rng.choice([15, 20, 30, 40, 50], size=size),
        "family_income_band": coded(INCOME_BANDS, rng.choice(4, size=size, p=[0.3, 0.35, 0.25, 0.1])),
        "race_ethnicity": ethnic_labels(folk, owner), "gender": gender_labels(folk, owner),
    })  # fmt: skip
