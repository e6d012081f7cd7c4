"""Jobs in a real browser: started in the lab, counted in its bar, listed on the page, going on when the lab is gone.

Ben starts two notebooks in his lab: a short one whose end he is told of at home, and a long one that he cancels on the
page after he has stopped the lab.
"""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enclave, Visitors
from tests.e2e.lab import new_notebook, open_lab, run_cell

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(600)]
PROJECT = "college-going"
NARROW = 390
SECONDS = 90_000

START = """import nbformat as nbf
import c2c_research as c2c
note = nbf.v4.new_notebook()
note.cells = [nbf.v4.new_code_cell("seconds = 0", metadata={"tags": ["parameters"]}),
              nbf.v4.new_code_cell("import time; time.sleep(seconds)")]
nbf.write(note, "wait.ipynb")
print(c2c.jobs.run("wait.ipynb", {"seconds": 600}).state, c2c.jobs.run("wait.ipynb", {"seconds": 1}).state)"""


def test_a_job_started_in_the_lab_is_seen_outlives_it_and_is_cancelled(visitors: Visitors, enclave: Enclave) -> None:
    ben = visitors.login("ben")
    page = ben.page
    ben.go(f"/projects/{PROJECT}")
    page.get_by_role("button", name="Open the lab").click()
    lab = open_lab(page)
    new_notebook(lab)
    expect(run_cell(lab, START)).to_contain_text("QUEUED QUEUED")
    door = page.locator("header .c2c-bar__home ~ ul a", has_text="Jobs:")
    expect(door).to_have_text("Jobs: 1 running", timeout=SECONDS)
    ben.picture("jobs-bar")
    with page.context.expect_page() as opened:
        door.click()
    jobs = opened.value
    expect(jobs.get_by_role("heading", name="Jobs")).to_be_visible()
    page.get_by_role("button", name="Stop the lab").click()
    expect(page.get_by_text("is being stopped")).to_be_visible(timeout=SECONDS)
    _wait_for_the_lab(enclave)
    ben.go(f"/projects/{PROJECT}/jobs")
    long, short = (
        page.get_by_role("row", name="seconds = 600").first,
        page.get_by_role("row", name="seconds = 1 ").first,
    )
    expect(long).to_contain_text("running for")
    expect(short).to_contain_text("finished")
    ben.picture("jobs-1280")
    page.set_viewport_size({"width": NARROW, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    ben.picture("jobs-390")
    page.set_viewport_size({"width": 1280, "height": 900})
    long.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The job is cancelled")).to_be_visible()
    expect(page.get_by_role("row", name="seconds = 600").first).to_contain_text("cancelled")
    ben.go("/")
    expect(page.get_by_role("button", name=f"A job of yours in {PROJECT} has finished").first).to_be_visible()
    ben.picture("jobs-home")


def _wait_for_the_lab(enclave: Enclave) -> None:
    """The row of ben's lab is gone from the list of sessions."""
    end = time.monotonic() + 60
    while any(lab["user"] == "ben" for lab in enclave.c2c_json("session", "list")):
        assert time.monotonic() < end, "the lab did not stop"
        time.sleep(0.5)
