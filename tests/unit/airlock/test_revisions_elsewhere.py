"""Publications, imports and saved replies have revisions like release requests: the second of two is told, and loses
nothing that was typed."""

from __future__ import annotations

import html
import re
from typing import Any

from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, post
from tests.unit.airlock.test_publications import announced

WORDS = {"title": "Prices", "purpose": "To deflate wages.", "licence": "CC0-1.0"}


def _get(desk: Portal, who: str, path: str) -> Any:
    return desk.operator(who).get(f"{API}{path}")


def _field(text: str, action: str) -> str:
    """The revision in the form with this action."""
    return re.findall(r'name="revision" value="(\d+)"', text.split(f'action="{BASE}{action}"')[1])[0]


def _imported(desk: Portal) -> str:
    body = {"project": "promise", "name": "prices", "kind": "PUBLIC_DATA", **WORDS}
    kinds = desk.operator("rosa").post(f"{API}/imports", json=body)
    assert kinds.status_code == 201, kinds.text
    return str(kinds.json()["id"])


def _reply(desk: Portal) -> dict[str, Any]:
    body = {"title": "Years", "body": "Name the years.", "shared": True}
    return dict(post(desk.operator("dana"), "/review/replies", body, 201))


def test_a_change_of_any_of_them_is_made_to_the_revision_that_was_read(desk: Portal) -> None:
    publication, one, reply = announced(desk, send=False), _imported(desk), _reply(desk)["id"]
    text = {"title": "Years", "body": "Which years?", "shared": True}
    calls: list[tuple[str, str, str, dict[str, Any]]] = [
        ("rosa", "post", f"/publications/{publication}/send", {}),
        ("rosa", "post", f"/publications/{publication}/withdraw", {}),
        ("rosa", "put", f"/publications/{publication}/file", {"files": {"file": ("a.pdf", b"%PDF-1.7")}}),
        ("rosa", "put", f"/imports/{one}", {"json": WORDS}),
        ("rosa", "post", f"/imports/{one}/files", {"files": [("files", ("p.csv", b"year,p\n2020,1\n"))]}),
        ("rosa", "post", f"/imports/{one}/withdraw", {"json": {"reason": ""}}),
        ("dana", "put", f"/review/replies/{reply}", {"json": text}),
        ("dana", "delete", f"/review/replies/{reply}", {}),
    ]
    for who, method, path, body in calls:
        stale = getattr(desk.operator(who), method)(f"{API}{path}", headers={"If-Match": '"0"'}, **body)
        assert (stale.status_code, stale.json()["error"]["code"]) == (412, "stale"), path
    for path in (f"/publications/{publication}", f"/imports/{one}"):
        found = _get(desk, "rosa", path)
        assert found.headers["ETag"] == f'"{found.json()["revision"]}"' and found.json()["state"] == "DRAFT"
    for who, method, path, body in [calls[0], calls[3], calls[6]]:
        thing = path.removesuffix("/send")
        rows = _get(desk, who, "/review/replies").json() if "replies" in path else []
        now = rows[0]["revision"] if rows else _get(desk, who, thing).json()["revision"]
        done = getattr(desk.operator(who), method)(f"{API}{path}", headers={"If-Match": f'"{now}"'}, **body)
        assert done.status_code == 200, done.text
        assert done.json()["revision"] == now + 1 and done.headers["ETag"] == f'"{now + 1}"'


def test_a_listing_names_the_same_revisions(desk: Portal) -> None:
    publication, one = announced(desk), _imported(desk)
    [listed] = _get(desk, "rosa", "/publications").json()
    assert listed["revision"] == _get(desk, "rosa", f"/publications/{publication}").json()["revision"] == 2
    [row] = _get(desk, "rosa", "/imports").json()["imports"]
    assert row["revision"] == _get(desk, "rosa", f"/imports/{one}").json()["revision"] == 1


def test_a_providers_comment_comes_back_and_can_be_sent_anyway(desk: Portal) -> None:
    publication = announced(desk)
    browser, action = desk.browser("reviewer-cde"), f"/publications/{publication}/comment"
    seen = _field(browser.get(f"{BASE}/publications/{publication}").text, action)
    post(desk.operator("reviewer-edd"), f"/publications/{publication}/comments", {"text": "Name the years."})
    answer = browser.post(f"{BASE}{action}", data={"text": "Name the <schools>.", "revision": seen})
    page = html.unescape(answer.text)
    assert answer.status_code == 412 and "Name the <schools>.</textarea>" in page and "A provider commented." in page
    again = {"text": "Name the <schools>.", "revision": _field(answer.text, action)}
    assert browser.post(f"{BASE}{action}", data=again).status_code == 303
    said = sorted(word["text"] for word in _get(desk, "rosa", f"/publications/{publication}").json()["words"])
    assert said == ["Name the <schools>.", "Name the years."]


def test_words_of_an_import_are_kept_and_a_withdrawal_is_decided_anew(desk: Portal) -> None:
    one = _imported(desk)
    rosa = desk.browser("rosa")
    page = rosa.get(f"{BASE}/imports/{one}").text
    seen, out = _field(page, f"/imports/{one}/words"), _field(page, f"/imports/{one}/withdraw")
    desk.operator("rosa").put(f"{API}/imports/{one}", json={**WORDS, "title": "From the other tab"})
    answer = rosa.post(f"{BASE}/imports/{one}/words", data={**WORDS, "description": "Long.", "revision": seen})
    assert answer.status_code == 412 and "Long.</textarea>" in answer.text and "Send it anyway" in answer.text
    gone = rosa.post(f"{BASE}/imports/{one}/withdraw", data={"reason": "Not needed.", "revision": out})
    assert gone.status_code == 412 and "Send it anyway" not in gone.text and "Not needed." in gone.text
    assert _get(desk, "rosa", f"/imports/{one}").json()["state"] == "DRAFT"


def test_a_reply_is_changed_by_its_owner_or_a_senior_and_a_stale_change_is_told(desk: Portal) -> None:
    made = _reply(desk)
    text = {"title": "Years", "body": "Which years?", "shared": True}
    post_as = {who: desk.operator(who).put(f"{API}/review/replies/{made['id']}", json=text) for who in ("chris", "sam")}
    assert [answer.status_code for answer in post_as.values()] == [403, 200]
    dana, action = desk.browser("dana"), f"/replies/{made['id']}/change"
    stale = dana.post(f"{BASE}{action}", data={**text, "body": "My words.", "revision": str(made["revision"])})
    assert stale.status_code == 412 and "My words.</textarea>" in stale.text and f'href="{BASE}/replies"' in stale.text
    again = {**text, "body": "My words.", "revision": _field(stale.text, action)}
    assert dana.post(f"{BASE}{action}", data=again).status_code == 303
    assert "My words." in dana.get(f"{BASE}/replies").text
