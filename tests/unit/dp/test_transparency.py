"""What the public sees of privacy loss, and the audit that the office asks for."""

from __future__ import annotations

import pytest

from enclave.core.audit import verify
from enclave.core.clock import FixedClock
from enclave.dp import audits
from enclave.dp.policy import load_policies
from services.worker import mechanism as worker
from services.worker.app import Worker
from tests.factories import OPERATOR, Role, make_user
from tests.portal import BASE, Portal
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT, World, count_body

PAGE = f"{BASE}/public/privacy"
TABLE = {"tables": ["k12_completion"], "draws": 60}


def test_anybody_sees_what_is_spent_and_by_whom_but_no_question(world: World, portal: Portal) -> None:
    assert "Nothing was asked of this edition yet." in portal.stranger().get(PAGE).text
    portal.operator("alice").post(f"{BASE}/api/projects/{PROJECT}/dp/queries", json=count_body())
    portal.operator("alice").post(f"{BASE}/api/feasibility/queries", json=count_body(loss={"error": 200}))
    shown = portal.stranger().get(PAGE).text
    assert PROJECT in shown
    assert "Feasibility counts of everybody" in shown
    assert "k12_completion" not in shown
    assert "alice" not in shown
    (edition,) = portal.stranger().get(f"{BASE}/api/public/privacy").json()
    assert [by["answers"] for by in edition["by"]] == [1, 1]
    assert edition["charged"]["rho"] == pytest.approx(sum(by["charged"]["rho"] for by in edition["by"]))


def test_the_office_audits_the_mechanism_and_the_page_says_what_came_out(
    world: World, portal: Portal, clock: FixedClock
) -> None:
    with world.database.write() as session:
        make_user(session, portal.context.clock, "olga", Role.MANAGING_ENTITY)
    assert worker.unaudited(portal.context) == []
    clock.advance(worker.WAIT)
    assert worker.unaudited(portal.context) == [EDITION]
    found = portal.operator("olga").post(f"{BASE}/api/privacy/audits", json=TABLE)
    assert (found.status_code, found.json()["holds"]) == (201, True)
    assert worker.unaudited(portal.context) == []
    shown = portal.stranger().get(PAGE).text
    assert "60 times each" in shown
    assert "persons" in shown
    with world.database.read() as session:
        assert verify(session).holds


def test_the_result_comes_to_the_public_page_without_anybodys_help(
    world: World, portal: Portal, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "DRAWS", 4)  # what is seen here is the road, not the numbers
    clock.advance(worker.WAIT)
    loop = Worker(portal.context, worker.JOBS)
    assert loop.tick() == 1
    assert loop.tick() == 0
    (edition,) = portal.stranger().get(f"{BASE}/api/public/privacy").json()
    assert edition["audit"]["draws"] == 4
    assert {each["table"] for each in edition["audit"]["findings"]} == set(load_policies())
    assert "4 times each" in portal.stranger().get(PAGE).text


def test_only_the_office_audits_and_with_numbers_that_can_be_drawn(world: World, portal: Portal) -> None:
    assert portal.operator("alice").post(f"{BASE}/api/privacy/audits", json=TABLE).status_code == 403
    for wrong in ({"draws": 1}, {"draws": 10**9}, {"tables": ["passwords"]}, {"edition": "1999r1"}):
        answer = portal.operator().post(f"{BASE}/api/privacy/audits", json={**TABLE, **wrong})
        assert answer.status_code in (400, 404, 422)


def test_a_refuted_claim_stands_on_the_page(world: World, portal: Portal) -> None:
    line = {"table": "k12_completion", "statistic": "rows", "claimed_rho": 2.0, "at_least_rho": 3.1, "holds": False}
    with world.database.write() as session:
        result = {"draws": 60, "holds": False, "findings": [line]}
        audits.write_down(session, OPERATOR, portal.context.clock, EDITION, result)
    assert "refuted" in portal.stranger().get(PAGE).text
