"""JupyterLab as a researcher uses it, in the frame of the portal: open a notebook, type a cell, read what it shows."""

from __future__ import annotations

import re

from playwright.sync_api import Frame, Locator, Page, expect

READY = 60_000


def open_lab(page: Page) -> Frame:
    """The lab below the bar of the page `/lab/<project>`, once it has come up."""
    expect(page.locator("#frame")).to_be_visible(timeout=READY)
    page.frame_locator("#frame").get_by_role("main").first.wait_for(timeout=READY)
    return next(frame for frame in page.frames if frame.parent_frame is not None and "/lab" in frame.url)


def fresh(lab: Frame) -> str:
    """The address of the lab's page with nothing open."""
    return f"{lab.url.partition('/lab')[0]}/lab?reset"


def new_notebook(lab: Frame) -> None:
    """Open a Python notebook from the launcher of a fresh layout and wait for its kernel."""
    lab.goto(fresh(lab))
    lab.get_by_role("main").get_by_title("Python 3 (enclave)").first.click(timeout=READY)
    expect(lab.locator(".jp-Notebook")).to_be_visible(timeout=READY)
    expect(lab.get_by_text("Python 3 (enclave) | Idle")).to_be_visible(timeout=READY)


def run_cell(lab: Frame, code: str) -> Locator:
    """Type code into the last cell, run it, and return its output area once it has run without an error."""
    cells = lab.locator(".jp-Notebook .jp-CodeCell")
    cell = cells.nth(cells.count() - 1)
    cell.locator(".cm-content").click()
    lab.page.keyboard.insert_text(code)
    expect(cell.locator(".cm-content")).to_contain_text(code.splitlines()[-1])
    lab.page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[\d+\]:"), timeout=READY)
    assert "Traceback" not in cell.inner_text(), cell.inner_text()
    return cell.locator(".jp-OutputArea")
