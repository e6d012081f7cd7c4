"""An idle lab seen live: a cell keeps it, the bar warns, the worker stops it, and its person is told.

The house's idle time is one minute, so the warning comes in its second half.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator

import pytest

from services.gateway.activity import FRESH
from services.lab_sessions import hub_of
from tests.integration.sandbox.browser import Browser, browsing
from tests.integration.sandbox.house import House, running_house
from tests.integration.sandbox.lab import enter_lab, sandbox_image
from tests.integration.sandbox.test_jobs import start_worker

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]
BUSY = 75
"""Seconds that a cell computes: more than the idle time."""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave in which labs are idle after a minute, with a worker."""
    with running_house(sandbox_image(), C2C_LAB_IDLE_MINUTES="1") as house:
        start_worker(house)
        yield house


async def _state(browser: Browser) -> dict[str, str]:
    """What the lab's page is told when it looks again."""
    status, _, text = await browser.go(f"{browser.portal}/lab/promise/state")
    assert status == 200, text
    found: dict[str, str] = json.loads(text)
    return found


async def _story(house: House) -> tuple[list[str], str]:
    notices: list[str] = []
    async with browsing("rosa", house.port) as browser:
        await enter_lab(browser)
        kernel = await browser.new_kernel()
        cell = asyncio.create_task(browser.run(kernel, f"import time; time.sleep({BUSY}); print('done')"))
        await asyncio.sleep(FRESH + 2)  # what the gateway knows of a lab is so old at most
        while not cell.done():
            state = await _state(browser)
            assert (state["name"], state["notice"]) == ("ready", ""), state
            await asyncio.sleep(3)
        assert await cell == "done\n"
        end = time.monotonic() + 150
        while (state := await _state(browser))["name"] == "ready":
            assert time.monotonic() < end, "the lab was not stopped"
            notices += [state["notice"]] if state["notice"] else []
            await asyncio.sleep(2)
        while (state := await _state(browser))["name"] == "stopping":
            await asyncio.sleep(1)
        await asyncio.sleep(3)  # the worker reads the trail
        _, _, home = await browser.go(f"{browser.portal}/")
        return notices, home


def test_a_lab_is_kept_by_its_cell_warned_in_its_bar_stopped_and_told_at_home(house: House) -> None:
    notices, home = asyncio.run(_story(house))
    assert notices and all("Nobody uses this lab: it stops in 1 min." in each for each in notices), notices
    assert hub_of(house.context).labs_of("rosa") == []
    told = re.search(r"Your lab of promise was stopped because it was idle; the workspace is kept\..*?UTC", home, re.S)
    assert told, home
