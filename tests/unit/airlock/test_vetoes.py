"""A provider's veto: off by default, silence proceeds, a refusal stands against these files, its cost is counted."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from enclave.core.errors import Conflict
from enclave.core.signing import seal
from enclave.people.roles import Role
from output_review import service, store
from output_review.model import ReleaseRecord
from output_review.policies import due_at
from output_review.reconciliation import reconcile
from output_review.record import KIND, verify
from output_review.vetoes.cost import cost, past
from output_review.vetoes.states import LABEL, VetoState
from services.airlock import airlock_of
from services.news.table import told_by
from services.web.waiting import waiting_for
from services.worker import vetoes as worker
from tests.factories import make_actor
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, TABLE, approve, post, sequential

OFF = {"provider": "cde", "days": 0, "reason": "The board took it back."}
ON = {"provider": "cde", "days": 5, "reason": "Clause 7 of the agreement."}
WHY = {"reason": "Names a school that clause 4 protects."}


def switch_on(desk: Portal, provider: str = "cde") -> None:
    post(desk.operator("office"), "/vetoes/rules", {**ON, "provider": provider}, 201)


def approved(desk: Portal, data: bytes = TABLE) -> str:
    identity = sequential(desk, data)
    approve(desk, identity)
    return identity


def shown(desk: Portal, identity: str, who: str = "rosa") -> Any:
    return desk.operator(who).get(f"{API}/releases/{identity}").json()


def veto_of(desk: Portal, identity: str, provider: str = "cde") -> str:
    return str([each["id"] for each in shown(desk, identity)["vetoes"] if each["provider"] == provider][-1])


def ready(desk: Portal) -> list[str]:
    with desk.context.database.read() as session:
        return store.approved_ids(session)


def agrees(desk: Portal) -> list[str]:
    with desk.context.database.read() as session:
        found = reconcile(airlock_of(desk.context), session, desk.context.keyring, desk.context.clock)
        return [each.what for each in found.differences]


def release(desk: Portal, identity: str) -> None:
    airlock = airlock_of(desk.context)
    service.release(airlock, desk.context.database, Actor.service("worker"), identity, desk.context.key)


def later(clock: FixedClock, **time: int) -> None:
    clock.advance(timedelta(**time))


@pytest.fixture
def held(desk: Portal) -> str:
    """Approved outputs of rosa's project, with cde's veto on; edd, which the project uses too, has none."""
    switch_on(desk)
    return approved(desk)


def test_without_a_rule_nothing_waits_and_only_the_office_switches_it_on(desk: Portal) -> None:
    identity = approved(desk)
    assert shown(desk, identity)["vetoes"] == [] and ready(desk) == [identity]
    for who in ("rosa", "chris", "reviewer-cde", "auditor", "ada"):
        post(desk.operator(who), "/vetoes/rules", ON, 403)
    post(desk.operator("office"), "/vetoes/rules", {**ON, "days": 16}, 400)
    post(desk.operator("office"), "/vetoes/rules", {**ON, "provider": "nobody"}, 404)
    post(desk.operator("office"), "/vetoes/rules", ON, 201)
    post(desk.operator("office"), "/vetoes/rules", ON, 409)
    assert ready(desk) == [identity], "what was approved before is not held"
    post(desk.operator("office"), "/vetoes/rules", OFF, 201)
    rules = desk.operator("auditor").get(f"{API}/vetoes/rules").json()
    assert [(each["days"], each["decided_by"]) for each in rules] == [(0, "office"), (5, "office")]
    assert shown(desk, approved(desk, TABLE.replace(b"Alpine", b"Amador")))["vetoes"] == []


def test_silence_proceeds_and_nobody_releases_before(desk: Portal, held: str, clock: FixedClock) -> None:
    mine = shown(desk, held)
    assert (mine["state"], mine["waits_for"], ready(desk)) == ("APPROVED", "provider cde", [])
    assert "release" not in shown(desk, held, "dana")["allowed_actions"]
    with pytest.raises(Conflict, match="may refuse"):
        release(desk, held)
    assert shown(desk, held, "dana")["release_problem"] == "", "waiting is no failure"
    assert worker.due(desk.context) == []
    later(clock, days=8)
    assert worker.due(desk.context) == [veto_of(desk, held)]
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto_of(desk, held)}/refuse", WHY, 409)
    worker.lapse(desk.context, veto_of(desk, held))
    assert ready(desk) == [held]
    release(desk, held)
    assert shown(desk, held)["state"] == "RELEASED" and agrees(desk) == []


def test_no_objection_lets_it_leave_at_once(desk: Portal, held: str) -> None:
    browser = desk.browser("reviewer-cde")
    page = browser.get(f"{BASE}/vetoes/{veto_of(desk, held)}").text
    assert "Alpine" in page and "No objection" in page
    assert "let it leave" in browser.get(f"{BASE}/").text
    assert browser.post(f"{BASE}/vetoes/{veto_of(desk, held)}/waive").status_code == 303
    assert ready(desk) == [held]


# number, who, what they try, the answer
DOORS: list[tuple[int, str, str, Any, int]] = [
    (1, "rosa", "waive", None, 403),
    (2, "rosa", "refuse", WHY, 403),
    (3, "chris", "refuse", WHY, 403),
    (4, "reviewer-edd", "refuse", WHY, 404),
    (5, "reviewer-edd", "waive", None, 404),
    (6, "office", "refuse", WHY, 403),
    (7, "cde-and-team", "refuse", WHY, 404),
    (8, "stranger", "contest", WHY, 404),
    (9, "rosa", "contest", WHY, 409),
    (10, "office", "decision", {"overrule": True, "reason": "No."}, 409),
    (11, "reviewer-cde", "refuse", {"reason": "  "}, 400),
    (12, "reviewer-cde", "refuse", WHY, 200),
]


def test_who_may_do_what_while_a_veto_is_open(desk: Portal, held: str, clock: FixedClock) -> None:
    """7: a reviewer of the provider who belongs to the project; 9 and 10: nothing is refused yet."""
    with desk.context.database.write() as session:
        make_actor(session, clock, "cde-and-team", Role.PROVIDER_REVIEWER, provider="cde")
        store.get(session, held).members = ["rosa", "cde-and-team"]
    veto = veto_of(desk, held)
    for number, who, path, body, status in DOORS:
        answer = desk.operator(who).post(f"{API}/vetoes/{veto}/{path}", json=body)
        assert answer.status_code == status, (number, answer.text)


def test_a_refusal_gives_the_request_back_and_stands_until_the_office_overrules_it(desk: Portal, held: str) -> None:
    first = veto_of(desk, held)
    reviewer, rosa = desk.browser("reviewer-cde"), desk.browser("rosa")
    assert reviewer.post(f"{BASE}/vetoes/{first}/refuse", data=WHY).status_code == 303
    page = rosa.get(f"{BASE}/releases/{held}").text
    assert "clause 4" in page and shown(desk, held)["state"] == "RETURNED" and ready(desk) == []
    post(desk.operator("rosa"), f"/releases/{held}/submit")
    again = shown(desk, held, "dana")
    assert any("refused these very files" in each for each in again["missing"]), again["missing"]
    post(desk.operator("dana"), f"/releases/{held}/approve", status=409)
    post(desk.operator("dana"), f"/releases/{held}/return", {"note": "Ask the office."})
    assert rosa.post(f"{BASE}/vetoes/{first}/contest", data={"reason": "Clause 4 excepts totals."}).status_code == 303
    assert shown(desk, held)["waits_for"] == "managing entity"
    office = desk.browser("office")
    assert "is contested" in office.get(f"{BASE}/").text
    form = {"verdict": "overrule", "reason": "Totals are excepted."}
    assert office.post(f"{BASE}/vetoes/{first}/decision", data=form).status_code == 303
    assert "Totals are excepted." in rosa.get(f"{BASE}/vetoes/{first}").text
    post(desk.operator("rosa"), f"/releases/{held}/submit")
    post(desk.operator("dana"), f"/releases/{held}/approve")
    assert ready(desk) == [held], "overruled: these very files are not held again"
    release(desk, held)
    assert agrees(desk) == []


@pytest.mark.parametrize(
    ("state", "same", "holds"),
    [("OVERRULED", True, True), ("REFUSED", False, True), ("REFUSED", True, False), ("UPHELD", True, False),
     ("CONTESTED", True, False), ("OPEN", False, False)],
)  # fmt: skip
def test_the_signed_record_names_the_vetoes_and_none_may_stand(
    state: str, same: bool, holds: bool, desk: Portal, held: str
) -> None:
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto_of(desk, held)}/waive")
    release(desk, held)
    bundle, keys = airlock_of(desk.context).bundles / held / "bundle.zip", desk.context.keyring
    assert verify(bundle, keys, desk.context.clock).holds
    with zipfile.ZipFile(bundle) as archive:
        payload = json.loads(archive.read("record.json"))["payload"]
        assert "No objection" in archive.read("record.html").decode()
        archive.extractall(bundle.parent / "changed")
    assert [(each["provider"], each["state"], each["same"]) for each in payload["vetoes"]] == [("cde", "WAIVED", True)]
    payload["vetoes"][0] |= {"state": state, "same": same}
    envelope = seal(KIND, payload, desk.context.key, desk.context.clock)
    (bundle.parent / "changed" / "record.json").write_text(json.dumps(envelope))
    found = verify(bundle.parent / "changed", keys, desk.context.clock)
    assert [each["check"] for each in found.checks if not each["holds"]] == ([] if holds else ["vetoes"])


def test_other_files_are_asked_about_anew_and_a_draft_is_not_shown(desk: Portal, held: str) -> None:
    first = veto_of(desk, held)
    post(desk.operator("reviewer-cde"), f"/vetoes/{first}/refuse", WHY)
    rosa, other = desk.operator("rosa"), TABLE.replace(b"Alpine", b"Amador")
    rosa.post(f"{API}/releases/{held}/files", files=[("files", ("t1.csv", other))])
    assert "Amador" not in desk.browser("reviewer-cde").get(f"{BASE}/vetoes/{first}").text
    assert desk.operator("reviewer-cde").get(f"{API}/vetoes/{first}").json()["files"] == []
    post(rosa, f"/vetoes/{first}/contest", WHY, 409)
    post(rosa, f"/releases/{held}/submit")
    approve(desk, held)
    assert veto_of(desk, held) != first and ready(desk) == []
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto_of(desk, held)}/waive")
    assert ready(desk) == [held] and agrees(desk) == []


def test_a_provider_takes_its_refusal_back(desk: Portal, held: str) -> None:
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto_of(desk, held)}/refuse", WHY)
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto_of(desk, held)}/waive")
    post(desk.operator("rosa"), f"/releases/{held}/submit")
    post(desk.operator("dana"), f"/releases/{held}/approve")
    assert ready(desk) == [held]


def test_one_refusal_closes_the_others_and_they_are_asked_again(desk: Portal) -> None:
    switch_on(desk)
    switch_on(desk, "edd")
    identity = approved(desk)
    edd = veto_of(desk, identity, "edd")
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto_of(desk, identity)}/refuse", WHY)
    assert desk.operator("reviewer-edd").get(f"{API}/vetoes/{edd}").json()["state"] == "CLOSED"
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto_of(desk, identity)}/waive")
    post(desk.operator("rosa"), f"/releases/{identity}/submit")
    post(desk.operator("dana"), f"/releases/{identity}/approve")
    assert shown(desk, identity)["waits_for"] == "provider edd"


def test_the_right_people_are_told_and_the_clock_has_an_owner(desk: Portal, held: str, clock: FixedClock) -> None:
    veto = veto_of(desk, held)
    with desk.context.database.read() as session:
        waits = waiting_for(session, Actor("reviewer-cde", frozenset({"provider_reviewer"})), clock)
    assert [each.due for each in waits if each.path == f"/vetoes/{veto}"] == [due_at(clock.now(), 5)]
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto}/refuse", WHY)
    post(desk.operator("rosa"), f"/vetoes/{veto}/contest", WHY)
    post(desk.operator("office"), f"/vetoes/{veto}/decision", {"overrule": False, "reason": "It is clear."})
    with desk.context.database.read() as session:
        told = {each.action: {one.user for one in told_by(session, each)} for each in list_events(session).events}
    assert told["release.held"] == {"reviewer-cde", "rosa"}
    assert told["veto.refused"] == {"chris", "dana", "office"} and told["veto.contested"] == {"office"}
    assert told["veto.upheld"] == {"rosa"} and told["release.returned"] == {"rosa"}
    post(desk.operator("rosa"), f"/vetoes/{veto}/contest", WHY, 409)


def test_a_veto_changed_beside_the_trail_is_found(desk: Portal, held: str) -> None:
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto_of(desk, held)}/refuse", WHY)
    assert agrees(desk) == []
    with desk.context.database.write() as session:
        session.execute(text("UPDATE release_veto SET state = 'WAIVED', reason = 'Fine'"))
    assert len([each for each in agrees(desk) if each.startswith("the veto of cde")]) == 2
    with desk.context.database.write() as session:
        session.execute(text("DELETE FROM release_veto"))
    assert len([each for each in agrees(desk) if each.startswith("the veto vet_")]) == 1


def test_the_cost_is_worked_out_on_the_releases_that_happened(desk: Portal, clock: FixedClock) -> None:
    """Monday's release the same day would have waited 7 calendar days for 5 working days; one that took four days after
    its approval waits 3 more; one without the provider's data waits for nothing."""
    assert clock.now().weekday() == 0, "the test counts from a Monday"
    for number, (days, providers) in enumerate([(0, ["cde"]), (4, ["cde", "edd"]), (0, ["edd"])]):
        identity = approved(desk, TABLE.replace(b"Alpine", f"D{number}".encode()))
        later(clock, days=days)
        release(desk, identity)
        with desk.context.database.write() as session:
            store.get(session, identity).providers = providers
            assert session.get_one(ReleaseRecord, identity).released_at == clock.now()
        later(clock, days=7 - days)
    with desk.context.database.read() as session:
        history = past(session)
    found = cost(history, ["cde"], 5)
    assert (found.releases, found.held, found.median, found.p90, found.longest) == (3, 2, 3.0, 7.0, 7.0)
    assert (cost(history, ["cde"], 0).longest, cost(history, ["ccc"], 5).held) == (0.0, 0)
    rows = {row["provider"]: row for row in desk.operator("auditor").get(f"{API}/vetoes/cost?days=5").json()}
    assert rows["cde"]["costs"][0]["p90"] == 7.0 and rows["*"]["costs"][0]["held"] == 3
    page = desk.browser("office").get(f"{BASE}/vetoes").text
    assert "9 of 10 at most 7.0, longest 7.0" in page and "2 of 3" in page


def test_every_state_has_words() -> None:
    assert set(LABEL) == set(VetoState)
