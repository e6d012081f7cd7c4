"""Agreements: usual terms, lifecycle, the snapshot for the vault."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml

from enclave.agreements import service, store, terms
from enclave.agreements.states import DATA_USE, PARTICIPATION, AgreementState, Route
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import BadInput, Conflict, NotAllowed, Unprocessable
from enclave.people.roles import Role
from tests.approved import make_agreement
from tests.factories import OPERATOR, make_actor

CODES = ["ccc", "cde", "cdss", "csac", "csu", "ctc", "edd", "eld", "nsc", "uc"]


@pytest.mark.parametrize("lifecycle", [PARTICIPATION, DATA_USE])
def test_every_state_stands_in_the_table(lifecycle: Any) -> None:
    assert set(lifecycle.transitions) == set(AgreementState)


MOVES = [
    # from, to, allowed
    ("DRAFT", "ACTIVE", True),
    ("DRAFT", "SUSPENDED", False),
    ("ACTIVE", "SUSPENDED", True),
    ("SUSPENDED", "ACTIVE", True),
    ("ACTIVE", "EXPIRED", True),
    ("SUSPENDED", "EXPIRED", True),
    ("ACTIVE", "TERMINATED", True),
    ("EXPIRED", "ACTIVE", False),
    ("TERMINATED", "ACTIVE", False),
]


@pytest.mark.parametrize(("before", "after", "allowed"), MOVES)
def test_moves_of_an_agreement(before: str, after: str, allowed: bool) -> None:
    assert (AgreementState(after) in PARTICIPATION.allowed(before)) is allowed


def test_all_ten_providers_have_usual_terms() -> None:
    assert terms.known() == CODES
    for code in CODES:
        usual = terms.usual(code)
        assert usual.provider == code
        assert {table.data_class for table in usual.tables.values()} <= set(usual.pathways)


@pytest.mark.parametrize("code", CODES)
def test_usual_terms_name_exactly_the_elements_of_the_providers_schema(code: str) -> None:
    from pathlib import Path

    import enclave.contributions

    folder = Path(next(iter(enclave.contributions.__path__))) / "schemas"
    schema = yaml.safe_load((folder / f"{code}.yaml").read_text("utf-8"))
    named = {
        f"{name}.{column}"
        for name, table in schema["tables"].items()
        for column, entry in table["columns"].items()
        if entry["class"] != "record_id"
    }
    elements = terms.usual(code).elements
    assert set(elements) == named
    assert {route for name, route in elements.items() if name.startswith("person.")} == {"none"}


def test_terms_with_two_routes_for_a_column_are_refused() -> None:
    document = terms.usual("edd").model_dump(mode="json")
    document["tables"]["ui_wage"]["dp"] = ["earnings"]
    with pytest.raises(Unprocessable, match="terms"):
        terms.parse(document)


def test_routes_are_ordered() -> None:
    assert Route.NONE < Route.DP < Route.AGGREGATE < Route.EXTRACT


def test_a_new_agreement_in_force_ends_the_one_before(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        first = make_agreement(session, clock, "edd")
        second = make_agreement(session, clock, "edd")
        assert (first.state, second.state, second.version) == ("TERMINATED", "ACTIVE", 2)


def test_nothing_is_permitted_while_suspended_or_expired(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        row = make_agreement(session, clock, "edd")

        def permitted() -> bool:
            return service.is_permitted(session, "edd", "ui_wage", "earnings", Route.DP, clock.now())

        assert permitted()
        service.suspend(session, OPERATOR, row.id, "Under inspection.", clock)
        assert not permitted()
        service.activate(session, OPERATOR, row.id, clock)
        assert permitted()
        clock.advance(timedelta(days=5 * 365 + 1))
        assert not permitted()
        assert [each.id for each in service.expire_due(session, OPERATOR, clock)] == [row.id]
        assert row.state == "EXPIRED"


def test_an_element_travels_no_further_than_its_route(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        make_agreement(session, clock, "csac")
        assert service.route_of(session, "csac", "fin_aid", "family_income", clock.now()) is Route.DP
        assert service.route_of(session, "csac", "fin_aid", "cal_grant", clock.now()) is Route.EXTRACT
        assert service.route_of(session, "csac", "fin_aid", "unknown", clock.now()) is Route.NONE
        assert service.route_of(session, "uc", "ps_award", "cip_code", clock.now()) is Route.NONE


def test_the_snapshot_tells_the_vault_of_standing_agreements_and_stewards(
    database: Database, clock: FixedClock
) -> None:
    with database.write() as session:
        make_actor(session, clock, "stella", Role.DATA_STEWARD)
        kept, gone = make_agreement(session, clock, "edd"), make_agreement(session, clock, "uc")
        service.suspend(session, OPERATOR, kept.id, "Under inspection.", clock)
        service.terminate(session, OPERATOR, gone.id, "Left the data system.", clock)
        session.flush()
        payload = service.snapshot(session)
    assert payload["stewards"] == ["stella"]
    assert [(each["provider"], each["state"]) for each in payload["agreements"]] == [("edd", "SUSPENDED")]
    assert payload["agreements"][0]["elements"]["ui_wage.earnings"] == "extract"


PERSONS = [
    # number, role, may manage
    (1, Role.MANAGING_ENTITY, True),
    (2, Role.ADMINISTRATOR, False),
    (3, Role.PROVIDER_REVIEWER, False),
    (4, Role.RESEARCHER, False),
    (5, Role.AUDITOR, False),
    (6, Role.DATA_STEWARD, False),
]


@pytest.mark.parametrize(("number", "role", "allowed"), PERSONS)
def test_who_manages_agreements(database: Database, clock: FixedClock, number: int, role: Role, allowed: bool) -> None:
    with database.write() as session:
        provider = "edd" if role is Role.PROVIDER_REVIEWER else None
        actor = make_actor(session, clock, f"person-{number}", role, provider=provider)
        if allowed:
            service.draw_up(session, actor, terms.usual("edd"), clock, expires_at=clock.now() + timedelta(days=9))
        else:
            with pytest.raises(NotAllowed):
                service.draw_up(session, actor, terms.usual("edd"), clock, expires_at=clock.now() + timedelta(days=9))


def test_a_suspension_needs_a_reason_and_a_past_agreement_cannot_begin(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        row = make_agreement(session, clock, "edd")
        with pytest.raises(BadInput):
            service.suspend(session, OPERATOR, row.id, "  ", clock)
        late = service.draw_up(session, OPERATOR, terms.usual("uc"), clock, expires_at=clock.now())
        with pytest.raises(Conflict):
            service.activate(session, OPERATOR, late.id, clock)
        assert store.standing(session, "uc") is None
