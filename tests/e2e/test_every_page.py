"""Every page of the router in a browser: axe-core finds nothing, nothing scrolls sideways, no link is dead.

No list of pages: a new one is visited as soon as a route offers it, by the first person who may; `C2C_WALK=all` opens
each as everybody who may. `C2C_WALK_PICTURES=DIR` keeps a picture of each at 1280 and 390 px.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from enclave.core.clock import FixedClock
from tests.e2e.conftest import CHROMIUM
from tests.e2e.served import reader, served
from tests.e2e.walk import Stop, Walker, dead, stops, unvisited
from tests.portal import Portal
from tests.property.town import NOBODY, ROLES, Town, town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(1200),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # httpcore, of a guard not there
]
PEOPLE = ("rosa", "chris", "office", "reviewer-cde", "auditor", *sorted(ROLES), NOBODY)
ELSEWHERE = {
    "/sessions", "/sessions/record/{run}", "/reports/{name}", "/reports/runs/{run_id}", "/welcome/{secret}",
    "/assistance/{ask_id}", "/publications/{publication}", "/vetoes/{veto}",
    "/releases/{release}/template", "/publications/{publication}/file",
    "/releases/{release}/bundle", "/releases/{release}/record.json", "/releases/{release}/record.html",
    "/releases/{release}/record.pdf",
    "/releases/{release}/repairs/{repair}", "/projects/{project_id}/workspace",
    "/r/{code}", "/calibration/agreement.csv",
}  # fmt: skip
"""Pages that need a hub, a guard or a link sent by post, and files; `tests/e2e/test_pages.py` has the former."""
EVERYBODY = os.environ.get("C2C_WALK") == "all"


@pytest.fixture
def place(portal: Portal, clock: FixedClock, tmp_path: Path) -> Iterator[Town]:
    with town(portal, clock, tmp_path) as made:
        yield made


def test_every_page_is_accessible_stands_on_a_phone_and_leads_on(place: Town) -> None:
    route = stops(place, PEOPLE, EVERYBODY)
    route += [stop for name in PEOPLE if (stop := Stop("/", name)) not in route and name != NOBODY]
    wrong: dict[str, list[str]] = {}
    program = next(path for path in CHROMIUM if Path(path).exists())
    with served(place.portal) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name in dict.fromkeys(stop.who for stop in route):
            walker = Walker(reader(browser, place.portal, port, "" if name == NOBODY else name), name)
            walker.reader.page.context.set_default_timeout(90_000)
            for stop in route:
                if stop.who == name:
                    walker.visit(stop.path)
            wrong |= walker.wrong
            if nowhere := dead(place, name, walker.links, walker.reader.origin):
                wrong[f"links of {name}"] = nowhere
            walker.reader.page.context.close()
        browser.close()
    left = unvisited(place, route) - ELSEWHERE
    assert not left, f"put something behind these names in tests/property/town.py: {left}"
    assert not wrong, "\n".join(f"{path}: {each}" for path, found in wrong.items() for each in found)
