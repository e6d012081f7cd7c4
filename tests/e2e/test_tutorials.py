"""The tutorials, whole, in a real lab: also the cells that ask the portal (tag `relay`) get their answers."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Frame, expect

from scripts.clone import ROOT
from tests.e2e.conftest import Visitors
from tests.e2e.lab import READY, new_notebook, open_lab, run_cell

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(900)]
EXECUTE = """import nbformat, papermill
def executed(name):
    papermill.execute_notebook(f"/opt/c2c/tutorials/{name}", "done.ipynb", progress_bar=False)
    cells = [cell for cell in nbformat.read("done.ipynb", 4).cells if "relay" in cell.metadata.get("tags", [])]
    print("asked", len(cells), "answered", sum(1 for cell in cells if cell.execution_count), "end")"""


def _tutorials() -> dict[str, int]:
    """How many cells of each tutorial in Python ask the portal; those without are tried elsewhere."""
    found = {}
    for path in sorted((ROOT / "notebooks" / "tutorials").glob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        found[path.name] = sum("relay" in cell["metadata"].get("tags", []) for cell in cells)
    return {name: count for name, count in found.items() if count}


def test_the_tutorials_get_their_answers_from_the_portal(visitors: Visitors) -> None:
    rosa = visitors.login("rosa")
    rosa.go("/projects/college-report")
    rosa.page.get_by_role("button", name="Open the lab").click()
    lab = open_lab(rosa.page)
    new_notebook(lab)
    run_cell(lab, EXECUTE)
    assert len(_tutorials()) >= 3
    for name, count in _tutorials().items():
        _asked(lab, name, count)
    rosa.page.get_by_role("button", name="Stop the lab").click()
    expect(rosa.page.get_by_role("button", name="Open the lab")).to_be_visible(timeout=READY)


def _asked(lab: Frame, name: str, count: int) -> None:
    said = run_cell(lab, f"executed({name!r})").inner_text()
    assert f"asked {count} answered {count} end" in said, (name, said)
