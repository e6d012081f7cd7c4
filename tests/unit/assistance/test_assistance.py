"""Break-glass assistance: who may what, in which state, until when; and what the pages show of it."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from enclave.assistance import service, store
from enclave.assistance.model import Assistance
from enclave.core.actors import Actor
from enclave.core.audit.store import list_events
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import BadInput, Conflict, NotAllowed
from enclave.people.roles import Role
from services.worker import assistance as worker
from tests.approved import approved_project, make_cast
from tests.factories import OPERATOR, make_actor
from tests.portal import BASE, Portal

Cast = dict[str, Actor]
Step = Callable[[Session, Actor, str, FixedClock], object]


@pytest.fixture
def cast(database: Database, clock: FixedClock) -> Cast:
    """rosa with her project; two administrators; two of the managing entity, one of them an administrator too."""
    with database.write() as session:
        people = make_cast(session, clock)
        approved_project(session, people, clock)
        people["admin"] = make_actor(session, clock, "admin", Role.ADMINISTRATOR)
        people["other-admin"] = make_actor(session, clock, "other-admin", Role.ADMINISTRATOR)
        people["both"] = make_actor(session, clock, "both", Role.ADMINISTRATOR, Role.MANAGING_ENTITY)
    return people | {
        "operator": OPERATOR,
        "hub": Actor.service("hub"),
        "rosa's lab": Actor("rosa", people["rosa"].roles, "sandbox"),
    }


def ask(database: Database, cast: Cast, clock: FixedClock, by: str = "admin", *, urgent: bool = True) -> str:
    with database.write() as session:
        row = service.ask(session, cast[by], "promise", "rosa", "The kernel dies.", 4, clock, urgent=urgent)
        return row.id


STEPS: dict[str, Step] = {
    "consent": service.consent,
    "refuse": service.refuse,
    "withdraw": service.withdraw,
    "overrule": lambda session, actor, row, clock: service.overrule(session, actor, row, "An incident.", clock),
    "look": lambda session, actor, row, clock: service.note_look(session, actor, row, "a.py", clock),
    "end": service.end,
}

# number, who asked, what was done before (by whom), who, does what, may
WHO_MAY = [
    (1, "admin", [], "rosa", "consent", True),
    (2, "admin", [], "admin", "consent", False),
    (3, "admin", [], "office", "consent", False),
    (4, "admin", [], "stranger", "consent", False),
    (5, "admin", [], "operator", "consent", False),
    (6, "admin", [], "hub", "consent", False),
    (7, "admin", [], "rosa's lab", "consent", False),
    (8, "admin", [], "rosa", "refuse", True),
    (9, "admin", [], "admin", "refuse", False),
    (10, "admin", [], "admin", "withdraw", True),
    (11, "admin", [], "other-admin", "withdraw", False),
    (12, "admin", [], "admin", "look", False),
    (13, "admin", [("office", "overrule")], "admin", "look", True),
    (14, "admin", [], "admin", "overrule", False),
    (15, "admin", [], "other-admin", "overrule", False),
    (16, "admin", [], "office", "overrule", True),
    (17, "admin", [], "rosa", "overrule", False),
    (18, "admin", [], "operator", "overrule", False),
    (19, "both", [], "both", "overrule", False),
    (20, "both", [], "office", "overrule", True),
    (21, "admin", [("rosa", "refuse")], "office", "overrule", True),
    (22, "admin", [("rosa", "refuse")], "admin", "look", False),
    (23, "admin", [("rosa", "consent")], "admin", "look", True),
    (24, "admin", [("rosa", "consent")], "other-admin", "look", False),
    (25, "admin", [("rosa", "consent")], "office", "look", False),
    (26, "admin", [("rosa", "consent")], "auditor", "look", False),
    (27, "admin", [("rosa", "consent")], "operator", "look", False),
    (28, "admin", [("rosa", "consent")], "rosa", "end", True),
    (29, "admin", [("rosa", "consent")], "admin", "end", True),
    (30, "admin", [("rosa", "consent")], "office", "end", True),
    (31, "admin", [("rosa", "consent")], "stranger", "end", False),
    (32, "admin", [("rosa", "consent")], "rosa's lab", "end", False),
    (33, "admin", [("office", "overrule")], "rosa", "end", False),
    (34, "admin", [("office", "overrule")], "admin", "end", True),
    (35, "admin", [("rosa", "consent"), ("rosa", "end")], "admin", "look", False),
    (36, "admin", [("rosa", "consent"), ("rosa", "end")], "rosa", "consent", False),
    (37, "admin", [("admin", "withdraw")], "rosa", "consent", False),
    (38, "admin", [("rosa", "refuse")], "rosa", "consent", False),
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


# number, who asks, about whom, reason, hours
BAD_ASKS = [
    (1, "rosa", "rosa", "why", 4),
    (2, "office", "rosa", "why", 4),
    (3, "operator", "rosa", "why", 4),
    (4, "admin", "admin", "why", 4),
    (5, "admin", "stranger", "why", 4),
    (6, "admin", "rosa", " ", 4),
    (7, "admin", "rosa", "why", 0),
    (8, "admin", "rosa", "why", 49),
]


@pytest.mark.parametrize(("number", "by", "about", "reason", "hours"), BAD_ASKS, ids=[str(a[0]) for a in BAD_ASKS])
def test_what_cannot_be_asked(
    number: int, by: str, about: str, reason: str, hours: int, database: Database, cast: Cast, clock: FixedClock
) -> None:
    with database.write() as session, pytest.raises((NotAllowed, BadInput)):
        service.ask(session, cast[by], "promise", about, reason, hours, clock, urgent=True)


def test_without_urgency_nobody_overrules(database: Database, cast: Cast, clock: FixedClock) -> None:
    row = ask(database, cast, clock, urgent=False)
    with database.write() as session, pytest.raises(Conflict):
        service.overrule(session, cast["office"], row, "An incident.", clock)


def test_there_is_one_ask_about_a_workspace_at_a_time(database: Database, cast: Cast, clock: FixedClock) -> None:
    ask(database, cast, clock)
    with pytest.raises(Conflict):
        ask(database, cast, clock, "other-admin")


def test_time_ends_it_and_the_worker_notes_that(portal: Portal, cast: Cast, clock: FixedClock) -> None:
    row = ask(portal.context.database, cast, clock)
    with portal.context.database.write() as session:
        service.consent(session, cast["rosa"], row, clock)
    clock.advance(timedelta(hours=4))
    with portal.context.database.write() as session, pytest.raises(NotAllowed):
        service.note_look(session, cast["admin"], row, "", clock)
    assert worker.pending(portal.context) == [row]
    worker.run(portal.context, row)
    assert worker.pending(portal.context) == []
    with portal.context.database.read() as session:
        assert store.get(session, row).state == "ENDED"


def test_an_ask_of_last_week_opens_nothing(database: Database, cast: Cast, clock: FixedClock) -> None:
    row = ask(database, cast, clock)
    clock.advance(timedelta(days=8))
    for who, step in (("rosa", "consent"), ("office", "overrule")):
        with database.write() as session, pytest.raises(Conflict):
            STEPS[step](session, cast[who], row, clock)


def test_every_step_and_look_is_in_the_audit(database: Database, cast: Cast, clock: FixedClock) -> None:
    row = ask(database, cast, clock)
    with database.write() as session:
        for who, step in (("rosa", "consent"), ("admin", "look"), ("rosa", "end")):
            STEPS[step](session, cast[who], row, clock)
    with database.read() as session:
        found = [(event.actor, event.action) for event in list_events(session, subject_id=row).events]
        looked = list_events(session, action="assistance.looked").events[0].details
    assert [action for _, action in reversed(found)] == [
        "assistance.asked", "assistance.opened", "assistance.looked", "assistance.ended",
    ]  # fmt: skip
    assert looked == {"project": "promise", "member": "rosa", "path": "a.py"}


def test_the_database_keeps_the_sides_apart(database: Database, cast: Cast, clock: FixedClock) -> None:
    row = ask(database, cast, clock)
    for change in ({"member": "admin"}, {"overruled_by": "admin"}, {"overruled_by": "rosa"}, {"hours": 100}):
        with pytest.raises(Exception, match=r"CHECK|check"), database.write() as session:
            for name, value in change.items():
                setattr(session.get_one(Assistance, row), name, value)


def test_the_member_is_asked_consents_sees_the_banner_and_ends_it(portal: Portal, cast: Cast) -> None:
    admin, rosa = portal.browser("admin"), portal.browser("rosa")
    fields = {"project": "promise", "member": "rosa", "reason": "The <b>kernel</b> dies.", "hours": "4"}
    answer = admin.post(f"{BASE}/assistance", data=fields)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"].split("?")[0]
    assert "admin asks to read in your workspace" in html.unescape(rosa.get(f"{BASE}/").text)
    assert "<b>kernel</b>" not in rosa.get(path).text
    assert portal.browser("stranger").get(path).status_code == 403
    assert rosa.post(f"{path}/consent").status_code == 303
    assert "admin can read in this workspace with your consent until" in rosa.get(f"{BASE}/projects/promise").text
    assert rosa.post(f"{path}/end").status_code == 303
    assert "can read in this workspace" not in rosa.get(f"{BASE}/projects/promise").text
    assert admin.post(f"{path}/look", data={"path": ""}).status_code == 403


def test_without_consent_the_managing_entity_is_asked_and_the_member_told(
    portal: Portal, cast: Cast, clock: FixedClock
) -> None:
    row = ask(portal.context.database, cast, clock)
    office, rosa = portal.browser("office"), portal.browser("rosa")
    assert "admin asks urgently" in office.get(f"{BASE}/").text
    assert office.post(f"{BASE}/assistance/{row}/overrule", data={"why": "An incident."}).status_code == 303
    assert "was opened to admin without your consent" in rosa.get(f"{BASE}/").text
    assert "An incident." in rosa.get(f"{BASE}/assistance/{row}").text
    assert "without your consent until" in rosa.get(f"{BASE}/projects/promise").text


# number, path that is refused before the guard is asked
PATHS = [(1, "../rosa"), (2, "a/../../b"), (3, "\0")]


@pytest.mark.parametrize(("number", "path"), PATHS)
def test_a_path_that_leads_out_is_refused(
    number: int, path: str, portal: Portal, cast: Cast, clock: FixedClock
) -> None:
    row = ask(portal.context.database, cast, clock)
    with portal.context.database.write() as session:
        service.consent(session, cast["rosa"], row, clock)
    answer = portal.browser("admin").post(f"{BASE}/assistance/{row}/look", data={"path": path})
    assert answer.status_code == BadInput.status
