"""The pages of the import lane in a real browser: axe-core's rules, and no sideways scrolling on a phone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from enclave.people.web_sessions import open_session
from services.api.identity import SESSION_COOKIE
from tests.portal import BASE, Portal
from tests.unit.airlock.test_desk_browser import PICTURES, WIDTHS, Visit, browser, visit
from tests.unit.airlock.test_imports import PERSONS, checked, draft, lane

__all__ = ["browser", "lane", "visit"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_the_pages_hold_to_axe_and_stand_on_a_phone(lane: Portal, visit: Visit) -> None:
    data = checked(lane, ("offices.csv", PERSONS), kind="PUBLIC_DATA", name="offices", title="Offices", licence="")
    code = checked(lane)
    pages = [
        ("chris", "/imports"), ("chris", f"/imports/{code}?file=reghelp.ado"), ("steward", f"/imports/{data}"),
        ("rosa", "/imports/new?project=promise"), ("rosa", f"/imports/{draft(lane, name='empty')}"),
    ]  # fmt: skip
    for number, (who, path) in enumerate(pages):
        _become(lane, visit, who)
        visit.go(path)
        assert visit.violations() == [], path
        for width in WIDTHS:
            visit.page.set_viewport_size({"width": width, "height": 900})
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            if PICTURES:
                visit.page.screenshot(path=str(Path(PICTURES) / f"import-{number}-{width}.png"), full_page=True)


def _become(lane: Portal, visit: Visit, who: str) -> None:
    with lane.context.database.write() as session:
        secret = open_session(session, who, lane.context.clock.now(), timedelta(hours=8))
    visit.page.context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "domain": "127.0.0.1", "path": BASE}])
