"""A package from the researcher's question to the lab's image: asked for, approved by another person, pinned, seen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enclave, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(600)]
PAGE = "/projects/college-going/packages"


def test_a_member_asks_a_steward_approves_and_the_member_reads_it(visitors: Visitors, enclave: Enclave) -> None:
    alice = visitors.login("alice")
    alice.go("/projects/college-going")
    alice.page.get_by_role("link", name="Packages").click()
    for _ in range(2):  # what an earlier run left waiting is taken back first
        waits = alice.page.get_by_role("button", name="Withdraw the request for geopandas")
        if waits.count():
            waits.first.click()
    alice.page.get_by_label("Package", exact=False).first.fill("GeoPandas")
    alice.page.get_by_label("What the project needs it for").fill("Maps of counties for the appendix.")
    alice.page.get_by_role("button", name="Ask for it").click()
    row = alice.page.get_by_role("row", name=re.compile("^geopandas")).first
    expect(row).to_contain_text("requested")
    alice.picture("packages-project")

    dana = visitors.login("dana")
    dana.go("/")
    dana.page.get_by_role("link", name="alice asks for a package").first.click()
    card = dana.page.get_by_role("region", name="geopandas for college-going")
    expect(card).to_contain_text("Maps of counties")
    dana.picture("packages-desk")
    card.get_by_role("button", name="Refuse").click()
    expect(dana.page.get_by_text("This needs a reason.")).to_be_visible()
    dana.go("/packages")
    card.get_by_label("Reason").fill("Widely used; its licence allows it.")
    card.get_by_role("button", name="Approve").click()
    expect(dana.page.get_by_text("geopandas is approved.")).to_be_visible()

    alice.go(PAGE)
    expect(row).to_contain_text("approved")
    expect(row).to_contain_text("Widely used")
    (asked,) = [each for each in enclave.c2c_json("image", "packages") if _is_open(each)]
    done = enclave.c2c("image", "refuse", asked["id"], "--reason", "A test has ended.")
    assert done.returncode == 0, done.stderr


def _is_open(row: dict[str, str]) -> bool:
    return row["package"] == "geopandas" and row["state"] == "APPROVED"


def test_the_page_says_what_the_project_runs_on(visitors: Visitors, enclave: Enclave) -> None:
    found = enclave.c2c_json("image", "show", "college-going", "--project")
    alice = visitors.login("alice")
    alice.go(PAGE)
    expect(alice.page.get_by_text(found["tag"]).first).to_be_visible()
    alice.page.get_by_text(re.compile(r"All \d+ packages")).click()
    expect(alice.page.get_by_role("row", name=re.compile("^pandas ")).first).to_be_visible()
    alice.picture("packages-image")
