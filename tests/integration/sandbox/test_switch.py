"""One lab a person is open at a time; the refusal offers to stop the other, and that opens this one."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Iterator

import pytest

from enclave.people.service import actor_for
from services.lab_sessions import hub_of
from tests.approved import approved_project, ready_extract
from tests.integration.sandbox.browser import browsing
from tests.integration.sandbox.house import House, running_house
from tests.integration.sandbox.lab import enter_lab, sandbox_image

pytestmark = pytest.mark.engine
CAST = {"rosa": "rosa", "office": "office", "cde": "reviewer-cde", "edd": "reviewer-edd", "ccc": "reviewer-ccc"}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave in which rosa has two projects."""
    with running_house(sandbox_image()) as house:
        context = house.context
        with context.database.write() as session:
            cast = {name: actor_for(session, user) for name, user in CAST.items()}
            approved_project(session, cast, context.clock, project="second", title="A second study")
            ready_extract(session, "second", context.clock)
        (house.settings.paths.extracts / "second" / "1").mkdir(parents=True)
        yield house


def test_the_refusal_offers_to_stop_the_other_lab_and_open_this_one(house: House) -> None:
    asyncio.run(_switch(house))
    (lab,) = hub_of(house.context).labs_of("rosa")
    assert lab.project == "second"


async def _switch(house: House) -> None:
    async with browsing("rosa", house.port) as browser:
        await enter_lab(browser)
        _, _, page = await browser.go(f"{browser.portal}/projects/second")
        status, _, page = await browser.submit("/sessions/second/open", page)
        assert (status, "Stop the lab of promise and open this one" in html.unescape(page)) == (409, True)
        assert [lab.project for lab in hub_of(house.context).labs_of("rosa")] == ["promise"]
        status, url, page = await browser.submit("/sessions/second/switch", page)
        assert (status, url.endswith("/lab/second")) == (200, True), page
