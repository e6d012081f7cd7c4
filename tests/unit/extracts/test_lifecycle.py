"""Extracts on the control side: what may be compiled, who may order it, what a withdrawal does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from enclave.agreements import store as agreement_store
from enclave.core.actors import Actor
from enclave.core.audit import verify
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import Conflict, NotAllowed, Unprocessable
from enclave.extracts import service, store, withdrawal
from enclave.extracts.compile import compile_specification
from enclave.extracts.deidentify import TREATMENTS, ElementClass, classify, column_for
from enclave.extracts.states import EXTRACT, NEXT_STEP, ExtractState
from enclave.people.roles import Role
from enclave.projects import service as projects
from tests.approved import WORKER, approved_project, make_agreement, make_cast, ready_extract
from tests.factories import OPERATOR, make_actor


def test_every_state_and_class_stands_in_its_tables() -> None:
    assert set(EXTRACT.transitions) == set(ExtractState) == set(NEXT_STEP)
    assert set(TREATMENTS) == set(ElementClass)


CLASSES = [
    # column, class, name in the extract (None = never leaves)
    ("ssn", "direct_identifier", None),
    ("record_id", "direct_identifier", None),
    ("person_key", "direct_identifier", None),
    ("teacher_comment", "free_text", None),
    ("date_of_birth", "birth_date", "birth_year"),
    ("entry_date", "event_date", "entry_quarter"),
    ("earnings", "wage", "earnings"),
    ("employer_key", "employer", "employer_id"),
    ("county_code", "geography", "county_code"),
    ("school_code", "geography", "school_code"),
    ("race_ethnicity", "demographic", "race_ethnicity"),
    ("scale_score", "attribute", "scale_score"),
]


@pytest.mark.parametrize(("column", "kind", "output"), CLASSES)
def test_how_each_class_leaves(column: str, kind: str, output: str | None) -> None:
    assert classify(column) == kind
    made = column_for(column)
    assert (made.output if made else None) == output


def test_a_declared_class_makes_a_name_stricter_never_gentler() -> None:
    assert classify("ssn", "attribute") is ElementClass.DIRECT_IDENTIFIER
    assert classify("entry_date", "attribute") is ElementClass.EVENT_DATE
    assert classify("pay", "wage") is ElementClass.WAGE


def test_the_specification_holds_the_approved_columns_and_the_approvals(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        project = approved_project(session, cast, clock)
        spec = compile_specification(session, project, 1, clock.now())
        columns = {part.table: [column.name for column in part.columns] for part in spec.parts}
        assert columns == {
            "k12_enrollment": ["county_code", "entry_date", "gender"],
            "ui_wage": ["earnings", "employer_key"],
        }
        assert [entry["provider"] for entry in spec.approvals] == ["cde", "edd"]
        assert spec.request_digest == project.request_digest
        assert spec.edition == "2025r1"


def test_a_form_that_was_changed_behind_the_approval_is_refused(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        project = approved_project(session, cast, clock)
        wider = {**project.form["selections"][0], "columns": ["county_code", "school_code"]}
        project.form = {**project.form, "selections": [wider]}
        with pytest.raises(Conflict, match="not approved"):
            compile_specification(session, project, 2, clock.now())


def test_the_strictest_of_the_providers_limits_holds(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        project = approved_project(session, cast, clock)
        for code, policy in (
            ("cde", {"minimum_k": 5, "wage_step": 500}),
            ("edd", {"minimum_k": 3, "wage_top": 99_000}),
        ):
            agreement = agreement_store.standing(session, code)
            assert agreement is not None
            agreement.extract_policy = policy
        found = compile_specification(session, project, 2, clock.now()).policy
        assert (found.minimum_k, found.wage_step, found.wage_top) == (5, 500, 99_000)


def test_the_last_approval_queues_the_extract(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        (row,) = store.extracts_of(session, "promise")
        assert (row.state, row.version, row.requested_by) == ("QUEUED", 1, "service:portal")
        assert store.waiting(session) == [row.id]


def test_a_new_version_supersedes_the_ready_one(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        project = approved_project(session, cast, clock)
        first = ready_extract(session, "promise", clock)
        assert project.extract_version == 1
        service.queue(session, OPERATOR, "promise", clock)
        with pytest.raises(Conflict, match="on its way"):
            service.queue(session, OPERATOR, "promise", clock)
        second = ready_extract(session, "promise", clock)
        assert (first.state, second.state, project.extract_version) == ("SUPERSEDED", "READY", 2)


ORDERS = [
    # number, role, may build, revoke and destroy
    (1, Role.MANAGING_ENTITY, True),
    (2, Role.DATA_STEWARD, True),
    (3, Role.RESEARCHER, False),
    (4, Role.ADMINISTRATOR, False),
    (5, Role.AUDITOR, False),
    (6, Role.OUTPUT_CHECKER, False),
]


@pytest.mark.parametrize(("number", "role", "allowed"), ORDERS)
def test_who_orders_extracts(database: Database, clock: FixedClock, number: int, role: Role, allowed: bool) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        extract = ready_extract(session, "promise", clock)
        actor = make_actor(session, clock, f"person-{number}", role)
        if not allowed:
            with pytest.raises(NotAllowed):
                service.revoke(session, actor, extract.id, "A wrong column.", clock)
            with pytest.raises(NotAllowed):
                service.queue(session, actor, "promise", clock)
        else:
            service.revoke(session, actor, extract.id, "A wrong column.", clock)
            service.queue(session, actor, "promise", clock)


def _suspend(session: Session, code: str, clock: FixedClock) -> withdrawal.Withdrawal:
    agreement = agreement_store.standing(session, code)
    assert agreement is not None
    return withdrawal.suspend_agreement(session, OPERATOR, agreement.id, "Under inspection.", clock)


def test_a_withdrawal_revokes_refuses_the_lab_and_rebuilds_without_the_provider(
    database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        first = ready_extract(session, "promise", clock)
        done = _suspend(session, "edd", clock)
        assert first.state == "REVOKED"
        assert first.destroy_wanted
        assert not projects.lab_access(session, "rosa", "promise", clock.now()).allowed
        (rebuilt,) = done.rebuilt
        assert rebuilt.providers == ["cde"]
        ready_extract(session, "promise", clock)
        assert projects.lab_access(session, "rosa", "promise", clock.now()).allowed


def test_a_project_that_cannot_stand_alone_waits(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock, cohort=[{"element": "edd.ui_wage.earnings", "op": ">", "value": 0}])
        ready_extract(session, "promise", clock)
        done = _suspend(session, "edd", clock)
        assert (done.rebuilt, done.stopped) == ((), ("promise",))


def test_a_withdrawal_during_the_build_wins_over_the_builders_answer(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        project = approved_project(session, cast, clock)
        extract = store.version_of(session, "promise", None)
        service.start_building(session, WORKER, extract.id, clock)
        _suspend(session, "edd", clock)
        answer = {"state": "READY", "problems": [], "manifest_digest": "1" * 64}
        service.finish_building(session, WORKER, extract.id, answer, clock)
        assert extract.state == "REVOKED"
        assert extract.destroy_wanted
        assert project.extract_version is None


def test_an_agreement_that_expires_takes_its_extracts_along(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock, duration_months=120)
        extract = ready_extract(session, "promise", clock)
        clock.advance(timedelta(days=5 * 365 + 1))
        make_agreement(session, clock, "cde")
        assert {done.agreement.provider for done in withdrawal.expire_agreements(session, clock)} == {
            "edd", "ccc", "csu",
        }  # fmt: skip
        assert extract.state == "REVOKED"


def test_nothing_is_compiled_while_an_agreement_is_suspended(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        project = approved_project(session, cast, clock)
        _suspend(session, "cde", clock)
        with pytest.raises(Unprocessable, match="no pathway"):
            compile_specification(session, project, 9, clock.now())


def test_closing_a_project_orders_the_destruction_of_all_it_had(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        ready_extract(session, "promise", clock)
        service.queue(session, OPERATOR, "promise", clock)
        ready_extract(session, "promise", clock)
        withdrawal.close_project(session, cast["office"], "promise", "The work is done.", clock)
        session.flush()
        states = {row.state: row.destroy_wanted for row in store.extracts_of(session, "promise")}
        assert states == {"SUPERSEDED": True, "REVOKED": True}
        assert service.project_is_over(session, "promise")
        assert len(store.waiting(session)) == 2


def test_every_step_stands_in_the_audit_chain(database: Database, clock: FixedClock) -> None:
    from enclave.core.audit import list_events

    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        ready_extract(session, "promise", clock)
    with database.read() as session:
        assert verify(session).holds
        actions = {event.action for event in list_events(session, limit=200).events}
    assert actions >= {
        "agreement.activated", "request.submitted", "request.forwarded", "request.provider_approved",
        "request.approved", "project.created", "extract.queued", "extract.building", "extract.ready",
    }  # fmt: skip


def test_the_operator_is_one_who_orders(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        make_cast(session, clock)
        with pytest.raises(NotAllowed):
            service.queue(session, Actor("vault", kind="vault"), "promise", clock)
