"""Ten labs of ten people at once: every start succeeds, and the enclave starts no more at a time than it can carry."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from enclave.core.errors import Conflict
from enclave.people import service as people
from enclave.people.roles import Role
from enclave.projects import membership
from enclave.sandboxes.hub_client import LabHub
from services.lab_sessions import hub_of
from tests.factories import OPERATOR, make_actor
from tests.integration.sandbox.house import House, running_house
from tests.integration.sandbox.lab import sandbox_image

pytestmark = pytest.mark.engine
PEOPLE = [f"person-{number}" for number in range(10)]
SECONDS = 240


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An enclave whose project has ten members more."""
    if os.geteuid() != 0:
        pytest.skip("mounting the rooms of sandboxes needs root")
    with running_house(sandbox_image()) as house:
        yield house


def test_ten_labs_start_at_once(house: House) -> None:
    context, clock = house.context, house.context.clock
    with context.database.write() as session:
        for name in PEOPLE:
            make_actor(session, clock, name, Role.RESEARCHER)
            people.add_training(
                session, OPERATOR, clock, name, course="Data security",
                completed_at=clock.now() - timedelta(days=1), expires_at=clock.now() + timedelta(days=300),
            )  # fmt: skip
            membership.add_member(session, OPERATOR, "promise", name, clock)
    hub = hub_of(context)
    began = time.monotonic()
    waiting, ready = list(PEOPLE), {}
    while len(ready) < len(PEOPLE):
        waiting = [name for name in waiting if not _started(hub, name)]
        for lab in hub.labs():
            if lab.state == "ready":
                ready.setdefault(lab.user, time.monotonic() - began)
        assert time.monotonic() - began < SECONDS, f"only {sorted(ready)} are ready"
        time.sleep(0.5)
    print({name: round(seconds, 1) for name, seconds in ready.items()})
    assert sorted(ready) == sorted(PEOPLE)


def _started(hub: LabHub, name: str) -> bool:
    """Ask for a lab; a hub that starts as many as it can says 429, and the person asks again."""
    try:
        hub.start(name, "promise")
    except Conflict:
        return False
    return True
