"""A lab that sends too much, with limits of one and three megabytes: real hub, guard, gateway, portal, kernel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import aiohttp
import pytest
from sqlalchemy import select

from enclave.core.audit import list_events
from enclave.core.errors import EnclaveError
from enclave.traffic.model import LabTraffic
from services.api.sessions import TrafficRecord
from services.lab_sessions import hub_of
from tests.integration.sandbox.browser import Browser, browsing
from tests.integration.sandbox.house import House, running_house, wait_until
from tests.integration.sandbox.lab import enter_lab, sandbox_image

pytestmark = [pytest.mark.engine, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave with small limits."""
    if os.geteuid() != 0:
        pytest.skip("mounting the rooms of sandboxes needs root")
    with running_house(sandbox_image(), C2C_LAB_ALERT_MB="1", C2C_LAB_STOP_MB="3") as house:
        yield house


def row_of(house: House) -> TrafficRecord | None:
    with house.context.database.read() as session:
        row = session.scalars(select(LabTraffic)).first()
        return TrafficRecord.whole(row) if row is not None else None


def test_a_lab_that_sends_too_much_is_told_of_and_then_stopped(house: House) -> None:
    async def story() -> None:
        async with browsing("rosa", house.port) as browser:
            await enter_lab(browser)
            kernel = await browser.new_kernel()
            make = "open('table.csv', 'w').write('1,2,3,4\\n' * 160_000); print('made')"
            assert await browser.run(kernel, make) == "made\n"
            await _ordinary_work(browser)
            row = await _later(lambda: row_of(house))
            assert row.alerted_at is None
            assert (await browser.get("/api/contents/table.csv?content=1"))[0] == 200
            row = await _later(lambda: row if (row := row_of(house)) and row.alerted_at else None)
            assert row.stopped_at is None and row.reads[0].path == "/table.csv" and row.reads[0].bytes > 1_280_000
            notice = (await browser.go(f"{browser.portal}/lab/promise/state"))[2]
            assert "MB went to your browser in this session. At 3 MB the lab is stopped." in notice
            with pytest.raises((AssertionError, aiohttp.ClientError)):
                await browser.run(kernel, "print('x' * 2_500_000)")
            await _stopped(house)
            _, _, page = await browser.go(f"{browser.portal}/lab/promise")
            assert "The lab was stopped because 3 MB went to your browser in one session" in page
            assert "Open the lab" in page

    asyncio.run(story())
    wait_until(lambda: (row := row_of(house)) is not None and row.ended_at is not None, "the end was not told", 30)
    with house.context.database.read() as session:
        found = [event.action for event in list_events(session, action="lab.traffic").events]
    assert found == ["lab.traffic", "lab.traffic_stopped", "lab.traffic_alert"]


async def _ordinary_work(browser: Browser) -> None:
    """Loading Lab's page again and again costs nothing."""
    for _ in range(3):
        _, _, page = await browser.go(f"{browser.lab}/lab", framed=True)
        assert "jupyter-config-data" in page
    assert (await browser.get("/api/contents"))[0] == 200


async def _later(found: object) -> TrafficRecord:
    assert callable(found)
    for _ in range(100):
        if (row := found()) is not None:
            assert isinstance(row, TrafficRecord)
            return row
        await asyncio.sleep(0.2)
    raise AssertionError("the portal was not told")


async def _stopped(house: House) -> None:
    for _ in range(200):
        try:
            if await asyncio.to_thread(lambda: hub_of(house.context).labs_of("rosa")) == [] and not house.room.exists():
                return
        except EnclaveError:
            pass
        await asyncio.sleep(0.2)
    raise AssertionError("the lab was not stopped")
