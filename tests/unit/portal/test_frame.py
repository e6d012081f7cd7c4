"""The portal's frame: every door has a lock, and each caller is who they prove to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from enclave.core.clock import FixedClock
from enclave.core.db import Base, Database
from enclave.people.roles import Role
from services.api.app import doors
from services.portal.migrate import all_tables, is_newest
from tests.factories import make_user
from tests.portal import BASE, Portal


def test_every_route_says_who_may_use_it(portal: Portal) -> None:
    table = doors(portal.app)
    assert len(table) >= 20
    assert [route for route, door in table.items() if not door] == []


def test_the_api_describes_itself(portal: Portal) -> None:
    described = portal.stranger().get(f"{BASE}/api/openapi.json").json()
    assert f"{BASE}/api/projects" in described["paths"]


PUBLIC = {
    f"{BASE}/login",
    f"{BASE}/oauth_callback",
    f"{BASE}/help",
    f"{BASE}/healthz",
    f"{BASE}/welcome/{{secret}}",
    f"{BASE}/r/{{code}}",
    f"{BASE}/api/r/{{code}}",
}


def test_only_named_pages_are_public(portal: Portal) -> None:
    public = {path for (_, path), door in doors(portal.app).items() if door == "public"}
    assert public >= PUBLIC
    assert all(path in PUBLIC or "/public" in path or "/register" in path for path in public), public


@pytest.mark.parametrize("path", ["/", "/people", "/audit"])
def test_a_stranger_is_sent_to_the_login(path: str, portal: Portal) -> None:
    answer = portal.stranger().get(f"{BASE}{path}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{BASE}/login?next=")


def test_a_program_without_token_gets_json(portal: Portal) -> None:
    answer = portal.stranger().get(f"{BASE}/api/users", headers={"accept": "*/*"})
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"code", "message", "advice"}


# number, role, path, status
DOORS = [
    (1, Role.RESEARCHER, "/", 200),
    (2, Role.RESEARCHER, "/people", 403),
    (3, Role.RESEARCHER, "/audit", 403),
    (4, Role.ADMINISTRATOR, "/people", 200),
    (5, Role.ADMINISTRATOR, "/audit?check=true", 200),
    (6, Role.AUDITOR, "/audit", 200),
    (7, Role.AUDITOR, "/people", 200),
    (8, Role.MANAGING_ENTITY, "/people", 200),
    (9, Role.OUTPUT_CHECKER, "/people", 403),
]


@pytest.mark.parametrize(("number", "role", "path", "status"), DOORS)
def test_doors(number: int, role: Role, path: str, status: int, portal: Portal, clock: FixedClock) -> None:
    with portal.context.database.write() as session:
        make_user(session, clock, "somebody", role)
    assert portal.browser("somebody").get(f"{BASE}{path}").status_code == status


def test_a_form_from_elsewhere_is_refused(portal: Portal, clock: FixedClock) -> None:
    with portal.context.database.write() as session:
        make_user(session, clock, "admin", Role.ADMINISTRATOR)
        make_user(session, clock, "alice")
    browser = portal.browser("admin")
    good = dict(browser.headers)
    browser.headers["X-C2C-CSRF"] = ""
    form = {"reason": "left", "csrf": "guess"}
    assert browser.post(f"{BASE}/people/alice/suspend", data=form).status_code == 403
    browser.headers["X-C2C-CSRF"] = good["x-c2c-csrf"]
    assert browser.post(f"{BASE}/people/alice/suspend", data=form).status_code == 303


def test_an_error_keeps_the_readers_menu_and_shows_the_way_back(portal: Portal, clock: FixedClock) -> None:
    with portal.context.database.write() as session:
        make_user(session, clock, "rosa", Role.RESEARCHER)
    came_from = {"referer": f"http://enclave.localhost:8000{BASE}/account/second-factor"}
    answer = portal.browser("rosa").post(f"{BASE}/account/second-factor", data={"code": "000000"}, headers=came_from)
    assert answer.status_code == 409
    assert "Log out" in answer.text
    assert f'href="{BASE}/account/second-factor">Back' in answer.text
    elsewhere = portal.browser("rosa").post(
        f"{BASE}/account/second-factor",
        data={"code": "000000"},
        headers={"referer": "http://enclave.localhost:8000//evil"},
    )
    assert "evil" not in elsewhere.text


def test_suspension_ends_the_session_at_once(portal: Portal, clock: FixedClock) -> None:
    with portal.context.database.write() as session:
        make_user(session, clock, "admin", Role.ADMINISTRATOR)
        make_user(session, clock, "alice")
    alice = portal.browser("alice")
    assert alice.get(f"{BASE}/").status_code == 200
    portal.browser("admin").post(f"{BASE}/people/alice/suspend", data={"reason": "left"})
    assert alice.get(f"{BASE}/").status_code == 303
    assert portal.operator("alice").get(f"{BASE}/api/audit").status_code == 403


def test_the_operator_acts_as_another_in_the_demo_only(portal: Portal, clock: FixedClock) -> None:
    with portal.context.database.write() as session:
        make_user(session, clock, "admin", Role.ADMINISTRATOR)
    assert portal.operator().get(f"{BASE}/api/users").status_code == 200
    assert portal.operator("admin").get(f"{BASE}/api/users").status_code == 200
    portal.context.settings.demo = False
    assert portal.operator("admin").get(f"{BASE}/api/users").status_code == 403
    assert portal.operator().get(f"{BASE}/api/users").status_code == 200


def test_the_header_of_the_operator_means_nothing_on_the_public_listener(portal: Portal, clock: FixedClock) -> None:
    with portal.context.database.write() as session:
        make_user(session, clock, "admin", Role.ADMINISTRATOR)
    answer = portal.stranger().get(f"{BASE}/api/users", headers={"X-C2C-As": "admin", "accept": "*/*"})
    assert answer.status_code == 401


def test_pages_forbid_inline_scripts_and_framing(portal: Portal) -> None:
    headers = portal.stranger().get(f"{BASE}/help").headers
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_migrations_make_exactly_the_tables_of_the_models(either_database: Database) -> None:
    with either_database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), all_tables())
        names = set(inspect(connection).get_table_names())
    assert differences == []
    assert is_newest(either_database.engine.url.render_as_string(hide_password=False))
    assert set(Base.metadata.tables) <= names


def test_a_database_without_migrations_is_not_the_newest(tmp_path: Path) -> None:
    assert not is_newest(f"sqlite:///{tmp_path / 'empty.db'}")
