"""`c2c editions`: list what is published, and publish in the vault's container."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, show
from services.cli.vault_host import run_in_vault

app = typer.Typer(no_args_is_help=True, help="Publish and list editions.")


@app.command("list")
def list_editions(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Every edition, the newest first."""
    columns = ("id", "year", "state", "persons", "published_at")
    show(OperatorClient(as_user).get("/editions"), json, columns, "No edition yet: take files in, match, publish.")


@app.command()
def publish(year: Annotated[int, typer.Option(help="Year of the accepted match.")], json: JsonOption = False) -> None:
    """Publish the accepted match of a year as its next revision."""
    arguments = ["editions", "publish", "--year", str(year), *(["--json"] if json else [])]
    raise typer.Exit(run_in_vault(arguments))
