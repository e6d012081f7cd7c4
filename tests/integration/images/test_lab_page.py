"""JupyterLab's page in a real browser: tutorials first, nothing that leads nowhere, no uploads."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from scripts.images import ensure_images

pytestmark = [pytest.mark.engine, pytest.mark.browser]
LAB = (
    "jupyter lab --ip=0.0.0.0 --port=8888 --ServerApp.token= --ServerApp.password= --no-browser "
    "--ServerApp.disable_check_xsrf=True"
)
# What would open another page, fetch from the web, take a file out or in, or end the server.
DEAD = re.compile(
    r"download|export|upload|print|new browser tab|from url|share|terminal|extension|hub|log ?out|shut down$|"
    r"jupyter.*(forum|reference)|faq|about|licen[cs]e|workspaces|language$|plugin manager|news",
    re.I,
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A lab that listens on a port of this machine, in an otherwise hardened container."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    hardening = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--pids-limit=128"]
    places = ["--tmpfs=/tmp", "--tmpfs=/workspace:uid=1000", "-e", "JUPYTER_RUNTIME_DIR=/tmp/j"]
    options = ["-d", "--rm", "-p", f"127.0.0.1:{port}:8888", *hardening, *places, ensure_images()["sandbox"]]
    started = subprocess.run(["docker", "run", *options, *LAB.split()], capture_output=True, text=True, check=True)
    try:
        _await(f"http://127.0.0.1:{port}/api")
        yield f"http://127.0.0.1:{port}"
    finally:
        subprocess.run(["docker", "rm", "-f", started.stdout.strip()], capture_output=True, check=False)


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    """The lab, opened for the first time."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(20_000)
        page.goto(f"{address}/lab")
        page.wait_for_selector(".jp-Launcher")
        yield page
        browser.close()


def _await(url: str) -> None:
    end = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except (OSError, urllib.error.URLError):
            assert time.monotonic() < end, "the lab did not start"
            time.sleep(0.3)


def test_the_first_visit_shows_the_tutorials_and_a_welcome(page: Page) -> None:
    expect(page.locator(".jp-Launcher-sectionTitle").first).to_have_text("Start here")
    cards = page.locator(".jp-Launcher-section").first.locator(".jp-LauncherCard-label")
    expect(cards).to_have_text(
        [
            "Start here",
            "Tables and disclosure checks",
            "DP queries",
            "Submitting outputs",
            "Reports",
            "Models and figures",
        ]
    )
    expect(page.get_by_role("heading", name="Welcome to your project's lab")).to_be_visible()


def test_a_card_opens_a_copy_in_the_workspace(page: Page, address: str) -> None:
    page.locator(".jp-LauncherCard", has_text="DP queries").click()
    expect(page.get_by_role("heading", name="Asking with differential privacy")).to_be_visible()
    assert _names(address, "tutorials") == ["dp-queries.ipynb"]


def test_no_menu_has_an_entry_that_leads_nowhere(page: Page) -> None:
    page.wait_for_timeout(1500)
    seen: list[str] = []
    for top in page.locator("#jp-MainMenu .lm-MenuBar-item").all():
        top.click()
        page.wait_for_timeout(300)
        seen += _shown(page)
        page.keyboard.press("Escape")
    assert len(seen) > 80
    assert [label for label in seen if DEAD.search(label)] == []


def test_a_files_own_menu_takes_nothing_out(page: Page) -> None:
    page.locator(".jp-DirListing-item", has_text="Welcome.md").click(button="right")
    page.wait_for_timeout(300)
    labels = _shown(page)
    page.keyboard.press("Escape")
    assert "Rename" in labels
    assert [label for label in labels if DEAD.search(label)] == []


def test_there_is_no_upload_and_a_dropped_file_is_answered(page: Page, address: str) -> None:
    assert page.locator("[data-jp-item-name=uploader] >> visible=true").count() == 0
    before = _names(address, "")
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["secret"], "brought.csv"));
          document.querySelector(".jp-DirListing-content").dispatchEvent(
            new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: data}));
        }"""
    )
    expect(page.get_by_text("Nothing is uploaded into a lab").first).to_be_visible()
    assert _names(address, "") == before


@pytest.mark.parametrize(
    ("model", "status"),
    [
        ({"type": "file", "format": "base64", "content": "AAAA"}, 403),
        ({"type": "file", "format": "text", "content": "part", "chunk": 1}, 403),
        ({"type": "file", "format": "text", "content": "a note"}, 201),
    ],
)
def test_the_server_takes_text_that_lab_saves_and_no_upload(
    address: str, model: dict[str, object], status: int
) -> None:
    request = urllib.request.Request(
        f"{address}/api/contents/saved.txt",
        json.dumps(model).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            got = answer.status
    except urllib.error.HTTPError as refusal:
        got = refusal.code
    assert got == status


def _shown(page: Page) -> list[str]:
    """The entries of the open menus that a person sees."""
    found = page.locator(".lm-Menu .lm-Menu-itemLabel >> visible=true").all_inner_texts()
    return [label for label in found if label]


def _names(address: str, folder: str) -> list[str]:
    with urllib.request.urlopen(f"{address}/api/contents/{folder}", timeout=20) as answer:
        return sorted(entry["name"] for entry in json.load(answer)["content"])
