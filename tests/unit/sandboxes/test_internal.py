"""What hub and gateway ask the portal: who may log in, which lab may start, whether it may stay open."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from enclave.core.calls import HEADER, sign_call
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.signing import Keyring, SigningKey
from enclave.people import service as people
from enclave.people.web_sessions import close_sessions_of, open_session, session_id
from enclave.sandboxes.grants import open_grant
from tests.approved import approved_project, make_cast, ready_extract
from tests.factories import OPERATOR, give_password
from tests.portal import BASE, Portal

PASSWORD = "a password for tests"


@pytest.fixture
def approved(database: Database, clock: FixedClock) -> Database:
    """Rosa's project with a ready extract."""
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        ready_extract(session, "promise", clock)
        give_password(session, "rosa", PASSWORD)
    return database


class Caller:
    """A service that signs its calls."""

    def __init__(self, portal: Portal, key: SigningKey, clock: FixedClock) -> None:
        self._client = TestClient(portal.app, base_url="http://portal")
        self._key, self._clock = key, clock

    def post(self, path: str, model: dict[str, Any]) -> tuple[int, Any]:
        body = json.dumps(model).encode()
        headers = {HEADER: sign_call(self._key, self._clock, "POST", path, body)}
        answer = self._client.post(path, content=body, headers={**headers, "Content-Type": "application/json"})
        return answer.status_code, answer.json()

    def get(self, path: str) -> tuple[int, Any]:
        headers = {HEADER: sign_call(self._key, self._clock, "GET", path)}
        answer = self._client.get(path, headers=headers)
        return answer.status_code, answer.json()


@pytest.fixture
def hub(portal: Portal, keys: dict[str, SigningKey], clock: FixedClock) -> Caller:
    return Caller(portal, keys["hub"], clock)


@pytest.fixture
def gateway(portal: Portal, keys: dict[str, SigningKey], clock: FixedClock) -> Caller:
    return Caller(portal, keys["gateway"], clock)


# number, user, password, allowed
LOGINS = [
    (1, "rosa", PASSWORD, True),
    (2, "rosa", "another password", False),
    (3, "stranger", PASSWORD, False),
    (4, "nobody", PASSWORD, False),
    (5, "", "", False),
]


@pytest.mark.parametrize(("number", "name", "password", "allowed"), LOGINS)
def test_only_the_right_password_logs_in(
    number: int, name: str, password: str, allowed: bool, approved: Database, hub: Caller
) -> None:
    status, answer = hub.post("/internal/authenticate", {"username": name, "password": password})
    assert (status, answer["allowed"]) == (200, allowed)


def test_a_member_gets_a_grant_for_the_present_extract(
    approved: Database, hub: Caller, keyring: Keyring, clock: FixedClock
) -> None:
    status, answer = hub.post("/internal/spawn", {"user": "rosa", "project": "promise"})
    assert (status, answer["allowed"]) == (200, True)
    grant = open_grant(answer["spawn"]["grant"], keyring, clock)
    assert (grant.profile, grant.user, grant.project, grant.extract) == ("lab", "rosa", "promise", "1")


# number, user, project
REFUSED = [(1, "stranger", "promise"), (2, "rosa", "other"), (3, "nobody", "promise"), (4, "rosa", "../vault")]


@pytest.mark.parametrize(("number", "user", "project"), REFUSED)
def test_nobody_else_gets_one(
    number: int, user: str, project: str, approved: Database, hub: Caller, gateway: Caller
) -> None:
    status, answer = hub.post("/internal/spawn", {"user": user, "project": project})
    assert (status, answer["allowed"], answer["spawn"]) == (200, False, {})
    assert answer["reason"].endswith(".")
    status, answer = gateway.get(f"/internal/lab-access?user={user}&project={project}&login={_login(approved, user)}")
    assert (status, answer["allowed"]) == (200, False)


def test_a_suspension_counts_at_once(approved: Database, hub: Caller, gateway: Caller, clock: FixedClock) -> None:
    path = f"/internal/lab-access?user=rosa&project=promise&login={_login(approved, 'rosa')}"
    assert gateway.get(path)[1]["allowed"] is True
    with approved.write() as session:
        people.suspend(session, OPERATOR, clock, "rosa", "A test of the door.")
    assert gateway.get(path)[1]["allowed"] is False
    assert hub.post("/internal/spawn", {"user": "rosa", "project": "promise"})[1]["allowed"] is False


def test_the_end_of_a_portals_session_closes_the_lab(approved: Database, gateway: Caller, clock: FixedClock) -> None:
    path = f"/internal/lab-access?user=rosa&project=promise&login={_login(approved, 'rosa')}"
    assert gateway.get(path)[1]["allowed"] is True
    with approved.write() as session:
        close_sessions_of(session, "rosa")
    assert gateway.get(path)[1] == {
        "allowed": False,
        "reason": "Your session has ended. Log in to the portal again.",
    }
    path = f"/internal/lab-access?user=rosa&project=promise&login={_login(approved, 'rosa')}"
    clock.advance(timedelta(hours=2))
    assert gateway.get(path)[1]["allowed"] is False


def test_another_persons_session_opens_no_lab(approved: Database, gateway: Caller) -> None:
    foreign = _login(approved, "stranger")
    assert gateway.get(f"/internal/lab-access?user=rosa&project=promise&login={foreign}")[1]["allowed"] is False


def _login(database: Database, user: str) -> str:
    """The name of an open session at the portal; of a person that nobody knows, of one that is not there."""
    if user not in ("rosa", "stranger"):
        return "none"
    with database.write() as session:
        return session_id(open_session(session, user, datetime(2026, 8, 3, 9, tzinfo=UTC), timedelta(hours=1)))


def test_each_service_asks_its_own_questions_only(approved: Database, hub: Caller, gateway: Caller) -> None:
    assert gateway.post("/internal/spawn", {"user": "rosa", "project": "promise"})[0] == 401
    assert gateway.post("/internal/authenticate", {"username": "rosa", "password": PASSWORD})[0] == 401
    assert hub.get("/internal/lab-access?user=rosa&project=promise")[0] == 401


def test_an_unsigned_question_is_not_answered(approved: Database, portal: Portal) -> None:
    client = TestClient(portal.app, base_url="http://portal")
    assert client.get("/internal/lab-access?user=rosa&project=promise").status_code == 401
    assert client.post("/internal/spawn", json={"user": "rosa", "project": "promise"}).status_code == 401
    assert client.post(f"{BASE}/internal/spawn", json={}).status_code == 404


def test_a_signature_fits_one_question(
    approved: Database, portal: Portal, keys: dict[str, SigningKey], clock: FixedClock
) -> None:
    header = sign_call(keys["gateway"], clock, "GET", "/internal/lab-access?user=eve&project=promise")
    client = TestClient(portal.app, base_url="http://portal")
    answer = client.get("/internal/lab-access?user=rosa&project=promise", headers={HEADER: header})
    assert answer.status_code == 401


def test_a_page_without_the_hub_says_what_to_do(approved: Database, portal: Portal) -> None:
    answer = portal.browser("rosa").get(f"{BASE}/sessions")
    assert answer.status_code == 503
    assert "The hub does not answer." in answer.text


def test_the_gateway_tells_what_went_out_and_nobody_else_does(
    approved: Database, hub: Caller, gateway: Caller, portal: Portal
) -> None:
    report = {"id": "rep-1", "run": "run-1", "user": "rosa", "project": "promise", "down": {"contents": 1000}, "up": 1}
    body = {**report, "reads": {"/a.csv": [1, 1000]}, "ended": False}
    assert hub.post("/internal/lab-traffic", body)[0] == 401
    for _ in range(2):
        status, answer = gateway.post("/internal/lab-traffic", body)
        assert (status, answer["down"]["contents"], answer["refusal"]) == (200, 1000, "")
    portal.context.settings.lab_stop_mb = 1
    body = {**body, "id": "rep-2", "down": {"kernel": 1_000_000}}
    assert gateway.post("/internal/lab-traffic", body)[1]["refusal"].startswith("The lab was stopped")
    assert gateway.post("/internal/lab-traffic", {**body, "id": "rep-3", "down": {"kernel": -1}})[0] == 422
