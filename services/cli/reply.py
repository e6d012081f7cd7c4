"""`c2c reply`: checkers' saved replies. In the demo only: `--as` says whose."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Checkers' saved replies (demo; elsewhere the portal).")
_COLUMNS = ("id", "title", "body", "shared", "owner")


@app.command("list")
def list_replies(as_user: AsOption = None, json: JsonOption = False) -> None:
    """One's own and the shared ones, by title."""
    show(OperatorClient(as_user).get("/review/replies"), json, _COLUMNS, "Nothing is saved yet.")


@app.command()
def save(
    title: str,
    body: Annotated[str, typer.Argument(help="What the author will read.")],
    shared: Annotated[bool, typer.Option("--shared", help="For all checkers.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Keep a reply."""
    said = {"title": title, "body": body, "shared": shared}
    show(OperatorClient(as_user).post("/review/replies", said), json, _COLUMNS)


@app.command()
def remove(reply: Annotated[str, typer.Argument(help="Id of the reply.")], as_user: AsOption = None) -> None:
    """Take a reply away."""
    OperatorClient(as_user).delete(f"/review/replies/{reply}")
    say("The reply is gone.")
