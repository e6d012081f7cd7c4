"""After grade 12: who enrols where, moves between systems, graduates, and asks for aid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic import places
from synthetic.population import Bools, Ints, People
from synthetic.schooling import GRADUATE, Schooling, ethnic_labels, gender_labels
from synthetic.tables import Rows, coded, spans, systematic, yes_no
from synthetic.truths import (
    EQUITY_GAP_COLLEGE_POINTS,
    NO_DIPLOMA,
    PROMISE_FIRST_YEAR,
    PROMISE_POINTS,
    promise_districts,
)

SYSTEMS = ("ccc", "csu", "uc", "nsc")
CIP = ["09", "11", "13", "14", "24", "26", "27", "42", "43", "45", "50", "51", "52"]
AWARDS = ["certificate", "associate", "transfer_degree", "bachelor", "master"]
SUBJECT_AREAS = ["elementary", "english", "mathematics", "science", "social_science", "special_education"]
STATUSES = ["full_time", "half_time", "less"]
NOWHERE = -1


@dataclass
class Spell:
    """One stay of a person in one system: first and last academic year, and what it ended with."""

    person: Ints
    system: Ints
    college: Ints
    first: Ints
    last: Ints
    cip: Ints
    award: Ints
    first_time: Bools


def _choice_after_school(rng: np.random.Generator, folk: People, path: Schooling) -> Ints:
    """The system entered in the fall after grade 12.

    The College Promise raises enrolment in a community college by exactly PROMISE_POINTS points of probability, out
    of those who would have gone nowhere; systematic sampling keeps the planted number visible in small populations.
    """
    size = len(folk)
    ready = (path.finish_year > 0) & (path.completion != NO_DIPLOMA)
    strong = np.clip((path.gpa - 2.6) * 0.28, 0, 0.6) * path.a_g
    uc, csu, nsc = strong * 0.42, strong * 0.55 + 0.02, 0.05 + strong * 0.14
    four_year = uc + csu + nsc
    ccc = 0.36 - EQUITY_GAP_COLLEGE_POINTS / 100 * folk.disadvantaged - 0.2 * (four_year - 0.25)
    ccc = np.clip(ccc, 0.02, 0.9) + PROMISE_POINTS / 100 * path.promise
    after = path.finish_year >= PROMISE_FIRST_YEAR
    order = np.lexsort((folk.disadvantaged, path.finish_year, after, promise_districts()[path.home_district], ready))
    to_ccc = systematic(rng, ccc * ready, order)
    share = rng.random(size) * (1 - np.clip(ccc, 0, 0.95))
    other = np.select([share < csu, share < csu + uc, share < four_year], [1, 2, 3], default=NOWHERE)
    return np.where(ready, np.where(to_ccc, 0, other), NOWHERE)


def spells(rng: np.random.Generator, folk: People, path: Schooling, until: int) -> Spell:
    """All stays in a college of a block's people, in the order of time."""
    size = len(folk)
    system = _choice_after_school(rng, folk, path)
    first = path.finish_year + 1
    late = (system == NOWHERE) & (rng.random(size) < 0.16) & (folk.birth_year + 20 < until)
    system = np.where(late, 0, system)
    first = np.where(late, folk.birth_year + rng.integers(20, 32, size), first)
    goes = (system != NOWHERE) & (first < folk.left_year) & (first > folk.arrived_year)
    one = np.flatnonzero(goes)
    stay = np.where(system[one] == 0, rng.geometric(0.34, len(one)), 3 + rng.binomial(2, 0.55, len(one)))
    stay = np.minimum(stay, 7)
    ability = folk.ability[one]
    done = rng.random(len(one)) < np.where(system[one] == 0, 0.34, 0.70) + 0.1 * np.tanh(ability)
    kind = np.where(system[one] == 0, rng.choice(3, size=len(one), p=[0.35, 0.35, 0.3]), 3)
    transfer = (system[one] == 0) & (stay >= 2) & (rng.random(len(one)) < 0.36 + 0.1 * np.tanh(ability))
    a = Spell(one, system[one], _college(rng, system[one], folk.county[one]), first[one], first[one] + stay - 1,
              rng.integers(0, len(CIP), len(one)), np.where(done | transfer, kind, NOWHERE),
              np.ones(len(one), bool))  # fmt: skip
    two = np.flatnonzero(transfer)
    target = rng.choice([1, 2, 3], size=len(two), p=[0.64, 0.21, 0.15])
    start = a.last[two] + 1
    stay2 = 1 + rng.binomial(3, 0.5, len(two))
    done2 = rng.random(len(two)) < 0.76
    b = Spell(a.person[two], target, _college(rng, target, folk.county[a.person[two]]), start, start + stay2,
              a.cip[two], np.where(done2, 3, NOWHERE), np.zeros(len(two), bool))  # fmt: skip
    graduates = (a.award == 3) & (rng.random(len(one)) < 0.12)
    three = np.flatnonzero(graduates)
    where = rng.choice([1, 2, 3], size=len(three), p=[0.5, 0.25, 0.25])
    c = Spell(a.person[three], where, _college(rng, where, folk.county[a.person[three]]), a.last[three] + 2,
              a.last[three] + 3, a.cip[three], np.where(rng.random(len(three)) < 0.85, 4, NOWHERE),
              np.zeros(len(three), bool))  # fmt: skip
    return Spell(*(np.concatenate([getattr(part, name) for part in (a, b, c)]) for name in Spell.__dataclass_fields__))


def _college(rng: np.random.Generator, system: Ints, county: Ints) -> Ints:
    sizes = np.array([len(places.COLLEGES[name]) for name in SYSTEMS])[system]
    near: Ints = (county * 2 + rng.integers(0, 3, len(system))) % sizes
    return np.where(rng.random(len(system)) < 0.8, near, rng.integers(0, 10**6, len(system)) % sizes)


def enrollment(rng: np.random.Generator, folk: People, stays: Spell, system: int, since: int, until: int) -> Rows:
    """ps_enrollment of one system: two terms a year; the last spring is missing for one in six who stop out."""
    mine = np.flatnonzero(stays.system == system)
    owner, year = spans(np.maximum(stays.first[mine], since), np.minimum(stays.last[mine], until))
    spell = np.repeat(mine[owner], 2)
    year, term = np.repeat(year, 2), np.tile([0, 1], len(owner))
    stopped = (term == 1) & (year == stays.last[spell]) & (stays.award[spell] == NOWHERE)
    keep = ~(stopped & (rng.random(len(spell)) < 0.17)) & (year < folk.left_year[stays.person[spell]])
    spell, year, term = spell[keep], year[keep], term[keep]
    person, size = stays.person[spell], len(spell)
    begin = (year == stays.first[spell]) & (term == 0) & stays.first_time[spell]
    level = np.where(
        stays.award[spell] == 4, 2, np.where((year - stays.first[spell] >= 2) | ~stays.first_time[spell], 1, 0)
    )
    level = np.where(system == 0, 0, level)
    codes = places.COLLEGES[SYSTEMS[system]]
    common = {
        "academic_year": year, "term": coded(["FALL", "SPRING"], term),
        "institution_code": coded(list(codes), stays.college[spell]),
        "student_level": coded(["lower", "upper", "graduate"], level), "first_time": yes_no(begin),
        "cip_code": coded(CIP, stays.cip[spell]),
    }  # fmt: skip
    if SYSTEMS[system] == "nsc":
        return Rows(person, year, {
            **common,
            "enrollment_status": coded(STATUSES, rng.choice(3, size=size, p=[0.72, 0.2, 0.08])),
            "institution_state": coded(list(places.NSC_STATES), stays.college[spell]),
        })  # fmt: skip
    units = np.where(system == 0, rng.choice([3, 6, 9, 12, 15], size=size), rng.choice([9, 12, 15, 16], size=size))
    grade = np.clip(2.8 + 0.4 * folk.ability[person] + rng.normal(0, 0.5, size), 0, 4).round(2)
    earned = np.where(grade < 1.0, 0, np.where(rng.random(size) < 0.15, np.maximum(units - 3, 0), units))
    return Rows(person, year, {
        **common, "units_attempted": units.astype(float), "units_earned": earned.astype(float), "term_gpa": grade,
        "race_ethnicity": ethnic_labels(folk, person), "gender": gender_labels(folk, person),
    })  # fmt: skip


def awards(rng: np.random.Generator, folk: People, stays: Spell, system: int, since: int, until: int) -> Rows:
    """ps_award of one system: one award at the end of a completed stay."""
    mine = (stays.system == system) & (stays.award != NOWHERE) & (stays.last >= since) & (stays.last <= until)
    spell = np.flatnonzero(mine & (stays.last < folk.left_year[stays.person]))
    person, year = stays.person[spell], stays.last[spell]
    day = year.astype("U4").astype("datetime64[D]") + rng.integers(140, 170, len(spell)).astype("m8[D]")
    columns = {
        "academic_year": year, "institution_code": coded(list(places.COLLEGES[SYSTEMS[system]]), stays.college[spell]),
        "award_level": coded(AWARDS, stays.award[spell]), "cip_code": coded(CIP, stays.cip[spell]), "award_date": day,
    }  # fmt: skip
    if SYSTEMS[system] == "nsc":
        return Rows(
            person, year, {**columns, "institution_state": coded(list(places.NSC_STATES), stays.college[spell])}
        )
    gpa = np.clip(3.0 + 0.3 * folk.ability[person] + rng.normal(0, 0.25, len(spell)), 2, 4).round(2)
    return Rows(person, year, {**columns, "award_gpa": gpa})


def aid(rng: np.random.Generator, folk: People, path: Schooling, stays: Spell, since: int, until: int) -> Rows:
    """fin_aid: seniors who apply, and undergraduates who apply again; the poorer more often."""
    apply = np.flatnonzero((rng.random(len(stays.person)) < np.where(folk.disadvantaged[stays.person], 0.82, 0.46))
                           & (stays.award != 4) & stays.first_time)  # fmt: skip
    owner, year = spans(np.maximum(stays.first[apply], since), np.minimum(stays.last[apply], until))
    spell = apply[owner]
    person, in_college = stays.person[spell], np.ones(len(spell), dtype=bool)
    senior = np.flatnonzero((path.completion == GRADUATE) & (path.finish_year >= since) & (path.finish_year < until)
                            & (rng.random(len(folk)) < 0.3))  # fmt: skip
    senior = senior[~np.isin(senior, stays.person)]
    spell = np.concatenate([spell, np.zeros(len(senior), dtype=np.int64)])
    in_college = np.concatenate([in_college, np.zeros(len(senior), dtype=bool)])
    person, year = np.concatenate([person, senior]), np.concatenate([year, path.finish_year[senior] + 1])
    size = len(person)
    income = np.exp(10.9 + 0.45 * folk.advantage[person] + rng.normal(0, 0.4, size)).astype(np.int64)
    system = np.where(in_college, stays.system[spell], 0) if len(stays.person) else np.zeros(size, dtype=np.int64)
    needy = income < 62_000
    grant = np.where(in_college & needy & (system > 0), np.where(income < 38_000, 1, 0), np.where(
        in_college & needy & (rng.random(size) < 0.12), 1, 3))  # fmt: skip
    amount = np.where(grant == 3, 0, np.array([1648, 6084, 14436, 9358])[system] - np.where(grant == 1, 0, 500))
    pell = np.where(in_college & (income < 58_000), np.clip((60_000 - income) // 8, 750, 7395), 0)
    codes = [str(code) for name in SYSTEMS for code in places.COLLEGES[name]]
    base = np.cumsum([0, *(len(places.COLLEGES[name]) for name in SYSTEMS[:-1])])
    college = np.where(in_college, stays.college[spell], 0) if len(stays.person) else np.zeros(size, dtype=np.int64)
    return Rows(person, year, {
        "academic_year": year,
        "application_type": coded(["FAFSA", "CADAA"], (rng.random(size) < 0.035).astype(np.int64)),
        "dependency": coded(["dependent", "independent"], (year - folk.birth_year[person] >= 25).astype(np.int64)),
        "family_income": np.clip(income // 100 * 100, 0, 900_000),
        "institution_code": coded(codes, base[system] + college),
        "cal_grant": coded(["A", "B", "C", "none"], grant), "cal_grant_amount": amount, "pell_amount": pell,
    })  # fmt: skip


def credentials(rng: np.random.Generator, folk: People, stays: Spell, since: int, until: int) -> Rows:
    """credential: teachers, from those with a bachelor's degree."""
    pool = np.flatnonzero((stays.award >= 3) & (rng.random(len(stays.person)) < 0.09))
    person, keep = np.unique(stays.person[pool], return_index=True)
    year = stays.last[pool][keep] + rng.integers(1, 3, len(person))
    inside = (year >= since) & (year <= until) & (year < folk.left_year[person])
    person, year = person[inside], year[inside]
    size = len(person)
    kind = rng.choice(4, size=size, p=[0.4, 0.35, 0.15, 0.1])
    subject = np.select([kind == 0, kind == 2], [0, 5], default=rng.integers(1, 5, size))
    issued = year.astype("U4").astype("datetime64[D]") + rng.integers(0, 180, size).astype("m8[D]")
    years = np.where(kind == 3, 1, 5)
    return Rows(person, year, {
        "academic_year": year,
        "credential_type": coded(["multiple_subject", "single_subject", "education_specialist", "substitute"], kind),
        "subject_area": coded(SUBJECT_AREAS, subject),
        "status": coded(["preliminary", "permit"], (kind == 3).astype(np.int64)), "issue_date": issued,
        "expiry_date": issued + (years * 365).astype("m8[D]"),
        "district_code": coded(list(places.geography().district_code), folk.moved_district[person]),
    })  # fmt: skip
