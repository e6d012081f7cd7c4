"""Data requests: lifecycle, pathway, who decides, what an approval makes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from enclave.agreements import service as agreements
from enclave.agreements import store as agreement_store
from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import BadInput, Conflict, NotAllowed, Unprocessable
from enclave.people.roles import Role
from enclave.projects import form as forms
from enclave.projects import pathway, permissions, service, store
from enclave.projects.states import (
    DECISION,
    NEXT_OWNER,
    PROJECT,
    REQUEST,
    ProjectState,
    RequestState,
    Verdict,
)
from tests.approved import approved_project, decide, form, forwarded, make_cast, submitted
from tests.factories import OPERATOR, make_actor


def test_every_state_stands_in_its_tables() -> None:
    assert set(REQUEST.transitions) == set(RequestState) == set(NEXT_OWNER)
    assert set(DECISION.transitions) == set(Verdict)
    assert set(PROJECT.transitions) == set(ProjectState)


MOVES = [
    # from, to, allowed
    ("DRAFT", "SUBMITTED", True),
    ("DRAFT", "APPROVED", False),
    ("SUBMITTED", "UNDER_REVIEW", True),
    ("SUBMITTED", "APPROVED", False),
    ("UNDER_REVIEW", "APPROVED", True),
    ("UNDER_REVIEW", "DECLINED", True),
    ("UNDER_REVIEW", "RETURNED", True),
    ("RETURNED", "SUBMITTED", True),
    ("RETURNED", "APPROVED", False),
    ("APPROVED", "WITHDRAWN", False),
    ("DECLINED", "SUBMITTED", False),
    ("WITHDRAWN", "SUBMITTED", False),
]


@pytest.mark.parametrize(("before", "after", "allowed"), MOVES)
def test_moves_of_a_request(before: str, after: str, allowed: bool) -> None:
    assert (RequestState(after) in REQUEST.allowed(before)) is allowed


def test_every_field_of_the_form_answers_one_of_the_five_safes_or_names_the_request() -> None:
    asked = {name for names in forms.FIVE_SAFES.values() for name in names}
    assert forms.FIELDS - asked == {"title", "project", "abstract"}


def test_the_whole_way_makes_an_active_project_with_a_data_use_agreement(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        project = approved_project(session, cast, clock)
        assert (project.id, project.state, project.providers) == ("promise", "ACTIVE", ["cde", "edd"])
        assert service.members(session, "promise") == ["rosa"]
        use = agreement_store.data_use_of(session, "promise")
        assert use is not None
        assert (use.state, use.providers, use.request_digest) == ("ACTIVE", ["cde", "edd"], project.request_digest)


def test_one_approval_of_two_is_not_enough(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = forwarded(session, cast, clock)
        decide(session, cast["cde"], request, clock)
        assert request.state == "UNDER_REVIEW"


@pytest.mark.parametrize("verdict", [Verdict.DECLINED, Verdict.RETURNED])
def test_one_provider_can_stop_a_request_with_a_reason(database: Database, clock: FixedClock, verdict: Verdict) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = forwarded(session, cast, clock)
        digest = store.current_version(request).digest
        with pytest.raises(BadInput):
            service.decide(session, cast["edd"], request.id, verdict, "no", digest, clock)
        decide(session, cast["edd"], request, clock, verdict)
        assert request.state == verdict.value
        assert request.state_reason.startswith("edd: ")


def test_a_returned_request_is_answered_and_decided_anew(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = forwarded(session, cast, clock)
        decide(session, cast["cde"], request, clock)
        decide(session, cast["edd"], request, clock, Verdict.RETURNED)
        service.edit(session, cast["rosa"], request.id, form(years=[2019, 2020]), clock)
        service.submit(session, cast["rosa"], request.id, clock)
        assert service.differences(request) == ["years"]
        service.forward(session, cast["office"], request.id, "Answers the provider: fewer years.", clock)
        assert {each.state for each in store.current_decisions(request)} == {"PENDING"}


def test_a_decision_binds_to_the_version_that_was_read(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = forwarded(session, cast, clock)
        with pytest.raises(Conflict, match="changed"):
            service.decide(session, cast["cde"], request.id, Verdict.APPROVED, "", "f" * 64, clock)


def test_a_provider_decides_once_on_a_version(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = forwarded(session, cast, clock)
        decide(session, cast["cde"], request, clock)
        with pytest.raises(Conflict):
            decide(session, cast["cde"], request, clock, Verdict.DECLINED)


def _may_decide(session: Session, actor: Actor, request_id: str, clock: FixedClock) -> bool:
    request = store.get_request(session, request_id)
    try:
        permissions.check_can_decide(session, actor, request)
    except NotAllowed:
        return False
    return True


DECIDERS = [
    # number, who, may decide on a request that names cde and edd
    (1, "cde", True),
    (2, "edd", True),
    (3, "ccc", False),
    (4, "office", False),
    (5, "rosa", False),
    (6, "stranger", False),
    (7, "auditor", False),
]


@pytest.mark.parametrize(("number", "who", "allowed"), DECIDERS)
def test_who_decides(database: Database, clock: FixedClock, number: int, who: str, allowed: bool) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = forwarded(session, cast, clock)
        assert _may_decide(session, cast[who], request.id, clock) is allowed


def test_the_operator_never_decides_for_a_provider(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = forwarded(session, cast, clock)
        assert not _may_decide(session, OPERATOR, request.id, clock)


def test_nobody_decides_on_their_own_projects_request(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        both = make_actor(session, clock, "both", Role.RESEARCHER, Role.PROVIDER_REVIEWER, provider="cde")
        desk = make_actor(session, clock, "desk", Role.RESEARCHER, Role.MANAGING_ENTITY)
        request = submitted(session, cast, clock, team=("rosa", "both", "desk"))
        with pytest.raises(NotAllowed, match="own"):
            service.forward(session, desk, request.id, "A study of the promise for the providers.", clock)
        service.forward(session, cast["office"], request.id, "A study of the promise for the providers.", clock)
        assert not _may_decide(session, both, request.id, clock)


READERS = [
    # number, who, before forwarding, after forwarding
    (1, "rosa", True, True),
    (2, "office", True, True),
    (3, "auditor", True, True),
    (4, "cde", False, True),
    (5, "ccc", False, False),
    (6, "stranger", False, False),
]


@pytest.mark.parametrize(("number", "who", "before", "after"), READERS)
def test_who_reads_a_request(
    database: Database, clock: FixedClock, number: int, who: str, before: bool, after: bool
) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = submitted(session, cast, clock)
        assert permissions.can_see_request(session, cast[who], request) is before
        service.forward(session, cast["office"], request.id, "A study of the promise for the providers.", clock)
        assert permissions.can_see_request(session, cast[who], request) is after


def test_only_the_requester_changes_a_request(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = service.create(session, cast["rosa"], form(), clock)
        session.flush()
        for who in ("stranger", "office", "cde"):
            with pytest.raises(NotAllowed):
                service.submit(session, cast[who], request.id, clock)
            with pytest.raises(NotAllowed):
                service.withdraw(session, cast[who], request.id, "", clock)


def test_a_submitted_request_cannot_be_edited_but_withdrawn(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = submitted(session, cast, clock)
        with pytest.raises(Conflict):
            service.edit(session, cast["rosa"], request.id, form(), clock)
        service.withdraw(session, cast["rosa"], request.id, "No money.", clock)
        assert request.state == "WITHDRAWN"


def _change(selection: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return ({"selections": [selection]} if selection else {}) | changes


INCOMPLETE = [
    # what is wrong, the word the requester reads
    (_change(purpose="short"), "purpose"),
    (_change(team=[]), "team"),
    (_change(years=[2021, 2018]), "years"),
    (_change(project="No Slug!"), "project"),
    (_change(selection={"table": "cde", "columns": ["x"], "justification": "because we need"}), "selections"),
    (_change(selection={"table": "cde.t", "columns": [], "justification": "because we need"}), "selections"),
    (_change(cohort=[{"element": "cde.t.c", "op": "in", "value": 3}]), "cohort"),
]


@pytest.mark.parametrize(("changes", "word"), INCOMPLETE)
def test_an_incomplete_request_is_told_which_field(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        forms.parse(form() | changes)
    assert word in caught.value.advice


PATHS = [
    # number, table, column, years, what is missing
    (1, "edd.ui_wage", "earnings", [2018, 2021], ""),
    (2, "edd.ui_wage", "ssn", [2018, 2021], "does not name"),
    (3, "uc.ps_award", "cip_code", [2018, 2021], "no agreement in force"),
    (4, "csac.fin_aid", "family_income", [2018, 2021], "dp use only"),
    (5, "ctc.credential", "expiry_date", [2018, 2021], "closes it"),
    (6, "edd.ui_wage", "earnings", [1990, 2021], "covers 2000 to 2035"),
]


@pytest.mark.parametrize(("number", "table", "column", "years", "missing"), PATHS)
def test_the_pathway_says_at_once_what_is_missing(
    database: Database, clock: FixedClock, number: int, table: str, column: str, years: list[int], missing: str
) -> None:
    from tests.approved import make_agreement

    with database.write() as session:
        cast = make_cast(session, clock)
        for code in ("csac", "ctc"):
            make_agreement(session, clock, code)
        document = form(
            selections=[{"table": table, "columns": [column], "justification": "The study is about it."}], years=years
        )
        (way,) = pathway.check_form(session, forms.parse(document), clock.now())
        assert missing in way.missing
        assert way.is_open is (missing == "")
        request = service.create(session, cast["rosa"], document, clock)
        session.flush()
        if missing:
            with pytest.raises(Unprocessable, match="no pathway"):
                service.submit(session, cast["rosa"], request.id, clock)
        else:
            assert way.basis.startswith("20 CFR 603")
            service.submit(session, cast["rosa"], request.id, clock)


def test_an_agreement_that_ends_during_review_stops_the_approval(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        request = forwarded(session, cast, clock)
        decide(session, cast["cde"], request, clock)
        standing = agreement_store.standing(session, "edd")
        assert standing is not None
        agreements.suspend(session, OPERATOR, standing.id, "Under inspection.", clock)
        with pytest.raises(Unprocessable, match="no pathway"):
            decide(session, cast["edd"], request, clock)


def test_a_cohort_condition_makes_its_provider_one_of_those_who_decide() -> None:
    document = form(cohort=[{"element": "ccc.ps_enrollment.term", "op": "=", "value": "FALL"}])
    assert forms.parse(document).providers == ("ccc", "cde", "edd")


def test_the_short_name_of_somebody_elses_project_is_refused(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        approved_project(session, cast, clock)
        mine = service.create(session, cast["stranger"], form(team=("stranger",)), clock)
        session.flush()
        with pytest.raises(Conflict, match="another project"):
            service.submit(session, cast["stranger"], mine.id, clock)


def test_an_amendment_extends_the_standing_project(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        first = approved_project(session, cast, clock).request_digest
        again = approved_project(session, cast, clock, team=("rosa", "stranger"), duration_months=36)
        assert again.id == "promise"
        assert again.request_digest != first
        assert service.members(session, "promise") == ["rosa", "stranger"]


def test_the_register_shows_what_was_submitted_and_no_draft(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        cast = make_cast(session, clock)
        service.create(session, cast["rosa"], form(), clock)
        session.flush()
        shown = submitted(session, cast, clock)
        assert [row.id for row in store.public_requests(session)] == [shown.id]
