"""`c2c project`: projects and their members."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, show

app = typer.Typer(no_args_is_help=True, help="Projects: list, show, members, suspend, resume, close.")
member = typer.Typer(no_args_is_help=True, help="Members of a project.")
app.add_typer(member, name="member")
_COLUMNS = ("id", "title", "state", "lead", "providers", "expires_at", "extract_version")
_ONE = (*_COLUMNS, "edition", "tables", "members", "reason", "allowed_actions")
_Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the audit.")]


@app.command("list")
def list_projects(as_user: AsOption = None, json: JsonOption = False) -> None:
    """The projects that may be seen."""
    show(OperatorClient(as_user).get("/projects"), json, _COLUMNS, "No projects yet; one begins with a request.")


@app.command("show")
def show_project(project: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """One project."""
    show(OperatorClient(as_user).get(f"/projects/{project}"), json, _ONE)


@member.command()
def add(project: str, user: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Put a person on the project."""
    show(OperatorClient(as_user).post(f"/projects/{project}/members", {"user": user}), json, _ONE)


@member.command()
def remove(project: str, user: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take a person off the project; open sessions end within seconds."""
    show(OperatorClient(as_user).delete(f"/projects/{project}/members/{user}"), json, _ONE)


@app.command()
def suspend(project: str, reason: _Reason, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Stop all work on the project."""
    show(OperatorClient(as_user).post(f"/projects/{project}/suspend", {"reason": reason}), json, _ONE)


@app.command()
def resume(project: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Let work go on."""
    show(OperatorClient(as_user).post(f"/projects/{project}/resume"), json, _ONE)


@app.command()
def dormant(project: str, reason: _Reason, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Seal the project for revise-and-resubmit."""
    show(OperatorClient(as_user).post(f"/projects/{project}/dormant", {"reason": reason}), json, _ONE)


@app.command()
def close(project: str, reason: _Reason, as_user: AsOption = None, json: JsonOption = False) -> None:
    """End the project: its extracts and pseudonym tables are destroyed."""
    show(OperatorClient(as_user).post(f"/projects/{project}/close", {"reason": reason}), json, _ONE)


@app.command()
def profile(
    project: str,
    size: Annotated[str | None, typer.Argument(help="small, standard or large; left out: show it.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Memory, processors and quota of the project's labs; a running lab takes a new size at its next start."""
    client = OperatorClient(as_user)
    found = (
        client.post(f"/projects/{project}/size", {"size": size}) if size else client.get(f"/projects/{project}/room")
    )
    show(found, json, ("project", "size", "memory_mb", "cpus", "workspace_mb", "sealed_at", "destroyed"))


@app.command()
def certificate(project: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """The signed certificate of what was destroyed when the project was closed, place by place."""
    found = OperatorClient(as_user).get(f"/projects/{project}/certificate")
    show(found if json else found["payload"]["places"], json, ("place", "outcome", "bytes"))
