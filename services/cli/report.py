"""`c2c report`: registered reports and their runs."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from enclave.core.errors import BadInput
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Registered reports: list, run, status, cancel.")
_RUN = ("id", "state", "report", "project", "author", "release", "reason")
_PAUSE = 1.0


@app.command("list")
def list_reports(as_user: AsOption = None, json: JsonOption = False) -> None:
    """The registered reports."""
    show(OperatorClient(as_user).get("/reports"), json, ("name", "title", "tables"), "No report is registered.")


@app.command()
def run(
    name: str,
    parameter: Annotated[list[str] | None, typer.Option("-p", help="key=value; repeat for several.")] = None,
    project: Annotated[str | None, typer.Option(help="For which project; left out: the only one.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the run's end.")] = True,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Run a report; its outputs become a draft release request. Exit code 1 when it fails."""
    client = OperatorClient(as_user)
    body = {"project": project, "parameters": dict(map(_pair, parameter or []))}
    found = client.post(f"/reports/{name}/runs", body)
    if wait:
        found = _awaited(client, found)
    show(found, json, _RUN)
    if found["state"] in ("FAILED", "CANCELLED"):
        raise typer.Exit(1)


@app.command()
def status(
    run_id: Annotated[str | None, typer.Argument()] = None, as_user: AsOption = None, json: JsonOption = False
) -> None:
    """One run, or all."""
    client = OperatorClient(as_user)
    show(client.get(f"/reports/runs/{run_id}" if run_id else "/reports/runs"), json, _RUN, "No report was run yet.")


@app.command()
def cancel(run_id: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Stop a run."""
    show(OperatorClient(as_user).post(f"/reports/runs/{run_id}/cancel"), json, _RUN)


def _awaited(client: OperatorClient, found: dict[str, Any]) -> dict[str, Any]:
    last = ""
    while found["state"] in ("QUEUED", "RUNNING"):
        if found["state"] != last:
            say(f"{found['id']} is {found['state'].lower()}.")
        last = found["state"]
        time.sleep(_PAUSE)
        found = client.get(f"/reports/runs/{found['id']}")
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise BadInput("A parameter is written key=value.", "For example -p cohort_year=2019.")
    return name, value
