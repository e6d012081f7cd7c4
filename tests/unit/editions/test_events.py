"""What the vault reports is mirrored once, in order, with its audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from enclave.core import audit
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.errors import BadInput, Conflict
from enclave.editions import service, store
from enclave.editions.model import VaultEvent
from enclave.editions.states import EDITION, EditionState

DIGEST = "ab" * 32
GRADE = {
    "name": "grade_level", "type": "code", "description": "Grade", "codes": {"KG": "Kindergarten"},
    "kind": "attribute", "max_route": "aggregate",
}  # fmt: skip


def published(number: int, revision: int = 1, supersedes: tuple[str, ...] = (), year: int = 2025) -> dict[str, Any]:
    return {
        "id": f"evt_{number:08d}", "type": "edition.published", "subject": f"{year}r{revision}", "year": year,
        "counts": {"persons": 10, "rows": 30}, "digests": {"manifest": DIGEST}, "supersedes": list(supersedes),
        "quality": {"linked_share": 0.9}, "lineage": {"match_run": "mrun_1"},
        "tables": [
            {
                "provider": "cde", "name": "k12_enrollment", "description": "Enrolment", "rows": 30, "persons": 10,
                "digest": DIGEST,
                "columns": [{"name": "person_key", "type": "integer", "description": "Person"}, GRADE],
            }
        ],
    }  # fmt: skip


def test_a_published_edition_is_catalogued_with_its_elements(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        assert service.ingest_event(session, published(1), clock)
    with database.read() as session:
        edition = store.latest_published(session)
        assert edition is not None
        assert (edition.id, edition.persons, edition.manifest_digest) == ("2025r1", 10, DIGEST)
        assert [table.name for table in store.tables_of(session, "2025r1")] == ["k12_enrollment"]
        (element,) = store.elements(session, "2025r1")
        assert element.key == "cde/k12_enrollment.grade_level"
        assert (element.codes, element.max_route) == ({"KG": "Kindergarten"}, "aggregate")


def test_an_event_is_ingested_once(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        assert service.ingest_event(session, published(1), clock)
        assert not service.ingest_event(session, published(1), clock)
    with database.read() as session:
        assert session.query(VaultEvent).count() == 1
        assert audit.list_events(session).total == 1
        assert audit.verify(session).holds


def test_a_revision_supersedes_the_older_edition(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        service.ingest_event(session, published(1), clock)
        service.ingest_event(session, published(2, revision=2, supersedes=("2025r1",)), clock)
    with database.read() as session:
        assert store.edition(session, "2025r1").state == EditionState.SUPERSEDED
        latest = store.latest_published(session)
        assert latest is not None
        assert latest.id == "2025r2"


def test_the_latest_edition_is_of_the_latest_year(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        service.ingest_event(session, published(1, year=2025), clock)
        service.ingest_event(session, published(2, year=2024), clock)
    with database.read() as session:
        latest = store.latest_published(session)
        assert latest is not None
        assert latest.id == "2025r1"


def test_a_withdrawn_edition_is_no_longer_offered(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        service.ingest_event(session, published(1), clock)
        withdrawn = {"id": "evt_00000009", "type": "edition.withdrawn", "subject": "2025r1"}
        service.ingest_event(session, withdrawn, clock)
    with database.read() as session:
        assert store.latest_published(session) is None


def test_contributions_and_match_runs_show_their_latest_state(database: Database, clock: FixedClock) -> None:
    reports: list[dict[str, Any]] = [
        {"id": "evt_00001", "type": "contribution.received", "subject": "con_1", "provider": "uc", "year": 2025,
         "counts": {"rows": 7}},
        {"id": "evt_00002", "type": "contribution.accepted", "subject": "con_1", "provider": "uc", "year": 2025,
         "counts": {"set_aside": 1}},
        {"id": "evt_00003", "type": "match_run.running", "subject": "mrun_1", "year": 2025, "runner": "ana"},
        {"id": "evt_00004", "type": "match_run.accepted", "subject": "mrun_1", "year": 2025, "accepted_by": "bo"},
    ]  # fmt: skip
    with database.write() as session:
        for report in reports:
            service.ingest_event(session, report, clock)
            clock.advance(timedelta(minutes=1))
    with database.read() as session:
        (contribution,) = store.contributions(session)
        assert (contribution.state, contribution.counts) == ("ACCEPTED", {"rows": 7, "set_aside": 1})
        (run,) = store.match_runs(session)
        assert (run.state, run.runner, run.accepted_by) == ("ACCEPTED", "ana", "bo")


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "edition.published"},
        {"id": "evt_00001", "type": "something.else", "subject": "x"},
        {"id": "evt_00001", "type": "contribution.accepted", "subject": "con_1"},
        {"id": "evt_00001", "type": "edition.published", "subject": "latest"},
    ],
)
def test_an_event_without_the_form_changes_nothing(
    database: Database, clock: FixedClock, broken: dict[str, Any]
) -> None:
    with pytest.raises(BadInput), database.write() as session:
        service.ingest_event(session, broken, clock)
    with database.read() as session:
        assert audit.list_events(session).total == 0
        assert session.query(VaultEvent).count() == 0


def test_a_withdrawn_edition_never_returns(database: Database) -> None:
    assert EDITION.allowed(EditionState.WITHDRAWN) == set()
    with pytest.raises(Conflict):
        EDITION.check(EditionState.WITHDRAWN, EditionState.PUBLISHED)
