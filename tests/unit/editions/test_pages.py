"""The data catalogue on the pages and in the API."""

from __future__ import annotations

import pytest

from enclave.editions import service
from enclave.people.roles import Role
from tests.factories import make_user
from tests.portal import BASE, Portal
from tests.unit.editions.test_events import published

QUALITY = {
    "records": 5000, "persons": 1200, "linked_share": 0.81, "threshold": 4.0,
    "providers": [{"provider": "cde", "records": 900, "persons": 880, "linked_share": 0.9}],
    "subgroups": {"sex": [{"group": "female", "records": 400, "linked_share": 0.88}]},
    "thresholds": [{"threshold": 2.0, "pairs": 0, "expected_precision": None}],
    "bridge": {"pupils": 880, "with_bridge_record": 0.61, "linked_to_wages": 0.4},
}  # fmt: skip


@pytest.fixture
def filled(portal: Portal) -> Portal:
    contribution = {"id": "evt_contribution", "type": "contribution.accepted", "subject": "con_1", "provider": "cde",
                    "year": 2025, "counts": {"rows": 30}}  # fmt: skip
    run = {"id": "evt_matchrun", "type": "match_run.accepted", "subject": "mrun_1", "year": 2025, "runner": "ana",
           "accepted_by": "bo", "counts": {"records": 5000}}  # fmt: skip
    with portal.context.database.write() as session:
        make_user(session, portal.context.clock, "rosa", Role.RESEARCHER)
        for event in (contribution, run, published(1) | {"quality": QUALITY}):
            service.ingest_event(session, event, portal.context.clock)
    return portal


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/editions", "2025r1"),
        ("/editions/2025r1", "k12_enrollment"),
        ("/editions/2025r1", "61.0 %"),
        ("/editions/2025r1/cde/k12_enrollment", "Kindergarten"),
        ("/editions/contributions", "mrun_1"),
    ],
)
def test_a_researcher_reads_the_catalogue(filled: Portal, path: str, shown: str) -> None:
    answer = filled.browser("rosa").get(f"{BASE}{path}")
    assert answer.status_code == 200
    assert shown in answer.text


def test_pages_without_anything_say_what_to_do(portal: Portal) -> None:
    with portal.context.database.write() as session:
        make_user(session, portal.context.clock, "rosa", Role.RESEARCHER)
    browser = portal.browser("rosa")
    assert "editions publish" in browser.get(f"{BASE}/editions").text
    assert "vault intake" in browser.get(f"{BASE}/editions/contributions").text


@pytest.mark.parametrize("path", ["/editions/1999r9", "/editions/2025r1/cde/nothing"])
def test_what_does_not_exist_is_not_found(filled: Portal, path: str) -> None:
    assert filled.browser("rosa").get(f"{BASE}{path}").status_code == 404


def test_the_api_gives_the_codebook(filled: Portal) -> None:
    operator = filled.operator()
    assert [each["id"] for each in operator.get(f"{BASE}/api/editions").json()] == ["2025r1"]
    table = operator.get(f"{BASE}/api/editions/2025r1").json()["tables"][0]
    assert table["columns"][1]["codes"] == {"KG": "Kindergarten"}
    assert operator.get(f"{BASE}/api/editions/contributions").json()[0]["state"] == "ACCEPTED"
    assert operator.get(f"{BASE}/api/editions/matches").json()[0]["accepted_by"] == "bo"


def test_nobody_reads_the_catalogue_without_logging_in(filled: Portal) -> None:
    assert filled.stranger().get(f"{BASE}/api/editions").status_code == 401
