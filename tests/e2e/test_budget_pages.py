"""The burn-down of a budget in a browser: axe-core finds nothing, a phone is wide enough, the picture has its table."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.dp import bounding, ledger
from enclave.dp.ledger import Question
from enclave.dp.loss import NANO, Loss
from enclave.people.roles import Role
from tests.e2e.conftest import PICTURES
from tests.e2e.served import reader, served
from tests.e2e.walk import AXE, RULES
from tests.factories import OPERATOR, make_user
from tests.portal import Portal
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT, make_project

pytestmark = [pytest.mark.browser]


def history(portal: Portal, clock: FixedClock) -> Actor:
    """A month of a project: grants, answers, one that was given back, a revision, a report of rows cut."""
    with portal.context.database.write() as session:
        alice = make_project(session, clock)
        make_user(session, clock, "olga", Role.MANAGING_ENTITY)
        for number in range(24):
            clock.advance(timedelta(days=1, hours=5))
            if number in (8, 12):
                purse = "explore" if number == 8 else "revision"
                ledger.grant(session, OPERATOR, clock, PROJECT, EDITION, purse, Loss(NANO // 10), "a larger study")
            purse = "revision" if number > 18 else ("explore", "release")[number % 2]
            asked = Question(
                PROJECT, EDITION, purse, f"{number:064}", "0" * 64,
                {"dataset": "k12_completion", "by": [], "measures": [{"kind": "count_persons"}]}, (7_000_000 + number,),
            )  # fmt: skip
            entry, _ = ledger.reserve(session, alice, clock, asked)
            if number % 7 == 3:
                ledger.void(session, alice, clock, entry, "refused")
            else:
                ledger.spend(session, alice, clock, entry, None, "failed or lost after data access")
        entry = bounding.reserve(session, OPERATOR, clock, EDITION, "k12_completion")
        row = {"table": "k12_completion", "per_person": 2, "share_cut": 0.0213, "half_width": 0.004, "status": "ok"}
        ledger.spend(session, OPERATOR, clock, entry, {"rows": [row], "columns": sorted(row), "receipt": {"signed": 1}})
    return alice


def test_budget_pages_are_accessible_and_stand_on_a_phone(portal: Portal, clock: FixedClock, chromium: Browser) -> None:
    history(portal, clock)
    pages = (("alice", f"/projects/{PROJECT}/budget"), ("olga", f"/privacy/{EDITION}"), ("olga", "/public/privacy"))
    with served(portal) as port:
        for name, path in pages:
            person = reader(chromium, portal, port, name)
            person.go(path)
            if path != "/public/privacy":
                assert person.page.locator("figure polyline").count() >= 2
            for summary in person.page.locator("main summary").all():
                summary.click()
            for width in (1280, 390):
                person.page.set_viewport_size({"width": width, "height": 900})
                assert person.page.evaluate("document.documentElement.scrollWidth") <= width
                if PICTURES:
                    file = Path(PICTURES) / f"{path.strip('/').replace('/', '_')}-{width}.png"
                    person.page.screenshot(path=str(file), full_page=True)
            person.page.evaluate(AXE)
            found = person.page.evaluate(
                "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", RULES
            )
            assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == []
            assert person.alarms == []
            person.page.context.close()
