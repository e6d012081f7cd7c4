"""Requests for packages: who may what in which state, what the audit says, what the database itself keeps apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.audit.store import list_events
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import BadInput, Conflict, NotAllowed
from enclave.images import service, store
from enclave.images.names import package_name, package_version
from enclave.images.service import Pin
from enclave.people.roles import Role
from enclave.projects.membership import add_member, suspend_project
from tests.approved import approved_project, make_cast
from tests.factories import OPERATOR, make_actor
from tests.images import image_id

Cast = dict[str, Actor]
Step = Callable[[Session, Actor, str, FixedClock], object]
PURPOSE = "Panel models for the second paper."
MORE = Pin(image_id("c2c-more:1"), "more", "c2c-more:1")


@pytest.fixture
def cast(database: Database, clock: FixedClock) -> Cast:
    """rosa with her project and a steward among its members; an administrator, a steward, and services."""
    with database.write() as session:
        people = make_cast(session, clock)
        approved_project(session, people, clock)
        people["admin"] = make_actor(session, clock, "admin", Role.ADMINISTRATOR)
        people["dana"] = make_actor(session, clock, "dana", Role.DATA_STEWARD)
        people["member-steward"] = make_actor(session, clock, "member-steward", Role.DATA_STEWARD, Role.RESEARCHER)
        add_member(session, OPERATOR, "promise", "member-steward", clock)
    return people | {"operator": OPERATOR, "hub": Actor.service("hub")}


def ask(database: Database, cast: Cast, clock: FixedClock, by: str = "rosa", package: str = "linearmodels") -> str:
    with database.write() as session:
        return service.ask(session, cast[by], "promise", package, PURPOSE, clock).id


STEPS: dict[str, Step] = {
    "approve": service.approve,
    "refuse": lambda session, actor, row, clock: service.refuse(session, actor, row, "There is no licence.", clock),
    "withdraw": service.withdraw,
    "build": lambda session, actor, row, clock: service.note_built(session, actor, MORE, [row], [], clock),
}

# number, who asked, what was done before (by whom), who, does what, may
WHO_MAY = [
    (1, "rosa", [], "admin", "approve", True),
    (2, "rosa", [], "dana", "approve", True),
    (3, "rosa", [], "operator", "approve", True),
    (4, "rosa", [], "rosa", "approve", False),
    (5, "rosa", [], "office", "approve", False),
    (6, "rosa", [], "auditor", "approve", False),
    (7, "rosa", [], "hub", "approve", False),
    (8, "rosa", [], "member-steward", "approve", False),
    (9, "member-steward", [], "member-steward", "approve", False),
    (10, "member-steward", [], "dana", "approve", True),
    (11, "rosa", [], "admin", "refuse", True),
    (12, "rosa", [], "rosa", "refuse", False),
    (13, "rosa", [], "member-steward", "refuse", False),
    (14, "rosa", [], "rosa", "withdraw", True),
    (15, "rosa", [], "admin", "withdraw", False),
    (16, "rosa", [], "member-steward", "withdraw", False),
    (17, "rosa", [("admin", "approve")], "rosa", "withdraw", False),
    (18, "rosa", [("admin", "approve")], "dana", "refuse", True),
    (19, "rosa", [("admin", "approve")], "dana", "approve", False),
    (20, "rosa", [("admin", "refuse")], "dana", "approve", False),
    (21, "rosa", [("rosa", "withdraw")], "dana", "approve", False),
    (22, "rosa", [("admin", "approve"), ("operator", "build")], "dana", "refuse", False),
]


@pytest.mark.parametrize(("number", "by", "before", "who", "step", "may"), WHO_MAY, ids=[str(w[0]) for w in WHO_MAY])
def test_who_may_what(
    number: int, by: str, before: list[tuple[str, str]], who: str, step: str, may: bool,
    database: Database, cast: Cast, clock: FixedClock,
) -> None:  # fmt: skip
    row = ask(database, cast, clock, by)
    with database.write() as session:
        for earlier, done in before:
            STEPS[done](session, cast[earlier], row, clock)
        if may:
            STEPS[step](session, cast[who], row, clock)
        else:
            with pytest.raises((NotAllowed, Conflict)):
                STEPS[step](session, cast[who], row, clock)


# number, who asks
NO_MEMBERS = [(1, "admin"), (2, "office"), (3, "stranger"), (4, "operator"), (5, "hub")]


@pytest.mark.parametrize(("number", "who"), NO_MEMBERS)
def test_only_a_member_asks(number: int, who: str, database: Database, cast: Cast, clock: FixedClock) -> None:
    with database.write() as session, pytest.raises(NotAllowed):
        service.ask(session, cast[who], "promise", "linearmodels", PURPOSE, clock)


def test_a_suspended_project_asks_for_nothing(database: Database, cast: Cast, clock: FixedClock) -> None:
    with database.write() as session:
        suspend_project(session, OPERATOR, "promise", "A test of the door.", clock)
        with pytest.raises(Conflict):
            service.ask(session, cast["rosa"], "promise", "linearmodels", PURPOSE, clock)


# number, what is typed, the name
NAMES = [
    (1, "Linear_Models", "linear-models"),
    (2, " zope.interface ", "zope-interface"),
    (3, "a--b__c", "a-b-c"),
    (4, "linearmodels==7.1", None),
    (5, "-r requirements.txt", None),
    (6, "--index-url=https://example.org", None),
    (7, "https://example.org/x.whl", None),
    (8, "../x", None),
    (9, "", None),
    (10, "x[extra]", None),
    (11, "x" * 101, None),
    (12, "x\ny", None),
]


@pytest.mark.parametrize(("number", "text", "name"), NAMES)
def test_a_name_is_a_name_and_no_option(number: int, text: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(BadInput):
            package_name(text)
    else:
        assert package_name(text) == name


@pytest.mark.parametrize("text", [">=1", "1.*", "1.0; import os", "latest", "1 2", "-1"])
def test_a_version_is_one_release(text: str) -> None:
    assert package_version(" 7.1.post1 ") == "7.1.post1"
    with pytest.raises(BadInput):
        package_version(text)


def test_a_project_asks_once_at_a_time_under_any_spelling(database: Database, cast: Cast, clock: FixedClock) -> None:
    first = ask(database, cast, clock, package="zope.interface")
    with pytest.raises(Conflict, match="asked for already"):
        ask(database, cast, clock, "member-steward", package="Zope_Interface")
    with database.write() as session:
        service.refuse(session, cast["admin"], first, "There is no licence.", clock)
    assert ask(database, cast, clock, package="zope.interface") != first


@pytest.mark.parametrize("reason", ["", "  ", "no"])
def test_a_refusal_needs_a_reason(reason: str, database: Database, cast: Cast, clock: FixedClock) -> None:
    row = ask(database, cast, clock)
    with database.write() as session, pytest.raises(BadInput):
        service.refuse(session, cast["admin"], row, reason, clock)


def test_the_audit_tells_the_whole_story_in_order(database: Database, cast: Cast, clock: FixedClock) -> None:
    row = ask(database, cast, clock)
    with database.write() as session:
        service.approve(session, cast["admin"], row, clock)
    for _ in range(2):  # the second word about the same image changes nothing
        with database.write() as session:
            service.note_built(session, OPERATOR, MORE, [row], ["linearmodels==7.1"], clock)
    with database.read() as session:
        events = [
            (each.actor, each.action)
            for each in list_events(session, limit=100).events
            if each.action.startswith(("package.", "image."))
        ]
        assert sorted(events) == [
            ("operator:operator", "image.built"),
            ("operator:operator", "package.built"),
            ("user:admin", "package.approved"),
            ("user:rosa", "package.requested"),
        ]
        assert (store.get(session, row).state, store.get(session, row).image) == ("BUILT", MORE.image)
        assert [each.id for each in store.approved(session)] == [row]


def test_an_act_that_fails_leaves_no_trace(database: Database, cast: Cast, clock: FixedClock) -> None:
    row = ask(database, cast, clock)
    with pytest.raises(RuntimeError), database.write() as session:
        service.approve(session, cast["admin"], row, clock)
        raise RuntimeError
    with database.read() as session:
        assert store.get(session, row).state == "REQUESTED"
        assert "package.approved" not in {each.action for each in list_events(session, limit=100).events}


def test_the_database_too_keeps_who_asks_and_who_decides_apart(
    database: Database, cast: Cast, clock: FixedClock
) -> None:
    row = ask(database, cast, clock)
    with pytest.raises(IntegrityError), database.write() as session:
        store.get(session, row).decided_by = "rosa"
        session.flush()
