"""Revisions, corrections, the cap over all editions, and a journal that a third party verifies offline."""

from __future__ import annotations

import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, update

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import BadInput, Conflict
from enclave.core.signing import Keyring
from enclave.dp import caps, journal, ledger, service, store
from enclave.dp.journal import link
from enclave.dp.ledger import Question
from enclave.dp.loss import NANO, Loss
from enclave.dp.model import EditionCap, JournalLine, LedgerEntry, PrivacyBudget
from enclave.dp.policy import load_budgets
from enclave.dp.reconciliation import differences
from enclave.dp.verification import verify, verify_file
from enclave.people.roles import Role
from tests.factories import OPERATOR, make_user
from tests.portal import BASE, Portal
from tests.unit.dp.editions import EDITION
from tests.unit.dp.test_ledger import ALICE, TOTAL, question
from tests.unit.dp.world import PROJECT, World, count_body

KEPT = load_budgets().kept_for_revisions.nano_rho
PERSON = load_budgets().person_total.nano_rho


def of_edition(name: str, cost: int, edition: str, project: str = "promise") -> Question:
    asked = question(name, cost, project)
    return Question(project, edition, "explore", asked.digest, "0" * 64, asked.specification, asked.shares)


def shown(database: Database, edition: str = "2025r1") -> list[dict[str, Any]]:
    with database.read() as session:
        names = ("number", "previous", "digest", "hash", "content")
        return [{name: getattr(line, name) for name in names} for line in journal.lines_of(session, edition)]


def differing(database: Database) -> list[str]:
    with database.read() as session:
        return [what for _, what in differences(session)]


def work(database: Database, clock: FixedClock) -> None:
    """A little of everything that can happen to a budget."""
    with database.write() as session:
        ledger.grant(session, OPERATOR, clock, "promise", "2025r1", "explore", Loss(TOTAL), "a larger study")
        ledger.correct(session, OPERATOR, clock, "promise", "2025r1", "explore", Loss(10), "a slip of the pen")
        for number, end in enumerate(("answered", "lost", "refused", "open")):
            entry, _ = ledger.reserve(session, ALICE, clock, question(f"{number}", 1000 + number))
            if end == "answered":
                ledger.spend(session, ALICE, clock, entry, {"rows": [], "receipt": {"signed": True}})
            elif end == "lost":
                ledger.spend(session, ALICE, clock, entry, None, "failed or lost after data access")
            elif end == "refused":
                ledger.void(session, ALICE, clock, entry, "refused")
        ledger.reserve(session, ALICE, clock, question("0", 1000, project="other"))


def test_revisions_have_a_quarter_of_their_own_that_nothing_else_can_use(database: Database, clock: FixedClock) -> None:
    whole = load_budgets().edition_total.nano_rho
    assert whole == KEPT * 3
    with database.write() as session:
        for number in range(whole // TOTAL):
            ledger.reserve(session, ALICE, clock, question(f"{number}", TOTAL, project=f"p{number}"))
        with pytest.raises(Conflict, match="purse revision has rho"):
            ledger.reserve(session, ALICE, clock, question("r", 1000, purse="revision"))
        ledger.grant(session, OPERATOR, clock, "promise", "2025r1", "revision", Loss(KEPT + 5), "table 3 was wrong")
        assert ledger.reserve(session, ALICE, clock, question("r", KEPT, purse="revision"))[1]
        with pytest.raises(Conflict, match="kept for revisions has too little"):
            ledger.reserve(session, ALICE, clock, question("s", 5, purse="revision"))
        with pytest.raises(Conflict, match="The edition has too little"):
            ledger.reserve(session, ALICE, clock, question("t", 5))
    assert differing(database) == []


def test_a_person_loses_over_all_editions_no_more_than_the_policy_says(database: Database, clock: FixedClock) -> None:
    whole = load_budgets().edition_total.nano_rho
    with database.write() as session:
        for year in range(PERSON // whole):
            edition = f"20{year + 10}r1"
            ledger.grant(session, OPERATOR, clock, "promise", edition, "explore", Loss(whole), "a test of caps")
            assert ledger.reserve(session, ALICE, clock, of_edition("a", whole, edition))[1]
        said = "Over all yearly editions a person's data may lose rho 12.000000 at most; 12.000000 is used"
        with pytest.raises(Conflict, match=re.escape(said)):
            ledger.reserve(session, ALICE, clock, of_edition("b", 7, "2040r1"))
        assert store.charged(session, "promise", "2040r1") == 0
        last = store.live_entry(session, "promise", "2010r1", question("a", whole).digest)
        assert last is not None
        ledger.void(session, ALICE, clock, last, "refused")
        assert ledger.reserve(session, ALICE, clock, of_edition("b", 7, "2040r1"))[1]
    assert differing(database) == []


def test_what_editions_lost_before_there_was_a_cap_over_all_counts(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        session.add(EditionCap(edition="2019r1", total=NANO, charged=NANO, delta_total=0, delta_charged=0))
        ledger.reserve(session, ALICE, clock, question("a", 1000))
        every = store.cap(session, caps.EVERY)
        assert every is not None
        assert every.charged == NANO + 1000


def test_of_two_replies_to_one_entry_the_second_finds_it_settled(either_database: Database, clock: FixedClock) -> None:
    with either_database.write() as session:
        entry, _ = ledger.reserve(session, ALICE, clock, question("a", 1000))
    together = Barrier(2)

    def settle(_: int) -> str:
        with either_database.write() as session:
            store.entry(session, entry.id)
            if either_database.engine.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
                together.wait(20)
            answer = {"state": "answered", "answer": {"rows": [], "receipt": {"signed": True}}}
            return service.settle(session, ALICE, clock, entry.id, answer).state

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(settle, range(2))) == ["SPENT", "SPENT"]
    assert differing(either_database) == []


def test_a_grant_is_taken_back_down_to_what_is_used(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        ledger.reserve(session, ALICE, clock, question("a", TOTAL - 5))
        with pytest.raises(Conflict, match="used already"):
            ledger.correct(session, OPERATOR, clock, "promise", "2025r1", "explore", Loss(6), "a slip of the pen")
        row = ledger.correct(session, OPERATOR, clock, "promise", "2025r1", "explore", Loss(5), "a slip of the pen")
        assert row.total == row.charged == TOTAL - 5


def test_the_journal_of_everything_that_can_happen_verifies(database: Database, clock: FixedClock) -> None:
    work(database, clock)
    found = verify("2025r1", shown(database))
    assert found.problems == []
    kinds = {line["content"]["kind"] for line in shown(database)}
    assert kinds >= {"cap", "opened", "granted", "corrected", "reserved", "shared", "answered", "unanswered", "voided"}
    assert differing(database) == []


def test_a_line_that_is_changed_left_out_or_swapped_is_found(database: Database, clock: FixedClock) -> None:
    work(database, clock)
    lines = shown(database)
    for number, line in enumerate(lines):
        changed = [dict(each) for each in lines]
        changed[number]["content"] = {**line["content"], "by": "user:mallory"}
        assert not verify("2025r1", changed).holds
        if number + 1 < len(lines):
            assert not verify("2025r1", lines[:number] + lines[number + 1 :]).holds
    assert not verify("2025r1", [lines[1], lines[0], *lines[2:]]).holds
    assert not verify("2024r1", lines).holds


def forged(lines: list[dict[str, Any]], number: int, **said: Any) -> list[dict[str, Any]]:
    """The chain made anew after a change of one line: only the sums can tell."""
    made, previous = [], journal.GENESIS
    for place, line in enumerate(lines, 1):
        content = {**line["content"], **(said if place == number else {})}
        digest = sha256_hex(canonical_json(content))
        head = link("2025r1", place, previous, digest)
        made.append({"number": place, "previous": previous, "digest": digest, "hash": head, "content": content})
        previous = head
    return made


def test_a_chain_made_anew_still_has_to_add_up(database: Database, clock: FixedClock) -> None:
    work(database, clock)
    lines = shown(database)
    place = {line["content"]["kind"]: line["number"] for line in lines}
    assert verify("2025r1", forged(lines, 0)).holds
    assert not verify("2025r1", forged(lines, place["reserved"], nano_rho=1)).holds
    assert not verify("2025r1", forged(lines, place["answered"], receipt="")).holds
    assert not verify("2025r1", forged(lines, place["unanswered"], cause="")).holds
    assert not verify("2025r1", forged(lines, place["granted"], reason="")).holds
    over = {"total": 1, "charged": 2, "revision_total": 0, "revision_charged": 0}
    assert not verify("2025r1", forged(lines, len(lines), cap=over)).holds


@pytest.mark.parametrize(
    "change",
    [
        update(PrivacyBudget).where(PrivacyBudget.project == "promise").values(charged=1),
        update(PrivacyBudget).values(total=PrivacyBudget.total + NANO),
        update(EditionCap).where(EditionCap.edition == "2025r1").values(charged=1),
        update(EditionCap).where(EditionCap.edition == "~all").values(charged=1),
        update(LedgerEntry).where(LedgerEntry.cost == 1001).values(state="VOIDED"),
        delete(LedgerEntry).where(LedgerEntry.cost == 1001),
        delete(JournalLine).where(JournalLine.number > 5),
    ],
)
def test_rows_changed_beside_the_journal_are_named(database: Database, clock: FixedClock, change: Any) -> None:
    work(database, clock)
    with database.write() as session:
        session.execute(change)
    assert differing(database)


def test_the_export_of_a_project_shows_its_own_lines_and_verifies_offline(
    world: World, portal: Portal, clock: FixedClock, keyring: Keyring, tmp_path: Path
) -> None:
    api = f"{BASE}/api/projects/{PROJECT}/dp"
    portal.operator("alice").post(f"{api}/queries", json=count_body())
    portal.operator("alice").post(f"{BASE}/api/feasibility/queries", json=count_body(loss={"error": 200}))
    answer = portal.operator("alice").get(f"{api}/ledger/export")
    file = tmp_path / "ledger.json"
    file.write_bytes(answer.content)
    found = verify_file(file, keyring, clock)
    assert (found.holds, 0 < found.read < found.lines) == (True, True)
    assert '"~planning"' not in answer.text
    envelope = answer.json()
    envelope["payload"]["lines"].pop()
    file.write_text(json.dumps(envelope))
    assert not verify_file(file, keyring, clock).holds
    file.write_text("[")
    with pytest.raises(BadInput):
        verify_file(file, keyring, clock)
    table = list(csv.DictReader(io.StringIO(portal.operator("alice").get(f"{api}/ledger/export?form=csv").text)))
    assert [row["kind"] for row in table if row["project"] == PROJECT] == ["opened", "reserved", "answered"]
    assert portal.operator("alice").get(f"{BASE}/api/privacy/{EDITION}/ledger").status_code == 403


def test_the_office_reads_an_editions_journal_and_sees_it_burn_down(world: World, portal: Portal) -> None:
    with world.database.write() as session:
        make_user(session, portal.context.clock, "olga", Role.MANAGING_ENTITY)
        make_user(session, portal.context.clock, "audrey", Role.AUDITOR)
    portal.operator("alice").post(f"{BASE}/api/projects/{PROJECT}/dp/queries", json=count_body())
    for name in ("olga", "audrey"):
        page = portal.browser(name).get(f"{BASE}/privacy/{EDITION}").text
        assert "Burn-down of privacy loss" in page
        assert "question charged" in page
    assert f"/privacy/{EDITION}" in portal.browser("olga").get(f"{BASE}/public/privacy").text
    assert portal.browser("alice").get(f"{BASE}/privacy/{EDITION}").status_code == 403
    page = portal.browser("alice").get(f"{BASE}/projects/{PROJECT}/budget").text
    assert "<polyline" in page
    assert "question charged" in page
    told = portal.operator("audrey").get(f"{BASE}/api/audit/verify").json()
    assert (told["holds"], told["agrees"]) == (True, True)
