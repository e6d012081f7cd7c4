"""`c2c editions publish`, in the vault: the accepted match of a year becomes an edition."""

from __future__ import annotations

from typing import Annotated

import typer

from enclave.core.settings import get_settings
from enclave.linkage.folder import MatchFolder
from enclave.linkage.journal import Journal
from enclave.linkage.publish import Publisher
from services.cli.output import JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Editions: publish.")


@app.callback()
def _group() -> None:
    """Editions: publish."""


@app.command()
def publish(
    year: Annotated[int, typer.Option(help="Year of the accepted match.")], as_json: JsonOption = False
) -> None:
    """Publish the accepted match of a year as its next revision."""
    from services.cli.vault import vault_context

    context = vault_context()
    publisher = Publisher(
        folder=MatchFolder(context.vault),
        editions=get_settings().paths.editions,
        snapshot=context.snapshot,
        journal=Journal(context.events),
        key=context.key,
        keyring=context.keyring,
        clock=context.clock,
        say=say,
    )
    manifest = publisher.publish(year)
    if as_json:
        show(manifest, True)
        return
    say(f"Edition {manifest['edition']} is published: {manifest['persons']:,} persons.")
    show(manifest["tables"], False, ("provider", "name", "rows", "persons"))
