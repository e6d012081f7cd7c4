"""The browser is a lab's real way out: what a notebook's output tries in the reader's browser, and what arrives.

A real lab, in the portal's frame, in a real Chromium; a second origin writes down who comes. What stays is measured
too: WebRTC. Eyes, cameras and copying by hand are no business of a test; see `docs/explanation/edge.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, Response, expect, sync_playwright

from tests.e2e.attempts import ATTEMPTS, WEBRTC, Attempt
from tests.e2e.conftest import CHROMIUM, Enclave, Visitors
from tests.e2e.elsewhere import NAME, Elsewhere, listening
from tests.e2e.lab import new_notebook, open_lab, run_cell

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(900)]
LAB = "/lab/college-going"
NODE = """const node = (html) => {
    const made = document.createElement('div'); made.innerHTML = html; document.body.append(made); return made;
};"""


#: Chromium opens connections ahead, for navigations and hints, before it asks a policy, and sends nothing over them. No
#: request arrives, but a name was looked up: a residual that `docs/explanation/edge.md` names with its remedy.
OPENED: frozenset[int | str] = frozenset({"silent"})
SAVE = """({path, text}) => fetch(path, {
    method: 'PUT', body: JSON.stringify({type: 'file', format: 'text', content: text})
}).then((answer) => { if (!answer.ok) { throw new Error(answer.status); } })"""


class Story:
    """Alice at her lab, with everything that is watched."""

    def __init__(self, page: Page, enclave: Enclave, elsewhere: Elsewhere) -> None:
        self.page, self.enclave, self.elsewhere = page, enclave, elsewhere
        self.portal = page.url.partition("/services/portal")[0] + "/services/portal"
        self.answers: list[str] = []
        self.downloads: list[str] = []
        self.popups: list[str] = []
        self.violations: list[str] = []
        page.on("response", self._answered)
        page.on("download", lambda download: self.downloads.append(download.url))
        page.on("popup", lambda popup: self.popups.append(popup.url))
        page.on("console", lambda message: self.violations.append(message.text))

    def _answered(self, response: Response) -> None:
        """Answers that the portal gave to anything but its own page."""
        if response.url.startswith(self.portal) and response.frame.parent_frame is not None:
            self.answers.append(f"{response.status} {response.url}")

    def open(self) -> Frame:
        """The lab on a fresh page; what came before is forgotten."""
        self.elsewhere.came.clear()
        self.page.goto(self.portal + LAB)
        return open_lab(self.page)

    def script(self, attempt: Attempt) -> str:
        """The attempt with its addresses; what it throws is its own business."""
        address = self.elsewhere.address(attempt.number)
        text = attempt.script.replace("'URL'.replace", f"'{address}'.replace")
        text = re.sub(r"(?<!window\.)\bURL\b", address, text).replace("SOCKET", address.replace("http:", "ws:"))
        return f"try {{ {text.replace('PORTAL', self.portal)} }} catch (problem) {{ }}"


@pytest.fixture(scope="module")
def story(enclave: Enclave) -> Iterator[Story]:
    program = next(path for path in CHROMIUM if Path(path).exists())
    options = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        f"--host-resolver-rules=MAP *.{NAME} 127.0.0.1",
    ]
    with listening() as elsewhere, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        visitors = Visitors(browser, enclave)
        alice = visitors.login("alice")
        alice.go("/projects/college-going")
        alice.page.get_by_role("button", name="Open the lab").click()
        open_lab(alice.page)
        yield Story(alice.page, enclave, elsewhere)
        visitors.close()
        browser.close()


def test_the_second_origin_hears_a_page_that_may_call_it(story: Story) -> None:
    """Else all that follows would prove nothing."""
    page = story.page.context.new_page()
    page.evaluate("address => fetch(address, {mode: 'no-cors'}).catch(() => 0)", story.elsewhere.address(0))
    page.close()
    assert story.elsewhere.arrived == {0}
    story.elsewhere.came.clear()


def test_lab_works_without_a_violation_of_its_policy(story: Story) -> None:
    lab = story.open()
    new_notebook(lab)
    expect(run_cell(lab, "print(6 * 7)")).to_contain_text("42")
    broken = [text for text in story.violations if "Content Security Policy" in text or "Refused" in text]
    assert broken == []


def test_no_output_of_a_notebook_arrives_elsewhere(story: Story) -> None:
    """All attempts that let the page stand, as one notebook's output: no request arrives."""
    lab = story.open()
    new_notebook(lab)
    scripts = [NODE, *(f"(() => {{ {story.script(each)} }})();" for each in ATTEMPTS if not each.leaves)]
    lab.evaluate(SAVE, {"path": "/user/alice/college-going/api/contents/tries.js", "text": "\n".join(scripts)})
    run_cell(lab, "from IPython.display import Javascript\nJavascript(open('tries.js').read())")
    story.page.wait_for_timeout(6000)
    assert len([text for text in story.violations if "Content Security Policy" in text]) > 20  # they were tried
    assert story.elsewhere.arrived <= OPENED
    assert story.downloads == []
    assert story.popups == []
    assert story.answers == []


@pytest.mark.parametrize("attempt", [each for each in ATTEMPTS if each.leaves], ids=lambda each: each.name)
def test_no_lab_leaves_its_frame(attempt: Attempt, story: Story) -> None:
    lab = story.open()
    lab.evaluate(f"() => {{ {NODE} {story.script(attempt)} }}")
    story.page.wait_for_timeout(1500)
    assert story.elsewhere.arrived <= OPENED
    assert story.page.url == story.portal + LAB
    assert story.answers == []


def test_the_viewer_is_still_who_they_were(story: Story) -> None:
    """Nothing acted at the portal: alice is logged in, her lab runs, and the audit knows of no stop."""
    lab = story.open()
    assert "/user/alice/college-going/lab" in lab.url
    assert any(each["user"] == "alice" for each in story.enclave.c2c_json("session", "list"))


def test_a_lab_is_no_page_of_its_own(story: Story) -> None:
    address = story.open().url
    story.page.goto(address)
    assert story.page.url == story.portal + LAB


def test_what_is_left_is_webrtc_and_says_so(story: Story, record_property: pytest.RecordProperty) -> None:
    """Reported, not refused: no policy of a page reaches it. The documentation must name it."""
    lab = story.open()
    turn = f"n999.{NAME}:{story.elsewhere.port}"
    lab.evaluate(f"() => {{ {WEBRTC.replace('TURN', turn)} }}")
    story.page.wait_for_timeout(2500)
    record_property("webrtc_packets", story.elsewhere.packets)
    assert story.elsewhere.arrived == set()
    text = (Path(__file__).parents[2] / "docs" / "explanation" / "edge.md").read_text(encoding="utf-8")
    assert "WebRTC" in text
