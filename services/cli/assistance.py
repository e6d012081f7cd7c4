"""`c2c assistance`: break-glass asks from the host. Every step needs a person: `--as USER` exists in the demo only."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, print_json, print_table, say, show

app = typer.Typer(no_args_is_help=True, help="Break-glass: reading in a stuck researcher's workspace.")

_ROW = ("id", "state", "project", "member", "asked_by", "hours", "urgent", "ends_at")
_FACTS = (*_ROW[:5], "reason", "hours", "urgent", "overruled_by", "overruled_why", "ends_at", "open")
_ENTRY = ("name", "bytes", "changed")
AskArgument = Annotated[str, typer.Argument(help="Id of the ask.", metavar="ASK")]


@app.command("list")
def list_asks(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Asks that concern a person, the newest first; the operator and auditors see all."""
    show(OperatorClient(as_user).get("/assistance"), json, _ROW, "Nobody asks for a look into a workspace.")


@app.command("show")
def show_ask(ask: AskArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """One ask: why, for how long, who answered what."""
    show(OperatorClient(as_user).get(f"/assistance/{ask}"), json, _FACTS)


@app.command()
def request(
    project: str,
    member: str,
    reason: Annotated[str, typer.Option(help="What is stuck; the member reads it.")],
    hours: Annotated[int, typer.Option(help="For how long, at most 48.")] = 4,
    urgent: Annotated[bool, typer.Option(help="Consent cannot wait: the managing entity may open it.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Ask, as an administrator, to read in a member's workspace."""
    body = {"project": project, "member": member, "reason": reason, "hours": hours, "urgent": urgent}
    answer = OperatorClient(as_user).post("/assistance", body)
    show(answer, json, _FACTS)
    say(f"{member} sees the question on the home page.")


@app.command()
def approve(ask: AskArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Consent, as the member whose workspace it is; the hours begin now."""
    _act(as_user, ask, "consent", json)


@app.command()
def refuse(ask: AskArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Do not consent, as the member."""
    _act(as_user, ask, "refuse", json)


@app.command()
def overrule(
    ask: AskArgument,
    why: Annotated[str, typer.Option(help="Why consent is not waited for; the member and auditors read it.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Open an urgent ask without consent, as the second person, of the managing entity."""
    _act(as_user, ask, "overrule", json, {"why": why})


@app.command()
def withdraw(ask: AskArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take an unanswered ask back, as who asked."""
    _act(as_user, ask, "withdraw", json)


@app.command()
def end(ask: AskArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Close it before its time."""
    _act(as_user, ask, "end", json)


@app.command()
def look(
    ask: AskArgument,
    path: Annotated[str, typer.Argument(help="A folder or file below the workspace; none: the workspace itself.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Read a folder or the beginning of a file while it is open, as who asked; the look stands in the audit."""
    found = OperatorClient(as_user).post(f"/assistance/{ask}/look", params={"path": path})
    if json:
        print_json(found)
    elif found["entries"] is None:
        print(found["text"])
    else:
        print_table(_ENTRY, (_line(entry) for entry in found["entries"]))


def _line(entry: dict[str, Any]) -> tuple[str, Any, str]:
    if entry["folder"]:
        return f"{entry['name']}/", None, entry["changed"]
    return entry["name"], entry["bytes"], entry["changed"]


def _act(as_user: str | None, ask: str, verb: str, json: bool, body: dict[str, str] | None = None) -> None:
    show(OperatorClient(as_user).post(f"/assistance/{ask}/{verb}", body), json, _FACTS)
