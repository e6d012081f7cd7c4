"""Help by role, explained words, the codebook's search, and what a person is told when a page cannot be had."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from enclave.core.clock import FixedClock
from enclave.people.roles import Role
from services.web.glossary import anchor, glossary
from services.web.guides import GUIDES
from tests.approved import make_edition
from tests.factories import make_user
from tests.portal import BASE, Portal

WORDS = "Three years of enrolment, for the paper."


@pytest.fixture
def place(portal: Portal, clock: FixedClock) -> Portal:
    with portal.context.database.write() as session:
        make_user(session, clock, "rosa", Role.RESEARCHER)
        make_edition(session, clock)
    return portal


def test_every_role_has_its_first_steps() -> None:
    assert set(GUIDES) == set(Role)
    assert all(GUIDES.values())


def test_the_first_steps_of_ones_own_role_are_open_and_lead_on(place: Portal) -> None:
    text = place.browser("rosa").get(f"{BASE}/help").text
    assert text.count("<details open>") == 1
    for _, path in GUIDES[Role.RESEARCHER]:
        assert place.browser("rosa").get(f"{BASE}{path}").status_code == 200


def test_a_term_leads_to_its_entry_and_is_described_by_it(place: Portal) -> None:
    browser = place.browser("rosa")
    text = browser.get(f"{BASE}/editions/2025r1").text
    assert f'href="{BASE}/help#{anchor("Linkage quality report")}"' in text
    assert glossary()["linkage quality report"] in text
    assert f'id="{anchor("Linkage quality report")}"' in browser.get(f"{BASE}/help").text


def test_the_codebook_is_searched_over_all_tables(place: Portal) -> None:
    browser = place.browser("rosa")
    found = browser.get(f"{BASE}/editions/2025r1", params={"q": "county edd"}).text
    assert "/editions/2025r1/edd/ui_wage#county_code" in found
    assert "k12_enrollment#county_code" not in found
    assert "No column has these words" in browser.get(f"{BASE}/editions/2025r1", params={"q": "zebra"}).text


def test_a_form_that_comes_after_the_session_ended_shows_its_words_again(place: Portal) -> None:
    stranger = place.stranger()
    form = {"purpose": WORDS, "csrf": "a b", "password": "my secret words"}
    answer = stranger.post(f"{BASE}/releases", data=form, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 401
    assert WORDS in answer.text
    assert "It was not saved" in answer.text
    assert "my secret words" not in answer.text


def test_words_that_another_site_sends_are_not_shown(place: Portal) -> None:
    answer = place.stranger().post(
        f"{BASE}/releases", data={"purpose": WORDS}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 401
    assert WORDS not in answer.text
    assert "What you sent was not saved" in answer.text


def test_a_page_that_does_not_exist_says_what_to_do(place: Portal) -> None:
    answer = place.browser("rosa").get(f"{BASE}/nothing")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert f"{BASE}/help#trouble" in answer.text


def test_while_the_records_cannot_be_reached_a_form_gives_its_words_back(place: Portal) -> None:
    browser = place.browser("rosa")
    with place.context.database.write() as session:
        session.execute(text("ALTER TABLE web_sessions RENAME TO moved"))
    form = {"purpose": WORDS, "password": "my secret words"}
    answer = browser.post(
        f"{BASE}/requests", data=form, headers={"sec-fetch-site": "same-origin", "accept": "text/html"}
    )
    assert answer.status_code == 503
    assert "Nothing was saved" in answer.text and WORDS in answer.text
    assert "my secret words" not in answer.text
    program = browser.get(f"{BASE}/api/projects")
    assert program.status_code == 503 and program.json()["error"]["code"] == "unavailable"
    assert program.headers["retry-after"] == "10"
