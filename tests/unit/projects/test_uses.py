"""What a provider sees of the use of its data, who may see it, and the disclosure log as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from enclave.core.actors import Actor
from enclave.extracts import service as extracts
from enclave.people.roles import Role
from enclave.projects import membership
from services import uses
from services.uses import Kind
from tests.approved import approved_project, make_cast, ready_extract
from tests.factories import OPERATOR, make_actor
from tests.portal import BASE, Portal

Cast = dict[str, Actor]


@pytest.fixture
def cast(portal: Portal) -> Cast:
    """A project of rosa's over the data of two providers, with an extract that is ready."""
    clock = portal.context.clock
    with portal.context.database.write() as session:
        found = make_cast(session, clock)
        project = approved_project(session, found, clock)
        found["admin"] = make_actor(session, clock, "admin", Role.ADMINISTRATOR)
        make_actor(session, clock, "late", Role.RESEARCHER)
        ready_extract(session, project.id, clock)
    return found


def log(portal: Portal, provider: str) -> list[uses.Use]:
    with portal.context.database.read() as session:
        return uses.uses_of(session, provider)


def test_a_provider_sees_the_request_and_the_extract_with_its_own_elements_only(portal: Portal, cast: Cast) -> None:
    found = {use.kind: use for use in log(portal, "cde")}
    assert set(found) == {Kind.REQUEST, Kind.EXTRACT}
    assert found[Kind.REQUEST].outcome == "APPROVED by reviewer-cde"
    extract = found[Kind.EXTRACT]
    assert extract.parties == ("rosa",) and extract.outcome == "READY" and extract.until is None
    assert extract.elements and all(element.startswith("cde.") for element in extract.elements)
    assert extract.interest and extract.basis and extract.institution


def test_a_provider_whose_data_were_not_asked_for_has_an_empty_log(portal: Portal, cast: Cast) -> None:
    assert log(portal, "csu") == []


def test_who_joined_while_the_extract_could_be_read_stands_in_the_log(portal: Portal, cast: Cast) -> None:
    clock = portal.context.clock
    with portal.context.database.write() as session:
        membership.add_member(session, OPERATOR, "promise", "late", clock)
    extract = next(use for use in log(portal, "cde") if use.kind is Kind.EXTRACT)
    assert extract.parties == ("late", "rosa")


def test_an_extract_that_was_revoked_has_an_end(portal: Portal, cast: Cast) -> None:
    clock = portal.context.clock
    clock.advance(timedelta(days=3))  # type: ignore[attr-defined]
    with portal.context.database.write() as session:
        row = extracts.store.ready_extract(session, "promise")
        assert row is not None
        extracts.revoke(session, OPERATOR, row.id, "A test.", clock)
    extract = next(use for use in log(portal, "cde") if use.kind is Kind.EXTRACT)
    assert extract.until == clock.now() and extract.outcome == "REVOKED"
    assert uses.readers_now(log(portal, "cde")) == []


# number, who asks, whose log, answer
WHO_READS = [
    (1, "reviewer-cde", "cde", 200),
    (2, "reviewer-cde", "edd", 403),
    (3, "office", "cde", 200),
    (4, "auditor", "cde", 200),
    (5, "rosa", "cde", 403),
    (6, "admin", "cde", 403),
    (7, "office", "none", 404),
]


@pytest.mark.parametrize(("number", "who", "provider", "status"), WHO_READS)
@pytest.mark.parametrize("what", ["uses", "disclosures.csv"])
def test_who_reads_whose_log(
    portal: Portal, cast: Cast, number: int, who: str, provider: str, status: int, what: str
) -> None:
    answer = portal.browser(who).get(f"{BASE}/api/providers/{provider}/{what}")
    assert answer.status_code == status, number


def test_the_disclosure_log_names_parties_and_their_interest(portal: Portal, cast: Cast) -> None:
    answer = portal.browser("reviewer-cde").get(f"{BASE}/api/providers/cde/disclosures.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["kind"] for row in rows] == ["request", "extract"]
    assert rows[1]["parties"] == "rosa" and rows[1]["legitimate interest"] and rows[1]["date"]
    assert answer.headers["content-disposition"].startswith('attachment; filename="disclosures-cde-')


def test_a_title_cannot_become_a_formula(portal: Portal, cast: Cast) -> None:
    with portal.context.database.write() as session:
        approved_project(session, cast, portal.context.clock, project="other", title="=HYPERLINK(1)")
    text = portal.browser("reviewer-cde").get(f"{BASE}/api/providers/cde/disclosures.csv").text
    assert "'=HYPERLINK(1)" in text and ",=HYPERLINK" not in text


def test_the_pages_show_the_log_and_its_empty_states(portal: Portal, cast: Cast) -> None:
    reviewer = portal.browser("reviewer-cde")
    sent = reviewer.get(f"{BASE}/uses")
    assert sent.status_code == 303 and sent.headers["location"].endswith("/uses/cde")
    shown = reviewer.get(f"{BASE}/uses/cde").text
    assert "1 extract" in shown and "Extract made" in shown and "rosa" in shown
    assert "No such use." in reviewer.get(f"{BASE}/uses/cde?kind=report").text
    office = portal.browser("office")
    assert "/uses/csu" in office.get(f"{BASE}/uses").text
    assert "were not used yet" in office.get(f"{BASE}/uses/csu").text
    assert 'href="/services/portal/uses"' in office.get(f"{BASE}/").text
