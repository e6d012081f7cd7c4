"""My account, set-up links, confirmation and idleness, through the portal's own routes."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from enclave.core.clock import FixedClock
from enclave.people.roles import Role
from enclave.people.second_factor import has_second_factor
from services.api.app import create_app
from services.api.context import Context
from services.api.freshness import check_fresh
from tests.factories import give_password, make_user
from tests.portal import BASE, Portal

PASSWORD = "violet harbour counts seven owls"


@pytest.fixture
def people(portal: Portal, clock: FixedClock) -> Portal:
    with portal.context.database.write() as session:
        make_user(session, clock, "alice")
        make_user(session, clock, "adele", Role.ADMINISTRATOR)
        for name in ("alice", "adele"):
            give_password(session, name, PASSWORD)
    return portal


def strict(portal: Portal) -> Portal:
    """The same portal, where everybody needs a second factor."""
    settings = portal.context.settings.model_copy(update={"second_factor": "required"})
    context = Context(
        settings, portal.context.database, portal.context.key, portal.context.keyring, portal.context.hub,
        portal.context.clock,
    )  # fmt: skip
    return Portal(create_app(context), context)


def test_without_a_second_factor_only_the_own_account_opens(people: Portal) -> None:
    browser = strict(people).browser("alice")
    for path in ("/", "/projects", "/editions", "/sessions"):
        answer = browser.get(BASE + path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, f"{BASE}/account"), path
    assert browser.get(f"{BASE}/api/projects").status_code == 403
    assert "needs a second factor" in browser.get(f"{BASE}/account").text


def enrol(browser: TestClient, clock: FixedClock) -> tuple[pyotp.TOTP, list[str]]:
    """Add an authenticator as a person would; its codes and the recovery codes."""
    text = browser.get(f"{BASE}/account/second-factor").text
    found = re.search(r'id="secret">([A-Z2-7]+)<', text)
    assert found and "data:image/png;base64," in text
    totp = pyotp.TOTP(found[1])
    answer = browser.post(f"{BASE}/account/second-factor", data={"code": totp.at(clock.now())})
    assert answer.headers["cache-control"] == "no-store"
    return totp, re.findall(r"<li>([a-z2-9-]{17})</li>", answer.text)


def test_enrolment_opens_the_rest_and_shows_recovery_codes_once(people: Portal, clock: FixedClock) -> None:
    portal = strict(people)
    browser = portal.browser("alice")
    _, codes = enrol(browser, clock)
    assert len(codes) == 10
    assert browser.get(f"{BASE}/projects").status_code == 200
    assert codes[0] not in browser.get(f"{BASE}/account").text
    assert "10 of your recovery codes" in browser.get(f"{BASE}/account").text


def test_an_idle_session_ends_and_a_used_one_does_not(people: Portal, clock: FixedClock) -> None:
    with people.context.database.write() as session:
        from enclave.people.web_sessions import open_session

        secret = open_session(session, "alice", clock.now(), timedelta(hours=12))
    browser = people.browser("alice")
    browser.cookies.clear()
    browser.cookies.set("c2c-portal", secret, path=BASE)
    for _ in range(3):
        clock.advance(timedelta(minutes=29))
        assert browser.get(f"{BASE}/projects").status_code == 200
    clock.advance(timedelta(minutes=31))
    assert "login" in browser.get(f"{BASE}/projects").headers["location"]


def test_a_decision_long_after_the_login_asks_again_and_loses_nothing(people: Portal, clock: FixedClock) -> None:
    browser = people.browser("adele")
    clock.advance(timedelta(minutes=20))
    path, form = f"{BASE}/people/alice/suspend", {"reason": "Left <the> office"}
    asked = browser.post(path, data=form)
    assert asked.status_code == 403 and 'value="Left &lt;the&gt; office"' in asked.text
    wrong = browser.post(path, data={**form, "confirm_password": "not this one at all"})
    assert wrong.status_code == 403 and "did not fit" in wrong.text
    done = browser.post(path, data={**form, "confirm_password": PASSWORD})
    assert done.status_code == 303 and "suspended" in done.headers["location"]
    assert browser.post(f"{BASE}/people/alice/setup-link").status_code == 200


def test_with_a_second_factor_the_confirmation_asks_for_it_too(people: Portal, clock: FixedClock) -> None:
    browser = people.browser("adele")
    totp, _ = enrol(browser, clock)
    clock.advance(timedelta(minutes=20))
    path, form = f"{BASE}/people/alice/suspend", {"reason": "left", "confirm_password": PASSWORD}
    assert browser.post(path, data=form).status_code == 403
    assert browser.post(path, data={**form, "confirm_code": totp.at(clock.now())}).status_code == 303


def test_programs_are_refused_instead_of_asked(people: Portal, clock: FixedClock) -> None:
    browser = people.browser("adele")
    clock.advance(timedelta(minutes=20))
    answer = browser.post(f"{BASE}/api/users/alice/suspend", json={"reason": "left"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "confirmation")
    assert people.operator().post(f"{BASE}/api/users/alice/suspend", json={"reason": "left"}).status_code == 200


# number, method and path of what asks for a fresh login
FRESH = [
    (1, "review/{release}/approve"),
    (2, "review/{release}/release"),
    (3, "review/{release}/revoke"),
    (4, "review/{release}/exception"),
    (5, "api/releases/{release}/approve"),
    (6, "api/releases/{release}/release"),
    (7, "api/releases/{release}/revoke"),
    (8, "api/releases/{release}/exceptions"),
    (9, "requests/{request_id}/decide"),
    (10, "api/requests/{request_id}/decide"),
    (11, "agreements/{agreement_id}/activate"),
    (12, "api/agreements/{agreement_id}/activate"),
    (13, "agreements/{agreement_id}/terminate"),
    (14, "api/agreements/{agreement_id}/terminate"),
    (15, "projects/{project}/budget"),
    (16, "api/projects/{project}/dp/grants"),
    (17, "projects/{project_id}/state"),
    (18, "api/projects/{project_id}/close"),
    (19, "projects/{project_id}/extracts/{extract_id}/destroy"),
    (20, "people"),
    (21, "api/users"),
    (22, "people/{name}/setup-link"),
    (23, "api/users/{name}/setup-link"),
    (24, "people/{name}/second-factor/remove"),
    (25, "account/second-factor/remove"),
    (26, "account/recovery-codes"),
    (27, "policy/{name}/rules/{rule}"),
    (28, "api/policies/{name}/rules/{rule}"),
]


@pytest.mark.parametrize(("number", "path"), FRESH)
def test_what_releases_grants_or_destroys_asks_for_a_fresh_login(number: int, path: str, portal: Portal) -> None:
    routes = [
        context.original_route
        for context in iter_route_contexts(portal.app.routes)
        if context.path == f"{BASE}/{path}" and "POST" in (context.original_route.methods or ())
    ]
    assert len(routes) == 1, path
    assert check_fresh in [dependency.call for dependency in routes[0].dependant.dependencies]


def test_a_new_person_gets_a_link_and_chooses_a_password(people: Portal, clock: FixedClock) -> None:
    browser = people.browser("adele")
    form = {"name": "bo", "full_name": "Bo Li", "email": "bo@example.org", "roles": "researcher"}
    shown = browser.post(f"{BASE}/people", data=form)
    found = re.search(r'href="[^"]*(/services/portal/welcome/[^"]+)"', shown.text)
    assert shown.status_code == 200 and found
    stranger = people.stranger()
    assert "Bo Li" in stranger.get(found[1]).text
    short = stranger.post(found[1], data={"password": "short", "again": "short"})
    assert short.status_code == 400 and "15 characters" in short.text
    differ = stranger.post(found[1], data={"password": "seventeen quiet lanterns", "again": "other"})
    assert differ.status_code == 400 and "differ" in differ.text
    chosen = {"password": "seventeen quiet lanterns", "again": "seventeen quiet lanterns"}
    assert stranger.post(found[1], data=chosen).headers["location"] == f"{BASE}/login"
    assert stranger.get(found[1]).status_code == 404


def test_a_changed_password_logs_other_browsers_out(people: Portal) -> None:
    here, there = people.browser("alice"), people.browser("alice")
    form = {"current": PASSWORD, "password": "seventeen quiet lanterns", "again": "seventeen quiet lanterns"}
    assert here.post(f"{BASE}/account/password", data={**form, "again": "no"}).status_code == 400
    assert here.post(f"{BASE}/account/password", data=form).status_code == 303
    assert here.get(f"{BASE}/account").status_code == 200
    assert "login" in there.get(f"{BASE}/account").headers["location"]


def test_an_administrator_takes_a_lost_phone_away(people: Portal, clock: FixedClock) -> None:
    enrol(people.browser("alice"), clock)
    admin = people.browser("adele")
    path = f"{BASE}/people/alice/second-factor/remove"
    assert admin.post(path, data={"reason": " "}).status_code == 400
    assert admin.post(path, data={"reason": "She came by with her badge."}).status_code == 303
    with people.context.database.read() as session:
        assert not has_second_factor(session, "alice")
