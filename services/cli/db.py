"""`c2c db`: migrations of the application database. The portal applies them itself when it starts."""

from __future__ import annotations

import typer

from enclave.core.settings import get_settings
from services.cli.output import say

app = typer.Typer(no_args_is_help=True, help="Migrate the application database.")


@app.callback()
def _group() -> None:
    """Migrate the application database."""


@app.command()
def migrate() -> None:
    """Apply the migrations that are missing (with the portal stopped)."""
    from services.portal.migrate import upgrade

    upgrade(get_settings().database)
    say("The database is up to date.")
