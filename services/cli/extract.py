"""`c2c extract`: a project's extracts by version; the newest when no version is named."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from enclave.core.errors import NotFound, Unavailable
from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Extracts: build, show, verify, revoke, destroy.")
_COLUMNS = ("project", "version", "state", "edition", "providers", "persons", "next_step")
_ONE = ("id", *_COLUMNS, "reason", "problems", "specification_digest", "manifest_digest")
_RISK = ("table", "rows", "persons", "k", "uniques", "below", "quasi_identifiers")
_Version = Annotated[int | None, typer.Option("--version", "-v", help="Which version; else the newest.")]
_Wait = Annotated[int, typer.Option(help="Seconds to wait for the worker; 0: do not wait.")]


@app.command()
def build(
    project: str,
    edition: Annotated[str | None, typer.Option(help="Which edition; else the newest published one.")] = None,
    wait: _Wait = 600,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Queue the next version and wait for it; exit code 1 when it is not READY."""
    client = OperatorClient(as_user)
    view = client.post(f"/projects/{project}/extracts", {"edition": edition})
    view = _wait(client, view, {"QUEUED", "BUILDING"}, wait)
    _show(view, json)
    if view["state"] not in ({"READY"} if wait else {"READY", "QUEUED", "BUILDING"}):
        raise typer.Exit(1)


@app.command("show")
def show_extract(project: str, version: _Version = None, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Show a version with its measured risk; without `--version` and with `--json` all versions."""
    client = OperatorClient(as_user)
    if json and version is None:
        show(client.get(f"/projects/{project}/extracts"), json)
    else:
        _show(_version(client, project, version), json)


@app.command()
def verify(project: str, version: _Version = None, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Check signature, digests, columns, patterns and risk again; exit code 1 when something does not hold."""
    client = OperatorClient(as_user)
    view = _version(client, project, version)
    answer = client.post(f"/extracts/{view['id']}/verify")
    show(answer, json, ("ok", "problems"))
    if not answer["ok"]:
        raise typer.Exit(1)


@app.command()
def revoke(
    project: str,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the audit.")],
    version: _Version = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Let nobody use a version any more; its files are removed next."""
    client = OperatorClient(as_user)
    view = _version(client, project, version)
    _show(client.post(f"/extracts/{view['id']}/revoke", {"reason": reason}), json)


@app.command()
def destroy(
    project: str, version: _Version = None, wait: _Wait = 120, as_user: AsOption = None, json: JsonOption = False
) -> None:
    """Remove a superseded or revoked version and show the certificate."""
    client = OperatorClient(as_user)
    view = _version(client, project, version)
    if view["state"] != "DESTROYED":
        view = client.post(f"/extracts/{view['id']}/destroy")
        view = _wait(client, view, {"REVOKED", "SUPERSEDED"}, wait)
    _show(view, json)
    if view["certificate"] is None:
        raise Unavailable("The worker has not answered yet.", "See `c2c extract show` in a minute.")
    if not json:
        for place in view["certificate"]["payload"]["places"]:
            say(f"  {place['place']}: {place['outcome']}, {place['files']} files")


def _version(client: OperatorClient, project: str, version: int | None) -> dict[str, Any]:
    rows: list[dict[str, Any]] = client.get(f"/projects/{project}/extracts")
    for row in rows:
        if version is None or row["version"] == version:
            return row
    raise NotFound("The project has no such extract.", f"Build one: c2c extract build {project}.")


def _wait(client: OperatorClient, view: dict[str, Any], while_in: set[str], seconds: int) -> dict[str, Any]:
    """Look again every second while the version is in one of these states."""
    until = time.monotonic() + seconds
    while view["state"] in while_in and time.monotonic() < until:
        time.sleep(1)
        view = client.get(f"/extracts/{view['id']}")
    return view


def _show(view: dict[str, Any], json: bool) -> None:
    show(view, json, _ONE)
    if not json and view["risk"]:
        show(view["risk"], False, _RISK)
