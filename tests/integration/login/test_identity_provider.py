"""Logging in at an OpenID Connect provider: a real one's protocol, the real hub, gateway and portal."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.integration.sandbox.house import NO_LABS, House, running_house

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

CLAIMS = [
    {"sub": "rosa", "email": "rosa@example.org", "email_verified": True, "amr": ["pwd", "otp"]},
    {"sub": "weak", "email": "rosa@example.org", "email_verified": True, "amr": ["pwd"]},
    {"sub": "unverified", "email": "rosa@example.org", "email_verified": False, "amr": ["otp"]},
    {"sub": "unknown", "email": "unknown@example.org", "email_verified": True, "amr": ["otp"]},
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of an identity provider that lets anybody say who they are."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    for claims in CLAIMS:
        command += ["--user-claims", json.dumps(claims)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                httpx.get(address, timeout=1)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def house(provider: str) -> Iterator[House]:
    """An enclave that asks the provider."""
    options = {
        "C2C_PUBLIC_HOST": "localhost",
        "C2C_SECOND_FACTOR": "required",
        "C2C_OIDC_ISSUER": provider,
        "C2C_OIDC_CLIENT_ID": "enclave",
        "C2C_OIDC_CLIENT_SECRET": "for tests",
        "C2C_OIDC_LABEL": "Example University",
    }
    with running_house(NO_LABS, **options) as running:
        yield running


def log_in(house: House, subject: str) -> httpx.Response:
    """Follow the login as a browser does; the last page."""
    start = f"http://localhost:{house.port}/services/portal/projects"
    with httpx.Client(follow_redirects=True, timeout=30, headers={"accept": "text/html"}) as browser:
        page = browser.get(start)
        button = re.search(r'href="([^"]*oauth_login[^"]*)"[^>]*>Log in at Example University<', page.text)
        assert button, page.text
        asked = browser.get(str(page.url.join(unescape(button[1]))))
        assert dict(asked.url.params)["prompt"] == "login"
        return browser.post(asked.url, data={"sub": subject})


# number, who the provider says it is, gets in
LOGINS = [(1, "rosa", True), (2, "weak", False), (3, "unverified", False), (4, "unknown", False)]


@pytest.mark.parametrize(("number", "subject", "allowed"), LOGINS)
def test_only_known_people_with_a_second_factor_get_in(number: int, subject: str, allowed: bool, house: House) -> None:
    answer = log_in(house, subject)
    assert ("<h1>Projects</h1>" in answer.text) is allowed, (answer.url, answer.text[:3000])
    assert answer.status_code == (200 if allowed else 403)
