"""Work and welfare: quarterly wages by employer, and participation in social programmes."""

from __future__ import annotations

import numpy as np

from synthetic import places
from synthetic.college import Spell
from synthetic.population import Ints, People, district_in, present
from synthetic.schooling import Schooling, county_codes
from synthetic.tables import Rows, coded, spans
from synthetic.truths import GENDER_PAY_GAP_LOG, NO_DIPLOMA, SINGLE_EMPLOYER_SPELLS


def wages(
    rng: np.random.Generator,
    folk: People,
    path: Schooling,
    stays: Spell,
    pool: places.Employers,
    since: int,
    until: int,
) -> Rows:
    """ui_wage: a row a person, quarter and employer. About one worker in eight has a second job in a quarter."""
    degree = np.zeros(len(folk))
    degree_year = np.full(len(folk), 9999)
    level = np.array([0.06, 0.14, 0.14, 0.42, 0.60, 0.0])[stays.award]
    np.maximum.at(degree, stays.person, level)
    np.minimum.at(degree_year, stays.person[level > 0], stays.last[level > 0])
    works = rng.random(len(folk)) < np.where(path.completion == NO_DIPLOMA, 0.72, 0.86)
    start = np.maximum(folk.birth_year + 17 + rng.integers(0, 4, len(folk)), folk.arrived_year)
    start = np.where(works, start, 9999)
    owner, year = spans(np.maximum(start, since), np.full(len(folk), until))
    owner, year, quarter = np.repeat(owner, 4), np.repeat(year, 4), np.tile([1, 2, 3, 4], len(owner))
    dip = np.where((year == 2020) & (quarter >= 2), 0.12, 0.0)
    keep = present(folk, owner, year) & (rng.random(len(owner)) < 0.86 - dip)
    owner, year, quarter = owner[keep], year[keep], quarter[keep]
    size = len(owner)

    change = rng.random(size) < 0.06
    change[1:] |= owner[1:] != owner[:-1]
    spell = np.cumsum(change) - (1 if size and change[0] else 0)
    spells_count = int(spell[-1]) + 1 if size else 0
    employer = places.draw_employer(rng, pool, spells_count)
    if folk.serial[0] == 0:  # the single-employer trap needs its workers in the smallest California too
        employer[:SINGLE_EMPLOYER_SPELLS] = len(pool.key) - 1
    other = places.draw_employer(rng, pool, spells_count)
    pays = rng.normal(0, 0.28, spells_count)

    age = year - folk.birth_year[owner]
    log_pay = 8.35 + 0.055 * np.minimum(age - 18, 18) + 0.13 * folk.ability[owner] + pays[spell]
    log_pay += np.where(year > degree_year[owner], degree[owner], 0.0) + 0.03 * (year - 2016)
    log_pay += places.NAICS_PAY[pool.naics[employer[spell]]] - GENDER_PAY_GAP_LOG * folk.female[owner]
    earnings = np.exp(log_pay + rng.normal(0, 0.12, size))
    second = np.flatnonzero((rng.random(size) < 0.12) & (employer[spell] != other[spell]))
    rows = np.concatenate([np.arange(size), second])
    place = np.concatenate([employer[spell], other[spell][second]])
    pay = np.concatenate([earnings, earnings[second] * rng.uniform(0.08, 0.6, len(second))])
    year = year[rows]
    return Rows(owner[rows], year, {
        "year": year, "quarter": quarter[rows], "employer_key": coded(list(pool.key), place),
        "naics": coded(list(places.NAICS), pool.naics[place]), "county_code": county_codes(pool.county[place]),
        "earnings": np.clip(np.rint(pay), 1, 900_000).astype(np.int64),
    })  # fmt: skip


def participation(rng: np.random.Generator, folk: People, since: int, until: int) -> Rows:
    """dss_participation: a row a person, programme and state fiscal year."""
    parts: list[tuple[Ints, Ints, Ints]] = []
    size = len(folk)
    for program, chance in enumerate((0.42, 0.11)):
        takes = folk.disadvantaged & (rng.random(size) < chance)
        first = folk.birth_year + rng.integers(1, 22, size)
        last = np.where(takes, first + rng.geometric(0.3, size) - 1, 0)
        owner, year = spans(np.maximum(first, since), np.minimum(last, until))
        parts.append((owner, year, np.full(len(owner), program)))
    first = np.where(folk.foster, folk.birth_year + 3, 9999)
    owner, year = spans(np.maximum(first, since), np.minimum(folk.birth_year + 17, until))
    parts.append((owner, year, np.full(len(owner), 2)))
    owner, year, kind = (np.concatenate(values) for values in zip(*parts, strict=True))
    keep = present(folk, owner, year)
    owner, year, kind = owner[keep], year[keep], kind[keep]
    county = places.geography().district_county[district_in(folk, owner, year)]
    return Rows(owner, year, {
        "academic_year": year, "program": coded(["calfresh", "calworks", "foster_care"], kind),
        "county_code": county_codes(county), "months": rng.integers(1, 13, len(owner)),
        "household_size": np.where(kind == 2, 1, 1 + rng.binomial(6, 0.4, len(owner))),
    })  # fmt: skip
