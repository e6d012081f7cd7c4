"""Going into a lab as the pages lead, and running code in its kernel."""

from __future__ import annotations

import asyncio
import html
import os
import re
import time

from tests.integration.sandbox.browser import Browser, browsing
from tests.integration.sandbox.house import PASSWORD, House


def sandbox_image() -> str:
    """The image that the checkout builds, or the one that is named."""
    if named := os.environ.get("C2C_SANDBOX_IMAGE"):
        return named
    from scripts.images import image_tags

    return image_tags()["sandbox"]


async def enter_lab(browser: Browser, password: str = PASSWORD, *, open_lab: bool = True) -> None:
    """Log in, open the lab, wait for it and go in, as the pages lead."""
    status, _, page = await browser.log_in(password)
    assert (status, "Open the lab" in page or not open_lab) == (200, True)
    url = f"{browser.portal}/lab/promise"
    if open_lab:
        status, url, page = await browser.submit("/sessions/promise/open", page)
        assert status == 200 and url.endswith("/lab/promise")
    end = time.monotonic() + (60 if open_lab else 3)
    while (frame := re.search(r'<iframe id="frame"[^>]* src="([^"]+)"', page)) is None:
        if time.monotonic() > end:
            assert not open_lab, "the lab did not become ready"
            return
        await asyncio.sleep(0.5)
        _, _, page = await browser.go(url)
    status, _, _ = await browser.go(html.unescape(frame[1]), framed=True)
    assert status == 200 or not open_lab


async def open_and_start(house: House) -> str:
    """Open rosa's lab and start a kernel; its id."""
    async with browsing("rosa", house.port) as browser:
        await enter_lab(browser)
        return await browser.new_kernel()


async def run_in(house: House, kernel: str, code: str) -> str:
    """Run code in a kernel of rosa's lab; what it printed."""
    async with browsing("rosa", house.port) as browser:
        await enter_lab(browser)
        return await browser.run(kernel, code)
