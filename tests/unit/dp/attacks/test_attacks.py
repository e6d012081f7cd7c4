"""Everything in the tables is sent to a portal and a data service that run as processes of their own.

Of each: the status, the form of a refusal, no value of the data in any body, and the ledger before and after. At the
end everything that was written by then is searched for the canaries of the data and for the senders' own texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from enclave.core.audit import verify
from enclave.core.clock import SystemClock
from enclave.core.digests import sha256_hex
from enclave.core.signing import open_envelope
from enclave.dp.receipts import canonical_csv
from enclave.dp.shape import Table
from tests.unit.dp.attacks.answered import ANOTHER, ANSWERED, BASE, SAME
from tests.unit.dp.attacks.doors import CALLS, HEADS, JOBS, Call
from tests.unit.dp.attacks.house import ALONE, CANARY, OTHER, PERSONS, House, attacked_house
from tests.unit.dp.attacks.questions import ASKED, REFUSED, UNPAYABLE
from tests.unit.dp.world import PROJECT, count_body

SECRET = (CANARY.encode(), str(PERSONS)[:9].encode())
"""Texts and keys of the data."""
ALARMS = (b"Traceback", b"UNION", ASKED.encode())
"""What no log holds."""
BEN = {"path": f"/projects/{OTHER}/dp/queries", "token": "ben-token"}
"""Ben asks where Alice's purse is empty."""
ASKABLE = (f"{CANARY}-district", f"{CANARY}-county")
"""Canaries that an attacker of the tables guesses: they come back as the keys that they are."""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with attacked_house() as made:
        yield made


def clean(content: bytes) -> bytes:
    """Bytes without what the attacker wrote there."""
    for guess in ASKABLE:
        content = content.replace(guess.encode(), b"")
    return content


def refused(answer: httpx.Response, statuses: set[int]) -> None:
    """A refusal in the one form, that says what to do and repeats nothing."""
    assert answer.status_code in statuses, answer.text
    assert not any(secret in answer.content for secret in (*SECRET, ASKED.encode(), b"UNION", b"Traceback"))
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert set(error) >= {"code", "message", "advice"}
        assert error["advice"]


@pytest.mark.parametrize("body", [body for _, body in REFUSED], ids=[name for name, _ in REFUSED])
def test_a_hostile_question_is_refused_and_charged_nothing(house: House, body: Any) -> None:
    before = house.books()
    refused(house.send(body), {400, 403, 422, 429})
    assert house.books() == before


@pytest.mark.parametrize("body", [body for _, body in UNPAYABLE], ids=[name for name, _ in UNPAYABLE])
def test_what_no_purse_can_pay_is_priced_and_not_asked(house: House, body: Any) -> None:
    before = house.books()
    priced = house.send(body, path=f"/projects/{PROJECT}/dp/cost")
    assert (priced.status_code, priced.json()["affordable"]) == (200, False)
    refused(house.send(body), {409})
    assert house.books() == before


def test_prices_dummies_and_feasibility_counts_refuse_what_questions_refuse(house: House) -> None:
    before = house.books()
    for number, (_, body) in enumerate(REFUSED):
        doors = (f"/projects/{PROJECT}/dp/cost", f"/projects/{PROJECT}/dp/dummy", "/feasibility/queries")
        if number % 4 < 3:
            refused(house.send(body, path=doors[number % 4]), {400, 403, 422, 429})
    assert house.books() == before


@pytest.mark.parametrize(("statuses", "call"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
def test_a_call_that_should_not_come_is_refused_at_the_door(house: House, statuses: set[int], call: Call) -> None:
    before = house.books()
    refused(call.sent(house), statuses)
    assert house.books() == before


@pytest.mark.parametrize(("statuses", "head"), [row[1:] for row in HEADS], ids=[row[0] for row in HEADS])
def test_what_a_head_announces_is_refused_before_it_comes(
    house: House, statuses: set[int], head: list[tuple[str, str]]
) -> None:
    before = house.books()
    assert house.announced(head) in statuses
    assert house.books() == before


@pytest.mark.parametrize("make", [make for _, make in JOBS], ids=[name for name, _ in JOBS])
def test_a_forged_job_is_refused_by_the_data_service(house: House, make: Any) -> None:
    transport = httpx.HTTPTransport(uds=str(house.paths.socket("data")))
    with httpx.Client(transport=transport, timeout=30) as client:
        refused(client.post("http://data/jobs", content=make(house)), {400, 401, 429})
        assert client.get("http://data/docs").status_code == 404


@pytest.mark.parametrize(("body", "cost"), [row[1:] for row in ANSWERED], ids=[row[0] for row in ANSWERED])
def test_an_odd_question_is_answered_for_exactly_its_price(house: House, body: Any, cost: int) -> None:
    before = house.books()
    quoted = house.send(body, path=f"/projects/{PROJECT}/dp/cost")
    assert house.books() == before
    answer = house.send(body)
    after = house.books()
    assert (quoted.status_code, answer.status_code) == (200, 200), answer.text
    found = answer.json()
    assert round(quoted.json()["loss"]["rho"] * 1e9) == round(found["charged"]["rho"] * 1e9) == cost
    assert (
        after.cap - before.cap
        == after.charged[PROJECT, "explore"] - before.charged.get((PROJECT, "explore"), 0)
        == cost
    )
    assert (after.entries, after.open) == (before.entries + 1, 0)
    assert not any(secret in clean(answer.content) for secret in SECRET)
    _check_receipt(house, found)


def _check_receipt(house: House, found: dict[str, Any]) -> None:
    """Signed, of this answer, and without a count of rows."""
    said = open_envelope(found["receipt"], house.keyring, "dp.receipt", SystemClock(), {"data"})
    assert said["result_sha256"] == sha256_hex(canonical_csv(Table(tuple(found["columns"]), tuple(found["rows"]))))
    assert all(row["value"] is None or row["value"] >= 0 for row in found["rows"])


def test_what_asks_the_same_is_free_and_what_asks_another_thing_is_not(house: House) -> None:
    first = house.send(BASE).json()
    for name, change in SAME:
        before = house.books()
        again = house.send({**BASE, **change}).json()
        assert (again["cached"], _cells(again)) == (True, _cells(first)), name
        assert house.books() == before, name
    for name, change in ANOTHER:
        before = house.books()
        other = house.send({**BASE, **change}).json()
        assert not other["cached"], name
        assert house.books().cap - before.cap == round(other["loss"]["rho"] * 1e9) > 0, name


def _cells(answer: dict[str, Any]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in answer["rows"])


def test_one_question_from_every_side_at_once_is_charged_once(house: House) -> None:
    body, before = count_body(loss={"rho": 0.00321}), house.books()
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: house.send(body), range(24)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({json.dumps(answer.json()["rows"]) for answer in answers}) == 1
    after = house.books()
    assert (after.cap - before.cap, after.entries - before.entries) == (3_210_000, 1)


def test_both_projects_at_once_with_one_question_pay_once(house: House) -> None:
    body, before = count_body(loss={"rho": 0.00322}), house.books()
    doors = [(f"/projects/{PROJECT}/dp/queries", "alice-token"), (f"/projects/{OTHER}/dp/queries", "ben-token")] * 6

    def ask(door: tuple[str, str]) -> int:
        return house.send(body, path=door[0], token=door[1]).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(ask, doors)) <= {200, 422}  # 422: the other one's is being answered
    assert {ask(door) for door in doors} == {200}
    assert house.books().cap - before.cap == 3_220_000


def test_the_release_purse_pays_for_what_is_asked_of_it_and_for_nothing_else(house: House) -> None:
    before = house.books()
    body = count_body(loss={"rho": 0.14}, purse="release")
    assert house.send(body).status_code == 200
    after = house.books()
    assert after.charged[PROJECT, "release"] - before.charged.get((PROJECT, "release"), 0) == 140_000_000
    assert after.charged[PROJECT, "explore"] == before.charged[PROJECT, "explore"]
    more = house.send(count_body(loss={"rho": 0.0101}, purse="release"))
    assert (more.status_code, more.json()["error"]["code"]) == (409, "conflict")
    assert house.books() == after
    assert house.send({**body, "purse": "explore"}).json()["cached"]
    assert house.send({**body, "purse": "explore"}, path="/feasibility/queries", token="mallory-token").json()["cached"]
    assert house.books().cap == after.cap


def test_a_key_for_doing_it_once_belongs_to_one_caller_and_one_question(house: House) -> None:
    key, before = {"Idempotency-Key": "once-and-for-all"}, house.books()
    first = house.send(count_body(loss={"rho": 0.00011}), headers=key)
    assert first.status_code == 200
    after = house.books()
    again = house.send(count_body(loss={"rho": 0.00011}), headers=key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    refused(house.send(count_body(loss={"rho": 0.00012}), headers=key), {422})
    refused(house.send(count_body(loss={"rho": 0.00011}), headers=key, token="ben-token"), {403})
    refused(house.send(count_body(loss={"rho": 0.00011}), headers=key, token="0" * 64), {401})
    assert house.books() == after
    assert after.cap - before.cap == 110_000


def test_a_school_with_one_person_is_never_learned(house: House) -> None:
    """Groups that are learned from data: the school of 200 is shown each time, that of one never."""
    for number in range(6):
        where = [
            {"column": "academic_year", "op": "=", "value": 2024},
            {"column": "gpa", "op": ">=", "value": -1 - number},
        ]
        found = house.send(count_body(by=[{"column": "school_code"}], where=where, loss={"rho": 0.002}), **BEN)
        assert {row["school_code"] for row in found.json()["rows"]} == {"0000001"}
        assert ALONE.encode() not in found.content


def test_a_join_to_a_table_that_cannot_be_read_is_no_oracle(house: House) -> None:
    before = house.books()
    refused(house.send(count_body(by=[{"column": "k12_enrollment.gender"}])), {422, 503})
    assert house.books().cap == before.cap


def test_a_table_that_cannot_be_read_is_no_oracle(house: House) -> None:
    """Its keys of persons are texts: whatever a database says of them stays in the research store."""
    before = house.books()
    body = count_body(dataset="k12_enrollment", by=[], where=[{"column": "academic_year", "op": "=", "value": 2023}])
    refused(house.send(body), {422})
    assert house.books().cap == before.cap


def test_nothing_that_was_written_holds_a_value_of_the_data(house: House) -> None:
    for _ in range(3):
        house.send(count_body())
    written = house.written()
    assert {"portal.log", "data.log", "app/app.db"} <= set(written)
    for name, content in written.items():
        assert not any(secret in clean(content) for secret in SECRET), name
        said = [line for line in content.splitlines() if any(text in line for text in ALARMS)]
        assert not said or not name.endswith(".log"), (name, said[:5])
    with house.database.read() as session:
        assert verify(session).holds
