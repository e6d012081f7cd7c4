"""Alembic's environment: one connection, one transaction a migration, batch mode for SQLite."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from enclave.core.db import Database, UtcDateTime
from services.portal.migrate import all_tables


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column type as what the database sees, so that a migration outlives our classes."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    """Run the migrations on the database of the configuration."""
    url = context.config.get_main_option("sqlalchemy.url") or ""
    database = Database(url)
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=all_tables(),
            render_as_batch=True,
            render_item=render_item,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    database.dispose()


run()
