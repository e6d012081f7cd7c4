"""Safe people: roles, passwords, locks, suspension, training."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import BadInput, Conflict, NotAllowed
from enclave.people import service as people
from enclave.people.permissions import OPERATOR as OPERATOR_HOLDS
from enclave.people.permissions import ROLES, Permission, holds
from enclave.people.roles import DESCRIPTIONS, Role
from tests.factories import OPERATOR, make_actor, make_user

YEAR = timedelta(days=365)


def test_every_role_has_a_description_and_every_permission_its_roles() -> None:
    assert set(DESCRIPTIONS) == set(Role)
    assert set(ROLES) == set(Permission)


# number, who, permission, holds
HOLDS = [
    (1, Role.RESEARCHER, Permission.REQUESTS_WRITE, True),
    (2, Role.RESEARCHER, Permission.REVIEW, False),
    (3, Role.OUTPUT_CHECKER, Permission.REVIEW, True),
    (4, Role.OUTPUT_CHECKER, Permission.EXCEPTIONS_GRANT, False),
    (5, Role.SENIOR_CHECKER, Permission.EXCEPTIONS_GRANT, True),
    (6, Role.ADMINISTRATOR, Permission.PEOPLE_MANAGE, True),
    (7, Role.ADMINISTRATOR, Permission.REVIEW, False),
    (8, Role.ADMINISTRATOR, Permission.BUDGETS_GRANT, False),
    (9, Role.AUDITOR, Permission.AUDIT_READ, True),
    (10, Role.AUDITOR, Permission.PEOPLE_MANAGE, False),
    (11, Role.MANAGING_ENTITY, Permission.REQUESTS_FORWARD, True),
    (12, Role.MANAGING_ENTITY, Permission.REQUESTS_DECIDE, False),
    (13, Role.PROVIDER_REVIEWER, Permission.REQUESTS_DECIDE, True),
    (14, Role.PROVIDER_REVIEWER, Permission.AUDIT_READ, False),
    (15, Role.RESEARCH_AGENDA, Permission.REPORTS_RUN, True),
    (16, Role.RESEARCHER, Permission.REPORTS_RUN, False),
]


@pytest.mark.parametrize(("number", "role", "permission", "expected"), HOLDS)
def test_who_holds_what(number: int, role: Role, permission: Permission, expected: bool) -> None:
    assert holds(Actor("somebody", frozenset({role.value})), permission) is expected


def test_what_needs_a_person_is_never_the_operators() -> None:
    for permission in (Permission.REVIEW, Permission.EXCEPTIONS_GRANT, Permission.REQUESTS_DECIDE):
        assert permission not in OPERATOR_HOLDS
    assert not holds(Actor.service("worker"), Permission.SIGNED_IN)


def test_only_administrators_add_people(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        office = make_actor(session, clock, "office", Role.MANAGING_ENTITY)
        with pytest.raises(NotAllowed):
            people.add_user(
                session, office, clock, name="bob", full_name="Bob", email="b@example.org", roles=[Role.RESEARCHER]
            )


def test_a_name_is_given_once(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        make_user(session, clock, "alice")
        with pytest.raises(Conflict, match="already"):
            make_user(session, clock, "alice")


@pytest.mark.parametrize(
    ("roles", "provider"), [(["wizard"], None), (["provider_reviewer"], None), (["researcher"], "cde")]
)
def test_roles_that_make_no_sense_are_refused(
    roles: list[str], provider: str | None, database: Database, clock: FixedClock
) -> None:
    with database.write() as session, pytest.raises(BadInput):
        people.add_user(
            session, OPERATOR, clock, name="bob", full_name="Bob", email="b@x.org", roles=roles, provider=provider
        )


def test_nobody_suspends_themselves(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        admin = make_actor(session, clock, "admin", Role.ADMINISTRATOR)
        with pytest.raises(NotAllowed):
            people.suspend(session, admin, clock, "admin", "tired")
        with pytest.raises(BadInput):
            people.suspend(session, OPERATOR, clock, "admin", "  ")


def test_training_counts_until_it_expires(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        user = make_user(session, clock, "alice")
        assert not people.is_trained(user, clock.now())
        today = clock.now()
        people.add_training(
            session,
            OPERATOR,
            clock,
            "alice",
            course="privacy",
            completed_at=today,
            expires_at=today + timedelta(days=365),
        )
        session.expire_all()
        assert people.is_trained(people.get_user(session, "alice"), clock.now())
        clock.advance(timedelta(days=366))
        assert not people.is_trained(people.get_user(session, "alice"), clock.now())
