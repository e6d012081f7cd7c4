"""The errors that providers' records carry, at the rates seen in such files."""

from __future__ import annotations

import numpy as np
import pytest

from synthetic import names
from synthetic.generator import Block
from synthetic.records import HABITS
from tests.unit.synthetic.conftest import SEED, California, csv


@pytest.fixture(scope="module")
def cde(block: Block) -> dict[str, np.ndarray]:
    """CDE's roster beside the truth: true and written names and dates, record by record."""
    from enclave.contributions.schema import PROVIDERS
    from synthetic.records import records, roster

    stream = PROVIDERS.index("cde")
    held = records(
        np.random.default_rng([SEED, 0, 1000 + stream]), block.folk, "cde", list(block.tables["cde"].values()), SEED
    )
    inside, columns = roster(block.folk, held, SEED, 2025, 0)
    person = held.person[inside]
    folk = block.folk
    return {
        "person": person, "born": folk.born[person], "true_first": names.FIRST_NAMES[folk.first[person]],
        "true_last": names.LAST_NAMES[folk.last[person]], "double": folk.second_last[person] >= 0,
        "first": np.array(columns["first_name"].to_pylist(), dtype=object),
        "last": np.array(columns["last_name"].to_pylist(), dtype=object),
        "date": np.array(columns["date_of_birth"].to_pylist(), dtype="datetime64[D]"),
    }  # fmt: skip


def test_nicknames_stand_for_18_percent_of_names_that_have_one(cde: dict[str, np.ndarray]) -> None:
    has = np.array([name in names.NICKNAMES for name in cde["true_first"]])
    nick = np.array([w in names.NICKNAMES.get(t, ()) for t, w in zip(cde["true_first"], cde["first"], strict=True)])
    assert 0.15 < nick[has].mean() < 0.20


def test_typos_are_in_2_to_3_percent_of_first_names(cde: dict[str, np.ndarray]) -> None:
    known = set(names.FIRST_NAMES) | {nick for nicks in names.NICKNAMES.values() for nick in nicks}
    wrong = np.array([name not in known for name in cde["first"]])
    assert 0.015 < wrong.mean() < 0.035


def test_13_percent_have_two_surnames_written_in_several_ways(cde: dict[str, np.ndarray]) -> None:
    assert 0.11 < cde["double"].mean() < 0.15
    ways = {mark: np.array([mark in name for name in cde["last"]])[cde["double"]].mean() for mark in (" ", "-")}
    assert 0.45 < ways[" "] < 0.65
    assert 0.12 < ways["-"] < 0.28


def test_days_and_months_are_swapped_and_birthdays_unknown(cde: dict[str, np.ndarray]) -> None:
    def parts(dates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        month = dates.astype("datetime64[M]")
        return month.astype(int) % 12 + 1, (dates - month).astype(int) + 1

    (true_month, true_day), (month, day) = parts(cde["born"]), parts(cde["date"])
    swapped = (month == true_day) & (day == true_month) & (cde["born"] != cde["date"])
    assert 0.001 < swapped.mean() < 0.006  # 0.6 % of dates whose day could be a month
    unknown = (month == 1) & (day == 1) & (cde["born"] != cde["date"])
    assert 0.001 < unknown.mean() < 0.006


@pytest.mark.parametrize(("provider", "missing"), [("ccc", 0.28), ("csu", 0.07), ("edd", 0.0)])
def test_social_security_numbers_are_missing_where_providers_do_not_have_them(
    california: California, provider: str, missing: float
) -> None:
    ((share,),) = california.ask(f"SELECT avg((ssn IS NULL)::INT) FROM {csv(provider, 'person')}")
    assert share == pytest.approx(missing, abs=0.03)


def test_ssids_have_gaps_in_colleges_and_none_in_schools(california: California) -> None:
    shares = {
        p: california.ask(f"SELECT avg((ssid IS NULL)::INT) FROM {csv(p, 'person')}")[0][0]
        for p in ("cde", "ccc", "uc")
    }
    assert shares["cde"] == 0
    assert 0.35 < shares["ccc"] < 0.5
    assert 0.2 < shares["uc"] < 0.45


@pytest.mark.parametrize("provider", sorted(HABITS))
def test_some_persons_have_two_records_at_one_provider(california: California, provider: str) -> None:
    ((records, persons),) = california.ask(
        f"SELECT count(*), count(DISTINCT true_person) FROM '{{truth}}' WHERE provider = '{provider}'"
    )
    if persons > 1_000:
        assert records / persons - 1 == pytest.approx(HABITS[provider].duplicates, abs=0.02)
        assert 0.01 < records / persons - 1 < 0.14


def test_3_percent_are_twins_with_one_birthday_and_surname(block: Block) -> None:
    folk = block.folk
    second = np.flatnonzero(folk.twin)
    assert 2 * len(second) / len(folk) == pytest.approx(0.03, abs=0.005)
    ordinary = second[second > 50]
    assert (folk.born[ordinary] == folk.born[ordinary - 1]).all()
    assert (folk.last[ordinary] == folk.last[ordinary - 1]).all()


def test_a_third_of_people_moved(block: Block) -> None:
    assert (block.folk.moved_year < 9999).mean() == pytest.approx(0.35, abs=0.02)


def test_28_percent_of_women_take_another_name_in_marriage(block: Block) -> None:
    women = block.folk.female
    assert (block.folk.married_year[women] < 9999).mean() == pytest.approx(0.28, abs=0.02)


def test_ssn_digits_are_wrong_in_4_of_1000_records(california: California) -> None:
    ((wrong,),) = california.ask(
        "SELECT avg((n > 1)::INT) FROM (SELECT true_person, count(DISTINCT ssn) n FROM "
        + f"(SELECT record_id, ssn FROM {csv('edd', 'person')} UNION ALL "
        + f"SELECT record_id, ssn FROM {csv('csac', 'person')})"
        + " JOIN '{truth}' USING (record_id) WHERE ssn <> '#' GROUP BY true_person HAVING count(ssn) > 1)"
    )
    assert 0.003 < wrong < 0.015
