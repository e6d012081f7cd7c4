"""From a question to a signed answer: the real ledger, the real socket, the real engine; and what crashes leave."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enclave.agreements import service as agreements
from enclave.agreements import store as agreement_store
from enclave.core.actors import Actor
from enclave.core.audit import verify
from enclave.core.clock import FixedClock
from enclave.core.digests import sha256_hex
from enclave.core.errors import Conflict, EnclaveError, NotAllowed, TooMany, Unavailable, Unprocessable
from enclave.core.signing import SigningKey, open_envelope
from enclave.dp import access, ledger, service, store
from enclave.dp.answers import Answers
from enclave.dp.ledger import Question
from enclave.dp.receipts import canonical_csv
from enclave.dp.shape import Table
from enclave.dp.specification import parse_request
from services.data import dp as jobs
from services.private_answers import answer_question, orphans, settle_entry
from tests.factories import OPERATOR, make_actor
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT, World, count_body, make_project, with_key


def ask(world: World, **changes: Any) -> dict[str, Any]:
    request = parse_request(count_body(**changes))
    return answer_question(world.database, world.client, world.alice, PROJECT, request)


def charged(world: World) -> int:
    with world.database.read() as session:
        return store.charged(session, PROJECT, EDITION)


def reserve(world: World, **changes: Any) -> str:
    with world.database.write() as session:
        request = parse_request(count_body(**changes))
        return service.ask(session, world.alice, world.client.clock, PROJECT, request)[0].id


def test_an_answer_has_values_a_price_and_what_is_left(world: World) -> None:
    found = ask(world)
    assert [row["county_code"] for row in found["rows"]] == ["01", "19"]
    assert abs(found["rows"][1]["value"] - 201) < 150
    assert found["rows"][1]["half_width"] <= 30
    assert found["loss"]["rho"] == charged(world) / 1e9
    assert found["remaining"]["rho"] == pytest.approx(0.15 - found["loss"]["rho"])
    assert not found["cached"]


def test_the_same_question_again_has_the_same_answer_and_costs_nothing(world: World) -> None:
    first, before = ask(world), charged(world)
    second = ask(world, by=[{"column": "county_code", "keys": ["19", "01"]}])
    assert second["cached"]
    assert second["rows"] == first["rows"]
    assert charged(world) == before


def test_the_receipt_is_signed_and_fits_answer_ledger_and_specification(world: World) -> None:
    found = ask(world, measures=[{"kind": "count_persons"}, {"kind": "mean", "column": "gpa"}])
    receipt = open_envelope(found["receipt"], world.client.keyring, "dp.receipt", world.client.clock, {"data"})
    table = Table(tuple(found["columns"]), tuple(found["rows"]))
    with world.database.read() as session:
        entry = store.entry(session, found["entry"])
        assert receipt["entry_hash"] == entry.hash
        assert receipt["loss"]["nano_rho"] == entry.cost == sum(item["nano_rho"] for item in receipt["statistics"])
        assert verify(session).holds
    assert receipt["result_sha256"] == sha256_hex(canonical_csv(table))
    assert receipt["unit_of_privacy"] == "person"
    assert receipt["statistics"][-1]["bounds"] == [0.0, 5.0]
    assert {"opendp", "duckdb"} == set(receipt["libraries"])


def test_groups_learned_from_data_are_charged_delta_and_the_receipt_says_how(world: World) -> None:
    found = ask(world, by=[{"column": "district_code", "keys": None}], loss={"error": 8})
    assert [row["district_code"] for row in found["rows"]] == ["0000000", "0000001", "0000002"]
    assert (found["charged"]["delta_of_keys"], found["loss"]["delta_of_keys"]) == (1e-9, 1e-9)
    receipt = open_envelope(found["receipt"], world.client.keyring, "dp.receipt", world.client.clock, {"data"})
    assert receipt["loss"]["femto_delta"] == receipt["learned_keys"]["femto_delta"] == 1_000_000
    assert "smartnoise-sql" in receipt["mechanism"]
    assert {"opendp", "duckdb", "smartnoise-sql"} == set(receipt["libraries"])
    with world.database.read() as session:
        assert store.charged_delta(session, PROJECT, EDITION) == 1_000_000
        assert verify(session).holds


def test_a_price_touches_no_data_and_charges_nothing(world: World) -> None:
    with world.database.read() as session:
        request = parse_request(count_body())
        quoted = service.quote(session, world.alice, world.client.clock, PROJECT, request).as_json()
    assert quoted["measures"] == [{"measure": "count_persons", "half_width": 30, "of": "value"}]
    assert quoted["questions_like_this"] >= 60
    assert charged(world) == 0
    assert not (world.context.paths.bounded / "answers").exists()


def test_fifty_parallel_requests_with_budget_for_one_get_exactly_one_charge(world: World) -> None:
    def attempt(number: int) -> bool:
        try:
            ask(world, loss={"rho": 0.1 + number / 10_000})
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(50))) == 1
    assert charged(world) <= 150_000_000


def test_the_same_question_in_parallel_is_computed_and_charged_once(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(world), range(8)))
    assert len({json.dumps(answer["rows"]) for answer in answers}) == 1
    assert charged(world) == round(answers[0]["loss"]["rho"] * 1e9)


def test_new_questions_have_a_pace_and_old_ones_none(world: World, clock: FixedClock) -> None:
    first = ask(world, loss={"rho": 0.0001})
    with world.database.write() as session:
        for number in range(access.MOST_A_MINUTE - 1):
            asked = Question(
                PROJECT, EDITION, "explore", f"{number:064}", "0" * 64, {"dataset": "k12_completion"}, (1,)
            )
            entry, _ = ledger.reserve(session, world.alice, clock, asked)
            ledger.spend(session, world.alice, clock, entry, None, "a test of the pace")
    with pytest.raises(TooMany, match="within a minute"):
        ask(world, loss={"rho": 0.0002})
    assert ask(world, loss={"rho": 0.0001})["rows"] == first["rows"]
    clock.advance(timedelta(minutes=1, seconds=1))
    assert ask(world, loss={"rho": 0.0002})["charged"]["rho"] == pytest.approx(0.0002)


def test_strangers_operators_and_members_of_other_projects_cannot_ask(world: World, clock: FixedClock) -> None:
    with world.database.write() as session:
        bob = make_actor(session, clock, "bob")
    for actor in (bob, OPERATOR):
        with pytest.raises(NotAllowed):
            ask(replace(world, alice=actor))
    assert charged(world) == 0


def test_a_withdrawn_agreement_refuses_the_next_question_at_once(world: World, clock: FixedClock) -> None:
    with world.database.write() as session:
        agreement = agreement_store.list_agreements(session)[0]
        agreements.suspend(session, OPERATOR, agreement.id, "the provider withdraws", clock)
    with pytest.raises(Conflict, match="agreement"):
        ask(world)


def test_an_element_without_permission_cannot_be_asked_about(world: World) -> None:
    with world.database.write() as session:
        agreement = agreement_store.list_agreements(session)[0]
        agreement.elements = {**agreement.elements, "k12_completion.gpa": "none"}
    with pytest.raises(NotAllowed, match="gpa"):
        ask(world, measures=[{"kind": "mean", "column": "gpa"}])
    assert ask(world)["rows"]


def test_a_refusal_before_data_gives_the_charge_back(world: World, tmp_path: Path) -> None:
    (tmp_path / "research" / "editions" / EDITION / "cde" / "k12_completion.parquet").unlink()
    with pytest.raises(Unprocessable):
        ask(world)
    assert charged(world) == 0


def test_a_failure_after_data_access_stays_charged_and_says_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_args: object) -> None:
        raise ValueError("Could not convert string 'secret-value-4711' to INT64")

    monkeypatch.setattr(jobs, "_run", explode)
    with pytest.raises(Unavailable) as first:
        ask(world)
    monkeypatch.undo()
    with pytest.raises(Unavailable) as again:
        ask(world)
    assert first.value.as_json() == again.value.as_json()
    assert "secret" not in json.dumps(first.value.as_json())
    assert charged(world) > 0


def test_a_question_whose_reply_is_lost_keeps_its_answer_for_the_next_try(world: World) -> None:
    entry_id = reserve(world)
    with world.database.read() as session:
        world.client.call("dp.query", **service.job_of(store.entry(session, entry_id)))
    before = charged(world)
    found = ask(world)
    assert (found["entry"], found["cached"], charged(world)) == (entry_id, True, before)


def test_an_orphan_that_never_reached_the_data_is_voided_and_cannot_run_later(world: World, clock: FixedClock) -> None:
    entry_id = reserve(world)
    clock.advance(timedelta(minutes=10))
    assert orphans(world.database, world.client) == [entry_id]
    with world.database.read() as session:
        late = service.job_of(store.entry(session, entry_id))
    settled = settle_entry(world.database, world.client, world.alice, entry_id)
    assert (settled.state, charged(world)) == ("VOIDED", 0)
    assert world.client.call("dp.query", **late)["state"] == "refused"


def test_an_orphan_whose_answer_was_lost_in_a_crash_stays_charged(world: World) -> None:
    entry_id = reserve(world)
    Answers(world.context.paths.bounded / "answers").start(entry_id)
    settled = settle_entry(world.database, world.client, world.alice, entry_id)
    assert (settled.state, settled.answer) == ("SPENT", None)
    assert "lost" in settled.cause
    assert charged(world) > 0


def test_an_orphan_that_was_answered_gets_its_answer(world: World) -> None:
    entry_id = reserve(world)
    with world.database.read() as session:
        world.client.call("dp.query", **service.job_of(store.entry(session, entry_id)))
    settled = settle_entry(world.database, world.client, world.alice, entry_id)
    assert settled.answer is not None
    assert ask(world)["rows"] == settled.answer["rows"]


def test_without_a_data_service_the_question_is_kept_for_settling(world: World, tmp_path: Path) -> None:
    away = replace(world, client=replace(world.client, socket=tmp_path / "nobody.sock"))
    with pytest.raises(Unavailable, match="could not be answered"):
        ask(away)
    assert ask(world)["cached"]


@pytest.mark.parametrize("issuer", ["hub", "gateway", "checker", "data", "vault"])
def test_only_portal_and_worker_may_send_jobs(world: World, keys: dict[str, SigningKey], issuer: str) -> None:
    with pytest.raises(Unavailable):
        with_key(world.client, keys[issuer]).call("dp.prepare", edition=EDITION)


def test_an_expired_job_is_refused(world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    late = replace(world.client, clock=FixedClock(clock.now() - timedelta(minutes=5)))
    with pytest.raises(Unavailable):
        late.call("dp.prepare", edition=EDITION)


@pytest.mark.parametrize(
    "change",
    [{"shares": [0]}, {"shares": [1, 1]}, {"shares": ["1"]}, {"policy_digest": "0"}, {"specification": {}}],
)
def test_a_job_that_does_not_fit_its_price_is_refused_before_data(world: World, change: dict[str, Any]) -> None:
    entry_id = reserve(world)
    with world.database.read() as session:
        job = service.job_of(store.entry(session, entry_id)) | change
    assert world.client.call("dp.query", **job)["state"] == "refused"


@pytest.mark.parametrize("entry", ["../../x", "", "dpe_short", 7])
def test_an_entry_id_cannot_leave_the_answers_folder(world: World, entry: Any) -> None:
    with world.database.read() as session:
        job = service.job_of(store.entry(session, reserve(world))) | {"entry": entry}
    with pytest.raises(EnclaveError):
        world.client.call("dp.query", **job)


def test_replies_after_data_access_leave_in_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(jobs.time, "sleep", slept.append)
    ask(world)
    assert len(slept) == 1
    assert 0 <= slept[0] <= jobs.REPLY_STEP


def test_bounded_tables_can_be_built_ahead(world: World) -> None:
    assert world.client.call("dp.prepare", edition=EDITION)["tables"] == ["k12_completion"]


def ask_as(world: World, project: str, user: str, **changes: Any) -> dict[str, Any]:
    request = parse_request(count_body(**changes))
    return answer_question(world.database, world.client, Actor(user), project, request)


@pytest.fixture
def second(world: World, clock: FixedClock) -> World:
    """The world with another project beside the first one."""
    with world.database.write() as session:
        make_project(session, clock, "beside", "ben")
    return world


def test_what_another_project_asked_is_answered_alike_for_nothing(second: World) -> None:
    first = ask(second)
    again = ask_as(second, "beside", "ben")
    assert (again["rows"], again["loss"], again["cached"]) == (first["rows"], first["loss"], True)
    assert again["charged"]["rho"] == 0
    payload = open_envelope(again["receipt"], second.client.keyring, "dp.receipt", second.client.clock, {"data"})
    assert (payload["project"], payload["user"], payload["entry"]) == ("beside", "ben", again["entry"])
    assert PROJECT not in json.dumps(payload)
    assert "alice" not in json.dumps(payload)
    table = Table(tuple(again["columns"]), tuple(again["rows"]))
    assert payload["result_sha256"] == sha256_hex(canonical_csv(table))
    with second.database.read() as session:
        assert store.charged(session, "beside", EDITION) == 0
        cap = store.cap(session, EDITION)
        assert cap is not None
        assert cap.charged == store.charged(session, PROJECT, EDITION)
        assert verify(session).holds


def test_two_projects_at_once_with_one_question_pay_once(second: World) -> None:
    def as_either(who: tuple[str, str]) -> dict[str, Any]:
        for _ in range(50):
            with suppress(Unprocessable):  # the other one's is being answered
                return ask_as(second, *who)
            time.sleep(0.05)
        raise AssertionError("never answered")

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(as_either, [(PROJECT, "alice"), ("beside", "ben")])
    assert one["rows"] == other["rows"]
    assert sorted([one["charged"]["rho"] > 0, other["charged"]["rho"] > 0]) == [False, True]


def test_an_answer_that_was_lost_is_not_shared(second: World) -> None:
    request = parse_request(count_body())
    with second.database.write() as session:
        entry, _ = service.ask(session, second.alice, second.client.clock, PROJECT, request)
        service.settle(session, second.alice, second.client.clock, entry.id, {"state": "failed"})
    assert ask_as(second, "beside", "ben")["charged"]["rho"] > 0


@pytest.mark.parametrize(
    "change", [{"policy_digest": "0" * 64}, {"edition": "2024r1"}, {"shares": [1]}, {"source": "dpe_x"}]
)
def test_the_research_store_shares_no_answer_to_another_question(second: World, change: dict[str, Any]) -> None:
    ask(second)
    request = parse_request(count_body())
    with second.database.write() as session:
        entry, _ = service.ask(session, Actor("ben"), second.client.clock, "beside", request)
        job = service.job_of(entry)
    assert second.client.call("dp.query", **{**job, **change})["state"] == "refused"
