"""A project, an edition on disk and a running data service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.signing import Keyring, SigningKey
from tests.unit.dp.editions import completions, publish
from tests.unit.dp.world import World, data_client, data_context, make_project, serving


@pytest.fixture
def world(
    tmp_path: Path, database: Database, clock: FixedClock, keys: dict[str, SigningKey], keyring: Keyring
) -> Iterator[World]:
    """Alice's project, the edition's completions, the data service answering on its socket."""
    publish(tmp_path, completions())
    context = data_context(tmp_path, keys, keyring, clock)
    with database.write() as session:
        alice = make_project(session, clock)
    with serving(context):
        yield World(database, data_client(context, keys["portal"]), context, alice)
