"""`c2c request`: data requests from YAML files, by the same steps as in the portal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from enclave.core.errors import BadInput
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Data requests: write, submit, forward, decide, withdraw.")
_COLUMNS = ("id", "title", "project", "requester", "state", "days", "next_owner")
_ONE = ("id", "title", "project", "requester", "state", "days", "next_owner", "version", "reason", "allowed_actions")
_Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; the requester reads it.")]
_Reader = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The request as YAML.")]


@app.command()
def new(
    file: _Reader,
    requester: Annotated[str | None, typer.Option(help="Whose request it is, when the operator enters it.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Make a draft from a YAML file."""
    body = {"form": read_form(file), "requester": requester}
    _show(OperatorClient(as_user).post("/requests", body), json)


@app.command()
def edit(request: str, file: _Reader, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Replace the form of a draft or a returned request."""
    _show(OperatorClient(as_user).put(f"/requests/{request}", {"form": read_form(file)}), json)


@app.command("show")
def show_requests(
    request: Annotated[str | None, typer.Argument()] = None, as_user: AsOption = None, json: JsonOption = False
) -> None:
    """Show one request, or all that may be read."""
    client = OperatorClient(as_user)
    if request:
        _show(client.get(f"/requests/{request}"), json)
    else:
        show(client.get("/requests"), json, _COLUMNS, "No requests yet; see `c2c request new --help`.")


@app.command()
def pathway(request: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Say of each element on which basis it can be had, or what is missing; exit code 1 when something is."""
    ways = OperatorClient(as_user).get(f"/requests/{request}/pathway")
    show(ways, json, ("element", "basis", "reviewing_body", "open", "missing"), "The request names no elements yet.")
    if not all(way["open"] for way in ways):
        raise typer.Exit(1)


@app.command()
def submit(request: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Hand a request to the office."""
    _show(OperatorClient(as_user).post(f"/requests/{request}/submit"), json)


@app.command()
def forward(
    request: str,
    summary: Annotated[str, typer.Option(help="Neutral summary for the providers.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Send a request to the providers that it names (the office)."""
    _show(OperatorClient(as_user).post(f"/requests/{request}/forward", {"summary": summary}), json)


@app.command()
def approve(request: str, reason: _Reason = "", as_user: AsOption = None, json: JsonOption = False) -> None:
    """Approve your provider's elements in the version that stands."""
    _decide(request, "APPROVED", reason, as_user, json)


@app.command()
def decline(request: str, reason: _Reason, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Decline for your provider."""
    _decide(request, "DECLINED", reason, as_user, json)


@app.command("return")
def return_request(request: str, reason: _Reason, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Send a request back to its requester, as the office or for your provider."""
    client = OperatorClient(as_user)
    if "decide" in client.get(f"/requests/{request}")["allowed_actions"]:
        _decide(request, "RETURNED", reason, as_user, json)
    else:
        _show(client.post(f"/requests/{request}/return", {"reason": reason}), json)


@app.command()
def withdraw(request: str, reason: _Reason = "", as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take a request back."""
    _show(OperatorClient(as_user).post(f"/requests/{request}/withdraw", {"reason": reason}), json)


def read_form(file: Path) -> dict[str, Any]:
    """The document in a YAML file."""
    try:
        document = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise BadInput(f"{file.name} is not YAML.", "Check its indentation and quotes.") from problem
    if not isinstance(document, dict):
        raise BadInput(f"{file.name} is not a document with named fields.", "Start from the example in the docs.")
    return document


def _decide(request: str, verdict: str, reason: str, as_user: str | None, json: bool) -> None:
    client = OperatorClient(as_user)
    digest = client.get(f"/requests/{request}")["digest"]
    body = {"verdict": verdict, "reason": reason, "digest": digest or ""}
    _show(client.post(f"/requests/{request}/decide", body), json)


def _show(view: dict[str, Any], json: bool) -> None:
    show(view, json, _ONE)
    if not json:
        for row in view["decisions"]:
            say(f"  {row['provider']}: {row['state']} {row['reason']}".rstrip())
