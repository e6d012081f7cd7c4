"""Citations, templates, twins and stale forms in a real browser: axe-core, and no sideways scrolling on a phone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from enclave.people.web_sessions import open_session
from services.api.identity import SESSION_COOKIE
from services.worker import airlock as jobs
from tests.portal import BASE, Portal
from tests.unit.airlock.desk import API, approve, post, submit
from tests.unit.airlock.test_desk_browser import PICTURES, WIDTHS, Visit, browser, visit
from tests.unit.airlock.test_twins_desk import request_id

__all__ = ["browser", "request_id", "visit"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def _look(visit: Visit, name: str) -> None:
    assert visit.violations() == [], name
    for width in WIDTHS:
        visit.page.set_viewport_size({"width": width, "height": 900})
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if PICTURES:
            visit.page.screenshot(path=str(Path(PICTURES) / f"record-{name}-{width}.png"), full_page=True)


def _become(desk: Portal, visit: Visit, who: str) -> None:
    with desk.context.database.write() as session:
        secret = open_session(session, who, desk.context.clock.now(), timedelta(hours=8))
    visit.page.context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "domain": "127.0.0.1", "path": BASE}])


def test_the_pages_hold_to_axe_and_stand_on_a_phone(desk: Portal, visit: Visit, request_id: str) -> None:
    _become(desk, visit, "rosa")
    visit.go("/releases/new?project=promise&template=paper")
    _look(visit, "template")
    made = submit(desk)
    approve(desk, made["id"])
    for job in jobs.JOBS:
        for item in job.pending(desk.context):
            job.run(desk.context, item)
    code = desk.operator("rosa").get(f"{API}/releases/{made['id']}").json()["files"][0]["cite"]
    visit.go(f"/r/{code}")
    _look(visit, "file")
    visit.page.get_by_role("link", name="360").click()
    assert "Colusa" in visit.page.inner_text("main")
    _look(visit, "number")
    post(desk.operator("sam"), f"/releases/{made['id']}/revoke", {"note": "A wrong year."})
    visit.page.reload()
    assert "360" not in visit.page.inner_text("main")
    _look(visit, "revoked")
    _become(desk, visit, "chris")
    visit.go(f"/review/{request_id}")
    visit.page.get_by_role("link", name="Show it beside its stripped twin").click()
    _look(visit, "twin")
    post(desk.operator("chris"), f"/releases/{request_id}/comments", {"body": "A word."})
    visit.page.get_by_label("Note to the author").fill("Name the year.")
    visit.page.get_by_role("button", name="Return to the author").click()
    assert visit.page.get_by_label("Note to the author").input_value() == "Name the year."
    _look(visit, "stale")
    visit.page.get_by_role("button", name="Send it anyway").click()
    assert desk.operator("rosa").get(f"{API}/releases/{request_id}").json()["state"] == "RETURNED"
