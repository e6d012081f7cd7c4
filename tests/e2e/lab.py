"""JupyterLab as a researcher uses it: open a notebook, type a cell, read what it shows."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

READY = 120_000


def new_notebook(page: Page) -> None:
    """Open a Python notebook from the launcher and wait for its kernel."""
    page.get_by_role("main").get_by_title("Python 3 (ipykernel)").first.click(timeout=READY)
    expect(page.locator(".jp-Notebook")).to_be_visible(timeout=READY)
    expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute("data-status", "idle", timeout=READY)


def run_cell(page: Page, code: str) -> Locator:
    """Type code into the active cell, run it, and return its output area once it has run without an error."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").last
    cell.locator(".cm-content").click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-InputPrompt").first).not_to_have_text("[ ]:", timeout=READY)
    expect(cell.locator(".jp-InputPrompt").first).not_to_have_text("[*]:", timeout=READY)
    output = cell.locator(".jp-OutputArea-output")
    assert cell.locator("[data-mime-type='application/vnd.jupyter.stderr'], .jp-RenderedError").count() == 0 or (
        "Traceback" not in cell.inner_text()
    ), cell.inner_text()
    return output
