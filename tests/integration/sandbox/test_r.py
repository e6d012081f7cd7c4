"""A lab of the image with R, behind the real gateway: its kernel starts, computes, and sees the extract."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator

import pytest

from scripts.images import image_tags
from tests.integration.sandbox.browser import browsing
from tests.integration.sandbox.house import House, running_house
from tests.integration.sandbox.lab import enter_lab

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]
READ = """
students <- read.csv("/data/students.csv")
cat(R.version$language, nrow(students), sum(students$grade))
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave whose labs are of the image with R, where that image is built."""
    if os.geteuid() != 0:
        pytest.skip("mounting the rooms of sandboxes needs root")
    image = image_tags("sandbox-r")["sandbox-r"]
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode:
        pytest.skip("the image with R is built on demand: make images-r")
    with running_house(image) as house:
        yield house


async def _said(house: House, *codes: str) -> list[str]:
    async with browsing("rosa", house.port) as browser:
        await enter_lab(browser)
        kernel = await browser.new_kernel("ir")
        return [await browser.run(kernel, code) for code in codes]


def test_a_lab_with_r_computes_and_sees_the_extract(house: House) -> None:
    (said,) = asyncio.run(_said(house, READ))
    assert said.strip().splitlines()[-1] == "R 2 19"
