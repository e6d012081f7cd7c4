"""JupyterLab as a researcher uses it: open a notebook, type a cell, read what it shows."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

READY = 60_000


def new_notebook(page: Page) -> None:
    """Open a Python notebook from the launcher of a fresh layout and wait for its kernel."""
    page.goto(f"{page.url}?reset")
    page.get_by_role("main").get_by_title("Python 3 (enclave)").first.click(timeout=READY)
    expect(page.locator(".jp-Notebook")).to_be_visible(timeout=READY)
    expect(page.get_by_text("Python 3 (enclave) | Idle")).to_be_visible(timeout=READY)


def run_cell(page: Page, code: str) -> Locator:
    """Type code into the last cell, run it, and return its output area once it has run without an error."""
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cell = cells.nth(cells.count() - 1)
    cell.locator(".cm-content").click()
    page.keyboard.insert_text(code)
    expect(cell.locator(".cm-content")).to_contain_text(code.splitlines()[-1])
    page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[\d+\]:"), timeout=READY)
    assert "Traceback" not in cell.inner_text(), cell.inner_text()
    return cell.locator(".jp-OutputArea")
