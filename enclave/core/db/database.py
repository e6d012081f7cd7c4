"""Sessions: `write()` commits at its end or rolls back, `read()` never changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from enclave.core.db.base import Base

KEPT, MOST = 40, 80
"""Connections that stay open, and the most at once. To open one anew costs more than most requests."""
KEPT_BY_SERVER, MOST_BY_SERVER = 24, 32
"""The same for PostgreSQL, of each process: two portal processes and the worker stay below its usual 100."""


class Database:
    """The application database at an SQLAlchemy address.

    SQLite runs in WAL mode with foreign keys on; a writer takes the write lock at once (`BEGIN IMMEDIATE`), so two
    writers queue instead of failing half-way. PostgreSQL runs at its default isolation: what must not race is
    written as compare-and-set.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = (
            _sqlite(url)
            if self.url.get_backend_name() == "sqlite"
            else create_engine(
                url, pool_pre_ping=True, pool_size=KEPT_BY_SERVER, max_overflow=MOST_BY_SERVER - KEPT_BY_SERVER
            )
        )

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
