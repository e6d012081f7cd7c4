"""Vetoes, the duty roster, the hand-over and the change of kind in a real browser: axe-core, and a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.portal import Portal
from tests.unit.airlock.desk import TABLE, post, sequential, submit
from tests.unit.airlock.test_desk_browser import Visit, browser, visit
from tests.unit.airlock.test_record_browser import _become, _look
from tests.unit.airlock.test_twins_desk import request_id
from tests.unit.airlock.test_vetoes import WHY, approved, release, switch_on, veto_of

__all__ = ["browser", "request_id", "visit"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_the_pages_hold_to_axe_and_stand_on_a_phone(desk: Portal, visit: Visit) -> None:
    release(desk, approved(desk))
    switch_on(desk)
    held = approved(desk, TABLE.replace(b"Alpine", b"Amador"))
    veto = veto_of(desk, held)
    _become(desk, visit, "office")
    visit.go("/vetoes")
    assert "median" in visit.page.inner_text("main")
    _look(visit, "vetoes")
    _become(desk, visit, "reviewer-cde")
    visit.go(f"/vetoes/{veto}")
    _look(visit, "veto")
    post(desk.operator("reviewer-cde"), f"/vetoes/{veto}/refuse", WHY)
    _become(desk, visit, "rosa")
    visit.go(f"/releases/{held}")
    _look(visit, "refused")
    visit.go(f"/vetoes/{veto}")
    _look(visit, "contest")
    draft = submit(desk, TABLE.replace(b"Alpine", b"Plumas"), submit=False)["id"]
    visit.go(f"/releases/{draft}/template?kind=slides")
    _look(visit, "kind")
    today = desk.context.clock.now().date()
    for name in ("dana", "erin"):
        days = {"checker": name, "first_day": str(today), "last_day": str(today + timedelta(days=4))}
        post(desk.operator("sam"), "/duty", days, 201)
    waiting = sequential(desk, TABLE.replace(b"Alpine", b"Sierra"))
    _become(desk, visit, "sam")
    visit.go("/duty")
    _look(visit, "duty")
    _become(desk, visit, "chris")
    visit.go("/review")
    assert "suggested to dana" in visit.page.inner_text("main")
    _look(visit, "queue")
    post(desk.operator("chris"), f"/releases/{waiting}/claim")
    visit.go(f"/review/{waiting}")
    visit.page.get_by_role("link", name="Hand my place to a colleague").click()
    _look(visit, "hand")
    visit.page.get_by_label("Note", exact=False).first.fill("Look at the margins.")
    visit.page.get_by_role("button", name="Hand it over").click()
    assert "dana has your place" in visit.page.inner_text("body")
    post(desk.operator("dana"), "/review/replies", {"title": "Years", "body": "Name the years.", "shared": True}, 201)
    _become(desk, visit, "dana")
    visit.go("/replies")
    visit.page.get_by_text("Change it: Years").click()
    _look(visit, "replies")
