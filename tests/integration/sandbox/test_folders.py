"""A machine that can keep plain folders only: a lab that writes past its quota is stopped, and its researcher told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from enclave.core.actors import Actor
from services.lab_bar import LabState, state_of
from services.lab_sessions import hub_of
from services.worker.guard_events import pending, run
from tests.integration.sandbox.house import House, running_house, wait_until
from tests.integration.sandbox.lab import open_and_start, run_in, sandbox_image

pytestmark = pytest.mark.engine
ROSA = Actor("rosa", frozenset(), "user")
FLOOD = "open('/workspace/flood', 'wb').write(__import__('os').urandom(80 << 20))"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave whose workspaces of 64 MiB are plain folders."""
    if os.geteuid() != 0:
        pytest.skip("mounting workspaces needs root")
    with running_house(sandbox_image(), C2C_WORKSPACE_STORE="folder") as house:
        yield house


def test_a_lab_past_its_watched_quota_is_stopped_and_may_come_back_to_tidy(house: House) -> None:
    kernel = asyncio.run(open_and_start(house))
    assert asyncio.run(run_in(house, kernel, FLOOD)) == str(80 << 20)
    wait_until(lambda: _state(house).name == "stopped", "the lab was not stopped", 60)
    assert "more than its quota" in _state(house).sentence
    wait_until(lambda: not hub_of(house.context).labs_of("rosa"), "the hub did not notice", 90)
    kernel = asyncio.run(open_and_start(house))
    assert asyncio.run(run_in(house, kernel, "__import__('os').unlink('/workspace/flood')")) == ""
    assert _state(house).name == "ready"


def _state(house: House) -> LabState:
    """What the page of the lab says, after the worker heard the guard."""
    for event in pending(house.context):
        run(house.context, event)
    return state_of(house.context, ROSA, "promise")
