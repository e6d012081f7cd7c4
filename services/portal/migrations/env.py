"""Alembic's environment: one connection, one transaction a migration, batch mode for SQLite."""

from __future__ import annotations

from alembic import context

from enclave.core.db import Database
from services.portal.migrate import all_tables


def run() -> None:
    """Run the migrations on the database of the configuration."""
    url = context.config.get_main_option("sqlalchemy.url") or ""
    database = Database(url)
    with database.engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=all_tables(), render_as_batch=True, transaction_per_migration=True
        )
        with context.begin_transaction():
            context.run_migrations()
    database.dispose()


run()
