"""Logging in as people do it: a set-up link, an authenticator app, six digits, a recovery code, a second proof."""

from __future__ import annotations

import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from enclave.sandboxes.hub_plugins import REFRESH_SECONDS
from tests.e2e.conftest import PICTURES, Enclave, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(900)]
PASSWORD = "violet harbour counts seven owls"


def log_in(page: Page, enclave: Enclave, name: str, code: str = "") -> None:
    """Fill in the login page, from a browser in which nobody is logged in."""
    page.goto(f"{enclave.url}/services/portal/projects")
    page.get_by_label("Login name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Second factor").fill(code)
    page.get_by_role("button", name="Log in").click()


def test_a_new_person_sets_a_password_adds_a_factor_and_logs_in_with_it(visitors: Visitors, enclave: Enclave) -> None:
    name = f"vera-{int(time.time()) % 100000}"
    admin = visitors.login("admin").page
    admin.goto(f"{enclave.url}/services/portal/people")
    admin.locator("input#name").fill(name)
    admin.get_by_label("Full name").fill("Vera Example")
    admin.get_by_label("E-mail").fill(f"{name}@example.org")
    admin.locator("label[for=role-researcher]").click()
    admin.get_by_role("button", name="Add", exact=True).click()
    link = admin.locator("#setup-link").inner_text()

    page = visitors.stranger().page
    page.goto(link)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and log in").click()
    page.wait_for_url("**/hub/login**")
    page.screenshot(path=PICTURES / "login.png")
    log_in(page, enclave, name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")

    page.goto(f"{enclave.url}/services/portal/account")
    page.get_by_role("link", name="Add a second factor").click()
    totp = pyotp.TOTP(page.locator("#secret").inner_text())
    page.screenshot(path=PICTURES / "second-factor.png")
    page.get_by_label("Six digits").fill(totp.now())
    page.get_by_role("button", name="Add it").click()
    codes = page.locator("ul.c2c-mono li").all_inner_texts()
    assert len(codes) == 10
    page.goto(f"{enclave.url}/services/portal/account")
    page.screenshot(path=PICTURES / "account.png", full_page=True)

    page.get_by_role("button", name="Log out", exact=True).click()
    log_in(page, enclave, name, code="000000")
    expect(page.get_by_role("alert")).to_contain_text("do not fit")
    log_in(page, enclave, name, code=codes[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")
    page.goto(f"{enclave.url}/services/portal/account")
    expect(page.get_by_role("main")).to_contain_text("9 of your recovery codes")


def test_the_hub_forgets_who_has_logged_out_of_the_portal(visitors: Visitors, enclave: Enclave) -> None:
    page = visitors.login("ben").page
    page.goto(f"{enclave.url}/services/portal/account")
    elsewhere = page.get_by_role("button", name="Log out everywhere else")
    if elsewhere.count():  # the hub remembers somebody as long as one of their browsers is logged in
        elsewhere.click()
    kept = [each for each in page.context.cookies() if "jupyterhub" in each["name"]]
    assert kept
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/hub/**")
    time.sleep(REFRESH_SECONDS + 2)
    page.context.add_cookies(kept)
    page.goto(f"{enclave.url}/services/portal/projects")
    assert "/hub/login" in page.url
