"""Who may open a lab, as a table; projects and their members."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from enclave.agreements import service as agreements
from enclave.agreements import store as agreement_store
from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import Conflict, NotAllowed
from enclave.extracts import withdrawal
from enclave.extracts.service import revoke_project
from enclave.people import service as people
from enclave.projects import membership, service, store
from tests.approved import approved_project, make_cast, ready_extract
from tests.factories import OPERATOR

Change = Callable[[Session, FixedClock, dict[str, Actor]], None]


def _nothing(session: Session, clock: FixedClock, cast: dict[str, Actor]) -> None:
    pass


def _suspend_user(session: Session, clock: FixedClock, cast: dict[str, Actor]) -> None:
    people.suspend(session, OPERATOR, clock, "rosa", "Lost laptop.")


def _training_over(session: Session, clock: FixedClock, cast: dict[str, Actor]) -> None:
    clock.advance(timedelta(days=366))


def _project_over(session: Session, clock: FixedClock, cast: dict[str, Actor]) -> None:
    store.get_project(session, "promise").expires_at = clock.now()


def _suspend_project(session: Session, clock: FixedClock, cast: dict[str, Actor]) -> None:
    membership.suspend_project(session, cast["office"], "promise", "A question about its team.", clock)


def _dormant(session: Session, clock: FixedClock, cast: dict[str, Actor]) -> None:
    membership.make_dormant(session, cast["office"], "promise", "Waits for the journal.", clock)


def _suspend_agreement(session: Session, clock: FixedClock, cast: dict[str, Actor]) -> None:
    standing = agreement_store.standing(session, "edd")
    assert standing is not None
    agreements.suspend(session, OPERATOR, standing.id, "Under inspection.", clock)


def _revoke(session: Session, clock: FixedClock, cast: dict[str, Actor]) -> None:
    revoke_project(session, OPERATOR, "promise", "A wrong column.", clock)


ACCESS: list[tuple[int, Change, str, str]] = [
    # number, what happened, who asks, the sentence they read ("" = may open)
    (1, _nothing, "rosa", ""),
    (2, _nothing, "stranger", "do not belong"),
    (3, _nothing, "office", "do not belong"),
    (4, _nothing, "nobody", "suspended"),
    (5, _suspend_user, "rosa", "account is suspended"),
    (6, _training_over, "rosa", "training has expired"),
    (7, _project_over, "rosa", "project has expired"),
    (8, _suspend_project, "rosa", "project is suspended"),
    (9, _dormant, "rosa", "project is dormant"),
    (10, _suspend_agreement, "rosa", "agreement with edd"),
    (11, _revoke, "rosa", "no extract"),
]


@pytest.mark.parametrize(("number", "change", "who", "sentence"), ACCESS)
def test_lab_access(
    database: Database, clock: FixedClock, number: int, change: Change, who: str, sentence: str
) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        ready_extract(session, "promise", clock)
        change(session, clock, cast)
        session.flush()
        answer = service.lab_access(session, who, "promise", clock.now())
        assert answer.allowed is (sentence == "")
        assert sentence in answer.reason


def test_there_is_no_lab_before_the_extract_is_ready(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        assert not service.lab_access(session, "rosa", "promise", clock.now()).allowed


def test_the_lead_adds_and_removes_members_and_stays(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        membership.add_member(session, cast["rosa"], "promise", "stranger", clock)
        assert service.is_member(session, "promise", "stranger")
        with pytest.raises(Conflict):
            membership.add_member(session, cast["rosa"], "promise", "stranger", clock)
        with pytest.raises(NotAllowed):
            membership.remove_member(session, cast["stranger"], "promise", "rosa", clock)
        membership.remove_member(session, cast["rosa"], "promise", "stranger", clock)
        assert not service.is_member(session, "promise", "stranger")
        with pytest.raises(Conflict):
            membership.remove_member(session, cast["rosa"], "promise", "rosa", clock)


def test_projects_are_suspended_resumed_and_closed_by_the_office(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        for who in ("rosa", "cde", "auditor"):
            with pytest.raises(NotAllowed):
                membership.suspend_project(session, cast[who], "promise", "A question about its team.", clock)
        _suspend_project(session, clock, cast)
        membership.resume_project(session, cast["office"], "promise", clock)
        withdrawal.close_project(session, cast["office"], "promise", "The work is done.", clock)
        assert store.get_project(session, "promise").state == "CLOSED"
        with pytest.raises(Conflict):
            membership.resume_project(session, cast["office"], "promise", clock)
