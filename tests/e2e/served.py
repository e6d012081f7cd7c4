"""The portal of a test behind a real server, and people at real browsers in front of it; no enclave is needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import uvicorn
from playwright.sync_api import Browser, Page

from enclave.people.web_sessions import open_session
from services.api.identity import SESSION_COOKIE
from tests.portal import BASE, Portal


@contextmanager
def served(portal: Portal) -> Iterator[int]:
    """The port at which the application answers until the end of the block."""
    config = uvicorn.Config(portal.app, host="127.0.0.1", port=0, log_config=None, lifespan="off", server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Reader:
    """A logged-in person's page, and everything that went wrong on it."""

    page: Page
    origin: str
    alarms: list[str] = field(default_factory=list)
    presses: int = 0

    def go(self, path: str) -> None:
        self.page.goto(f"{self.origin}{BASE}{path}")

    def press(self, name: str) -> None:
        """One interaction: a button."""
        self.presses += 1
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).first.click()

    def follow(self, name: str) -> None:
        """One interaction: a link."""
        self.presses += 1
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()

    def fill(self, label: str, words: str) -> None:
        """One interaction: a field, however many keys it takes."""
        self.presses += 1
        self.page.get_by_label(label).first.fill(words)


def reader(browser: Browser, portal: Portal, port: int, name: str, scripts: bool = True, width: int = 1280) -> Reader:
    """This person ("": a stranger) at a browser, which may run no scripts.

    A dialog, a console message and a request to elsewhere are alarms.
    """
    secret = ""
    if name:
        with portal.context.database.write() as session:
            secret = open_session(session, name, portal.context.clock.now(), timedelta(hours=1))
    origin = f"http://enclave.localhost:{port}"
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
    context.set_default_timeout(20_000)
    if secret:
        context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "domain": "enclave.localhost", "path": BASE}])
    person = Reader(context.new_page(), origin)
    person.page.on("dialog", lambda dialog: (person.alarms.append(f"dialog {dialog.message}"), dialog.dismiss()))
    person.page.on(
        "console", lambda word: person.alarms.append(word.text) if word.type in ("error", "warning") else None
    )
    person.page.on("pageerror", lambda problem: person.alarms.append(str(problem)))
    person.page.on(
        "request",
        lambda request: (
            None if request.url.startswith((origin, "data:")) else person.alarms.append(f"asks {request.url}")
        ),
    )
    return person
