"""A whole enclave, set up as `make demo` sets it up, and a real browser in front of it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
PERSONS = "2000"
SETUP_SECONDS = 1800
PICTURES = Path(os.environ.get("C2C_PICTURES") or ROOT / ".cache" / "pictures")
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


@dataclass(frozen=True)
class Enclave:
    """A running enclave: its address, its data folder, and its people."""

    url: str
    data: Path
    environment: dict[str, str]
    summary: dict[str, Any]

    def c2c(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `c2c` command against this enclave."""
        command = [str(ROOT / ".venv" / "bin" / "c2c"), *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )

    def c2c_json(self, *arguments: str) -> Any:
        """The JSON that a `c2c` command prints; it must end well."""
        done = self.c2c(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def password(self, name: str) -> str:
        """The password of a person of the demonstration."""
        return next(user["password"] for user in self.summary["users"] if user["name"] == name)


def _running(data: Path) -> Enclave:
    summary = json.loads((data / "demo.json").read_text())
    port = summary["url"].rpartition(":")[2]
    environment = {**os.environ, "C2C_DATA_DIR": str(data), "C2C_PORT": port, "C2C_DEMO": "true"}
    return Enclave(summary["url"], data, environment, summary)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who comes first pays for the enclave: their limit of time holds its set-up too, on a busy machine as well."""
    first = next((item for item in items if "enclave" in getattr(item, "fixturenames", ())), None)
    if first is not None:
        first.add_marker(pytest.mark.timeout(SETUP_SECONDS), append=False)


@pytest.fixture(scope="package")
def enclave() -> Iterator[Enclave]:
    """An enclave of its own for the run: own data folder, free port, small population.

    `C2C_TEST_ENCLAVE` names the data folder of one that runs already, for work on a test.
    """
    if running := os.environ.get("C2C_TEST_ENCLAVE"):
        yield _running(Path(running))
        return
    data = ROOT / ".c2c-test"
    shutil.rmtree(data, ignore_errors=True)
    port = _free_port()
    environment = {
        **os.environ,
        "C2C_DATA_DIR": str(data),
        "C2C_PORT": str(port),
        "C2C_DEMO": "true",
        "C2C_DEMO_PERSONS": PERSONS,
    }
    command = [sys.executable, "-m", "scripts.demo"]
    try:
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        summary = json.loads((data / "demo.json").read_text())
        yield Enclave(f"http://localhost:{port}", data, environment, summary)
    finally:
        subprocess.run([sys.executable, "-m", "scripts.stop", "--only-this"], cwd=ROOT, env=environment, check=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The distribution's Chromium, without a window. A module's, for its event loop must not outlive the module."""
    program = next((path for path in CHROMIUM if Path(path).exists()), None)
    assert program, "Chromium is not installed: run the tests by `make test`, which installs it."
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person at a browser of their own."""

    name: str
    page: Page
    enclave: Enclave

    def go(self, path: str) -> None:
        """Open a page of the portal."""
        self.page.goto(f"{self.enclave.url}/services/portal{path}")

    def picture(self, name: str) -> None:
        """Keep a picture of the page; `python -m tests.pictures` renews those of the README."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(PICTURES / f"{name}.png"))


class Visitors:
    """Opens browsers for people and remembers them."""

    def __init__(self, browser: Browser, enclave: Enclave) -> None:
        self._browser, self._enclave = browser, enclave
        self._contexts: list[BrowserContext] = []

    def stranger(self) -> Visitor:
        """Somebody who is not logged in."""
        context = self._browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(30_000)
        self._contexts.append(context)
        return Visitor("", context.new_page(), self._enclave)

    def login(self, name: str) -> Visitor:
        """Somebody who logs in through the hub as a person would."""
        visitor = self.stranger()
        visitor.go("/")
        visitor.page.get_by_label("Login name").fill(name)
        visitor.page.get_by_label("Password").fill(self._enclave.password(name))
        visitor.page.get_by_role("button", name="Log in").click()
        visitor.page.wait_for_url("**/services/portal/**")
        return Visitor(name, visitor.page, self._enclave)

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def visitors(chromium: Browser, enclave: Enclave) -> Iterator[Visitors]:
    """People with browsers."""
    made = Visitors(chromium, enclave)
    yield made
    made.close()
