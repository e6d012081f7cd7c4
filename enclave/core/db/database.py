"""Sessions: `write()` commits at its end or rolls back, `read()` never changes anything."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from enclave.core.db.base import Base

KEPT, MOST = 40, 80
"""Connections that stay open, and the most at once. To open one anew costs more than most requests."""
KEPT_BY_SERVER, MOST_BY_SERVER = 24, 32
"""The same for PostgreSQL, of each process: two portal processes and the worker stay below its usual 100."""
RESTED = 5.0
"""Seconds after which a connection is asked whether its server is still there before it is used again."""
FOR_PAGES = "-c jit=off -c random_page_cost=1.1"
"""Many small queries on solid-state storage: compiling one costs more than it, and an index beats reading a table."""


class Database:
    """The application database at an SQLAlchemy address.

    SQLite runs in WAL mode with foreign keys on; a writer takes the write lock at once (`BEGIN IMMEDIATE`), so two
    writers queue instead of failing half-way. PostgreSQL runs at its default isolation: what must not race is
    written as compare-and-set.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = _sqlite(url) if self.url.get_backend_name() == "sqlite" else _postgresql(url)

    @property
    def at_once(self) -> int:
        """How many requests one process may answer at once: each may need a second connection while it holds one."""
        return (MOST if self.engine.dialect.name == "sqlite" else MOST_BY_SERVER) // 2

    def forked(self) -> None:
        """Forget connections that another process opened: called first thing in a process that was forked."""
        self.engine.dispose(close=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session:
            if self.engine.dialect.name == "sqlite":
                session.connection(execution_options={"c2c_write": True})
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.rollback()

    def create_all(self) -> None:
        """Make every table of the imported models (tests and tools; the enclave itself migrates)."""
        Base.metadata.create_all(self.engine)

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def _postgresql(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=KEPT_BY_SERVER,
        max_overflow=MOST_BY_SERVER - KEPT_BY_SERVER,
        pool_use_lifo=True,
        connect_args={"options": FOR_PAGES},
    )

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, entry: Any) -> None:
        entry.info["rested"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, entry: Any, _proxy: Any) -> None:
        if time.monotonic() - entry.info.get("rested", math.inf) < RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise DisconnectionError("the database server closed the connection") from gone

    return engine


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30}, pool_size=KEPT, max_overflow=MOST - KEPT)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        wants_lock = connection.get_execution_options().get("c2c_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if wants_lock else "BEGIN")

    return engine
