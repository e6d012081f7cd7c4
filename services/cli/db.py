"""`c2c db`: migrations of the application database. The portal applies them itself when it starts."""

from __future__ import annotations

import typer

from enclave.core.settings import get_settings
from services.cli.output import say

app = typer.Typer(no_args_is_help=True, help="Migrate the application database.")


@app.command()
def upgrade() -> None:
    """Apply the migrations that are missing."""
    from services.portal.migrate import upgrade as apply

    apply(get_settings().database)
    say("The database is up to date.")


@app.command()
def revision(why: str) -> None:
    """Write a migration for what the models say and the migrations do not (developers; read it before you commit)."""
    from services.portal.migrate import write_revision

    say(f"Wrote {write_revision(why)}.")
