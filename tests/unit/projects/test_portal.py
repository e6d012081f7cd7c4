"""The pages and the API of requests, projects and agreements, as each of the people sees them."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.signing import open_envelope
from enclave.projects import store
from tests.approved import approved_project, form, forwarded, make_cast, ready_extract, submitted
from tests.portal import BASE, Portal

API = f"{BASE}/api"


def _fields(**changes: Any) -> dict[str, Any]:
    document = form()
    fields: dict[str, Any] = {
        name: document[name]
        for name in (
            "title", "project", "abstract", "institution", "signatory", "purpose", "benefit", "legal_basis",
            "settings", "outputs", "duration_months",
        )
    }  # fmt: skip
    fields |= {"team": "rosa", "year_from": "2018", "year_to": "2021", "cohort": ""}
    fields["column"] = [f"{each['table']}.{column}" for each in document["selections"] for column in each["columns"]]
    fields |= {f"why:{each['table']}": each["justification"] for each in document["selections"]}
    return fields | changes


def _post(client: TestClient, path: str, **fields: Any) -> str:
    answer = client.post(f"{BASE}{path}", data=fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _page(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(f"{BASE}{path}")
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


def test_a_request_goes_from_the_form_to_a_project_in_the_browser(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        make_cast(session, clock)
    rosa, office = portal.browser("rosa"), portal.browser("office")
    picker = _page(rosa, "/requests/new")
    assert "cde.k12_enrollment" in picker
    assert "given as the quarter only" in picker
    path = _post(rosa, "/requests", then="submit", **_fields()).split("?")[0].removeprefix(BASE)
    assert "waits to be checked" in _page(office, "/")
    assert "Your desk: the office" in _page(office, path)
    _post(office, f"{path}/forward", summary="Asks for K-12 and wage records to study the promise.")
    for who in ("reviewer-cde", "reviewer-edd"):
        desk = portal.browser(who)
        assert "waits for your provider's decision" in _page(desk, "/")
        shown = _page(desk, path)
        digest = re.search(r'name="digest" value="([0-9a-f]{64})"', shown)
        assert digest
        _post(desk, f"{path}/decide", verdict="APPROVED", digest=digest[1], reason="")
    assert "Go to the project" in _page(rosa, path)
    project = _page(rosa, "/projects/promise")
    assert "The lab is closed for you" in project
    assert "It is built as soon as the worker is free" in project
    with database.write() as session:
        ready_extract(session, "promise", clock)
    assert "Open the lab" in _page(rosa, "/projects/promise")


def test_an_incomplete_form_is_kept_and_says_what_is_missing(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        make_cast(session, clock)
    rosa = portal.browser("rosa")
    place = _post(rosa, "/requests", then="submit", title="Only a title", team="rosa").removeprefix(BASE)
    assert "not+submitted" in place
    shown = _page(rosa, place.split("?")[0])
    assert "Before it can be submitted" in shown
    assert "purpose" in shown
    assert "Only a title" in _page(rosa, place.split("?")[0] + "/edit")


def test_what_was_chosen_and_written_stands_in_the_form_again(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        make_cast(session, clock)
    rosa = portal.browser("rosa")
    lines = "cde.k12_enrollment.grade_level in 09, 10\nedd.ui_wage.earnings > 0"
    path = _post(rosa, "/requests", then="save", **_fields(cohort=lines)).split("?")[0].removeprefix(BASE)
    again = _page(rosa, f"{path}/edit")
    assert re.search(r'value="edd.ui_wage.earnings" checked', again)
    assert lines in again


def test_a_cohort_line_that_cannot_be_read_says_how_one_is_written(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        make_cast(session, clock)
    answer = portal.browser("rosa").post(f"{BASE}/requests", data=_fields(cohort="everybody please"))
    assert answer.status_code == 400
    assert "Write provider.table.column" in answer.text


# number, who, page, status; the request names cde and edd and was forwarded, the project is approved and ready
PAGES = [
    (1, "rosa", "/requests/{request}", 200),
    (2, "office", "/requests/{request}", 200),
    (3, "reviewer-cde", "/requests/{request}", 200),
    (4, "reviewer-ccc", "/requests/{request}", 403),
    (5, "stranger", "/requests/{request}", 403),
    (6, "auditor", "/requests/{request}", 200),
    (7, "stranger", "/projects/promise", 403),
    (8, "rosa", "/projects/promise", 200),
    (9, "reviewer-edd", "/projects/promise", 200),
    (10, "reviewer-ccc", "/projects/promise", 403),
    (11, "office", "/agreements", 200),
    (12, "rosa", "/agreements", 403),
    (13, "rosa", "/requests/new", 200),
    (14, "office", "/requests/new", 403),
    (15, "stranger", "/requests", 200),
    (16, "stranger", "/projects", 200),
    (17, "rosa", "/projects/unknown", 404),
]


@pytest.mark.parametrize(("number", "who", "path", "status"), PAGES)
def test_which_pages_open_for_whom(
    portal: Portal, database: Database, clock: FixedClock, number: int, who: str, path: str, status: int
) -> None:
    with database.write() as session:
        project = approved_project(session, make_cast(session, clock), clock)
        ready_extract(session, "promise", clock)
        request = project.request_id
    _page(portal.browser(who), path.format(request=request), status)


def test_the_public_register_needs_no_login_and_shows_no_draft(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        submitted(session, cast, clock)
        draft = store.list_requests(session)[0]
        draft.form = {**draft.form, "abstract": "An unsubmitted change of the text."}
    shown = _page(portal.stranger(), "/register")
    assert "College promise and first wages" in shown
    assert "unsubmitted" not in shown
    assert portal.stranger().get(f"{API}/register").json()[0]["state"] == "SUBMITTED"


def test_the_office_suspends_an_agreement_and_reads_what_followed(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
        ready_extract(session, "promise", clock)
    office, rosa = portal.browser("office"), portal.browser("rosa")
    (edd,) = [row for row in portal.operator().get(f"{API}/agreements").json() if row["provider"] == "edd"]
    assert "20 CFR 603" in _page(office, f"/agreements/{edd['id']}")
    place = _post(office, f"/agreements/{edd['id']}/suspend", reason="Under inspection.")
    assert "revoked%3A+1" in place
    assert "The lab is closed for you" in _page(rosa, "/projects/promise")


def test_the_office_manages_a_project_in_the_browser(portal: Portal, database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
        ready_extract(session, "promise", clock)
    office, rosa = portal.browser("office"), portal.browser("rosa")
    _post(rosa, "/projects/promise/members", user="stranger")
    assert "training missing or expired" in _page(rosa, "/projects/promise")
    _post(rosa, "/projects/promise/members/stranger/remove")
    _post(office, "/projects/promise/state", to="suspend", reason="A question about its team.")
    assert "A question about its team." in _page(rosa, "/projects/promise")
    _post(office, "/projects/promise/state", to="resume")
    _post(office, "/projects/promise/extracts")
    assert "Version 2" in _page(office, "/projects/promise")
    _post(office, "/projects/promise/state", to="close", reason="The work is done.")
    assert rosa.post(f"{BASE}/projects/promise/state", data={"to": "resume"}).status_code == 403


def test_the_operator_writes_for_a_requester_but_never_decides(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        make_cast(session, clock)
    operator = portal.operator()
    made = operator.post(f"{API}/requests", json={"form": form(), "requester": "rosa"})
    assert made.status_code == 201, made.text
    path = f"{API}/requests/{made.json()['id']}"
    assert {way["open"] for way in operator.get(f"{path}/pathway").json()} == {True}
    assert operator.post(f"{path}/submit").json()["state"] == "SUBMITTED"
    view = operator.post(f"{path}/forward", json={"summary": "Asks for K-12 and wage records."}).json()
    body = {"verdict": "APPROVED", "digest": view["digest"]}
    assert operator.post(f"{path}/decide", json=body).status_code == 403
    for who in ("reviewer-cde", "reviewer-edd"):
        assert portal.operator(who).post(f"{path}/decide", json=body).status_code == 200
    assert operator.get(path).json()["state"] == "APPROVED"
    (extract,) = operator.get(f"{API}/projects/promise/extracts").json()
    assert extract["state"] == "QUEUED"


def test_the_api_refuses_an_unknown_field_without_echoing_values(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        make_cast(session, clock)
    answer = portal.operator().post(f"{API}/requests", json={"form": {"sql": "SELECT secret"}, "requester": "rosa"})
    assert answer.status_code == 400
    assert "SELECT" not in answer.text


def test_the_vaults_snapshot_is_the_operators_and_signed(portal: Portal, database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        make_cast(session, clock)
    envelope = portal.operator().get(f"{API}/operator/vault-snapshot").json()
    payload = open_envelope(envelope, portal.context.keyring, "vault.snapshot", clock, {"portal"})
    assert [each["provider"] for each in payload["agreements"]] == ["ccc", "cde", "csu", "edd"]
    for who in ("office", "auditor", "rosa"):
        assert portal.browser(who).get(f"{API}/operator/vault-snapshot").status_code == 403


def test_a_provider_returns_a_request_with_a_reason_that_the_requester_reads(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        request = forwarded(session, make_cast(session, clock), clock)
        path, digest = f"/requests/{request.id}", request.versions[-1].digest
    desk = portal.browser("reviewer-edd")
    refused = desk.post(f"{BASE}{path}/decide", data={"verdict": "RETURNED", "digest": digest, "reason": ""})
    assert refused.status_code == 400
    _post(desk, f"{path}/decide", verdict="RETURNED", digest=digest, reason="Wages by employer are not needed.")
    rosa = portal.browser("rosa")
    assert "Wages by employer are not needed." in _page(rosa, path)
    assert "needs your answer" in _page(rosa, "/")


# number, hours before the end, what the home page says
ENDINGS = [
    (1, 24 * 31, ""),
    (2, 24 * 29 + 1, "ends in 29 days"),
    (3, 24 * 6 + 1, "ends in 6 days"),
    (4, 5, "ends within a day"),
]


@pytest.mark.parametrize(("number", "hours", "said"), ENDINGS)
def test_members_and_the_office_are_told_before_a_project_ends(
    number: int, hours: int, said: str, portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        project = approved_project(session, make_cast(session, clock), clock)
        project.expires_at = clock.now() + timedelta(hours=hours)
    for name in ("rosa", "office"):
        assert (f"promise {said or 'ends'}" in _page(portal.browser(name), "/")) == bool(said)
    assert ("The project ends soon" in _page(portal.browser("rosa"), "/projects/promise")) == bool(said)
    assert "promise ends" not in _page(portal.browser("stranger"), "/")


def test_the_standing_of_a_lab_is_told_to_those_who_see_the_project(
    portal: Portal, database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        project = approved_project(session, make_cast(session, clock), clock)
        project.expires_at = clock.now() - timedelta(hours=1)
    told = portal.browser("rosa").get(f"{API}/projects/promise/lab").json()
    assert (told["state"], told["idle_since"], told["stops_at"], told["workspace"]) == ("closed", None, None, [])
    assert "expired" in told["sentence"]
    assert portal.browser("stranger").get(f"{API}/projects/promise/lab").status_code in (403, 404)
