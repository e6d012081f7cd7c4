"""`allowed_actions` of every answer says what its caller may do now: no less than is done, and no more.

For each thing in each state, each kind of person, and each action of its kind: an action that is named is never refused
for who asks or for the state (403, 404, 409), and one that is not named always is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.portal import new_portal
from tests.property.town import Town, town
from tests.unit.portal.things import ACTIONS, API, things

REFUSED = (403, 404, 409)
OFFICE = ("office", "the-administrator", "the-data-steward", "rosa", "the-auditor", None)
PEOPLE: dict[str, tuple[str | None, ...]] = {
    "releases": ("rosa", "stranger", "chris", "the-senior-checker", "the-auditor", None),
    "requests": ("rosa", "stranger", "office", "reviewer-cde", "reviewer-edd", "the-auditor", None),
    "imports": ("rosa", "the-researcher", "chris", "the-data-steward", "the-auditor", None),
    "publications": ("rosa", "the-researcher", "reviewer-cde", "reviewer-ccc", "office", None),
    "assistance": ("rosa", "the-researcher", "the-administrator", "office", "the-auditor", None),
    "reports/runs": ("rosa", "the-research-agenda", "stranger", "the-administrator", None),
    "jobs": ("rosa", "the-researcher", "stranger", "the-administrator", None),
}
"""Who matters to a kind; None is the operator."""
DONE_ELSEWHERE = {"take_second_look", "close_second_look", "contest_veto", "take_back", "appeal_exception"}
"""In `tests/unit/airlock`: second looks are drawn by lot, vetoes are off, the others need more than one turn."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, dict[str, list[str]]]]:
    folder = tmp_path_factory.mktemp("things")
    portal, clock = new_portal(folder)
    with town(portal, clock, folder) as busy:
        found = things(busy)
        busy.keep()
        yield busy, found


@pytest.mark.parametrize("kind", [kind for kind in ACTIONS if kind not in ("snapshots",)])
def test_what_is_named_is_done_and_what_is_not_is_refused(made: Any, kind: str) -> None:
    busy, found = made
    wrong, done = [], set()
    for address in found[kind]:
        for who in PEOPLE.get(kind, OFFICE):
            client = busy.portal.operator(who)
            answer = client.get(address)
            shown = answer.json() if answer.status_code == 200 else None
            named = set(shown["allowed_actions"]) if shown else set()
            assert named <= set(ACTIONS[kind]), f"{address}: {named - set(ACTIONS[kind])}"
            for action, call in ACTIONS[kind].items():
                sent = call.send(client, address, shown)
                refused = sent.status_code in REFUSED if action in named else 400 <= sent.status_code < 500
                if refused == (action in named):
                    where = shown["state"] if shown and "state" in shown else "unseen"
                    said = sent.text[:160] if refused else ""
                    wrong.append(f"{where} {who} {action} named={action in named}: {sent.status_code} {said}")
                if not refused:
                    done.add(action)
                    busy.reset()
    assert not wrong, "\n".join(wrong)
    assert done | DONE_ELSEWHERE == set(ACTIONS[kind]) | DONE_ELSEWHERE, f"never done: {set(ACTIONS[kind]) - done}"


def test_of_snapshots_their_owner_alone_restores(made: Any) -> None:
    busy, _ = made
    address = f"{API}/projects/promise/snapshots"
    rosa = busy.portal.operator("rosa")
    assert [row["allowed_actions"] for row in rosa.get(address).json()] == [["restore"]]
    assert busy.portal.operator("office").get(address).json() == []
    assert rosa.post(f"{address}/snap_kept/restore").json()["allowed_actions"] == []
    assert rosa.post(f"{address}/snap_kept/restore").status_code == 409
    busy.reset()


PARTS = {"AppealView", "VetoBrief", "LookView", "ExceptionView", "RepairView", "DecisionView"}
"""Of an answer that says itself what may be done with them."""
TOLD = {
    "ContributionView", "MatchRunView", "EditionSummary", "EditionView", "RegisterEntry", "PrecedentView",
    "WithdrawalView", "LabStanding", "TrafficView", "TrafficRecord",
}  # fmt: skip
"""What is only told here: nobody does anything with it by the portal."""


def test_every_answer_about_a_thing_with_a_state_says_what_may_be_done(made: Any) -> None:
    schemas = made[0].portal.stranger().get(f"{API}/openapi.json").json()["components"]["schemas"]
    with_state = {name for name, schema in schemas.items() if "state" in schema.get("properties", {})}
    silent = {name for name in with_state if "allowed_actions" not in schemas[name]["properties"]}
    assert {name.rpartition("__")[2] for name in silent} == PARTS | TOLD
    assert len(with_state) - len(silent) > 12


def test_rows_of_lists_say_the_same_as_the_whole_or_less(made: Any) -> None:
    """A release's row knows less than the whole: neither findings nor votes."""
    busy, _ = made
    for who in ("rosa", "office", "chris", "the-administrator"):
        client = busy.portal.operator(who)
        for kind in ("requests", "projects", "packages", "assistance", "releases"):
            rows = client.get(f"{API}/{kind}").json()
            for row in rows if isinstance(rows, list) else rows["releases"]:
                whole = client.get(f"{API}/{kind}/{row['id']}").json()["allowed_actions"]
                assert set(row["allowed_actions"]) <= set(whole), (who, kind, row["id"])
                assert kind == "releases" or row["allowed_actions"] == whole
