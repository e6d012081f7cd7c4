"""The ledger never spends above a cap, whoever races, and the same question is charged once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from enclave.core.actors import Actor
from enclave.core.audit import verify
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import Conflict, TooMany
from enclave.dp import caps, ledger, store
from enclave.dp.ledger import Question
from enclave.dp.loss import NANO, Loss
from enclave.dp.model import EditionCap, PrivacyBudget
from enclave.dp.policy import load_budgets
from enclave.dp.states import ENTRY, EntryState

ALICE = Actor("alice")
TOTAL = load_budgets().opens_with("explore").nano_rho


def question(name: str, cost: int, project: str = "promise", purse: str = "explore") -> Question:
    return Question(project, "2025r1", purse, f"{name:0>64}", "0" * 64, {"dataset": "k12_completion"}, (cost,))


def test_every_state_of_an_entry_stands_in_the_table() -> None:
    assert set(ENTRY.transitions) == set(EntryState)


def test_a_reservation_charges_the_purse_and_the_edition(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        entry, new = ledger.reserve(session, ALICE, clock, question("a", 1000))
    with database.read() as session:
        purse, cap = store.budget(session, "promise", "2025r1", "explore"), store.cap(session, "2025r1")
        assert purse is not None
        assert cap is not None
        assert (new, entry.state, entry.cumulative, purse.charged, cap.charged) == (True, "RESERVED", 1000, 1000, 1000)
        assert verify(session).holds


def test_the_same_question_again_is_the_same_entry_and_free(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        first, _ = ledger.reserve(session, ALICE, clock, question("a", 1000))
    with database.write() as session:
        second, new = ledger.reserve(session, ALICE, clock, question("a", 1000, purse="release"))
        assert (second.id, new) == (first.id, False)
        assert store.charged(session, "promise", "2025r1") == 1000


def test_delta_of_learned_groups_is_held_reserved_and_given_back_like_rho(
    database: Database, clock: FixedClock
) -> None:
    held = load_budgets().opens_with("explore").femto_delta
    with database.write() as session:
        entry, _ = ledger.reserve(session, ALICE, clock, replace(question("a", 1000), delta=held))
        with pytest.raises(Conflict, match="no delta left"):
            ledger.reserve(session, ALICE, clock, replace(question("b", 1000), delta=1))
        assert ledger.reserve(session, ALICE, clock, question("c", 1000))[1]
        assert (entry.delta, entry.cumulative_delta) == (held, held)
        ledger.void(session, ALICE, clock, entry, "refused")
        assert store.charged_delta(session, "promise", "2025r1") == 0
        assert ledger.reserve(session, ALICE, clock, replace(question("d", 1000), delta=1))[0].delta == 1


def test_the_edition_holds_the_delta_of_all_projects(database: Database, clock: FixedClock) -> None:
    budgets = load_budgets()
    held, whole = budgets.opens_with("explore").femto_delta, budgets.edition_total.femto_delta
    with database.write() as session:
        for number in range(whole // held):
            asked = replace(question(str(number), 1000, f"p{number}"), delta=held)
            assert ledger.reserve(session, ALICE, clock, asked)[1]
        with pytest.raises(Conflict, match="edition"):
            ledger.reserve(session, ALICE, clock, replace(question("x", 1000, "late"), delta=held))
        assert store.charged_delta(session, "late", "2025r1") == 0


def test_the_database_itself_refuses_more_delta_than_is_held(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        caps.open_cap(session, ALICE, clock, "2025r1")
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(update(EditionCap).values(delta_charged=EditionCap.delta_total + 1))


def test_a_voided_question_gives_its_charge_back_and_can_be_asked_again(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        entry, _ = ledger.reserve(session, ALICE, clock, question("a", 1000))
        ledger.void(session, ALICE, clock, entry, "refused")
    with database.write() as session:
        again, new = ledger.reserve(session, ALICE, clock, question("a", 1000))
        cap = store.cap(session, "2025r1")
        assert cap is not None
        assert (new, again.id != entry.id, cap.charged) == (True, True, 1000)


def test_a_settled_entry_cannot_be_settled_again(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        entry, _ = ledger.reserve(session, ALICE, clock, question("a", 1000))
        ledger.spend(session, ALICE, clock, entry, {"rows": []})
    with database.write() as session, pytest.raises(Conflict):
        ledger.void(session, ALICE, clock, store.entry(session, entry.id), "late")


def test_what_is_not_there_cannot_be_spent(database: Database, clock: FixedClock) -> None:
    with database.write() as session, pytest.raises(Conflict, match="left"):
        ledger.reserve(session, ALICE, clock, question("a", TOTAL + 1))
    with database.write() as session:
        ledger.reserve(session, ALICE, clock, question("b", TOTAL))


def test_the_editions_cap_stands_over_all_projects(database: Database, clock: FixedClock) -> None:
    cap = load_budgets().edition_total.nano_rho
    with database.write() as session:
        for number in range(cap // TOTAL):
            ledger.reserve(session, ALICE, clock, question(f"{number}", TOTAL, project=f"p{number}"))
    with database.write() as session, pytest.raises(Conflict, match="edition"):
        ledger.reserve(session, ALICE, clock, question("last", TOTAL, project="last"))
    with database.read() as session:
        assert store.charged(session, "last", "2025r1") == 0


def test_a_grant_raises_a_purse(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        row = ledger.grant(session, ALICE, clock, "promise", "2025r1", "explore", Loss(NANO), "a larger study")
        assert row.total == TOTAL + NANO


def test_questions_without_answers_do_not_pile_up(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        for number in range(ledger.MOST_OPEN):
            ledger.reserve(session, ALICE, clock, question(f"{number}", 1))
    with database.write() as session, pytest.raises(TooMany):
        ledger.reserve(session, ALICE, clock, question("one-more", 1))


def test_the_database_itself_refuses_to_overspend(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        ledger.reserve(session, ALICE, clock, question("a", 10))
    for model in (PrivacyBudget, EditionCap):
        with pytest.raises(IntegrityError), database.write() as session:
            session.execute(update(model).values(charged=model.total + 1))


def test_eight_threads_with_forty_reservations_each_never_overspend(database: Database, clock: FixedClock) -> None:
    cost = TOTAL // 100

    def work(thread: int) -> int:
        done = 0
        for number in range(40):
            try:
                with database.write() as session:
                    entry, _ = ledger.reserve(session, ALICE, clock, question(f"{thread}-{number}", cost))
                    ledger.spend(session, ALICE, clock, entry, None, "test")
                    done += 1
            except Conflict:
                continue
        return done

    with ThreadPoolExecutor(8) as pool:
        done = sum(pool.map(work, range(8)))
    with database.read() as session:
        assert done == 100
        assert store.charged(session, "promise", "2025r1") == done * cost <= TOTAL
