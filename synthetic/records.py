"""Person records as providers hold them: which identity they keep, and the errors that they make in it.

Rates are those seen in such files: typos 2-3 %, nicknames 18 % of names that have one, double surnames written four
ways, married names, first and last name swapped 0.4 %, day and month swapped 0.6 %, unknown birthdays written as
1 January 0.3 %, wrong digits in 0.4 % of social security numbers, a second record for 2 to 12 % of persons.
An error belongs to the record: it is the same in next year's file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthetic import names, places
from synthetic.numbers import padded, walk
from synthetic.population import NEVER, Bools, Ints, People
from synthetic.tables import Rows, coded

TYPO_RATE = 0.025
NICKNAME_RATE = 0.18
NAME_SWAP_RATE = 0.004
DAY_MONTH_SWAP_RATE = 0.006
NEW_YEAR_RATE = 0.003
SSN_ERROR_RATE = 0.004
SEX_ERROR_RATE = 0.003


@dataclass(frozen=True)
class Habits:
    """How one provider keeps identity: letter of its record ids, shares present, share of persons with two records."""

    letter: str
    ssn: float = 0.0
    ssid: float = 0.0
    duplicates: float = 0.03
    middle: float = 0.65
    initials: float = 0.4
    upper: bool = False


HABITS = {
    "eld": Habits("E", ssid=0.40, duplicates=0.05, middle=0.4),
    "cde": Habits("K", ssid=1.0, duplicates=0.02, middle=0.75, initials=0.2),
    "ccc": Habits("C", ssn=0.72, ssid=0.58, duplicates=0.08),
    "csu": Habits("S", ssn=0.93, ssid=0.72, duplicates=0.02),
    "uc": Habits("U", ssn=0.92, ssid=0.66, duplicates=0.02),
    "nsc": Habits("N", duplicates=0.12, initials=0.8, upper=True),
    "csac": Habits("A", ssn=0.95, ssid=0.70, duplicates=0.03),
    "ctc": Habits("T", ssn=0.98, duplicates=0.02),
    "edd": Habits("W", ssn=1.0, duplicates=0.04, middle=0.5, initials=1.0, upper=True),
    "cdss": Habits("D", ssn=0.94, duplicates=0.07, initials=0.6),
}
_STREAM = {provider: index for index, provider in enumerate(HABITS)}
_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


@dataclass
class Records:
    """A provider's records of a block: the person each is about, when first and last seen, and its record id."""

    provider: str
    person: Ints
    second: Bools
    first_seen: Ints
    last_seen: Ints
    record_id: pa.Array

    def at(self, rows: Rows) -> Ints:
        """For each row the position of its record: rows from the switch year on hang on the duplicate."""
        size = int(max(self.person.max(initial=0), rows.person.max(initial=0))) + 1
        main = np.full(size, -1, dtype=np.int64)
        main[self.person[~self.second]] = np.flatnonzero(~self.second)
        other = np.full(size, -1, dtype=np.int64)
        other[self.person[self.second]] = np.flatnonzero(self.second)
        spare = other[rows.person]
        later = (spare >= 0) & (rows.year >= self.first_seen[np.maximum(spare, 0)])
        return np.where(later, spare, main[rows.person])


def records(rng: np.random.Generator, folk: People, provider: str, tables: list[Rows], seed: int) -> Records:
    """The records that a provider keeps of everybody who is in one of its tables."""
    person = np.concatenate([rows.person for rows in tables])
    year = np.concatenate([rows.year for rows in tables])
    first, last = np.full(len(folk), NEVER), np.full(len(folk), -1)
    np.minimum.at(first, person, year)
    np.maximum.at(last, person, year)
    known = np.flatnonzero(last >= 0)
    twice = known[rng.random(len(known)) < HABITS[provider].duplicates]
    switch = rng.integers(first[twice], last[twice] + 1)
    main_last = np.maximum(np.where(switch > first[twice], switch - 1, last[twice]), first[twice])
    last_main = last.copy()
    last_main[twice] = main_last
    people = np.concatenate([known, twice])
    second = np.concatenate([np.zeros(len(known), dtype=bool), np.ones(len(twice), dtype=bool)])
    serial = folk.serial[people] * 2 + second
    return Records(
        provider, people, second,
        np.concatenate([first[known], switch]), np.concatenate([last_main[known], last[twice]]),
        padded(walk(serial, seed, provider), 10, HABITS[provider].letter),
    )  # fmt: skip


def roster(folk: People, held: Records, seed: int, year: int, block: int) -> tuple[Ints, dict[str, pa.Array]]:
    """The provider's roster in its file of `year`: positions of the records in it, and all identity columns.

    The draws come from a stream of their own that does not depend on `year`, so that a record changes from one year
    to the next only where its person married or moved and the provider still saw them.
    """
    rng = np.random.default_rng([seed, block, _STREAM[held.provider], 7])
    habits, person = HABITS[held.provider], held.person
    seen = np.minimum(held.last_seen, year)
    first, last = _names(rng, folk, person, seen, habits)
    middle = _middle(rng, folk, person, habits)
    columns = {
        "first_name": pa.array(first, pa.string()), "middle_name": middle,
        "last_name": pa.array(last, pa.string()),
        "suffix": _missing(rng, pa.array(folk.suffix[person], pa.string()), 0.6),
        "date_of_birth": pa.array(_birth(rng, folk, person)), "sex": _sex(rng, folk, person),
        "ssn": _ssn(rng, folk, person, habits), "ssid": _missing(rng, padded(folk.ssid[person], 10), habits.ssid),
        **_contact(rng, folk, person, seen),
    }  # fmt: skip
    if habits.upper:
        for name in ("first_name", "middle_name", "last_name"):
            columns[name] = pc.utf8_upper(columns[name])
    inside = np.flatnonzero(held.first_seen <= year)
    return inside, {name: values.take(pa.array(inside)) for name, values in columns.items()}


def _names(
    rng: np.random.Generator, folk: People, person: Ints, seen: Ints, habits: Habits
) -> tuple[names.Strings, names.Strings]:
    size = len(person)
    first = names.FIRST_NAMES[folk.first[person]]
    nick = names.nickname(folk.first[person], rng.random(size) < 0.35)
    first = np.where((rng.random(size) < NICKNAME_RATE) & (nick != ""), nick, first)
    one = names.LAST_NAMES[folk.last[person]]
    two = names.LAST_NAMES[np.maximum(folk.second_last[person], 0)]
    way = rng.random(size)
    has_two = folk.second_last[person] >= 0
    last = one.copy()
    for low, high, glue in ((0.0, 0.55, " "), (0.55, 0.75, "-")):
        rows = has_two & (way >= low) & (way < high)
        last[rows] = one[rows] + glue + two[rows]
    rows = has_two & (way >= 0.95)
    last[rows] = two[rows]
    married = seen >= folk.married_year[person]
    last[married] = names.LAST_NAMES[folk.married_last[person[married]]]
    first = _typos(rng, first, TYPO_RATE)
    last = _typos(rng, last, TYPO_RATE)
    swap = rng.random(size) < NAME_SWAP_RATE
    return np.where(swap, last, first), np.where(swap, first, last)


def _middle(rng: np.random.Generator, folk: People, person: Ints, habits: Habits) -> pa.Array:
    initials = np.array([name[0] for name in names.FIRST_NAMES], dtype=object)
    codes = folk.middle[person]
    full = np.where(rng.random(len(person)) < habits.initials, initials[codes], names.FIRST_NAMES[codes])
    return _missing(rng, pa.array(full, pa.string()), habits.middle)


def _birth(rng: np.random.Generator, folk: People, person: Ints) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    born = folk.born[person].copy()
    day = (born - born.astype("datetime64[M]")).astype(np.int64)
    swap = np.flatnonzero((rng.random(len(person)) < DAY_MONTH_SWAP_RATE) & (day < 12))
    year = born[swap].astype("datetime64[Y]")
    month = born[swap].astype("datetime64[M]").astype(np.int64) % 12
    born[swap] = (year.astype("datetime64[M]") + day[swap].astype("m8[M]")).astype("datetime64[D]") + month.astype(
        "m8[D]"
    )
    unknown = rng.random(len(person)) < NEW_YEAR_RATE
    born[unknown] = born[unknown].astype("datetime64[Y]").astype("datetime64[D]")
    return born


def _sex(rng: np.random.Generator, folk: People, person: Ints) -> pa.Array:
    female = folk.female[person] ^ (rng.random(len(person)) < SEX_ERROR_RATE)
    return coded(["F", "M", "X"], np.where(folk.gender_x[person], 2, np.where(female, 0, 1)))


def _ssn(rng: np.random.Generator, folk: People, person: Ints, habits: Habits) -> pa.Array:
    number = folk.ssn[person].copy()
    wrong = np.flatnonzero(rng.random(len(person)) < SSN_ERROR_RATE)
    place = 10 ** rng.integers(0, 6, len(wrong))
    digit = number[wrong] // place % 10
    number[wrong] += ((digit + rng.integers(1, 10, len(wrong))) % 10 - digit) * place
    return _missing(rng, padded(number, 9), habits.ssn)


def _missing(rng: np.random.Generator, values: pa.Array, share: float) -> pa.Array:
    present = rng.random(len(values)) < share
    return pc.if_else(pa.array(present), values, pa.scalar(None, pa.string()))


def _contact(rng: np.random.Generator, folk: People, person: Ints, seen: Ints) -> dict[str, pa.Array]:
    size = len(person)
    moved = seen >= folk.moved_year[person]
    district = np.where(moved, folk.moved_district[person], folk.district[person])
    street = np.where(moved, folk.moved_street[person], folk.street[person])
    house = np.where(moved, (folk.house[person] * 7 + 3) % 9900 + 1, folk.house[person])
    line = pc.binary_join_element_wise(
        pc.cast(pa.array(house), pa.string()), pc.cast(coded(list(places.STREETS), street), pa.string()), " "
    )
    own = rng.random(size) < 0.5
    phone = np.where(own, 5_000_000_000 + folk.serial[person] % 4_000_000_000, 4_150_000_000 + folk.phone[person])
    first = pc.utf8_lower(coded(list(names.FIRST_NAMES), folk.first[person]).cast(pa.string()))
    last = pc.utf8_lower(coded(list(names.LAST_NAMES), folk.last[person]).cast(pa.string()))
    host = coded(["example.com", "example.net", "example.org"], rng.integers(0, 3, size)).cast(pa.string())
    number = pc.cast(pa.array(folk.serial[person] % 10_000), pa.string())
    email = pc.binary_join_element_wise(pc.binary_join_element_wise(first, last, number, "."), host, "@")
    parent = pc.binary_join_element_wise(
        coded(list(names.FIRST_NAMES), folk.parent_first[person]).cast(pa.string()),
        coded(list(names.LAST_NAMES), folk.last[person]).cast(pa.string()), " ",
    )  # fmt: skip
    return {
        "street": line, "city": coded(list(places.geography().cities), district),
        "zip": padded(places.geography().zips[district] + house % 5, 5),
        "phone": _missing(rng, padded(phone, 10), 0.8), "email": _missing(rng, email, 0.85),
        "parent_name": _missing(rng, parent, 0.9),
    }  # fmt: skip


def _typos(rng: np.random.Generator, texts: names.Strings, rate: float) -> names.Strings:
    """One slip of the keyboard in a share of the texts: a letter replaced, lost, doubled, or two swapped."""
    out = texts.copy()
    rows = np.flatnonzero(rng.random(len(texts)) < rate)
    places_at, kinds = rng.random(len(rows)), rng.integers(0, 4, len(rows))
    letters = _LETTERS[rng.integers(0, 26, len(rows))]
    for row, share, kind, letter in zip(rows, places_at, kinds, letters, strict=True):
        out[row] = _slip(out[row], share, kind, str(letter))
    return out


def _slip(text: str, share: float, kind: int, letter: str) -> str:
    if len(text) < 3:
        return text
    at = 1 + int(share * (len(text) - 2))
    if kind == 0:
        return text[:at] + letter + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
