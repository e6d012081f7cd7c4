"""`c2c job`: notebooks of researchers that run as jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, show

app = typer.Typer(no_args_is_help=True, help="Jobs of a project: list and cancel.")
_COLUMNS = ("id", "state", "user", "notebook", "started_at", "ended_at", "reason")


@app.command("list")
def list_jobs(
    project: str,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """The newest jobs of a project."""
    found = OperatorClient(as_user).listing(f"/projects/{project}/jobs", "jobs", limit)
    show(found["jobs"], json, _COLUMNS, "No job was started yet.")


@app.command()
def cancel(project: str, job: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """End a job that waits or runs; what it has written stays."""
    show(OperatorClient(as_user).post(f"/projects/{project}/jobs/{job}/cancel"), json, _COLUMNS)
