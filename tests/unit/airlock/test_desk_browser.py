"""Queue and desk in a real browser: axe-core's rules, 200 % zoom, a phone, grids in place, and votes by keyboard."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from enclave.core.clock import FixedClock
from enclave.people.web_sessions import open_session
from services.api.identity import SESSION_COOKIE
from tests.e2e.conftest import CHROMIUM
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, CONTEXT, SMALL, TABLE, post

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
AXE = (Path(__file__).parents[2] / "vendor" / "axe" / "axe.min.js").read_text()
PICTURES = os.environ.get("C2C_PICTURES")
WIDTHS = (1280, 640, 390)
"""A desk, the same at 200 % zoom, a phone."""


@dataclass
class Visit:
    """A checker at a browser in front of the portal."""

    page: Page
    url: str

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{BASE}{path}")

    def picture(self, name: str) -> None:
        if PICTURES:
            self.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)

    def violations(self) -> list[dict[str, Any]]:
        """What axe-core finds under WCAG 2.2 AA, as its rule and the elements."""
        self.page.evaluate(AXE)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        told = self.page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
        assert len(told["passes"]) > 10  # it looked at the page
        return [
            {"rule": each["id"], "impact": each["impact"], "at": [node["html"][:200] for node in each["nodes"]]}
            for each in told["violations"]
        ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next((path for path in CHROMIUM if Path(path).exists()), None)
    assert program, "Chromium is not installed: run the tests by `make test`, which installs it."
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture
def visit(browser: Browser, desk: Portal) -> Iterator[Visit]:
    """Chris at a browser; the portal listens on a port of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(desk.app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        with desk.context.database.write() as session:
            secret = open_session(session, "chris", desk.context.clock.now(), timedelta(hours=8))
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "domain": "127.0.0.1", "path": BASE}])
        yield Visit(context.new_page(), url)
        context.close()
        server.should_exit = True
        thread.join()


def _request(desk: Portal) -> dict[str, Any]:
    """A request of a failing table with its justification, a figure with its table, a figure without one, a program."""
    stream = io.BytesIO()
    Image.new("RGB", (320, 200), "white").save(stream, "PNG")
    files = [("t1.csv", SMALL), ("bars.table.csv", TABLE), ("bars.png", stream.getvalue()), ("code.py", b"a = 1\n")]
    answer = desk.operator("rosa").post(
        f"{API}/projects/promise/outputs",
        data={"title": "Enrolment by district", "purpose": "For the paper."},
        files=[*(("files", each) for each in files), ("sidecars", ("t1.context.yaml", CONTEXT))],
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    rosa = desk.operator("rosa")
    for file in made["files"]:
        for rule in file["unjustified"]:
            body = {"file": file["name"], "rule": rule, "justification": "The agency publishes it."}
            post(rosa, f"/releases/{made['id']}/justifications", body)
    post(rosa, f"/releases/{made['id']}/submit")
    return made


def _returned(desk: Portal, clock: FixedClock) -> str:
    """The request in its second turn, with a changed table, comments of both kinds, and chris at the desk."""
    made = _request(desk)
    chris, rosa = desk.operator("chris"), desk.operator("rosa")
    post(chris, f"/releases/{made['id']}/claim")
    post(chris, f"/releases/{made['id']}/comments", {"body": "Between us.", "visibility": "PRIVATE"})
    post(chris, f"/releases/{made['id']}/return", {"note": "Name the year."})
    clock.advance(timedelta(minutes=5))
    changed = TABLE.replace(b"120", b"130").replace(b"720", b"730")
    answer = rosa.post(f"{API}/releases/{made['id']}/files", files=[("files", ("bars.table.csv", changed))])
    assert answer.status_code == 200, answer.text
    post(rosa, f"/releases/{made['id']}/submit")
    return str(made["id"])


def test_axe_finds_nothing_and_nothing_scrolls_sideways(visit: Visit, desk: Portal, clock: FixedClock) -> None:
    release = _returned(desk, clock)
    for name, path in (
        ("queue", "/review"),
        ("desk", f"/review/{release}"),
        ("changed", f"/review/{release}?show=changed"),
    ):
        for width in WIDTHS:
            visit.page.set_viewport_size({"width": width, "height": 900})
            visit.go(path)
            visit.picture(f"review-{name}-{width}")
            assert visit.violations() == [], (name, width)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


def test_a_grid_is_sorted_in_place_and_a_finding_shows_on_focus(visit: Visit, desk: Portal, clock: FixedClock) -> None:
    release = _returned(desk, clock)
    visit.go(f"/review/{release}")
    grid = visit.page.locator("table", has=visit.page.get_by_text("t1.csv", exact=True)).first
    grid.get_by_role("link", name="n", exact=True).click()
    expect(grid.locator("th[aria-sort=ascending]")).to_have_text("n")
    assert "sort=" not in visit.page.url
    values = grid.locator("tbody tr td:nth-child(3)").evaluate_all(
        "all => all.map(each => each.firstChild.data.trim())"
    )
    assert values == ["3", "240", "243"]
    flagged = grid.locator(".review-cell").first
    flagged.focus()
    hint = flagged.locator(".review-hint")
    assert hint.evaluate("each => each.getBoundingClientRect().left") >= 0
    visit.page.keyboard.press("Escape")
    expect(hint).to_be_hidden()


def test_votes_by_keyboard_move_on_and_never_while_somebody_writes(visit: Visit, desk: Portal) -> None:
    release = _request(desk)["id"]
    post(desk.operator("chris"), f"/releases/{release}/claim")
    visit.go(f"/review/{release}")
    page = visit.page

    def votes() -> list[str]:
        files = desk.operator("chris").get(f"{API}/releases/{release}").json()["files"]
        return [file["my_vote"] for file in files if file["my_vote"]]

    page.keyboard.press("a")
    assert votes() == []  # no file has the focus yet
    page.get_by_label("Comment", exact=False).first.focus()
    page.keyboard.type("a cask jack")
    assert votes() == [] and page.get_by_label("Comment", exact=False).first.input_value() == "a cask jack"
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator(".review-file").first).to_be_focused()
    page.keyboard.press("c")
    page.wait_for_url("**notice=**")
    expect(page.locator(".review-file").nth(1)).to_be_focused()
    assert votes() == ["CHANGES_REQUESTED"]
    page.keyboard.press("a")
    expect(page.locator(".review-file").nth(2)).to_be_focused()
    assert sorted(votes()) == ["APPROVED", "CHANGES_REQUESTED"]
    page.keyboard.press("k")
    expect(page.locator(".review-file").nth(1)).to_be_focused()


def test_the_keys_are_explained_and_can_be_switched_off(visit: Visit, desk: Portal) -> None:
    release = _request(desk)["id"]
    post(desk.operator("chris"), f"/releases/{release}/claim")
    visit.go(f"/review/{release}")
    visit.page.keyboard.press("?")
    box = visit.page.get_by_label("Keys are on, in this browser")
    expect(visit.page.get_by_text("ask for changes to it")).to_be_visible()
    visit.page.get_by_text("Keys are on, in this browser").click()
    expect(box).not_to_be_checked()
    visit.page.reload()
    expect(box).not_to_be_checked()
    visit.page.locator("h1").click()
    visit.page.keyboard.press("j")
    expect(visit.page.locator(".review-file").first).not_to_be_focused()


def test_a_saved_reply_joins_the_text_that_was_written_in_last(visit: Visit, desk: Portal) -> None:
    release = _request(desk)["id"]
    chris = desk.operator("chris")
    post(chris, f"/releases/{release}/claim")
    post(chris, "/review/replies", {"title": "Year", "body": "Please name the year."}, 201)
    visit.go(f"/review/{release}")
    note = visit.page.locator("textarea#note")
    note.fill("Thank you.")
    visit.page.get_by_text("Saved replies (1)").click()
    visit.page.get_by_role("link", name="Year").click()
    expect(note).to_have_value("Thank you.\nPlease name the year.")
    expect(note).to_be_focused()
    assert visit.violations() == []
    visit.go("/replies")
    assert visit.violations() == []
