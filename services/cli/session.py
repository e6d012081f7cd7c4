"""`c2c session`: running sandboxes."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, say, show

app = typer.Typer(no_args_is_help=True, help="Running sandboxes: list and stop; what they sent to browsers.")
_COLUMNS = ("user", "project", "state", "started", "last_activity")
_TRAFFIC = ("id", "user", "project", "state", "last_at", "contents", "kernel", "other", "static", "files")


@app.command("list")
def list_sessions(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Show the labs that run; as a researcher only one's own."""
    show(OperatorClient(as_user).get("/sessions"), json, _COLUMNS, "No lab is running.")


@app.command()
def traffic(
    session: Annotated[str, typer.Argument(help="One session's name, to see what was read in it.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Show how many bytes labs sent to browsers, and for one session which files were read."""
    client = OperatorClient(as_user)
    if session:
        show(client.get(f"/sessions/traffic/{session}"), json)
    else:
        show(client.get("/sessions/traffic"), json, _TRAFFIC, "No lab has sent anything yet.")


@app.command()
def stop(user: str, project: str, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Stop a person's lab of a project; saved files stay."""
    answer = OperatorClient(as_user).post(f"/sessions/{user}/{project}/stop")
    show(answer, json)
    say(f"The lab of {user} in {project} is being stopped.")
