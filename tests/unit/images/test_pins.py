"""A project keeps its image: pinned at the first start, through every release, until somebody moves the pin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit.store import list_events
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import Conflict, NotAllowed, Unavailable
from enclave.images import service, store
from enclave.people.roles import Role
from services.pins import image_for_start, pin_to, registry_of
from tests.approved import approved_project, make_cast
from tests.factories import OPERATOR, make_actor
from tests.images import SANDBOX, image_id, register_image
from tests.portal import BASE, Portal

HUB = Actor.service("hub")
WHY = "The second paper needs it."


@pytest.fixture
def people(database: Database, clock: FixedClock) -> dict[str, Actor]:
    """rosa and her project, an administrator and a steward."""
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        cast["admin"] = make_actor(session, clock, "admin", Role.ADMINISTRATOR)
        cast["dana"] = make_actor(session, clock, "dana", Role.DATA_STEWARD)
    return cast | {"operator": OPERATOR, "hub": HUB}


@contextmanager
def starting(portal: Portal) -> Iterator[tuple[Session, str]]:
    with portal.context.database.write() as session:
        yield session, image_for_start(portal.context, session, "promise", HUB)


def move(portal: Portal, actor: Actor, image: str, reason: str = WHY) -> None:
    with portal.context.database.write() as session:
        found = registry_of(portal.context).find(image)
        service.move_pin(session, actor, "promise", pin_to(found), reason, portal.context.clock)


def test_the_first_start_pins_and_a_new_release_changes_nothing(portal: Portal, people: dict[str, Actor]) -> None:
    folder = portal.context.settings.paths.images
    with starting(portal) as (session, image):
        assert image == image_id(SANDBOX)
        pinned = store.pin_of(session, "promise")
        assert pinned is not None and (pinned.pinned_by, pinned.reason) == ("service:hub", "first start")
    register_image(folder, "c2c-sandbox:2", built_at="2027-01-01T00:00:00Z")
    portal.context.settings.sandbox_image = "c2c-sandbox:2"
    with starting(portal) as (_, image):
        assert image == image_id(SANDBOX)
    move(portal, people["admin"], "sandbox")
    with starting(portal) as (_, image):
        assert image == image_id("c2c-sandbox:2")


def test_a_first_start_without_a_registered_release_pins_nothing(portal: Portal, people: dict[str, Actor]) -> None:
    portal.context.settings.sandbox_image = "c2c-sandbox:9"
    with pytest.raises(Unavailable, match="not registered"), starting(portal):
        pass
    with portal.context.database.read() as session:
        assert store.pin_of(session, "promise") is None


# number, who moves the pin, may
MOVERS = [
    (1, "admin", True),
    (2, "dana", True),
    (3, "operator", True),
    (4, "rosa", False),
    (5, "office", False),
    (6, "auditor", False),
    (7, "hub", False),
]


@pytest.mark.parametrize(("number", "who", "may"), MOVERS)
def test_who_moves_a_pin(number: int, who: str, may: bool, portal: Portal, people: dict[str, Actor]) -> None:
    register_image(portal.context.settings.paths.images, "c2c-sandbox-r:1", name="sandbox-r")
    if may:
        move(portal, people[who], "sandbox-r")
    else:
        with pytest.raises(NotAllowed):
            move(portal, people[who], "sandbox-r")


def test_a_move_is_audited_with_both_images_and_the_reason(portal: Portal, people: dict[str, Actor]) -> None:
    register_image(portal.context.settings.paths.images, "c2c-more:1", name="more", added=("linearmodels==7.1",))
    with starting(portal):
        pass
    move(portal, people["admin"], "more")
    with portal.context.database.read() as session:
        moves = [each for each in list_events(session, limit=100).events if each.action == "project.image_pinned"]
        last = max(moves, key=lambda event: event.seq)
        assert (len(moves), last.actor) == (2, "user:admin")
        expected = {"from": SANDBOX, "to": "c2c-more:1", "image": image_id("c2c-more:1"), "reason": WHY}
        assert {key: last.details[key] for key in expected} == expected
    with pytest.raises(Conflict, match="already"):
        move(portal, people["admin"], "more")


def test_the_api_tells_a_member_what_the_project_runs_on(portal: Portal, people: dict[str, Actor]) -> None:
    register_image(portal.context.settings.paths.images, "c2c-more:1", name="more", added=("linearmodels==7.1",))
    api = portal.operator("rosa")
    before = api.get(f"{BASE}/api/projects/promise/image").json()
    assert (before["tag"], before["pinned_at"]) == (SANDBOX, None)
    body = {"image": "more", "reason": WHY}
    assert portal.operator("rosa").post(f"{BASE}/api/projects/promise/image", json=body).status_code == 403
    assert portal.operator("admin").post(f"{BASE}/api/projects/promise/image", json=body).status_code == 200
    after = api.get(f"{BASE}/api/projects/promise/image").json()
    assert (after["tag"], after["pinned_by"], after["reason"]) == ("c2c-more:1", "user:admin", WHY)
    assert [each["name"] for each in after["packages"] if each["added"]] == ["linearmodels"]
    assert portal.operator("stranger").get(f"{BASE}/api/projects/promise/image").status_code == 403


def test_only_the_operator_says_that_an_image_was_built(portal: Portal, people: dict[str, Actor]) -> None:
    image = register_image(portal.context.settings.paths.images, "c2c-more:1", name="more", added=("a==1",))
    path = f"{BASE}/api/images/{image}/built"
    for name in ("rosa", "admin", "dana"):
        assert portal.operator(name).post(path, json={}).status_code == 403
    assert portal.operator().post(path, json={}).json()["added"] == ["a 1"]
    unknown = path.replace(image, image_id("c2c-vault:1"))
    assert portal.operator().post(unknown, json={}).status_code == 404
