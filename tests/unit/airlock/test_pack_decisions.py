"""A rule that is seldom right becomes advice by its owner's word, as a new version of the pack; and a rule again."""

from __future__ import annotations

from typing import Any

import pytest

from c2c_research.disclosure import check_content
from c2c_research.disclosure.findings import Status
from c2c_research.disclosure.policy import NEVER_ADVICE, BadPolicy, load_pack, reference
from enclave.core.actors import Actor
from enclave.core.audit import list_events
from enclave.core.errors import BadInput, Conflict
from enclave.people.roles import Role
from output_review import pack_decisions
from output_review.checks import FixedChecker
from output_review.precision import ENOUGH
from tests.factories import make_actor
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, post
from tests.unit.airlock.house import House
from tests.unit.airlock.test_precision import PACK, REVIEW

PERCENTILES = b"statistic,wage\np25,31213\np50,44217\np75,68213\n"
OWNER = Actor("olga", frozenset({"managing_entity"}))


def test_a_pack_with_advice_says_what_it_finds_and_asks_for_nothing() -> None:
    turned = load_pack(reference(PACK, 2, {"order_statistic"}))
    assert turned.version == f"{load_pack(PACK).version}+2"
    before, after = (check_content("q.csv", PERCENTILES, pack) for pack in (load_pack(PACK), turned))
    assert (before.status, after.status) == (Status.FAIL, Status.PASS)
    assert [each.message for each in before.findings] == [each.message for each in after.findings]


@pytest.mark.parametrize("rule", sorted(NEVER_ADVICE))
def test_rules_that_are_never_advice(rule: str) -> None:
    with pytest.raises(BadPolicy):
        load_pack(reference(PACK, 1, {rule}))


@pytest.mark.parametrize("name", [f"{PACK}+0:rate", f"{PACK}+1", f"{PACK}+1:nonsense", "none+1:rate", f"{PACK}+x:rate"])
def test_references_that_name_no_pack(name: str) -> None:
    with pytest.raises(BadPolicy):
        load_pack(name)


def say(house: House, rule: str, advice: bool) -> Any:
    with house.database.write() as session:
        pack_decisions.decide(session, OWNER, house.clock, PACK, rule, advice=advice, reason="Never upheld.")
        return pack_decisions.in_force(session, PACK)


def test_only_what_is_seldom_upheld_becomes_advice(house: House) -> None:
    house.checker = FixedChecker({f"t{n}.csv": REVIEW for n in range(ENOUGH)})
    house.approved([f"t{n}.csv" for n in range(ENOUGH - 1)])
    with pytest.raises(Conflict):
        say(house, "rate", True)
    house.approved([f"t{ENOUGH - 1}.csv"])
    assert say(house, "rate", True) == f"{PACK}+1:rate"
    with pytest.raises(Conflict):
        say(house, "rate", True)
    assert say(house, "rate", False) == f"{PACK}+2:"
    for rule in ("identifier", "nonsense"):
        with pytest.raises(BadInput):
            say(house, rule, True)
    with house.database.read() as session:
        told = [event.action for event in list_events(session, action="policy").events]
    assert told == ["policy.made_a_rule_again", "policy.turned_to_advice"]


def upload(desk: Portal, names: list[str]) -> Any:
    bodies = [PERCENTILES.replace(b"44217", str(44217 + n).encode()) for n in range(len(names))]
    answer = desk.operator("rosa").post(
        f"{API}/projects/promise/outputs", data={"title": "Percentiles"},
        files=[("files", (name, body)) for name, body in zip(names, bodies, strict=True)],
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return answer.json()


def approved_all_the_same(desk: Portal, names: list[str]) -> None:
    """Each file leaves with a granted exception."""
    made = upload(desk, names)
    path = f"/releases/{made['id']}"
    for file in made["files"]:
        for rule in file["unjustified"]:
            post(
                desk.operator("rosa"),
                f"{path}/justifications",
                {"file": file["id"], "rule": rule, "justification": "x"},
            )
    post(desk.operator("rosa"), f"{path}/submit")
    for file in made["files"]:
        for rule in file["unjustified"]:
            granted = {"file": file["id"], "rule": rule, "grant": True, "reason": "Of thousands of persons."}
            post(desk.operator("sam"), f"{path}/exceptions", granted)
        for name in ("chris", "dana"):
            post(desk.operator(name), f"{path}/votes", {"file": file["id"], "choice": "APPROVED"})
    post(desk.operator("dana"), f"{path}/approve")


def test_the_owner_decides_on_the_page_and_files_are_checked_under_the_new_version(desk: Portal) -> None:
    with desk.context.database.write() as session:
        make_actor(session, desk.context.clock, "olga", Role.MANAGING_ENTITY)
    draft = upload(desk, ["waits.csv"])
    approved_all_the_same(desk, [f"q{n}.csv" for n in range(ENOUGH)])
    assert "Turn to advice" not in desk.browser("chris").get(f"{BASE}/policy").text
    assert desk.browser("chris").post(
        f"{BASE}/policy/{PACK}/rules/order_statistic", data={"word": "advice", "reason": "x"}
    ).status_code == 403  # fmt: skip
    olga = desk.browser("olga")
    assert "proposed as advice" in olga.get(f"{BASE}/policy").text
    answer = olga.post(
        f"{BASE}/policy/{PACK}/rules/order_statistic", data={"word": "advice", "reason": "Never upheld."}
    )
    assert answer.status_code == 303
    page = olga.get(f"{BASE}/policy").text
    assert "Never upheld." in page and "Make it a rule again" in page and "+1" in page
    shown = post(desk.operator("rosa"), f"/releases/{draft['id']}/check")["files"][0]
    assert (draft["status"], shown["status"]) == ("fail", "pass") and shown["policy"].endswith("+1")
    standing = desk.operator("rosa").get(f"{API}/projects/promise/outputs/released-statements").json()
    assert standing["pack"] == f"{PACK}+1:order_statistic"
    olga.post(f"{BASE}/policy/{PACK}/rules/order_statistic", data={"word": "rule", "reason": "A person was seen."})
    shown = post(desk.operator("rosa"), f"/releases/{draft['id']}/check")["files"][0]
    assert shown["status"] == "fail" and shown["policy"].endswith("+2")
