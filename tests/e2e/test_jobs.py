"""Jobs in a real browser: started in the lab, counted in its bar, listed on the page, going on when the lab is gone.

Ben starts two notebooks in his lab: a short one whose end he is told of at home, and a long one that he cancels on the
page after he has stopped the lab.
"""

from __future__ import annotations

import time
from collections.abc import Callable

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
    _cancel_what_runs(enclave)
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
    _wait(lambda: not any(lab["user"] == "ben" for lab in enclave.c2c_json("session", "list")), "the lab did not stop")
    _wait(lambda: _states(enclave)[:2] == ["FINISHED", "RUNNING"], "the short job did not end")
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


def _states(enclave: Enclave) -> list[str]:
    """States of the project's jobs, the newest first."""
    return [job["state"] for job in enclave.c2c_json("job", "list", PROJECT)]


def _cancel_what_runs(enclave: Enclave) -> None:
    """What an earlier run of this test has left in an enclave that goes on."""
    for job in enclave.c2c_json("job", "list", PROJECT):
        if job["allowed_actions"]:
            enclave.c2c_json("job", "cancel", PROJECT, job["id"])


def _wait(done: Callable[[], bool], problem: str) -> None:
    end = time.monotonic() + 90
    while not done():
        assert time.monotonic() < end, problem
        time.sleep(0.5)
