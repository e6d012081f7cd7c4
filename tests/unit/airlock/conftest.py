"""The airlock of a test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from enclave.core.clock import FixedClock
from services.checker.server import listen
from tests.approved import approved_project, make_cast
from tests.factories import make_actor
from tests.portal import Portal
from tests.unit.airlock.desk import PEOPLE
from tests.unit.airlock.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.database.dispose()


@pytest.fixture
def desk(portal: Portal, clock: FixedClock) -> Iterator[Portal]:
    """The portal with an approved project of rosa's, checkers, and a checker that listens."""
    with portal.context.database.write() as session:
        approved_project(session, make_cast(session, clock), clock)
        for name, roles in PEOPLE.items():
            make_actor(session, clock, name, *roles)
    path = portal.context.settings.paths.socket("checker")
    with listen(path) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield portal
        finally:
            server.shutdown()
            thread.join()
