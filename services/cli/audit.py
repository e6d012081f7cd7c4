"""`c2c audit`: read, verify and export the audit trail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="The audit trail: list, verify, export.")


@app.command("list")
def list_events(
    actor: Annotated[str | None, typer.Option(help="Part of an actor's name.")] = None,
    action: Annotated[str | None, typer.Option(help="Beginning of an action, such as release.")] = None,
    subject: Annotated[str | None, typer.Option(help="Id of a subject.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """The latest events."""
    found = OperatorClient(as_user).listing("/audit", "events", limit, actor=actor, action=action, subject=subject)
    columns = ("seq", "at", "actor", "action", "subject_type", "subject_id")
    show(found if json else found["events"], json, columns, "No event fits.")


@app.command()
def verify(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Walk the whole chain; compare the airlock and privacy budgets with it. Exit code 1 when anything differs."""
    report = OperatorClient(as_user).get("/audit/verify")
    show(report, json)
    if not (report["holds"] and report["agrees"]):
        raise typer.Exit(1)


@app.command()
def export(target: Path, as_user: AsOption = None) -> None:
    """Write the whole trail into a file, one JSON object a line."""
    OperatorClient(as_user).download("/audit/export", target)
    say(f"Wrote {target}.")
