"""What people see: a member asks and reads the answer, those who decide have a desk, nobody else has either."""

from __future__ import annotations

import html
import re

import pytest

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.people.roles import Role
from services.news.table import told_by
from tests.approved import approved_project, make_cast
from tests.factories import make_actor
from tests.images import image_id, register_image
from tests.portal import BASE, Portal

PAGE = f"{BASE}/projects/promise/packages"
ASKED = {"package": "Linear_Models", "purpose": "Panel models for the second paper.", "version": "7.1"}


@pytest.fixture
def people(database: Database, clock: FixedClock) -> dict[str, Actor]:
    """rosa and her project; an administrator; a steward."""
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        cast["admin"] = make_actor(session, clock, "admin", Role.ADMINISTRATOR)
        cast["dana"] = make_actor(session, clock, "dana", Role.DATA_STEWARD)
    return cast


def text_of(portal: Portal, name: str, path: str) -> str:
    answer = portal.browser(name).get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def test_a_request_goes_from_the_form_to_the_answer(portal: Portal, people: dict[str, Actor]) -> None:
    assert portal.browser("rosa").post(PAGE, data=ASKED).status_code == 303
    assert "linear-models 7.1" in text_of(portal, "rosa", PAGE)
    assert "rosa asks for a package" in text_of(portal, "dana", f"{BASE}/")
    desk = text_of(portal, "dana", f"{BASE}/packages")
    (request,) = re.findall(r"/packages/(pkg_\w+)/decide", desk)
    decide = f"{BASE}/packages/{request}/decide"
    refused = portal.browser("dana").post(decide, data={"to": "refuse", "reason": ""})
    assert (refused.status_code, "needs a reason" in refused.text) == (400, True)
    assert portal.browser("dana").post(decide, data={"to": "approve"}).status_code == 303
    assert "The next image holds it." in text_of(portal, "rosa", PAGE)
    assert "Withdraw" not in text_of(portal, "rosa", PAGE)


# number, who, the project's page, the form on it, the desk
WHO_SEES = [
    (1, "rosa", 200, True, 403),
    (2, "admin", 200, False, 200),
    (3, "dana", 200, False, 200),
    (4, "office", 200, False, 403),
    (5, "auditor", 200, False, 403),
    (6, "stranger", 403, False, 403),
]


@pytest.mark.parametrize(("number", "who", "page", "form", "desk"), WHO_SEES)
def test_who_sees_what(
    number: int, who: str, page: int, form: bool, desk: int, portal: Portal, people: dict[str, Actor]
) -> None:
    answer = portal.browser(who).get(PAGE)
    assert (answer.status_code, "Ask for it" in answer.text) == (page, form)
    assert portal.browser(who).get(f"{BASE}/packages").status_code == desk
    if not form:
        assert portal.browser(who).post(PAGE, data=ASKED).status_code == 403


def test_the_page_tells_that_the_pin_was_moved_by_whom_and_why(portal: Portal, people: dict[str, Actor]) -> None:
    image = register_image(portal.context.settings.paths.images, "c2c-more:1", name="more", added=("kelp==2.0",))
    assert "fixes this image for the project" in text_of(portal, "rosa", PAGE)
    form = {"image": image, "reason": "The second paper needs kelp."}
    assert portal.browser("rosa").post(f"{BASE}/projects/promise/image", data=form).status_code == 403
    assert portal.browser("admin").post(f"{BASE}/projects/promise/image", data=form).status_code == 303
    shown = text_of(portal, "rosa", PAGE)
    assert all(
        part in shown for part in ("c2c-more:1", "by admin", "The second paper needs kelp.", "kelp</strong> 2.0")
    )
    register_image(portal.context.settings.paths.images, "c2c-more:2", name="more", built_at="2027-01-01T00:00:00Z")
    assert "There is a newer image of this name, c2c-more:2" in text_of(portal, "rosa", PAGE)


def test_those_concerned_are_told(portal: Portal, people: dict[str, Actor], database: Database) -> None:
    from enclave.core.audit.store import list_events

    portal.operator("rosa").post(f"{BASE}/api/packages", json={**ASKED, "project": "promise"})
    (row,) = portal.operator().get(f"{BASE}/api/packages").json()
    portal.operator("admin").post(f"{BASE}/api/packages/{row['id']}/approve", json={})
    with database.read() as session:
        events = {each.action: each for each in list_events(session, limit=100).events}
        told = {action: {each.user for each in told_by(session, events[action])} for action in events}
        assert told["package.requested"] == {"admin", "dana"}
        assert told["package.approved"] == {"rosa"}


@pytest.mark.parametrize("image", ["c2c-vault:1", image_id("c2c-vault:1"), "../keys", ""])
def test_no_project_gets_an_image_that_is_not_registered(image: str, portal: Portal, people: dict[str, Actor]) -> None:
    form = {"image": image, "reason": "A test of the door."}
    assert portal.operator("admin").post(f"{BASE}/api/projects/promise/image", json=form).status_code == 404
