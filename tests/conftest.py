"""Fixtures of every test: a clock that stands still, keys, a database of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.signing import Keyring, SigningKey
from tests.scale import count_of

if TYPE_CHECKING:
    from tests.portal import Portal


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """In `make soak` the report says how many examples each test tried."""
    if os.environ.get("C2C_SOAK") and (count := count_of(item)):
        item.user_properties.append(("count", count))


@pytest.fixture
def clock() -> FixedClock:
    """Monday, 3 August 2026, 09:00 UTC, until advanced."""
    return FixedClock(datetime(2026, 8, 3, 9, tzinfo=UTC))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty application database on SQLite with every table."""
    import tests.models  # noqa: F401  (registers every mapped class)

    database = Database(f"sqlite:///{tmp_path / 'app.db'}")
    database.create_all()
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a real PostgreSQL server, one for the whole run."""
    from tests.postgresql import server

    with TemporaryDirectory(prefix="c2c-pg-", dir="/tmp") as folder, server(Path(folder)) as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def either_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The application database with its migrations applied, once on SQLite and once on PostgreSQL."""
    from services.portal.migrate import upgrade

    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'migrated.db'}"
    else:
        from tests.postgresql import create_database

        address = create_database(request.getfixturevalue("postgresql"), f"t{uuid4().hex}")
    upgrade(address)
    database = Database(address)
    yield database
    database.dispose()


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, SigningKey]:
    """A signing key a service, made in a folder as the set-up makes them."""
    from tests.portal import make_keys

    return make_keys(tmp_path / "keys")


@pytest.fixture
def keyring(keys: dict[str, SigningKey]) -> Keyring:
    """The public keys of all services."""
    return Keyring({name: key.public_text for name, key in keys.items()})


@pytest.fixture
def portal(tmp_path: Path, database: Database, keys: dict[str, SigningKey], clock: FixedClock) -> Portal:
    """The portal's application over the test's database."""
    from tests.portal import make_portal

    return make_portal(tmp_path, database, keys, clock)
