"""The publication gate: the named providers may comment once, silence proceeds, and nobody is passed over."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from enclave.core import audit
from enclave.core.audit import list_events
from enclave.core.clock import FixedClock
from output_review import store
from output_review.publications.states import LABEL, PublicationState
from output_review.states import ReleaseState
from services.news.table import told_by
from services.worker import publications as worker
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, TABLE, post, submit

NUMBER = itertools.count()


def released(desk: Portal, providers: tuple[str, ...] = ("cde", "edd"), name: str = "t1.csv") -> str:
    """A release of rosa's project. How a request gets that far is told elsewhere; here its state is set."""
    made = submit(desk, TABLE.replace(b"Alpine", f"District {next(NUMBER)}".encode()), submit=False, name=name)
    with desk.context.database.write() as session:
        row = store.get(session, made["id"])
        row.state, row.providers, row.decided_at = ReleaseState.RELEASED.value, list(providers), row.created_at
    return str(made["id"])


def announced(desk: Portal, *releases: str, link: str = "https://example.org/paper.pdf", send: bool = True) -> str:
    body = {"project": "promise", "title": "Promise and wages", "venue": "A journal", "link": link,
            "releases": list(releases) or [released(desk)]}  # fmt: skip
    made = post(desk.operator("rosa"), "/publications", body, 201)
    if send:
        post(desk.operator("rosa"), f"/publications/{made['id']}/send")
    return str(made["id"])


def run_worker(desk: Portal) -> list[str]:
    ready = worker.ready(desk.context)
    for identity in ready:
        worker.clear(desk.context, identity)
    return ready


def shown(desk: Portal, identity: str, who: str = "rosa") -> Any:
    return desk.operator(who).get(f"{API}/publications/{identity}").json()


def test_it_goes_to_the_providers_of_all_its_releases_and_clears_when_all_have_spoken(desk: Portal) -> None:
    identity = announced(desk, released(desk), released(desk, ("ccc",), "t2.csv"))
    assert shown(desk, identity)["silent"] == ["ccc", "cde", "edd"]
    post(desk.operator("reviewer-cde"), f"/publications/{identity}/comments", {"text": "Name the years."})
    post(desk.operator("reviewer-edd"), f"/publications/{identity}/comments", {"text": " "})
    assert run_worker(desk) == []
    post(desk.operator("reviewer-ccc"), f"/publications/{identity}/comments", {})
    assert run_worker(desk) == [identity]
    post(desk.operator("rosa"), f"/publications/{identity}/answers", {"provider": "cde", "text": "Done."})
    found = shown(desk, identity)
    assert (found["state"], found["silent"]) == ("CLEARED", [])
    assert [(word["provider"], word["text"], word["answer"]) for word in found["words"]] == [
        ("ccc", "", ""), ("cde", "Name the years.", "Done."), ("edd", "", ""),
    ]  # fmt: skip
    with desk.context.database.read() as session:
        assert audit.verify(session).holds


def test_silence_proceeds_on_the_day_and_not_before(desk: Portal, clock: FixedClock) -> None:
    identity = announced(desk)
    clock.advance(timedelta(days=30) - timedelta(seconds=1))
    assert run_worker(desk) == []
    clock.advance(timedelta(seconds=1))
    assert run_worker(desk) == [identity] and run_worker(desk) == []
    assert shown(desk, identity)["silent"] == ["cde", "edd"]
    post(desk.operator("reviewer-cde"), f"/publications/{identity}/comments", {"text": "Late."}, 403)


def test_a_provider_speaks_once(desk: Portal) -> None:
    identity = announced(desk)
    post(desk.operator("reviewer-cde"), f"/publications/{identity}/comments", {"text": "First."})
    post(desk.operator("reviewer-cde"), f"/publications/{identity}/comments", {"text": "Second."}, 403)
    assert [word["text"] for word in shown(desk, identity)["words"]] == ["First."]


def test_a_revoked_release_holds_the_publication_up(desk: Portal, clock: FixedClock) -> None:
    release = released(desk)
    identity = announced(desk, release)
    with desk.context.database.write() as session:
        store.get(session, release).state = ReleaseState.REVOKED.value
    clock.advance(timedelta(days=31))
    assert run_worker(desk) == []
    assert shown(desk, identity)["revoked"] == [release]
    assert "A release was revoked" in desk.browser("rosa").get(f"{BASE}/publications/{identity}").text
    post(desk.operator("rosa"), f"/publications/{identity}/withdraw")
    assert shown(desk, identity)["state"] == "WITHDRAWN"


# number, who, reads a draft, reads it when it is out, may comment then
WHO: list[tuple[int, str, int, int, int]] = [
    (1, "rosa", 200, 200, 403),
    (2, "reviewer-cde", 404, 200, 200),
    (3, "reviewer-ccc", 404, 404, 404),
    (4, "stranger", 404, 404, 404),
    (5, "office", 200, 200, 403),
    (6, "auditor", 200, 200, 403),
    (7, "chris", 403, 403, 403),
]


@pytest.mark.parametrize(("number", "who", "draft", "out", "comment"), WHO)
def test_who_reads_and_who_comments(desk: Portal, number: int, who: str, draft: int, out: int, comment: int) -> None:
    identity, client = announced(desk, send=False), desk.operator(who)
    assert client.get(f"{API}/publications/{identity}").status_code == draft
    post(desk.operator("rosa"), f"/publications/{identity}/send")
    assert client.get(f"{API}/publications/{identity}").status_code == out
    listed = client.get(f"{API}/publications")
    assert ([row["id"] for row in listed.json()] == [identity]) if out == 200 else listed.text in ("[]", listed.text)
    post(client, f"/publications/{identity}/comments", {"text": "Hm."}, comment)


# number, what is wrong with the announcement, status
REFUSED: list[tuple[int, dict[str, Any], int]] = [
    (1, {"releases": []}, 400),
    (2, {"releases": ["rel_none"]}, 404),
    (3, {"title": "  "}, 400),
    (4, {"link": "javascript:alert(1)"}, 400),
    (5, {"link": 'https://example.org/"onclick="x'}, 400),
    (6, {"project": "none"}, 404),
]


@pytest.mark.parametrize(("number", "wrong", "status"), REFUSED)
def test_announcements_that_are_refused(desk: Portal, number: int, wrong: dict[str, Any], status: int) -> None:
    body = {"project": "promise", "title": "Promise", "venue": "A journal", "releases": [released(desk)], **wrong}
    post(desk.operator("rosa"), "/publications", body, status)


def test_only_members_announce_only_authors_act_and_only_released_outputs_are_named(desk: Portal) -> None:
    body = {"project": "promise", "title": "Promise", "venue": "A journal", "releases": [released(desk)]}
    post(desk.operator("stranger"), "/publications", body, 403)
    draft = submit(desk, submit=False, name="t3.csv")
    post(desk.operator("rosa"), "/publications", {**body, "releases": [draft["id"]]}, 409)
    identity = announced(desk, *body["releases"], link="", send=False)
    post(desk.operator("rosa"), f"/publications/{identity}/send", status=409)
    for path in ("send", "withdraw"):
        post(desk.operator("office"), f"/publications/{identity}/{path}", status=403)


def test_pages_carry_it_from_the_announcement_to_the_comment(desk: Portal) -> None:
    release, rosa, reviewer = released(desk), desk.browser("rosa"), desk.browser("reviewer-cde")
    assert "Make the draft" in rosa.get(f"{BASE}/publications").text
    form = {"project": "promise", "title": "<b>Promise</b>", "venue": "A journal", "releases": [release]}
    sent = rosa.post(f"{BASE}/publications", data=form, files={"file": ("paper.pdf", b"%PDF-1.4 <script>")})
    assert sent.status_code == 303, sent.text
    place = sent.headers["location"].partition("?")[0]
    assert rosa.post(f"{place}/send").status_code == 303
    home = reviewer.get(f"{BASE}/").text
    assert "Comment on" in home and "<b>Promise</b>" not in home
    page = reviewer.get(place).text
    assert "No comment" in page and "&lt;b&gt;Promise" in page
    file = reviewer.get(f"{place}/file")
    assert file.content == b"%PDF-1.4 <script>" and file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"] == 'attachment; filename="paper.pdf"'
    assert reviewer.post(f"{place}/comment", data={"text": "Name the years."}).status_code == 303
    assert "Comment on" not in reviewer.get(f"{BASE}/").text
    assert rosa.post(f"{place}/answer", data={"provider": "cde", "text": "Done."}).status_code == 303
    assert "Done." in reviewer.get(place).text
    assert desk.browser("reviewer-edd").post(f"{place}/no-comment").status_code == 303
    run_worker(desk)
    assert "Cleared for publication" in rosa.get(f"{BASE}/publications").text


@pytest.mark.parametrize("name", ["paper.html", "paper.svg", 'pa"per.pdf', "paper.exe", "paper"])
def test_files_that_a_browser_might_run_are_not_attached(desk: Portal, name: str) -> None:
    identity = announced(desk, send=False)
    answer = desk.operator("rosa").put(f"{API}/publications/{identity}/file", files={"file": (name, b"x")})
    assert answer.status_code == 400


def test_each_step_is_news_for_whom_it_concerns(desk: Portal) -> None:
    identity = announced(desk)
    post(desk.operator("reviewer-cde"), f"/publications/{identity}/comments", {"text": "Name the years."})
    post(desk.operator("rosa"), f"/publications/{identity}/answers", {"provider": "cde", "text": "Done."})
    post(desk.operator("reviewer-edd"), f"/publications/{identity}/comments", {})
    run_worker(desk)
    draft = announced(desk, send=False)
    post(desk.operator("rosa"), f"/publications/{draft}/withdraw")
    with desk.context.database.read() as session:
        told = {e.action: {t.user for t in told_by(session, e)} for e in list_events(session, limit=100).events}
    assert told["publication.sent"] == {"reviewer-cde", "reviewer-edd"}
    assert told["publication.commented"] == {"rosa"} and told["publication.answered"] == {"reviewer-cde"}
    assert told["publication.cleared"] == {"rosa"} and told["publication.withdrawn"] == set()


def test_every_state_has_a_label() -> None:
    assert set(LABEL) == set(PublicationState)
