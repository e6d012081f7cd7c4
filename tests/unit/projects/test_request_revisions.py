"""Two tabs on one draft of a data request: the second is told, and loses nothing that was typed."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from enclave.core.clock import FixedClock
from tests.approved import form, make_cast
from tests.portal import BASE, Portal

API = f"{BASE}/api/requests"


@pytest.fixture
def draft(portal: Portal, clock: FixedClock) -> Any:
    with portal.context.database.write() as session:
        make_cast(session, clock)
    return portal.operator("rosa").post(API, json={"form": form()}).json()


def _edit(portal: Portal, draft: Any, if_match: str | None, title: str) -> Any:
    headers = {"If-Match": if_match} if if_match is not None else {}
    body = {"form": form(title=title)}
    return portal.operator("rosa").put(f"{API}/{draft['id']}", json=body, headers=headers)


def test_each_answer_names_the_revision_and_reading_changes_none(portal: Portal, draft: Any) -> None:
    read = portal.operator("rosa").get(f"{API}/{draft['id']}")
    assert read.headers["ETag"] == f'"{draft["revision"]}"' and read.json() == draft
    assert _edit(portal, draft, None, "New title").json()["revision"] == draft["revision"] + 1


# number, the header with {} for the present revision, status
HEADERS = [(1, '"{}"', 200), (2, 'W/"{}"', 200), (3, '"0", "{}"', 200), (4, "*", 200), (5, '"0"', 412), (6, "x", 412)]


@pytest.mark.parametrize(("number", "header", "status"), HEADERS)
def test_a_draft_is_changed_as_it_was_read(portal: Portal, draft: Any, number: int, header: str, status: int) -> None:
    answer = _edit(portal, draft, header.format(draft["revision"]), "New title")
    assert answer.status_code == status
    shown = portal.operator("rosa").get(f"{API}/{draft['id']}").json()
    assert shown["title"] == ("New title" if status == 200 else draft["title"])
    if status == 412:
        assert answer.json()["error"]["code"] == "stale" and str(draft["revision"]) in answer.json()["error"]["advice"]


def test_every_change_of_a_request_honours_if_match(portal: Portal, draft: Any) -> None:
    calls = [
        ("rosa", "submit", None), ("rosa", "withdraw", {"reason": ""}),
        ("office", "forward", {"summary": "A neutral summary of what it asks for."}),
        ("office", "return", {"reason": "Say which years are needed."}),
        ("reviewer-cde", "decide", {"verdict": "APPROVED", "digest": "x"}),
    ]  # fmt: skip
    for who, path, body in calls:
        answer = portal.operator(who).post(f"{API}/{draft['id']}/{path}", json=body, headers={"If-Match": '"0"'})
        assert answer.status_code == 412, (path, answer.text)
    assert portal.operator("rosa").get(f"{API}/{draft['id']}").json()["state"] == "DRAFT"


def test_a_stale_form_is_not_kept_and_gives_the_words_back(portal: Portal, draft: Any) -> None:
    browser, address = portal.browser("rosa"), f"{BASE}/requests/{draft['id']}/edit"
    (seen,) = re.findall(r'name="revision" value="(\d+)"', browser.get(address).text)
    _edit(portal, draft, None, "From the other tab")
    sent = {"title": "My long <new> title", "purpose": "Thought of for a long time.", "revision": seen}
    answer = browser.post(address, data=sent, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 412
    page = html.unescape(answer.text)
    assert "My long <new> title" in page and "Thought of for a long time." in page and "<new>" not in answer.text
    assert portal.operator("rosa").get(f"{API}/{draft['id']}").json()["title"] == "From the other tab"
    (now,) = re.findall(r'name="revision" value="(\d+)"', browser.get(address).text)
    assert browser.post(address, data={**sent, "revision": now}).status_code == 303
